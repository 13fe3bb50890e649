//! `/challenges`: readings that whoever they were about does not accept. The audit officer answers; who lent sees what is said.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::share::ChallengeView;
use desk::view::Page;
use kernel::Text;

use super::Fields;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::paging::Paging;

/// Challenges on one page.
const SIZE: u64 = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/challenges", get(show)).route("/challenges/{id}", post(answer))
}

#[derive(Template)]
#[template(path = "share/challenges.html")]
pub(crate) struct ChallengesPage {
    f: Frame,
    challenges: Vec<ChallengeView>,
    total: u64,
    paging: Paging,
    /// The challenge whose answer was refused, what was entered, and what was wrong with it.
    refused: Option<(String, String, Text)>,
}

impl ChallengesPage {
    pub(crate) fn new(f: Frame, page: Page<ChallengeView>, refused: Option<(String, String, Text)>) -> ChallengesPage {
        ChallengesPage { paging: Paging::new(&f, page.page, page.size, page.total), total: page.total, challenges: page.entries, refused, f }
    }

    fn entered(&self, challenge: &ChallengeView) -> &str {
        self.refused.as_ref().filter(|(id, ..)| *id == challenge.id).map(|(_, words, _)| words.as_str()).unwrap_or_default()
    }

    fn items(&self, challenge: &ChallengeView) -> String {
        challenge.read.items.iter().map(|item| self.f.text(item)).collect::<Vec<_>>().join(&self.f.t("comma"))
    }
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None).await)
}

async fn page(visit: &Visit, refused: Option<(String, String, Text)>) -> Answered<ChallengesPage> {
    let who = visit.staff()?;
    let found = visit.app.desk.challenges(who, false, visit.page(), SIZE).await?;
    let place = if who.may("see.log") { Place::Log } else { Place::Share };
    Ok(ChallengesPage::new(visit.frame(place, |say| say.t("challenges-title")), found, refused))
}

async fn answer(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.answer_challenge(who, &id, fields.get("words"), visit.now).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/challenges").into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, Some((id, fields.get("words").to_owned(), text)))).await,
    }
}
