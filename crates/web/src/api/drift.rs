//! Drift, for staff: deliveries that differ from what was agreed, and decisions about those that are held.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::drift::{self, DriftFilter, DriftView, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words, mirror};
use crate::frame::Visit;

mirror!(
    /// `told`: landed all the same. `held`: waits for a decision. `accepted`: the next run lets it pass; `used`: it has.
    /// `refused`: not wanted. `withdrawn`: the source came right, or differs in another way now.
    DriftState of drift::DriftState { Told, Held, Accepted, Used, Refused, Withdrawn } as "snake_case"
);
mirror!(
    /// What differs. `removed`: more rows would be removed than the contract allows.
    DriftKind of drift::Kind { Added, Gone, Renamed, Retyped, Codes, Duplicates, Form, Volume, Removed } as "snake_case"
);

/// How one delivery differs from what was agreed or came before.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Drift {
    id: String,
    resource: String,
    resource_title: Words,
    system: String,
    run: String,
    state: DriftState,
    differences: Vec<Difference>,
    time: Time,
    decided: Option<Time>,
    decided_by: Option<String>,
    why: Option<String>,
    /// What the decision changed in the declarations, as a diff.
    change: Option<String>,
}

/// One difference, with both sides.
#[derive(Debug, Serialize, ToSchema)]
struct Difference {
    kind: DriftKind,
    /// The item or column; empty for the delivery as a whole.
    about: String,
    before: Vec<String>,
    now: Vec<String>,
    /// Rows concerned; 0 where that means nothing.
    count: u64,
    message: Words,
    /// Whether it holds the delivery.
    holds: bool,
}

impl From<DriftView> for Drift {
    fn from(view: DriftView) -> Drift {
        let difference = |d: drift::Difference| Difference {
            kind: d.kind.into(),
            about: d.about,
            before: d.before,
            now: d.now,
            count: d.count,
            message: d.message.into(),
            holds: d.holds,
        };
        Drift {
            id: view.id,
            resource: view.resource,
            resource_title: view.resource_title.into(),
            system: view.system,
            run: view.run,
            state: view.state.into(),
            differences: view.differences.into_iter().map(difference).collect(),
            time: view.time.into(),
            decided: view.decided.map(Time::from),
            decided_by: view.decided_by,
            why: view.why,
            change: view.change,
        }
    }
}

/// 交付变化 / Drift
///
/// 最新的在前；`state=held` 是待确认的。 Newest first; `state=held` are those that wait.
#[utoipa::path(get, path = "/api/v1/drift", tag = "collection", security(("session" = [])),
    params(
        ("state" = Option<DriftState>, Query, description = "只看此状态 / in this state"),
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("run" = Option<String>, Query, description = "只看此任务 / of this run", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Drift>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn drifts(visit: Visit) -> Answered<Page<Drift>> {
    let who = visit.staff().told(&visit)?;
    let state: Option<DriftState> = visit.chosen("state").map(|word| read::word("state", &word)).transpose().told(&visit)?;
    let state = state.and_then(|state| drift::DriftState::ALL.into_iter().find(|one| DriftState::from(*one) == state));
    let filter = DriftFilter { state, resource: read::text(&visit, "resource").told(&visit)?, run: read::text(&visit, "run").told(&visit)? };
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.drifts(who, &filter, page, size).await.told(&visit)?)))
}

/// 一次交付的变化 / Drift of one delivery
///
/// 两边对比，以及更新声明的草稿。 Both sides, and what the declarations would say if updated.
#[utoipa::path(get, path = "/api/v1/drift/{id}", tag = "collection", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = DriftDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn drift(Path(id): Path<String>, visit: Visit) -> Answered<DriftDetail> {
    let who = visit.staff().told(&visit)?;
    let detail = visit.app.desk.drift(who, &id).await.told(&visit)?;
    let base = detail.base();
    let line = |line: desk::amend::DiffLine| format!("{} {}", line.mark, line.text);
    let drafts = detail.drafts.into_iter().map(|draft| DriftDraft { path: draft.path, lines: draft.lines.into_iter().map(line).collect() });
    Ok(Json(DriftDetail { drafts: drafts.collect(), base, blocked: detail.blocked.map(Words::from), drift: detail.drift.into() }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DriftDetail {
    drift: Drift,
    /// Why it cannot land as it is, whoever accepts it.
    blocked: Option<Words>,
    drafts: Vec<DriftDraft>,
    /// Names the files that the drafts were made from; goes with `update`.
    base: String,
}

/// A change of one declaration file, as lines of a diff.
#[derive(Debug, Serialize, ToSchema)]
struct DriftDraft {
    path: String,
    lines: Vec<String>,
}

/// What an officer decides.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DriftAct)]
enum Act {
    Accept,
    Update,
    Refuse,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DriftDecision {
    /// `accept`: land as it is, this once; `update`: change the declarations first; `refuse`.
    act: Act,
    #[schema(max_length = 500)]
    why: String,
    /// For `update`: `base` of the detail.
    #[serde(default)]
    base: String,
}

/// 处理一次交付 / Decide about a delivery
///
/// 接受后立即在后台重新归集。 What is accepted is collected again at once, in the background.
#[utoipa::path(post, path = "/api/v1/drift/{id}", tag = "collection", security(("session" = [])), request_body = DriftDecision,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn decide(Path(id): Path<String>, visit: Visit, body: Result<Body<DriftDecision>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(decision) = body.told(&visit)?;
    let verdict = match decision.act {
        Act::Accept => Verdict::Accept,
        Act::Update => Verdict::Update { base: decision.base },
        Act::Refuse => Verdict::Refuse,
    };
    visit.app.desk.settle_drift(who, &id, verdict, &decision.why, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
