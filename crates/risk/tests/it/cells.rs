//! Suppressed cells against a solver that knows nothing of networks: it tries every table that could be meant.

use proptest::prelude::*;
use risk::{Cell, CellRules, Cells, Protected, Shown};

/// Higher values than this are not tried.
const TRIED: u64 = 24;

/// For each cell, totals included, the least and greatest value among all tables that fit what is shown.
struct Solver<'s> {
    shown: &'s [Vec<Shown>],
    guess: Vec<Vec<u64>>,
    bounds: Vec<Vec<(u64, u64)>>,
    one_way: bool,
}

impl Solver<'_> {
    fn known(&self, row: usize, column: usize) -> Option<u64> {
        match self.shown[row][column] {
            Shown::Value(value) => Some(value),
            _ => None,
        }
    }

    fn fits(&self, at: (usize, usize), sum: u64) -> bool {
        self.known(at.0, at.1).is_none_or(|total| total == sum)
    }

    /// Tries all values of the inner cells from this one on.
    fn solve(&mut self, at: usize) {
        let (height, width) = (self.guess.len(), self.guess[0].len());
        let (row, column) = (at / width, at % width);
        if row == height {
            return self.note();
        }
        let before: u64 = self.guess[row][..column].iter().sum();
        let above: u64 = (0..row).map(|other| self.guess[other][column]).sum();
        let room = self.known(row, width).map_or(TRIED, |total| total.saturating_sub(before));
        let room = if self.one_way { room } else { self.known(height, column).map_or(room, |total| room.min(total.saturating_sub(above))) };
        let range = match self.known(row, column) {
            Some(value) => value..=value,
            None => 0..=room.min(TRIED),
        };
        for value in range {
            self.guess[row][column] = value;
            let row_fits = column + 1 < width || self.fits((row, width), before + value);
            let column_fits = self.one_way || row + 1 < height || self.fits((height, column), above + value);
            if row_fits && column_fits {
                self.solve(at + 1);
            }
        }
        self.guess[row][column] = 0;
    }

    fn note(&mut self) {
        let (height, width) = (self.guess.len(), self.guess[0].len());
        let all: u64 = self.guess.iter().flatten().sum();
        if !self.one_way && !self.fits((height, width), all) {
            return;
        }
        for row in 0..self.shown.len() {
            for column in 0..=width {
                let value = match (row < height, column < width) {
                    (true, true) => self.guess[row][column],
                    (true, false) => self.guess[row].iter().sum(),
                    (false, true) => self.guess.iter().map(|row| row[column]).sum(),
                    (false, false) => all,
                };
                let (low, high) = &mut self.bounds[row][column];
                *low = value.min(*low);
                *high = value.max(*high);
            }
        }
    }
}

fn solved(found: &Protected, one_way: bool) -> Vec<Vec<(u64, u64)>> {
    let (height, width) = (found.shown.len() - usize::from(!one_way), found.shown[0].len() - 1);
    let mut solver = Solver { shown: &found.shown, guess: vec![vec![0; width]; height], bounds: vec![vec![(u64::MAX, 0); width + 1]; found.shown.len()], one_way };
    solver.solve(0);
    solver.bounds
}

/// Checks every cell that is not shown; gives how many there are.
fn check(cells: &Cells, rules: &CellRules, one_way: bool) -> Result<usize, TestCaseError> {
    let found = cells.protect(rules);
    let solved = solved(&found, one_way);
    for (row, line) in cells.cells().iter().enumerate() {
        for (column, cell) in line.iter().enumerate() {
            let shown = found.shown[row][column];
            prop_assert_eq!(cell.is_sensitive(rules), shown == Shown::Primary, "sensitive cells are not shown");
            if let Shown::Value(value) = shown {
                prop_assert_eq!(value, cell.value);
            }
        }
    }
    for (row, column, low, high) in &found.bounds {
        let (least, most) = solved[*row][*column];
        prop_assert_eq!(*low, least, "{:?}", found);
        prop_assert!(high.map_or(most >= TRIED, |high| high == most || high > TRIED), "{:?} {}", found, most);
        let primary = found.shown[*row][*column] == Shown::Primary;
        if !found.bare.contains(&(*row, *column)) {
            let wanted = if primary { rules.width } else { 1 };
            prop_assert!(most - least >= wanted.min(TRIED), "cell {row},{column} is between {least} and {most}: {:?}", found);
        }
    }
    Ok(found.bounds.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_cell_of_two_ways_can_be_reckoned_back(values in prop::collection::vec(prop::collection::vec(0u64..9, 3), 2..4)) {
        let cells = Cells::two_way(values.iter().map(|row| row.iter().copied().map(Cell::count).collect()).collect()).unwrap();
        check(&cells, &CellRules { least: 3, width: 3, ..CellRules::default() }, false)?;
    }

    #[test]
    fn no_cell_of_one_way_can_be_reckoned_back(values in prop::collection::vec(0u64..12, 1..6)) {
        let cells = Cells::one_way(values.into_iter().map(Cell::count).collect()).unwrap();
        check(&cells, &CellRules { least: 4, width: 4, ..CellRules::default() }, true)?;
    }

    #[test]
    fn the_largest_are_not_given_away(parts in prop::collection::vec(prop::collection::vec(1u64..9, 0..4), 4)) {
        let rules = CellRules { least: 1, dominance: Some((1, 0.6)), percent: Some(0.2), width: 2 };
        let cells: Vec<Cell> = parts.into_iter().map(Cell::sum).collect();
        for cell in &cells {
            let (whole, first, second) = (cell.value as f64, cell.largest.first().copied().unwrap_or(0) as f64, cell.largest.get(1).copied().unwrap_or(0) as f64);
            prop_assert_eq!(cell.is_sensitive(&rules), whole > 0.0 && (first > 0.6 * whole || whole - first - second < 0.2 * first));
        }
        if cells.iter().map(|cell| cell.value).sum::<u64>() <= TRIED {
            check(&Cells::two_way(vec![cells[..2].to_vec(), cells[2..].to_vec()]).unwrap(), &rules, false)?;
        }
    }
}

#[test]
fn a_small_cell_takes_three_others_with_it() {
    let count = |row: [u64; 3]| row.map(Cell::count).to_vec();
    let cells = Cells::two_way(vec![count([20, 30, 2]), count([40, 25, 18]), count([33, 27, 50])]).unwrap();
    let found = cells.protect(&CellRules::default());
    assert_eq!(found.shown[0][2], Shown::Primary);
    assert_eq!(found.shown.iter().flatten().filter(|shown| **shown == Shown::Secondary).count(), 3);
    assert!(found.shown.iter().all(|row| matches!(row[3], Shown::Value(_))), "totals stay");
    assert!(found.bare.is_empty());
}

#[test]
fn cells_are_counted_from_rows() {
    let rows: Vec<crate::Row> = (0..60).map(|n| crate::row(&[["男", "女"][n % 2], ["东", "西", "南"][usize::from(n > 3) + usize::from(n > 30)]])).collect();
    let held = crate::table(&["sex", "part"], &rows);
    let found = Cells::counted(&held, 0, Some(1)).unwrap().protect(&CellRules::default());
    assert_eq!((found.shown.len(), found.shown[0].len()), (4, 5), "missing values have a line of their own");
    assert!(found.shown.iter().flatten().any(|shown| *shown == Shown::Secondary));
}
