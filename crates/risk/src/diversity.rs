//! l-diversity and t-closeness: what a class tells of everybody in it, though nobody in it can be named.

use serde::Serialize;

use crate::class::Classes;
use crate::measure::by;
use crate::table::{Column, Table};

/// How different the sensitive values of classes are, of the worst class each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diversity {
    /// Different values in the class that has fewest.
    pub distinct: u32,
    /// e to the power of the least entropy: as many equally frequent values would be as uncertain.
    pub entropy: f64,
    /// The rank `l` that `c` is for: that of `distinct`, or the one asked for if it is smaller.
    pub l: u32,
    /// The most frequent value's count over the sum of those from rank `l` on, where this is largest: recursive
    /// (c, l)-diversity holds for every greater `c`. `None`: some class has fewer than `l` values.
    pub recursive: Option<f64>,
    /// Rows in classes with fewer than the `l` asked for.
    pub below: u64,
}

impl Diversity {
    /// The smallest whole `c` for which recursive (c, l)-diversity holds.
    pub fn whole_c(&self) -> Option<u64> {
        self.recursive.map(|ratio| ratio.floor() as u64 + 1)
    }
}

/// How far the values of a class are from those of all rows, of the class where they are farthest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Closeness {
    /// Every two values equally far from each other.
    pub equal: f64,
    /// Values in their order as numbers, neighbours one step apart; `None`: they are no numbers.
    pub ordered: Option<f64>,
}

/// Classes by the quasi-identifiers, and the values of one sensitive column in them.
pub fn diversity(table: &Table, quasi: &[usize], sensitive: usize, l: u32) -> Diversity {
    table.columns.get(sensitive).map_or_else(nothing, |column| Counted::of(&by(table, quasi), column).diversity(l))
}

fn nothing() -> Diversity {
    Diversity { distinct: 0, entropy: 0.0, l: 0, recursive: None, below: 0 }
}

pub fn closeness(table: &Table, quasi: &[usize], sensitive: usize) -> Closeness {
    table.columns.get(sensitive).map_or(Closeness { equal: 0.0, ordered: None }, |column| Counted::of(&by(table, quasi), column).closeness())
}

/// Each class with each of its values, in order: sorted once for all measures.
pub(crate) struct Counted<'c> {
    pairs: Vec<u64>,
    column: &'c Column,
}

impl<'c> Counted<'c> {
    pub fn of(classes: &Classes, column: &'c Column) -> Counted<'c> {
        let pairs = classes.of.iter().zip(&column.codes).map(|(class, code)| u64::from(*class) << 32 | u64::from(*code));
        let mut pairs: Vec<u64> = pairs.collect();
        pairs.sort_unstable();
        Counted { pairs, column }
    }

    /// Calls back for each class with its values and their counts; values ascend.
    fn each_class(&self, mut told: impl FnMut(&[(u32, u32)])) {
        let mut counts = Vec::new();
        for class in self.pairs.chunk_by(|a, b| a >> 32 == b >> 32) {
            counts.clear();
            counts.extend(class.chunk_by(|a, b| a == b).map(|equal| (equal.first().map_or(0, |pair| *pair as u32), equal.len() as u32)));
            told(&counts);
        }
    }

    pub fn diversity(&self, asked: u32) -> Diversity {
        let mut found = Diversity { distinct: u32::MAX, entropy: f64::INFINITY, ..nothing() };
        self.each_class(|counts| {
            let rows: u64 = counts.iter().map(|(_, count)| u64::from(*count)).sum();
            let share = |count: u32| f64::from(count) / rows as f64;
            let entropy: f64 = counts.iter().map(|(_, count)| -share(*count) * share(*count).ln()).sum();
            found.distinct = found.distinct.min(counts.len() as u32);
            found.entropy = found.entropy.min(entropy.exp());
            found.below += if (counts.len() as u32) < asked { rows } else { 0 };
        });
        if self.pairs.is_empty() {
            return nothing();
        }
        found.l = found.distinct.min(asked.max(1));
        found.recursive = self.recursive(found.l);
        found
    }

    /// The largest ratio of the most frequent value to those from rank `l` on.
    fn recursive(&self, l: u32) -> Option<f64> {
        let mut most = Some(0.0f64);
        let mut ranked: Vec<u32> = Vec::new();
        self.each_class(|counts| {
            ranked.clear();
            ranked.extend(counts.iter().map(|(_, count)| *count));
            ranked.sort_unstable_by(|a, b| b.cmp(a));
            let rest: u64 = ranked.iter().skip((l.max(1) - 1) as usize).map(|count| u64::from(*count)).sum();
            let first = f64::from(ranked.first().copied().unwrap_or(0));
            most = if rest == 0 { None } else { most.map(|most| most.max(first / rest as f64)) };
        });
        most
    }

    pub fn closeness(&self) -> Closeness {
        let rows = self.column.codes.len().max(1) as f64;
        let overall: Vec<f64> = self.column.rows.iter().map(|count| f64::from(*count) / rows).collect();
        let scale = Scale::of(self.column, &overall);
        let mut found = Closeness { equal: 0.0, ordered: scale.as_ref().map(|_| 0.0) };
        self.each_class(|counts| {
            let size: f64 = counts.iter().map(|(_, count)| f64::from(*count)).sum();
            let (mut apart, mut absent) = (0.0, 1.0);
            for (code, count) in counts {
                let everywhere = overall.get(*code as usize).copied().unwrap_or(0.0);
                apart += (f64::from(*count) / size - everywhere).abs();
                absent -= everywhere;
            }
            found.equal = found.equal.max(0.5 * (apart + absent.max(0.0)));
            if let (Some(scale), Some(ordered)) = (&scale, &mut found.ordered) {
                *ordered = ordered.max(scale.moved(counts, size));
            }
        });
        found
    }
}

impl Diversity {
    /// Recursive (c, l)-diversity for a rank of one's own.
    pub fn recursive_for(table: &Table, quasi: &[usize], sensitive: usize, l: u32) -> Option<f64> {
        Counted::of(&by(table, quasi), table.columns.get(sensitive)?).recursive(l)
    }
}

/// The values of a column in order, and how many rows lie up to each.
struct Scale {
    /// The place of each code.
    rank: Vec<u32>,
    /// The share of rows up to and with each place.
    up_to: Vec<f64>,
    /// Sums of `up_to` before each place.
    sums: Vec<f64>,
}

impl Scale {
    /// `None` when a value is no number. The missing value stands before all.
    fn of(column: &Column, overall: &[f64]) -> Option<Scale> {
        if !column.is_read() || column.count < 2 {
            return None;
        }
        let used = |code: &u32| *code > 0 || overall.first().is_some_and(|share| *share > 0.0);
        let mut order: Vec<(f64, u32)> = Vec::with_capacity(column.count as usize);
        for code in (0..column.count).filter(used) {
            let number = if code == 0 { f64::NEG_INFINITY } else { column.text(code)?.trim().parse().ok().filter(|number: &f64| number.is_finite())? };
            order.push((number, code));
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut rank = vec![0; column.count as usize];
        let (mut up_to, mut sums, mut share, mut sum) = (Vec::new(), vec![0.0], 0.0, 0.0);
        for (place, (_, code)) in order.iter().enumerate() {
            rank[*code as usize] = place as u32;
            share += overall.get(*code as usize).copied().unwrap_or(0.0);
            up_to.push(share);
            sum += share;
            sums.push(sum);
        }
        Some(Scale { rank, up_to, sums })
    }

    /// The earth mover's distance between a class and all rows.
    fn moved(&self, counts: &[(u32, u32)], size: f64) -> f64 {
        let places = self.up_to.len();
        if places < 2 {
            return 0.0;
        }
        let mut here: Vec<(usize, f64)> = counts.iter().map(|(code, count)| (self.rank[*code as usize] as usize, f64::from(*count) / size)).collect();
        here.sort_by_key(|(place, _)| *place);
        let (mut from, mut held, mut moved) = (0, 0.0, 0.0);
        for (place, share) in here {
            moved += self.between(from, place, held);
            held += share;
            from = place;
        }
        (moved + self.between(from, places, held)) / (places - 1) as f64
    }

    /// The sum of |held − up_to| over the places from one to below another.
    fn between(&self, from: usize, to: usize, held: f64) -> f64 {
        let part = self.up_to.get(from..to).unwrap_or_default();
        let cross = from + part.partition_point(|share| *share < held);
        let below = held * (cross - from) as f64 - (self.sums[cross] - self.sums[from]);
        let above = (self.sums[to] - self.sums[cross]) - held * (to - cross) as f64;
        below + above
    }
}
