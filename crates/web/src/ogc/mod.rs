//! `/ogc`: open data with places after OGC API – Features, Parts 1 and 2: what there is, collections, features, each as JSON and as a
//! page for people. Everybody may read; other sites' pages, too.

mod api;
mod document;
mod items;
mod page;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::DeskError;
use kernel::Text;
use serde_json::{Value, json};

#[cfg(test)]
pub(crate) use page::{DocumentPage, ItemPage, ItemsPage, Section};

use crate::api::ForReader;
use crate::app::App;
use crate::frame::Visit;

pub(super) const JSON: &str = "application/json";
pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// The classes of the standards that are kept to.
pub(super) const CLASSES: [&str; 6] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
];

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/ogc", get(document::landing))
        .route("/ogc/", get(document::landing))
        .route("/ogc/conformance", get(document::conformance))
        .route("/ogc/api", get(api::description))
        .route("/ogc/collections", get(document::collections))
        .route("/ogc/collections/{id}", get(document::collection))
        .route("/ogc/collections/{id}/items", get(items::items))
        .route("/ogc/collections/{id}/items/{number}", get(items::item))
        .route("/ogc/{*rest}", get(unknown))
        .layer(axum::middleware::map_response(open_to_all))
}

/// Pages of other sites may read it: it is for everybody, and no cookie changes it.
pub(crate) async fn open_to_all(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

async fn unknown(State(_): State<App>, visit: Visit) -> Response {
    problem(&visit, DeskError::NotFound)
}

pub(super) fn problem(visit: &Visit, error: DeskError) -> Response {
    Err::<(), DeskError>(error).told(visit).map_or_else(IntoResponse::into_response, IntoResponse::into_response)
}

/// How the answer is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Html,
}

/// By `f`, else by what the program that asks prefers. Errors: a form that there is not.
pub(super) fn form(visit: &Visit) -> Result<Form, DeskError> {
    match visit.parameter("f") {
        "json" | "geojson" => Ok(Form::Json),
        "html" => Ok(Form::Html),
        "" => {
            let accepted = visit.header(header::ACCEPT).unwrap_or_default();
            let place = |word: &str| accepted.find(word).unwrap_or(usize::MAX);
            Ok(if place("text/html") < place("json") { Form::Html } else { Form::Json })
        }
        _ => Err(DeskError::Invalid(Text::new("f 应为 json 或 html", "f is json or html"))),
    }
}

/// Refuses parameters that are not known, and known ones that come twice.
pub(super) fn only(visit: &Visit, known: &[&str]) -> Result<(), DeskError> {
    let mut seen = std::collections::BTreeSet::new();
    for (name, _) in visit.query.iter().filter(|(name, _)| name != "lang" && name != "mode") {
        if !known.contains(&name.as_str()) {
            return Err(DeskError::Invalid(Text::new(format!("没有参数 {name}"), format!("there is no parameter {name}"))));
        }
        if !seen.insert(name) {
            return Err(DeskError::Invalid(Text::new(format!("参数 {name} 只能出现一次"), format!("{name} stands once only"))));
        }
    }
    Ok(())
}

pub(super) fn answer(media: &'static str, value: &Value) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, media)], value.to_string()).into_response()
}

pub(super) fn link(rel: &str, media: &str, title: &str, href: String) -> Value {
    json!({ "rel": rel, "type": media, "title": title, "href": href })
}

pub(super) fn root(visit: &Visit) -> String {
    format!("{}/ogc", visit.origin())
}

