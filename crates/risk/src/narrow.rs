//! Who is left of some candidates, when what several openings say of them must fit together.

use hashbrown::HashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::class::{Classes, Plain, scatter};
use crate::measure::by;
use crate::mosaic::Opening;
use crate::table::{Column, Table};

/// Rounds in which candidates are struck out; each strikes out some, and few are needed.
const ROUNDS_MOST: usize = 8;

/// Two openings and the columns that both publish with the same values.
pub(crate) struct Link {
    pub a: usize,
    pub b: usize,
    pub columns: Vec<(usize, usize)>,
    /// For each row of either what it says in these columns.
    keys: (Vec<u64>, Vec<u64>),
}

impl Link {
    pub fn new(openings: &[Opening], a: usize, b: usize, columns: Vec<(usize, usize)>) -> Link {
        let left: Vec<usize> = columns.iter().map(|(left, _)| *left).collect();
        let right: Vec<usize> = columns.iter().map(|(_, right)| *right).collect();
        let keys = (keys(&openings[a].table, &left), keys(&openings[b].table, &right));
        Link { a, b, columns, keys }
    }

    /// Whether a row of one and a row of the other say the same.
    pub fn agrees(&self, a: u32, b: u32) -> bool {
        self.keys.0.get(a as usize) == self.keys.1.get(b as usize)
    }
}

/// What each row says in some columns, in a number that is the same in every table.
fn keys(table: &Table, columns: &[usize]) -> Vec<u64> {
    let mut keys = vec![0u64; table.rows()];
    for column in columns.iter().filter_map(|at| table.columns.get(*at)) {
        let hashes = hashes(column);
        for (key, code) in keys.iter_mut().zip(&column.codes) {
            *key = scatter(key.rotate_left(23) ^ hashes[*code as usize]);
        }
    }
    keys
}

/// A number for each value, the same in every table.
pub(crate) fn hashes(column: &Column) -> Vec<u64> {
    (0..column.count).map(|code| column.text(code).map_or(1, |text| xxh3_64(text.as_bytes()) | 2)).collect()
}

/// The rows of each class of an opening.
pub(crate) struct Crowd {
    pub classes: Classes,
    rows: Vec<u32>,
    starts: Vec<u32>,
}

impl Crowd {
    pub fn of(table: &Table, quasi: &[usize]) -> Crowd {
        let classes = by(table, quasi);
        let mut starts = vec![0u32];
        for size in &classes.sizes {
            starts.push(starts.last().copied().unwrap_or(0) + size);
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; classes.of.len()];
        for (row, class) in classes.of.iter().enumerate() {
            let place = &mut next[*class as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        Crowd { classes, rows, starts }
    }

    pub fn rows(&self, class: u32) -> &[u32] {
        let at = |class: usize| self.starts.get(class).map_or(0, |start| *start as usize);
        self.rows.get(at(class as usize)..at(class as usize + 1)).unwrap_or_default()
    }
}

/// The candidates that remain in each opening: those that in every other opening have one who says the same.
pub(crate) fn narrow(mut candidates: Vec<Option<Vec<u32>>>, links: &[&Link]) -> Vec<Option<Vec<u32>>> {
    for _ in 0..ROUNDS_MOST {
        let before: usize = candidates.iter().flatten().map(Vec::len).sum();
        for link in links {
            let said = |rows: &Option<Vec<u32>>, keys: &[u64]| -> Option<HashSet<u64, Plain>> {
                let mut said = HashSet::with_hasher(Plain);
                said.extend(rows.as_ref()?.iter().filter_map(|row| keys.get(*row as usize)));
                Some(said)
            };
            let (Some(left), Some(right)) = (said(&candidates[link.a], &link.keys.0), said(&candidates[link.b], &link.keys.1)) else { continue };
            let keep = |rows: &mut Option<Vec<u32>>, keys: &[u64], said: &HashSet<u64, Plain>| {
                rows.iter_mut().for_each(|rows| rows.retain(|row| keys.get(*row as usize).is_some_and(|key| said.contains(key))));
            };
            keep(&mut candidates[link.a], &link.keys.0, &right);
            keep(&mut candidates[link.b], &link.keys.1, &left);
        }
        if candidates.iter().flatten().map(Vec::len).sum::<usize>() == before {
            break;
        }
    }
    candidates
}
