//! The cheapest rungs of all ladders together at which a table reaches k and l: a search through the lattice of their
//! combinations.
//!
//! Whether a combination is good enough never falls when a rung is raised: classes only grow together, and a class that is
//! large and diverse enough stays so. Nor does the loss without the rows left out fall, and leaving a row out costs as much
//! as hiding it. So combinations are taken in the order of that least loss, the way up from each is searched by halving,
//! all below a bad one are bad too, and the search ends when the next could not be cheaper than the best one found: that
//! one is then the cheapest of all.

use hashbrown::HashSet;

use crate::class::{Digits, Plain, classes};
use crate::ladder::{Ladder, Rung};
use crate::table::Table;

/// Combinations that are looked through; ladders are thinned until there are no more.
const NODES_MOST: usize = 1 << 16;

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aim {
    pub k: u32,
    /// Different values of each sensitive column in a class.
    pub l: u32,
    /// The share of rows that may be left out, 0 to 1.
    pub left_out: f64,
    /// Groups of rows that may be visited.
    pub effort: u64,
}

impl Default for Aim {
    fn default() -> Aim {
        Aim { k: 5, l: 1, left_out: 0.0, effort: 400_000_000 }
    }
}

/// The best combination found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The rung of each ladder.
    pub levels: Vec<usize>,
    pub loss: f64,
    pub left_out: u64,
    /// Whether nothing cheaper exists on these ladders.
    pub optimal: bool,
    pub looked: u64,
}

/// The cheapest rungs, by their numbers on each ladder, with the loss; `None` when even the top is not enough, or the
/// effort does not reach to look at it.
pub fn search(table: &Table, ladders: &[Ladder], sensitive: &[usize], aim: &Aim) -> Option<(Vec<usize>, f64)> {
    let groups = Groups::of(table, ladders, sensitive, aim);
    look(&groups, ladders, aim).map(|found| (found.levels, found.loss))
}

/// Rows that no ladder tells apart even at its foot, taken together.
pub(crate) struct Groups {
    rows: Vec<u32>,
    /// For each ladder the number of each group's value.
    codes: Vec<Vec<u32>>,
    /// For each sensitive column each group with each of its values once.
    values: Vec<Vec<(u32, u32)>>,
    all: u64,
}

impl Groups {
    pub fn of(table: &Table, ladders: &[Ladder], sensitive: &[usize], aim: &Aim) -> Groups {
        let columns: Vec<_> = ladders.iter().filter_map(|ladder| table.columns.get(ladder.column)).collect();
        let digits: Vec<Digits<'_>> = columns.iter().map(|column| column.digits()).collect();
        let found = classes(table.rows(), &digits);
        let codes = columns.iter().map(|column| found.first.iter().map(|row| column.codes[*row as usize]).collect()).collect();
        let sensitive = if aim.l > 1 { sensitive } else { &[] };
        let values = sensitive.iter().filter_map(|at| table.columns.get(*at)).map(|column| {
            let mut pairs: Vec<(u32, u32)> = found.of.iter().copied().zip(column.codes.iter().copied()).collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs
        });
        Groups { values: values.collect(), rows: found.sizes, codes, all: table.rows() as u64 }
    }

    fn effort(&self) -> u64 {
        (self.rows.len() + self.values.iter().map(Vec::len).sum::<usize>()) as u64
    }

    /// The loss of a combination and the rows it leaves out; `None`: it leaves out too many.
    fn measure(&self, rungs: &[&Rung], aim: &Aim) -> Option<(f64, u64)> {
        let told: Vec<Vec<u32>> =
            rungs.iter().zip(&self.codes).map(|(rung, codes)| codes.iter().map(|code| rung.told[*code as usize]).collect()).collect();
        let digits: Vec<Digits<'_>> = rungs.iter().zip(&told).map(|(rung, codes)| Digits { codes, count: rung.count }).collect();
        let found = classes(self.rows.len(), &digits);
        let mut sizes = vec![0u64; found.sizes.len()];
        for (class, rows) in found.of.iter().zip(&self.rows) {
            sizes[*class as usize] += u64::from(*rows);
        }
        let mut good: Vec<bool> = sizes.iter().map(|size| *size >= u64::from(aim.k)).collect();
        for pairs in &self.values {
            let mut seen: HashSet<u64, Plain> = HashSet::with_hasher(Plain);
            let mut different = vec![0u32; sizes.len()];
            for (group, value) in pairs {
                let class = found.of[*group as usize];
                different[class as usize] += u32::from(good[class as usize] && seen.insert(u64::from(class) << 32 | u64::from(*value)));
            }
            good.iter_mut().zip(&different).for_each(|(good, different)| *good = *good && *different >= aim.l);
        }
        let left_out: u64 = sizes.iter().zip(&good).filter(|(_, good)| !**good).map(|(size, _)| size).sum();
        let share = aim.left_out.clamp(0.0, 1.0);
        if left_out as f64 > share * self.all as f64 || left_out == self.all {
            return None;
        }
        let mut kept = 0.0;
        for (group, rows) in self.rows.iter().enumerate().filter(|(group, _)| good[found.of[*group] as usize]) {
            let penalty: f64 = rungs.iter().zip(&told).map(|(rung, codes)| rung.penalty[codes[group] as usize]).sum();
            kept += penalty / rungs.len().max(1) as f64 * f64::from(*rows);
        }
        Some(((kept + left_out as f64) / self.all as f64, left_out))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Known {
    Nothing,
    Bad,
    Good,
}

struct Lattice<'l> {
    groups: &'l Groups,
    /// Of each ladder the rungs that take part.
    rungs: Vec<Vec<(usize, &'l Rung)>>,
    aim: &'l Aim,
    known: Vec<Known>,
    best: Option<Found>,
    looked: u64,
    effort: u64,
}

pub(crate) fn look(groups: &Groups, ladders: &[Ladder], aim: &Aim) -> Option<Found> {
    if groups.all == 0 {
        return None;
    }
    let (rungs, thinned) = thin(ladders);
    let nodes = rungs.iter().map(Vec::len).product();
    let mut lattice = Lattice { groups, rungs, aim, known: vec![Known::Nothing; nodes], best: None, looked: 0, effort: aim.effort };
    let spent = !lattice.run();
    let looked = lattice.looked;
    lattice.best.map(|found| Found { optimal: !spent && !thinned, looked, ..found })
}

/// Middle rungs are taken out of the longest ladders until the lattice is small enough, then ladders are cut to their top.
fn thin(ladders: &[Ladder]) -> (Vec<Vec<(usize, &Rung)>>, bool) {
    let mut rungs: Vec<Vec<(usize, &Rung)>> = ladders.iter().map(|ladder| ladder.rungs.iter().enumerate().collect()).collect();
    let size = |rungs: &[Vec<(usize, &Rung)>]| rungs.iter().fold(1usize, |size, ladder| size.saturating_mul(ladder.len()));
    let mut thinned = false;
    while size(&rungs) > NODES_MOST {
        let Some(longest) = rungs.iter_mut().rev().max_by_key(|ladder| ladder.len()) else { break };
        longest.remove(if longest.len() > 2 { longest.len() / 2 } else { 0 });
        thinned = true;
    }
    (rungs, thinned)
}

impl Lattice<'_> {
    /// Looks until nothing cheaper is left; `false` when the effort was spent before.
    fn run(&mut self) -> bool {
        let mut order: Vec<(f64, usize)> = (0..self.known.len()).map(|node| (self.least(node), node)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // If the top is not good enough nothing is.
        if self.good(self.known.len() - 1) != Some(true) {
            return self.effort >= self.groups.effort();
        }
        for (least, node) in order {
            if self.best.as_ref().is_some_and(|best| best.loss <= least) {
                return true;
            }
            if self.known[node] == Known::Nothing && !self.way_up(node) {
                return false;
            }
        }
        true
    }

    /// Finds the lowest good one on a way from a node to the top by halving. All of the way below is then known as bad.
    fn way_up(&mut self, node: usize) -> bool {
        let mut way = vec![node];
        let mut at = node;
        while let Some(next) = self.cheapest_above(at) {
            way.push(next);
            at = next;
        }
        let (mut low, mut high) = (0, way.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.good(way[middle]) {
                Some(true) => high = middle,
                Some(false) => low = middle + 1,
                None => return false,
            }
        }
        true
    }

    fn cheapest_above(&self, node: usize) -> Option<usize> {
        let levels = self.levels(node);
        let mut place = 1;
        let mut best: Option<(f64, usize)> = None;
        for (ladder, level) in self.rungs.iter().zip(&levels) {
            if level + 1 < ladder.len() {
                let least = self.least(node + place);
                if best.is_none_or(|(known, _)| least < known) {
                    best = Some((least, node + place));
                }
            }
            place *= ladder.len();
        }
        best.map(|(_, node)| node)
    }

    /// Whether a combination is good enough, measured unless it is known; `None`: no effort is left.
    fn good(&mut self, node: usize) -> Option<bool> {
        if self.known[node] != Known::Nothing {
            return Some(self.known[node] == Known::Good);
        }
        self.effort = self.effort.checked_sub(self.groups.effort())?;
        self.looked += 1;
        let levels = self.levels(node);
        let rungs: Vec<&Rung> = self.rungs.iter().zip(&levels).map(|(ladder, level)| ladder[*level].1).collect();
        let Some((loss, left_out)) = self.groups.measure(&rungs, self.aim) else {
            self.bad_below(&levels);
            return Some(false);
        };
        self.known[node] = Known::Good;
        if self.best.as_ref().is_none_or(|best| loss < best.loss) {
            let levels = self.rungs.iter().zip(&levels).map(|(ladder, level)| ladder[*level].0).collect();
            self.best = Some(Found { levels, loss, left_out, optimal: false, looked: 0 });
        }
        Some(true)
    }

    fn bad_below(&mut self, levels: &[usize]) {
        let mut below = vec![0; levels.len()];
        loop {
            let node = self.node(&below);
            self.known[node] = Known::Bad;
            let Some(at) = (0..levels.len()).find(|at| below[*at] < levels[*at]) else { return };
            below[at] += 1;
            below[..at].fill(0);
        }
    }

    /// The loss if no row were left out: no combination above costs less.
    fn least(&self, node: usize) -> f64 {
        let sum: f64 = self.rungs.iter().zip(self.levels(node)).map(|(ladder, level)| ladder[level].1.loss).sum();
        sum / self.rungs.len().max(1) as f64
    }

    fn levels(&self, mut node: usize) -> Vec<usize> {
        self.rungs
            .iter()
            .map(|ladder| {
                let level = node % ladder.len();
                node /= ladder.len();
                level
            })
            .collect()
    }

    fn node(&self, levels: &[usize]) -> usize {
        self.rungs.iter().zip(levels).rev().fold(0, |node, (ladder, level)| node * ladder.len() + level)
    }
}
