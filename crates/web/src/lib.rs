//! Pages, the API and the islands that enliven them. Each page works without script.
//! Handlers translate between the browser and the desk; they know no SQL and decide nothing.

pub mod app;
pub mod chart;
pub mod fixed;
pub mod frame;
pub mod html;
pub mod link;
pub mod names;
pub mod say;
pub mod witness;
pub mod words;

mod account;
mod api;
mod catalog;
mod ckan;
mod csv;
mod defect;
mod district;
mod drift;
mod error;
mod figure;
mod form;
mod gaps;
mod grading;
mod guard;
mod help;
mod history;
mod home;
mod lineage;
mod log;
mod login;
mod me;
mod message;
mod model;
mod ogc;
mod open;
mod oidc;
mod node;
mod paging;
mod quality;
mod quarantine;
mod register;
mod resource;
mod run;
mod schedule;
mod seen;
mod share;
mod soda;
pub mod server;
mod sql;
mod system;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_app;
#[cfg(test)]
mod sample_account;
#[cfg(test)]
mod sample_figure;
#[cfg(test)]
mod sample_log;
#[cfg(test)]
mod sample_me;
#[cfg(test)]
mod sample_model;
#[cfg(test)]
mod sample_open;
#[cfg(test)]
mod sample_oidc;
#[cfg(test)]
mod sample_node;
#[cfg(test)]
mod sample_register;
#[cfg(test)]
mod sample_river;
#[cfg(test)]
mod sample_share;
#[cfg(test)]
mod sample_voice;
#[cfg(test)]
mod tests;

use axum::Router;

pub use app::{App, Options};

/// The whole site.
pub fn router(desk: desk::Desk, options: Options) -> Router {
    let app = App::new(desk, options);
    Router::new()
        .merge(home::router())
        .merge(district::router())
        .merge(system::router())
        .merge(run::router())
        .merge(schedule::router())
        .merge(quarantine::router())
        .merge(catalog::router())
        .merge(resource::router())
        .merge(history::router())
        .merge(model::router())
        .merge(register::router())
        .merge(figure::router())
        .merge(lineage::router())
        .merge(gaps::router())
        .merge(drift::router())
        .merge(grading::router())
        .merge(quality::router())
        .merge(defect::router())
        .merge(message::router())
        .merge(share::router())
        .merge(open::router())
        .merge(ckan::router())
        .merge(ogc::router())
        .merge(soda::router())
        .merge(me::router())
        .merge(node::router())
        .merge(log::router())
        .merge(login::router())
        .merge(account::router())
        .merge(oidc::router())
        .merge(help::router())
        .merge(sql::router())
        .merge(api::router())
        .fallback(error::not_found)
        .layer(axum::middleware::from_fn_with_state(app.clone(), open::door))
        .layer(axum::middleware::from_fn_with_state(app.clone(), frame::remember))
        .merge(fixed::router())
        .layer(axum::middleware::from_fn(guard::headers))
        .with_state(app)
}
