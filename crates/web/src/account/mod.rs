//! `/account`: what everybody does with the own account. `/accounts` and `/emergency`: what the officers do.

mod clients;
mod emergency;
mod people;
mod qr;
mod staff;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::DeskError;
use desk::account::{Binding, OwnAccount};
use desk::oidc::Agreement;
use kernel::{Moment, Text};
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit, clear_cookie};
use crate::html::Html;

#[cfg(test)]
pub(crate) use clients::{ClientsPage, Register};
#[cfg(test)]
pub(crate) use emergency::EmergencyPage;
#[cfg(test)]
pub(crate) use people::PeoplePage;
#[cfg(test)]
pub(crate) use staff::{AccountPage, AccountsPage, RolesPage, sample_link};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/account", get(own))
        .route("/account/password", post(password))
        .route("/account/second", post(second))
        .route("/account/session", post(session))
        .route("/account/identity", post(identity))
        .route("/account/agreement", post(agreement))
        .merge(staff::router())
        .merge(people::router())
        .merge(emergency::router())
        .merge(clients::router())
}

#[derive(Template)]
#[template(path = "account/own.html")]
pub(crate) struct OwnPage {
    pub f: Frame,
    pub own: OwnAccount,
    /// A second factor to bind.
    pub binding: Binding,
    /// What was done: `second`, `session`.
    pub done: String,
    pub error: Option<Text>,
    /// What the city's identity provider is called, where there is one.
    pub identity_title: Option<Text>,
    /// Who the account is there, and since when.
    pub identity: Option<(String, Moment)>,
    /// What is told to applications.
    pub agreements: Vec<Agreement>,
}

impl OwnPage {
    /// What an application is told, in words.
    fn told(&self, agreement: &Agreement) -> Vec<String> {
        agreement.scopes.iter().map(|scope| self.f.text(&scope.title()).to_owned()).collect()
    }

    fn square(&self) -> Html {
        qr::svg(&self.binding.address)
    }

    /// Whether nothing can be done before the second factor is bound, or given.
    fn must_bind(&self) -> bool {
        self.own.account.roles.is_officer_of_three() && !self.own.account.second
    }
}

async fn own(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(own_page(&visit, None, None).await)
}

pub(crate) async fn own_page(visit: &Visit, binding: Option<Binding>, error: Option<Text>) -> Answered<OwnPage> {
    let who = visit.staff()?;
    let own = visit.app.desk.own_account(who, visit.now).await?;
    let binding = binding.unwrap_or_else(|| visit.app.desk.new_binding(who));
    let desk = &visit.app.desk;
    Ok(OwnPage {
        f: visit.frame(Place::Own, |say| say.t("account-own")),
        own,
        binding,
        done: visit.parameter("done").to_owned(),
        error,
        identity_title: desk.identity_title(),
        identity: desk.own_identity(who).await?,
        agreements: desk.agreements(who).await?,
    })
}

#[derive(Deserialize)]
struct Password {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

async fn password(Sent(visit, form): Sent<Password>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        if form.password != form.again {
            return Err(two_passwords().into());
        }
        Ok(visit.app.desk.change_password(who, &form.old, &form.password).await?)
    };
    match done.await {
        Ok(()) => ([(header::SET_COOKIE, clear_cookie())], Redirect::to("/login?done=password")).into_response(),
        Err(refusal) => visit.again(refusal, |text| own_page(&visit, None, Some(text))).await,
    }
}

pub(crate) fn two_passwords() -> DeskError {
    DeskError::Invalid(Text::new("两次输入的密码不一样，请重新输入。", "The two passwords differ. Please enter them again."))
}

#[derive(Deserialize)]
struct Second {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    salt: String,
    #[serde(default)]
    code: String,
    /// A code of the second factor that is bound already.
    #[serde(default)]
    old: String,
}

async fn second(Sent(visit, form): Sent<Second>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        Ok(visit.app.desk.bind_second(who, &form.salt, &form.code, &form.old, visit.now).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/account?done=second").into_response(),
        Err(refusal) => {
            let binding = visit.account.as_ref().and_then(|who| visit.app.desk.same_binding(who, &form.salt));
            visit.again(refusal, |text| own_page(&visit, binding, Some(text))).await
        }
    }
}

#[derive(Deserialize)]
struct Session {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    session: String,
}

async fn session(Sent(visit, form): Sent<Session>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        Ok(visit.app.desk.end_own_session(who, &form.session).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/account?done=session").into_response(),
        Err(refusal) => visit.again(refusal, |text| own_page(&visit, None, Some(text))).await,
    }
}

#[derive(Deserialize)]
struct Identity {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
}

async fn identity(Sent(visit, form): Sent<Identity>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        if form.act == "unlink" {
            visit.app.desk.unlink_identity(who).await?;
            return Ok(None);
        }
        Ok(Some(visit.app.desk.begin_identity(Some(who), "/account", visit.now).await?))
    };
    match done.await {
        Ok(None) => Redirect::to("/account?done=unlinked").into_response(),
        Ok(Some(begun)) => crate::oidc::onward(&visit, begun.address, crate::login::ticket_cookie(&begun.ticket, visit.secure())),
        Err(refusal) => visit.again(refusal, |text| own_page(&visit, None, Some(text))).await,
    }
}

#[derive(Deserialize)]
struct Withdrawn {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    client: String,
}

async fn agreement(Sent(visit, form): Sent<Withdrawn>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        Ok(visit.app.desk.withdraw_agreement(who, &form.client).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/account?done=withdrawn").into_response(),
        Err(refusal) => visit.again(refusal, |text| own_page(&visit, None, Some(text))).await,
    }
}
