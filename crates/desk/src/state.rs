//! What is known of each resource besides its declaration: rows, freshness, runs under way.

use std::collections::{BTreeSet, HashMap};

use data::City;
use data::declare::Resource;
use kernel::{Moment, Text};
use store::resource_state::ResourceState;

use crate::due::{self, History};
use crate::view::{Freshness, ResourceSummary, Rows, RunState, RunView};
use crate::{Answer, Desk, internal};

/// Runs under way in this process, by id.
#[derive(Default)]
pub(crate) struct Live {
    pub runs: HashMap<String, RunView>,
    /// Registers that are being resolved, and how far.
    pub resolving: HashMap<String, Text>,
    /// Resources whose rules are measured in a moment.
    pub measuring: BTreeSet<String>,
}

pub(crate) type States = HashMap<String, ResourceState>;

impl Desk {
    pub(crate) async fn states(&self) -> Answer<States> {
        let all = self.store().resource_states().await.map_err(internal)?;
        Ok(all.into_iter().map(|state| (state.resource.clone(), state)).collect())
    }

    pub(crate) fn live_runs(&self) -> Vec<RunView> {
        let live = self.0.live.lock().unwrap_or_else(|e| e.into_inner());
        let mut runs: Vec<RunView> = live.runs.values().cloned().collect();
        runs.sort_by(|a, b| b.started.cmp(&a.started).then(b.id.cmp(&a.id)));
        runs
    }
}

pub(crate) fn history(state: Option<&ResourceState>) -> History {
    let Some(state) = state else { return History::default() };
    let last = state.last_state.as_deref().map(state_of);
    History {
        last_success: state.last_success,
        last_started: state.last_started,
        failed: last == Some(RunState::Failed),
        held: last == Some(RunState::Held),
        // Only one process collects at a time: what is marked as running when another asks was cut off.
        interrupted: matches!(last, Some(RunState::Running | RunState::Interrupted)),
    }
}

pub(crate) fn rows(state: Option<&ResourceState>) -> Rows {
    state.map_or_else(Rows::default, |s| Rows { raw: s.raw_rows, standard: s.standard_rows, quarantined: s.quarantined_rows })
}

pub(crate) fn add(a: Rows, b: Rows) -> Rows {
    Rows { raw: a.raw + b.raw, standard: a.standard + b.standard, quarantined: a.quarantined + b.quarantined }
}

/// The worst of several: failed over stale over never over fresh.
pub(crate) fn worst(all: impl IntoIterator<Item = Freshness>) -> Freshness {
    let weight = |f: &Freshness| match f {
        Freshness::Fresh => 0,
        Freshness::Never => 1,
        Freshness::Stale => 2,
        Freshness::Failed => 3,
    };
    all.into_iter().max_by_key(weight).unwrap_or(Freshness::Never)
}

pub(crate) fn summarise(city: &City, resource: &Resource, state: Option<&ResourceState>, now: Moment) -> ResourceSummary {
    let system = city.systems.get(&resource.system);
    let department = city.provider(resource);
    ResourceSummary {
        id: resource.id.clone(),
        title: Text::new(&resource.title, &resource.title_en),
        summary: Text::new(&resource.summary, &resource.summary_en),
        code: resource.code.clone(),
        department: department.map_or_else(String::new, |d| d.id.clone()),
        department_title: department.map_or_else(Text::default, |d| Text::new(&d.title, &d.title_en)),
        system: resource.system.clone(),
        system_title: system.map_or_else(Text::default, |s| Text::new(&s.title, &s.title_en)),
        class: resource.class,
        grade: resource.grade,
        share: resource.share,
        open: resource.open,
        period: resource.period,
        items: resource.items.len() as u64,
        rows: rows(state),
        freshness: if city.is_service(resource) { Freshness::Fresh } else { due::freshness(resource.period, history(state), now) },
        service: city.is_service(resource),
        last_collected: state.and_then(|s| s.last_success),
    }
}

/// The word under which a run's state is kept in the store.
pub(crate) fn state_word(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Done => "done",
        RunState::Partial => "partial",
        RunState::Failed => "failed",
        RunState::Held => "held",
        RunState::Interrupted => "interrupted",
    }
}

pub(crate) fn state_of(word: &str) -> RunState {
    match word {
        "running" => RunState::Running,
        "done" => RunState::Done,
        "partial" => RunState::Partial,
        "failed" => RunState::Failed,
        "held" => RunState::Held,
        _ => RunState::Interrupted,
    }
}
