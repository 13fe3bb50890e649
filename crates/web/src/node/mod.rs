//! `/nodes`: the nodes of other cities: how the link is, what they offer, what was asked of them, and what they have asked of us.

mod request;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::exchange::{LinkState, NodeAsking, NodeDetail, NodeRequestState, NodeView};
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;
use crate::share::{AskPage, Fields, terms};

#[cfg(test)]
pub(crate) use request::{NodeRequestPage, Shown};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/nodes", get(list))
        .route("/nodes/{id}", get(show))
        .route("/nodes/{id}/call", post(call))
        .route("/nodes/{id}/ask/{resource}", get(form).post(ask))
        .merge(request::router())
}

#[derive(Template)]
#[template(path = "node/list.html")]
pub(crate) struct NodesPage {
    pub f: Frame,
    pub nodes: Vec<NodeView>,
}

#[derive(Template)]
#[template(path = "node/detail.html")]
pub(crate) struct NodePage {
    pub f: Frame,
    pub d: NodeDetail,
    /// It was called a moment ago.
    pub called: bool,
}

impl NodePage {
    fn channels(&self) -> String {
        self.f.channels(&self.d.terms.channels)
    }

    fn purposes(&self) -> String {
        self.d.terms.purposes.iter().map(|purpose| self.f.purpose(purpose)).collect::<Vec<_>>().join(&self.f.t("comma"))
    }

    /// Whose resources it may ask for.
    fn open(&self) -> String {
        self.d.departments.iter().chain(&self.d.resources).map(|one| self.f.text(&one.title).to_owned()).collect::<Vec<_>>().join(&self.f.t("comma"))
    }
}

impl Say {
    pub(crate) fn link_badge(&self, node: &NodeView) -> Html {
        let (class, word) = match node.state {
            LinkState::Up => ("good", self.t("node-up")),
            LinkState::Down => ("wrong", self.t("node-down")),
            LinkState::Unknown => ("calm", self.t("node-unknown")),
            LinkState::Closed => ("none", self.t("node-closed")),
        };
        self.badge(class, &word)
    }

    pub(crate) fn node_request_badge(&self, state: &NodeRequestState) -> Html {
        let class = match state {
            NodeRequestState::Queued => "late",
            NodeRequestState::Rejected => "wrong",
            NodeRequestState::Ended => "none",
            NodeRequestState::There(data::share::RequestState::Granted) => "good",
            NodeRequestState::There(state) if state.waits() => "late",
            NodeRequestState::There(_) => "calm",
        };
        self.badge(class, self.text(&state.title()))
    }

    /// What an envelope says, by its kind.
    pub(crate) fn envelope_kind(&self, kind: &str) -> String {
        match kind {
            "request.ask" => self.t("envelope-ask"),
            "request.withdraw" => self.t("envelope-withdraw"),
            "request.dispute" => self.t("envelope-dispute"),
            "request.state" => self.t("envelope-state"),
            other => other.to_owned(),
        }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(nodes(&visit).await)
}

async fn nodes(visit: &Visit) -> Answered<NodesPage> {
    let nodes = visit.app.desk.neighbours(visit.staff()?, visit.now).await?;
    Ok(NodesPage { f: visit.frame(Place::Share, |say| say.t("nodes-title")), nodes })
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(node(&visit, &id).await)
}

async fn node(visit: &Visit, id: &str) -> Answered<NodePage> {
    let d = visit.app.desk.neighbour(visit.staff()?, id, visit.now).await?;
    let f = visit.frame(Place::Share, |say| say.text(&d.node.title).to_owned());
    Ok(NodePage { f, d, called: visit.parameter("called") == "1" })
}

async fn call(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        // Whether it was reached stands on its page.
        visit.app.desk.call_neighbour(who, &id, visit.now).await?.map(drop).or(Ok(()))
    };
    match done.await {
        Ok(()) => Redirect::to(&link::with(&link::node(&id), &[("called", "1")])).into_response(),
        Err(refusal) => visit.answer::<NodePage>(Err(refusal)),
    }
}

async fn form(State(_): State<App>, visit: Visit, Path((node, resource)): Path<(String, String)>) -> Response {
    visit.answer(asking(&visit, &node, &resource, None).await)
}

async fn asking(visit: &Visit, node: &str, resource: &str, sent: Option<(&Fields, Text)>) -> Answered<AskPage> {
    let mut d = visit.app.desk.draft_for_neighbour(visit.staff()?, node, resource).await?;
    if let Some((fields, _)) = &sent {
        d.terms = terms(fields).unwrap_or(d.terms);
        d.reason = fields.get("reason").to_owned();
    }
    let f = visit.frame(Place::Share, |say| say.t("ask-title"));
    Ok(AskPage { f, d, renews: None, node: Some(node.to_owned()), error: sent.map(|(_, text)| text) })
}

async fn ask(State(_): State<App>, Path((node, resource)): Path<(String, String)>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        let asking = NodeAsking { node: node.clone(), resource: resource.clone(), terms: terms(&fields)?, reason: fields.get("reason").to_owned() };
        Ok(visit.app.desk.ask_neighbour(who, asking, visit.now).await?)
    };
    match done.await {
        Ok(request) => Redirect::to(&link::node_request(&request)).into_response(),
        Err(refusal) => visit.again(refusal, |text| asking(&visit, &node, &resource, Some((&fields, text)))).await,
    }
}
