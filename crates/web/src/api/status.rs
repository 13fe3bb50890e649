//! The city at a glance.

use axum::Json;
use desk::view::{Freshness as Stand, Overview};
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::run::Run;
use super::shape::{Rows, Time, Words};
use crate::frame::Visit;

/// The city's figures at one moment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    city: Words,
    departments: u64,
    systems: u64,
    resources: u64,
    items: u64,
    rows: Rows,
    last_run: Option<Run>,
    /// Rows landed since midnight in the city's time zone.
    landed_today: u64,
    runs_today: u64,
    failed_today: u64,
    /// Runs under way.
    running: u64,
    freshness: ByFreshness,
    /// The last 14 days, oldest first.
    trend: Vec<Day>,
    as_of: Time,
}

/// Resources by how they stand against their update period.
#[derive(Debug, Default, Serialize, ToSchema)]
struct ByFreshness {
    never: u64,
    fresh: u64,
    stale: u64,
    failed: u64,
}

/// Rows landed on one day.
#[derive(Debug, Serialize, ToSchema)]
struct Day {
    #[schema(example = "2026-11-24")]
    day: String,
    landed: u64,
}

impl From<Overview> for Status {
    fn from(view: Overview) -> Status {
        let mut freshness = ByFreshness::default();
        for (stand, count) in view.freshness {
            match stand {
                Stand::Never => freshness.never += count,
                Stand::Fresh => freshness.fresh += count,
                Stand::Stale => freshness.stale += count,
                Stand::Failed => freshness.failed += count,
            }
        }
        Status {
            city: view.city.into(),
            departments: view.departments,
            systems: view.systems,
            resources: view.resources,
            items: view.items,
            rows: view.rows.into(),
            last_run: view.last_run.map(Run::from),
            landed_today: view.landed_today,
            runs_today: view.runs_today,
            failed_today: view.failed_today,
            running: view.running,
            freshness,
            trend: view.trend.into_iter().map(|(day, landed)| Day { day, landed }).collect(),
            as_of: view.as_of.into(),
        }
    }
}

/// 城市概况 / The city at a glance
///
/// 部门、系统、资源、信息项与各层行数。 Departments, systems, resources, items, and rows by layer.
#[utoipa::path(get, path = "/api/v1/status", tag = "city", responses((status = 200, body = Status), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn status(visit: Visit) -> Answered<Status> {
    let overview = visit.app.desk.overview(visit.now).await.told(&visit)?;
    Ok(Json(overview.into()))
}
