//! The log of acts, for staff: what was done by whom, with its evidence.

use axum::Json;
use axum::extract::Path;
use desk::log::{LeafDetail, LeafView, LogFilter, LogState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words};
use crate::frame::Visit;

/// An act.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Act {
    /// Its place in the log, from 0.
    number: u64,
    time: Time,
    /// Who acted, by name where it is known.
    actor: Words,
    /// By which all that one did are found.
    actor_id: String,
    /// `grade.decide`
    act: String,
    act_title: Words,
    /// `resource/bus_stops`
    subject: String,
    subject_title: Option<Words>,
    /// Whether it stands in the log's files, so that its receipt can be had.
    published: bool,
}

impl From<LeafView> for Act {
    fn from(view: LeafView) -> Act {
        Act {
            number: view.number,
            time: view.time.into(),
            actor: view.actor.into(),
            actor_id: view.actor_id,
            act: view.act,
            act_title: view.act_title.into(),
            subject: view.subject,
            subject_title: view.subject_title.map(Words::from),
            published: view.published,
        }
    }
}

/// The log's files.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Log {
    /// Leaves that the newest checkpoint signs.
    size: u64,
    waiting: u64,
    /// Root of the tree, in base64.
    root: String,
    origin: String,
    /// Verifier keys of the log.
    keys: Vec<String>,
    /// Names of the keys that signed the checkpoint.
    signed: Vec<String>,
}

impl From<LogState> for Log {
    fn from(state: LogState) -> Log {
        Log { size: state.size, waiting: state.waiting, root: state.root, origin: state.origin, keys: state.keys, signed: state.signed }
    }
}

/// An act with what was hashed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActDetail {
    act: Act,
    /// What was hashed, read as JSON.
    #[schema(value_type = Object)]
    entry: Value,
    /// Hash of the leaf, in base64.
    hash: String,
    log: Option<Log>,
}

impl From<LeafDetail> for ActDetail {
    fn from(detail: LeafDetail) -> ActDetail {
        ActDetail { act: detail.leaf.into(), entry: detail.entry, hash: detail.hash, log: detail.state.map(Log::from) }
    }
}

/// What verifies offline that an act stands in the log: `sanjiang log check-receipt`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Receipt {
    /// The text that was hashed.
    entry: String,
    /// c2sp.org/tlog-proof
    proof: String,
}

impl From<desk::log::Receipt> for Receipt {
    fn from(receipt: desk::log::Receipt) -> Receipt {
        Receipt { entry: receipt.entry, proof: receipt.proof }
    }
}

/// 操作日志 / The log of acts
///
/// 新的在前。 The newest first.
#[utoipa::path(get, path = "/api/v1/log", tag = "log", security(("session" = [])),
    params(
        ("act" = Option<String>, Query, description = "某类或某项操作，如 `read`、`grade.decide` / acts of a kind, or one", max_length = 200),
        ("actor" = Option<String>, Query, description = "操作者的 `actor_id` / `actor_id` of who acted", max_length = 200),
        ("subject" = Option<String>, Query, description = "对象，如 `resource/bus_stops` / what was acted on", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Act>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn acts(visit: Visit) -> Answered<Page<Act>> {
    let who = visit.staff().told(&visit)?;
    let text = |name: &str| read::text(&visit, name);
    let filter = LogFilter {
        act: text("act").told(&visit)?,
        actor: text("actor").told(&visit)?,
        subject: text("subject").told(&visit)?,
        ..LogFilter::default()
    };
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.log_page(who, &filter, page, size).await.told(&visit)?;
    Ok(Json(Page::of(found.page)))
}

/// 一条操作 / One act
#[utoipa::path(get, path = "/api/v1/log/{number}", tag = "log", security(("session" = [])),
    params(("number" = u64, Path, description = "编号 / its number")),
    responses((status = 200, body = ActDetail), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn act(visit: Visit, Path(number): Path<String>) -> Answered<ActDetail> {
    let who = visit.staff().told(&visit)?;
    let number = number_of(&number).told(&visit)?;
    Ok(Json(visit.app.desk.log_leaf(who, number).await.told(&visit)?.into()))
}

/// 回执 / Receipt
///
/// 操作发生几秒后可取。 It can be had a few seconds after the act.
#[utoipa::path(get, path = "/api/v1/log/{number}/receipt", tag = "log", security(("session" = [])),
    params(("number" = u64, Path, description = "编号 / its number")),
    responses((status = 200, body = Receipt), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn receipt(visit: Visit, Path(number): Path<String>) -> Answered<Receipt> {
    let who = visit.staff().told(&visit)?;
    let number = number_of(&number).told(&visit)?;
    let receipt = visit.app.desk.log_receipt(who, number).await.told(&visit)?;
    Ok(Json(receipt.into()))
}

pub(super) fn number_of(text: &str) -> Result<u64, Problem> {
    let wrong = || Problem::invalid("编号须为整数。".to_owned(), "A number is a whole one.".to_owned());
    text.parse().ok().filter(|number| i64::try_from(*number).is_ok()).ok_or_else(wrong)
}
