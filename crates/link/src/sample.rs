//! Some of the records with their keys at hand, so that many rules can be tried on them.

use hashbrown::HashMap;

use crate::block::{Blocks, Rule};
use crate::field::Field;
use crate::key::{Key, Part};
use crate::work::shared_out;

/// Records, and for each key what it is in each of them.
pub(crate) struct Sample<'f, 'r> {
    field: &'f Field<'r>,
    records: Vec<u32>,
    keys: HashMap<Key, Vec<u64>, std::hash::BuildHasherDefault<crate::field::Mixed>>,
}

impl<'f, 'r> Sample<'f, 'r> {
    pub fn new(field: &'f Field<'r>, records: Vec<u32>, keys: &[Key], threads: usize) -> Sample<'f, 'r> {
        let columns = shared_out(keys, threads, |key| match key.part {
            Part::Word => Vec::new(),
            _ => records.iter().map(|record| field.key_of(key, *record)).collect(),
        });
        Sample { field, keys: keys.iter().copied().zip(columns).collect(), records }
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The place of a record in the sample, which lies in order.
    pub fn place(&self, record: u32) -> Option<usize> {
        self.records.binary_search(&record).ok()
    }

    /// The keys under a rule of the record at a place.
    pub fn keys_at(&self, rule: &Rule, place: usize, found: &mut impl FnMut(u64)) {
        let Some(record) = self.records.get(place) else { return };
        let one = |at: usize, _: u32| self.keys.get(&rule.keys[at]).and_then(|keys| keys.get(place)).copied().unwrap_or(0);
        self.field.record_keys(rule, *record, &one, found);
    }

    /// The blocks that a rule makes of the sample.
    pub fn blocks(&self, rule: &Rule, most: u64) -> Blocks {
        let mut entries = Vec::with_capacity(self.records.len());
        for (place, record) in self.records.iter().enumerate() {
            self.keys_at(rule, place, &mut |key| entries.push((key, *record)));
        }
        Blocks::of(self.field, entries, most)
    }

    /// The share of records that have all the values a rule asks for.
    pub fn filled(&self, rule: &Rule) -> f64 {
        let filled = |record: &&u32| rule.keys.iter().all(|key| self.field.row(**record)[key.comparison] != 0);
        self.records.iter().filter(filled).count() as f64 / self.records.len().max(1) as f64
    }
}
