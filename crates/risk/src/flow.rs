//! What can be reckoned back from a table with totals: between which bounds a cell that is not shown must lie.
//!
//! Rows and columns of such a table are the nodes of a network, its cells the edges: that a row adds up to its total means
//! that what flows into its node flows out. A cell may be larger or smaller by as much as can flow round through other
//! cells that are not shown, so its bounds are exact: the greatest flows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Larger than any cell.
pub(crate) const ANY: i64 = i64::MAX / 4;

/// A cell as an edge between the node of its row and the node of its column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub row: usize,
    pub column: usize,
    /// By how much it can grow, and shrink, with the sign that it has in its row's sum.
    pub up: i64,
    pub down: i64,
    /// Whether it is not shown.
    pub open: bool,
    /// What it costs not to show it.
    pub cost: u64,
}

/// A way round: edges with the direction in which each is used.
type Way = Vec<(usize, bool)>;

pub(crate) struct Network {
    pub edges: Vec<Edge>,
    /// Edges of each node: rows first, then columns.
    at: Vec<Vec<u32>>,
    rows: usize,
}

impl Network {
    pub fn new(rows: usize, columns: usize, edges: Vec<Edge>) -> Network {
        let mut at = vec![Vec::new(); rows + columns];
        for (number, edge) in edges.iter().enumerate() {
            at[edge.row].push(number as u32);
            at[rows + edge.column].push(number as u32);
        }
        Network { edges, at, rows }
    }

    /// By how much an edge's cell can grow (`up`) or shrink, at most `wanted`, and the changes that make it so.
    pub fn slack(&self, edge: usize, up: bool, wanted: i64) -> (i64, Vec<i64>) {
        let own = if up { self.edges[edge].up } else { self.edges[edge].down };
        let wanted = wanted.min(own);
        let mut change = vec![0i64; self.edges.len()];
        let mut slack = 0;
        while slack < wanted {
            let Some(way) = self.way(edge, up, &change, false) else { break };
            slack += self.push(&way, &mut change, wanted - slack);
        }
        (slack, change)
    }

    /// Sends as much as fits along a way.
    fn push(&self, way: &Way, change: &mut [i64], wanted: i64) -> i64 {
        let room = way.iter().map(|(edge, up)| self.room(*edge, *up, change[*edge])).min().unwrap_or(0).min(wanted);
        for (edge, up) in way {
            change[*edge] += if *up { room } else { -room };
        }
        room
    }

    /// By how much an edge can still change.
    fn room(&self, edge: usize, up: bool, change: i64) -> i64 {
        let edge = &self.edges[edge];
        if up { edge.up.saturating_sub(change) } else { edge.down.saturating_add(change) }
    }

    /// The edges that would have to be opened, at the least cost, for a cell to vary further.
    pub fn opening(&self, edge: usize, up: bool, change: &[i64]) -> Option<(u64, Vec<usize>)> {
        let own = if up { self.edges[edge].up } else { self.edges[edge].down };
        if own <= 0 {
            return None;
        }
        let way = self.way(edge, up, change, true)?;
        let closed: Vec<usize> = way.into_iter().map(|(edge, _)| edge).filter(|edge| !self.edges[*edge].open).collect();
        (!closed.is_empty()).then(|| (closed.iter().map(|edge| self.edges[*edge].cost).sum(), closed))
    }

    /// The cheapest way from the edge's row to its column that undoes a change of it: where the cell grew, another of its
    /// row must shrink, then one of that column grow, and so on. Through open edges only, unless `closed` ones may be used.
    fn way(&self, edge: usize, up: bool, change: &[i64], closed: bool) -> Option<Way> {
        let (from, to) = (self.edges[edge].row, self.rows + self.edges[edge].column);
        let mut best = vec![u64::MAX; self.at.len()];
        let mut came: Vec<Option<(usize, bool)>> = vec![None; self.at.len()];
        let mut next = BinaryHeap::from([Reverse((0u64, from))]);
        best[from] = 0;
        while let Some(Reverse((cost, node))) = next.pop() {
            if node == to {
                return Some(self.back(&came, from, to));
            }
            if cost > best[node] {
                continue;
            }
            let is_row = node < self.rows;
            // From a row cells move against the change, from a column with it.
            let grows = if is_row { !up } else { up };
            for number in self.at[node].iter().map(|number| *number as usize).filter(|number| *number != edge) {
                let along = &self.edges[number];
                if !(along.open || closed) || self.room(number, grows, change[number]) <= 0 {
                    continue;
                }
                let other = if is_row { self.rows + along.column } else { along.row };
                // A step more is a little dearer, so that ways are short.
                let more = cost.saturating_add(if along.open { 1 } else { along.cost.saturating_mul(16) + 1 });
                if more < best[other] {
                    best[other] = more;
                    came[other] = Some((number, grows));
                    next.push(Reverse((more, other)));
                }
            }
        }
        None
    }

    fn back(&self, came: &[Option<(usize, bool)>], from: usize, to: usize) -> Way {
        let (mut way, mut node) = (Vec::new(), to);
        while node != from {
            let Some((edge, grows)) = came[node] else { break };
            way.push((edge, grows));
            node = if node < self.rows { self.rows + self.edges[edge].column } else { self.edges[edge].row };
        }
        way
    }
}
