//! Departments: who holds data.

use axum::Json;
use desk::view::DepartmentSummary;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::shape::{Freshness, Rows, Time, Whole, Words};
use crate::frame::Visit;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Department {
    id: String,
    title: Words,
    systems: u64,
    resources: u64,
    rows: Rows,
    /// The worst among its resources.
    worst: Freshness,
    last_collected: Option<Time>,
}

impl From<DepartmentSummary> for Department {
    fn from(view: DepartmentSummary) -> Department {
        Department {
            id: view.id,
            title: view.title.into(),
            systems: view.systems,
            resources: view.resources,
            rows: view.rows.into(),
            worst: view.worst.into(),
            last_collected: view.last_collected.map(Time::from),
        }
    }
}

/// 部门 / Departments
///
/// 各部门的系统、资源与行数。 Each department's systems, resources and rows.
#[utoipa::path(get, path = "/api/v1/departments", tag = "catalog", responses((status = 200, body = Whole<Department>), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn departments(visit: Visit) -> Answered<Whole<Department>> {
    let overview = visit.app.desk.overview(visit.now).await.told(&visit)?;
    Ok(Json(Whole { entries: overview.by_department.into_iter().map(Department::from).collect() }))
}
