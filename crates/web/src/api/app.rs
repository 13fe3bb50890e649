//! Registered applications of open data: the showcase for everybody; what an owner and a steward do with them.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::open::{AppDetail, AppView, Telling};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::catalog::Named;
use super::problem::{ForReader, Problem};
use super::shape::{Page, Time, Words};
use super::{Answered, read};
use crate::frame::Visit;

/// An application that uses open data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenApplication {
    id: String,
    name: String,
    summary: String,
    address: String,
    /// `citizen`, `company`, `staff`.
    author: &'static str,
    /// `waiting`, `shown`, `refused`, `ended`.
    state: &'static str,
    registered: Time,
    /// Why it is not shown; for its owner and stewards.
    reason: Option<String>,
    /// When it was last looked at.
    checked: Option<Time>,
    /// Since when it is as it was found.
    since: Option<Time>,
    /// What is wrong with it; none while it works.
    fault: Option<Words>,
}

impl From<AppView> for OpenApplication {
    fn from(view: AppView) -> OpenApplication {
        OpenApplication {
            id: view.id,
            name: view.name,
            summary: view.summary,
            address: view.address,
            author: view.author.word(),
            state: view.state.word(),
            registered: view.registered.into(),
            reason: view.reason,
            checked: view.checked.map(Time::from),
            since: view.since.map(Time::from),
            fault: view.fault.map(Words::from),
        }
    }
}

/// A dataset that an application uses.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UsedDataset {
    dataset: Named,
    /// With commas between them; empty: no column in particular.
    columns: String,
}

/// Calls on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallsOfDay {
    day: String,
    calls: u64,
}

/// One application, with what it uses.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneOpenApplication {
    application: OpenApplication,
    uses: Vec<UsedDataset>,
    /// Calls a day that it may make.
    per_day: u64,
    /// What is called every night; for its owner and stewards.
    probe: Option<String>,
    /// Calls by day; for its owner and stewards.
    calls: Vec<CallsOfDay>,
}

impl From<AppDetail> for OneOpenApplication {
    fn from(detail: AppDetail) -> OneOpenApplication {
        OneOpenApplication {
            application: detail.view.into(),
            uses: detail.uses.into_iter().map(|(dataset, columns)| UsedDataset { dataset: Named::of(dataset.id, dataset.title), columns }).collect(),
            per_day: detail.per_day,
            probe: detail.probe,
            calls: detail.calls.into_iter().map(|(day, calls)| CallsOfDay { day, calls }).collect(),
        }
    }
}

/// What is said of an application.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct OpenApplicationTold {
    #[schema(max_length = 60)]
    name: String,
    #[schema(max_length = 1000)]
    summary: String,
    /// Its home page.
    #[schema(max_length = 500)]
    address: String,
    /// What answers 200 while it works; called every night.
    #[serde(default)]
    #[schema(max_length = 500)]
    probe: String,
    /// Datasets: `bus_stops`, or with the columns that it needs: `bus_stops: stop_name, longitude`.
    #[schema(max_items = 50)]
    uses: Vec<String>,
}

impl From<OpenApplicationTold> for Telling {
    fn from(told: OpenApplicationTold) -> Telling {
        let OpenApplicationTold { name, summary, address, probe, uses } = told;
        Telling { name, summary, address, probe, uses }
    }
}

/// What was registered. The key is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenApplicationKey {
    id: String,
    /// Sent as `Authorization: Bearer KEY`.
    key: String,
}

/// What a steward decides.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Showing {
    /// Whether it is shown to everybody.
    show: bool,
    /// Why it is not.
    #[serde(default)]
    #[schema(max_length = 1000)]
    words: String,
}

/// 数据应用 / Applications of open data
///
/// 无需登录。已展示的应用，最新的在前。 No login needed. Those in the showcase, the newest first.
#[utoipa::path(get, path = "/api/v1/open/applications", operation_id = "open_applications", tag = "open",
    params(
        ("dataset" = Option<String>, Query, description = "只看使用某数据集的 / those that use one dataset", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<OpenApplication>), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn applications(visit: Visit) -> Answered<Page<OpenApplication>> {
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.open_apps(visit.account.as_ref(), visit.chosen("dataset").as_deref(), page, size).await.told(&visit)?;
    Ok(Json(Page::of(found)))
}

/// 登记应用 / Register an application
///
/// 密钥只返回这一次。 The key is told this once.
#[utoipa::path(post, path = "/api/v1/open/applications", operation_id = "register_open_application", tag = "open", security(("session" = [])), request_body = OpenApplicationTold,
    responses((status = 200, body = OpenApplicationKey), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn register(visit: Visit, body: Result<Body<OpenApplicationTold>, Problem>) -> Answered<OpenApplicationKey> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(told) = body.told(&visit)?;
    let (id, key) = visit.app.desk.register_app(who, &told.into(), visit.now).await.told(&visit)?;
    Ok(Json(OpenApplicationKey { id, key }))
}

/// 一个应用 / One application
///
/// 未展示的只有登记人和数据管理员可见。 One that is not shown is there for its owner and stewards alone.
#[utoipa::path(get, path = "/api/v1/open/applications/{id}", operation_id = "open_application", tag = "open",
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = OneOpenApplication), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn application(Path(id): Path<String>, visit: Visit) -> Answered<OneOpenApplication> {
    Ok(Json(visit.app.desk.open_app(visit.account.as_ref(), &id, visit.now).await.told(&visit)?.into()))
}

/// 修改应用 / Say something else of it
///
/// 登记人。密钥不变，重新审核。 Its owner. The key stays; a steward looks at it again.
#[utoipa::path(put, path = "/api/v1/open/applications/{id}", operation_id = "change_open_application", tag = "open", security(("session" = [])), request_body = OpenApplicationTold,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn change(Path(id): Path<String>, visit: Visit, body: Result<Body<OpenApplicationTold>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(told) = body.told(&visit)?;
    visit.app.desk.change_app(who, &id, &told.into(), visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 注销应用 / Give it up
///
/// 登记人。密钥立即失效。 Its owner. The key ends at once.
#[utoipa::path(delete, path = "/api/v1/open/applications/{id}", operation_id = "end_open_application", tag = "open", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn end(Path(id): Path<String>, visit: Visit) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.end_app(who, &id).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 更换应用密钥 / Take a new key
///
/// 登记人。旧密钥立即失效。 Its owner. The former key ends at once.
#[utoipa::path(post, path = "/api/v1/open/applications/{id}/key", operation_id = "renew_open_application", tag = "open", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = OpenApplicationKey), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn renew(Path(id): Path<String>, visit: Visit) -> Answered<OpenApplicationKey> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let key = visit.app.desk.renew_app(who, &id).await.told(&visit)?;
    Ok(Json(OpenApplicationKey { id, key }))
}

/// 审核应用 / Show it or not
///
/// 数据管理员。 A steward.
#[utoipa::path(post, path = "/api/v1/open/applications/{id}/moderate", operation_id = "moderate_open_application", tag = "open", security(("session" = [])), request_body = Showing,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn moderate(Path(id): Path<String>, visit: Visit, body: Result<Body<Showing>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(decided) = body.told(&visit)?;
    visit.app.desk.moderate_app(who, &id, decided.show, &decided.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
