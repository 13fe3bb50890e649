//! Runs: what was collected when, and whether the books balance.

use kernel::{Moment, Text};
use store::run::{RunFilter as Query, RunRow};
use tokio::sync::broadcast;

use crate::state::{state_of, state_word};
use crate::view::{Page, RunFilter, RunView};
use crate::{Answer, Desk, DeskError, internal};

/// No page of any list is longer.
pub(crate) const PAGE_MAX: u64 = 200;

impl Desk {
    /// Newest first, running ones included. `page` is 1-based.
    pub async fn runs(&self, filter: &RunFilter, page: u64, size: u64) -> Answer<Page<RunView>> {
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let query = Query {
            system: filter.system.clone(),
            resource: filter.resource.clone(),
            state: filter.state.map(|state| state_word(state).to_owned()),
        };
        let rows = self.store().runs(&query, page, size).await.map_err(internal)?;
        let live = self.live_runs();
        let total = rows.total;
        let entries = rows.entries.into_iter().map(|row| match live.iter().find(|run| run.id == row.id) {
            Some(running) => running.clone(),
            None => self.view_run(row),
        });
        Ok(Page { entries: entries.collect(), total, page, size })
    }

    pub async fn run(&self, id: &str) -> Answer<RunView> {
        if let Some(running) = self.live_runs().into_iter().find(|run| run.id == id) {
            return Ok(running);
        }
        let row = self.store().run(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        Ok(self.view_run(row))
    }

    pub(crate) async fn last_run(&self) -> Answer<Option<RunView>> {
        Ok(self.store().last_run().await.map_err(internal)?.map(|row| self.view_run(row)))
    }

    /// Every change of a run (progress a few times a second, end once) as it happens.
    pub fn watch_runs(&self) -> broadcast::Receiver<RunView> {
        self.0.watchers.subscribe()
    }

    pub(crate) fn view_run(&self, row: RunRow) -> RunView {
        let blank = self.blank_run(&row.id, &row.resource, &row.system, row.started, &row.trigger);
        RunView {
            state: state_of(&row.state),
            ended: row.ended,
            source_rows: row.counters.source_rows,
            landed: row.counters.landed,
            quarantined: row.counters.quarantined,
            unchanged: row.counters.unchanged,
            corrected: row.counters.corrected,
            removed: row.counters.removed,
            missing: row.counters.missing,
            bytes: row.counters.bytes,
            bytes_total: row.counters.bytes_total,
            rows_total: row.counters.rows_total,
            decisions: serde_json::from_str(&row.decisions).unwrap_or_default(),
            error: row.error,
            ..blank
        }
    }

    /// A run with nothing read yet. Titles are those of the city as declared now.
    pub(crate) fn blank_run(&self, id: &str, resource: &str, system: &str, started: Moment, trigger: &str) -> RunView {
        let city = self.city();
        let title = |text: Option<Text>, fallback: &str| text.unwrap_or_else(|| Text::new(fallback, fallback));
        let department = city.systems.get(system).and_then(|s| city.departments.get(&s.department));
        RunView {
            id: id.to_owned(),
            resource: resource.to_owned(),
            resource_title: title(city.resources.get(resource).map(|r| Text::new(&r.title, &r.title_en)), resource),
            system: system.to_owned(),
            system_title: title(city.systems.get(system).map(|s| Text::new(&s.title, &s.title_en)), system),
            department_title: title(department.map(|d| Text::new(&d.title, &d.title_en)), ""),
            state: crate::view::RunState::Running,
            started,
            ended: None,
            source_rows: 0,
            landed: 0,
            quarantined: 0,
            unchanged: 0,
            corrected: 0,
            removed: 0,
            missing: 0,
            bytes: 0,
            bytes_total: None,
            rows_total: None,
            trigger: trigger.to_owned(),
            decisions: Vec::new(),
            error: None,
        }
    }
}
