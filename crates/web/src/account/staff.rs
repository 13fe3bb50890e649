//! `/accounts`: who there is and what they may; `/accounts/roles`: the table of authority.

use std::borrow::Borrow;
use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use data::declare::Grade;
use desk::DeskError;
use desk::account::{AccountView, Invited, NewRights, grade};
use desk::act::ACTS;
use desk::authority::{May, Reach, Role};
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/accounts", get(list).post(create))
        .route("/accounts/roles", get(roles))
        .route("/accounts/{id}", get(show).post(act))
}

/// A link that was just made, in full.
pub(crate) struct Link {
    pub name: String,
    pub address: String,
    pub expires: kernel::Moment,
    /// Whoever it is for stands at the counter, with a telephone.
    pub scanned: bool,
}

impl Link {
    pub(super) fn square(&self) -> Html {
        super::qr::svg(&self.address)
    }
}

#[cfg(test)]
pub(crate) fn sample_link() -> Link {
    Link { name: "li".into(), address: "http://127.0.0.1:8080/setup?token=00".into(), expires: crate::sample::ago(-600), scanned: true }
}

pub(super) fn link_of(visit: &Visit, name: &str, invited: &Invited) -> Link {
    Link { name: name.to_owned(), address: format!("{}/setup?token={}", visit.origin(), invited.token), expires: invited.expires, scanned: false }
}

#[derive(Template)]
#[template(path = "account/list.html")]
pub(crate) struct AccountsPage {
    pub f: Frame,
    pub accounts: Vec<AccountView>,
    pub link: Option<Link>,
    /// What was entered, and what was wrong with it.
    pub entered: Option<(String, String, Text)>,
    /// What the city's identity provider is called, where there is one.
    pub identity: Option<Text>,
}

impl AccountsPage {
    fn entered(&self) -> (&str, &str) {
        self.entered.as_ref().map_or(("", ""), |(name, display, _)| (name, display))
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(accounts(&visit, None, None).await)
}

async fn accounts(visit: &Visit, link: Option<Link>, entered: Option<(String, String, Text)>) -> Answered<AccountsPage> {
    let accounts = visit.app.desk.accounts(visit.staff()?).await?;
    Ok(AccountsPage { f: visit.frame(Place::Accounts, |say| say.t("accounts-title")), accounts, link, entered, identity: visit.app.desk.identity_title() })
}

#[derive(Deserialize)]
struct Create {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    display: String,
    /// Who it is at the city's identity provider.
    #[serde(default)]
    subject: String,
}

async fn create(Sent(visit, form): Sent<Create>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        Ok(visit.app.desk.create_account_of(who, &form.name, &form.display, &form.subject, visit.now).await?)
    };
    match done.await {
        // The link is in this answer and nowhere else.
        Ok(invited) => visit.answer(accounts(&visit, Some(link_of(&visit, &form.name, &invited)), None).await),
        Err(refusal) => visit.again(refusal, |text| accounts(&visit, None, Some((form.name, form.display, text)))).await,
    }
}

#[derive(Template)]
#[template(path = "account/one.html")]
pub(crate) struct AccountPage {
    pub f: Frame,
    pub account: AccountView,
    /// Whether it is the reader's own.
    pub own: bool,
    pub departments: Vec<(String, String)>,
    pub link: Option<Link>,
    pub done: String,
    pub error: Option<Text>,
}

impl AccountPage {
    fn roles(&self) -> [Role; 6] {
        Role::ALL
    }

    fn has(&self, role: &Role) -> bool {
        self.account.roles.has(*role)
    }

    /// (word, what it is called, chosen).
    fn grades(&self) -> Vec<(String, String, bool)> {
        Grade::ALL.into_iter().map(|grade| (desk::catalog::word(&grade), self.f.grade(grade), self.account.clearance == Some(grade))).collect()
    }

    fn is_of(&self, department: &str) -> bool {
        self.account.department.as_deref() == Some(department)
    }
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(one(&visit, &id, None, None).await)
}

async fn one(visit: &Visit, id: &str, link: Option<Link>, error: Option<Text>) -> Answered<AccountPage> {
    let who = visit.staff()?;
    let account = visit.app.desk.account(who, id).await?;
    let city = visit.app.desk.city();
    let f = visit.frame(Place::Accounts, |_| account.display.clone());
    let departments = city.departments.values().map(|one| (one.id.clone(), f.pair(&one.title, &one.title_en).to_owned())).collect();
    Ok(AccountPage { own: who.id == account.id, account, departments, link, done: visit.parameter("done").to_owned(), error, f })
}

#[derive(Deserialize)]
struct Act {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    department: String,
    #[serde(default)]
    clearance: String,
    /// Of the document that somebody shows.
    #[serde(default)]
    number: String,
    /// Roles that are ticked, by word.
    #[serde(flatten)]
    ticked: HashMap<String, String>,
}

impl Act {
    fn rights(&self) -> NewRights {
        NewRights {
            roles: Role::ALL.into_iter().filter(|role| self.ticked.contains_key(role.word())).collect(),
            department: Some(self.department.clone()).filter(|id| !id.is_empty()),
            clearance: grade(&self.clearance),
        }
    }
}

async fn act(Path(id): Path<String>, Sent(visit, form): Sent<Act>) -> Response {
    match acted(&visit, &id, &form).await {
        Ok(Some(link)) => visit.answer(one(&visit, &id, Some(link), None).await),
        Ok(None) => Redirect::to(&link::with(&link::account(&id), &[("done", &form.act)])).into_response(),
        Err(refusal) => visit.again(refusal, |text| one(&visit, &id, None, Some(text))).await,
    }
}

async fn acted(visit: &Visit, id: &str, form: &Act) -> Answered<Option<Link>> {
    let (who, desk) = (visit.staff_form(&form.csrf)?, &visit.app.desk);
    match form.act.as_str() {
        "invite" => {
            let invited = desk.invite_again(who, id, visit.now).await?;
            let account = desk.account(who, id).await?;
            return Ok(Some(Link { scanned: account.person.is_some(), ..link_of(visit, &account.name, &invited) }));
        }
        "lock" => desk.lock_account(who, id, true, visit.now).await?,
        "unlock" => desk.lock_account(who, id, false, visit.now).await?,
        "confirm" => desk.confirm_person(who, id, &form.number, visit.now).await?,
        "rights" => desk.set_rights(who, id, form.rights()).await?,
        "sessions" => desk.end_sessions(who, id).await?,
        "second" => desk.reset_second(who, id).await?,
        _ => return Err(DeskError::Invalid(Text::new("没有这样的操作。", "There is no such act.")).into()),
    }
    Ok(None)
}

#[derive(Template)]
#[template(path = "account/roles.html")]
pub(crate) struct RolesPage {
    pub f: Frame,
}

impl RolesPage {
    fn roles(&self) -> [Role; 6] {
        Role::ALL
    }

    /// What it is called, and how far each role reaches, of all acts that somebody does.
    fn acts(&self) -> Vec<(String, &'static str, Vec<Reach>)> {
        let somebody = ACTS.iter().filter(|act| !matches!(act.may, May::Program | May::Person));
        somebody.map(|act| (self.f.text(&act.title()).to_owned(), act.word, Role::ALL.map(|role| act.may.reach(role)).to_vec())).collect()
    }
}

async fn roles(State(_): State<App>, visit: Visit) -> Response {
    // Of citizens and companies it says nothing.
    let staff = visit.staff().and_then(|who| if who.person.is_some() { Err(DeskError::NotFound.into()) } else { Ok(who) });
    let page = staff.map(|_| RolesPage { f: visit.frame(Place::Accounts, |say| say.t("roles-title")) });
    visit.answer(page)
}

impl Say {
    pub fn role(&self, role: impl Borrow<Role>) -> String {
        self.text(&role.borrow().title()).to_owned()
    }

    pub fn role_about(&self, role: impl Borrow<Role>) -> String {
        self.text(&role.borrow().about()).to_owned()
    }

    pub(super) fn account_badge(&self, account: &AccountView) -> Html {
        let (class, word) = match account {
            AccountView { locked: Some(_), .. } => ("wrong", self.t("account-locked")),
            AccountView { person: Some(person), .. } if person.confirmed.is_none() => ("late", self.t("person-unconfirmed")),
            AccountView { invited: true, .. } => ("late", self.t("account-invited")),
            _ => ("good", self.t("account-active")),
        };
        self.badge(class, &word)
    }

    pub(super) fn reach(&self, reach: &Reach) -> String {
        match reach {
            Reach::Nothing => "—".to_owned(),
            Reach::Own => self.t("reach-own"),
            Reach::All => self.t("reach-all"),
        }
    }
}
