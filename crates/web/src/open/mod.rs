//! `/open`: data for everybody: found, understood, taken; and `/openings`, where staff propose and decide what is opened.

pub(crate) mod access;
pub(crate) mod app;
mod dataset;
mod door;
mod download;
mod front;
mod harvest;
mod machine;
pub(crate) mod drawing;
pub(crate) mod map;
mod opening;
mod other;
mod portal;
mod score;
mod statistics;
pub(crate) mod voice;
mod voices;

use std::borrow::Borrow;

use axum::Router;
use data::declare::OpenTo;
use desk::open::Kind;

#[cfg(test)]
pub(crate) use access::{AccessPage, AccessesPage, ApplyPage};
#[cfg(test)]
pub(crate) use app::{AppFormPage, AppPage, AppsPage};
pub(crate) use dataset::DatasetPage;
pub(crate) use door::door;
#[cfg(test)]
pub(crate) use front::FrontPage;
#[cfg(test)]
pub(crate) use harvest::HarvestPage;
#[cfg(test)]
pub(crate) use opening::{OpeningPage, OpeningsPage};
#[cfg(test)]
pub(crate) use other::{OtherPage, OthersPage};
#[cfg(test)]
pub(crate) use portal::PortalPage;
#[cfg(test)]
pub(crate) use score::ScorePage;
#[cfg(test)]
pub(crate) use statistics::{GuidePage, StatisticsPage};
#[cfg(test)]
pub(crate) use voice::{OpenAskPage, OpenRequestsPage};
#[cfg(test)]
pub(crate) use voices::VoicesPage;

use crate::app::App;
use crate::say::Say;

pub(crate) fn router() -> Router<App> {
    Router::new().merge(portal::router()).merge(dataset::router()).merge(download::router()).merge(opening::router()).merge(machine::router()).merge(other::router()).merge(harvest::router()).merge(score::router()).merge(statistics::router()).merge(voice::router()).merge(voices::router()).merge(app::router()).merge(access::router())
}

/// Who may have a dataset, in words.
pub(crate) fn to(say: &Say, to: impl Borrow<OpenTo>) -> String {
    match to.borrow() {
        OpenTo::Everybody => say.t("open-to-everybody"),
        OpenTo::Applicants => say.t("open-to-applicants"),
    }
}

/// What a column's values are, in words.
pub(crate) fn kind(say: &Say, kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Hash => say.t("kind-text"),
        Kind::Integer => say.t("kind-integer"),
        Kind::Number | Kind::Decimal { .. } => say.t("kind-number"),
        Kind::Boolean => say.t("kind-boolean"),
        Kind::Date => say.t("kind-date"),
        Kind::Moment { .. } => say.t("kind-moment"),
    }
}
