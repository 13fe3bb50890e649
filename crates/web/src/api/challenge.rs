//! Challenges to readings, for the audit officer who answers, and for whoever lent what was read.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::share::ChallengeView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::me::{Challenge, Reading};
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Words};
use crate::frame::Visit;

/// A challenge to a reading.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChallengedReading {
    id: String,
    reading: Reading,
    said: Challenge,
    /// Who does not accept it; for the audit officer alone.
    by: Option<String>,
    /// The number that they are known by, masked.
    number: String,
    /// Who answered.
    answerer: Option<Words>,
}

impl From<ChallengeView> for ChallengedReading {
    fn from(view: ChallengeView) -> ChallengedReading {
        ChallengedReading { id: view.id, reading: view.read.into(), said: view.said.into(), by: view.by, number: view.masked, answerer: view.answerer.map(Words::from) }
    }
}

/// 质疑 / Challenges
///
/// 审计管理员看全部；部门专员看对本部门所给授权的。待答复的在前。 The audit officer: all; officers: those about what the own department lent. What waits first.
#[utoipa::path(get, path = "/api/v1/challenges", operation_id = "challenges", tag = "me", security(("session" = [])),
    params(
        ("open" = Option<bool>, Query, description = "只看待答复的 / those alone that wait"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<ChallengedReading>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn challenges(visit: Visit) -> Answered<Page<ChallengedReading>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.challenges(who, visit.parameter("open") == "true", page, size).await.told(&visit)?;
    Ok(Json(Page::of(found)))
}

/// What somebody is answered.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AnswerWords {
    #[schema(max_length = 1000)]
    words: String,
}

/// 答复质疑 / Answer a challenge
///
/// 审计管理员。 The audit officer.
#[utoipa::path(post, path = "/api/v1/challenges/{id}", operation_id = "answer_challenge", tag = "me", security(("session" = [])), request_body = AnswerWords,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn answer(Path(id): Path<String>, visit: Visit, body: Result<Body<AnswerWords>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(answer) = body.told(&visit)?;
    visit.app.desk.answer_challenge(who, &id, &answer.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
