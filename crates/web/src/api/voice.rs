//! What the public says of open data: read by everybody, said by whoever has an account, released and answered by staff.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::open::{Saying, VoiceFilter, VoiceView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::catalog::Named;
use super::problem::{ForReader, Problem};
use super::shape::{Page, Time};
use super::{Answered, read};
use crate::frame::Visit;

/// Something that was said, by nobody's name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Voice {
    id: String,
    /// `question`, `error`, `praise`, `wish`.
    kind: &'static str,
    /// Which dataset it is about; none for a wish.
    dataset: Option<Named>,
    /// Who answers; the data stewards where there is none.
    department: Option<Named>,
    /// `citizen`, `company`, `staff`.
    author: &'static str,
    /// 1 to 5.
    stars: Option<u64>,
    title: String,
    words: String,
    /// What data wished for would be used for.
    purpose: String,
    /// `waiting`, `released`, `refused`.
    state: &'static str,
    asked: Time,
    /// The last day on which an answer is not late; empty where none is owed.
    due: String,
    late: bool,
    /// Why it was not released; for who said it, and for staff.
    reason: Option<String>,
    answer: Option<String>,
    /// Of a wish: `open`, `planned`, `partly`, `declined`.
    outcome: Option<&'static str>,
    answered: Option<Time>,
    /// How many want the same.
    supports: u64,
}

impl From<VoiceView> for Voice {
    fn from(view: VoiceView) -> Voice {
        let named = |one: desk::share::Named| Named::of(one.id, one.title);
        Voice {
            id: view.id,
            kind: view.kind.word(),
            dataset: view.dataset.map(named),
            department: view.department.map(named),
            author: view.author.word(),
            stars: view.stars,
            title: view.title,
            words: view.words,
            purpose: view.purpose,
            state: view.state.word(),
            asked: view.asked.into(),
            due: view.due,
            late: view.late,
            reason: view.reason,
            answer: view.answer,
            outcome: view.outcome.map(|outcome| outcome.word()),
            answered: view.answered.map(Time::from),
            supports: view.supports,
        }
    }
}

/// Something to be said.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewVoice {
    /// `question`, `error`, `praise` about a dataset; `wish` for data that is not open.
    #[schema(max_length = 20)]
    kind: String,
    /// Which dataset it is about; not of a wish.
    #[serde(default)]
    #[schema(max_length = 200)]
    dataset: String,
    /// Whom a wish is put to; empty: whoever it concerns.
    #[serde(default)]
    #[schema(max_length = 200)]
    department: String,
    #[schema(minimum = 1, maximum = 5)]
    stars: Option<u64>,
    /// What is wished for.
    #[serde(default)]
    #[schema(max_length = 60)]
    title: String,
    #[schema(max_length = 1000)]
    words: String,
    /// What data wished for would be used for.
    #[serde(default)]
    #[schema(max_length = 1000)]
    purpose: String,
}

/// What was noted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotedVoice {
    id: String,
}

/// What a steward decides.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Moderation {
    /// Whether everybody may read it.
    release: bool,
    /// Which department a wish is sent to; empty: as it was put.
    #[serde(default)]
    #[schema(max_length = 200)]
    department: String,
    /// Why it is not released.
    #[serde(default)]
    #[schema(max_length = 1000)]
    words: String,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct VoiceAnswer {
    #[schema(max_length = 1000)]
    words: String,
    /// Of a wish: `open`, `planned`, `partly`, `declined`.
    #[serde(default)]
    #[schema(max_length = 20)]
    outcome: String,
}

/// 公众意见 / What the public says
///
/// 无需登录。经审核公开的提问、纠错、评价和数据需求，最新的在前；不含姓名。 No login needed. What was released, the newest first; by nobody's name.
#[utoipa::path(get, path = "/api/v1/open/voices", operation_id = "open_voices", tag = "open",
    params(
        ("dataset" = Option<String>, Query, description = "只看某数据集的 / about one dataset", max_length = 200),
        ("wishes" = Option<bool>, Query, description = "true：只看数据需求；false：只看对数据集的意见 / requests for data alone, or all others"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Voice>), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn open_voices(visit: Visit) -> Answered<Page<Voice>> {
    let (page, size) = read::paging(&visit).told(&visit)?;
    let wishes = match visit.parameter("wishes") {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    let filter = VoiceFilter { dataset: visit.chosen("dataset"), wishes };
    let found = visit.app.desk.open_voices(visit.account.as_ref(), &filter, page, size, visit.now).await.told(&visit)?;
    Ok(Json(Page::of(found)))
}

/// 提出意见或数据需求 / Say something of open data, or ask for data
///
/// 每个账户每天最多 10 条；审核后公开，不显示姓名。 Ten a day for each account; public once a steward has released it, without a name.
#[utoipa::path(post, path = "/api/v1/open/voices", operation_id = "raise_voice", tag = "open", security(("session" = [])), request_body = NewVoice,
    responses((status = 200, body = NotedVoice), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn raise(visit: Visit, body: Result<Body<NewVoice>, Problem>) -> Answered<NotedVoice> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(new) = body.told(&visit)?;
    let NewVoice { kind, dataset, department, stars, title, words, purpose } = new;
    let saying = Saying { kind, dataset, department, stars, title, words, purpose };
    Ok(Json(NotedVoice { id: visit.app.desk.raise_voice(who, &saying, visit.now).await.told(&visit)? }))
}

/// 支持数据需求 / Want the same
///
/// 每个账户对每项需求一次。 Once for each account.
#[utoipa::path(post, path = "/api/v1/open/voices/{id}/support", operation_id = "support_voice", tag = "open", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn support(Path(id): Path<String>, visit: Visit) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.support_voice(who, &id, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 我提出的意见 / What I said
///
/// 含待审核和不予公开的。 Also what waits, and what was not released.
#[utoipa::path(get, path = "/api/v1/me/voices", operation_id = "own_voices", tag = "open", security(("session" = [])),
    params(
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Voice>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn own_voices(visit: Visit) -> Answered<Page<Voice>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.own_voices(who, page, size, visit.now).await.told(&visit)?)))
}

/// 待办理的公众意见 / What the public says, for staff
///
/// 数据管理员看全部；部门专员看须由本部门答复的。 Stewards: all; officers: what their department answers.
#[utoipa::path(get, path = "/api/v1/voices", operation_id = "voices", tag = "open", security(("session" = [])),
    params(
        ("open" = Option<bool>, Query, description = "只看待办理的 / those alone that wait"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Voice>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn voices(visit: Visit) -> Answered<Page<Voice>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.voices(who, visit.parameter("open") == "true", page, size, visit.now).await.told(&visit)?;
    Ok(Json(Page::of(found)))
}

/// 审核公众意见 / Release or refuse it
///
/// 数据管理员。 A steward.
#[utoipa::path(post, path = "/api/v1/voices/{id}/moderate", operation_id = "moderate_voice", tag = "open", security(("session" = [])), request_body = Moderation,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn moderate(Path(id): Path<String>, visit: Visit, body: Result<Body<Moderation>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(decided) = body.told(&visit)?;
    visit.app.desk.moderate_voice(who, &id, decided.release, &decided.department, &decided.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 答复公众意见 / Answer it
///
/// 提供部门的专员或数据管理员；一次。 An officer of the department, or a steward; once.
#[utoipa::path(post, path = "/api/v1/voices/{id}/answer", operation_id = "answer_voice", tag = "open", security(("session" = [])), request_body = VoiceAnswer,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn answer(Path(id): Path<String>, visit: Visit, body: Result<Body<VoiceAnswer>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(answer) = body.told(&visit)?;
    visit.app.desk.answer_voice(who, &id, &answer.outcome, &answer.words, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
