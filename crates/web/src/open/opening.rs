//! `/openings`: what is proposed to be opened, what the gate found, and what another person decides.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use data::open::OpeningState;
use desk::open::{Finding, OpeningDetail, OpeningView, ProposalView, Weight};
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/openings", get(list))
        .route("/openings/{id}", get(show))
        .route("/openings/{id}/propose", post(propose))
        .route("/openings/{id}/decide", post(decide))
        .route("/openings/{id}/withdraw", post(withdraw))
}

#[derive(Template)]
#[template(path = "open/openings.html")]
pub(crate) struct OpeningsPage {
    pub f: Frame,
    pub openings: Vec<OpeningView>,
}

impl OpeningsPage {
    fn held(&self) -> Html {
        self.f.badge("late", &self.f.t("opening-held"))
    }

    fn badge(&self, view: &OpeningView) -> Html {
        badge(&self.f, view.proposal.as_ref())
    }
}

#[derive(Template)]
#[template(path = "open/opening.html")]
pub(crate) struct OpeningPage {
    pub f: Frame,
    pub d: OpeningDetail,
    /// What was wrong with what was sent, and the words in it.
    pub sent: Option<(Text, String)>,
}

impl OpeningPage {
    fn badge(&self) -> Html {
        badge(&self.f, self.d.view.proposal.as_ref())
    }

    fn state(&self, proposal: &ProposalView) -> String {
        self.f.text(&proposal.state.title()).to_owned()
    }

    fn is(&self, word: &str) -> bool {
        self.d.view.proposal.as_ref().is_some_and(|proposal| proposal.state.word() == word)
    }

    /// Whether the dataset is open now.
    fn open(&self) -> bool {
        self.d.proposals.iter().any(|proposal| proposal.state == OpeningState::Approved)
    }

    fn may(&self, act: &str) -> bool {
        self.f.may_for(act, &self.d.view.department)
    }

    fn own(&self) -> bool {
        self.d.view.proposal.as_ref().is_some_and(|proposal| proposal.own)
    }

    fn stops(&self) -> bool {
        self.d.view.proposal.as_ref().and_then(|proposal| proposal.gate.as_ref()).is_some_and(|gate| gate.stops())
    }

    fn weight(&self, finding: &Finding) -> Html {
        match finding.weight {
            Weight::Fine => self.f.badge("good", &self.f.t("gate-fine")),
            Weight::Warns => self.f.badge("late", &self.f.t("gate-warns")),
            Weight::Stops => self.f.badge("wrong", &self.f.t("gate-stops")),
        }
    }

    fn entered(&self) -> &str {
        self.sent.as_ref().map_or("", |(_, words)| words)
    }

    fn path(&self, act: &str) -> String {
        format!("{}/{act}", link::opening(&self.d.view.dataset))
    }
}

fn badge(f: &Frame, proposal: Option<&ProposalView>) -> Html {
    let Some(proposal) = proposal else { return f.badge("none", &f.t("opening-never")) };
    let class = match proposal.state {
        OpeningState::Approved => "good",
        OpeningState::Measuring | OpeningState::Proposed => "late",
        OpeningState::Refused => "calm",
        OpeningState::Withdrawn | OpeningState::Replaced => "none",
    };
    f.badge(class, f.text(&proposal.state.title()))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    let page = async {
        let openings = visit.app.desk.openings(visit.staff()?).await?;
        Ok(OpeningsPage { f: visit.frame(Place::Open, |say| say.t("openings-title")), openings })
    };
    visit.answer(page.await)
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id, None).await)
}

async fn page(visit: &Visit, id: &str, sent: Option<(Text, String)>) -> Answered<OpeningPage> {
    let d = visit.app.desk.opening(visit.staff()?, id).await?;
    let f = visit.frame(Place::Open, |say| say.text(&d.view.title).to_owned());
    Ok(OpeningPage { f, d, sent })
}

/// What the forms send.
#[derive(Deserialize)]
struct Words {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    words: String,
    /// The proposal that is decided.
    #[serde(default)]
    proposal: String,
    /// `approve` or `refuse`.
    #[serde(default)]
    act: String,
}

async fn propose(Path(id): Path<String>, Sent(visit, form): Sent<Words>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.propose_opening(who, &id, &form.words, visit.now).await?;
        Ok::<(), Refusal>(())
    };
    let done = done.await;
    back(&visit, &id, done, form.words).await
}

async fn decide(Path(id): Path<String>, Sent(visit, form): Sent<Words>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.decide_opening(who, &form.proposal, form.act == "approve", &form.words, visit.now).await?;
        Ok::<(), Refusal>(())
    };
    let done = done.await;
    back(&visit, &id, done, form.words).await
}

async fn withdraw(Path(id): Path<String>, Sent(visit, form): Sent<Words>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.withdraw_opening(who, &id, &form.words, visit.now).await?;
        Ok::<(), Refusal>(())
    };
    let done = done.await;
    back(&visit, &id, done, form.words).await
}

/// The page after an act, or again with what was wrong.
async fn back(visit: &Visit, id: &str, done: Result<(), Refusal>, words: String) -> Response {
    match done {
        Ok(()) => visit.answer::<OpeningPage>(Err(Refusal::To(link::opening(id)))),
        Err(refusal) => visit.again(refusal, |text| page(visit, id, Some((text, words)))).await,
    }
}
