//! Applications log people in with us (OpenID Connect): what browsers see of it here, and what the applications' servers ask.

mod agree;
mod leave;
mod machine;
mod onward;

use axum::Router;

use crate::app::App;

pub(crate) use onward::onward;
#[cfg(test)]
pub(crate) use {agree::AgreePage, leave::LeavePage, onward::OnwardPage};

pub(crate) fn router() -> Router<App> {
    Router::new().merge(agree::router()).merge(leave::router()).merge(machine::router())
}
