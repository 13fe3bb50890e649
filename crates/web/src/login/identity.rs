//! `/login/identity`: coming in by the city's identity provider, and linking the own account with a person there.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::DeskError;
use desk::oidc::{Arrived, Returned};
use kernel::Text;
use serde::Deserialize;

use super::{entered, login_page};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::link;

const COOKIE: &str = "sanjiang_identity";

pub(super) fn router() -> Router<App> {
    Router::new().route("/login/identity", get(begin)).route("/login/identity/back", get(back)).route("/login/identity/code", get(code_form).post(code))
}

#[derive(Template)]
#[template(path = "login/code.html")]
pub(crate) struct CodePage {
    pub f: Frame,
    pub error: Option<Text>,
}

/// What a browser keeps until it comes back: sealed, and sent to these addresses only.
pub(crate) fn ticket_cookie(ticket: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{COOKIE}={ticket}; Path=/login/identity; HttpOnly; SameSite=Lax; Max-Age=900{secure}")).ok()
}

fn no_ticket() -> HeaderValue {
    HeaderValue::from_static("sanjiang_identity=; Path=/login/identity; HttpOnly; SameSite=Lax; Max-Age=0")
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn begin(State(_): State<App>, visit: Visit) -> Response {
    let next = link::local(visit.parameter("next")).to_owned();
    if let Err(refusal) = visit.from_our_page() {
        return visit.answer::<CodePage>(Err(refusal));
    }
    match visit.app.desk.begin_identity(None, &next, visit.now).await {
        Ok(begun) => with_cookie(Redirect::to(&begun.address).into_response(), ticket_cookie(&begun.ticket, visit.secure())),
        Err(error) => not_in(&visit, next, error).await,
    }
}

async fn back(State(_): State<App>, visit: Visit) -> Response {
    let returned = Returned {
        ticket: visit.cookie(COOKIE),
        state: visit.parameter("state"),
        code: visit.parameter("code"),
        error: visit.parameter("error"),
        issuer: visit.parameter("iss"),
        agent: visit.agent(),
    };
    match visit.app.desk.finish_identity(visit.account.as_ref(), returned, visit.now).await {
        Ok(Arrived::In { token, next }) => with_cookie(entered(&visit, &token, link::local(&next)), Some(no_ticket())),
        Ok(Arrived::Second { ticket, .. }) => with_cookie(Redirect::to("/login/identity/code").into_response(), ticket_cookie(&ticket, visit.secure())),
        Ok(Arrived::Linked) => with_cookie(Redirect::to("/account?done=linked").into_response(), Some(no_ticket())),
        Err(error) if visit.account.is_some() => {
            let shown = visit.again(error.into(), |text| crate::account::own_page(&visit, None, Some(text))).await;
            with_cookie(shown, Some(no_ticket()))
        }
        Err(error) => with_cookie(not_in(&visit, "/".to_owned(), error).await, Some(no_ticket())),
    }
}

/// The login page again, which has another way in.
async fn not_in(visit: &Visit, next: String, error: DeskError) -> Response {
    match error {
        DeskError::Invalid(text) | DeskError::Busy(text) | DeskError::Conflict(text) => match login_page(visit, next, String::new(), Some(text)).await {
            Ok(page) => visit.show(StatusCode::UNPROCESSABLE_ENTITY, &page),
            Err(refusal) => visit.answer::<CodePage>(Err(refusal)),
        },
        error => visit.answer::<CodePage>(Err(error.into())),
    }
}

async fn code_form(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(code_page(&visit, None))
}

fn code_page(visit: &Visit, error: Option<Text>) -> Answered<CodePage> {
    Ok(CodePage { f: visit.frame(Place::Elsewhere, |say| say.t("login-code")), error })
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
}

async fn code(Sent(visit, form): Sent<Code>) -> Response {
    let done = async {
        visit.from_our_page()?;
        Ok(visit.app.desk.enter_second(visit.cookie(COOKIE), form.code.trim(), visit.agent(), visit.now).await?)
    };
    match done.await {
        Ok((token, next)) => with_cookie(entered(&visit, &token, link::local(&next)), Some(no_ticket())),
        Err(Refusal::Desk(DeskError::Invalid(text) | DeskError::Busy(text))) => match code_page(&visit, Some(text)) {
            Ok(page) => visit.show(StatusCode::UNPROCESSABLE_ENTITY, &page),
            Err(refusal) => visit.answer::<CodePage>(Err(refusal)),
        },
        Err(refusal) => visit.answer::<CodePage>(Err(refusal)),
    }
}
