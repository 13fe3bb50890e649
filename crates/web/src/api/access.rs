//! Restricted data for programs: applied for, decided, taken back. Its rows are asked for where those of all open data are.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::open::{AccessUse, AccessView, Applying};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::catalog::Named;
use super::problem::{ForReader, Problem};
use super::shape::{Page, Time, Words};
use super::{Answered, read};
use crate::frame::Visit;

/// An application for restricted data, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Access {
    id: String,
    dataset: Named,
    department: Named,
    /// `citizen`, `company`, `staff`.
    author: &'static str,
    purpose: String,
    /// The agreement as it was signed, and by which name.
    agreement: Words,
    signer: String,
    /// `waiting`, `granted`, `refused`, `ended`.
    state: &'static str,
    /// Whether its owner may read today.
    holds: bool,
    asked: Time,
    /// The last day on which a decision is not late; empty once it is decided.
    due: String,
    decided: Option<Time>,
    words: Option<String>,
    /// The last day of use.
    until: Option<String>,
    ended: Option<Time>,
}

impl From<AccessView> for Access {
    fn from(view: AccessView) -> Access {
        Access {
            id: view.id,
            dataset: Named::of(view.dataset.id, view.dataset.title),
            department: Named::of(view.department.id, view.department.title),
            author: view.author.word(),
            purpose: view.purpose,
            agreement: view.agreement.into(),
            signer: view.signer,
            state: view.state.word(),
            holds: view.holds,
            asked: view.asked.into(),
            due: view.due,
            decided: view.decided.map(Time::from),
            words: view.words,
            until: view.until,
            ended: view.ended.map(Time::from),
        }
    }
}

/// Questions and rows of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessUseOfDay {
    day: String,
    calls: u64,
    rows: u64,
}

/// One application with its use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneAccess {
    access: Access,
    used: Vec<AccessUseOfDay>,
}

/// An application for restricted data.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewAccess {
    #[schema(max_length = 200)]
    dataset: String,
    /// What it is for.
    #[schema(max_length = 1000)]
    purpose: String,
    /// The name that the agreement is signed with.
    #[schema(max_length = 60)]
    signer: String,
    /// Whether the agreement is agreed to.
    agreed: bool,
}

/// What was noted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotedAccess {
    id: String,
}

/// What a department decides.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AccessDecision {
    grant: bool,
    /// Needed for a refusal.
    #[serde(default)]
    #[schema(max_length = 1000)]
    words: String,
}

/// Why it is taken back.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AccessWithdrawal {
    #[schema(max_length = 1000)]
    words: String,
}

/// 我的受限数据申请 / Your applications for restricted data
#[utoipa::path(get, path = "/api/v1/me/access", operation_id = "own_accesses", tag = "open", security(("session" = [])),
    params(
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Access>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn own(visit: Visit) -> Answered<Page<Access>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.own_accesses(who, page, size, visit.now).await.told(&visit)?)))
}

/// 受限数据申请 / Applications for restricted data
///
/// 数据管理员看全部；部门专员看本部门数据的。 Stewards: all; officers: those for their department's data.
#[utoipa::path(get, path = "/api/v1/open/access", operation_id = "accesses", tag = "open", security(("session" = [])),
    params(
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Access>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn accesses(visit: Visit) -> Answered<Page<Access>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.accesses(who, page, size, visit.now).await.told(&visit)?)))
}

/// 申请受限数据 / Apply for restricted data
///
/// 须同意协议并签名。 The agreement has to be agreed to and signed.
#[utoipa::path(post, path = "/api/v1/open/access", operation_id = "apply_for_access", tag = "open", security(("session" = [])), request_body = NewAccess,
    responses((status = 200, body = NotedAccess), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn apply(visit: Visit, body: Result<Body<NewAccess>, Problem>) -> Answered<NotedAccess> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(NewAccess { dataset, purpose, signer, agreed }) = body.told(&visit)?;
    let applying = Applying { dataset, purpose, signer, agreed };
    Ok(Json(NotedAccess { id: visit.app.desk.apply_for_access(who, &applying, visit.now).await.told(&visit)? }))
}

/// 一项申请 / One application
///
/// 申请人和审核人可见。 For who applied and who decides.
#[utoipa::path(get, path = "/api/v1/open/access/{id}", operation_id = "access", tag = "open", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = OneAccess), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn access(Path(id): Path<String>, visit: Visit) -> Answered<OneAccess> {
    let who = visit.staff().told(&visit)?;
    let (view, used) = visit.app.desk.one_access(who, &id, visit.now).await.told(&visit)?;
    let used = used.into_iter().map(|AccessUse { day, calls, rows }| AccessUseOfDay { day, calls, rows }).collect();
    Ok(Json(OneAccess { access: view.into(), used }))
}

/// 放弃 / Give it up
///
/// 申请人。 Who applied.
#[utoipa::path(delete, path = "/api/v1/open/access/{id}", operation_id = "leave_access", tag = "open", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn leave(Path(id): Path<String>, visit: Visit) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.leave_access(who, &id, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 审核申请 / Decide it
///
/// 提供部门的专员或数据管理员。 An officer of the department, or a steward.
#[utoipa::path(post, path = "/api/v1/open/access/{id}/decide", operation_id = "decide_access", tag = "open", security(("session" = [])), request_body = AccessDecision,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn decide(Path(id): Path<String>, visit: Visit, body: Result<Body<AccessDecision>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(decided) = body.told(&visit)?;
    visit.app.desk.decide_access(who, &id, decided.grant, &decided.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 收回 / Take it back
///
/// 提供部门的专员或数据管理员；立即生效。 An officer of the department, or a steward; at once.
#[utoipa::path(post, path = "/api/v1/open/access/{id}/withdraw", operation_id = "withdraw_access", tag = "open", security(("session" = [])), request_body = AccessWithdrawal,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn withdraw(Path(id): Path<String>, visit: Visit, body: Result<Body<AccessWithdrawal>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(AccessWithdrawal { words }) = body.told(&visit)?;
    visit.app.desk.withdraw_access(who, &id, &words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
