//! `/accounts/people`: accounts of citizens and companies, made at the counter for who brings a document.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::account::{AccountView, NewPerson, Person, PersonKind};
use desk::view::Page;
use kernel::Text;

use super::staff::{Link, link_of};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::paging::Paging;
use crate::say::Say;
use crate::share::Fields;

/// Accounts on one page.
const SIZE: u64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/accounts/people", get(show).post(create))
}

#[derive(Template)]
#[template(path = "account/people.html")]
pub(crate) struct PeoplePage {
    f: Frame,
    people: Vec<AccountView>,
    total: u64,
    paging: Paging,
    link: Option<Link>,
    /// What was entered, and what was wrong with it.
    sent: Option<(Fields, Text)>,
}

impl PeoplePage {
    pub(crate) fn new(f: Frame, page: Page<AccountView>, link: Option<Link>, sent: Option<(Fields, Text)>) -> PeoplePage {
        PeoplePage { paging: Paging::new(&f, page.page, page.size, page.total), people: page.entries, total: page.total, link, sent, f }
    }

    fn entered(&self, name: &str) -> &str {
        self.sent.as_ref().map(|(fields, _)| fields.get(name)).unwrap_or_default()
    }

    /// (word, what it is called, chosen).
    fn kinds(&self) -> Vec<(&'static str, String, bool)> {
        PersonKind::ALL.into_iter().map(|kind| (kind.word(), self.f.text(&kind.title()).to_owned(), kind.word() == self.entered("kind"))).collect()
    }
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None, None).await)
}

async fn page(visit: &Visit, link: Option<Link>, sent: Option<(Fields, Text)>) -> Answered<PeoplePage> {
    let found = visit.app.desk.people(visit.staff()?, visit.page(), SIZE).await?;
    Ok(PeoplePage::new(visit.frame(Place::Accounts, |say| say.t("people-title")), found, link, sent))
}

async fn create(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    let made = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        let kind = PersonKind::parse(fields.get("kind")).unwrap_or(PersonKind::Citizen);
        let new = NewPerson { name: fields.get("name"), display: fields.get("display"), kind, number: fields.get("number") };
        Ok(visit.app.desk.create_person(who, new, visit.now).await?)
    };
    match made.await {
        // The link is in this answer and nowhere else.
        Ok(invited) => visit.answer(page(&visit, Some(Link { scanned: true, ..link_of(&visit, fields.get("name"), &invited) }), None).await),
        Err(refusal) => visit.again(refusal, |text| page(&visit, None, Some((fields, text)))).await,
    }
}

impl Say {
    pub(crate) fn person_kind(&self, person: &Person) -> String {
        self.text(&person.kind.title()).to_owned()
    }

    /// What the number is called that somebody is known by.
    pub(crate) fn person_number(&self, person: &Person) -> String {
        match person.kind {
            PersonKind::Citizen => self.t("person-citizen-id"),
            PersonKind::Company => self.t("person-company-id"),
        }
    }

    pub(crate) fn identity_badge(&self, person: &Person) -> Html {
        match person.confirmed {
            Some(_) => self.badge("good", &self.t("person-confirmed")),
            None => self.badge("late", &self.t("person-unconfirmed")),
        }
    }
}
