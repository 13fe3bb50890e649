//! Defects, for staff: what is wrong in data, who must mend it, and what was done about it.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::defect::{self, DefectFilter, DefectView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words, mirror};
use crate::frame::Visit;

mirror!(
    /// `open`: to be mended. `answered`: said to be mended; the next measurement tells. `rechecked`: measured after the
    /// answer and still wrong. `closed`.
    DefectState of defect::DefectState { Open, Answered, Rechecked, Closed } as "snake_case"
);
mirror!(
    /// From a quality rule, or from an objection (异议).
    DefectKind of defect::DefectKind { Rule, Objection } as "snake_case"
);

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Defect {
    id: String,
    kind: DefectKind,
    title: Words,
    resource: String,
    resource_title: Words,
    department: String,
    rule: Option<String>,
    /// The row that an objection is about.
    row: Option<String>,
    /// `error` or `warning`.
    severity: String,
    state: DefectState,
    checked: u64,
    failed: u64,
    opened: Time,
    /// Last day on which it is not late.
    #[schema(example = "2026-12-01")]
    due: String,
    late: bool,
    escalated: Option<Time>,
    closed: Option<Time>,
}

impl From<DefectView> for Defect {
    fn from(view: DefectView) -> Defect {
        Defect {
            id: view.id,
            kind: view.kind.into(),
            title: view.title.into(),
            resource: view.resource,
            resource_title: view.resource_title.into(),
            department: view.department,
            rule: view.rule,
            row: view.row,
            severity: view.severity,
            state: view.state.into(),
            checked: view.checked,
            failed: view.failed,
            opened: view.opened.into(),
            due: view.due,
            late: view.late,
            escalated: view.escalated.map(Time::from),
            closed: view.closed.map(Time::from),
        }
    }
}

/// 质量整改 / Defects
///
/// 未办结的在前，期限近的在前。 Those that stand first, the most urgent first.
#[utoipa::path(get, path = "/api/v1/defects", tag = "quality", security(("session" = [])),
    params(
        ("department" = Option<String>, Query, description = "只看此部门 / of this department", max_length = 200),
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("state" = Option<DefectState>, Query, description = "只看此状态 / in this state"),
        ("late" = Option<bool>, Query, description = "只看逾期的 / only late ones"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Defect>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn defects(visit: Visit) -> Answered<Page<Defect>> {
    let who = visit.staff().told(&visit)?;
    let state: Option<DefectState> = visit
        .chosen("state")
        .map(|word| read::word("state", &word))
        .transpose()
        .told(&visit)?;
    let state = state.and_then(|state| defect::DefectState::ALL.into_iter().find(|one| DefectState::from(*one) == state));
    let filter = DefectFilter {
        department: read::text(&visit, "department").told(&visit)?,
        resource: read::text(&visit, "resource").told(&visit)?,
        state,
        late: visit.parameter("late") == "true",
        standing: false,
    };
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(
        visit.app.desk.defects(who, &filter, page, size, visit.now).await.told(&visit)?,
    )))
}

/// One act on a defect.
#[derive(Debug, Serialize, ToSchema)]
struct DefectAct {
    /// `opened`, `measured`, `answered`, `rechecked`, `closed`, `dropped`, `escalated`, `confirmed`, `rejected`.
    act: String,
    /// Empty where nobody did it.
    who: String,
    time: Time,
    words: String,
    failed: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DefectDetail {
    defect: Defect,
    acts: Vec<DefectAct>,
}

/// 一个问题 / One defect
///
/// 连同全部经过。 With everything that was done about it.
#[utoipa::path(get, path = "/api/v1/defects/{id}", tag = "quality", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = DefectDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn defect(Path(id): Path<String>, visit: Visit) -> Answered<DefectDetail> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.defect(who, &id, visit.now).await.told(&visit)?;
    let act = |act: defect::Act| DefectAct {
        act: act.act,
        who: act.who,
        time: act.time.into(),
        words: act.words,
        failed: act.failed,
    };
    Ok(Json(DefectDetail {
        defect: found.defect.into(),
        acts: found.acts.into_iter().map(act).collect(),
    }))
}

/// What is done about it.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DefectDoing)]
enum Doing {
    Answer,
    Right,
    Wrong,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DefectDone {
    /// `answer`: the department has mended it; `right` and `wrong`: an objection was looked at again.
    act: Doing,
    #[schema(max_length = 1000)]
    words: String,
}

/// 处理一个问题 / Act on a defect
///
/// 规则发现的问题由下一次测量复测，合格后自动办结。 What a rule found is measured again, and closes when it passes.
#[utoipa::path(post, path = "/api/v1/defects/{id}", tag = "quality", security(("session" = [])), request_body = DefectDone,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn act_on_defect(
    Path(id): Path<String>,
    visit: Visit,
    body: Result<Body<DefectDone>, Problem>,
) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(done) = body.told(&visit)?;
    let desk = &visit.app.desk;
    let acted = match done.act {
        Doing::Answer => desk.answer_defect(who, &id, &done.words, visit.now).await,
        Doing::Right => desk.recheck_objection(who, &id, true, &done.words, visit.now).await,
        Doing::Wrong => desk.recheck_objection(who, &id, false, &done.words, visit.now).await,
    };
    acted.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Objection {
    resource: String,
    /// `_hash` of the row, where it is about one.
    #[serde(default)]
    row: Option<String>,
    #[schema(max_length = 1000)]
    words: String,
}

/// The defect that an objection opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Objected {
    id: String,
}

/// 提出异议 / Object
///
/// 数据的使用者认为一项资源或其中一行不对。 A user of data says that a resource, or a row of it, is wrong.
#[utoipa::path(post, path = "/api/v1/defects", tag = "quality", security(("session" = [])), request_body = Objection,
    responses((status = 200, body = Objected),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn object(visit: Visit, body: Result<Body<Objection>, Problem>) -> Answered<Objected> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(objection) = body.told(&visit)?;
    let id = visit
        .app
        .desk
        .object(who, &objection.resource, objection.row.as_deref(), &objection.words, visit.now)
        .await
        .told(&visit)?;
    Ok(Json(Objected { id }))
}
