//! Lending data between departments: requests, decisions, grants, the applications that read under them.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use data::share::{self, Lent, Terms};
use desk::share::{Asking, Decision, GrantState as State, GrantView, Named, RequestFilter, RequestView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words, mirror};
use crate::frame::Visit;

mirror!(
    /// 查询、核验、批量、订阅。
    Channel of share::Channel { Query, Verify, Batch, Subscribe } as "snake_case"
);
mirror!(
    /// 政务服务、监管执法、应急处置、辅助决策、统计分析、案件调查。
    Purpose of share::Purpose { Service, Supervision, Emergency, Decision, Statistics, Investigation } as "snake_case"
);
mirror!(
    /// `asked`: the provider has to decide. `disputed`: the bureau has to settle it. `upheld`: it has upheld the refusal.
    RequestState of share::RequestState { Asked, Granted, Refused, Disputed, Upheld, Withdrawn } as "snake_case"
);
mirror!(
    /// `ending`: it holds for less than thirty days.
    GrantState of State { Active, Ending, Expired, Withdrawn } as "snake_case"
);

mirror!(
    /// Whether a service is asked (`closed`), left alone (`open`), or tried by one call (`half_open`).
    Circuit of desk::share::ServiceState { Closed, Open, HalfOpen } as "snake_case"
);

/// Something by its id, and what it is called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Titled {
    id: String,
    title: Words,
}

impl From<Named> for Titled {
    fn from(named: Named) -> Titled {
        Titled { id: named.id, title: named.title.into() }
    }
}

/// An item that is lent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct LentItem {
    #[schema(max_length = 200)]
    name: String,
    /// As it stands; else behind its mask.
    whole: bool,
}

impl From<Lent> for LentItem {
    fn from(lent: Lent) -> LentItem {
        LentItem { name: lent.name, whole: lent.whole }
    }
}

pub(super) fn lent(items: Vec<LentItem>) -> Vec<Lent> {
    items.into_iter().map(|item| Lent { name: item.name, whole: item.whole }).collect()
}

/// What is asked for, or allowed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LendingTerms {
    items: Vec<LentItem>,
    /// Items that each query and verification must name.
    keys: Vec<String>,
    /// Which rows: a condition over the resource's items; all when empty.
    condition: String,
    channels: Vec<Channel>,
    purpose: Purpose,
    /// The last day.
    #[schema(example = "2027-01-31")]
    until: String,
    /// Calls a minute at most.
    per_minute: u32,
    /// Days after which whoever is read about is told, on which legal ground; 0: at once. For an investigation only.
    told_after: u32,
    told_ground: String,
    /// Calls and rows a day at most.
    per_day: Option<u64>,
    rows_per_day: Option<u64>,
}

impl From<Terms> for LendingTerms {
    fn from(terms: Terms) -> LendingTerms {
        LendingTerms {
            items: terms.items.into_iter().map(LentItem::from).collect(),
            keys: terms.keys,
            condition: terms.condition,
            channels: terms.channels.into_iter().map(Channel::from).collect(),
            purpose: terms.purpose.into(),
            until: terms.until,
            per_minute: terms.per_minute,
            told_after: terms.told_after,
            told_ground: terms.told_ground,
            per_day: terms.daily.calls,
            rows_per_day: terms.daily.rows,
        }
    }
}

/// A request for data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DataRequest {
    id: String,
    resource: Titled,
    /// The department that answers for the resource.
    provider: Titled,
    /// The department that asks.
    department: Titled,
    terms: LendingTerms,
    reason: String,
    state: RequestState,
    asked: Time,
    /// The last day on which whoever has to act is not late; empty when nobody has to.
    due: String,
    late: bool,
    /// The grant that it is to renew, and the one that it led to.
    renews: Option<String>,
    grant: Option<String>,
}

impl From<RequestView> for DataRequest {
    fn from(view: RequestView) -> DataRequest {
        DataRequest {
            id: view.id,
            resource: view.resource.into(),
            provider: view.provider.into(),
            department: view.department.into(),
            terms: view.terms.into(),
            reason: view.reason,
            state: view.state.into(),
            asked: view.asked.into(),
            due: view.due,
            late: view.late,
            renews: view.renews,
            grant: view.grant,
        }
    }
}

/// Something done about a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequestDoing)]
struct Doing {
    /// `asked`, `granted`, `refused`, `disputed`, `upheld`, `withdrawn`.
    act: String,
    /// Empty where it was granted at once.
    who: String,
    words: String,
    time: Time,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DataRequestDetail {
    request: DataRequest,
    acts: Vec<Doing>,
}

/// A grant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Grant {
    id: String,
    /// The request that it answers.
    request: String,
    resource: Titled,
    provider: Titled,
    /// The department that may read.
    department: Titled,
    terms: LendingTerms,
    since: Time,
    until: Time,
    state: GrantState,
    /// When it was withdrawn, and why.
    ended: Option<Time>,
    ended_why: Option<String>,
}

impl From<GrantView> for Grant {
    fn from(view: GrantView) -> Grant {
        Grant {
            id: view.id,
            request: view.request,
            resource: view.resource.into(),
            provider: view.provider.into(),
            department: view.department.into(),
            terms: view.terms.into(),
            since: view.since.into(),
            until: view.until.into(),
            state: view.state.into(),
            ended: view.ended.map(Time::from),
            ended_why: view.ended_why,
        }
    }
}

/// What a grant was used for on a day.
#[derive(Debug, Serialize, ToSchema)]
struct DayOfUse {
    day: String,
    calls: u64,
    rows: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantDetail {
    grant: Grant,
    /// The last thirty days, the oldest first.
    usage: Vec<DayOfUse>,
    /// What is left of today's quota, where there is one.
    left: Option<LeftToday>,
    /// How the service does, where it is one.
    service: Option<ServiceState>,
}

/// What is left of today.
#[derive(Debug, Serialize, ToSchema)]
struct LeftToday {
    calls: Option<u64>,
    rows: Option<u64>,
    /// When the next day begins.
    until: Time,
}

/// A service, and which operations the grant has.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceState {
    /// `closed`: it is asked. `open`: left alone until then. `half_open`: one call tries it.
    state: Circuit,
    until: Option<Time>,
    operations: Vec<String>,
}

/// 数据申请 / Requests for data
///
/// 本部门提出的和向本部门提出的；待办的在前。 Those of the own department and those to it; what waits first.
#[utoipa::path(get, path = "/api/v1/requests", operation_id = "data_requests", tag = "share", security(("session" = [])),
    params(
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("state" = Option<RequestState>, Query, description = "只看此状态 / in this state"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<DataRequest>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn requests(visit: Visit) -> Answered<Page<DataRequest>> {
    let who = visit.staff().told(&visit)?;
    let state: Option<RequestState> = visit.chosen("state").map(|word| read::word("state", &word)).transpose().told(&visit)?;
    let state = state.and_then(|state| share::RequestState::ALL.iter().copied().find(|one| RequestState::from(*one) == state));
    let filter = RequestFilter { resource: read::text(&visit, "resource").told(&visit)?, state };
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.requests(who, &filter, page, size, visit.now).await.told(&visit)?)))
}

/// 一份申请 / One request
#[utoipa::path(get, path = "/api/v1/requests/{id}", operation_id = "data_request", tag = "share", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = DataRequestDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn request(Path(id): Path<String>, visit: Visit) -> Answered<DataRequestDetail> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.request(who, &id, visit.now).await.told(&visit)?;
    let acts = found.acts.into_iter().map(|act| Doing { act: act.act, who: act.who, words: act.words, time: act.time.into() }).collect();
    Ok(Json(DataRequestDetail { request: found.request.into(), acts }))
}

/// What is asked for. What is left out is as the declaration proposes.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Ask {
    #[schema(max_length = 200)]
    resource: String,
    /// All items that the declaration proposes when absent.
    items: Option<Vec<LentItem>>,
    keys: Option<Vec<String>>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    condition: String,
    channels: Vec<Channel>,
    purpose: Purpose,
    until: Option<String>,
    /// Calls and rows a day; as the city bounds them when absent.
    per_day: Option<u64>,
    rows_per_day: Option<u64>,
    /// What for, and on which legal ground.
    #[schema(max_length = 1000)]
    reason: String,
    /// The grant that it is to renew.
    #[serde(default)]
    renews: Option<String>,
    /// Days after which whoever is read about is told, and the legal ground of that.
    #[serde(default)]
    told_after: u32,
    #[serde(default)]
    told_ground: String,
}

/// What was asked for has this id.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Requested {
    id: String,
    state: RequestState,
    /// The grant, where it was given at once.
    grant: Option<String>,
}

/// 申请数据 / Ask for data
///
/// 以本部门名义申请；无条件共享的当即授权。 In the name of the own department; what is shared unconditionally is granted at once.
#[utoipa::path(post, path = "/api/v1/requests", operation_id = "ask_for_data", tag = "share", security(("session" = [])), request_body = Ask,
    responses((status = 200, body = Requested), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn ask(visit: Visit, body: Result<Body<Ask>, Problem>) -> Answered<Requested> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(ask) = body.told(&visit)?;
    let desk = &visit.app.desk;
    let proposed = desk.draft_request(who, &ask.resource, ask.renews.as_deref(), visit.now).await.told(&visit)?.terms;
    let terms = Terms {
        items: ask.items.map_or(proposed.items, lent),
        keys: ask.keys.unwrap_or(proposed.keys),
        condition: ask.condition,
        channels: ask.channels.into_iter().map(share::Channel::from).collect(),
        purpose: ask.purpose.into(),
        until: ask.until.unwrap_or(proposed.until),
        per_minute: proposed.per_minute,
        told_after: ask.told_after,
        told_ground: ask.told_ground,
        daily: share::Daily { calls: ask.per_day.or(proposed.daily.calls), rows: ask.rows_per_day.or(proposed.daily.rows) },
    };
    let asking = Asking { resource: ask.resource, terms, reason: ask.reason, renews: ask.renews };
    let id = desk.ask(who, asking, visit.now).await.told(&visit)?;
    let made = desk.request(who, &id, visit.now).await.told(&visit)?.request;
    Ok(Json(Requested { id, state: made.state.into(), grant: made.grant }))
}

/// What becomes of a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub(super) enum RequestDone {
    /// The provider, or the bureau in a dispute: as asked, or less.
    Grant {
        /// As asked when absent.
        items: Option<Vec<LentItem>>,
        keys: Option<Vec<String>>,
        /// A further condition.
        #[serde(default)]
        condition: String,
        until: Option<String>,
        per_minute: Option<u32>,
        told_after: Option<u32>,
        per_day: Option<u64>,
        rows_per_day: Option<u64>,
        #[serde(default)]
        words: String,
    },
    /// The provider, or the bureau in a dispute: with the legal ground.
    Refuse { words: String },
    /// Who asked: takes it back.
    Withdraw,
    /// Who asked: does not accept the refusal.
    Dispute { words: String },
}

/// 处理申请 / Act on a request
#[utoipa::path(post, path = "/api/v1/requests/{id}", operation_id = "act_on_data_request", tag = "share", security(("session" = [])), request_body = RequestDone,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = DataRequest), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn act_on_request(Path(id): Path<String>, visit: Visit, body: Result<Body<RequestDone>, Problem>) -> Answered<DataRequest> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(done) = body.told(&visit)?;
    let desk = &visit.app.desk;
    let asked = desk.request(who, &id, visit.now).await.told(&visit)?.request.terms;
    let acted = match done {
        RequestDone::Grant { items, keys, condition, until, per_minute, told_after, per_day, rows_per_day, words } => {
            let decision = Decision::Grant {
                items: items.map_or(asked.items, lent),
                keys: keys.unwrap_or(asked.keys),
                condition,
                until: until.unwrap_or(asked.until),
                per_minute: per_minute.unwrap_or(asked.per_minute),
                told_after: told_after.unwrap_or(asked.told_after),
                daily: share::Daily { calls: per_day.or(asked.daily.calls), rows: rows_per_day.or(asked.daily.rows) },
                words,
            };
            desk.decide_request(who, &id, decision, visit.now).await
        }
        RequestDone::Refuse { words } => desk.decide_request(who, &id, Decision::Refuse { words }, visit.now).await,
        RequestDone::Withdraw => desk.withdraw_request(who, &id, visit.now).await,
        RequestDone::Dispute { words } => desk.dispute_request(who, &id, &words, visit.now).await,
    };
    acted.told(&visit)?;
    Ok(Json(desk.request(who, &id, visit.now).await.told(&visit)?.request.into()))
}

/// 授权 / Grants
///
/// 给本部门的和本部门给出的；有效的在前。 Those to the own department and those by it; what holds first.
#[utoipa::path(get, path = "/api/v1/grants", tag = "share", security(("session" = [])),
    params(
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Grant>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn grants(visit: Visit) -> Answered<Page<Grant>> {
    let who = visit.staff().told(&visit)?;
    let resource = read::text(&visit, "resource").told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.grants(who, resource.as_deref(), page, size, visit.now).await.told(&visit)?)))
}

/// 一项授权 / One grant
#[utoipa::path(get, path = "/api/v1/grants/{id}", tag = "share", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = GrantDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn grant(Path(id): Path<String>, visit: Visit) -> Answered<GrantDetail> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.grant(who, &id, visit.now).await.told(&visit)?;
    let usage = found.usage.into_iter().map(|one| DayOfUse { day: one.day, calls: one.calls, rows: one.rows }).collect();
    let left = found.left.map(|(left, until)| LeftToday { calls: left.calls, rows: left.rows, until: until.into() });
    let service = found.service.map(|(view, operations)| ServiceState {
        state: view.state.into(),
        until: view.until.map(Time::from),
        operations: operations.into_iter().filter(|one| one.refused.is_none()).map(|one| one.id).collect(),
    });
    Ok(Json(GrantDetail { grant: found.grant.into(), usage, left, service }))
}

/// Why a grant is taken back.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Why {
    #[schema(max_length = 1000)]
    words: String,
}

/// 收回授权 / Withdraw a grant
///
/// 即时生效。 At once.
#[utoipa::path(post, path = "/api/v1/grants/{id}/withdraw", operation_id = "withdraw_grant", tag = "share", security(("session" = [])), request_body = Why,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn withdraw(Path(id): Path<String>, visit: Visit, body: Result<Body<Why>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(why) = body.told(&visit)?;
    visit.app.desk.end_grant(who, &id, &why.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
