//! Replay: the standard layer and the quarantine made once more from raw, under the declaration as it is now.
//!
//! Two walks through raw: the first decides which row of each key is current, the second, backwards, writes those rows.
//! The new table takes the old one's place in one commit, so a replay that is cut off leaves everything as it was, and
//! one that is repeated ends in the same state. On the way raw is compared with the standard layer as it stands.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ::collect::Ledger;
use ::collect::check::{Checked, Restored, Table, from_raw};
use arrow_array::RecordBatch;
use data::City;
use data::declare::Resource;
use futures::TryStreamExt;
use kernel::{Moment, RunId};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::collect::land;
use crate::history::Batch;
use crate::port::{Commit, LakeFailure, TableName};
use crate::{Answer, Desk, DeskError, internal};

/// What a replay found, and what it made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Records in raw.
    pub raw: u64,
    /// Of them, refused when they came, and refused under the declaration as it is now.
    pub refused_then: u64,
    pub refused_now: u64,
    /// Rows of the standard layer as it stood.
    pub standard: u64,
    /// Rows that raw gives.
    pub derived: u64,
    /// Rows of the standard layer that raw does not give, and the other way round. Both 0: they agree.
    pub not_in_raw: u64,
    pub not_in_standard: u64,
    /// Whether the standard layer was written anew.
    pub written: bool,
    /// The same figures for the one run that was asked about.
    pub run: Option<RunFate>,
}

/// What becomes of the records of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunFate {
    pub raw: u64,
    pub refused_then: u64,
    pub refused_now: u64,
    /// Records that are the current rows of their keys.
    pub current: u64,
}

impl Replayed {
    /// Whether the standard layer held just what raw gives.
    pub fn agrees(&self) -> bool {
        self.not_in_raw == 0 && self.not_in_standard == 0
    }
}

/// Batches that wait for the writer.
const AHEAD: usize = 1;

impl Desk {
    /// Makes the standard layer of a resource again from raw; with `write` false it only compares.
    /// `run` asks what becomes of the records of one run. Refused as busy while anything is being collected.
    pub async fn replay(&self, resource: &str, run: Option<&str>, write: bool) -> Answer<Replayed> {
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?.clone();
        let _collecting = self.hold_collections()?;
        let _alone = self.hold_resource(resource).await?;
        let batches = self.batches(resource).await?;
        if run.is_some_and(|run| !batches.iter().any(|batch| batch.run == run)) {
            return Err(DeskError::NotFound);
        }
        let mut replay = Replay::new(self.clone(), city, declared, batches, run.map(str::to_owned))?;
        replay.decide().await?;
        replay.compare().await?;
        if write {
            replay.write().await?;
        }
        Ok(replay.report)
    }
}

/// Whether these are corrected rows taken back that have no key to be known by.
fn undone_by_hash(table: &Table, restored: &Restored) -> bool {
    !table.keyed() && crate::collect::is_undo(&restored.batch.file)
}

/// The hashes of the rows that are told to be gone.
fn removed(restored: &Restored) -> impl Iterator<Item = [u8; 16]> + '_ {
    restored.batch.removed.iter().filter_map(|row| restored.hash.get(*row).copied())
}

struct Replay {
    desk: Desk,
    city: Arc<City>,
    resource: Resource,
    table: Table,
    ledger: Ledger,
    batches: Vec<Batch>,
    run: Option<String>,
    report: Replayed,
    /// Rows without a key that corrections brought and that were taken back: how many of each.
    taken_back: HashMap<[u8; 16], u64>,
}

impl Replay {
    fn new(desk: Desk, city: Arc<City>, resource: Resource, batches: Vec<Batch>, run: Option<String>) -> Answer<Replay> {
        let table = Table::new(&city, &resource).map_err(internal)?;
        let ledger = Ledger::new(&resource);
        let report = Replayed { run: run.as_ref().map(|_| RunFate::default()), ..Replayed::default() };
        Ok(Replay { desk, city, resource, table, ledger, batches, run, report, taken_back: HashMap::new() })
    }

    /// The records of one batch, without the reasons for which items were refused then.
    async fn records(&self, seq: i64) -> Answer<Vec<(Restored, u64)>> {
        let raw = self.desk.0.ports.lake.scan(&TableName::raw(&self.resource.id), None, Some(seq)).await.map_err(internal)?;
        let rows: Vec<RecordBatch> = land::as_one(raw.try_collect().await.map_err(internal)?).map_err(internal)?;
        let mut records = Vec::new();
        for rows in &rows {
            for mut restored in from_raw(rows).map_err(internal)? {
                let refused: HashSet<usize> = restored.batch.faults.iter().map(|(row, _)| *row).collect();
                restored.batch.faults.retain(|(_, fault)| fault.item.is_empty());
                records.push((restored, refused.len() as u64));
            }
        }
        Ok(records)
    }

    /// The first walk: the ledger learns which row of each key is current.
    async fn decide(&mut self) -> Answer<()> {
        for batch in self.batches.clone() {
            for (restored, refused_then) in self.records(batch.seq).await? {
                let mut checked = self.table.check_restored(&restored).map_err(internal)?;
                match undone_by_hash(&self.table, &restored) {
                    true => removed(&restored).for_each(|hash| *self.taken_back.entry(hash).or_default() += 1),
                    false => {
                        self.ledger.begin_delivery();
                        land::decide(&mut self.ledger, &restored.batch, &mut checked).map_err(internal)?;
                    }
                }
                let (raw, refused) = (restored.hash.len() as u64, checked.refused.len() as u64);
                self.report.raw += raw;
                self.report.refused_then += refused_then;
                self.report.refused_now += refused;
                if let Some(fate) = self.report.run.as_mut().filter(|_| self.run.as_deref() == Some(batch.run.as_str())) {
                    fate.raw += raw;
                    fate.refused_then += refused_then;
                    fate.refused_now += refused;
                }
            }
        }
        Ok(())
    }

    /// The standard layer as it stands against what raw gives.
    async fn compare(&mut self) -> Answer<()> {
        let name = TableName::standard(&self.resource.id);
        self.report.standard = self.desk.0.ports.lake.size(&name).await.map_err(internal)?.rows;
        if !self.table.keyed() {
            // Every record that passes is a row of its own; what was taken back is one in raw, and another that tells it.
            let taken_back: u64 = self.taken_back.values().sum();
            self.report.derived = (self.report.raw - self.report.refused_now).saturating_sub(2 * taken_back);
            self.report.not_in_raw = self.report.standard.saturating_sub(self.report.derived);
            self.report.not_in_standard = self.report.derived.saturating_sub(self.report.standard);
            return Ok(());
        }
        self.report.derived = self.ledger.current().map_err(internal)?;
        self.ledger.begin_delivery();
        let mut agreeing = 0;
        if self.report.standard > 0 {
            let columns = self.table.identity_columns().into_iter().map(str::to_owned).collect();
            let mut rows = self.desk.0.ports.lake.scan(&name, Some(columns), None).await.map_err(internal)?;
            while let Some(batch) = rows.try_next().await.map_err(internal)? {
                for identity in self.table.identities(&batch).map_err(internal)? {
                    agreeing += u64::from(self.ledger.claim(identity.key, identity.hash));
                }
            }
        }
        self.report.not_in_raw = self.report.standard - agreeing.min(self.report.standard);
        self.report.not_in_standard = self.report.derived - agreeing.min(self.report.derived);
        Ok(())
    }

    /// The second walk, backwards: the current rows go into the new table, refused ones into quarantine.
    async fn write(&mut self) -> Answer<()> {
        let name = TableName::standard(&self.resource.id);
        let seq = self.batches.last().map_or(0, |batch| batch.seq);
        if seq == 0 {
            return Ok(());
        }
        let (sender, receiver) = mpsc::channel::<Result<RecordBatch, LakeFailure>>(AHEAD);
        let rows = futures::stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
        let (desk, schema) = (self.desk.clone(), self.table.standard_schema());
        let commit = Commit { seq, note: "{}".to_owned(), replaces: Vec::new() };
        let writing = tokio::spawn(async move { desk.0.ports.lake.rewrite(&name, schema, Box::pin(rows), commit).await });
        let told = self.tell(&sender).await;
        if told.is_err() {
            // An end without this would look like the end of the rows, and they would be fewer.
            let message = kernel::Text::new("重放中止", "the replay stopped");
            let _ = sender.send(Err(LakeFailure { message, full: false })).await;
        }
        drop(sender);
        let written = writing.await.map_err(internal)?;
        let refused = told?;
        written.map_err(internal)?;
        self.settle(refused).await?;
        self.report.written = true;
        Ok(())
    }

    async fn tell(&mut self, out: &mpsc::Sender<Result<RecordBatch, LakeFailure>>) -> Answer<HashSet<[u8; 16]>> {
        let known: HashSet<[u8; 16]> = self.desk.store().quarantine_ever(&self.resource.id).await.map_err(internal)?.into_iter().collect();
        let mut refused = HashSet::new();
        self.ledger.begin_delivery();
        for batch in self.batches.clone().into_iter().rev() {
            let origin = ::collect::check::Origin { system: self.resource.system.clone(), run: RunId(batch.run.clone()), batch: batch.seq };
            for (restored, _) in self.records(batch.seq).await?.into_iter().rev() {
                let mut checked = self.table.check_restored(&restored).map_err(internal)?;
                let current = self.current(&restored, &mut checked);
                if let Some(fate) = self.report.run.as_mut().filter(|_| self.run.as_deref() == Some(batch.run.as_str())) {
                    fate.current += current.len() as u64;
                }
                let rows = self.table.standard_batch(&restored.batch, &checked, &current, None, &origin).map_err(internal)?;
                if rows.num_rows() > 0 && out.send(Ok(rows)).await.is_err() {
                    // The writer has stopped; it says why.
                    return Ok(refused);
                }
                let stamp = land::Stamp { system: &self.resource.system, run: &batch.run, seq: batch.seq, now: self.desk.now() };
                let fresh = checked.refused.iter().filter_map(|(row, _)| Some((*row, *checked.hash.get(*row)?)));
                let fresh: Vec<(usize, [u8; 16])> = fresh.filter(|(_, hash)| refused.insert(*hash)).filter(|(_, hash)| !known.contains(hash)).collect();
                let rows = fresh.iter().map(|(row, _)| land::quarantined(&self.resource, &restored.batch, &checked, *row, &stamp));
                self.desk.store().add_quarantine(rows.collect()).await.map_err(internal)?;
            }
        }
        Ok(refused)
    }

    /// Whether this record was taken back later, as often as records of its like were.
    fn is_taken_back(&mut self, hash: &[u8; 16]) -> bool {
        let Some(left) = self.taken_back.get_mut(hash).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }

    /// The records that are the current rows of their keys, in their order; the latest of equal ones.
    fn current(&mut self, restored: &Restored, checked: &mut Checked) -> Vec<usize> {
        let refused: HashSet<usize> = checked.refused.iter().map(|(row, _)| *row).collect();
        let mut current = Vec::new();
        for (row, hash) in restored.hash.iter().enumerate().rev() {
            let passes = !refused.contains(&row) && !restored.batch.is_removed(row);
            if passes && !self.is_taken_back(hash) && self.ledger.claim(checked.key.get(row).copied().flatten(), *hash) {
                current.push(row);
            }
        }
        current.reverse();
        current
    }

    /// Rows that pass now leave the quarantine; figures and pictures of the resource are made anew.
    async fn settle(&self, refused: HashSet<[u8; 16]>) -> Answer<()> {
        let (store, id) = (self.desk.store(), &self.resource.id);
        let open = store.quarantine_hashes(id).await.map_err(internal)?;
        let passing: Vec<[u8; 16]> = open.into_iter().filter(|hash| !refused.contains(hash)).collect();
        let now: Moment = self.desk.now();
        store.settle_quarantine(id, passing, now).await.map_err(internal)?;
        if let Some(mut state) = store.resource_state(id).await.map_err(internal)? {
            state.standard_rows = self.desk.0.ports.lake.size(&TableName::standard(id)).await.map_err(internal)?.rows;
            state.quarantined_rows = store.quarantine_count(id).await.map_err(internal)?;
            state.last_change = Some(now);
            store.put_resource_state(state).await.map_err(internal)?;
        }
        tracing::info!(resource = id, city = self.city.info.title, "replayed from raw");
        self.desk.refresh_profile(id).await?;
        self.desk.measure_quality(id, "collection").await?;
        self.desk.refresh_boards(&std::collections::BTreeSet::from([id.clone()])).await
    }
}
