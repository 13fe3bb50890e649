//! Tables of counts and sums with totals: which cells tell of single persons or bodies (primary suppression), and which
//! others must go so that these cannot be reckoned back (secondary suppression).

use serde::Serialize;

use crate::class::scatter;
use crate::flow::{ANY, Edge, Network};
use crate::table::Table;

/// Cells of a table, totals apart.
pub const CELLS_MOST: usize = 100_000;

/// When a cell tells too much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellRules {
    /// Fewer contributors are too few; none at all tell of nobody.
    pub least: u64,
    /// Dominance: the largest so many must not make up more than this share of the cell.
    pub dominance: Option<(usize, f64)>,
    /// p%: the second largest must not be able to reckon the largest to within this share of it.
    pub percent: Option<f64>,
    /// The bounds between which a sensitive cell can be reckoned are to be at least so far apart.
    pub width: u64,
}

impl Default for CellRules {
    fn default() -> CellRules {
        CellRules { least: 5, dominance: None, percent: None, width: 5 }
    }
}

/// What is counted or summed in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub value: u64,
    pub contributors: u64,
    /// The largest contributions, the largest first; needed for dominance and p% only.
    pub largest: Vec<u64>,
}

impl Cell {
    /// A cell that counts.
    pub fn count(count: u64) -> Cell {
        Cell { value: count, contributors: count, largest: Vec::new() }
    }

    /// A cell that sums these.
    pub fn sum(mut parts: Vec<u64>) -> Cell {
        parts.sort_unstable_by(|a, b| b.cmp(a));
        let value = parts.iter().fold(0u64, |sum, part| sum.saturating_add(*part));
        Cell { value, contributors: parts.len() as u64, largest: parts }
    }

    fn with(&self, other: &Cell) -> Cell {
        let mut largest: Vec<u64> = self.largest.iter().chain(&other.largest).copied().collect();
        largest.sort_unstable_by(|a, b| b.cmp(a));
        Cell { value: self.value.saturating_add(other.value), contributors: self.contributors + other.contributors, largest }
    }

    /// Whether it tells of single contributors.
    pub fn is_sensitive(&self, rules: &CellRules) -> bool {
        let few = self.contributors > 0 && self.contributors < rules.least;
        let first = |count: usize| self.largest.iter().take(count).fold(0.0, |sum, part| sum + *part as f64);
        let whole = self.value as f64;
        let dominated = rules.dominance.is_some_and(|(count, share)| whole > 0.0 && !self.largest.is_empty() && first(count) > share * whole);
        let guessed = rules.percent.is_some_and(|share| self.largest.first().is_some_and(|most| *most > 0 && whole - first(2) < share * *most as f64));
        few || dominated || guessed
    }
}

/// What stands in a cell of the opened table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    Value(u64),
    /// Not shown, since it tells of single contributors.
    Primary,
    /// Not shown, so that others cannot be reckoned.
    Secondary,
}

/// A table with its totals as it may be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Protected {
    /// Rows with their totals, then the row of totals; of a table of one way there is one row, its total last.
    pub shown: Vec<Vec<Shown>>,
    /// For each cell not shown: row, column, and the bounds that can be reckoned (`None`: no upper one).
    pub bounds: Vec<(usize, usize, u64, Option<u64>)>,
    /// Sensitive cells that cannot be protected, as too little else is there to hide behind.
    pub bare: Vec<(usize, usize)>,
}

/// Cells in rows and columns; totals are added here.
#[derive(Clone, Debug)]
pub struct Cells {
    /// With the totals.
    cells: Vec<Vec<Cell>>,
    one_way: bool,
}

impl Cells {
    /// A table of one way with its total.
    pub fn one_way(cells: Vec<Cell>) -> Option<Cells> {
        let total = cells.iter().fold(Cell::default(), |sum, cell| sum.with(cell));
        let fits = !cells.is_empty() && cells.len() <= CELLS_MOST && (total.value as i128) < i128::from(ANY);
        fits.then(|| Cells { cells: vec![cells.into_iter().chain([total]).collect()], one_way: true })
    }

    /// A table of two ways with the totals of rows, of columns and of all; `None`: rows are not equally long, or there are
    /// too many cells.
    pub fn two_way(mut cells: Vec<Vec<Cell>>) -> Option<Cells> {
        let width = cells.first()?.len();
        if width == 0 || cells.iter().any(|row| row.len() != width) || cells.len() * width > CELLS_MOST {
            return None;
        }
        let totals: Vec<Cell> = (0..width).map(|at| cells.iter().fold(Cell::default(), |sum, row| row.get(at).map_or(sum.clone(), |cell| sum.with(cell)))).collect();
        cells.push(totals);
        for row in &mut cells {
            let total = row.iter().fold(Cell::default(), |sum, cell| sum.with(cell));
            row.push(total);
        }
        let most = cells.last().and_then(|row| row.last()).map_or(0, |cell| cell.value);
        ((most as i128) < i128::from(ANY)).then_some(Cells { cells, one_way: false })
    }

    /// The counts of rows by the values of one column, or of two; values in the order of their numbers, the missing one
    /// first. `None`: too many cells.
    pub fn counted(table: &Table, row: usize, column: Option<usize>) -> Option<Cells> {
        let rows = table.columns.get(row)?;
        let Some(columns) = column else {
            return Cells::one_way(rows.rows.iter().map(|count| Cell::count(u64::from(*count))).collect());
        };
        let columns = table.columns.get(columns)?;
        let (height, width) = (rows.count as usize, columns.count as usize);
        if height.saturating_mul(width) > CELLS_MOST {
            return None;
        }
        let mut counts = vec![vec![0u64; width]; height];
        for (a, b) in rows.codes.iter().zip(&columns.codes) {
            counts[*a as usize][*b as usize] += 1;
        }
        Cells::two_way(counts.into_iter().map(|row| row.into_iter().map(Cell::count).collect()).collect())
    }

    /// With the totals.
    pub fn cells(&self) -> &[Vec<Cell>] {
        &self.cells
    }

    /// Takes out what tells too much, and what would give it away. Whoever reads the table knows that nothing in it is
    /// negative, and that rows and columns add up.
    pub fn protect(&self, rules: &CellRules) -> Protected {
        let width = self.cells.first().map_or(0, Vec::len);
        let flat: Vec<&Cell> = self.cells.iter().flatten().collect();
        let sensitive: Vec<bool> = flat.iter().map(|cell| cell.is_sensitive(rules)).collect();
        let mut network = self.network(&flat, &sensitive);
        let mut bare = Vec::new();
        // Further cells only widen bounds: what is protected stays so.
        for at in (0..flat.len()).filter(|at| sensitive[*at]) {
            if !self.widened(&mut network, at, wanted(flat[at], rules)) {
                bare.push((at / width, at % width));
            }
        }
        let place = |at: usize| (at / width, at % width);
        let bounds = (0..flat.len()).filter(|at| network.edges[*at].open).map(|at| {
            let (low, high) = self.bounds(&network, at, flat[at].value);
            (place(at).0, place(at).1, low, high)
        });
        let bounds = bounds.collect();
        let show = |at: usize| match (network.edges[at].open, sensitive[at]) {
            (false, _) => Shown::Value(flat[at].value),
            (true, true) => Shown::Primary,
            (true, false) => Shown::Secondary,
        };
        let shown: Vec<Shown> = (0..flat.len()).map(show).collect();
        Protected { shown: shown.chunks(width.max(1)).map(<[Shown]>::to_vec).collect(), bounds, bare }
    }

    /// A total has the other sign in the sum of its row or column; the total of all has both, and so none.
    fn is_margin(&self, at: usize) -> bool {
        let (height, width) = (self.cells.len(), self.cells.first().map_or(1, Vec::len));
        let last_column = at % width == width - 1;
        if self.one_way { last_column } else { last_column != (at / width == height - 1) }
    }

    fn network(&self, flat: &[&Cell], sensitive: &[bool]) -> Network {
        let (height, width) = (self.cells.len(), self.cells.first().map_or(1, Vec::len));
        let edges = flat.iter().enumerate().map(|(at, cell)| {
            let value = i64::try_from(cell.value).unwrap_or(ANY);
            let (up, down) = if self.is_margin(at) { (value, ANY) } else { (ANY, value) };
            let total = at % width == width - 1 || (!self.one_way && at / width == height - 1);
            // Small cells go before large ones, totals last; equal ones are told apart so that ways are always the same.
            let cost = cell.value.min(1 << 40).saturating_mul(if total { 64 } else { 1 }).saturating_add(8 + (scatter(at as u64) & 7));
            // The columns of one row alone add up to nothing that is known.
            let column = if self.one_way { 0 } else { at % width };
            Edge { row: at / width, column, up, down, open: sensitive[at], cost }
        });
        Network::new(height, if self.one_way { 1 } else { width }, edges.collect())
    }

    /// Opens cells until a cell's bounds are so far apart; `false` when that cannot be.
    fn widened(&self, network: &mut Network, at: usize, wanted: u64) -> bool {
        let wanted = i64::try_from(wanted.max(1)).unwrap_or(ANY);
        loop {
            let (up, by_up) = network.slack(at, true, wanted);
            let (down, by_down) = network.slack(at, false, wanted - up);
            if up + down >= wanted {
                return true;
            }
            let ways = [network.opening(at, true, &by_up), network.opening(at, false, &by_down)];
            let Some((_, closed)) = ways.into_iter().flatten().min() else { return false };
            for edge in closed {
                network.edges[edge].open = true;
            }
        }
    }

    fn bounds(&self, network: &Network, at: usize, value: u64) -> (u64, Option<u64>) {
        let (up, down) = (network.slack(at, true, ANY).0, network.slack(at, false, ANY).0);
        let (more, less) = if self.is_margin(at) { (down, up) } else { (up, down) };
        let high = (more < ANY).then(|| value.saturating_add(u64::try_from(more).unwrap_or(0)));
        (value.saturating_sub(u64::try_from(less).unwrap_or(0)), high)
    }
}

/// How far apart the bounds of a sensitive cell must be: as the rules say, and as far as p% asks of a cell of its size.
fn wanted(cell: &Cell, rules: &CellRules) -> u64 {
    let share = rules.percent.map_or(0, |share| (share * cell.value as f64).ceil() as u64);
    rules.width.max(share).max(1)
}
