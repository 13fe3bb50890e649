//! The home of the brain: how much there is, how fresh it is, what happened today.

use data::City;
use jiff::tz::TimeZone;
use kernel::{Moment, Text};

use crate::state::{self, States};
use crate::view::{DepartmentSummary, Freshness, Overview, ResourceSummary, Rows, RunState};
use crate::{Answer, Desk, internal};

const DAY_MICROS: i64 = 86_400_000_000;

impl Desk {
    pub async fn overview(&self, now: Moment) -> Answer<Overview> {
        let city = self.city();
        let states = self.states().await?;
        let all: Vec<ResourceSummary> =
            city.resources.values().map(|r| state::summarise(&city, r, states.get(&r.id), now)).collect();
        let offset = utc_offset_seconds(&city, now);
        let midnight = midnight(now, offset);
        let today = self.store().runs_since(midnight).await.map_err(internal)?;
        let live = self.live_runs();
        Ok(Overview {
            city: Text::new(&city.info.title, &city.info.title_en),
            summary: Text::new(&city.info.summary, &city.info.summary_en),
            departments: city.departments.len() as u64,
            systems: city.systems.len() as u64,
            resources: city.resources.len() as u64,
            items: city.resources.values().map(|r| r.items.len() as u64).sum(),
            rows: all.iter().map(|r| r.rows).fold(Rows::default(), state::add),
            landed_today: today.landed,
            runs_today: today.total(),
            failed_today: today.of(state::state_word(RunState::Failed)),
            gaps: all.iter().filter(|resource| crate::gaps::lack(resource).is_some()).count() as u64,
            freshness: count_freshness(&all),
            trend: self.store().landed_by_day(now, offset as i32).await.map_err(internal)?,
            last_run: self.last_run().await?,
            running: live.len() as u64,
            as_of: now,
            by_department: departments(&city, &states, now),
        })
    }
}

fn count_freshness(all: &[ResourceSummary]) -> Vec<(Freshness, u64)> {
    [Freshness::Never, Freshness::Fresh, Freshness::Stale, Freshness::Failed]
        .into_iter()
        .map(|kind| (kind, all.iter().filter(|r| r.freshness == kind).count() as u64))
        .collect()
}

fn departments(city: &City, states: &States, now: Moment) -> Vec<DepartmentSummary> {
    let summarise = |department: &data::declare::Department| {
        let systems = city.systems.values().filter(|s| s.department == department.id).count() as u64;
        let held = city.resources.values().filter(|r| city.provider(r).is_some_and(|d| d.id == department.id));
        let held: Vec<ResourceSummary> = held.map(|r| state::summarise(city, r, states.get(&r.id), now)).collect();
        DepartmentSummary {
            id: department.id.clone(),
            title: Text::new(&department.title, &department.title_en),
            systems,
            resources: held.len() as u64,
            rows: held.iter().map(|r| r.rows).fold(Rows::default(), state::add),
            worst: state::worst(held.iter().map(|r| r.freshness)),
            last_collected: held.iter().filter_map(|r| r.last_collected).max(),
        }
    };
    city.departments.values().map(summarise).collect()
}

/// Seconds that the city's clocks are ahead of UTC. An unknown zone counts as China's.
pub(crate) fn utc_offset_seconds(city: &City, now: Moment) -> i64 {
    let zone = TimeZone::get(&city.info.time_zone).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)));
    i64::from(zone.to_offset(now.to_jiff()).seconds())
}

fn midnight(now: Moment, offset_seconds: i64) -> Moment {
    let offset = offset_seconds * 1_000_000;
    let local = now.0 + offset;
    Moment(local - local.rem_euclid(DAY_MICROS) - offset)
}
