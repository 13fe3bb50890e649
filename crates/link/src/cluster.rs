//! From pairs to entities. Connected components chain: a bad pair joins two good groups for ever. So groups are
//! joined by average linkage (Sokal and Michener 1958) on the evidence in bits: the strongest first, and only while
//! the evidence between all their records, for and against, is on average for it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::hash::BuildHasherDefault;

use hashbrown::HashMap;

use crate::field::Mixed;

/// Evidence of one pair counts no more than this in either direction: one pair must not outvote all others.
const BITS_MOST: f32 = 20.0;
/// Records of a component all of whose pairs are scored; in larger ones pairs that no block brought count as unlike.
pub(crate) const COMPLETE_MOST: usize = 2000;
/// The same where somebody waits for one record to find its place.
pub(crate) const COMPLETE_SOON: usize = 300;
/// Evidence of a pair in a large component that no block brought.
const UNBROUGHT: f32 = -3.0;

/// Evidence of a pair that people decided to be one: it outweighs all that records say.
pub const SAME: f32 = 1e5;
/// Evidence of a pair that people decided not to be one: it outweighs even other decisions.
pub const DIFFERENT: f32 = -1e8;

/// What a pair that people joined weighs while the evidence of the others is heard: too little to join by itself.
const UNHEARD: f32 = -1e-3;

type Sums = HashMap<u32, (f32, u32), BuildHasherDefault<Mixed>>;

/// A pair with its evidence in bits, the threshold taken off: above zero it speaks for being one.
pub type Edge = (u32, u32, f32);

/// Two groups that may be joined.
struct Join {
    mean: f32,
    a: u32,
    b: u32,
    /// How old each group was when this was said; it is of no use once one has changed.
    ages: (u32, u32),
}

impl PartialEq for Join {
    fn eq(&self, other: &Join) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Join {}
impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Join) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Join {
    fn cmp(&self, other: &Join) -> Ordering {
        self.mean.total_cmp(&other.mean).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
    }
}

/// Entities of two or more records each, sorted; `score` gives the evidence of any pair. Records with a common sign (if
/// there are `signs`) are never of one.
pub(crate) fn entities(records: usize, edges: &[Edge], signs: &[u8], complete: usize, score: &dyn Fn(u32, u32) -> f32) -> Vec<Vec<u32>> {
    let mut entities = Vec::new();
    for (members, edges) in components(records, edges) {
        if members.len() == 2 {
            entities.push(members);
        } else {
            entities.extend(divide(&members, &edges, signs, complete, score));
        }
    }
    entities.sort_unstable();
    entities
}

/// Evidence within its bounds; decisions have none.
fn bounded(bits: f32) -> f32 {
    if bits == SAME || bits == DIFFERENT { bits } else { bits.clamp(-BITS_MOST, BITS_MOST) }
}

/// Connected components of the edges that speak for it, each with its members and edges.
fn components(records: usize, edges: &[Edge]) -> Vec<(Vec<u32>, Vec<Edge>)> {
    let mut parents: Vec<u32> = (0..records as u32).collect();
    for (a, b, _) in edges.iter().filter(|edge| edge.2 >= 0.0) {
        let (a, b) = (root(&mut parents, *a), root(&mut parents, *b));
        parents[a.max(b) as usize] = a.min(b);
    }
    let mut members: HashMap<u32, (Vec<u32>, Vec<Edge>), BuildHasherDefault<Mixed>> = HashMap::default();
    for record in edges.iter().filter(|edge| edge.2 >= 0.0).flat_map(|(a, b, _)| [*a, *b]) {
        let group = root(&mut parents, record);
        members.entry(group).or_default().0.push(record);
    }
    for edge in edges {
        let (a, b) = (root(&mut parents, edge.0), root(&mut parents, edge.1));
        if let Some(group) = members.get_mut(&a).filter(|_| a == b) {
            group.1.push(*edge);
        }
    }
    let mut components: Vec<(Vec<u32>, Vec<Edge>)> = members.into_values().collect();
    components.iter_mut().for_each(|(members, _)| {
        members.sort_unstable();
        members.dedup();
    });
    components.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    components
}

fn root(parents: &mut [u32], mut record: u32) -> u32 {
    while parents[record as usize] != record {
        let above = parents[parents[record as usize] as usize];
        parents[record as usize] = above;
        record = above;
    }
    record
}

/// One component by average linkage.
fn divide(members: &[u32], edges: &[Edge], signs: &[u8], complete: usize, score: &dyn Fn(u32, u32) -> f32) -> Vec<Vec<u32>> {
    let place = |record: u32| members.binary_search(&record).unwrap_or(0) as u32;
    let mut sums: Vec<Sums> = (0..members.len()).map(|_| Sums::default()).collect();
    let mut same = Vec::new();
    let mut put = |a: u32, b: u32, bits: f32| {
        if bits == SAME {
            same.push((a, b));
        }
        let bits = if bits == SAME { UNHEARD } else { bounded(bits) };
        sums[a as usize].insert(b, (bits, 1));
        sums[b as usize].insert(a, (bits, 1));
    };
    if members.len() <= complete {
        for (a, left) in members.iter().enumerate() {
            for (b, right) in members.iter().enumerate().skip(a + 1) {
                put(a as u32, b as u32, score(*left, *right));
            }
        }
    } else {
        edges.iter().for_each(|(a, b, bits)| put(place(*a), place(*b), *bits));
    }
    let apart = |a: u32, b: u32| score(members[a as usize], members[b as usize]) == DIFFERENT;
    let signs = members.iter().map(|record| signs.get(*record as usize).copied().unwrap_or(0)).collect();
    let groups = unite(join(sums, signs), &same, &apart);
    groups.into_iter().filter(|group| group.len() > 1).map(|group| group.into_iter().map(|at| members[at as usize]).collect()).collect()
}

/// Groups that people said to be one, each with all it has; unless they said that two of their records are not.
fn unite(groups: Vec<Vec<u32>>, same: &[(u32, u32)], apart: &dyn Fn(u32, u32) -> bool) -> Vec<Vec<u32>> {
    if same.is_empty() {
        return groups;
    }
    let mut groups = groups;
    let mut of: HashMap<u32, usize, BuildHasherDefault<Mixed>> = HashMap::default();
    groups.iter().enumerate().for_each(|(at, group)| of.extend(group.iter().map(|record| (*record, at))));
    for (a, b) in same {
        let (Some(x), Some(y)) = (of.get(a).copied(), of.get(b).copied()) else { continue };
        if x == y || groups[x].iter().any(|left| groups[y].iter().any(|right| apart(*left, *right))) {
            continue;
        }
        let moved = std::mem::take(&mut groups[y]);
        of.extend(moved.iter().map(|record| (*record, x)));
        groups[x].extend(moved);
        groups[x].sort_unstable();
    }
    groups
}

fn join(mut sums: Vec<Sums>, mut signs: Vec<u8>) -> Vec<Vec<u32>> {
    let mut groups: Vec<Vec<u32>> = (0..sums.len() as u32).map(|at| vec![at]).collect();
    let mut ages = vec![0u32; sums.len()];
    let mut heap = BinaryHeap::new();
    for (a, others) in sums.iter().enumerate() {
        let a = a as u32;
        heap.extend(others.iter().filter(|(b, sum)| a < **b && sum.0 >= 0.0).map(|(b, sum)| Join { mean: sum.0, a, b: *b, ages: (0, 0) }));
    }
    while let Some(Join { a, b, ages: (age_a, age_b), .. }) = heap.pop() {
        if ages[a as usize] != age_a || ages[b as usize] != age_b || signs[a as usize] & signs[b as usize] != 0 {
            continue;
        }
        signs[a as usize] |= signs[b as usize];
        let moved = std::mem::take(&mut groups[b as usize]);
        groups[a as usize].extend(moved);
        ages[a as usize] += 1;
        ages[b as usize] = u32::MAX;
        let mut others: Vec<(u32, (f32, u32))> = std::mem::take(&mut sums[b as usize]).into_iter().collect();
        others.sort_unstable_by_key(|(other, _)| *other);
        sums[a as usize].remove(&b);
        for (other, sum) in others.into_iter().filter(|(other, _)| *other != a) {
            sums[other as usize].remove(&b);
            let mine = sums[a as usize].entry(other).or_insert((0.0, 0));
            *mine = (mine.0 + sum.0, mine.1 + sum.1);
            let mine = *mine;
            sums[other as usize].insert(a, mine);
        }
        for (other, (sum, known)) in &sums[a as usize] {
            let pairs = (groups[a as usize].len() * groups[*other as usize].len()) as f32;
            let mean = (sum + (pairs - *known as f32) * UNBROUGHT) / pairs;
            if mean >= 0.0 {
                let (first, second) = (a.min(*other), a.max(*other));
                heap.push(Join { mean, a: first, b: second, ages: (ages[first as usize], ages[second as usize]) });
            }
        }
    }
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups
}

/// The evidence that an entity is one: the mean over its pairs, of many pairs over those that bind each record to the next.
pub(crate) fn cohesion(entity: &[u32], score: &dyn Fn(u32, u32) -> f32) -> f32 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (at, a) in entity.iter().enumerate() {
        let others = entity.iter().skip(at + 1);
        let others = others.take(if entity.len() <= COMPLETE_MOST { usize::MAX } else { 8 });
        for b in others {
            sum += bounded(score(*a, *b));
            pairs += 1.0;
        }
    }
    if pairs > 0.0 { (sum / pairs).max(0.0) } else { 0.0 }
}
