//! `/resources/{id}/request`: asking for another department's data, in the name of the own one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use data::declare::ShareType;
use data::share::{Channel, Lent, Purpose, Terms};
use desk::DeskError;
use desk::share::{Asking, Draft, GrantState, GrantView, LentItem};
use kernel::Text;

use super::Fields;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::link;

pub(super) fn router() -> Router<App> {
    Router::new().route("/resources/{id}/request", get(show).post(ask))
}

#[derive(Template)]
#[template(path = "share/ask.html")]
pub(crate) struct AskPage {
    pub f: Frame,
    pub d: Draft,
    /// The grant that is to be renewed.
    pub renews: Option<String>,
    /// The node of another city that is asked, in place of a department here.
    pub node: Option<String>,
    pub error: Option<Text>,
}

impl AskPage {
    fn taken(&self, item: &LentItem) -> bool {
        self.d.terms.items.iter().any(|one| one.name == item.name)
    }

    fn whole(&self, item: &LentItem) -> bool {
        self.d.terms.items.iter().find(|one| one.name == item.name).map_or(item.whole, |one| one.whole)
    }

    fn key(&self, item: &LentItem) -> bool {
        self.d.terms.keys.contains(&item.name)
    }

    /// (word, what it is called, what it is, chosen).
    fn channels(&self) -> Vec<(&'static str, String, String, bool)> {
        let one = |channel: &Channel| (channel.word(), self.f.channel(channel), self.f.channel_is(channel), self.d.terms.channels.contains(channel));
        Channel::ALL.iter().map(one).collect()
    }

    /// A day's quota as it stands in the form.
    fn daily(&self, which: &str) -> String {
        let daily = self.d.terms.daily;
        let most = if which == "rows" { daily.rows } else { daily.calls };
        most.map(|most| most.to_string()).unwrap_or_default()
    }

    /// (word, what it is called, chosen).
    fn purposes(&self) -> Vec<(&'static str, String, bool)> {
        Purpose::ALL.iter().map(|purpose| (purpose.word(), self.f.purpose(purpose), *purpose == self.d.terms.purpose)).collect()
    }

    /// What the department has of it already.
    fn holding(&self) -> Vec<&GrantView> {
        self.d.similar.iter().filter(|grant| matches!(grant.state, GrantState::Active | GrantState::Ending)).collect()
    }

    /// Whether nobody has to decide as long as nothing grave is asked for as it stands.
    fn unconditional(&self) -> bool {
        self.d.share == ShareType::Unconditional
    }

    /// Where the form goes.
    fn at(&self) -> String {
        self.node.as_deref().map_or_else(|| link::ask(&self.d.resource.id), |node| link::ask_node(node, &self.d.resource.id))
    }

    fn renewal(&self, grant: &GrantView) -> String {
        link::renewal(&self.d.resource.id, &grant.id)
    }
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id, visit.chosen("renews"), None).await)
}

async fn page(visit: &Visit, id: &str, renews: Option<String>, sent: Option<(&Fields, Text)>) -> Answered<AskPage> {
    let mut d = visit.app.desk.draft_request(visit.staff()?, id, renews.as_deref(), visit.now).await?;
    if let Some((fields, _)) = &sent {
        d.terms = terms(fields).unwrap_or(d.terms);
        d.reason = fields.get("reason").to_owned();
    }
    let f = visit.frame(Place::Share, |say| say.t("ask-title"));
    Ok(AskPage { f, d, renews, node: None, error: sent.map(|(_, text)| text) })
}

async fn ask(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    match asked(&visit, &id, &fields).await {
        Ok(request) => Redirect::to(&link::request(&request)).into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, &id, fields.chosen("renews"), Some((&fields, text)))).await,
    }
}

async fn asked(visit: &Visit, id: &str, fields: &Fields) -> Answered<String> {
    let who = visit.staff_form(fields.get("csrf"))?;
    let asking = Asking { resource: id.to_owned(), terms: terms(fields)?, reason: fields.get("reason").to_owned(), renews: fields.chosen("renews") };
    Ok(visit.app.desk.ask(who, asking, visit.now).await?)
}

/// What the form asks for. Whether it holds together is the desk's to say.
pub(crate) fn terms(fields: &Fields) -> Result<Terms, DeskError> {
    let purpose = Purpose::of(fields.get("purpose")).ok_or_else(|| DeskError::Invalid(Text::new("请选择用途。", "Choose a purpose.")))?;
    let lent = |name: String| Lent { whole: fields.get(&format!("as:{name}")) == "whole", name };
    Ok(Terms {
        items: fields.names("item:").into_iter().map(lent).collect(),
        keys: fields.names("key:"),
        condition: fields.get("condition").to_owned(),
        channels: fields.under("channel:").filter_map(|(word, _)| Channel::of(word)).collect(),
        purpose,
        until: fields.get("until").to_owned(),
        per_minute: fields.number("per_minute"),
        told_after: fields.number("told_after"),
        told_ground: fields.get("told_ground").to_owned(),
        daily: fields.daily(),
    })
}
