//! The intake of what systems push: one task for each resource, in which pushes that arrive together share one commit.
//!
//! A push is written down with its answer before its rows are committed, and ended after. A process that dies in between
//! leaves an open one; whether its rows are there is told by the raw layer, where each row bears the push's name. So the
//! sender may repeat a push as often as it likes, before and after a crash, and its rows stand there once.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::collect::check::Table;
use ::collect::read::{self, ReadOptions};
use ::collect::{CollectError, Ledger, RawBatch};
use arrow_array::StringArray;
use futures::TryStreamExt;
use kernel::{Moment, Text};
use serde_json::json;
use store::Store;
use store::push::Push;
use tokio::sync::{mpsc, oneshot};

use super::land::{self, Landed, Origin};
use super::run::{Run, RunError};
use super::{alone, refusal};
use crate::log::RECOVERY;
use crate::port::{TableName, TableSize};
use crate::push::{Pushed, REFUSED_TOLD, REMEMBERED_DAYS, ROWS_MAX, Received, RefusedRow, Sender};
use crate::{Answer, Desk, DeskError, internal};

/// Pushes to one resource that may wait; further ones are told to come back.
const QUEUE: usize = 64;
/// Pushes and rows that share one commit at most.
const GROUP: usize = 64;
const GROUP_ROWS: usize = 200_000;
/// A run of pushes ends when none has come for so long.
const IDLE: Duration = Duration::from_secs(60);
/// A sender is told to ask again after so long; its rows may have landed all the same, which its next try finds out.
const PATIENCE: Duration = Duration::from_secs(30);
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// The ways to the tasks, by resource.
pub(crate) type Intakes = HashMap<String, mpsc::Sender<Waiting>>;

/// A push that waits for its turn.
pub(crate) struct Waiting {
    name: String,
    key: String,
    received: Received,
    batch: RawBatch,
    reply: oneshot::Sender<Answer<Pushed>>,
}

/// What a task keeps between commits.
struct Session {
    run: Run,
    table: Table,
    ledger: Ledger,
    seq: i64,
    before: (TableSize, TableSize),
    raw_added: u64,
}

impl Desk {
    /// Reads what was received, and hands it to the resource's task.
    pub(crate) async fn send_to_intake(&self, sender: &Sender, name: &str, received: Received) -> Answer<Pushed> {
        if let Some(known) = self.known_push(&sender.resource.id, name, &received.digest).await? {
            return Ok(known);
        }
        let (path, format, shown) = (received.path().to_owned(), received.format, file_of(name));
        let read = move || read_whole(&path, &shown, ReadOptions { format: Some(format), ..ReadOptions::default() });
        let batch = tokio::task::spawn_blocking(read).await.map_err(internal)?.map_err(|e| DeskError::Invalid(e.message))?;
        let Some(batch) = batch else {
            return Err(DeskError::Invalid(Text::new("没有收到任何记录。", "There are no records in what was sent.")));
        };
        let (reply, answer) = oneshot::channel();
        let waiting = Waiting { name: name.to_owned(), key: sender.key.clone(), received, batch, reply };
        self.enqueue(&sender.resource.id, waiting)?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(internal("the intake ended without an answer")),
            Err(_) => Err(later()),
        }
    }

    /// The answer that a push got before; a conflict when other bytes came under its name. One that is still open is not
    /// known: its task finds out what became of it.
    async fn known_push(&self, resource: &str, name: &str, digest: &str) -> Answer<Option<Pushed>> {
        let Some(push) = self.store().push(resource, name).await.map_err(internal)? else { return Ok(None) };
        if push.body != digest {
            return Err(DeskError::Conflict(Text::new(
                "这个 Idempotency-Key 已用于另一批内容：内容变了就换一个新的。",
                "This Idempotency-Key was used for other content: take a new one when the content changes.",
            )));
        }
        if push.ended.is_none() {
            return Ok(None);
        }
        let answer: Pushed = serde_json::from_str(&push.answer).map_err(internal)?;
        Ok(Some(Pushed { replayed: true, ..answer }))
    }

    fn enqueue(&self, resource: &str, waiting: Waiting) -> Answer<()> {
        let mut intakes = self.0.intakes.lock().unwrap_or_else(|e| e.into_inner());
        let intake = intakes.entry(resource.to_owned()).or_insert_with(|| {
            let (intake, inbox) = mpsc::channel(QUEUE);
            tokio::spawn(self.clone().take_in(resource.to_owned(), inbox));
            intake
        });
        intake.try_send(waiting).map_err(|_| later())
    }

    /// The task of one resource: group after group, until nothing comes any more.
    async fn take_in(self, resource: String, mut inbox: mpsc::Receiver<Waiting>) {
        let mut session = None;
        let mut held = None;
        loop {
            let first = match held.take() {
                Some(waiting) => waiting,
                None => match tokio::time::timeout(IDLE, inbox.recv()).await {
                    Ok(Some(waiting)) => waiting,
                    Ok(None) => break,
                    Err(_) if self.leave(&resource, &mut inbox, &mut held) => break,
                    Err(_) => continue,
                },
            };
            let mut group = vec![first];
            held = gather(&mut group, &mut inbox);
            // In the order in which recovery would find them in raw.
            group.sort_by(|a, b| a.name.cmp(&b.name));
            session = self.land_group(&resource, session, group).await;
        }
        if let Some(session) = session {
            self.end_session(session, Ok(())).await;
        }
    }

    /// Takes the way to this task away, unless something has come in the meantime.
    fn leave(&self, resource: &str, inbox: &mut mpsc::Receiver<Waiting>, held: &mut Option<Waiting>) -> bool {
        let mut intakes = self.0.intakes.lock().unwrap_or_else(|e| e.into_inner());
        *held = inbox.try_recv().ok();
        if held.is_none() {
            intakes.remove(resource);
        }
        held.is_none()
    }

    /// Lands one group and answers it. What went wrong ends the session, so that the next one begins from what is durable.
    async fn land_group(&self, resource: &str, session: Option<Session>, group: Vec<Waiting>) -> Option<Session> {
        let Ok(_alone) = alone(&self.0.data_dir, resource).await else {
            answer_all(group, later());
            return session;
        };
        let mut session = match self.session_for(resource, session).await {
            Ok(session) => session,
            Err(error) => {
                answer_all(group, error);
                return None;
            }
        };
        let mut fresh = Vec::new();
        for waiting in group {
            // It may have landed since it was let in, or by a try that was cut off.
            match self.known_push(resource, &waiting.name, &waiting.received.digest).await {
                Ok(None) => fresh.push(waiting),
                Ok(Some(known)) => drop(waiting.reply.send(Ok(known))),
                Err(error) => drop(waiting.reply.send(Err(error))),
            }
        }
        let landed = self.land_fresh(&mut session, &mut fresh).await;
        match landed {
            Ok(answers) => {
                for (waiting, pushed) in fresh.into_iter().zip(answers) {
                    let _ = waiting.reply.send(Ok(pushed));
                }
                Some(session)
            }
            Err(error) => {
                answer_all(fresh, refusal(&error));
                self.end_session(session, Err(error)).await;
                None
            }
        }
    }

    async fn land_fresh(&self, session: &mut Session, fresh: &mut Vec<Waiting>) -> Result<Vec<Pushed>, RunError> {
        refuse_unbound(session, fresh);
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.now();
        let (answers, landed) = tokio::task::block_in_place(|| land(session, fresh, self.0.ports.clock))?;
        let seq = landed.seq;
        let begun = fresh.iter().zip(&answers).map(|(waiting, answer)| written(session, waiting, answer, seq, now));
        self.store().begin_pushes(begun.collect::<Result<_, _>>()?).await?;
        let raw_rows = landed.raw_rows();
        self.commit(&mut session.run, landed).await?;
        session.raw_added += raw_rows;
        session.seq += i64::from(raw_rows > 0);
        let names: Vec<String> = fresh.iter().map(|waiting| waiting.name.clone()).collect();
        self.received("push", &session.run.resource.id, &names).settle_pushes(&session.run.resource.id, names, Vec::new(), self.now()).await?;
        Ok(answers)
    }

    /// The session to go on with: the one at hand, unless the declaration or the table has changed under it.
    async fn session_for(&self, resource: &str, session: Option<Session>) -> Answer<Session> {
        if let Some(session) = session {
            let last = self.0.ports.lake.last_commit(&TableName::raw(resource)).await.map_err(internal)?;
            let same = Arc::ptr_eq(&session.run.city, &self.city()) && last.map_or(0, |last| last.seq) == session.seq;
            if same {
                return Ok(session);
            }
            self.end_session(session, Ok(())).await;
        }
        let mut run = self.begin_run(resource, "push").await?;
        match self.open_intake(&mut run).await {
            Ok((table, ledger, seq, before)) => Ok(Session { run, table, ledger, seq, before, raw_added: 0 }),
            Err(error) => {
                let told = refusal(&error);
                self.close(run, Err(error)).await?;
                Err(told)
            }
        }
    }

    async fn open_intake(&self, run: &mut Run) -> Result<(Table, Ledger, i64, (TableSize, TableSize)), RunError> {
        let carried = self.recover(run).await?;
        self.settle_open(&run.resource.id, carried.seq).await?;
        let old = Moment(self.now().0 - REMEMBERED_DAYS * DAY_MICROS);
        self.store().forget_pushes(old).await?;
        let table = Table::new(&run.city, &run.resource)?;
        let ledger = self.fill_ledger(run).await?;
        Ok((table, ledger, carried.seq, self.sizes(&run.resource.id).await?))
    }

    /// What became of the pushes that a dead process left open: those whose rows stand in raw are ended, the others withdrawn.
    async fn settle_open(&self, resource: &str, last_seq: i64) -> Result<(), RunError> {
        let (mut ended, mut withdrawn) = (Vec::new(), Vec::new());
        for push in self.store().open_pushes(resource).await? {
            let landed = push.batch <= last_seq && self.is_in_raw(resource, push.batch, &file_of(&push.name)).await?;
            if landed { ended.push(push.name) } else { withdrawn.push(push.name) }
        }
        if ended.is_empty() && withdrawn.is_empty() {
            return Ok(());
        }
        let store = if ended.is_empty() { self.store().clone() } else { self.received(RECOVERY, resource, &ended) };
        Ok(store.settle_pushes(resource, ended, withdrawn, self.now()).await?)
    }

    /// The store, whose next write is that these pushes have landed.
    fn received(&self, by: &str, resource: &str, pushes: &[String]) -> Store {
        self.logging_as(by, "push.receive", &self.resource_object(resource), json!({ "pushes": pushes }))
    }

    /// Whether a batch of raw holds rows read from `file`.
    pub(super) async fn is_in_raw(&self, resource: &str, batch: i64, file: &str) -> Result<bool, RunError> {
        let columns = Some(vec!["_file".to_owned(), "_batch".to_owned()]);
        let mut rows = self.0.ports.lake.scan(&TableName::raw(resource), columns, Some(batch)).await?;
        while let Some(batch) = rows.try_next().await? {
            if land::files_of(&batch).contains(file) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn end_session(&self, session: Session, ended: Result<(), RunError>) {
        let Session { run, seq, before, raw_added, .. } = session;
        let ended = match ended {
            Ok(()) => self.balance(&run, seq, before, raw_added).await,
            failed => failed,
        };
        if let Err(error) = self.close(run, ended).await {
            tracing::error!(%error, "a run of pushes could not be recorded");
        }
    }

    /// The books of the run, unless somebody else has written to the table meanwhile.
    async fn balance(&self, run: &Run, seq: i64, before: (TableSize, TableSize), raw_added: u64) -> Result<(), RunError> {
        let resource = &run.resource.id;
        let last = self.0.ports.lake.last_commit(&TableName::raw(resource)).await?;
        if last.map_or(0, |last| last.seq) != seq {
            return Ok(());
        }
        super::run::reconcile(&run.view, None, before, self.sizes(resource).await?, raw_added)
    }
}

/// What else is waiting and may share the commit. A push under a name that is in the group already is held for the next.
fn gather(group: &mut Vec<Waiting>, inbox: &mut mpsc::Receiver<Waiting>) -> Option<Waiting> {
    let mut rows: usize = group.iter().map(|waiting| waiting.batch.rows()).sum();
    while group.len() < GROUP && rows < GROUP_ROWS {
        let waiting = inbox.try_recv().ok()?;
        if group.iter().any(|other| other.name == waiting.name) {
            return Some(waiting);
        }
        rows += waiting.batch.rows();
        group.push(waiting);
    }
    None
}

/// Answers those whose fields do not fit the declaration, and takes them out; the others do not suffer for them.
fn refuse_unbound(session: &mut Session, fresh: &mut Vec<Waiting>) {
    let mut fitting = Vec::with_capacity(fresh.len());
    for waiting in fresh.drain(..) {
        match session.table.bind(&waiting.batch.fields) {
            Ok(_) => fitting.push(waiting),
            Err(error) => drop(waiting.reply.send(Err(DeskError::Invalid(error.message)))),
        }
    }
    *fresh = fitting;
}

/// From the group to one batch and an answer each.
fn land(session: &mut Session, fresh: &[Waiting], clock: fn() -> Moment) -> Result<(Vec<Pushed>, Landed), RunError> {
    let fields = all_fields(fresh);
    session.table.bind(&fields)?;
    let resource = &session.run.resource;
    let origin = Origin { system: resource.system.clone(), run: session.run.id.clone(), next_seq: session.seq + 1 };
    let mut answers = Vec::with_capacity(fresh.len());
    let mut whole: Option<Landed> = None;
    for waiting in fresh {
        if !session.table.keyed() {
            session.ledger.forget_rows();
        }
        session.ledger.begin_delivery();
        let batch = waiting.batch.clone().with_fields(&fields);
        let (landed, refused, _) = land::take(&session.table, resource, &mut session.ledger, &batch, &origin, clock())?;
        let told = refused.into_iter().take(REFUSED_TOLD).map(|(row, faults)| RefusedRow {
            line: batch.lines.get(row).copied().unwrap_or_default(),
            reasons: faults.into_iter().map(|fault| fault.message).collect(),
        });
        answers.push(answer(session, &landed, told.collect()));
        whole = Some(match whole {
            Some(before) => land::join(before, landed)?,
            None => landed,
        });
    }
    let whole = whole.ok_or_else(|| RunError::Broken("an empty group of pushes".to_owned()))?;
    let bytes = fresh.iter().map(|waiting| waiting.received.bytes).sum::<u64>();
    let progress = ::collect::Progress { bytes: session.run.view.bytes + bytes, ..whole.progress };
    Ok((answers, Landed { progress, ..whole }))
}

fn answer(session: &Session, landed: &Landed, refused: Vec<RefusedRow>) -> Pushed {
    let counts = &landed.counts;
    Pushed {
        resource: session.run.resource.id.clone(),
        rows: counts.source_rows,
        landed: counts.landed,
        removed: counts.removed,
        corrected: counts.corrected,
        quarantined: counts.quarantined,
        unchanged: counts.unchanged,
        run: session.run.id.clone(),
        refused,
        replayed: false,
    }
}

/// Every field that one of them has, in the order in which they are met.
fn all_fields(fresh: &[Waiting]) -> Arc<[String]> {
    let mut seen = HashSet::new();
    let all = fresh.iter().flat_map(|waiting| waiting.batch.fields.iter());
    all.filter(|field| seen.insert(field.as_str())).cloned().collect()
}

fn written(session: &Session, waiting: &Waiting, answer: &Pushed, seq: i64, now: Moment) -> Result<Push, RunError> {
    Ok(Push {
        resource: session.run.resource.id.clone(),
        name: waiting.name.clone(),
        body: waiting.received.digest.clone(),
        push_key: waiting.key.clone(),
        batch: seq,
        answer: serde_json::to_string(answer).map_err(|e| RunError::Broken(e.to_string()))?,
        begun: now,
        ended: None,
    })
}

/// What the rows of a push are read from, as the raw layer keeps it.
fn file_of(name: &str) -> String {
    format!("push:{name}")
}

/// All records of the file as one batch. `None`: there are none. Errors: more than a push may hold.
fn read_whole(path: &Path, shown: &str, options: ReadOptions) -> Result<Option<RawBatch>, CollectError> {
    let mut source = read::open(path, shown, &options)?;
    let mut whole: Option<RawBatch> = None;
    while let Some(batch) = source.next(ROWS_MAX + 1)? {
        let more = match whole.take() {
            Some(before) => before.and(batch)?,
            None => batch,
        };
        if more.rows() > ROWS_MAX {
            return Err(CollectError::new(
                "push.rows",
                shown,
                format!("一次推送最多 {ROWS_MAX} 条记录，请分成几次。"),
                format!("A push holds {ROWS_MAX} records at most; send it in parts."),
            ));
        }
        whole = Some(more);
    }
    whole.map(|batch| with_removals(batch, shown)).transpose()
}

/// Records whose `_change` is `delete` tell of a removal; the field itself is none of the resource's.
fn with_removals(batch: RawBatch, shown: &str) -> Result<RawBatch, CollectError> {
    let Some(place) = batch.fields.iter().position(|field| field == "_change") else { return Ok(batch) };
    let changes = batch.columns.get(place).cloned().unwrap_or_else(|| StringArray::new_null(batch.rows()));
    let mut removed = Vec::new();
    for (row, change) in changes.iter().enumerate() {
        match change {
            None | Some("upsert") => {}
            Some("delete") => removed.push(row),
            Some(other) => {
                let line = batch.lines.get(row).copied().unwrap_or_default();
                return Err(CollectError::new(
                    "push.change",
                    shown,
                    format!("第 {line} 行的 _change 是「{other}」，只能是 upsert 或 delete。"),
                    format!("_change in line {line} is “{other}”; it can be upsert or delete."),
                ));
            }
        }
    }
    let fields: Arc<[String]> = batch.fields.iter().filter(|field| *field != "_change").cloned().collect();
    Ok(RawBatch { removed, ..batch.with_fields(&fields) })
}

fn later() -> DeskError {
    DeskError::Busy(Text::new(
        "正忙，尚不能确认这批数据是否入库。请稍后用同一个 Idempotency-Key 原样重发，不会重复入库。",
        "Busy: it cannot be confirmed yet whether these rows have landed. Send them again with the same Idempotency-Key; nothing lands twice.",
    ))
}

fn answer_all(group: Vec<Waiting>, error: DeskError) {
    for waiting in group {
        let _ = waiting.reply.send(Err(error.clone()));
    }
}
