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

    /// The keys of a rule, ready to be asked for record by record.
    pub fn under<'s>(&'s self, rule: &'s Rule) -> Under<'s, 'f, 'r> {
        let columns = rule.keys.iter().map(|key| self.keys.get(key).map(Vec::as_slice).unwrap_or_default()).collect();
        Under { sample: self, rule, columns }
    }

    /// The blocks that a rule makes of the sample, and how many records have what it asks for.
    pub fn blocks(&self, rule: &Rule, most: u64) -> (Blocks, usize) {
        let under = self.under(rule);
        let (mut entries, mut filled) = (Vec::with_capacity(self.records.len()), 0);
        for (place, record) in self.records.iter().enumerate() {
            let before = entries.len();
            under.each(place, &mut |key| entries.push((key, *record)));
            filled += usize::from(entries.len() > before);
        }
        (Blocks::of(self.field, entries, most), filled)
    }
}

/// What the keys of one rule are in each record of a sample.
pub(crate) struct Under<'s, 'f, 'r> {
    sample: &'s Sample<'f, 'r>,
    rule: &'s Rule,
    columns: Vec<&'s [u64]>,
}

impl Under<'_, '_, '_> {
    /// The keys of the record at a place.
    pub fn each(&self, place: usize, found: &mut impl FnMut(u64)) {
        let Some(record) = self.sample.records.get(place) else { return };
        let one = |at: usize, _: u32| self.columns.get(at).and_then(|keys| keys.get(place)).copied().unwrap_or(0);
        self.sample.field.record_keys(self.rule, *record, &one, found);
    }
}
