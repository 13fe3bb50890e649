//! `/emergency`: rights for some hours that one person asks for and another approves.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::DeskError;
use desk::account::{EmergencyState, EmergencyView};
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::say::Say;

pub(super) fn router() -> Router<App> {
    Router::new().route("/emergency", get(show).post(act))
}

#[derive(Template)]
#[template(path = "account/emergency.html")]
pub(crate) struct EmergencyPage {
    pub f: Frame,
    pub requests: Vec<EmergencyView>,
    pub done: String,
    /// The reason that was entered, and what was wrong.
    pub entered: Option<(String, Text)>,
}

impl EmergencyPage {
    /// Whether the reader may end what this is.
    fn may_end(&self, request: &EmergencyView) -> bool {
        let own = self.f.account.as_ref().is_some_and(|who| who.id == request.account);
        request.state == EmergencyState::Active && (own || self.f.may("see.accounts"))
    }

    fn may_decide(&self, request: &EmergencyView) -> bool {
        request.state == EmergencyState::Asked && self.f.may("emergency.decide")
    }
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None).await)
}

async fn page(visit: &Visit, entered: Option<(String, Text)>) -> Answered<EmergencyPage> {
    let requests = visit.app.desk.emergencies(visit.staff()?, visit.now).await?;
    let f = visit.frame(Place::Accounts, |say| say.t("emergency-title"));
    Ok(EmergencyPage { f, requests, done: visit.parameter("done").to_owned(), entered })
}

#[derive(Deserialize)]
struct Act {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    hours: String,
}

async fn act(Sent(visit, form): Sent<Act>) -> Response {
    match acted(&visit, &form).await {
        Ok(()) => Redirect::to(&crate::link::with("/emergency", &[("done", &form.act)])).into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, Some((form.reason, text)))).await,
    }
}

async fn acted(visit: &Visit, form: &Act) -> Answered<()> {
    let (who, desk) = (visit.staff_form(&form.csrf)?, &visit.app.desk);
    match form.act.as_str() {
        "ask" => desk.ask_emergency(who, &form.reason, form.hours.parse().unwrap_or(0), visit.now).await?,
        "approve" => desk.decide_emergency(who, &form.id, true, visit.now).await?,
        "refuse" => desk.decide_emergency(who, &form.id, false, visit.now).await?,
        "end" => desk.end_emergency(who, &form.id, visit.now).await?,
        _ => return Err(DeskError::Invalid(Text::new("没有这样的操作。", "There is no such act.")).into()),
    }
    Ok(())
}

impl Say {
    pub(super) fn emergency_badge(&self, state: &EmergencyState) -> Html {
        let (class, word) = match state {
            EmergencyState::Asked => ("late", self.t("emergency-asked")),
            EmergencyState::Refused => ("calm", self.t("emergency-refused")),
            EmergencyState::Active => ("wrong", self.t("emergency-active")),
            EmergencyState::Over => ("good", self.t("emergency-over")),
            EmergencyState::Lapsed => ("calm", self.t("emergency-lapsed")),
        };
        self.badge(class, &word)
    }
}
