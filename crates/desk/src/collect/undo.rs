//! Corrections taken back: the corrected rows leave the standard layer by a batch of their own, the rows whose place they
//! had taken come back with it, and the refused rows are open again.
//!
//! A row that is not by the correction any more stays: the source has delivered it, or a newer one of its key. As with
//! corrections, the act is written down before its batch is committed and ended after.

use std::collections::{HashMap, HashSet};

use ::collect::check::{Hash, Restored, Table, from_raw};
use ::collect::{Ledger, RawBatch};
use futures::TryStreamExt;
use kernel::RunId;
use serde_json::json;
use store::correction::{CorrectedRow, Correction};
use store::undoing::Undoing;

use super::correct::{Record, batch_of, from_json, record};
use super::land;
use super::run::{Run, RunError};
use super::alone;
use crate::correct::RowPlace;
use crate::corrections::Undone;
use crate::log::RECOVERY;
use crate::port::TableName;
use crate::view::Account;
use crate::{Answer, Desk, internal};

/// What a batch holds, and what is to be done beside it.
#[derive(Default)]
struct Plan {
    /// Rows that leave, with the hash they were committed with.
    leave: Vec<(Record, Hash)>,
    /// Hashes of rows that come back, each found in raw before this batch.
    back: Vec<(Hash, i64)>,
    /// Rows that stay and are written again: equal ones can only leave together.
    again: Vec<(Record, Hash)>,
    /// Refused rows that are open again.
    reopened: Vec<RowPlace>,
    /// Rows that are not by the correction any more.
    superseded: Vec<RowPlace>,
}

impl Desk {
    /// Takes a correction back, or these rows of it.
    pub(crate) async fn take_back(&self, who: &Account, correction: &Correction, places: Option<&[RowPlace]>) -> Answer<Undone> {
        let _alone = alone(&self.0.data_dir, &correction.resource).await?;
        let rows = self.store().corrected_rows(&correction.id).await.map_err(internal)?;
        let meant = |row: &CorrectedRow| places.is_none_or(|places| places.contains(&row.into()));
        let (rows, already): (Vec<_>, Vec<_>) = rows.into_iter().filter(meant).partition(|row| row.undone.is_none());
        let already = already.iter().map(RowPlace::from).collect();
        if rows.is_empty() {
            return Ok(Undone { already, ..Undone::default() });
        }
        let mut run = self.begin_run(&correction.resource, "undo").await?;
        let done = self.take_back_rows(&mut run, who, correction, rows).await;
        self.close_with(run, done.map(|undone| Undone { already, ..undone })).await
    }

    async fn take_back_rows(&self, run: &mut Run, who: &Account, correction: &Correction, rows: Vec<CorrectedRow>) -> Result<Undone, RunError> {
        let carried = self.recover(run).await?;
        let mut ledger = self.fill_ledger(run).await?;
        let mut table = Table::new(&run.city, &run.resource)?;
        // What a dead process had begun is settled now, and may have been this very act.
        let standing = self.store().corrected_rows(&correction.id).await?;
        let standing: HashSet<RowPlace> = standing.iter().filter(|row| row.undone.is_none()).map(RowPlace::from).collect();
        let (rows, settled): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| standing.contains(&row.into()));
        let mut plan = self.plan(&mut table, &mut ledger, correction, rows).await?;
        let undone = Undone { reopened: plan.reopened.len() as u64 + settled.len() as u64, superseded: std::mem::take(&mut plan.superseded), already: Vec::new() };
        if plan.reopened.is_empty() {
            return Ok(undone);
        }
        let id = RunId::new(self.now(), self.chance()).0;
        let seq = carried.seq + 1;
        let landed = match plan.leave.is_empty() {
            true => None,
            false => {
                let restored = self.batch(&run.resource.id, &table, &plan, &id).await?;
                let stamp = land::Stamp { system: &run.resource.system, run: &run.id, seq, now: self.now() };
                Some(land::take_back(&mut table, &run.resource, &mut ledger, &restored, &stamp)?)
            }
        };
        let undoing = Undoing {
            id: id.clone(),
            correction: correction.id.clone(),
            resource: run.resource.id.clone(),
            who: who.name.clone(),
            batch: seq,
            begun: self.now(),
            ended: None,
        };
        let places = plan.reopened.iter().map(|place| (place.batch, place.row)).collect();
        self.store().begin_undoing(undoing, places).await?;
        if let Some(landed) = landed {
            self.commit(run, landed).await?;
        }
        let detail = json!({ "correction": correction.id, "rows": undone.reopened });
        self.logging_as(who, "row.undo", &self.resource_object(&run.resource.id), detail).end_undoing(&id, self.now()).await?;
        Ok(undone)
    }

    async fn plan(&self, table: &mut Table, ledger: &mut Ledger, correction: &Correction, rows: Vec<CorrectedRow>) -> Result<Plan, RunError> {
        let mut plan = Plan::default();
        let meant: HashSet<RowPlace> = rows.iter().map(RowPlace::from).collect();
        let keys = keys_of(table, &rows)?;
        let mut leaving: HashMap<Hash, (Record, u64)> = HashMap::new();
        for (row, key) in rows.iter().zip(keys) {
            if row.confirmed.is_some() || row.gave_way.is_some() {
                plan.superseded.push(row.into());
                continue;
            }
            if !row.landed {
                // It had been here before the correction, and stays.
                plan.reopened.push(row.into());
                continue;
            }
            if ledger.stands(key, row.new_hash)? == 0 {
                plan.superseded.push(row.into());
                continue;
            }
            plan.reopened.push(row.into());
            if !table.keyed() {
                leaving.entry(row.new_hash).or_insert_with(|| (from_json(&row.after), 0)).1 += 1;
                continue;
            }
            let others = self.store().standing_as(&correction.resource, row.new_hash).await?;
            if others.iter().any(|(id, other)| *id != correction.id || !meant.contains(&other.into())) {
                // Another correction has come to the same row, which stays by that.
                continue;
            }
            plan.leave.push((from_json(&row.after), row.new_hash));
            if let Some(displaced) = row.displaced {
                plan.back.push((displaced, correction.batch));
            }
        }
        for (hash, (record, count)) in leaving {
            let copies = ledger.stands(None, hash)?;
            plan.leave.extend((0..copies).map(|_| (record.clone(), hash)));
            plan.again.extend((count..copies).map(|_| (record.clone(), hash)));
        }
        Ok(plan)
    }

    /// The plan as a batch: first what leaves, then what comes back.
    async fn batch(&self, resource: &str, table: &Table, plan: &Plan, id: &str) -> Result<Restored, RunError> {
        let back = self.records_by_hash(resource, &plan.back).await?;
        let all = plan.leave.iter().chain(&back).chain(&plan.again);
        let (records, hash): (Vec<Record>, Vec<Hash>) = all.cloned().unzip();
        // Read back, the rows stand in the order of their lines.
        let lines = (1..=records.len() as u64).collect();
        let batch = RawBatch { removed: (0..plan.leave.len()).collect(), ..batch_of(&records, table.item_names(), &file_of(id), lines) };
        Ok(Restored { batch, hash })
    }

    /// Records of raw by their hashes, each from a batch before the one named.
    async fn records_by_hash(&self, resource: &str, wanted: &[(Hash, i64)]) -> Result<Vec<(Record, Hash)>, RunError> {
        let Some(before) = wanted.iter().map(|(_, batch)| *batch).max() else { return Ok(Vec::new()) };
        let hashes: HashSet<Hash> = wanted.iter().map(|(hash, _)| *hash).collect();
        let mut found: HashMap<Hash, Record> = HashMap::new();
        for seq in (1..before).rev() {
            if found.len() == hashes.len() {
                break;
            }
            let mut rows = self.0.ports.lake.scan(&TableName::raw(resource), None, Some(seq)).await?;
            while let Some(rows) = rows.try_next().await? {
                for restored in from_raw(&rows)? {
                    let hits = restored.hash.iter().enumerate().filter(|(row, hash)| hashes.contains(*hash) && !restored.batch.is_removed(*row));
                    for (row, hash) in hits {
                        found.entry(*hash).or_insert_with(|| record(&restored.batch, row));
                    }
                }
            }
        }
        let take = |(hash, _): &(Hash, i64)| {
            let record = found.get(hash).cloned();
            record.map(|record| (record, *hash)).ok_or_else(|| RunError::Broken(format!("raw.{resource}: a displaced row is not to be found")))
        };
        wanted.iter().map(take).collect()
    }

    /// What became of the acts that a dead process left open.
    pub(super) async fn settle_open_undoings(&self, resource: &str, last_seq: i64) -> Result<(), RunError> {
        for open in self.store().open_undoings(resource).await? {
            let landed = open.batch <= last_seq && self.is_in_raw(resource, open.batch, &file_of(&open.id)).await?;
            match landed {
                true => {
                    let detail = json!({ "correction": open.correction, "who": open.who });
                    self.logging_as(RECOVERY, "row.undo", &self.resource_object(resource), detail).end_undoing(&open.id, self.now()).await?;
                }
                false => self.store().withdraw_undoing(&open.id).await?,
            }
        }
        Ok(())
    }
}

/// The keys of corrected rows under the declaration as it is now.
fn keys_of(table: &mut Table, rows: &[CorrectedRow]) -> Result<Vec<Option<Hash>>, RunError> {
    let records: Vec<Record> = rows.iter().map(|row| from_json(&row.after)).collect();
    let batch = RawBatch { removed: (0..rows.len()).collect(), ..batch_of(&records, table.item_names(), "", vec![0; rows.len()]) };
    let hash = rows.iter().map(|row| row.new_hash).collect();
    Ok(table.check_restored(&Restored { batch, hash })?.key)
}

/// What the rows of such a batch are read from, as the raw layer keeps it.
pub(super) fn file_of(undoing: &str) -> String {
    format!("{PREFIX}{undoing}")
}

/// Whether rows were written to take a correction back.
pub(crate) fn is_undo(file: &str) -> bool {
    file.starts_with(PREFIX)
}

const PREFIX: &str = "undo:";
