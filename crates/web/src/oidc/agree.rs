//! `/oidc/authorize`: an application has sent somebody here. They log in, agree to what it is told, and go back.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::DeskError;
use desk::oidc::{Asked, Authorized};
use kernel::Text;
use serde::Deserialize;

use super::onward;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Frame, Place, Refusal, Visit};
use crate::link;

const PATH: &str = "/oidc/authorize";
/// Longest form, in bytes.
const BODY_MAX: usize = 64 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(authorize).post(sent)).route("/oidc/agree", post(agree)).layer(DefaultBodyLimit::max(BODY_MAX))
}

#[derive(Template)]
#[template(path = "oidc/agree.html")]
pub(crate) struct AgreePage {
    pub f: Frame,
    pub application: String,
    /// What it gets, in words.
    pub told: Vec<Text>,
    /// What was sent, to be gone on with.
    pub address: String,
    /// Where who does not agree goes.
    pub back: String,
}

impl AgreePage {
    fn new(visit: &Visit, asked: &Asked, back: String) -> AgreePage {
        AgreePage {
            f: visit.frame(Place::Elsewhere, |say| say.t("agree-title")),
            application: asked.client.name.clone(),
            told: asked.scopes.iter().map(|scope| scope.title()).collect(),
            address: visit.address.clone(),
            back,
        }
    }
}

async fn authorize(State(_): State<App>, visit: Visit) -> Response {
    let desk = &visit.app.desk;
    let mut response = match desk.authorize(visit.account.as_ref(), &visit.query, visit.now).await {
        Ok(Authorized::Back(address)) => Redirect::to(&address).into_response(),
        Ok(Authorized::Login { again: false }) => Redirect::to(&link::with("/login", &[("next", &visit.address)])).into_response(),
        // Whoever has logged in anew has done what was asked.
        Ok(Authorized::Login { again: true }) => Redirect::to(&link::with("/login", &[("again", "1"), ("next", &without_prompt(&visit.query, "login"))])).into_response(),
        Ok(Authorized::Agree(asked)) => visit.answer(desk.disagree(&visit.query).await.map(|back| AgreePage::new(&visit, &asked, back)).map_err(Refusal::from)),
        Err(error) => visit.answer::<AgreePage>(Err(error.into())),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A form sent from the application's page brings no session along; what is asked for again from here does.
async fn sent(Sent(_, pairs): Sent<Vec<(String, String)>>) -> Response {
    Redirect::to(&address(pairs.iter())).into_response()
}

#[derive(Deserialize)]
struct Agreed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    address: String,
}

async fn agree(Sent(visit, form): Sent<Agreed>) -> Response {
    let asked = form.address.strip_prefix(PATH).and_then(|rest| rest.strip_prefix('?')).map(link::pairs).unwrap_or_default();
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        Ok::<(), Refusal>(visit.app.desk.agree(who, &asked, visit.now).await?)
    };
    match done.await {
        Ok(()) => onward(&visit, without_prompt(&asked, "consent"), None),
        Err(Refusal::Desk(DeskError::LoginRequired)) => Redirect::to(&link::with("/login", &[("next", &address(asked.iter()))])).into_response(),
        Err(refusal) => visit.answer::<AgreePage>(Err(refusal)),
    }
}

fn address<'a>(pairs: impl Iterator<Item = &'a (String, String)>) -> String {
    let pairs: Vec<(&str, &str)> = pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    link::with(PATH, &pairs)
}

/// The same request without one word of its prompt, which was followed.
fn without_prompt(pairs: &[(String, String)], word: &str) -> String {
    let kept: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| match name.as_str() {
            "prompt" => (name.clone(), value.split(' ').filter(|one| *one != word).collect::<Vec<_>>().join(" ")),
            _ => (name.clone(), value.clone()),
        })
        .collect();
    address(kept.iter())
}
