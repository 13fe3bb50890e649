//! How each model stands, and whether its time has come.

use std::collections::{BTreeMap, HashMap};

use data::City;
use data::declare::Model;
use kernel::Moment;
use store::ModelRunRow;

use super::view::{ModelState, models_read};
use super::{MadeFrom, Models, PlannedModel, text_of};
use crate::port::TableName;
use crate::{Answer, Desk, internal};

const MINUTE: i64 = 60 * 1_000_000;
/// A failed run is tried again after so long, then after ever longer.
const RETRY: i64 = 10 * MINUTE;
const LONGER: i64 = 6;
/// So many runs may fail of the same text over the same inputs before only a change, or somebody, starts another.
const TRIES: usize = 3;

/// A model looked at: how it stands, and what it would be made from now.
pub(super) struct Looked {
    pub state: ModelState,
    pub from: MadeFrom,
    /// What the table says it was made from.
    pub made: Option<MadeFrom>,
}

impl Desk {
    pub(crate) async fn model_states(&self) -> Answer<BTreeMap<String, ModelState>> {
        let (city, models) = (self.city(), self.compiled());
        let mut states = BTreeMap::new();
        let newest = self.newest_runs().await?;
        for id in &models.order {
            let looked = self.look_at(&city, &models, id, &states, newest.get(id)).await?;
            states.insert(id.clone(), looked.state);
        }
        Ok(states)
    }

    pub(super) async fn newest_runs(&self) -> Answer<HashMap<String, ModelRunRow>> {
        let runs = self.store().newest_model_runs().await.map_err(internal)?;
        Ok(runs.into_iter().map(|run| (run.model.clone(), run)).collect())
    }

    /// How a model stands, given how those before it do.
    pub(super) async fn look_at(
        &self,
        city: &City,
        models: &Models,
        id: &str,
        before: &BTreeMap<String, ModelState>,
        newest: Option<&ModelRunRow>,
    ) -> Answer<Looked> {
        let (Some(model), Some(planned)) = (city.models.get(id), models.planned.get(id)) else {
            return Ok(Looked {
                state: ModelState::Broken,
                from: MadeFrom::default(),
                made: None,
            });
        };
        let mut inputs = BTreeMap::new();
        let mut missing = Vec::new();
        for read in &planned.reads {
            match self.0.ports.lake.last_commit(read).await.map_err(internal)? {
                Some(last) => drop(inputs.insert(read.to_string(), (last.seq, last.version))),
                None => missing.push(read.to_string()),
            }
        }
        let from = MadeFrom {
            text: text_of(model),
            inputs,
        };
        let last = self.0.ports.lake.last_commit(&planned.table).await.map_err(internal)?;
        let made = last.and_then(|last| MadeFrom::read(&last.note));
        let failed = newest.is_some_and(|run| run.state == "failed" && MadeFrom::read(&run.made_from).as_ref() == Some(&from));
        let state = match held_back(city, planned, before) {
            _ if newest.is_some_and(|run| run.state == "running") => ModelState::Running,
            Some(by) => ModelState::Blocked(by),
            None if !missing.is_empty() => ModelState::Waiting(missing),
            None if made.as_ref() == Some(&from) => ModelState::Fresh,
            None if failed => ModelState::Failed,
            None if made.is_none() => ModelState::Never,
            None => ModelState::Changed,
        };
        Ok(Looked { state, from, made })
    }

    /// Whether to make it now by itself: by its cron expression where it has one, else as soon as something changed; after a
    /// failure not at once, and not for ever.
    pub(super) async fn is_model_due(&self, city: &City, model: &Model, planned: &PlannedModel, looked: &Looked, now: Moment) -> Answer<bool> {
        if !matches!(looked.state, ModelState::Never | ModelState::Changed | ModelState::Failed) || self.is_arriving(planned) {
            return Ok(false);
        }
        let runs = self
            .store()
            .model_runs(&model.id, 1, 1 + TRIES as u64)
            .await
            .map_err(internal)?
            .entries;
        let same = |run: &&ModelRunRow| run.state != "done" && MadeFrom::read(&run.made_from).as_ref() == Some(&looked.from);
        let tries = runs.iter().take_while(same).count();
        if tries >= TRIES {
            return Ok(false);
        }
        let started = runs.first().map(|run| run.started);
        match runs.first() {
            Some(run) if tries > 0 && run.state == "failed" => {
                return Ok(now.0 - run.started.0 >= RETRY * LONGER.pow(u32::try_from(tries - 1).unwrap_or(0)));
            }
            // Cut off with its process: it goes on at once.
            Some(_) if tries > 0 => return Ok(true),
            _ => {}
        }
        Ok(match (&model.cron, started) {
            (Some(cron), Some(started)) => data::schedule::Times::of(city, cron, model.days).and_then(|times| times.next(started)).is_some_and(|next| next <= now),
            _ => true,
        })
    }

    /// Rows of what it reads are on their way: it waits until they are in.
    fn is_arriving(&self, planned: &PlannedModel) -> bool {
        let resources: Vec<&TableName> = planned.reads.iter().filter(|read| !super::compile::is_model(read)).collect();
        self.live_runs().iter().any(|run| resources.iter().any(|read| read.name == run.resource))
    }
}

/// The first model it reads that failed, or is held back itself.
fn held_back(city: &City, planned: &PlannedModel, before: &BTreeMap<String, ModelState>) -> Option<String> {
    let stands = |id: &String| {
        matches!(
            before.get(id),
            Some(ModelState::Failed | ModelState::Blocked(_) | ModelState::Broken) | None
        )
    };
    models_read(planned).filter(|id| city.models.contains_key(id)).find(stands)
}
