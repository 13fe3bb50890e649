//! 有目录无数据: catalogued, but with nothing behind it, or nothing fresh. Listed by the department that owes it.

use kernel::{Moment, Text};
use serde::Serialize;

use crate::due;
use crate::state;
use crate::view::{Freshness, ResourceSummary};
use crate::{Answer, Desk, internal};

/// What is lacking. A resource is in one of these at most, the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Collection fails.
    Failing,
    /// Never collected.
    Never,
    /// Collected, but there is not a single row.
    Empty,
    /// Older than its update period promises.
    Stale,
}

impl Lack {
    pub const ALL: [Lack; 4] = [Lack::Failing, Lack::Never, Lack::Empty, Lack::Stale];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Lack::Failing => "failing",
            Lack::Never => "never",
            Lack::Empty => "empty",
            Lack::Stale => "stale",
        }
    }

    pub fn of(word: &str) -> Option<Lack> {
        Lack::ALL.into_iter().find(|lack| lack.word() == word)
    }
}

/// One resource without data, or without fresh data.
#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    pub resource: ResourceSummary,
    pub lack: Lack,
    /// Since when: the first failure of the series, or the moment at which the promise was broken.
    pub since: Option<Moment>,
    /// Why the last collection failed.
    pub error: Option<Text>,
    pub last_run: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct GapFilter {
    pub department: Option<String>,
    pub lack: Option<Lack>,
}

/// All of them, by department in the order of the catalogue, the worst first.
#[derive(Clone, Debug, Serialize)]
pub struct GapsView {
    pub gaps: Vec<Gap>,
    /// How many of each kind, whatever the filter says of kinds.
    pub counts: Vec<(Lack, u64)>,
    /// Resources of the departments looked at.
    pub resources: u64,
}

impl Desk {
    pub async fn gaps(&self, filter: &GapFilter, now: Moment) -> Answer<GapsView> {
        let city = self.city();
        let states = self.states().await?;
        let failing = self.store().failing_since().await.map_err(internal)?;
        let wanted = |summary: &ResourceSummary| filter.department.as_ref().is_none_or(|wanted| *wanted == summary.department);
        let all: Vec<ResourceSummary> =
            city.resources.values().map(|r| state::summarise(&city, r, states.get(&r.id), now)).filter(wanted).collect();
        let resources = all.len() as u64;
        let mut gaps: Vec<Gap> = all
            .into_iter()
            .filter_map(|resource| {
                let lack = lack(&resource)?;
                let kept = states.get(&resource.id);
                let since = match lack {
                    Lack::Failing => failing.iter().find(|(id, _)| *id == resource.id).map(|(_, since)| *since),
                    Lack::Stale => overdue_since(&resource),
                    Lack::Empty => resource.last_collected,
                    Lack::Never => None,
                };
                let error = kept.filter(|_| lack == Lack::Failing).and_then(|state| state.last_error.clone());
                Some(Gap { lack, since, error, last_run: kept.and_then(|state| state.last_run.clone()), resource })
            })
            .collect();
        let count = |lack: Lack| gaps.iter().filter(|gap| gap.lack == lack).count() as u64;
        let counts = Lack::ALL.map(|lack| (lack, count(lack))).to_vec();
        gaps.retain(|gap| filter.lack.is_none_or(|lack| gap.lack == lack));
        let order: Vec<&String> = city.departments.keys().collect();
        let place = |gap: &Gap| order.iter().position(|id| **id == gap.resource.department);
        gaps.sort_by(|a, b| (place(a), a.lack, a.since, &a.resource.id).cmp(&(place(b), b.lack, b.since, &b.resource.id)));
        Ok(GapsView { gaps, counts, resources })
    }
}

/// What is lacking, if anything is.
pub(crate) fn lack(resource: &ResourceSummary) -> Option<Lack> {
    match resource.freshness {
        // What is asked at each call is not kept here.
        _ if resource.service => None,
        Freshness::Failed => Some(Lack::Failing),
        Freshness::Never => Some(Lack::Never),
        _ if resource.rows.standard == 0 => Some(Lack::Empty),
        Freshness::Stale => Some(Lack::Stale),
        Freshness::Fresh => None,
    }
}

/// When the next delivery was due.
fn overdue_since(resource: &ResourceSummary) -> Option<Moment> {
    let promised = due::promised_micros(resource.period)?;
    resource.last_collected.map(|last| Moment(last.0.saturating_add(promised)))
}
