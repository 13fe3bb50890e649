//! Collection: what is due is taken up, read, checked, landed, and the books are balanced.
//!
//! A batch lands in three steps, in this order: the raw layer (durable with the source position: from here on it is
//! acknowledged), the standard layer, the quarantine. A process that dies in between leaves a raw batch that the
//! next run finds and carries on from ([`recover`]). Nothing is read from the source twice that is in raw already.

mod after;
mod correct;
mod edit;
pub(crate) mod gate;
pub(crate) mod land;
mod missing;
mod push;
mod queue;
mod recover;
mod run;
mod shut;
mod undo;
mod watch;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use data::declare::Resource;
use data::schedule::Timetable;
use kernel::Moment;
use tokio::sync::mpsc;

use crate::authority::Object;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, due, internal, state};

pub(crate) use correct::{ROWS_MAX, Record, from_json};
pub(crate) use push::Intakes;
pub use queue::Outcome;
pub use shut::{Lock, LockError};
pub(crate) use undo::is_undo;

/// What to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CollectScope {
    /// All that is due by its update period, or was cut off.
    Due,
    /// Everything, due or not.
    All,
    System(String),
    Resource(String),
}

impl Desk {
    /// Staff: starts collection in the background. Answers how many resources were taken up.
    pub async fn collect(&self, who: &Account, scope: CollectScope, now: Moment) -> Answer<u64> {
        let object = match &scope {
            CollectScope::Resource(id) => self.resource_object(id),
            CollectScope::System(id) => self.system_object(id),
            _ => Object::of("resources"),
        };
        self.may(who, "collect.start", &object).await?;
        let resources = self.wanted(&scope, now).await?;
        let count = resources.len() as u64;
        self.0.ports.lake.has_room().await.map_err(internal)?;
        let lock = shut::lock(&self.0.data_dir).map_err(|_| busy())?;
        self.log(who, "collect.start", &object, serde_json::json!({ "resources": resources })).await?;
        let desk = self.clone();
        tokio::spawn(async move {
            desk.collect_all(resources, "person", lock).await;
        });
        Ok(count)
    }

    /// Collects and waits for the end. `trigger`: `schedule`, `command`, `demo`.
    /// Refused as busy while another process or task is collecting into the same data directory.
    pub async fn collect_now(&self, scope: CollectScope, trigger: &'static str, now: Moment) -> Answer<Outcome> {
        let resources = self.wanted(&scope, now).await?;
        if resources.is_empty() {
            return Ok(Outcome::default());
        }
        self.0.ports.lake.has_room().await.map_err(internal)?;
        let lock = shut::lock(&self.0.data_dir).map_err(|_| busy())?;
        Ok(self.collect_all(resources, trigger, lock).await)
    }

    /// Keeps every collection away, in this process and others, for as long as the lock is held.
    pub fn hold_collections(&self) -> Answer<Lock> {
        shut::lock(&self.0.data_dir).map_err(|_| busy())
    }

    /// Keeps every other writer away from the tables of a resource, in this process and others.
    pub async fn hold_resource(&self, resource: &str) -> Answer<Lock> {
        alone(&self.0.data_dir, resource).await
    }

    /// The next run of a resource reads its source from the start, because rows that had landed were lost to damage.
    /// What is in the lake still is recognised and does not land twice.
    pub async fn read_again(&self, resource: &str) -> Answer<()> {
        let last = self.0.ports.lake.last_commit(&crate::port::TableName::raw(resource)).await.map_err(internal)?;
        let from_start = recover::Carried { seq: last.map_or(0, |last| last.seq), ..recover::Carried::default() };
        let json = serde_json::to_string(&from_start).map_err(internal)?;
        self.store().put_setting(&recover::position_key(resource), &json).await.map_err(internal)
    }

    /// Ids of the resources a scope names, largest promise first: those updated most often come first.
    async fn wanted(&self, scope: &CollectScope, now: Moment) -> Answer<Vec<String>> {
        let city = self.city();
        let states = self.states().await?;
        let system_known = |id: &String| city.systems.contains_key(id);
        match scope {
            CollectScope::System(id) if !system_known(id) => return Err(DeskError::NotFound),
            CollectScope::Resource(id) if !city.resources.contains_key(id) => return Err(DeskError::NotFound),
            _ => {}
        }
        let paused = self.paused().await?;
        let due = |resource: &Resource| {
            let table = Timetable::of(&city, resource);
            !paused.contains_key(&resource.system) && due::is_due(&table, resource.period, state::history(states.get(&resource.id)), now)
        };
        let chosen = city.resources.values().filter(|resource| match scope {
            CollectScope::All => city.is_collected(resource),
            CollectScope::System(id) => resource.system == *id && city.is_collected(resource),
            CollectScope::Resource(id) => resource.id == *id,
            CollectScope::Due => city.is_collected(resource) && due(resource),
        });
        let mut chosen: Vec<_> = chosen.collect();
        if *scope == CollectScope::Due {
            // A timetable says when, whatever comes in between.
            let may = |resource: &&Resource| {
                let table = Timetable::of(&city, resource);
                !paused.contains_key(&resource.system) && !table.timed() && table.free_from(now) == Some(now)
            };
            let moved = self.moved(&city, &chosen, &states).await;
            chosen.extend(moved.into_iter().filter(may));
        }
        let mut ids: Vec<(i64, String)> =
            chosen.into_iter().map(|r| (due::promised_micros(r.period).unwrap_or(i64::MAX), r.id.clone())).collect();
        ids.sort();
        Ok(ids.into_iter().map(|(_, id)| id).collect())
    }

    /// Boards and profiles of what changed, while the rest is still being collected: boards first, as the home page
    /// shows them.
    async fn settle(self, mut changes: mpsc::UnboundedReceiver<String>) {
        while let Some(first) = changes.recv().await {
            let mut changed = BTreeSet::from([first]);
            while let Ok(more) = changes.try_recv() {
                changed.insert(more);
            }
            if let Err(error) = self.refresh_boards(&changed).await {
                tracing::error!(%error, "boards not refreshed");
            }
            for resource in &changed {
                // Here a process that ends lets go; without it, each resource would fail in turn.
                tokio::task::yield_now().await;
                if let Err(error) = self.refresh_profile(resource).await {
                    tracing::error!(%error, resource, "profile not refreshed");
                }
            }
            for resource in self.measured_by(&changed) {
                tokio::task::yield_now().await;
                if let Err(error) = self.measure_quality(&resource, "collection").await {
                    tracing::error!(%error, resource, "quality not measured");
                }
            }
        }
    }
}

/// How long one waits for somebody else who writes to the same resource.
const TURN: Duration = Duration::from_secs(20);

/// Takes a resource for oneself: whoever writes to its tables does so alone, across tasks and processes.
pub(crate) async fn alone(data_dir: &Path, resource: &str) -> Answer<shut::Lock> {
    let began = Instant::now();
    loop {
        match shut::resource(data_dir, resource) {
            Ok(lock) => return Ok(lock),
            Err(LockError::Taken) if began.elapsed() < TURN => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(LockError::Taken) => return Err(busy()),
            Err(LockError::Io(error)) => return Err(crate::internal(error)),
        }
    }
}

/// The same without waiting.
pub(crate) fn at_once(data_dir: &Path, resource: &str) -> Answer<shut::Lock> {
    shut::resource(data_dir, resource).map_err(|error| match error {
        LockError::Taken => busy(),
        LockError::Io(error) => crate::internal(error),
    })
}

/// Why a run stopped, for whoever waits for it.
fn refusal(error: &run::RunError) -> DeskError {
    match error {
        run::RunError::Source(error) => DeskError::Invalid(error.message.clone()),
        run::RunError::Lake(failure) if failure.full => DeskError::Full(failure.message.clone()),
        run::RunError::Store(full @ store::StoreError::DiskFull) => DeskError::Full(full.text()),
        other => crate::internal(other.to_string()),
    }
}

fn busy() -> DeskError {
    DeskError::Busy(kernel::Text::new(
        "正在归集中，请等本次结束后再开始。",
        "A collection is under way; start again when it has ended.",
    ))
}
