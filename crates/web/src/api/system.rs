//! Systems: where a department's data comes from.

use axum::Json;
use axum::extract::Path;
use desk::view::{SystemDetail, SystemSummary};
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::catalog::Resource;
use super::problem::{ForReader, Problem};
use super::run::Run;
use super::shape::{Freshness, Rows, Time, Whole, Words, words};
use crate::frame::Visit;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct System {
    id: String,
    title: Words,
    department: String,
    department_title: Words,
    /// `files`, `sqlite`, `postgres`, `http`.
    connector: String,
    resources: u64,
    rows: Rows,
    /// The worst among its resources.
    worst: Freshness,
    last_collected: Option<Time>,
    /// Whether a run of it is under way.
    running: bool,
}

impl From<SystemSummary> for System {
    fn from(view: SystemSummary) -> System {
        System {
            id: view.id,
            title: view.title.into(),
            department: view.department,
            department_title: view.department_title.into(),
            connector: view.connector.to_owned(),
            resources: view.resources,
            rows: view.rows.into(),
            worst: view.worst.into(),
            last_collected: view.last_collected.map(Time::from),
            running: view.running,
        }
    }
}

/// A system with its resources and last runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SystemWhole {
    system: System,
    summary: Words,
    resources: Vec<Resource>,
    runs: Vec<Run>,
}

impl From<SystemDetail> for SystemWhole {
    fn from(view: SystemDetail) -> SystemWhole {
        SystemWhole {
            system: view.summary.into(),
            summary: words(&view.system.summary, &view.system.summary_en),
            resources: view.resources.into_iter().map(Resource::from).collect(),
            runs: view.runs.into_iter().map(Run::from).collect(),
        }
    }
}

/// 系统 / Systems
///
/// 归集来源的全部信息系统。 All systems that data is collected from.
#[utoipa::path(get, path = "/api/v1/systems", tag = "catalog", responses((status = 200, body = Whole<System>), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn systems(visit: Visit) -> Answered<Whole<System>> {
    let systems = visit.app.desk.systems(visit.now).await.told(&visit)?;
    Ok(Json(Whole { entries: systems.into_iter().map(System::from).collect() }))
}

/// 一个系统 / One system
///
/// 系统的资源与最近的归集任务。 Its resources and last runs.
#[utoipa::path(get, path = "/api/v1/systems/{id}", tag = "catalog",
    params(("id" = String, Path, description = "系统编号 / id of the system", max_length = 200)),
    responses((status = 200, body = SystemWhole), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn system(Path(id): Path<String>, visit: Visit) -> Answered<SystemWhole> {
    let system = visit.app.desk.system(&id, visit.now).await.told(&visit)?;
    Ok(Json(system.into()))
}
