//! Several members of an archive read one after another as one table: a folder of deliveries packed together.

use std::collections::VecDeque;

use super::input::Input;
use super::{ReadOptions, Records, open_records};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

/// What was decided is kept for so many members; hundreds of files decide the same again and again.
const DECISIONS: usize = 100;

struct Members {
    waiting: VecDeque<Input>,
    options: ReadOptions,
    current: Box<dyn Records>,
    chosen: ReadOptions,
    decisions: Vec<Decision>,
}

/// Opens the files in their order; a single one is itself.
pub(crate) fn open(inputs: Vec<Input>, options: ReadOptions) -> Result<(Box<dyn Records>, Vec<Decision>), CollectError> {
    let mut waiting = VecDeque::from(inputs);
    let Some(first) = waiting.pop_front() else {
        return Err(CollectError::new("file.empty", "", "没有可读的文件", "there is no file to read"));
    };
    let (current, told) = open_records(&first, &options)?;
    let told = told.into_iter().collect();
    if waiting.is_empty() {
        return Ok((current, told));
    }
    let chosen = current.chosen();
    // One table has its records in one place, whichever array is the biggest in each file.
    let options = ReadOptions { records: options.records.clone().or_else(|| chosen.records.clone()), ..options };
    Ok((Box::new(Members { waiting, options, current, chosen, decisions: Vec::new() }), told))
}

fn keep(all: &mut Vec<Decision>, more: Vec<Decision>) {
    for decision in more {
        let known = all.iter().any(|d| d.what == decision.what && d.chosen == decision.chosen);
        if all.len() < DECISIONS && !known {
            all.push(decision);
        }
    }
}

impl Records for Members {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        loop {
            if let Some(batch) = self.current.next(max_rows)? {
                return Ok(Some(batch));
            }
            let Some(next) = self.waiting.pop_front() else {
                return Ok(None);
            };
            keep(&mut self.decisions, self.current.decisions());
            self.current = open_records(&next, &self.options)?.0;
        }
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
        keep(&mut all, self.current.decisions());
        all
    }

    fn chosen(&self) -> ReadOptions {
        self.chosen.clone()
    }
}
