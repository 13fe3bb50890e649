//! One run: a resource from its source into raw, standard and quarantine, and the balance of its books.

use std::collections::HashSet;

use ::collect::check::Table;
use ::collect::connect::Context;
use ::collect::drift::Difference;
use ::collect::{CollectError, Ledger, Position, Progress, Source};
use data::City;
use data::declare::{Mode, OnMissing, Resource};
use futures::TryStreamExt;
use kernel::{Moment, RunId, Text};
use sha2::{Digest, Sha256};
use serde_json::json;
use store::BatchRow;
use store::resource_state::ResourceState;
use store::run::{NewRun, RunCounters};
use tokio::sync::mpsc;

use super::land::{self, Landed, Origin};
use crate::port::{Commit, LakeFailure, TableName, TableSize};
use crate::state::state_word;
use crate::view::{RunState, RunView};
use crate::{Answer, Desk, internal};

/// Progress is told to watchers at most this often.
const TELL_MICROS: i64 = 250_000;
/// Progress is written down at most this often.
const NOTE_MICROS: i64 = 2_000_000;

/// Why a run stopped. What had landed by then stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Source(#[from] CollectError),
    #[error(transparent)]
    Lake(#[from] LakeFailure),
    #[error("control store: {0}")]
    Store(#[from] store::StoreError),
    /// The books do not balance: somebody lost or doubled rows, and it may be us.
    #[error("reconciliation: {}", .0.en)]
    Reconcile(Text),
    /// The delivery differs in a way that its contract holds.
    #[error("held: {} differences", .0.len())]
    Held(Vec<Difference>),
    #[error("{0}")]
    Broken(String),
}

/// A run while it lasts.
pub(super) struct Run {
    pub id: String,
    pub city: std::sync::Arc<City>,
    pub resource: Resource,
    pub view: RunView,
    /// The source has more for a run that begins at once.
    more: bool,
    told: Moment,
    noted: Moment,
}

impl Run {
    /// A mark of how the resource is declared to be read: where, as what, and by which standards.
    pub fn declared(&self) -> String {
        let standards = self.resource.items.iter().filter_map(|item| self.city.standards.get(&item.standard));
        let codes = standards.clone().filter_map(|s| self.city.code_lists.get(s.codes.as_ref()?));
        let all = serde_json::to_vec(&(
            &self.resource.collect,
            &self.resource.items,
            standards.collect::<Vec<_>>(),
            codes.collect::<Vec<_>>(),
        ));
        crate::account::hex(&Sha256::digest(all.unwrap_or_default())[..8])
    }
}

impl Desk {
    /// Runs once, and tells whether the source has more for a run that begins at once.
    pub(super) async fn collect_resource(&self, id: &str, trigger: &'static str) -> Answer<(RunView, bool)> {
        let _alone = super::alone(&self.0.data_dir, id).await?;
        let mut run = self.begin_run(id, trigger).await?;
        let ended = self.perform(&mut run).await;
        let more = run.more && ended.is_ok();
        Ok((self.close(run, ended).await?, more))
    }

    /// A run of a resource, written down and told to watchers.
    pub(super) async fn begin_run(&self, id: &str, trigger: &'static str) -> Answer<Run> {
        let city = self.city();
        let Some(resource) = city.resources.get(id).cloned() else { return Err(crate::DeskError::NotFound) };
        let started = self.now();
        let run_id = RunId::new(started, self.chance()).0;
        let row = NewRun { id: run_id.clone(), resource: id.to_owned(), system: resource.system.clone(), trigger: trigger.to_owned(), started };
        self.store().start_run(row).await.map_err(internal)?;
        self.mark_started(id, started).await?;
        self.note_look(&resource).await;
        let view = self.blank_run(&run_id, id, &resource.system, started, trigger);
        let mut run = Run { id: run_id, city, resource, view, more: false, told: Moment(0), noted: started };
        self.tell(&mut run);
        Ok(run)
    }

    async fn perform(&self, run: &mut Run) -> Result<(), RunError> {
        let carried = self.recover(run).await?;
        let before = self.sizes(&run.resource.id).await?;
        // What is missing can only be seen in a whole delivery.
        let whole = run.resource.collect.on_missing == OnMissing::Remove;
        let from = if whole { Position::default() } else { carried.position.clone() };
        let source = self.open_source(run, &from).await?;
        let gate = self.gate(run).await?;
        let ledger = self.fill_ledger(run).await?;
        let refused_before = self.store().quarantine_hashes(&run.resource.id).await?;
        let (sender, mut landed) = mpsc::channel(1);
        let origin = Origin { system: run.resource.system.clone(), run: run.id.clone(), next_seq: carried.seq + 1 };
        let (city, resource, clock) = (run.city.clone(), run.resource.clone(), self.0.ports.clock);
        let reader = tokio::task::spawn_blocking(move || land::read(source, &city, &resource, ledger, gate, origin, clock, &sender));
        let mut raw_added = 0;
        let mut committed = Ok(());
        while let Some(batch) = landed.recv().await {
            raw_added += batch.raw_rows();
            committed = self.commit(run, batch).await;
            if committed.is_err() {
                break;
            }
        }
        // The reader is always waited for: the ledger's files are its own until it ends.
        drop(landed);
        let end = reader.await.map_err(|e| RunError::Broken(e.to_string()))?;
        committed?;
        let end = end?;
        run.view.unchanged += end.skipped;
        run.view.source_rows += end.skipped;
        run.view.decisions = end.decisions;
        // What is removed now, the ledger still holds for current.
        let ledger = end.missing.is_empty().then_some(end.ledger);
        let (missing, seq) = self.remove_missing(run, end.missing, end.seq).await?;
        raw_added += missing;
        self.commit_position(run, seq, &end.position, &carried).await?;
        if end.skipped == 0 && run.resource.collect.mode == Mode::Full {
            self.settle_mended(run, refused_before, &end.still_refused).await?;
        }
        let after = self.sizes(&run.resource.id).await?;
        run.more = end.more;
        reconcile(&run.view, end.rows_total, before, after, raw_added)?;
        if let Some(ledger) = ledger {
            self.keep_ledger(run, ledger).await?;
        }
        self.note_passed(run, end.passed).await
    }

    /// The whole source was read: rows in quarantine that no longer come were mended or withdrawn there.
    async fn settle_mended(&self, run: &Run, before: Vec<[u8; 16]>, still: &HashSet<[u8; 16]>) -> Result<(), RunError> {
        let mended: Vec<_> = before.into_iter().filter(|hash| !still.contains(hash)).collect();
        if !mended.is_empty() {
            self.store().settle_quarantine(&run.resource.id, mended, self.now()).await?;
        }
        Ok(())
    }

    /// Opening may wait for a network: not on a thread that serves pages.
    async fn open_source(&self, run: &Run, position: &Position) -> Result<Box<dyn Source>, RunError> {
        let (desk, city, resource, position) = (self.clone(), run.city.clone(), run.resource.clone(), position.clone());
        let patient = run.view.trigger == "schedule";
        let open = move || {
            let system = city.systems.get(&resource.system).ok_or_else(|| RunError::Broken("system is gone".to_owned()))?;
            let sources = Context { patient, ..desk.0.sources.within(&city.info)? };
            Ok(::collect::connect::open(&sources, system, &resource, &position)?)
        };
        tokio::task::spawn_blocking(open).await.map_err(|e| RunError::Broken(e.to_string()))?
    }

    /// Raw first: once it is durable the batch is acknowledged, and the rest can be made from it again.
    pub(super) async fn commit(&self, run: &mut Run, mut batch: Landed) -> Result<(), RunError> {
        let resource = &run.resource.id;
        // Before the position moves on: what was seen once may never come again.
        let confirmed = std::mem::take(&mut batch.confirmed);
        if !confirmed.is_empty() {
            self.store().confirm_corrections(resource, confirmed, self.now()).await?;
        }
        if batch.is_news() {
            let rows = batch.raw_rows();
            let note = Note { position: batch.position, run: run.id.clone(), declared: run.declared() }.json()?;
            let commit = Commit { seq: batch.seq, note, replaces: Vec::new() };
            let noted = BatchRow { seq: batch.seq, run: run.id.clone(), rows, time: self.now() };
            self.0.ports.lake.append(&TableName::raw(resource), batch.raw, commit).await?;
            self.store().add_batches(resource, vec![noted]).await?;
            self.commit_derived(resource, batch.seq, batch.standard, batch.replaces, batch.refused).await?;
        }
        let counts = batch.counts;
        let view = &mut run.view;
        view.source_rows += counts.source_rows;
        view.landed += counts.landed;
        view.quarantined += counts.quarantined;
        view.unchanged += counts.unchanged;
        view.corrected += counts.corrected;
        view.removed += counts.removed;
        view.missing += counts.missing;
        if batch.progress != Progress::default() {
            view.bytes = batch.progress.bytes;
            view.bytes_total = batch.progress.bytes_total;
            view.rows_total = batch.progress.rows_total;
        }
        self.note_progress(run).await
    }

    /// What follows from a raw batch: standard rows, then quarantine. Safe to repeat.
    pub(super) async fn commit_derived(
        &self,
        resource: &str,
        seq: i64,
        standard: arrow_array::RecordBatch,
        replaces: Vec<[u8; 16]>,
        refused: Vec<store::quarantine::QuarantineRow>,
    ) -> Result<(), RunError> {
        if !refused.is_empty() {
            self.store().add_quarantine(refused).await?;
        }
        // Raw holds what takes their places: nothing brings them back.
        self.store().edits_give_way(resource, &replaces, self.now()).await?;
        let commit = Commit { seq, note: "{}".to_owned(), replaces };
        self.0.ports.lake.append(&TableName::standard(resource), vec![standard], commit).await?;
        Ok(())
    }

    /// A source may have moved on without a new row (files read to the end, nothing new in them): that is worth keeping too.
    async fn commit_position(&self, run: &Run, seq: i64, position: &Position, carried: &super::recover::Carried) -> Result<(), RunError> {
        if *position == carried.position && seq == carried.seq {
            return Ok(());
        }
        let reached = super::recover::Carried { seq, position: position.clone(), declared: run.declared() };
        let json = serde_json::to_string(&reached).map_err(|e| RunError::Broken(e.to_string()))?;
        self.store().put_setting(&super::recover::position_key(&run.resource.id), &json).await?;
        Ok(())
    }

    /// What is here already, so that only news lands: the current rows by key, and the rows in quarantine.
    pub(super) async fn fill_ledger(&self, run: &Run) -> Result<Ledger, RunError> {
        let (folder, name) = (self.ledger_folder(run), TableName::standard(&run.resource.id));
        let mark = self.ledger_mark(run).await?;
        let kept = Ledger::new(&run.resource).reopen(&folder, &mark)?;
        let from_table = kept.is_none() && self.0.ports.lake.size(&name).await?.rows > 0;
        let mut ledger = match kept {
            Some(ledger) => ledger,
            None => Ledger::new(&run.resource).spilling_to(&folder)?,
        };
        if from_table {
            let table = Table::new(&run.city, &run.resource)?;
            let columns = table.identity_columns().into_iter().map(str::to_owned).collect();
            let mut batches = self.0.ports.lake.scan(&name, Some(columns), None).await?;
            while let Some(batch) = batches.try_next().await? {
                ledger.add_current(&table.identities(&batch)?)?;
            }
        }
        for hash in self.store().quarantine_hashes(&run.resource.id).await? {
            ledger.add_refused(hash);
        }
        for standing in self.store().standing_corrections(&run.resource.id).await? {
            match standing.edits {
                true => ledger.add_edited(standing.refused, standing.hash),
                false => ledger.add_corrected(standing.refused, standing.key, standing.hash),
            }
        }
        Ok(ledger)
    }

    /// A ledger too large for memory stays for the next run; any other is filled from the table in a moment.
    async fn keep_ledger(&self, run: &Run, ledger: Ledger) -> Result<(), RunError> {
        if !ledger.is_large() {
            return Ok(());
        }
        let mark = self.ledger_mark(run).await?;
        tokio::task::spawn_blocking(move || ledger.keep(&mark)).await.map_err(|e| RunError::Broken(e.to_string()))??;
        Ok(())
    }

    fn ledger_folder(&self, run: &Run) -> std::path::PathBuf {
        self.0.data_dir.join("ledger").join(&run.resource.id)
    }

    /// The state of the standard table and of the declaration: a ledger of any other one is of no use.
    async fn ledger_mark(&self, run: &Run) -> Result<String, RunError> {
        let name = TableName::standard(&run.resource.id);
        let seq = self.0.ports.lake.last_commit(&name).await?.map_or(0, |commit| commit.seq);
        let rows = self.0.ports.lake.size(&name).await?.rows;
        Ok(format!("{seq}/{rows}/{}", run.declared()))
    }

    pub(super) async fn sizes(&self, resource: &str) -> Result<(TableSize, TableSize), RunError> {
        let raw = self.0.ports.lake.size(&TableName::raw(resource)).await?;
        let standard = self.0.ports.lake.size(&TableName::standard(resource)).await?;
        Ok((raw, standard))
    }

    fn tell(&self, run: &mut Run) {
        run.told = self.now();
        let mut live = self.0.live.lock().unwrap_or_else(|e| e.into_inner());
        live.runs.insert(run.id.clone(), run.view.clone());
        drop(live);
        // Nobody watching is fine.
        let _ = self.0.watchers.send(run.view.clone());
    }

    async fn note_progress(&self, run: &mut Run) -> Result<(), RunError> {
        let now = self.now();
        if now.0 - run.told.0 >= TELL_MICROS {
            self.tell(run);
        }
        if now.0 - run.noted.0 >= NOTE_MICROS {
            run.noted = now;
            self.store().progress_run(&run.id, counters(&run.view)).await?;
        }
        Ok(())
    }

    /// Ends a run by which a person did something, with what became of it.
    pub(super) async fn close_with<T>(&self, run: Run, done: Result<T, RunError>) -> Answer<T> {
        let (answer, ended) = match done {
            Ok(done) => (Ok(done), Ok(())),
            Err(error) => (Err(super::refusal(&error)), Err(error)),
        };
        self.close(run, ended).await?;
        answer
    }

    pub(super) async fn close(&self, mut run: Run, ended: Result<(), RunError>) -> Answer<RunView> {
        run.view.ended = Some(self.now());
        run.view.state = match &ended {
            Ok(()) if run.view.quarantined > 0 => RunState::Partial,
            Ok(()) => RunState::Done,
            Err(RunError::Held(_)) => RunState::Held,
            Err(_) => RunState::Failed,
        };
        if let Err(RunError::Held(found)) = &ended {
            self.note_held(&run, found).await.map_err(internal)?;
        }
        run.view.error = ended.err().map(|error| self.explain(&run, error));
        let kept = self.write_down(&run).await;
        // Collections measure what they changed when they settle it; corrections and pushes come one by one.
        if matches!(run.view.trigger.as_str(), "push" | "correction" | "undo") && kept.is_ok() {
            self.measure_soon(&run.resource.id);
        }
        let mut live = self.0.live.lock().unwrap_or_else(|e| e.into_inner());
        live.runs.remove(&run.id);
        drop(live);
        let _ = self.0.watchers.send(run.view.clone());
        kept.map(|()| run.view)
    }

    async fn write_down(&self, run: &Run) -> Answer<()> {
        let view = &run.view;
        let decisions = serde_json::to_string(&view.decisions).map_err(internal)?;
        let ended = view.ended.unwrap_or(view.started);
        let detail = json!({
            "run": run.id, "state": state_word(view.state), "rows": view.source_rows, "landed": view.landed, "removed": view.removed,
            "quarantined": view.quarantined, "unchanged": view.unchanged,
        });
        let store = self.logging_as(view.trigger.as_str(), "collect.run", &self.resource_object(&run.resource.id), detail);
        store.finish_run(&run.id, state_word(view.state), counters(view), ended, view.error.clone(), &decisions).await.map_err(internal)?;
        let (raw, standard) = self.sizes(&run.resource.id).await.map_err(internal)?;
        let quarantined = self.store().quarantine_count(&run.resource.id).await.map_err(internal)?;
        let old = self.store().resource_state(&run.resource.id).await.map_err(internal)?;
        let succeeded = !matches!(view.state, RunState::Failed | RunState::Held);
        let state = ResourceState {
            resource: run.resource.id.clone(),
            raw_rows: raw.rows,
            standard_rows: standard.rows,
            quarantined_rows: quarantined,
            raw_bytes: raw.bytes,
            last_started: Some(view.started),
            last_success: if succeeded { Some(ended) } else { old.as_ref().and_then(|o| o.last_success) },
            last_change: if view.landed + view.removed + view.missing > 0 { Some(ended) } else { old.as_ref().and_then(|o| o.last_change) },
            last_state: Some(state_word(view.state).to_owned()),
            last_run: Some(run.id.clone()),
            last_error: view.error.clone(),
            decisions,
        };
        self.store().put_resource_state(state).await.map_err(internal)
    }

    /// Until its run has ended, a resource counts as cut off: should this process die, the next one goes on.
    async fn mark_started(&self, resource: &str, started: Moment) -> Answer<()> {
        let state = self.store().resource_state(resource).await.map_err(internal)?.unwrap_or_default();
        let running = Some(state_word(RunState::Running).to_owned());
        let state = ResourceState { resource: resource.to_owned(), last_started: Some(started), last_state: running, ..state };
        self.store().put_resource_state(state).await.map_err(internal)
    }

    fn explain(&self, run: &Run, error: RunError) -> Text {
        match error {
            RunError::Source(error) => error.message,
            RunError::Lake(failure) => failure.message,
            RunError::Reconcile(text) => text,
            RunError::Held(found) => held(&found),
            RunError::Store(_) | RunError::Broken(_) => {
                tracing::error!(%error, run = run.id, resource = run.resource.id, "run failed");
                Text::new(
                    format!("内部原因使本次归集中止，已入库的数据不受影响，稍后会自动重试。编号 {}", run.id),
                    format!("The run stopped for an internal reason. What had landed is safe; it will be tried again. Id {}", run.id),
                )
            }
        }
    }
}

/// What is kept with each raw commit.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Note {
    pub position: Position,
    pub run: String,
    #[serde(default)]
    pub declared: String,
}

impl Note {
    fn json(&self) -> Result<String, RunError> {
        serde_json::to_string(self).map_err(|e| RunError::Broken(e.to_string()))
    }
}

fn counters(view: &RunView) -> RunCounters {
    RunCounters {
        source_rows: view.source_rows,
        landed: view.landed,
        quarantined: view.quarantined,
        unchanged: view.unchanged,
        corrected: view.corrected,
        removed: view.removed,
        missing: view.missing,
        bytes: view.bytes,
        bytes_total: view.bytes_total,
        rows_total: view.rows_total,
    }
}

/// What holds a delivery, in one text.
fn held(found: &[Difference]) -> Text {
    let all = |of: fn(&Text) -> &str| found.iter().filter(|d| d.holds).map(|d| of(&d.message)).collect::<Vec<_>>();
    Text::new(
        format!("{}请在「交付变化」中确认或退回。", all(|text| &text.zh).concat()),
        format!("{} Accept or refuse it under Drift.", all(|text| &text.en).join(" ")),
    )
}

/// The books: every row of the source is landed, removed, quarantined or unchanged; where the source itself says how many rows it
/// has, that is the number read; and both tables grew by just what was landed.
pub(super) fn reconcile(
    view: &RunView,
    rows_total: Option<u64>,
    before: (TableSize, TableSize),
    after: (TableSize, TableSize),
    raw_added: u64,
) -> Result<(), RunError> {
    let accounted = view.landed + view.removed + view.quarantined + view.unchanged;
    let standard_expected = (before.1.rows + view.landed).saturating_sub(view.corrected + view.removed + view.missing);
    let raw_expected = before.0.rows + raw_added;
    let wrong = |zh: String, en: String| Err(RunError::Reconcile(Text::new(zh, en)));
    if view.source_rows != accounted {
        return wrong(
            format!("对账不平：来源 {} 行，入库、移除、问题数据与未变合计 {accounted} 行。请联系平台维护人员。", view.source_rows),
            format!("The books do not balance: {} rows at the source, {accounted} landed, removed, quarantined or unchanged.", view.source_rows),
        );
    }
    if let Some(total) = rows_total.filter(|total| *total != view.source_rows) {
        return wrong(
            format!("对账不平：来源自报 {total} 行，实际读到 {} 行。来源可能在读取时变动，请重新归集。", view.source_rows),
            format!("The books do not balance: the source says {total} rows, {} were read. It may have changed meanwhile; collect again.", view.source_rows),
        );
    }
    if after.1.rows != standard_expected || after.0.rows != raw_expected {
        return wrong(
            format!("对账不平：标准层应有 {standard_expected} 行，实有 {} 行；贴源层应有 {raw_expected} 行，实有 {} 行。", after.1.rows, after.0.rows),
            format!("The books do not balance: standard should hold {standard_expected} rows and holds {}; raw should hold {raw_expected} and holds {}.", after.1.rows, after.0.rows),
        );
    }
    Ok(())
}
