//! `/drift`, for staff: deliveries that differ from what was agreed, side by side, and what is decided about them.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::drift::{Difference, DriftDetail, DriftFilter, DriftState, DriftView, Kind, Verdict};
use desk::view::Page;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;
use crate::say::Say;

/// Deliveries on one page.
const SIZE: u64 = 50;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/drift", get(list)).route("/drift/{id}", get(show).post(decide))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(drifts(&visit).await)
}

async fn drifts(visit: &Visit) -> Answered<DriftsPage> {
    let account = visit.staff()?;
    let filter = DriftFilter { state: DriftState::of(visit.parameter("state")), resource: visit.chosen("resource"), run: visit.chosen("run") };
    let page = visit.app.desk.drifts(account, &filter, visit.page(), SIZE).await?;
    Ok(DriftsPage::new(visit.frame(Place::Drift, |say| say.t("drift-title")), filter, page))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(one(&visit, &id).await)
}

async fn one(visit: &Visit, id: &str) -> Answered<DriftPage> {
    let detail = visit.app.desk.drift(visit.staff()?, id).await?;
    let city = visit.app.desk.city();
    let resource = city.resources.get(&detail.drift.resource);
    let say = visit.say();
    let title = |name: &str| {
        let item = resource.and_then(|resource| resource.items.iter().find(|item| item.name == name));
        item.map(|item| say.pair(&item.title, &item.title_en).to_owned())
    };
    let f = visit.frame(Place::Drift, |say| say.t1("drift-title-of", &("resource", say.text(&detail.drift.resource_title))));
    Ok(DriftPage::new(f, detail, &title))
}

/// The form of a decision.
#[derive(Deserialize)]
struct Decided {
    csrf: String,
    act: String,
    why: String,
    #[serde(default)]
    base: String,
}

async fn decide(State(_): State<App>, Path(id): Path<String>, Sent(visit, form): Sent<Decided>) -> Response {
    match decided(&visit, &id, form).await {
        Ok(()) => Redirect::to(&link::drift(&id)).into_response(),
        Err(refusal) => visit.answer::<DriftPage>(Err(refusal)),
    }
}

async fn decided(visit: &Visit, id: &str, form: Decided) -> Answered<()> {
    let account = visit.staff_form(&form.csrf)?;
    let verdict = match form.act.as_str() {
        "accept" => Verdict::Accept,
        "update" => Verdict::Update { base: form.base },
        "refuse" => Verdict::Refuse,
        _ => return Err(Refusal::Forged),
    };
    Ok(visit.app.desk.settle_drift(account, id, verdict, &form.why, visit.now).await?)
}

impl Say {
    pub(crate) fn drift_word(&self, state: DriftState) -> String {
        match state {
            DriftState::Told => self.t("drift-told"),
            DriftState::Held => self.t("drift-held"),
            DriftState::Accepted => self.t("drift-accepted"),
            DriftState::Used => self.t("drift-used"),
            DriftState::Refused => self.t("drift-refused"),
            DriftState::Withdrawn => self.t("drift-withdrawn"),
        }
    }

    pub(crate) fn drift_badge(&self, state: &DriftState) -> Html {
        let class = match state {
            DriftState::Held => "late",
            DriftState::Told | DriftState::Withdrawn => "none",
            DriftState::Accepted | DriftState::Used => "good",
            DriftState::Refused => "wrong",
        };
        self.badge(class, &self.drift_word(*state))
    }

    pub(crate) fn drift_kind(&self, kind: &Kind) -> String {
        match kind {
            Kind::Added => self.t("drift-added"),
            Kind::Gone => self.t("drift-gone"),
            Kind::Renamed => self.t("drift-renamed"),
            Kind::Retyped => self.t("drift-retyped"),
            Kind::Codes => self.t("drift-codes"),
            Kind::Duplicates => self.t("drift-duplicates"),
            Kind::Form => self.t("drift-form"),
            Kind::Volume => self.t("drift-volume"),
            Kind::Removed => self.t("drift-removed"),
        }
    }
}

#[derive(Template)]
#[template(path = "drift/list.html")]
pub(crate) struct DriftsPage {
    f: Frame,
    drifts: Vec<DriftView>,
    total: u64,
    /// (word, title, chosen).
    states: Vec<(&'static str, String, bool)>,
    resource: String,
    narrowed: bool,
    paging: Paging,
}

impl DriftsPage {
    pub(crate) fn new(f: Frame, filter: DriftFilter, page: Page<DriftView>) -> DriftsPage {
        DriftsPage {
            states: DriftState::ALL.map(|state| (state.word(), f.drift_word(state), filter.state == Some(state))).into(),
            narrowed: filter.state.is_some() || filter.resource.is_some() || filter.run.is_some(),
            resource: filter.resource.unwrap_or_default(),
            paging: Paging::new(&f, page.page, page.size, page.total),
            total: page.total,
            drifts: page.entries,
            f,
        }
    }
}

/// One difference as the page sets it side by side.
struct Side {
    of: Difference,
    /// What the item is called.
    title: String,
}

#[derive(Template)]
#[template(path = "drift/detail.html")]
pub(crate) struct DriftPage {
    f: Frame,
    base: String,
    d: DriftDetail,
    sides: Vec<Side>,
}

impl DriftPage {
    pub(crate) fn new(f: Frame, d: DriftDetail, title: &dyn Fn(&str) -> Option<String>) -> DriftPage {
        let side = |of: &Difference| Side { title: title(&of.about).unwrap_or_else(|| of.about.clone()), of: of.clone() };
        let mut sides: Vec<Side> = d.drift.differences.iter().map(side).collect();
        sides.sort_by_key(|side| !side.of.holds);
        DriftPage { base: d.base(), sides, f, d }
    }

    fn title(&self) -> String {
        self.f.t1("drift-title-of", &("resource", self.f.text(&self.d.drift.resource_title)))
    }

    fn held(&self) -> bool {
        self.d.drift.state == DriftState::Held && self.f.may("drift.decide")
    }
}
