//! Citizens and companies: who they are here, every reading about them, its receipt, and what they do not accept.

use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::account::PersonKind as Kind;
use desk::share::{AboutView, Me, MyFilter, Said};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::log::{Receipt, number_of};
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words, mirror};
use super::share::{Purpose, Titled};
use crate::frame::Visit;

/// How often and how long a receipt is waited for.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

mirror!(
    /// 个人、企业。
    PersonKind of Kind { Citizen, Company } as "snake_case"
);

/// Whom an account stands for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Myself {
    /// By which it logs in.
    name: String,
    display: String,
    kind: PersonKind,
    /// The number that it is bound to, masked.
    number: String,
    /// Whether the identity is confirmed; before that nothing else is told.
    confirmed: bool,
}

impl From<Me> for Myself {
    fn from(me: Me) -> Myself {
        Myself { name: me.name, display: me.display, kind: me.person.kind.into(), number: me.person.masked, confirmed: me.person.confirmed.is_some() }
    }
}

/// What somebody said of a reading, and was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Challenge {
    words: String,
    asked: Time,
    answer: Option<String>,
    answered: Option<Time>,
}

impl From<Said> for Challenge {
    fn from(said: Said) -> Challenge {
        Challenge { words: said.words, asked: said.asked.into(), answer: said.answer, answered: said.answered.map(Time::from) }
    }
}

/// A reading about somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reading {
    /// Its place in the log, by which its receipt is had.
    leaf: u64,
    time: Time,
    /// The department that read.
    department: Titled,
    caller: Words,
    purpose: Purpose,
    case: Option<String>,
    /// The department that lent it.
    provider: Titled,
    resource: Titled,
    items: Vec<Words>,
    /// `query`, `verify`, `batch`, `subscribe`.
    channel: String,
    /// How many rows were about them; 0 where they were asked for in vain.
    rows: Option<u64>,
    challenge: Option<Challenge>,
}

impl From<AboutView> for Reading {
    fn from(view: AboutView) -> Reading {
        Reading {
            leaf: view.leaf,
            time: view.time.into(),
            department: view.department.into(),
            caller: view.caller.into(),
            purpose: view.purpose.into(),
            case: view.case,
            provider: view.provider.into(),
            resource: view.resource.into(),
            items: view.items.into_iter().map(Words::from).collect(),
            channel: view.channel,
            rows: view.rows,
            challenge: view.challenge.map(Challenge::from),
        }
    }
}

/// 本人 / Myself
///
/// 个人和企业账户。 For accounts of citizens and companies.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me", tag = "me", security(("session" = [])),
    responses((status = 200, body = Myself), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn me(visit: Visit) -> Answered<Myself> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.me(who).await.told(&visit)?.into()))
}

/// 谁看过我 / Who read about me
///
/// 新的在前。依法延迟告知的，期满后才出现。 The newest first. What is kept back by law appears when its time has come.
#[utoipa::path(get, path = "/api/v1/me/reads", operation_id = "my_reads", tag = "me", security(("session" = [])),
    params(
        ("department" = Option<String>, Query, description = "只看此部门 / by this department", max_length = 200),
        ("from" = Option<String>, Query, description = "起始日，如 2026-11-01 / first day", max_length = 200),
        ("to" = Option<String>, Query, description = "截止日 / last day", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Reading>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn reads(visit: Visit) -> Answered<Page<Reading>> {
    let who = visit.staff().told(&visit)?;
    let filter = MyFilter { department: read::text(&visit, "department").told(&visit)?, from: day(&visit, "from").told(&visit)?, to: day(&visit, "to").told(&visit)? };
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.my_reads(who, &filter, page, size, visit.now).await.told(&visit)?.page)))
}

fn day(visit: &Visit, name: &str) -> Result<Option<Date>, Problem> {
    let Some(text) = read::text(visit, name)? else { return Ok(None) };
    let wrong = |_| Problem::invalid(format!("参数 {name} 应为日期，如 2026-11-01。"), format!("{name} is a day, such as 2026-11-01."));
    text.parse().map(Some).map_err(wrong)
}

/// 查询凭证 / The receipt of a reading
///
/// 用 `sanjiang log check-receipt` 离线核验。 Verified offline by `sanjiang log check-receipt`.
#[utoipa::path(get, path = "/api/v1/me/receipts/{leaf}", operation_id = "my_receipt", tag = "me", security(("session" = [])),
    params(("leaf" = u64, Path, description = "日志编号 / number of its leaf")),
    responses((status = 200, body = Receipt), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn receipt(visit: Visit, Path(leaf): Path<String>) -> Answered<Receipt> {
    let who = visit.staff().told(&visit)?;
    let leaf = number_of(&leaf).told(&visit)?;
    let mut tries = 0;
    loop {
        match visit.app.desk.my_receipt(who, leaf, visit.now).await {
            Err(desk::DeskError::Busy(_)) if tries < TRIES => tries += 1,
            found => return Ok(Json(found.told(&visit)?.into())),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A reading that is not accepted, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Challenging {
    leaf: u64,
    #[schema(max_length = 1000)]
    words: String,
}

/// 质疑一次查询 / Challenge a reading
///
/// 由审计管理员答复。 The audit officer answers.
#[utoipa::path(post, path = "/api/v1/me/challenges", operation_id = "challenge_reading", tag = "me", security(("session" = [])), request_body = Challenging,
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn challenge(visit: Visit, body: Result<Body<Challenging>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(new) = body.told(&visit)?;
    visit.app.desk.challenge(who, new.leaf, &new.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
