//! Blocks: records that agree in the keys of a rule. Pairs come from blocks; a pair that an earlier rule brings is
//! not brought again, and blocks too large to say anything are cut.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::key::{Key, Part};
use crate::scatter::{Entry, shared, sorted};
use crate::table::Side;

/// Records that agree in all of these keys are compared. No key at all: every pair is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub keys: Vec<Key>,
}

impl Rule {
    /// Whether every pair of this rule is one of the other's: it asks for the same, and perhaps for more.
    pub fn is_within(&self, other: &Rule) -> bool {
        let asks = |wanted: &Key| self.keys.iter().any(|key| key.comparison == wanted.comparison && (key.part == wanted.part || key.part == Part::Whole));
        other.keys.iter().all(asks)
    }

    /// Whether it asks for whole values only.
    pub fn is_whole(&self) -> bool {
        self.keys.iter().all(|key| key.part == Part::Whole)
    }

    pub fn uses(&self, comparison: usize) -> bool {
        self.keys.iter().any(|key| key.comparison == comparison)
    }
}

/// The key of every record under a rule without keys.
pub(crate) const NO_KEY: u64 = 1;
/// How many blocks one worker takes at a time.
const STRIDE: usize = 64;

/// The blocks of one rule.
pub(crate) struct Blocks {
    /// Records of one block after the other, left ones before right ones, each in order.
    records: Vec<u32>,
    spans: Vec<Span>,
    /// Pairs in all blocks, those that come more than once counted each time.
    pub pairs: u64,
    /// Keys of blocks that were cut for their size, sorted, and the records in them.
    pub cut: Vec<u64>,
    pub cut_records: u64,
}

/// The key of a block, where it begins among the records, where its right side does, and where it ends. Of one file
/// there is no right side.
#[derive(Clone, Copy)]
struct Span {
    key: u64,
    from: u32,
    right: u32,
    to: u32,
}

/// Which keys each record has under each rule, for telling whether an earlier rule brings a pair.
pub(crate) struct Brought {
    rules: Vec<Keys>,
}

enum Keys {
    All,
    One(Vec<u64>),
    Many { keys: Vec<u64>, ends: Vec<u32> },
}

impl Blocks {
    /// Blocks of all records with at most so many pairs each.
    pub fn new(field: &Field, rule: &Rule, most: u64) -> Blocks {
        let mut entries = Vec::with_capacity(field.records.len());
        field.all_keys(rule, &mut |key, record| entries.push((key, record)));
        Blocks::of(field, entries, most)
    }

    /// Without the blocks of these keys, which are sorted.
    pub fn without(mut self, keys: &[u64]) -> Blocks {
        self.spans.retain(|span| keys.binary_search(&span.key).is_err());
        self
    }

    /// Blocks of records with their keys.
    pub fn of(field: &Field, mut entries: Vec<Entry>, most: u64) -> Blocks {
        // Most values that tell much are of one record only, and make no block.
        shared(&mut entries);
        let entries = sorted(&entries);
        let mut blocks = Blocks { records: Vec::with_capacity(entries.len()), spans: Vec::new(), pairs: 0, cut: Vec::new(), cut_records: 0 };
        for block in entries.chunk_by(|a, b| a.0 == b.0) {
            blocks.take(field, block, most);
        }
        blocks
    }

    /// Takes the records of one key, if there are pairs among them and not too many.
    fn take(&mut self, field: &Field, block: &[Entry], most: u64) {
        let Some((key, _)) = block.first().copied() else { return };
        let is_left = |record: &u32| !field.is_two() || field.side(*record) == Side::Left;
        let records = block.iter().map(|entry| entry.1);
        let all = block.len() as u64;
        let left = records.clone().filter(is_left).count() as u64;
        let pairs = if field.is_two() { left * (all - left) } else { all * (all - 1) / 2 };
        if pairs > most {
            self.cut.push(key);
            self.cut_records += all;
        } else if pairs > 0 {
            let from = self.records.len() as u32;
            self.records.extend(records.clone().filter(is_left));
            self.records.extend(records.filter(|record| !is_left(record)));
            self.spans.push(Span { key, from, right: from + left as u32, to: from + all as u32 });
            self.pairs += pairs;
        }
    }

    /// Calls for every pair of every block whose key is below the share, the smaller record first. Each worker has
    /// a state of its own; all are given back.
    pub fn each<S: Send>(&self, two: bool, threads: usize, share: f64, state: impl Fn() -> S + Sync, pair: impl Fn(&mut S, u64, u32, u32) + Sync) -> Vec<S> {
        let next = AtomicUsize::new(0);
        let limit = if share >= 1.0 { u64::MAX } else { (share * u64::MAX as f64) as u64 };
        let work = || {
            let mut state = state();
            loop {
                let at = next.fetch_add(STRIDE, Ordering::Relaxed);
                if at >= self.spans.len() {
                    return state;
                }
                for span in self.spans.iter().skip(at).take(STRIDE) {
                    // Mixed again, because keys of many blocks begin alike only by chance, those of words do not.
                    if span.key.wrapping_mul(0x9e37_79b9_7f4a_7c15) <= limit {
                        self.each_in(span, two, &mut |a, b| pair(&mut state, span.key, a, b));
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
            // A worker that panicked makes the whole fail: half an answer is none.
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    fn each_in(&self, span: &Span, two: bool, pair: &mut impl FnMut(u32, u32)) {
        let part = |from: u32, to: u32| self.records.get(from as usize..to as usize).unwrap_or_default();
        if two {
            let (left, right) = (part(span.from, span.right), part(span.right, span.to));
            left.iter().for_each(|a| right.iter().for_each(|b| pair(*a.min(b), *a.max(b))));
            return;
        }
        let block = part(span.from, span.to);
        for (at, a) in block.iter().enumerate() {
            // In order, so the second is the larger one.
            block.iter().skip(at + 1).for_each(|b| pair(*a, *b));
        }
    }

    /// Every record of every block with its key.
    fn kept(&self) -> impl Iterator<Item = (u32, u64)> {
        let of = |span: &Span| self.records.get(span.from as usize..span.to as usize).unwrap_or_default();
        self.spans.iter().flat_map(move |span| of(span).iter().map(|record| (*record, span.key)))
    }
}

impl Brought {
    pub fn new() -> Brought {
        Brought { rules: Vec::new() }
    }

    /// Notes the keys of a rule's blocks; what was cut is no key.
    pub fn add(&mut self, field: &Field, rule: &Rule, blocks: &Blocks) {
        let records = field.records.len();
        if rule.keys.is_empty() {
            self.rules.push(Keys::All);
            return;
        }
        if !field.has_many_keys(rule) {
            let mut keys = vec![0u64; records];
            blocks.kept().for_each(|(record, key)| keys[record as usize] = key);
            self.rules.push(Keys::One(keys));
            return;
        }
        let mut pairs: Vec<(u32, u64)> = blocks.kept().collect();
        pairs.sort_unstable();
        let (mut keys, mut ends, mut at) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(records), 0);
        for record in 0..records as u32 {
            while pairs.get(at).is_some_and(|pair| pair.0 == record) {
                keys.push(pairs[at].1);
                at += 1;
            }
            ends.push(keys.len() as u32);
        }
        self.rules.push(Keys::Many { keys, ends });
    }

    /// Whether the pair, found under this key of this rule, was not found before: by an earlier rule, or under a
    /// smaller key of the same one.
    pub fn is_new(&self, rule: usize, key: u64, a: u32, b: u32) -> bool {
        self.rules.iter().take(rule).all(|keys| keys.common(a, b).is_none())
            && self.rules.get(rule).and_then(|keys| keys.common(a, b)).is_none_or(|smallest| smallest == key)
    }
}

impl Keys {
    /// The smallest key that both records have.
    fn common(&self, a: u32, b: u32) -> Option<u64> {
        let (a, b) = (a as usize, b as usize);
        match self {
            Keys::All => Some(NO_KEY),
            Keys::One(keys) => (keys[a] == keys[b] && keys[a] != 0).then_some(keys[a]),
            Keys::Many { keys, ends } => {
                let of = |at: usize| keys.get(if at == 0 { 0 } else { ends[at - 1] as usize }..ends[at] as usize).unwrap_or_default();
                let (mut x, mut y) = (of(a), of(b));
                while let (Some((p, xs)), Some((q, ys))) = (x.split_first(), y.split_first()) {
                    match p.cmp(q) {
                        std::cmp::Ordering::Equal => return Some(*p),
                        std::cmp::Ordering::Less => x = xs,
                        std::cmp::Ordering::Greater => y = ys,
                    }
                }
                None
            }
        }
    }
}
