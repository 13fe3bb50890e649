//! `/voices`: what the public says, for those who release it and those who answer.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::open::{VoiceState, WishOutcome};
use desk::open::VoiceView;
use desk::view::Page;
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::paging::Paging;
use crate::share::Fields;

const SIZE: u64 = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/voices", get(list)).route("/voices/{id}/moderate", post(moderate)).route("/voices/{id}/answer", post(answer))
}

/// What was sent and refused: of which one, what was wrong, and the words in it.
pub(crate) type Refused = Option<(String, Text, String)>;

#[derive(Template)]
#[template(path = "open/voices.html")]
pub(crate) struct VoicesPage {
    pub f: Frame,
    pub voices: Vec<VoiceView>,
    pub total: u64,
    pub paging: Paging,
    /// Whether those alone are shown that wait.
    pub open: bool,
    /// Whom a wish can be sent to.
    pub departments: Vec<(String, Text)>,
    pub refused: Refused,
}

impl VoicesPage {
    pub(crate) fn new(f: Frame, open: bool, page: Page<VoiceView>, departments: Vec<(String, Text)>, refused: Refused) -> VoicesPage {
        VoicesPage { paging: Paging::new(&f, page.page, page.size, page.total), total: page.total, voices: page.entries, open, departments, refused, f }
    }

    fn may_moderate(&self, v: &VoiceView) -> bool {
        v.state == VoiceState::Waiting && self.f.may("voice.moderate")
    }

    fn may_answer(&self, v: &VoiceView) -> bool {
        let may = match &v.department {
            Some(department) => self.f.may_for("voice.answer", &department.id),
            None => self.f.may_all("voice.answer"),
        };
        may && v.state == VoiceState::Released && v.answered.is_none()
    }

    fn is_to(&self, v: &VoiceView, department: &str) -> bool {
        v.department.as_ref().is_some_and(|to| to.id == department)
    }

    fn outcomes(&self) -> Vec<(&'static str, String)> {
        WishOutcome::ALL.into_iter().map(|outcome| (outcome.word(), self.f.text(&outcome.title()).to_owned())).collect()
    }

    fn is_refused(&self, v: &VoiceView) -> bool {
        self.refused.as_ref().is_some_and(|(id, ..)| *id == v.id)
    }

    fn entered(&self, v: &VoiceView) -> &str {
        self.refused.as_ref().filter(|(id, ..)| *id == v.id).map(|(.., words)| words.as_str()).unwrap_or_default()
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None).await)
}

async fn page(visit: &Visit, refused: Refused) -> Answered<VoicesPage> {
    let who = visit.staff()?;
    let open = visit.parameter("all").is_empty();
    let found = visit.app.desk.voices(who, open, visit.page(), SIZE, visit.now).await?;
    let city = visit.app.desk.city();
    let departments = city.departments.iter().map(|(id, one)| (id.clone(), Text::new(&one.title, &one.title_en))).collect();
    Ok(VoicesPage::new(visit.frame(Place::Open, |say| say.t("voices-title")), open, found, departments, refused))
}

async fn moderate(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let words = fields.get("words").to_owned();
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        let release = fields.get("act") == "release";
        Ok(visit.app.desk.moderate_voice(who, &id, release, fields.get("department"), &words, visit.now).await?)
    };
    ended(&visit, done.await, id.clone(), words).await
}

async fn answer(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let words = fields.get("words").to_owned();
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.answer_voice(who, &id, fields.get("outcome"), &words, visit.now).await?)
    };
    ended(&visit, done.await, id.clone(), words).await
}

async fn ended(visit: &Visit, done: Answered<()>, id: String, words: String) -> Response {
    match done {
        Ok(()) => Redirect::to("/voices").into_response(),
        Err(refusal) => visit.again(refusal, |text| page(visit, Some((id, text, words)))).await,
    }
}
