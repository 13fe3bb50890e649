//! `/oidc/logout`: an application sends somebody here to log out. They are asked: nobody is logged out by a link alone.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::oidc::Leaving;

use super::onward;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Frame, Place, Refusal, Visit, clear_cookie};
use crate::link;

const PATH: &str = "/oidc/logout";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(ask).post(sent))
}

#[derive(Template)]
#[template(path = "oidc/leave.html")]
pub(crate) struct LeavePage {
    pub f: Frame,
    pub application: Option<String>,
    /// What was sent, to be gone on with.
    pub address: String,
}

async fn ask(State(_): State<App>, visit: Visit) -> Response {
    match visit.app.desk.leaving(&visit.query, visit.now).await {
        Ok(leaving) if visit.account.is_some() => {
            let f = visit.frame(Place::Elsewhere, |say| say.t("leave-title"));
            visit.answer(Ok(LeavePage { f, application: leaving.application, address: visit.address.clone() }))
        }
        Ok(leaving) => Redirect::to(&after(leaving)).into_response(),
        Err(error) => visit.answer::<LeavePage>(Err(error.into())),
    }
}

/// The person's word, or what an application sends as a form: that is asked again from here.
async fn sent(Sent(visit, pairs): Sent<Vec<(String, String)>>) -> Response {
    let one = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    if one("csrf").is_empty() {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        return Redirect::to(&link::with(PATH, &pairs)).into_response();
    }
    let asked = one("address").strip_prefix(PATH).and_then(|rest| rest.strip_prefix('?')).map(link::pairs).unwrap_or_default();
    let done = async {
        visit.staff_form(one("csrf"))?;
        let leaving = visit.app.desk.leaving(&asked, visit.now).await?;
        if let Some(token) = &visit.token {
            visit.app.desk.logout(token).await?;
        }
        Ok::<Leaving, Refusal>(leaving)
    };
    match done.await {
        Ok(leaving) => onward(&visit, after(leaving), Some(clear_cookie())),
        Err(refusal) => visit.answer::<LeavePage>(Err(refusal)),
    }
}

fn after(leaving: Leaving) -> String {
    leaving.back.unwrap_or_else(|| "/".to_owned())
}
