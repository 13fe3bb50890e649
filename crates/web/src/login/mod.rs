//! `/login`, `/setup`, `/logout`: how staff come in and go out. Public pages need none of it.

mod identity;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::DeskError;
use desk::account::{Invitee, Login};
use desk::authority::Role;
use desk::view::Account;
use kernel::Text;
use serde::Deserialize;

use crate::account::two_passwords;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit, clear_cookie, session_cookie};
use crate::{link, oidc};

#[cfg(test)]
pub(crate) use identity::CodePage;
pub(crate) use identity::ticket_cookie;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/login", get(login_form).post(login))
        .route("/setup", get(setup_form).post(setup))
        .route("/logout", post(logout))
        .merge(identity::router())
}

#[derive(Template)]
#[template(path = "login/login.html")]
pub(crate) struct LoginPage {
    pub f: Frame,
    pub next: String,
    pub name: String,
    /// What was wrong with the last attempt.
    pub error: Option<Text>,
    /// One of the three officers is missing: a set-up link is their only way in.
    pub needs_setup: bool,
    /// Why the reader is here again: `password` was changed, `link` was used.
    pub done: String,
    /// What the city's identity provider is called, where there is one.
    pub identity: Option<Text>,
}

impl LoginPage {
    fn identity_link(&self) -> String {
        link::with("/login/identity", &[("next", &self.next)])
    }
}

#[derive(Template)]
#[template(path = "login/setup.html")]
pub(crate) struct SetupPage {
    pub f: Frame,
    pub token: String,
    /// Whom the link is for; `None` when it is no longer good.
    pub invitee: Option<Invitee>,
    pub name: String,
    pub error: Option<Text>,
}

fn is_officer(role: &Role) -> bool {
    Role::OFFICERS.contains(role)
}

async fn login_form(State(_): State<App>, visit: Visit) -> Response {
    let next = link::local(visit.parameter("next")).to_owned();
    // An application may ask that its people log in anew.
    if let Some(account) = visit.account.as_ref().filter(|_| visit.parameter("again").is_empty()) {
        return Redirect::to(landing(account, &next)).into_response();
    }
    visit.answer(login_page(&visit, next, String::new(), None).await)
}

async fn login_page(visit: &Visit, next: String, name: String, error: Option<Text>) -> Answered<LoginPage> {
    let needs_setup = visit.app.desk.needs_officers().await?;
    let done = visit.parameter("done").to_owned();
    let identity = visit.app.desk.identity_title();
    Ok(LoginPage { f: visit.frame(Place::Elsewhere, |say| say.t("login")), next, name, error, needs_setup, done, identity })
}

#[derive(Deserialize)]
struct Entered {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

async fn login(Sent(visit, form): Sent<Entered>) -> Response {
    if let Err(refusal) = visit.from_our_page() {
        return visit.answer::<LoginPage>(Err(refusal));
    }
    let next = link::local(&form.next).to_owned();
    let login = Login { name: form.name.trim(), password: &form.password, code: form.code.trim(), agent: visit.agent() };
    match visit.app.desk.login(login, visit.now).await {
        Ok(token) => begun(&visit, &token, &next).await,
        Err(DeskError::Invalid(text) | DeskError::Busy(text)) => {
            match login_page(&visit, next, form.name, Some(text)).await {
                Ok(page) => visit.show(StatusCode::UNPROCESSABLE_ENTITY, &page),
                Err(refusal) => visit.answer::<LoginPage>(Err(refusal)),
            }
        }
        Err(error) => visit.answer::<LoginPage>(Err(error.into())),
    }
}

async fn setup_form(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(setup_page(&visit).await)
}

async fn setup_page(visit: &Visit) -> Answered<SetupPage> {
    let token = visit.parameter("token").to_owned();
    let invitee = visit.app.desk.invitee(&token, visit.now).await?;
    Ok(SetupPage { f: visit.frame(Place::Elsewhere, |say| say.t("setup-title")), token, invitee, name: String::new(), error: None })
}

#[derive(Deserialize)]
struct Setup {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

async fn setup(Sent(visit, form): Sent<Setup>) -> Response {
    if let Err(refusal) = visit.from_our_page() {
        return visit.answer::<SetupPage>(Err(refusal));
    }
    let done = if form.password == form.again {
        visit.app.desk.use_link(&form.token, form.name.trim(), &form.password, visit.agent(), visit.now).await
    } else {
        Err(two_passwords())
    };
    match done {
        // Whoever still needs a second factor is led to where it is bound.
        Ok(Some(token)) => begun(&visit, &token, "/account").await,
        Ok(None) => Redirect::to("/login?done=link").into_response(),
        Err(DeskError::Invalid(text) | DeskError::Busy(text)) => match setup_page(&visit).await {
            Ok(page) => {
                let invitee = visit.app.desk.invitee(&form.token, visit.now).await.unwrap_or_default();
                visit.show(StatusCode::UNPROCESSABLE_ENTITY, &SetupPage { token: form.token, invitee, name: form.name, error: Some(text), ..page })
            }
            Err(refusal) => visit.answer::<SetupPage>(Err(refusal)),
        },
        Err(error) => visit.answer::<SetupPage>(Err(error.into())),
    }
}

/// Where somebody goes on from here: who has a page of their own begins there.
fn landing<'a>(account: &Account, next: &'a str) -> &'a str {
    if account.person.is_some() && ["/", "/account"].contains(&next) { "/me" } else { next }
}

/// Into the session that has begun.
async fn begun(visit: &Visit, token: &str, next: &str) -> Response {
    match visit.app.desk.session(token, visit.now).await {
        Ok(account) => entered(visit, token, account.as_ref().map_or(next, |account| landing(account, next))),
        Err(error) => visit.answer::<LoginPage>(Err(error.into())),
    }
}

/// Into the session and on to where the reader wanted to go.
fn entered(visit: &Visit, token: &str, next: &str) -> Response {
    match session_cookie(token, visit.secure()) {
        // From there it goes on to an application, where no form of ours may end.
        Some(cookie) if next.starts_with("/oidc/") => oidc::onward(visit, next.to_owned(), Some(cookie)),
        Some(cookie) => leave(cookie, next),
        None => visit.answer::<LoginPage>(Err(DeskError::Internal("session token unfit for a cookie".to_owned()).into())),
    }
}

fn leave(cookie: HeaderValue, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[derive(Deserialize)]
struct Logout {
    #[serde(default)]
    csrf: String,
}

async fn logout(Sent(visit, form): Sent<Logout>) -> Response {
    // Whoever is already out is simply shown the way home.
    if let Some(token) = &visit.token {
        if let Err(refusal) = visit.staff_form(&form.csrf) {
            return visit.answer::<LoginPage>(Err(refusal));
        }
        if let Err(error) = visit.app.desk.logout(token).await {
            return visit.answer::<LoginPage>(Err(error.into()));
        }
    }
    leave(clear_cookie(), "/")
}
