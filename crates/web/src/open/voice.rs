//! `/open/requests`: data that the public wishes for; `/open/ask`: where anybody with an account says something of open data.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::open::{VoiceKind, VoiceState};
use desk::open::{Saying, VoiceFilter, VoiceView};
use desk::view::Page;
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::paging::Paging;
use crate::share::Fields;

/// Requests on one page, and how many of the reader's own are shown.
const SIZE: u64 = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/open/requests", get(list)).route("/open/ask", get(ask).post(raise)).route("/open/voices/{id}/support", post(support))
}

/// What kind of words they are.
pub(crate) fn kind(f: &Frame, v: &VoiceView) -> String {
    f.text(&v.kind.title()).to_owned()
}

/// Who said it, by kind alone.
pub(crate) fn author(f: &Frame, v: &VoiceView) -> String {
    f.text(&v.author.title()).to_owned()
}

/// ★★★☆☆
pub(crate) fn stars(n: &u64) -> String {
    (1..=5).map(|at| if at <= *n { '★' } else { '☆' }).collect()
}

/// How it stands with it.
pub(crate) fn state(f: &Frame, v: &VoiceView) -> Html {
    match v.state {
        VoiceState::Waiting => f.badge("late", f.text(&v.state.title())),
        VoiceState::Refused => f.badge("wrong", f.text(&v.state.title())),
        VoiceState::Released if v.answered.is_some() => f.badge("good", &f.t("challenge-answered")),
        VoiceState::Released if v.late => f.badge("late", &f.t("voice-late")),
        VoiceState::Released if v.due.is_empty() => f.badge("calm", f.text(&v.state.title())),
        VoiceState::Released => f.badge("calm", &f.t("challenge-open")),
    }
}

/// What becomes of a wish.
pub(crate) fn outcome(f: &Frame, v: &VoiceView) -> String {
    v.outcome.map(|outcome| f.text(&outcome.title()).to_owned()).unwrap_or_default()
}

/// Whether the reader may say that they want the same.
pub(crate) fn can_support(f: &Frame, v: &VoiceView) -> bool {
    f.staff() && v.kind == VoiceKind::Wish && v.state == VoiceState::Released && !v.own && !v.supported
}

pub(crate) fn is_wish(v: &VoiceView) -> bool {
    v.kind == VoiceKind::Wish
}

#[derive(Template)]
#[template(path = "open/requests.html")]
pub(crate) struct OpenRequestsPage {
    pub f: Frame,
    pub wishes: Vec<VoiceView>,
    pub total: u64,
    pub paging: Paging,
    /// The dataset that it is all about; `None` where it is about what is wished for.
    pub about: Option<(String, Text)>,
    /// What the reader said besides, the newest first.
    pub own: Vec<VoiceView>,
    /// What was done: `asked`, `support`.
    pub done: String,
}

impl OpenRequestsPage {
    pub(crate) fn new(f: Frame, about: Option<(String, Text)>, wishes: Page<VoiceView>, mut own: Vec<VoiceView>, done: String) -> OpenRequestsPage {
        own.retain(|one| !wishes.entries.iter().any(|shown| shown.id == one.id));
        OpenRequestsPage { paging: Paging::new(&f, wishes.page, wishes.size, wishes.total), total: wishes.total, wishes: wishes.entries, about, own, done, f }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(requests(&visit).await)
}

async fn requests(visit: &Visit) -> Answered<OpenRequestsPage> {
    let desk = &visit.app.desk;
    let reader = visit.account.as_ref();
    let about = about(visit, visit.parameter("dataset")).await?;
    let filter = VoiceFilter { dataset: about.as_ref().map(|(id, _)| id.clone()), wishes: Some(about.is_none()) };
    let wishes = desk.open_voices(reader, &filter, visit.page(), SIZE, visit.now).await?;
    let own = match reader {
        Some(who) => desk.own_voices(who, 1, SIZE, visit.now).await?.entries,
        None => Vec::new(),
    };
    let f = visit.frame(Place::Open, |say| if about.is_some() { say.t("voice-title") } else { say.t("open-requests-title") });
    Ok(OpenRequestsPage::new(f, about, wishes, own, visit.parameter("done").to_owned()))
}

#[derive(Template)]
#[template(path = "open/ask.html")]
pub(crate) struct OpenAskPage {
    pub f: Frame,
    /// The dataset that it is about: its id and title; `None` for a wish.
    pub dataset: Option<(String, Text)>,
    /// Whom a wish can be put to.
    pub departments: Vec<(String, Text)>,
    pub saying: Saying,
    /// What was wrong with what was sent.
    pub refused: Option<Text>,
}

impl OpenAskPage {
    /// What may be said of a dataset, with its words.
    fn kinds(&self) -> Vec<(&'static str, String)> {
        let of_dataset = VoiceKind::ALL.into_iter().filter(|kind| *kind != VoiceKind::Wish);
        of_dataset.map(|kind| (kind.word(), self.f.text(&kind.title()).to_owned())).collect()
    }

    fn chosen(&self, word: &str) -> bool {
        self.saying.kind == word
    }

    fn addressed(&self, id: &str) -> bool {
        self.saying.department == id
    }

    fn starred(&self, n: &u64) -> bool {
        self.saying.stars == Some(*n)
    }

    fn stars(&self) -> [u64; 5] {
        [5, 4, 3, 2, 1]
    }
}

async fn ask(State(_): State<App>, visit: Visit) -> Response {
    let saying = Saying { dataset: visit.parameter("dataset").to_owned(), title: visit.parameter("title").chars().take(60).collect(), ..Saying::default() };
    visit.answer(form(&visit, saying, None).await)
}

/// The open dataset of this id, where one is named.
async fn about(visit: &Visit, id: &str) -> Answered<Option<(String, Text)>> {
    match id {
        "" => Ok(None),
        id => Ok(Some((id.to_owned(), visit.app.desk.open_dataset(id, visit.now).await?.view.title))),
    }
}

async fn form(visit: &Visit, saying: Saying, refused: Option<Text>) -> Answered<OpenAskPage> {
    let desk = &visit.app.desk;
    let dataset = about(visit, &saying.dataset).await?;
    let city = desk.city();
    let departments = city.departments.iter().map(|(id, one)| (id.clone(), Text::new(&one.title, &one.title_en))).collect();
    let f = visit.frame(Place::Open, |say| if dataset.is_some() { say.t("voice-ask-title") } else { say.t("wish-ask-title") });
    Ok(OpenAskPage { f, dataset, departments, saying, refused })
}

async fn raise(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    let dataset = fields.get("dataset").to_owned();
    let saying = Saying {
        kind: if dataset.is_empty() { VoiceKind::Wish.word().to_owned() } else { fields.get("kind").to_owned() },
        department: fields.get("department").to_owned(),
        // What is no number is none of the five, and refused.
        stars: fields.chosen("stars").map(|stars| stars.parse().unwrap_or(0)),
        title: fields.get("title").to_owned(),
        words: fields.get("words").to_owned(),
        purpose: fields.get("purpose").to_owned(),
        dataset,
    };
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.raise_voice(who, &saying, visit.now).await?)
    };
    match done.await {
        Ok(_) => Redirect::to("/open/requests?done=asked#own").into_response(),
        Err(refusal) => visit.again(refusal, |text| form(&visit, saying.clone(), Some(text))).await,
    }
}

async fn support(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.support_voice(who, &id, visit.now).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/open/requests?done=support").into_response(),
        Err(refusal) => visit.answer::<OpenRequestsPage>(Err(refusal)),
    }
}
