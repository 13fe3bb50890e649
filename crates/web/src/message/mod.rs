//! `/messages`, for staff: what others are told of defects, and whether they have taken it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::message::{MessageState, MessageView, Messages};
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::paging::Paging;
use crate::say::Say;

/// Messages on one page.
const SIZE: u64 = 50;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/messages", get(list).post(hurry))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(messages(&visit).await)
}

async fn messages(visit: &Visit) -> Answered<MessagesPage> {
    let account = visit.staff()?;
    let state = MessageState::of(visit.parameter("state"));
    let found = visit.app.desk.messages(account, state, visit.page(), SIZE).await?;
    let hurried = visit.parameter("hurried") == "1";
    Ok(MessagesPage::new(visit.frame(Place::Defects, |say| say.t("message-title")), state, found, hurried))
}

/// The form that has all that wait tried again.
#[derive(Deserialize)]
struct Hurry {
    csrf: String,
}

async fn hurry(State(_): State<App>, Sent(visit, form): Sent<Hurry>) -> Response {
    match hurried(&visit, &form).await {
        Ok(()) => Redirect::to("/messages?hurried=1").into_response(),
        Err(refusal) => visit.answer::<MessagesPage>(Err(refusal)),
    }
}

async fn hurried(visit: &Visit, form: &Hurry) -> Answered<()> {
    let account = visit.staff_form(&form.csrf)?;
    visit.app.desk.hurry_messages(account, visit.now).await?;
    Ok(())
}

impl Say {
    fn message_word(&self, state: MessageState) -> String {
        match state {
            MessageState::Waiting => self.t("message-waiting"),
            MessageState::Acknowledged => self.t("message-acknowledged"),
            MessageState::Unaddressed => self.t("message-unaddressed"),
        }
    }

    fn message_badge(&self, message: &MessageView) -> Html {
        let class = match (message.state, message.error.is_some()) {
            (MessageState::Acknowledged, _) => "good",
            (MessageState::Unaddressed, _) => "calm",
            (MessageState::Waiting, true) => "wrong",
            (MessageState::Waiting, false) => "late",
        };
        self.badge(class, &self.message_word(message.state))
    }

    /// What it tells.
    fn message_kind(&self, message: &MessageView) -> String {
        match message.kind.as_str() {
            "defect.opened" => self.t("message-opened"),
            "defect.escalated" => self.t("message-escalated"),
            "service.away" => self.t("message-away"),
            "service.back" => self.t("message-back"),
            other => other.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "message/list.html")]
pub(crate) struct MessagesPage {
    f: Frame,
    messages: Vec<MessageView>,
    total: u64,
    waiting: u64,
    receiver: Option<String>,
    /// (word, title, chosen).
    states: Vec<(&'static str, String, bool)>,
    narrowed: bool,
    hurried: bool,
    paging: Paging,
}

impl MessagesPage {
    pub(crate) fn new(f: Frame, state: Option<MessageState>, found: Messages, hurried: bool) -> MessagesPage {
        let mut states = vec![("", f.t("all"), state.is_none())];
        states.extend(MessageState::ALL.map(|one| (one.word(), f.message_word(one), state == Some(one))));
        MessagesPage {
            paging: Paging::new(&f, found.page.page, found.page.size, found.page.total),
            total: found.page.total,
            messages: found.page.entries,
            waiting: found.waiting,
            receiver: found.receiver,
            narrowed: state.is_some(),
            states,
            hurried,
            f,
        }
    }
}
