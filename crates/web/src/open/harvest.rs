//! `/harvest`: catalogues of other portals that are harvested: how that went, what was refused, and a button to do it now.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::open::{CatalogueView, HarvestRunRow};
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;

pub(super) fn router() -> Router<App> {
    Router::new().route("/harvest", get(list)).route("/harvest/{id}", post(run))
}

#[derive(Template)]
#[template(path = "open/harvest.html")]
pub(crate) struct HarvestPage {
    pub f: Frame,
    pub catalogues: Vec<CatalogueView>,
}

impl HarvestPage {
    fn may(&self, catalogue: &CatalogueView) -> bool {
        self.f.may_for("harvest.run", &catalogue.department)
    }

    fn act(&self, id: &str) -> String {
        format!("/harvest/{}", link::encode(id))
    }

    fn shown(&self, id: &str) -> String {
        link::with("/open/others", &[("catalogue", id)])
    }

    fn badge(&self, run: &HarvestRunRow) -> Html {
        match run.failed {
            None => self.f.badge("good", &self.f.t("harvest-done")),
            Some(_) => self.f.badge("wrong", &self.f.t("harvest-failed")),
        }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    let page = async {
        let catalogues = visit.app.desk.catalogues(visit.staff()?).await?;
        Ok(HarvestPage { f: visit.frame(Place::Open, |say| say.t("harvest-title")), catalogues })
    };
    visit.answer(page.await)
}

#[derive(Deserialize)]
struct Now {
    #[serde(default)]
    csrf: String,
}

/// Harvests in the background: a catalogue may be large. A failure stands on the page.
async fn run(Path(id): Path<String>, Sent(visit, form): Sent<Now>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?.clone();
        visit.app.desk.may_harvest(&who, &id).await?;
        let desk = visit.app.desk.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.harvest(&who, &id).await {
                tracing::info!(catalogue = id, %error, "a catalogue was not harvested");
            }
        });
        Ok::<(), Refusal>(())
    };
    match done.await {
        Ok(()) => Redirect::to("/harvest").into_response(),
        Err(refusal) => visit.answer::<HarvestPage>(Err(refusal)),
    }
}
