//! Two tables of which one, or each, has every thing once: then a record has at most one counterpart in it, and only the
//! best may be it. Nobody says so; the records do. Where a record has two counterparts in a table that are the same, all
//! three are alike, and any two of them may be the likeliest pair. Where the table has every thing once, the two are
//! hardly ever more alike than the record and its best.

use crate::cluster::Edge;
use crate::field::Field;
use crate::table::Side;

/// Of counterparts that are the same, so many pairs are likelier than the record and its best: any of the three may be
/// the likeliest.
const BY_LUCK: f64 = 1.0 / 3.0;
/// A table has every thing once if of the counterparts that compete fewer than this share can be the same.
const SAME_MOST: f64 = 0.5;

/// What is known of the counterparts in one table.
#[derive(Clone, Copy, Default)]
struct Rivals {
    /// Records of the other table with two or more.
    contested: f64,
    /// Of how many the two best are more alike than the record and its best.
    alike: f64,
}

impl Rivals {
    fn are_different(self) -> bool {
        // One rival that is the same is imagined beforehand: of few nothing is known.
        (self.alike + BY_LUCK) / (self.contested + 1.0) < BY_LUCK * SAME_MOST
    }
}

/// The tables that have every thing once, by their records: nought for a record of another, and a sign for each table.
/// `is_rival_nearer` tells of a record and its two best counterparts whether these are as alike as it and the best.
pub(crate) fn signs(field: &Field, edges: &[Edge], is_rival_nearer: &dyn Fn(u32, u32, u32) -> bool) -> Vec<u8> {
    let records = field.records.len();
    if !field.is_two() {
        return vec![0; records];
    }
    let [left, right] = rivals(field, edges, is_rival_nearer).map(Rivals::are_different);
    let sign = |record: u32| match field.side(record) {
        Side::Left => u8::from(left),
        Side::Right => 2 * u8::from(right),
    };
    (0..records as u32).map(sign).collect()
}

/// The rivals among the records of each table.
fn rivals(field: &Field, edges: &[Edge], is_rival_nearer: &dyn Fn(u32, u32, u32) -> bool) -> [Rivals; 2] {
    let mut best: Vec<[Option<(f32, u32)>; 2]> = vec![[None; 2]; field.records.len()];
    for (a, b, bits) in edges.iter().copied().filter(|edge| edge.2 >= 0.0) {
        for (record, other) in [(a, b), (b, a)] {
            let [first, second] = &mut best[record as usize];
            let better = |than: &Option<(f32, u32)>| than.is_none_or(|than| bits > than.0);
            if better(first) {
                (*first, *second) = (Some((bits, other)), *first);
            } else if better(second) {
                *second = Some((bits, other));
            }
        }
    }
    let mut rivals = [Rivals::default(); 2];
    for (record, two) in best.iter().enumerate() {
        if let [Some((_, first)), Some((_, second))] = *two {
            let of = &mut rivals[usize::from(field.side(first) == Side::Right)];
            of.contested += 1.0;
            of.alike += f64::from(u8::from(is_rival_nearer(record as u32, first, second)));
        }
    }
    rivals
}
