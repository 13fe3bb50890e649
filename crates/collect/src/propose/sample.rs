//! The first records of a source.

use std::collections::{BTreeMap, HashSet};

use arrow_array::{Array, StringArray};
use kernel::Text;

use crate::source::{Decision, Source};
use crate::{CollectError, RawBatch};

/// Records looked at.
const SAMPLE: usize = 10_000;
/// Text looked at, in bytes, when records are large.
const SAMPLE_BYTES: usize = 64 << 20;
const PREVIEW: usize = 20;

pub(super) struct Sample {
    pub fields: Vec<String>,
    batches: Vec<RawBatch>,
    pub rows: usize,
    /// There are no records beyond it.
    pub whole: bool,
}

impl Sample {
    pub fn take(source: &mut dyn Source) -> Result<Sample, CollectError> {
        let mut sample = Sample { fields: Vec::new(), batches: Vec::new(), rows: 0, whole: false };
        let mut bytes = 0;
        while sample.rows < SAMPLE && bytes < SAMPLE_BYTES {
            let Some(batch) = source.next(SAMPLE - sample.rows)? else {
                sample.whole = true;
                break;
            };
            bytes += batch.columns.iter().map(|c| c.value_data().len()).sum::<usize>();
            sample.rows += batch.rows();
            for field in batch.fields.iter() {
                if !sample.fields.contains(field) {
                    sample.fields.push(field.clone());
                }
            }
            sample.batches.push(batch);
        }
        Ok(sample)
    }

    /// One field of each batch that has it: another file of an archive may have other fields.
    fn columns<'s>(&'s self, field: &'s str) -> impl Iterator<Item = &'s StringArray> {
        self.batches.iter().filter_map(move |b| b.columns.get(b.fields.iter().position(|f| f == field)?))
    }

    /// The values of one field, nulls and refused records left out.
    pub fn values<'s>(&'s self, field: &'s str) -> Vec<&'s str> {
        self.columns(field).flat_map(|c| c.iter().flatten()).collect()
    }

    /// Records that could be read as such.
    pub fn good(&self) -> usize {
        self.rows - self.batches.iter().map(|b| b.faults.len()).sum::<usize>()
    }

    pub fn preview(&self) -> Vec<Vec<Option<String>>> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            let refused: HashSet<usize> = batch.faults.iter().map(|f| f.0).collect();
            let places: Vec<Option<usize>> = self.fields.iter().map(|f| batch.fields.iter().position(|b| b == f)).collect();
            for row in (0..batch.rows()).filter(|row| !refused.contains(row)) {
                if rows.len() == PREVIEW {
                    return rows;
                }
                let cell = |place: &Option<usize>| {
                    let column = batch.columns.get((*place)?)?;
                    column.is_valid(row).then(|| column.value(row).to_owned())
                };
                rows.push(places.iter().map(cell).collect());
            }
        }
        rows
    }

    /// How many lines of the sample are no records, by cause.
    pub fn fault_decision(&self, about: &str) -> Option<Decision> {
        let mut counts = BTreeMap::new();
        for (_, fault) in self.batches.iter().flat_map(|b| &b.faults) {
            *counts.entry(fault.code.as_str()).or_insert(0usize) += 1;
        }
        let list: Vec<String> = counts.iter().map(|(code, n)| format!("{code} × {n}")).collect();
        let n: usize = counts.values().sum();
        (n > 0).then(|| Decision {
            what: "faults".to_owned(),
            about: about.to_owned(),
            chosen: list.join(", "),
            why: Text::new(
                format!("抽样的 {} 行中有 {n} 行不是记录，归集时进入问题数据，不会丢失", self.rows),
                format!("{n} of {} lines looked at are no records; collecting puts them into quarantine, none is lost", self.rows),
            ),
        })
    }
}
