//! Grading, for staff: classes and grades that values speak for and declarations do not, and decisions about them.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::grading::{GradeDecided, GradeProposal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Grade, ItemClass, Time, Words};
use crate::frame::Visit;

/// An item whose names and values speak for more than its declaration says.
#[derive(Debug, Serialize, ToSchema)]
struct Proposal {
    resource: String,
    item: String,
    title: Words,
    class: ItemClass,
    grade: Grade,
    declared_class: ItemClass,
    declared_grade: Grade,
    /// 0 to 1.
    confidence: f64,
    why: Words,
}

impl From<GradeProposal> for Proposal {
    fn from(view: GradeProposal) -> Proposal {
        Proposal {
            resource: view.resource,
            item: view.item,
            title: view.item_title.into(),
            class: view.class.into(),
            grade: view.grade.into(),
            declared_class: view.declared_class.into(),
            declared_grade: view.declared_grade.into(),
            confidence: view.confidence,
            why: view.why.into(),
        }
    }
}

/// What was decided about a proposal.
#[derive(Debug, Serialize, ToSchema)]
struct GradeDecision {
    id: String,
    resource: String,
    item: String,
    /// Class and grade: `personal L3`.
    proposed: String,
    decided: String,
    /// `confirmed`, `chosen`, `rejected` or `undone`.
    state: String,
    who: String,
    why: String,
    time: Time,
    /// What it changed in the declaration, as a diff.
    change: Option<String>,
}

impl From<GradeDecided> for GradeDecision {
    fn from(view: GradeDecided) -> GradeDecision {
        GradeDecision {
            id: view.id,
            resource: view.resource,
            item: view.item,
            proposed: view.proposed,
            decided: view.decided,
            state: view.state,
            who: view.who,
            why: view.why,
            time: view.time.into(),
            change: view.change,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Grading {
    proposals: Vec<Proposal>,
    /// The newest decisions.
    decided: Vec<GradeDecision>,
}

/// 分级建议 / Proposed grades
///
/// 名称和数据表明应当更高的类别和级别，以及已作的决定。 Classes and grades that names and values speak for, and what was decided.
#[utoipa::path(get, path = "/api/v1/grading", tag = "catalog", security(("session" = [])),
    params(("resource" = Option<String>, Query, description = "信息资源 / resource", max_length = 200)),
    responses((status = 200, body = Grading), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn grading(visit: Visit) -> Answered<Grading> {
    let who = visit.staff().told(&visit)?;
    let resource = read::text(&visit, "resource").told(&visit)?;
    let desk = &visit.app.desk;
    let proposals = desk.grade_proposals(who, resource.as_deref()).await.told(&visit)?;
    let decided = desk.grade_decisions(who).await.told(&visit)?;
    Ok(Json(Grading {
        proposals: proposals.into_iter().map(Proposal::from).collect(),
        decided: decided.into_iter().map(GradeDecision::from).collect(),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct GradeChoice {
    /// `confirm`, `choose` or `reject`.
    act: String,
    /// For `choose`.
    #[serde(default)]
    class: String,
    /// For `choose`.
    #[serde(default)]
    grade: String,
    /// Needed unless it is confirmed.
    #[serde(default)]
    #[schema(max_length = 500)]
    why: String,
}

/// 处理一条分级建议 / Decide about a proposal
///
/// 确认或另定的写入声明。 What is confirmed or chosen is written into the declaration.
#[utoipa::path(post, path = "/api/v1/grading/{resource}/{item}", tag = "catalog", security(("session" = [])), request_body = GradeChoice,
    params(("resource" = String, Path, description = "信息资源 / resource", max_length = 200), ("item" = String, Path, description = "信息项 / item", max_length = 200)),
    responses((status = 204),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn decide_grade(
    Path((resource, item)): Path<(String, String)>,
    visit: Visit,
    body: Result<Body<GradeChoice>, Problem>,
) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(choice) = body.told(&visit)?;
    let verdict = crate::grading::verdict(&choice.act, &choice.class, &choice.grade).told(&visit)?;
    visit.app.desk.settle_grade(who, (&resource, &item), verdict, &choice.why, None).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 撤销一个决定 / Take a decision back
///
/// 声明恢复原样；其间有人改过的不恢复。 The declaration becomes what it was, unless somebody has changed it since.
#[utoipa::path(post, path = "/api/v1/grading/decisions/{id}/undo", tag = "catalog", security(("session" = [])),
    params(("id" = String, Path, description = "决定的编号 / id of the decision", max_length = 200)),
    responses((status = 204),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn undo_grade(visit: Visit, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.undo_grade(who, &id).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
