//! k-anonymity: in how large a crowd each row stands.

use serde::Serialize;

use crate::class::{Classes, Digits, classes};
use crate::table::Table;

/// Sizes that are counted together, from their first to the next one's.
const EDGES: [u32; 10] = [1, 2, 3, 5, 10, 20, 50, 100, 1000, 10_000];

/// Classes of some sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    pub from: u32,
    /// The largest size in it; `None`: any.
    pub to: Option<u32>,
    pub classes: u64,
    pub rows: u64,
}

/// How well rows hide among each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anonymity {
    pub rows: u64,
    pub classes: u64,
    /// The smallest class; 0 of a table without rows.
    pub k: u32,
    /// Rows that nobody is like.
    pub unique: u64,
    /// Rows in classes smaller than was asked for.
    pub below: u64,
    /// The chance of naming the person behind a row, averaged over all rows.
    pub average_risk: f64,
    pub histogram: Vec<Bucket>,
}

impl Anonymity {
    pub fn unique_share(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.unique as f64 / self.rows as f64 }
    }

    /// The chance of naming the person behind the row that hides worst.
    pub fn highest_risk(&self) -> f64 {
        if self.k == 0 { 0.0 } else { 1.0 / f64::from(self.k) }
    }
}

/// Measures by the quasi-identifiers; without any, all rows are one class.
pub fn anonymity(table: &Table, quasi: &[usize], k: u32) -> Anonymity {
    of_sizes(&by(table, quasi).sizes, k)
}

pub(crate) fn by(table: &Table, columns: &[usize]) -> Classes {
    let digits: Vec<Digits<'_>> = columns.iter().filter_map(|at| table.columns.get(*at)).map(|column| column.digits()).collect();
    classes(table.rows(), &digits)
}

pub(crate) fn of_sizes(sizes: &[u32], k: u32) -> Anonymity {
    let rows: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let mut histogram: Vec<Bucket> = EDGES
        .iter()
        .enumerate()
        .map(|(at, from)| Bucket { from: *from, to: EDGES.get(at + 1).map(|next| next - 1), classes: 0, rows: 0 })
        .collect();
    let (mut below, mut unique) = (0, 0);
    for size in sizes {
        let at = EDGES.partition_point(|edge| edge <= size).saturating_sub(1);
        if let Some(bucket) = histogram.get_mut(at) {
            bucket.classes += 1;
            bucket.rows += u64::from(*size);
        }
        unique += u64::from(*size == 1);
        below += if *size < k { u64::from(*size) } else { 0 };
    }
    let average_risk = if rows == 0 { 0.0 } else { sizes.len() as f64 / rows as f64 };
    let k = sizes.iter().copied().min().unwrap_or(0);
    Anonymity { rows, classes: sizes.len() as u64, k, unique, below, average_risk, histogram }
}

impl crate::table::Column {
    pub(crate) fn digits(&self) -> Digits<'_> {
        Digits { codes: &self.codes, count: self.count }
    }
}
