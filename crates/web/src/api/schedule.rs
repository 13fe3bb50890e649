//! The schedule: when each resource is collected next, and what it waits for.

use axum::Json;
use desk::schedule::{Scheduled, SystemSchedule, Waits};
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::shape::{Time, Whole, Words};
use crate::frame::Visit;

/// A system and its resources in the schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Schedule {
    system: String,
    title: Words,
    /// Since when staff have paused it.
    paused_since: Option<Time>,
    /// Hours in which the source is left alone, as declared.
    blackout: Vec<String>,
    resources: Vec<Entry>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    resource: String,
    title: Words,
    /// Absent: by the update period.
    cron: Option<String>,
    /// The times of `cron` count on working days only.
    workdays: bool,
    jitter_minutes: u32,
    last_started: Option<Time>,
    last_success: Option<Time>,
    failed: bool,
    /// `due`, `running`, `until`, `blackout`, `paused`, `pushed`, `called` (a service, asked at each call), `asked` (only when somebody asks).
    waits: &'static str,
    /// The moment for which it waits, of `until` and `blackout`.
    next: Option<Time>,
}

impl From<Scheduled> for Entry {
    fn from(s: Scheduled) -> Entry {
        let (waits, next) = match s.waits {
            Waits::Due => ("due", None),
            Waits::Running => ("running", None),
            Waits::Until(moment) => ("until", Some(moment)),
            Waits::Blackout(moment) => ("blackout", Some(moment)),
            Waits::Paused => ("paused", None),
            Waits::Pushed => ("pushed", None),
            Waits::Called => ("called", None),
            Waits::Asked => ("asked", None),
        };
        Entry {
            resource: s.resource,
            title: s.title.into(),
            cron: s.cron,
            workdays: s.days == data::declare::RunDays::Workdays,
            jitter_minutes: s.jitter_minutes,
            last_started: s.last_started.map(Time::from),
            last_success: s.last_success.map(Time::from),
            failed: s.failed,
            waits,
            next: next.map(Time::from),
        }
    }
}

impl From<SystemSchedule> for Schedule {
    fn from(s: SystemSchedule) -> Schedule {
        Schedule {
            system: s.system,
            title: s.title.into(),
            paused_since: s.pause.map(|pause| pause.since.into()),
            blackout: s.blackout,
            resources: s.resources.into_iter().map(Entry::from).collect(),
        }
    }
}

/// 归集计划 / Schedule
///
/// 每项资源下一次何时归集、在等什么。 When each resource is collected next, and what it waits for.
#[utoipa::path(get, path = "/api/v1/schedule", tag = "collection", responses((status = 200, body = Whole<Schedule>), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn schedule(visit: Visit) -> Answered<Whole<Schedule>> {
    let systems = visit.app.desk.schedule(visit.now).await.told(&visit)?;
    Ok(Json(Whole { entries: systems.into_iter().map(Schedule::from).collect() }))
}
