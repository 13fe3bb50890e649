//! Which few columns together single rows out: combinations in which a row is unique while it is not in any part of them
//! (minimal uniques, as SUDA2 looks for them), of up to three columns.
//!
//! Memory: a bit a row for each column and pair in which some row is unique.

use serde::Serialize;

use crate::class::{Classes, classes, refine};
use crate::table::Table;

/// Columns that are combined; more are left out, those with fewest values first.
const SEARCHED_MOST: usize = 24;

/// A combination in which rows are unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Minimal {
    pub columns: Vec<usize>,
    /// Rows that are unique in it.
    pub unique: u64,
    /// Of these, rows that no part of it singles out.
    pub minimal: u64,
    /// The first of those.
    pub first: u32,
}

/// What the search found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Uniques {
    /// Combinations that single out rows, most rows first.
    pub found: Vec<Minimal>,
    pub looked: u64,
    /// Combinations that were not looked at, because the effort was spent.
    pub left: u64,
}

impl Uniques {
    /// Of the rows singled out, counted once a combination, the share in whose combination a column stands.
    pub fn share(&self, column: usize) -> f64 {
        let sum = |with: bool| -> u64 { self.found.iter().filter(|one| !with || one.columns.contains(&column)).map(|one| one.minimal).sum() };
        if sum(false) == 0 { 0.0 } else { sum(true) as f64 / sum(false) as f64 }
    }
}

/// One bit a row.
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

struct Search<'t> {
    table: &'t Table,
    columns: Vec<usize>,
    /// Bits of rows unique in one column, or in two.
    single: Vec<Option<Bits>>,
    pair: Vec<Option<Bits>>,
    effort: u64,
    told: Uniques,
}

/// Looks at combinations of up to `most` of the columns, visiting rows at most `effort` times.
pub fn uniques(table: &Table, columns: &[usize], most: usize, effort: u64) -> Uniques {
    let varies = |at: &usize| table.columns.get(*at).is_some_and(|column| column.rows.iter().filter(|rows| **rows > 0).count() > 1);
    let mut columns: Vec<usize> = columns.iter().copied().filter(varies).collect();
    columns.sort_by_key(|at| std::cmp::Reverse(table.columns.get(*at).map_or(0, |column| column.count)));
    columns.truncate(SEARCHED_MOST);
    let size = columns.len();
    let mut search = Search { table, columns, single: none(size), pair: none(size * size), effort, told: Uniques::default() };
    search.singles();
    if most >= 2 {
        search.pairs();
    }
    if most >= 3 {
        search.triples();
    }
    let mut told = search.told;
    told.found.sort_by(|a, b| b.minimal.cmp(&a.minimal).then(a.columns.cmp(&b.columns)));
    told
}

fn none(size: usize) -> Vec<Option<Bits>> {
    (0..size).map(|_| None).collect()
}

impl Search<'_> {
    /// Whether there is effort left for one more combination.
    fn may(&mut self) -> bool {
        let rows = self.table.rows() as u64;
        let may = self.effort >= rows;
        if may {
            self.effort -= rows;
            self.told.looked += 1;
        } else {
            self.told.left += 1;
        }
        may
    }

    fn singles(&mut self) {
        for a in 0..self.columns.len() {
            if self.may() {
                let found = classes(self.table.rows(), &[self.table.columns[self.columns[a]].digits()]);
                self.single[a] = self.note(&[a], &found);
            }
        }
    }

    fn pairs(&mut self) {
        let size = self.columns.len();
        for a in 0..size {
            for b in a + 1..size {
                if self.may() {
                    let found = self.two(a, b);
                    self.pair[a * size + b] = self.note(&[a, b], &found);
                }
            }
        }
    }

    fn triples(&mut self) {
        let size = self.columns.len();
        for a in 0..size {
            for b in a + 1..size {
                // Made once for all third columns, and only if there is one that may be looked at.
                let mut two: Option<Classes> = None;
                for c in b + 1..size {
                    if !self.may() {
                        continue;
                    }
                    let two = two.get_or_insert_with(|| self.two(a, b));
                    let third = self.table.columns[self.columns[c]].digits();
                    let found = refine(two, &[third], two.sizes.len() as u64 * u64::from(third.count));
                    self.note(&[a, b, c], &found);
                }
            }
        }
    }

    fn two(&self, a: usize, b: usize) -> Classes {
        let digits = |at: usize| self.table.columns[self.columns[at]].digits();
        classes(self.table.rows(), &[digits(a), digits(b)])
    }

    /// Writes down which rows a combination singles out.
    fn note(&mut self, places: &[usize], found: &Classes) -> Option<Bits> {
        let mut bits = Bits(vec![0; self.table.rows().div_ceil(64)]);
        let (mut unique, mut minimal, mut first) = (0, 0, u32::MAX);
        for (class, size) in found.sizes.iter().enumerate() {
            if *size != 1 {
                continue;
            }
            let row = found.first[class] as usize;
            bits.0[row / 64] |= 1 << (row % 64);
            unique += 1;
            if !self.part_has(places, row) {
                minimal += 1;
                first = first.min(row as u32);
            }
        }
        if minimal > 0 {
            let mut columns: Vec<usize> = places.iter().map(|place| self.columns[*place]).collect();
            columns.sort_unstable();
            self.told.found.push(Minimal { columns, unique, minimal, first });
        }
        (unique > 0).then_some(bits)
    }

    fn part_has(&self, places: &[usize], row: usize) -> bool {
        let size = self.columns.len();
        let single = |a: usize| self.single[a].as_ref().is_some_and(|bits| bits.has(row));
        let pair = |a: usize, b: usize| self.pair[a * size + b].as_ref().is_some_and(|bits| bits.has(row));
        match places {
            [a, b] => single(*a) || single(*b),
            [a, b, c] => pair(*a, *b) || pair(*a, *c) || pair(*b, *c),
            _ => false,
        }
    }
}
