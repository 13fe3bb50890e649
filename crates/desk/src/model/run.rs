//! Runs of models: in their order, only what changed, each whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data::declare::{Model, ModelMode};
use kernel::{Moment, Text, uuid_v7};
use serde_json::json;
use store::{ModelRunOutcome, NewModelRun};

use super::due::Looked;
use super::view::{ModelRunView, ModelState, find};
use super::{MadeFrom, PlannedModel};
use crate::authority::{Object, object};
use crate::port::Recipe;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, collect, internal};

/// The lock of all making of tables; no resource has a name with a full stop.
const LOCK: &str = "models.all";

/// Which models to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelScope {
    /// Whose time has come.
    Due,
    /// Whatever changed, or failed, whatever its schedule says.
    Changed,
    /// All, changed or not.
    All,
    /// One by name, changed or not, with what its inputs hold now.
    One(String),
}

/// Why a model was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub model: String,
    pub state: ModelState,
}

/// How it went.
#[derive(Clone, Debug, Default)]
pub struct ModelOutcome {
    pub runs: Vec<ModelRunView>,
    /// Those that could not be made now, and why; models that are fresh are not among them.
    pub skipped: Vec<Skipped>,
}

impl ModelOutcome {
    pub fn failed(&self) -> usize {
        self.runs.iter().filter(|run| run.state == "failed").count()
    }
}

impl Desk {
    /// Makes models and waits for the end. `backfill`: incremental ones are made anew as a whole. Refused as busy while
    /// another process or task is at it.
    pub async fn run_models(&self, scope: ModelScope, backfill: bool, trigger: &'static str) -> Answer<ModelOutcome> {
        let one = match &scope {
            ModelScope::One(name) => Some(find(&self.city(), name).ok_or(DeskError::NotFound)?.id.clone()),
            _ => None,
        };
        let _alone = match scope {
            // What is due now is due in five seconds, too.
            ModelScope::Due => collect::at_once(&self.0.data_dir, LOCK)?,
            _ => collect::alone(&self.0.data_dir, LOCK).await?,
        };
        let (city, models) = (self.city(), self.compiled());
        let newest = self.newest_runs().await?;
        let mut states: BTreeMap<String, ModelState> = BTreeMap::new();
        let mut outcome = ModelOutcome::default();
        for id in &models.order {
            let (Some(model), Some(planned)) = (city.models.get(id), models.planned.get(id)) else {
                continue;
            };
            let looked = self
                .look_at(&city, &models, id, &states, newest.get(id).filter(|run| run.state != "running"))
                .await?;
            let mut state = looked.state.clone();
            let wanted = match &scope {
                ModelScope::Due => self.is_model_due(&city, model, planned, &looked, self.now()).await?,
                ModelScope::Changed => matches!(state, ModelState::Never | ModelState::Changed | ModelState::Failed),
                ModelScope::All => !matches!(state, ModelState::Blocked(_) | ModelState::Waiting(_)),
                ModelScope::One(_) => one.as_ref() == Some(id) && !matches!(state, ModelState::Waiting(_)),
            };
            if wanted {
                let run = self.make_model(model, planned, &looked, backfill, trigger).await?;
                state = if run.state == "done" {
                    ModelState::Fresh
                } else {
                    ModelState::Failed
                };
                outcome.runs.push(run);
            } else if one.as_ref().is_none_or(|one| one == id) && matches!(state, ModelState::Blocked(_) | ModelState::Waiting(_)) {
                outcome.skipped.push(Skipped {
                    model: id.clone(),
                    state: state.clone(),
                });
            }
            states.insert(id.clone(), state);
        }
        for id in city
            .models
            .keys()
            .filter(|id| !models.order.contains(id) && one.as_ref().is_none_or(|one| one == *id))
        {
            outcome.skipped.push(Skipped {
                model: id.clone(),
                state: ModelState::Broken,
            });
        }
        let made: BTreeSet<String> = outcome
            .runs
            .iter()
            .filter(|run| run.state == "done")
            .map(|run| run.model.clone())
            .collect();
        if !made.is_empty() {
            self.refresh_boards_over(&made).await?;
        }
        for model in &made {
            self.measure_quality(model, "collection").await?;
        }
        Ok(outcome)
    }

    /// Keeps all making of tables away, in this process and others, for as long as the lock is held.
    pub async fn hold_models(&self) -> Answer<collect::Lock> {
        collect::alone(&self.0.data_dir, LOCK).await
    }

    /// Staff: starts one model, or all that changed, in the background.
    pub async fn start_models(&self, who: &Account, name: Option<&str>, backfill: bool) -> Answer<()> {
        let object = name.map_or_else(|| Object::of("models"), |name| object("model", name));
        self.may(who, "model.start", &object).await?;
        let scope = match name {
            None => ModelScope::Changed,
            Some(name) => ModelScope::One(find(&self.city(), name).ok_or(DeskError::NotFound)?.id.clone()),
        };
        // Tried before the answer, so that who asked is told when somebody else is at it.
        drop(collect::at_once(&self.0.data_dir, LOCK)?);
        self.log(who, "model.start", &object, json!({ "backfill": backfill })).await?;
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.run_models(scope, backfill, "person").await {
                tracing::error!(%error, "models were not made");
            }
        });
        Ok(())
    }

    async fn make_model(
        &self,
        model: &Model,
        planned: &PlannedModel,
        looked: &Looked,
        backfill: bool,
        trigger: &'static str,
    ) -> Answer<ModelRunView> {
        let (started, from) = (self.now(), looked.from.json());
        let id = uuid_v7(started, self.chance());
        let run = NewModelRun {
            id: id.clone(),
            model: model.id.clone(),
            trigger: trigger.to_owned(),
            made_from: from.clone(),
            started,
        };
        self.store().start_model_run(run).await.map_err(internal)?;
        let recipe = Recipe {
            table: planned.table.clone(),
            sql: model.sql.clone(),
            rows: model.limits.rows,
            memory_bytes: model.limits.memory_mib << 20,
            deadline: Duration::from_secs(model.limits.minutes * 60),
            note: from,
            key: model.key.clone(),
            cursor: model
                .cursor
                .clone()
                .filter(|_| model.mode == ModelMode::Incremental && !backfill && grows(looked)),
        };
        let held = self.held_by_rule(model).await?;
        let done = match (held, self.0.ports.lake.has_room().await) {
            (Some(why), _) => Err(why),
            (None, Ok(())) => self.0.ports.maker.make(recipe).await,
            (None, Err(failure)) => Err(failure.message),
        };
        let ended = self.now();
        let done = done.map(|made| ModelRunOutcome {
            given: made.given,
            rows: made.rows,
            added: made.added,
            version: made.version,
        });
        if let Err(error) = &done {
            tracing::warn!(
                model = model.id,
                error = error.en,
                "a model was not made; its last good version stays"
            );
        }
        let detail = match &done {
            Ok(outcome) => json!({ "run": id, "rows": outcome.rows }),
            Err(error) => json!({ "run": id, "error": error.en }),
        };
        self.logging_as(trigger, "model.run", &object("model", &model.id), detail).finish_model_run(&id, ended, done.clone()).await.map_err(internal)?;
        Ok(told(id, model, trigger, started, ended, done))
    }
}

fn told(id: String, model: &Model, trigger: &str, started: Moment, ended: Moment, done: Result<ModelRunOutcome, Text>) -> ModelRunView {
    let outcome = done.as_ref().ok();
    ModelRunView {
        id,
        model: model.id.clone(),
        trigger: trigger.to_owned(),
        state: if outcome.is_some() { "done" } else { "failed" }.to_owned(),
        started,
        ended: Some(ended),
        given: outcome.map_or(0, |outcome| outcome.given),
        rows: outcome.map_or(0, |outcome| outcome.rows),
        added: outcome.is_some_and(|outcome| outcome.added),
        error: done.err(),
    }
}

/// Whether the table can be added to: it was made from this very text, and what it read has only grown since.
fn grows(looked: &Looked) -> bool {
    let Some(MadeFrom { text, inputs }) = &looked.made else {
        return false;
    };
    let grown = |(table, (seq, version)): (&String, &(i64, i64))| {
        let then = inputs.get(table);
        then.is_some_and(|(old_seq, old_version)| seq > old_seq || (seq == old_seq && version == old_version))
    };
    *text == looked.from.text && looked.from.inputs.iter().all(grown)
}
