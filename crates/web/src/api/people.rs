//! Accounts of citizens and companies, for the officers who make and confirm them.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::account::AccountView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::account::Invitation;
use super::body::Body;
use super::me::PersonKind;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time};
use crate::frame::Visit;

/// An account of a citizen or a company.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonAccount {
    id: String,
    name: String,
    display: String,
    kind: Option<PersonKind>,
    /// The number that it is bound to, masked.
    number: String,
    /// When the identity was confirmed.
    confirmed: Option<Time>,
    created: Time,
    last_login: Option<Time>,
    locked: Option<Time>,
    /// Whether its person has not yet chosen a password.
    invited: bool,
}

impl From<AccountView> for PersonAccount {
    fn from(view: AccountView) -> PersonAccount {
        let person = view.person;
        PersonAccount {
            kind: person.as_ref().map(|person| person.kind.into()),
            confirmed: person.as_ref().and_then(|person| person.confirmed).map(Time::from),
            number: person.map(|person| person.masked).unwrap_or_default(),
            id: view.id,
            name: view.name,
            display: view.display,
            created: view.created.into(),
            last_login: view.last_login.map(Time::from),
            locked: view.locked.map(Time::from),
            invited: view.invited,
        }
    }
}

/// 个人和企业账户 / Accounts of citizens and companies
///
/// 三员可见；待核实的在前。 For the three officers; those that wait to be confirmed first.
#[utoipa::path(get, path = "/api/v1/people", operation_id = "people", tag = "accounts", security(("session" = [])),
    params(
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<PersonAccount>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn people(visit: Visit) -> Answered<Page<PersonAccount>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.people(who, page, size).await.told(&visit)?)))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewPerson {
    /// By which it logs in.
    #[schema(max_length = 40)]
    name: String,
    /// What the person or company is called.
    #[schema(max_length = 40)]
    display: String,
    kind: PersonKind,
    /// Citizen id number or unified social credit code; it is not kept.
    #[schema(max_length = 100)]
    number: String,
}

/// 为个人或企业开户 / Make an account for a citizen or a company
///
/// 系统管理员。核实身份以前看不到任何记录。 System officer. It sees nothing before the identity is confirmed.
#[utoipa::path(post, path = "/api/v1/people", operation_id = "create_person", tag = "accounts", security(("session" = [])), request_body = NewPerson,
    responses((status = 200, body = Invitation), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn create(visit: Visit, body: Result<Body<NewPerson>, Problem>) -> Answered<Invitation> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(new) = body.told(&visit)?;
    let new = desk::account::NewPerson { name: &new.name, display: &new.display, kind: new.kind.into(), number: &new.number };
    let invited = visit.app.desk.create_person(who, new, visit.now).await.told(&visit)?;
    Ok(Json(Invitation::of(&visit, invited)))
}

/// The number of the document that somebody shows.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Identity {
    #[schema(max_length = 100)]
    number: String,
}

/// 核实身份 / Confirm an identity
///
/// 安全管理员；号码须与开户时的一致。 Security officer; the number is the one that the account was made with.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/identity", operation_id = "confirm_person", tag = "accounts", security(("session" = [])), request_body = Identity,
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn confirm(visit: Visit, Path(id): Path<String>, body: Result<Body<Identity>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(identity) = body.told(&visit)?;
    visit.app.desk.confirm_person(who, &id, &identity.number, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
