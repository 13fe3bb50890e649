//! Corrections: refused rows, mended by staff, go through the same checks and land as a batch of their own.
//!
//! The refused record stays in raw as it came; the corrected one is a new raw record whose `_file` names the correction.
//! As with pushes, the correction is written down before its rows are committed and ended after, together with the
//! settlement of the refused rows; what a dead process left open is found out from raw.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ::collect::{RawBatch, Verdict};
use ::collect::check::{Hash, Table, from_raw};
use arrow_array::{Array, StringArray};
use data::standard::Fault;
use futures::TryStreamExt;
use kernel::{RunId, Text};
use serde_json::{Map, Value, json};
use store::correction::{CorrectedRow, Correction};
use store::quarantine::QuarantineRow;

use super::land::{self, Origin};
use super::run::{Run, RunError};
use super::{alone, refusal};
use crate::correct::{Corrected, Mended, RowPlace, StillWrong};
use crate::log::RECOVERY;
use crate::port::TableName;
use crate::view::Account;
use crate::{Answer, Desk, DeskError};

/// Rows mended at once at most.
pub(crate) const ROWS_MAX: usize = 10_000;

/// Fields of a raw record, by column; `None` where the source had none.
pub(crate) type Record = BTreeMap<String, Option<String>>;

/// Mended rows on their way.
struct Work {
    refused: Vec<QuarantineRow>,
    before: Vec<Record>,
    after: Vec<Record>,
}

impl Desk {
    /// Lands the rows that are right now; tells what is still wrong with the others, which stay as they are.
    pub(crate) async fn land_corrections(&self, who: &Account, resource: &str, mended: Vec<Mended>, reason: &str, origin: &'static str) -> Answer<Corrected> {
        let _alone = alone(&self.0.data_dir, resource).await?;
        let mut run = self.begin_run(resource, "correction").await?;
        let done = self.correct_rows(&mut run, who, mended, reason, origin).await;
        self.close_with(run, done).await
    }

    /// What would become of mended rows, without landing any.
    pub(crate) async fn try_corrections(&self, resource: &str, mended: Vec<Mended>) -> Answer<Corrected> {
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        let tried = async {
            let (mut work, gone) = self.work_on(resource, mended).await?;
            let wrong = drop_wrong(&mut Table::new(&city, declared)?, &mut work)?;
            Ok(Corrected { landed: work.refused.len() as u64, wrong, gone, ..Corrected::default() })
        };
        tried.await.map_err(|error: RunError| refusal(&error))
    }

    async fn correct_rows(&self, run: &mut Run, who: &Account, mended: Vec<Mended>, reason: &str, origin: &'static str) -> Result<Corrected, RunError> {
        let carried = self.recover(run).await?;
        let (mut work, gone) = self.work_on(&run.resource.id, mended).await?;
        let mut table = Table::new(&run.city, &run.resource)?;
        let mut answer = Corrected { gone, ..Corrected::default() };
        answer.wrong = drop_wrong(&mut table, &mut work)?;
        if work.refused.is_empty() {
            return Ok(answer);
        }
        let id = RunId::new(self.now(), self.chance()).0;
        let batch = raw_batch(&mut table, &work, &id)?;
        let mut ledger = self.fill_ledger(run).await?;
        if !table.keyed() {
            ledger.forget_rows();
        }
        ledger.begin_delivery();
        let landing = Origin { system: run.resource.system.clone(), run: run.id.clone(), next_seq: carried.seq + 1 };
        let checked = table.check(&batch);
        let (mut landed, _, verdicts) = land::take(&table, &run.resource, &mut ledger, &batch, &landing, self.now())?;
        // It is we who deliver these.
        landed.confirmed.clear();
        let rows = corrected_rows(&work, &checked.hash, &checked.key, &verdicts);
        let correction = Correction {
            id: id.clone(),
            resource: run.resource.id.clone(),
            who: who.name.clone(),
            reason: reason.to_owned(),
            origin: origin.to_owned(),
            edits: false,
            batch: landed.seq,
            begun: self.now(),
            ended: None,
            undone: None,
            undone_by: None,
        };
        (answer.landed, answer.unchanged) = (landed.counts.landed, landed.counts.unchanged);
        self.store().begin_correction(correction, rows).await?;
        self.commit(run, landed).await?;
        let detail = json!({ "correction": id, "rows": answer.landed, "reason": reason, "by": origin });
        let store = self.logging_as(who, "row.correct", &self.resource_object(&run.resource.id), detail);
        store.end_correction(&id, self.now()).await?;
        answer.correction = Some(id);
        Ok(answer)
    }

    /// The open refused rows that are meant, with the records as they came and as they are to be; and those that are not
    /// open any more.
    async fn work_on(&self, resource: &str, mended: Vec<Mended>) -> Result<(Work, Vec<RowPlace>), RunError> {
        let (mut work, mut gone) = (Work { refused: Vec::new(), before: Vec::new(), after: Vec::new() }, Vec::new());
        let mut changes = Vec::new();
        for row in mended {
            match self.store().quarantine_row(resource, row.place.batch, row.place.row).await? {
                Some(found) => {
                    work.refused.push(found);
                    changes.push(row.values);
                }
                None => gone.push(row.place),
            }
        }
        work.before = self.records_of(resource, &work.refused).await?;
        for (before, values) in work.before.iter().zip(changes) {
            let mut after = before.clone();
            after.extend(values);
            work.after.push(after);
        }
        Ok((work, gone))
    }

    /// The raw records of refused rows, in their order. One that raw does not hold is empty.
    pub(crate) async fn records_of(&self, resource: &str, refused: &[QuarantineRow]) -> Result<Vec<Record>, RunError> {
        let places: Vec<(i64, Hash)> = refused.iter().map(|row| (row.batch, row.hash)).collect();
        self.records_at(resource, &places).await
    }

    /// The raw records with these hashes, each in the batch named, in their order. One that raw does not hold is empty.
    pub(crate) async fn records_at(&self, resource: &str, places: &[(i64, Hash)]) -> Result<Vec<Record>, RunError> {
        let batches: BTreeSet<i64> = places.iter().map(|(batch, _)| *batch).collect();
        let mut found: HashMap<(i64, Hash), Record> = HashMap::new();
        for batch in batches {
            let wanted: BTreeSet<Hash> = places.iter().filter(|(of, _)| *of == batch).map(|(_, hash)| *hash).collect();
            let mut rows = self.0.ports.lake.scan(&TableName::raw(resource), None, Some(batch)).await?;
            while let Some(rows) = rows.try_next().await? {
                for restored in from_raw(&rows)? {
                    let hits = restored.hash.iter().enumerate().filter(|(_, hash)| wanted.contains(*hash));
                    found.extend(hits.map(|(row, hash)| ((batch, *hash), record(&restored.batch, row))));
                }
            }
        }
        Ok(places.iter().map(|place| found.get(place).cloned().unwrap_or_default()).collect())
    }

    /// What became of the corrections that a dead process left open.
    pub(crate) async fn settle_open_corrections(&self, resource: &str, last_seq: i64) -> Result<(), RunError> {
        for open in self.store().open_corrections(resource).await? {
            let landed = open.batch <= last_seq && self.is_in_raw(resource, open.batch, &file_of(&open.id)).await?;
            match landed {
                true => {
                    let act = if open.edits { "row.edit" } else { "row.correct" };
                    let detail = json!({ "correction": open.id, "who": open.who, "reason": open.reason, "by": open.origin });
                    self.logging_as(RECOVERY, act, &self.resource_object(resource), detail).end_correction(&open.id, self.now()).await?;
                }
                false => self.store().withdraw_correction(&open.id).await?,
            }
        }
        Ok(())
    }
}

/// Takes the rows out that are still wrong, each with its faults. Two rows that now contradict each other are both wrong.
fn drop_wrong(table: &mut Table, work: &mut Work) -> Result<Vec<StillWrong>, RunError> {
    let batch = raw_batch(table, work, "")?;
    let checked = table.check(&batch);
    let mut faults: BTreeMap<usize, Vec<Fault>> = checked.refused.into_iter().collect();
    let mut first: HashMap<Hash, (usize, Hash)> = HashMap::new();
    for (row, (key, hash)) in checked.key.iter().zip(&checked.hash).enumerate() {
        let Some(key) = key else { continue };
        match first.get(key) {
            Some((other, same)) if same != hash => {
                faults.entry(*other).or_default().push(contradiction());
                faults.entry(row).or_default().push(contradiction());
            }
            Some(_) => {}
            None => drop(first.insert(*key, (row, *hash))),
        }
    }
    let told = faults.iter().filter_map(|(row, faults)| {
        Some(StillWrong { place: work.refused.get(*row)?.into(), faults: faults.clone() })
    });
    let wrong = told.collect();
    let keeps = |row: usize| !faults.contains_key(&row);
    work.refused = keep(std::mem::take(&mut work.refused), keeps);
    work.before = keep(std::mem::take(&mut work.before), keeps);
    work.after = keep(std::mem::take(&mut work.after), keeps);
    Ok(wrong)
}

pub(super) fn keep<T>(all: Vec<T>, keeps: impl Fn(usize) -> bool) -> Vec<T> {
    all.into_iter().enumerate().filter(|(row, _)| keeps(*row)).map(|(_, one)| one).collect()
}

/// The records as they are to be, as one batch with the columns of the raw table, bound.
fn raw_batch(table: &mut Table, work: &Work, id: &str) -> Result<RawBatch, RunError> {
    let lines = work.refused.iter().map(|row| row.line).collect();
    let batch = batch_of(&work.after, table.item_names(), &file_of(id), lines);
    table.bind_stored(&batch.fields)?;
    Ok(batch)
}

fn corrected_rows(work: &Work, hashes: &[Hash], keys: &[Option<Hash>], verdicts: &[Verdict]) -> Vec<CorrectedRow> {
    let rows = work.refused.iter().zip(&work.before).zip(&work.after).zip(hashes).zip(keys).zip(verdicts);
    rows.map(|(((((refused, before), after), hash), key), verdict)| CorrectedRow {
        batch: refused.batch,
        row: refused.row,
        hash: refused.hash,
        new_hash: *hash,
        new_key: *key,
        before: json(before),
        after: json(after),
        landed: verdict.is_current(),
        displaced: match verdict {
            Verdict::Replace { old_hash } => Some(*old_hash),
            _ => None,
        },
        confirmed: None,
        gave_way: None,
        undone: None,
    })
    .collect()
}

pub(super) fn json(record: &Record) -> String {
    let value = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    Value::Object(record.iter().map(|(name, text)| (name.clone(), value(text))).collect::<Map<_, _>>()).to_string()
}

/// The fields of a record that was written down.
pub(crate) fn from_json(text: &str) -> Record {
    let fields: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let value = |value: Value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    fields.into_iter().map(|(name, found)| (name, value(found))).collect()
}

/// Records as a batch, with a column for each field that one of them has or the resource declares.
pub(super) fn batch_of(records: &[Record], declared: Vec<String>, file: &str, lines: Vec<u64>) -> RawBatch {
    let mut names: BTreeSet<&String> = records.iter().flat_map(BTreeMap::keys).collect();
    names.extend(&declared);
    let column = |name: &String| records.iter().map(|record| record.get(name).cloned().flatten()).collect::<StringArray>();
    RawBatch {
        columns: names.iter().map(|name| column(name)).collect(),
        fields: names.into_iter().cloned().collect(),
        file: file.into(),
        lines,
        bytes: None,
        faults: Vec::new(),
        removed: Vec::new(),
    }
}

pub(super) fn record(batch: &RawBatch, row: usize) -> Record {
    let cell = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
    batch.fields.iter().cloned().zip(batch.columns.iter().map(cell)).collect()
}

/// What corrected rows are read from, as the raw layer keeps it.
pub(crate) fn file_of(correction: &str) -> String {
    format!("correction:{correction}")
}

/// Whether rows were read from a correction.
pub(super) fn is_correction(file: &str) -> bool {
    file.starts_with("correction:")
}

fn contradiction() -> Fault {
    Fault {
        code: "key.duplicate".to_owned(),
        item: String::new(),
        found: String::new(),
        message: Text::new(
            "更正后有两行主键相同而内容不同，只能保留一行。",
            "After the correction two rows have the same key and differ; only one of them can stay.",
        ),
    }
}
