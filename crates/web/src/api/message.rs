//! Messages, for staff: what others are told of defects, and whether they have taken it.

use axum::Json;
use desk::message::{self, MessageView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words, mirror};
use crate::frame::Visit;

mirror!(
    /// `waiting`: to be sent, or sent again. `acknowledged`: taken. `unaddressed`: the city declared nobody to be told.
    MessageState of message::MessageState { Waiting, Acknowledged, Unaddressed } as "snake_case"
);

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    /// The `id` of the CloudEvent: the same however often it is sent.
    id: String,
    /// `defect.opened`, `defect.escalated`, `service.away` or `service.back`.
    kind: String,
    /// Empty where it tells of a service.
    defect: String,
    /// The system whose service it tells of.
    service: Option<String>,
    title: Words,
    resource_title: Words,
    department_title: Words,
    time: Time,
    state: MessageState,
    tries: u64,
    /// When it is tried again.
    next: Option<Time>,
    /// When it was acknowledged, or found to be for nobody.
    ended: Option<Time>,
    /// Why the last try failed.
    error: Option<Words>,
}

impl From<MessageView> for Message {
    fn from(view: MessageView) -> Message {
        Message {
            id: view.id,
            kind: view.kind,
            defect: view.defect,
            service: view.service,
            title: view.title.into(),
            resource_title: view.resource_title.into(),
            department_title: view.department_title.into(),
            time: view.time.into(),
            state: view.state.into(),
            tries: view.tries,
            next: view.next.map(Time::from),
            ended: view.ended.map(Time::from),
            error: view.error.map(Words::from),
        }
    }
}

/// 消息 / Messages
///
/// 新的在前。 What others are told of defects, the newest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "quality", security(("session" = [])),
    params(
        ("state" = Option<MessageState>, Query, description = "只看此状态 / in this state"),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Message>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn messages(visit: Visit) -> Answered<Page<Message>> {
    let who = visit.staff().told(&visit)?;
    let state: Option<MessageState> = visit.chosen("state").map(|word| read::word("state", &word)).transpose().told(&visit)?;
    let state = state.and_then(|state| message::MessageState::ALL.into_iter().find(|one| MessageState::from(*one) == state));
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.messages(who, state, page, size).await.told(&visit)?;
    Ok(Json(Page::of(found.page)))
}

/// How many are tried at once that would have waited longer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hurried {
    hurried: u64,
}

/// 立即重发 / Send again at once
///
/// 未被接收的消息在服务器的下一轮发送。 All that wait are sent with the server's next round.
#[utoipa::path(post, path = "/api/v1/messages", tag = "quality", security(("session" = [])),
    responses((status = 200, body = Hurried), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn hurry(visit: Visit) -> Answered<Hurried> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let hurried = visit.app.desk.hurry_messages(who, visit.now).await.told(&visit)?;
    Ok(Json(Hurried { hurried }))
}
