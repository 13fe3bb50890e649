//! `/requests`: what departments ask of each other, who has to decide, and what was decided.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::share::{Lent, RequestState, Terms};
use desk::share::{Decision, LentItem, RequestDetail, RequestFilter, RequestView};
use desk::view::Page;
use kernel::Text;

use super::{Fields, no_such_act};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::link;
use crate::paging::Paging;

/// Requests on one page.
const SIZE: u64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/requests", get(list))
        .route("/requests/{id}", get(show))
        .route("/requests/{id}/decide", post(decide))
        .route("/requests/{id}/withdraw", post(withdraw))
        .route("/requests/{id}/dispute", post(dispute))
}

#[derive(Template)]
#[template(path = "share/requests.html")]
pub(crate) struct RequestsPage {
    f: Frame,
    requests: Vec<RequestView>,
    total: u64,
    /// (word, title, chosen).
    states: Vec<(&'static str, String, bool)>,
    /// The resource that alone is shown: id and title.
    resource: Option<(String, String)>,
    narrowed: bool,
    paging: Paging,
}

impl RequestsPage {
    pub(crate) fn new(f: Frame, filter: &RequestFilter, resource: Option<(String, String)>, page: Page<RequestView>) -> RequestsPage {
        let mut states = vec![("", f.t("all"), filter.state.is_none())];
        states.extend(RequestState::ALL.iter().map(|state| (state.word(), f.request_word(state), filter.state == Some(*state))));
        RequestsPage {
            narrowed: filter.state.is_some() || resource.is_some(),
            paging: Paging::new(&f, page.page, page.size, page.total),
            total: page.total,
            requests: page.entries,
            resource,
            states,
            f,
        }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(requests(&visit).await)
}

async fn requests(visit: &Visit) -> Answered<RequestsPage> {
    let filter = RequestFilter { resource: visit.chosen("resource"), state: RequestState::of(visit.parameter("state")) };
    let page = visit.app.desk.requests(visit.staff()?, &filter, visit.page(), SIZE, visit.now).await?;
    let f = visit.frame(Place::Share, |say| say.t("requests-title"));
    let resource = filter.resource.as_ref().map(|id| (id.clone(), resource_title(visit, id)));
    Ok(RequestsPage::new(f, &filter, resource, page))
}

/// What a resource is called; its id, where it is not declared.
pub(super) fn resource_title(visit: &Visit, id: &str) -> String {
    let (city, say) = (visit.app.desk.city(), visit.say());
    city.resources.get(id).map_or_else(|| id.to_owned(), |one| say.pair(&one.title, &one.title_en).to_owned())
}

#[derive(Template)]
#[template(path = "share/request.html")]
pub(crate) struct RequestPage {
    pub f: Frame,
    pub d: RequestDetail,
    /// All items of the resource: name and title.
    pub known: Vec<(String, String)>,
    /// What was sent, and what was wrong with it.
    pub sent: Option<(Fields, Text)>,
}

impl RequestPage {
    fn terms(&self) -> &Terms {
        &self.d.request.terms
    }

    /// Whether it was asked for itself, not only as what queries must name.
    fn lent(&self, item: &LentItem) -> bool {
        self.terms().items.iter().any(|one| one.name == item.name)
    }

    /// Whether the choice of what is given of an item is this one: `whole`, `masked`, `none`.
    fn given(&self, item: &LentItem, choice: &str) -> bool {
        let asked = if item.whole { "whole" } else { "masked" };
        match &self.sent {
            Some((fields, _)) if fields.has(&format!("as:{}", item.name)) => fields.get(&format!("as:{}", item.name)) == choice,
            _ => asked == choice,
        }
    }

    /// Items that are not keys yet: name, title, chosen.
    fn more_keys(&self) -> Vec<(&str, &str, bool)> {
        let chosen = |name: &str| self.sent.as_ref().is_some_and(|(fields, _)| fields.has(&format!("key:{name}")));
        let free = self.known.iter().filter(|(name, _)| !self.terms().keys.contains(name));
        free.map(|(name, title)| (name.as_str(), title.as_str(), chosen(name))).collect()
    }

    /// What was entered, or what the form begins with.
    fn entered(&self, name: &str) -> String {
        let terms = self.terms();
        match &self.sent {
            Some((fields, _)) => fields.get(name).to_owned(),
            None if name == "until" => terms.until.clone(),
            None if name == "per_minute" => terms.per_minute.to_string(),
            None if name == "told_after" => terms.told_after.to_string(),
            None if name == "per_day" => terms.daily.calls.map(|most| most.to_string()).unwrap_or_default(),
            None if name == "rows_per_day" => terms.daily.rows.map(|most| most.to_string()).unwrap_or_default(),
            None => String::new(),
        }
    }

    fn disputed(&self) -> bool {
        self.d.request.state == RequestState::Disputed
    }

    fn path(&self, act: &str) -> String {
        format!("{}/{act}", link::request(&self.d.request.id))
    }
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id, None).await)
}

async fn page(visit: &Visit, id: &str, sent: Option<(Fields, Text)>) -> Answered<RequestPage> {
    let d = visit.app.desk.request(visit.staff()?, id, visit.now).await?;
    let f = visit.frame(Place::Share, |say| format!("{} · {}", say.t("request"), say.text(&d.request.resource.title)));
    let city = visit.app.desk.city();
    let items = city.resources.get(&d.request.resource.id).map(|one| one.items.as_slice()).unwrap_or_default();
    let known = items.iter().map(|item| (item.name.clone(), f.pair(&item.title, &item.title_en).to_owned())).collect();
    Ok(RequestPage { f, d, known, sent })
}

/// The request's page after an act, or again with what was wrong.
async fn after(visit: &Visit, id: &str, fields: Fields, done: Answered<()>) -> Response {
    match done {
        Ok(()) => Redirect::to(&link::request(id)).into_response(),
        Err(refusal) => visit.again(refusal, |text| page(visit, id, Some((fields, text)))).await,
    }
}

async fn decide(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.decide_request(who, &id, decision(&fields)?, visit.now).await?)
    };
    let done = done.await;
    after(&visit, &id, fields, done).await
}

/// What the form says. Whether it is within what was asked is the desk's to say.
fn decision(fields: &Fields) -> Answered<Decision> {
    let words = fields.get("words").to_owned();
    match fields.get("act") {
        "grant" => {
            let given = fields.under("as:").filter(|(_, choice)| *choice != "none");
            Ok(Decision::Grant {
                items: given.map(|(name, choice)| Lent { name: name.to_owned(), whole: choice == "whole" }).collect(),
                keys: fields.names("key:"),
                condition: fields.get("condition").to_owned(),
                until: fields.get("until").to_owned(),
                per_minute: fields.number("per_minute"),
                told_after: fields.number("told_after"),
                daily: fields.daily(),
                words,
            })
        }
        "refuse" => Ok(Decision::Refuse { words }),
        _ => Err(no_such_act().into()),
    }
}

async fn withdraw(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.withdraw_request(who, &id, visit.now).await?)
    };
    let done = done.await;
    after(&visit, &id, fields, done).await
}

async fn dispute(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.dispute_request(who, &id, fields.get("words"), visit.now).await?)
    };
    let done = done.await;
    after(&visit, &id, fields, done).await
}
