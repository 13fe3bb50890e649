//! `/open/applications`: what has been built with open data, and where whoever has an account registers an application. A key is
//! shown once, on the page that answers the form.

use std::fmt::Write;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::open::{AppState, VoiceAuthor};
use desk::open::{AppDetail, AppView, DatasetFilter, Telling};
use desk::view::Page;
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;
use crate::say::Say;
use crate::share::Fields;

const SIZE: u64 = 24;
/// Datasets that can be chosen from.
const DATASETS: u64 = 200;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/open/applications", get(list).post(register))
        .route("/open/applications/new", get(form))
        .route("/open/applications/{id}", get(show).post(change))
        .route("/open/applications/{id}/change", get(changing))
        .route("/open/applications/{id}/{act}", post(act))
}

impl Say {
    /// All that others learn of who registered or applied.
    pub(crate) fn by(&self, author: &VoiceAuthor) -> String {
        self.text(&author.title()).to_owned()
    }

    /// Whether it is shown, for its owner and stewards.
    pub(crate) fn app_badge(&self, app: &AppView) -> Html {
        let word = match app.state {
            AppState::Waiting => "late",
            AppState::Shown => "good",
            AppState::Refused => "wrong",
            AppState::Ended => "none",
        };
        self.badge(word, self.text(&app.state.title()))
    }

    /// How it was found at night.
    pub(crate) fn app_health(&self, app: &AppView) -> Html {
        match (&app.fault, app.checked) {
            (_, None) => self.badge("none", &self.t("app-unchecked")),
            (None, _) => self.badge("good", &self.t("app-works")),
            (Some(_), _) => self.badge("wrong", &self.t("app-broken")),
        }
    }
}

#[derive(Template)]
#[template(path = "open/apps.html")]
pub(crate) struct AppsPage {
    pub f: Frame,
    pub apps: Vec<AppView>,
    pub total: u64,
    pub paging: Paging,
    /// The reader's own.
    pub own: Vec<AppView>,
    /// Those that wait for a steward.
    pub waiting: Vec<AppView>,
    pub done: String,
}

impl AppsPage {
    pub(crate) fn new(f: Frame, apps: Page<AppView>, own: Vec<AppView>, waiting: Vec<AppView>, done: String) -> AppsPage {
        AppsPage { paging: Paging::new(&f, apps.page, apps.size, apps.total), total: apps.total, apps: apps.entries, own, waiting, done, f }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(apps(&visit).await)
}

async fn apps(visit: &Visit) -> Answered<AppsPage> {
    let desk = &visit.app.desk;
    let reader = visit.account.as_ref();
    let shown = desk.open_apps(reader, None, visit.page(), SIZE).await?;
    let own = match reader {
        Some(who) => desk.own_apps(who, 1, SIZE).await?.entries,
        None => Vec::new(),
    };
    let waiting = match reader.filter(|who| who.may("app.moderate")) {
        Some(who) => desk.apps_to_moderate(who, 1, SIZE).await?.entries,
        None => Vec::new(),
    };
    let f = visit.frame(Place::Open, |say| say.t("apps-title"));
    Ok(AppsPage::new(f, shown, own, waiting, visit.parameter("done").to_owned()))
}

#[derive(Template)]
#[template(path = "open/app.html")]
pub(crate) struct AppPage {
    pub f: Frame,
    pub d: AppDetail,
    /// A key that was just made.
    pub key: Option<String>,
    pub refused: Option<Text>,
    pub origin: String,
}

impl AppPage {
    /// Calls by day as bars, in place of a table that nobody reads.
    fn most(&self) -> u64 {
        self.d.calls.iter().map(|(_, calls)| *calls).max().unwrap_or(0).max(1)
    }

    fn share(&self, calls: &u64) -> u64 {
        (calls * 100).div_ceil(self.most())
    }

    fn is_living(&self) -> bool {
        self.d.view.state != AppState::Ended
    }

    /// The first dataset that it uses, for the example.
    fn example(&self) -> String {
        let id = self.d.uses.first().map_or("bus_stops", |(dataset, _)| dataset.id.as_str());
        format!("{}/api/v1/open/datasets/{}/rows?limit=10", self.origin, link::encode(id))
    }
}

async fn show(State(_): State<App>, Path(id): Path<String>, visit: Visit) -> Response {
    visit.answer(page(&visit, &id, None, None).await)
}

async fn page(visit: &Visit, id: &str, key: Option<String>, refused: Option<Text>) -> Answered<AppPage> {
    let d = visit.app.desk.open_app(visit.account.as_ref(), id, visit.now).await?;
    let f = visit.frame(Place::Open, |_| d.view.name.clone());
    Ok(AppPage { f, d, key, refused, origin: visit.origin() })
}

#[derive(Template)]
#[template(path = "open/app_form.html")]
pub(crate) struct AppFormPage {
    pub f: Frame,
    /// The application that is changed; a new one when `None`.
    pub id: Option<String>,
    pub telling: Telling,
    /// What can be used: id and title.
    pub datasets: Vec<(String, Text)>,
    pub refused: Option<Text>,
}

impl AppFormPage {
    fn action(&self) -> String {
        self.id.as_deref().map_or("/open/applications".to_owned(), link::app)
    }

    /// The datasets that are used, one on each line.
    fn uses(&self) -> String {
        self.telling.uses.join("\n")
    }
}

async fn form(State(_): State<App>, visit: Visit) -> Response {
    let uses = visit.chosen("dataset").into_iter().collect();
    visit.answer(filled(&visit, None, Telling { uses, ..Telling::default() }, None).await)
}

async fn changing(State(_): State<App>, Path(id): Path<String>, visit: Visit) -> Response {
    let page = async {
        let who = visit.staff()?;
        let AppDetail { view, uses, probe, .. } = visit.app.desk.open_app(Some(who), &id, visit.now).await?;
        let used = |(dataset, columns): (desk::share::Named, String)| if columns.is_empty() { dataset.id } else { format!("{}: {}", dataset.id, columns.replace(',', ", ")) };
        let telling = Telling { name: view.name, summary: view.summary, address: view.address, probe: probe.unwrap_or_default(), uses: uses.into_iter().map(used).collect() };
        filled(&visit, Some(id.clone()), telling, None).await
    };
    visit.answer(page.await)
}

async fn filled(visit: &Visit, id: Option<String>, telling: Telling, refused: Option<Text>) -> Answered<AppFormPage> {
    let found = visit.app.desk.open_datasets(&DatasetFilter::default(), 1, DATASETS, visit.now).await?;
    let datasets = found.datasets.entries.into_iter().map(|one| (one.id, one.title)).collect();
    let f = visit.frame(Place::Open, |say| if id.is_some() { say.t("app-change") } else { say.t("app-register") });
    Ok(AppFormPage { f, id, telling, datasets, refused })
}

fn told(fields: &Fields) -> Telling {
    let uses = fields.get("uses").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let text = |name: &str| fields.get(name).to_owned();
    Telling { name: text("name"), summary: text("summary"), address: text("address"), probe: text("probe"), uses }
}

async fn register(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    let telling = told(&fields);
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.register_app(who, &telling, visit.now).await?)
    };
    match done.await {
        // The key is in this answer and nowhere else; no cache keeps what is answered to who is logged in.
        Ok((id, key)) => visit.answer(page(&visit, &id, Some(key), None).await),
        Err(refusal) => visit.again(refusal, |text| filled(&visit, None, telling.clone(), Some(text))).await,
    }
}

async fn change(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let telling = told(&fields);
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.change_app(who, &id, &telling, visit.now).await?)
    };
    match done.await {
        Ok(()) => Redirect::to(&link::app(&id)).into_response(),
        Err(refusal) => visit.again(refusal, |text| filled(&visit, Some(id.clone()), telling.clone(), Some(text))).await,
    }
}

async fn act(State(_): State<App>, Path((id, act)): Path<(String, String)>, Sent(visit, fields): Sent<Fields>) -> Response {
    let desk = &visit.app.desk;
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        match act.as_str() {
            "renew" => return Ok(Some(desk.renew_app(who, &id).await?)),
            "end" => desk.end_app(who, &id).await?,
            "show" => desk.moderate_app(who, &id, true, "", visit.now).await?,
            "hide" => desk.moderate_app(who, &id, false, fields.get("words"), visit.now).await?,
            _ => return Err(desk::DeskError::NotFound.into()),
        }
        Ok(None)
    };
    match done.await {
        Ok(Some(key)) => visit.answer(page(&visit, &id, Some(key), None).await),
        Ok(None) if act == "end" => Redirect::to("/open/applications?done=end").into_response(),
        Ok(None) => Redirect::to(&link::app(&id)).into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, &id, None, Some(text))).await,
    }
}

/// The first words of a summary, for a card.
pub(crate) fn brief(summary: &str) -> String {
    let mut brief: String = summary.chars().take(90).collect();
    if summary.chars().count() > 90 {
        let _ = write!(brief, "…");
    }
    brief
}
