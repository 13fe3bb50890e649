//! `/grants/{id}/query` and `/verify`: a person's own reading under a grant. Sent as forms, so that nobody's number stands in an
//! address or a proxy's log.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use desk::DeskError;
use desk::share::{Call, Caller, LentItem, Lending, Verdict};
use kernel::Text;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Fields;
use super::grant::{GrantPage, page};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Refusal, Visit};
use crate::link;
use crate::say::Say;

/// Further conditions that the form has room for.
pub(super) const FILTERS: usize = 2;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/grants/{id}/query", post(query))
        .route("/grants/{id}/verify", post(verify))
        .route("/grants/{id}/call", post(call_service))
        .route("/grants/{id}/subscribe", post(subscribe))
        .route("/grants/{id}/unsubscribe", post(unsubscribe))
}

/// An answer under a grant, as the page shows it.
pub(crate) struct Used {
    pub found: Found,
    pub leaf: u64,
    /// The newest batch that the answer is from; `None` where a service was asked.
    pub batch: Option<u64>,
}

pub(crate) enum Found {
    Rows(Rows),
    Verdict(Verdict),
}

pub(crate) struct Rows {
    /// What a column is called, and whether numbers stand in it.
    pub heads: Vec<(String, bool)>,
    /// `None` is no value.
    pub rows: Vec<Vec<Option<String>>>,
    /// The offset of the next page.
    pub next: Option<u64>,
}

impl Rows {
    pub fn numeric(&self, at: &usize) -> bool {
        self.heads.get(*at).is_some_and(|(_, numeric)| *numeric)
    }
}

/// Ways to compare: the word in the form, and what it is called.
pub(super) fn ways(f: &Frame) -> Vec<(&'static str, String)> {
    vec![("", f.t("way-is")), ("from", f.t("way-from")), ("to", f.t("way-to")), ("starts", f.t("way-starts"))]
}

impl Say {
    pub(crate) fn verdict(&self, verdict: Verdict) -> (&'static str, String, String) {
        match verdict {
            Verdict::Yes => ("yes", self.t("verdict-yes"), self.t("verdict-yes-is")),
            Verdict::No => ("no", self.t("verdict-no"), self.t("verdict-no-is")),
            Verdict::Unknown => ("unknown", self.t("verdict-unknown"), self.t("verdict-unknown-is")),
        }
    }
}

async fn query(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let lent = queried(&visit, &id, &fields).await;
    shown(&visit, &id, fields, lent, rows).await
}

async fn verify(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let lent = verified(&visit, &id, &fields).await;
    shown(&visit, &id, fields, lent, verdict).await
}

async fn call_service(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let lent = called(&visit, &id, &fields).await;
    shown(&visit, &id, fields, lent, rows).await
}

async fn called(visit: &Visit, id: &str, fields: &Fields) -> Answered<Lending> {
    let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
    let given = fields.under("param:").filter(|(_, value)| !value.is_empty());
    let parameters: Vec<(String, String)> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(visit.app.desk.call_service(&caller, id, fields.get("operation"), &call(fields), &parameters, visit.now).await?)
}

async fn queried(visit: &Visit, id: &str, fields: &Fields) -> Answered<Lending> {
    let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
    Ok(visit.app.desk.lent_rows(&caller, id, &call(fields), &parameters(fields), visit.now).await?)
}

async fn verified(visit: &Visit, id: &str, fields: &Fields) -> Answered<Lending> {
    let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
    Ok(visit.app.desk.verify_lent(&caller, id, &call(fields), &said(fields), visit.now).await?)
}

async fn subscribe(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    match subscribed(&visit, &id, &fields).await {
        Ok(()) => Redirect::to(&link::grant(&id)).into_response(),
        Err(Refusal::Desk(DeskError::Busy(text))) => not_now(&visit, &id, fields, text, StatusCode::SERVICE_UNAVAILABLE).await,
        Err(refusal) => visit.again(refusal, |text| refused(&visit, &id, fields, text)).await,
    }
}

async fn subscribed(visit: &Visit, id: &str, fields: &Fields) -> Answered<()> {
    let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
    visit.app.desk.subscribe(&caller, id, &call(fields), fields.get("url"), None, visit.now).await?;
    Ok(())
}

async fn unsubscribe(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    match unsubscribed(&visit, &id, &fields).await {
        Ok(()) => Redirect::to(&link::grant(&id)).into_response(),
        Err(refusal) => visit.again(refusal, |text| refused(&visit, &id, fields, text)).await,
    }
}

async fn unsubscribed(visit: &Visit, id: &str, fields: &Fields) -> Answered<()> {
    let caller = Caller::Person(visit.staff_form(fields.get("csrf"))?.clone());
    Ok(visit.app.desk.unsubscribe(&caller, id, &call(fields), visit.now).await?)
}

fn call(fields: &Fields) -> Call {
    Call { purpose: fields.get("purpose").to_owned(), case: fields.chosen("case") }
}

/// What a query asks, as its address would have it: keys, further conditions, and which page.
fn parameters(fields: &Fields) -> Vec<(String, String)> {
    let given = |(name, value): (&str, &str)| (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()));
    let mut parameters: Vec<(String, String)> = fields.under("key:").filter_map(given).collect();
    for n in 1..=FILTERS {
        let (item, way, value) = (fields.get(&format!("of{n}")), fields.get(&format!("way{n}")), fields.get(&format!("value{n}")));
        let name = if way.is_empty() { item.to_owned() } else { format!("{item}.{way}") };
        parameters.extend(Some((name, value.to_owned())).filter(|_| !item.is_empty() && !value.is_empty()));
    }
    for name in ["limit", "offset"] {
        parameters.extend(fields.chosen(name).map(|value| (name.to_owned(), value)));
    }
    parameters
}

/// Keys, and what is said of the row under them.
fn said(fields: &Fields) -> BTreeMap<String, String> {
    let both = fields.under("key:").chain(fields.under("claim:"));
    both.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What the page shows of an answer's body.
type Reading = fn(&Frame, &[LentItem], &[u8]) -> Option<(Found, Option<u64>)>;

/// The grant's page with the answer, or with why there is none.
async fn shown(visit: &Visit, id: &str, fields: Fields, lent: Answered<Lending>, read: Reading) -> Response {
    match lent {
        Ok(lent) => visit.answer(answered(visit, id, fields, lent, read).await),
        // What was entered is kept while the data is being prepared.
        Err(Refusal::Desk(DeskError::Busy(text))) => not_now(visit, id, fields, text, StatusCode::SERVICE_UNAVAILABLE).await,
        Err(Refusal::Desk(DeskError::TooMany { text, .. })) => not_now(visit, id, fields, text, StatusCode::TOO_MANY_REQUESTS).await,
        Err(Refusal::Desk(DeskError::Away { text, .. })) => not_now(visit, id, fields, text, StatusCode::SERVICE_UNAVAILABLE).await,
        Err(Refusal::Desk(DeskError::Upstream(text))) => not_now(visit, id, fields, text, StatusCode::BAD_GATEWAY).await,
        Err(Refusal::Desk(DeskError::Late(text))) => not_now(visit, id, fields, text, StatusCode::GATEWAY_TIMEOUT).await,
        Err(refusal) => visit.again(refusal, |text| refused(visit, id, fields, text)).await,
    }
}

async fn refused(visit: &Visit, id: &str, fields: Fields, text: Text) -> Answered<GrantPage> {
    Ok(GrantPage { refused: Some(text), ..page(visit, id, fields).await? })
}

async fn not_now(visit: &Visit, id: &str, fields: Fields, text: Text, status: StatusCode) -> Response {
    match refused(visit, id, fields, text).await {
        Ok(page) => visit.show(status, &page),
        Err(refusal) => visit.answer::<GrantPage>(Err(refusal)),
    }
}

async fn answered(visit: &Visit, id: &str, fields: Fields, lent: Lending, read: Reading) -> Answered<GrantPage> {
    let page = page(visit, id, fields).await?;
    let items: Vec<LentItem> = page.d.items.iter().filter(|item| page.d.grant.terms.items.iter().any(|one| one.name == item.name)).cloned().collect();
    let unread = || DeskError::Internal("an answer under a grant cannot be read".to_owned());
    let (found, batch) = read(&page.f, &items, &lent.body).ok_or_else(unread)?;
    Ok(GrantPage { used: Some(Used { found, leaf: lent.leaf, batch }), ..page })
}

pub(crate) fn rows(f: &Frame, items: &[LentItem], body: &[u8]) -> Option<(Found, Option<u64>)> {
    #[derive(Deserialize)]
    struct Body {
        batch: Option<u64>,
        next: Option<u64>,
        rows: Vec<Map<String, Value>>,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    let number = |item: &LentItem| body.rows.iter().any(|row| row.get(&item.name).is_some_and(Value::is_number));
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(f.cell(text)),
        Some(Value::Array(all)) => Some(all.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), |text| f.cell(text))).collect::<Vec<_>>().join(&f.t("comma"))),
        Some(Value::Bool(_)) => value.map(|value| f.value(value)),
        Some(other) => Some(other.to_string()),
    };
    let found = Rows {
        heads: items.iter().map(|item| (f.text(&item.title).to_owned(), number(item))).collect(),
        rows: body.rows.iter().map(|row| items.iter().map(|item| cell(row.get(&item.name))).collect()).collect(),
        next: body.next,
    };
    Some((Found::Rows(found), body.batch))
}

pub(crate) fn verdict(_: &Frame, _: &[LentItem], body: &[u8]) -> Option<(Found, Option<u64>)> {
    #[derive(Deserialize)]
    struct Body {
        batch: Option<u64>,
        verdict: Verdict,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    Some((Found::Verdict(body.verdict), body.batch))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_asks_as_an_address_would() {
        let sent = fields(&[("csrf", "x"), ("key:id", " 1 "), ("key:of", ""), ("of1", "day"), ("way1", "from"), ("value1", "2026-01-01"), ("of2", "name"), ("way2", ""), ("value2", ""), ("limit", "20")]);
        let asked = parameters(&sent);
        let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(asked, [("id", "1"), ("day.from", "2026-01-01"), ("limit", "20")]);
    }

    #[test]
    fn what_is_verified_are_keys_and_what_was_said() {
        let sent = said(&fields(&[("key:id", "1"), ("claim:name", "王"), ("claim:born", "")]));
        assert_eq!(sent.into_iter().collect::<Vec<_>>(), [("id".to_owned(), "1".to_owned()), ("name".to_owned(), "王".to_owned())]);
    }
}
