//! Runs: collections of one resource each, as a list, one by one, as they happen, and begun.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use desk::CollectScope;
use desk::view::{RunFilter, RunView};
use futures::Stream;
use kernel::Text;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, RunState, Time, Words};
use crate::frame::Visit;

/// Listeners at once; more are told to come back.
const LISTENERS_MAX: usize = 500;
static LISTENERS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(LISTENERS_MAX)));

/// One collection of one resource. When it has ended, source_rows = landed + removed + quarantined + unchanged.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Run {
    id: String,
    resource: String,
    resource_title: Words,
    system: String,
    system_title: Words,
    department_title: Words,
    state: RunState,
    started: Time,
    ended: Option<Time>,
    source_rows: u64,
    landed: u64,
    quarantined: u64,
    unchanged: u64,
    /// Of the landed rows, how many replaced an older row of the same key.
    corrected: u64,
    /// Rows that the source removed.
    removed: u64,
    /// Rows that a complete delivery lacked and that were removed for it; they are none of the source's rows.
    missing: u64,
    bytes: u64,
    bytes_total: Option<u64>,
    rows_total: Option<u64>,
    /// `schedule`, `person`, `command`, `demo`.
    trigger: String,
    decisions: Vec<Decision>,
    /// Why it failed, and what to do.
    error: Option<Words>,
}

/// Something decided while reading, such as an encoding.
#[derive(Debug, Serialize, ToSchema)]
struct Decision {
    about: String,
    text: Words,
}

impl From<RunView> for Run {
    fn from(view: RunView) -> Run {
        Run {
            id: view.id,
            resource: view.resource,
            resource_title: view.resource_title.into(),
            system: view.system,
            system_title: view.system_title.into(),
            department_title: view.department_title.into(),
            state: view.state.into(),
            started: view.started.into(),
            ended: view.ended.map(Time::from),
            source_rows: view.source_rows,
            landed: view.landed,
            quarantined: view.quarantined,
            unchanged: view.unchanged,
            corrected: view.corrected,
            removed: view.removed,
            missing: view.missing,
            bytes: view.bytes,
            bytes_total: view.bytes_total,
            rows_total: view.rows_total,
            trigger: view.trigger,
            decisions: view.decisions.into_iter().map(|(about, text)| Decision { about, text: text.into() }).collect(),
            error: view.error.map(Words::from),
        }
    }
}

/// 归集任务 / Runs
///
/// 最新的在前，包括正在进行的。 Newest first, those under way included.
#[utoipa::path(get, path = "/api/v1/runs", tag = "collection",
    params(
        ("system" = Option<String>, Query, description = "只看此系统 / of this system", max_length = 200),
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("state" = Option<RunState>, Query, description = "只看此状态 / in this state"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Run>), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn runs(visit: Visit) -> Answered<Page<Run>> {
    let (filter, (page, size)) = filter(&visit).told(&visit)?;
    let runs = visit.app.desk.runs(&filter, page, size).await.told(&visit)?;
    Ok(Json(Page::of(runs)))
}

fn filter(visit: &Visit) -> Result<(RunFilter, (u64, u64)), Problem> {
    let state = visit.chosen("state").map(|value| read::word("state", &value)).transpose()?;
    let filter = RunFilter { system: read::text(visit, "system")?, resource: read::text(visit, "resource")?, state };
    Ok((filter, read::paging(visit)?))
}

/// 一次归集任务 / One run
///
/// 行数、对账、读取时的判断与失败原因。 Rows, reconciliation, what was decided while reading, and why it failed.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "collection",
    params(("id" = String, Path, description = "任务编号 / id of the run", max_length = 200)),
    responses((status = 200, body = Run), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn run(Path(id): Path<String>, visit: Visit) -> Answered<Run> {
    let run = visit.app.desk.run(&id).await.told(&visit)?;
    Ok(Json(run.into()))
}

/// 归集进展 / Runs as they happen
///
/// 服务器推送事件：事件 `run` 的数据是一个 Run，任务有进展时每秒数次。 Server-sent events: each `run` carries a Run, a few times a second while one goes on.
#[utoipa::path(get, path = "/api/v1/runs/events", tag = "collection",
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn events(visit: Visit) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let full = || Problem::busy(Text::new("同时接收进展的人过多，请稍后再试。", "Too many listeners at once; please try again later."));
    let permit = LISTENERS.clone().try_acquire_owned().map_err(|_| full()).told(&visit)?;
    let heard = visit.app.desk.watch_runs();
    let stream = futures::stream::unfold((heard, permit), |(mut heard, permit): (_, OwnedSemaphorePermit)| async move {
        loop {
            match heard.recv().await {
                Ok(run) => {
                    // A run that cannot be written as JSON does not exist; the stream goes on without it.
                    let Ok(event) = Event::default().event("run").json_data(Run::from(run)) else { continue };
                    return Some((Ok(event), (heard, permit)));
                }
                // A slow listener misses what came meanwhile; the next word of each run has all its figures.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// What to collect; nothing named means everything that is due.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct CollectRequest {
    /// Id of a system.
    #[schema(max_length = 200)]
    system: Option<String>,
    /// Id of a resource; it goes before `system`.
    #[schema(max_length = 200)]
    resource: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Collecting {
    /// How many resources were taken up.
    resources: u64,
}

/// 开始归集 / Collect
///
/// 在后台归集到期的资源、一个系统或一项资源；进展见 runs。 Collects in the background all that is due, one system, or one resource; see runs.
#[utoipa::path(post, path = "/api/v1/collect", tag = "collection", security(("session" = [])), request_body = CollectRequest,
    responses((status = 202, body = Collecting),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn collect(visit: Visit, body: Result<Body<CollectRequest>, Problem>) -> Result<(StatusCode, Json<Collecting>), Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(request) = body.told(&visit)?;
    let scope = match (request.resource, request.system) {
        (Some(resource), _) => CollectScope::Resource(resource),
        (None, Some(system)) => CollectScope::System(system),
        (None, None) => CollectScope::Due,
    };
    let resources = visit.app.desk.collect(who, scope, visit.now).await.told(&visit)?;
    Ok((StatusCode::ACCEPTED, Json(Collecting { resources })))
}
