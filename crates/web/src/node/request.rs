//! `/node-requests/{id}`: what was asked of another city, what it has said, and reading what it has granted. Sent as forms, so that
//! nobody's number stands in an address.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::share::{Channel, Terms};
use desk::DeskError;
use desk::exchange::{NodeAct, NodeRequestDetail};
use desk::share::{Call, Caller, LentItem};
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::share::{Fields, Found, Rows, rows, verdict};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/node-requests/{id}", get(show))
        .route("/node-requests/{id}/act", post(act))
        .route("/node-requests/{id}/query", post(query))
        .route("/node-requests/{id}/verify", post(verify))
        .route("/node-requests/{id}/fetch", post(fetch))
}

/// What was read, with its leaf here and there.
pub(crate) struct Shown {
    pub found: Found,
    pub leaf: u64,
    pub theirs: u64,
}

#[derive(Template)]
#[template(path = "node/request.html")]
pub(crate) struct NodeRequestPage {
    pub f: Frame,
    pub d: NodeRequestDetail,
    pub fields: Fields,
    pub shown: Option<Shown>,
    pub refused: Option<Text>,
}

impl NodeRequestPage {
    /// Those of the grant; before there is one, those asked for.
    fn terms(&self) -> &Terms {
        let grant = self.d.request.word.as_ref().and_then(|word| word.grant.as_ref());
        grant.map_or(&self.d.request.terms, |grant| &grant.terms)
    }

    fn lent(&self, item: &LentItem) -> bool {
        self.terms().items.iter().any(|one| one.name == item.name)
    }

    fn has(&self, channel: &str) -> bool {
        self.d.may_read && Channel::of(channel).is_some_and(|channel| self.terms().channels.contains(&channel))
    }

    /// Keys and claims: name, title, what was entered.
    fn keys(&self) -> Vec<(&str, &str, &str)> {
        self.d.items.iter().filter(|item| item.key).map(|item| (item.name.as_str(), self.f.text(&item.title), self.entered("key:", &item.name))).collect()
    }

    fn claims(&self) -> Vec<(&str, &str, &str)> {
        let claim = |item: &&LentItem| !item.key && self.lent(item);
        self.d.items.iter().filter(claim).map(|item| (item.name.as_str(), self.f.text(&item.title), self.entered("claim:", &item.name))).collect()
    }

    fn entered<'a>(&'a self, prefix: &'a str, name: &str) -> &'a str {
        self.fields.under(prefix).find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default()
    }

    fn rows(&self) -> Option<&Rows> {
        match &self.shown.as_ref()?.found {
            Found::Rows(rows) => Some(rows),
            Found::Verdict(_) => None,
        }
    }

    fn verdict(&self) -> Option<(&'static str, String, String)> {
        match &self.shown.as_ref()?.found {
            Found::Verdict(verdict) => Some(self.f.verdict(*verdict)),
            Found::Rows(_) => None,
        }
    }

    /// Whether a file was fetched that changes can go on from.
    fn goes_on(&self) -> bool {
        self.d.reads.iter().any(|read| read.next.is_some())
    }

    fn path(&self, act: &str) -> String {
        format!("{}/{act}", link::node_request(&self.d.request.id))
    }

    fn file(&self, leaf: &u64) -> String {
        format!("/api/v1{}/files/{leaf}", link::node_request(&self.d.request.id))
    }

    fn act_word(&self, act: &str) -> String {
        if act == "rejected" { self.f.t("node-rejected") } else { self.f.request_act(act) }
    }

    /// A moment as the other city told it.
    fn told(&self, time: &str) -> Html {
        self.f.maybe_when(&time.parse().ok().map(kernel::Moment::from_jiff))
    }
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id, Fields::default()).await)
}

async fn page(visit: &Visit, id: &str, fields: Fields) -> Answered<NodeRequestPage> {
    let d = visit.app.desk.node_request(visit.staff()?, id, visit.now).await?;
    let f = visit.frame(Place::Share, |say| format!("{} · {}", say.text(&d.request.node.title), say.text(&d.request.resource.title)));
    Ok(NodeRequestPage { f, d, fields, shown: None, refused: None })
}

async fn act(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        let act = match fields.get("act") {
            "dispute" => NodeAct::Dispute(fields.get("words").to_owned()),
            _ => NodeAct::Withdraw,
        };
        Ok(visit.app.desk.act_on_node_request(who, &id, act, visit.now).await?)
    };
    let done = done.await;
    after(&visit, &id, fields, done).await
}

async fn fetch(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
        visit.app.desk.fetch_across(&caller, &id, &call(&fields), fields.get("changes") == "1", visit.now).await?;
        Ok(())
    };
    let done = done.await;
    after(&visit, &id, fields, done).await
}

async fn after(visit: &Visit, id: &str, fields: Fields, done: Answered<()>) -> Response {
    match done {
        Ok(()) => Redirect::to(&link::node_request(id)).into_response(),
        Err(refusal) => refused(visit, id, fields, refusal).await,
    }
}

/// The page again, with why nothing came of it; what was entered is kept, since the link may be back in a moment.
async fn refused(visit: &Visit, id: &str, fields: Fields, refusal: Refusal) -> Response {
    let (text, status) = match refusal {
        Refusal::Desk(DeskError::Busy(text)) => (text, StatusCode::SERVICE_UNAVAILABLE),
        Refusal::Desk(DeskError::TooMany { text, .. }) => (text, StatusCode::TOO_MANY_REQUESTS),
        Refusal::Desk(DeskError::Invalid(text) | DeskError::Conflict(text)) => (text, StatusCode::UNPROCESSABLE_ENTITY),
        other => return visit.answer::<NodeRequestPage>(Err(other)),
    };
    match page(visit, id, fields).await {
        Ok(page) => visit.show(status, &NodeRequestPage { refused: Some(text), ..page }),
        Err(refusal) => visit.answer::<NodeRequestPage>(Err(refusal)),
    }
}

fn call(fields: &Fields) -> Call {
    Call { purpose: fields.get("purpose").to_owned(), case: fields.chosen("case") }
}

async fn query(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    read(&visit, &id, fields, Channel::Query).await
}

async fn verify(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    read(&visit, &id, fields, Channel::Verify).await
}

async fn read(visit: &Visit, id: &str, fields: Fields, channel: Channel) -> Response {
    match answered(visit, id, &fields, channel).await {
        Ok(page) => visit.answer(Ok(NodeRequestPage { fields, ..page })),
        Err(refusal) => refused(visit, id, fields, refusal).await,
    }
}

async fn answered(visit: &Visit, id: &str, fields: &Fields, channel: Channel) -> Answered<NodeRequestPage> {
    let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
    let said = fields.under("key:").chain(fields.under("claim:").filter(|_| channel == Channel::Verify));
    let said: Vec<(String, String)> = said.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let across = visit.app.desk.read_across(&caller, id, channel, &call(fields), &said, visit.now).await?;
    let page = page(visit, id, Fields::default()).await?;
    let items: Vec<LentItem> = page.d.items.iter().filter(|item| page.lent(item)).cloned().collect();
    let seen = if channel == Channel::Verify { verdict(&page.f, &items, &across.lending.body) } else { rows(&page.f, &items, &across.lending.body) };
    let (found, _) = seen.ok_or_else(|| DeskError::Internal("an answer of another city cannot be read".to_owned()))?;
    Ok(NodeRequestPage { shown: Some(Shown { found, leaf: across.lending.leaf, theirs: across.theirs }), ..page })
}
