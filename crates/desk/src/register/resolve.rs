//! Resolving: what changed in the sources since the last time is taken, everything that follows is settled in one
//! transaction, then published to the lake and told to the departments whose values are contradicted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data::City;
use data::declare::Register;
use data::rule::clock;
use futures::TryStreamExt;
use kernel::{Moment, Text, uuid_v7};
use serde_json::json;
use register::{Now, Outcome, Record, RegisterError};
use store::defect::Verdict;
use store::quality::QualityRun;
use tokio::sync::{mpsc, oneshot};

use super::source::{Reading, resources};
use super::{column_title, table};
use crate::authority::object;
use crate::port::{LastCommit, TableName};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, collect, internal};

/// Batches that are read one by one; of more, the whole table is.
const BATCHES_MOST: i64 = 64;
/// Parts of sources on their way from the lake to the register.
const AHEAD: usize = 4;
/// After a failure it is tried again by itself after so long.
const RETRY: Duration = Duration::from_secs(600);
/// Working days in which a contradicted value must be answered.
const CONFLICT_DAYS: u32 = 10;

/// How a resolving went.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub register: String,
    pub outcome: Outcome,
    pub published: u64,
    pub seconds: f64,
}

/// What goes from the lake to the register's own thread.
enum Part {
    Whole(usize),
    Records(Vec<Record>),
    /// Whether the source has as many records now as its table has rows.
    Count(usize, u64, oneshot::Sender<bool>),
    Mark(usize, String),
    Settle,
}

impl Desk {
    /// Resolves a register and waits for the end. Nothing is read of sources that have not changed. `relearn`: what
    /// agreements are worth is learnt anew.
    pub async fn resolve(&self, id: &str, relearn: bool, trigger: &'static str) -> Answer<Resolved> {
        let register = self.declared_register(id)?;
        let _alone = collect::alone(&self.0.data_dir, &lock(id)).await?;
        let resolved = self.resolve_alone(&register, relearn, trigger).await?;
        self.refresh_boards_over(&BTreeSet::from([format!("master.{id}")])).await?;
        Ok(resolved)
    }

    /// Resolves the registers whose sources have changed, as far as nobody else is at it.
    pub async fn resolve_due(&self, trigger: &'static str) -> Answer<Vec<Resolved>> {
        let city = self.city();
        let mut done = Vec::new();
        for register in city.registers.values() {
            let Ok(_alone) = collect::at_once(&self.0.data_dir, &lock(&register.id)) else { continue };
            if self.is_register_due(&city, register).await? {
                match self.resolve_alone(register, false, trigger).await {
                    Ok(resolved) => done.push(resolved),
                    Err(full @ DeskError::Full(_)) => return Err(full),
                    Err(error) => tracing::error!(%error, register = register.id, "a register was not resolved; it is as it was"),
                }
            }
        }
        if !done.is_empty() {
            let tables = done.iter().map(|resolved| format!("master.{}", resolved.register)).collect();
            self.refresh_boards_over(&tables).await?;
        }
        Ok(done)
    }

    /// Staff: starts resolving in the background.
    pub async fn start_resolve(&self, who: &Account, id: &str, relearn: bool) -> Answer<()> {
        self.may(who, "register.resolve", &object("register", id)).await?;
        self.declared_register(id)?;
        drop(collect::at_once(&self.0.data_dir, &lock(id))?);
        self.log(who, "register.resolve", &object("register", id), json!({ "relearn": relearn })).await?;
        let (desk, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = desk.resolve(&id, relearn, "person").await {
                tracing::error!(%error, register = id, "a register was not resolved");
            }
        });
        Ok(())
    }

    async fn is_register_due(&self, city: &City, register: &Register) -> Answer<bool> {
        let Some(resources) = resources(city, register) else { return Ok(false) };
        let arriving = self.live_runs().iter().any(|run| resources.iter().any(|resource| resource.id == run.resource));
        let marks = self.newest(register).await?;
        // Until every source has rows, what would be learnt is not what there will be.
        if arriving || marks.iter().any(Option::is_none) {
            return Ok(false);
        }
        let (now, sources) = (self.now(), register.sources.clone());
        let lost = self.0.ports.lake.last_commit(&table(&register.id)).await.map_err(internal)?.is_none();
        self.ask_register(&register.id, move |file| {
            let failed = file.runs(1)?.first().is_some_and(|run| run.error.is_some() && now.0 - run.ended.0 < RETRY.as_micros() as i64);
            let (batch, waiting) = file.unpublished()?;
            let mut changed = file.is_outdated()? || waiting > 0 || (lost && batch > 0);
            for (source, newest) in sources.iter().zip(&marks) {
                changed |= file.marked(&source.resource)? != newest.as_ref().map(mark);
            }
            Ok(changed && !failed)
        })
        .await
    }

    async fn resolve_alone(&self, register: &Register, relearn: bool, trigger: &'static str) -> Answer<Resolved> {
        let started = self.now();
        self.set_stage(&register.id, Some(Text::new("读取来源", "reading sources")));
        let done = self.resolve_stages(register, relearn).await;
        self.set_stage(&register.id, None);
        let error = done.as_ref().err().map(|error| match error {
            DeskError::Invalid(text) | DeskError::Full(text) | DeskError::Busy(text) => text.clone(),
            other => Text::new("内部错误，见日志", other.to_string()),
        });
        let (ended, outcome) = (self.now(), done.as_ref().map(|done| done.0).unwrap_or_default());
        let run = register::Run { started, ended, trigger: trigger.to_owned(), outcome, error };
        self.ask_register(&register.id, move |file| file.add_run(&run)).await?;
        let (outcome, published) = done?;
        Ok(Resolved { register: register.id.clone(), outcome, published, seconds: (ended.0 - started.0) as f64 / 1e6 })
    }

    async fn resolve_stages(&self, register: &Register, relearn: bool) -> Answer<(Outcome, u64)> {
        self.0.ports.lake.has_room().await.map_err(internal)?;
        // What an earlier time settled and did not publish comes first: batches stay one after the other.
        self.publish_register(register).await?;
        let outcome = self.take_sources(register, relearn).await?;
        self.set_stage(&register.id, Some(Text::new("写入基础库表", "writing the table")));
        let published = self.publish_register(register).await?;
        self.judge_conflicts(register).await?;
        Ok((outcome, published))
    }

    /// Reads what changed and settles it; on any failure the register is as it was.
    async fn take_sources(&self, register: &Register, relearn: bool) -> Answer<Outcome> {
        let newest = self.newest(register).await?;
        let names = register.sources.clone();
        let marked = move |file: &mut register::Register| {
            let outdated = file.is_outdated()?;
            let marks = names.iter().map(|source| file.marked(&source.resource)).collect::<Result<Vec<_>, _>>()?;
            Ok(marks.into_iter().map(|mark| mark.filter(|_| !outdated)).collect::<Vec<_>>())
        };
        let before = self.ask_register(&register.id, marked).await?;
        let (parts, arriving) = mpsc::channel(AHEAD);
        let desk = self.clone();
        let now = self.now();
        let taking = {
            let desk = self.clone();
            let id = register.id.clone();
            tokio::spawn(async move { desk.clone().ask_register(&id, move |file| take(file, arriving, relearn, now, &desk)).await })
        };
        let sent = desk.send_sources(register, &newest, &before, &parts).await;
        let settled = match sent {
            Ok(()) => parts.send(Part::Settle).await.is_ok(),
            Err(_) => false,
        };
        if settled {
            self.set_stage(&register.id, Some(Text::new("比对与归并", "comparing and joining")));
        }
        // Without the word to settle, the other side drops all that it took.
        drop(parts);
        let taken = taking.await.map_err(internal)?;
        sent?;
        taken?.ok_or_else(|| internal("the register was not settled"))
    }

    async fn send_sources(&self, register: &Register, newest: &[Option<LastCommit>], before: &[Option<String>], parts: &mpsc::Sender<Part>) -> Answer<()> {
        let city = self.city();
        let resources = resources(&city, register).ok_or(DeskError::NotFound)?;
        for (source, ((resource, newest), before)) in resources.iter().zip(newest).zip(before).enumerate() {
            let Some(newest) = newest else { continue };
            if before.as_deref() == Some(mark(newest).as_str()) {
                continue;
            }
            let title = Text::new(format!("读取 {}", resource.title), format!("reading {}", resource.title_en));
            self.set_stage(&register.id, Some(title));
            let (reading, name) = (Reading::new(register, source, resource), TableName::standard(&resource.id));
            let since = before.as_deref().and_then(batch_of).filter(|since| (1..=BATCHES_MOST).contains(&(newest.seq - since)));
            let mut whole = since.is_none();
            if let Some(since) = since {
                for seq in since + 1..=newest.seq {
                    self.send_rows(&reading, &name, Some(seq), parts).await?;
                }
                let (reply, counted) = oneshot::channel();
                send(parts, Part::Count(source, self.0.ports.lake.size(&name).await.map_err(internal)?.rows, reply)).await?;
                // Rows that went away are in no batch: then the table is read as a whole.
                whole = !counted.await.map_err(internal)?;
            }
            if whole {
                send(parts, Part::Whole(source)).await?;
                self.send_rows(&reading, &name, None, parts).await?;
            }
            send(parts, Part::Mark(source, mark(newest))).await?;
        }
        Ok(())
    }

    async fn send_rows(&self, reading: &Reading, name: &TableName, seq: Option<i64>, parts: &mpsc::Sender<Part>) -> Answer<()> {
        let mut rows = self.0.ports.lake.scan(name, Some(reading.columns()), seq).await.map_err(internal)?;
        while let Some(batch) = rows.try_next().await.map_err(internal)? {
            send(parts, Part::Records(reading.records(&batch)?)).await?;
        }
        Ok(())
    }

    /// The newest commit of each source's table.
    async fn newest(&self, register: &Register) -> Answer<Vec<Option<LastCommit>>> {
        let mut newest = Vec::new();
        for source in &register.sources {
            newest.push(self.0.ports.lake.last_commit(&TableName::standard(&source.resource)).await.map_err(internal)?);
        }
        Ok(newest)
    }

    /// Values that a better source contradicts are a defect of the department that has them: one for each source and field.
    pub(super) async fn judge_conflicts(&self, register: &Register) -> Answer<()> {
        let (counts, records) = self.ask_register(&register.id, |file| Ok((file.conflict_counts()?, file.records()?))).await?;
        let (city, now) = (self.city(), self.now());
        let (calendar, today) = (city.calendar(), self.scene(&city, now).today());
        let name = Text::new(&register.title, &register.title_en);
        let mut judged: BTreeMap<&str, Vec<Verdict>> = BTreeMap::new();
        for source in &register.sources {
            for field in &register.fields {
                let failed = counts.get(&(source.resource.clone(), field.name.clone())).copied().unwrap_or(0);
                let title = column_title(register, &field.name).unwrap_or_default();
                judged.entry(&source.resource).or_default().push(Verdict {
                    rule: format!("{}.{}", register.id, field.name),
                    title: Text::new(format!("{}与{}不一致", title.zh, name.zh), format!("{} differs from the {}", title.en, name.en)),
                    severity: "warning".to_owned(),
                    checked: records,
                    failed,
                    passed: failed == 0,
                    opens: Some((uuid_v7(now, self.chance()), clock::due(&calendar, today, CONFLICT_DAYS).to_string())),
                });
            }
        }
        for (resource, verdicts) in judged {
            let department = city.resources.get(resource).and_then(|resource| city.provider(resource)).map(|department| department.id.clone());
            let run = QualityRun {
                id: String::new(),
                resource: resource.to_owned(),
                department: department.unwrap_or_default(),
                started_by: "register".to_owned(),
                started: now,
                ended: now,
                rows: records,
                score: None,
                error: None,
            };
            self.store().judge(run, verdicts).await.map_err(internal)?;
        }
        Ok(())
    }

    fn set_stage(&self, register: &str, stage: Option<Text>) {
        let mut live = self.0.live.lock().unwrap_or_else(|e| e.into_inner());
        match stage {
            Some(stage) => drop(live.resolving.insert(register.to_owned(), stage)),
            None => drop(live.resolving.remove(register)),
        }
    }

    /// How far resolving is, while this process is at it.
    pub(super) fn stage(&self, register: &str) -> Option<Text> {
        self.0.live.lock().unwrap_or_else(|e| e.into_inner()).resolving.get(register).cloned()
    }

    /// A new id for an entity: permanent from the moment it is committed.
    pub(super) fn new_entity_id(&self) -> String {
        uuid_v7(self.now(), self.chance())
    }
}

/// The lock of a register's file; no resource has a name with a full stop.
pub(super) fn lock(id: &str) -> String {
    format!("registers.{id}")
}

/// Up to where a source was read: its newest batch, and the version that brought it.
pub(super) fn mark(commit: &LastCommit) -> String {
    format!("{} {}", commit.seq, commit.version)
}

fn batch_of(mark: &str) -> Option<i64> {
    mark.split(' ').next()?.parse().ok()
}

async fn send(parts: &mpsc::Sender<Part>, part: Part) -> Answer<()> {
    parts.send(part).await.map_err(|_| internal("the register stopped taking records"))
}

/// Takes what comes; `None` when it ends without the word to settle, and then nothing of it has happened.
fn take(file: &mut register::Register, mut parts: mpsc::Receiver<Part>, relearn: bool, moment: Moment, desk: &Desk) -> Result<Option<Outcome>, RegisterError> {
    let outdated = file.is_outdated()?;
    let mut delta = file.take()?;
    if outdated {
        delta.drop_undeclared()?;
    }
    while let Some(part) = parts.blocking_recv() {
        match part {
            Part::Whole(source) => delta.whole_source(source)?,
            Part::Records(records) => records.iter().try_for_each(|record| delta.put(record))?,
            Part::Count(source, rows, reply) => drop(reply.send(delta.count(source)? == rows)),
            Part::Mark(source, mark) => delta.mark(source, &mark)?,
            Part::Settle => {
                let mut mint = || desk.new_entity_id();
                return delta.settle(relearn, &mut Now { moment, mint: &mut mint }).map(Some);
            }
        }
    }
    Ok(None)
}

