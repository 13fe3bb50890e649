//! `/catalog.ttl`, `.rdf`, `.jsonld` and `/open/catalog`: the catalogue for machines; what crawlers read: `/sitemap.xml`, `/robots.txt`.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::DeskError;
use desk::open::OpenDocument;
use kernel::Text;
use opendata::dcat::{ADDRESSES_MAX, Form, robots, sitemap, sitemaps};

use crate::app::App;
use crate::frame::{Answered, Refusal, Visit};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/catalog.ttl", get(|visit| whole(visit, Form::Turtle)))
        .route("/catalog.rdf", get(|visit| whole(visit, Form::Xml)))
        .route("/catalog.jsonld", get(|visit| whole(visit, Form::JsonLd)))
        .route("/open/catalog", get(chosen))
        .route("/sitemap.xml", get(map))
        .route("/sitemaps/{n}", get(part_of_map))
        .route("/robots.txt", get(|visit: Visit| async move { plain(robots(&visit.site()), "text/plain; charset=utf-8") }))
}

/// The form that a reader prefers to a page, if it does.
pub(super) fn form(visit: &Visit) -> Option<Form> {
    Form::accepted(visit.header(header::ACCEPT).unwrap_or_default())
}

/// A page of the catalogue in a form.
pub(super) async fn whole(visit: Visit, form: Form) -> Response {
    let found = async {
        let page = visit.chosen("page").map(|text| text.parse::<u64>()).transpose();
        let page = page.map_err(|_| DeskError::Invalid(Text::new("page 应为页码", "page is the number of a page")))?.unwrap_or(1);
        Ok(visit.app.desk.open_catalogue(form, page, &visit.origin(), visit.now).await?)
    };
    give(&visit, found.await)
}

/// What the catalogue is called in the world: people are led to the portal.
async fn chosen(State(_): State<App>, visit: Visit) -> Response {
    let accept = visit.header(header::ACCEPT).unwrap_or_default();
    match form(&visit) {
        Some(form) => whole(visit, form).await,
        None if accept.contains("text/html") => Redirect::to("/open").into_response(),
        None => whole(visit, Form::Turtle).await,
    }
}

/// One dataset in a form.
pub(super) async fn described(visit: &Visit, id: &str, form: Form) -> Response {
    let found = visit.app.desk.open_described(id, form, &visit.origin(), visit.now).await;
    give(visit, found.map_err(Refusal::Desk))
}

fn give(visit: &Visit, found: Answered<OpenDocument>) -> Response {
    let document = match found {
        Ok(document) => document,
        Err(refusal) => return visit.answer::<super::DatasetPage>(Err(refusal)),
    };
    let tag = format!("\"{}\"", document.tag);
    let known = visit.header(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => document.body.as_slice().to_vec().into_response(),
    };
    let told = [
        (header::CONTENT_TYPE, format!("{}; charset=utf-8", document.media)),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
        (header::VARY, "accept".to_owned()),
        // Catalogues are read by pages of other sites, too.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    for (name, text) in told {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The sitemap; of a large portal, where its parts are.
async fn map(State(_): State<App>, visit: Visit) -> Response {
    let found = visit.app.desk.open_pages(&visit.origin(), 0, ADDRESSES_MAX, visit.now).await;
    match found {
        Ok((total, pages)) if total <= ADDRESSES_MAX => plain(sitemap(pages), "application/xml"),
        Ok((total, _)) => {
            let parts = 1..=total.div_ceil(ADDRESSES_MAX);
            plain(sitemaps(parts.map(|n| format!("{}/sitemaps/{n}.xml", visit.site()))), "application/xml")
        }
        Err(error) => visit.answer::<super::DatasetPage>(Err(error.into())),
    }
}

async fn part_of_map(State(_): State<App>, visit: Visit, Path(name): Path<String>) -> Response {
    let number = name.strip_suffix(".xml").and_then(|number| number.parse::<usize>().ok()).filter(|number| (1..=10_000).contains(number));
    let found = async {
        let from = (number.ok_or(DeskError::NotFound)? - 1) * ADDRESSES_MAX;
        let (_, pages) = visit.app.desk.open_pages(&visit.origin(), from, ADDRESSES_MAX, visit.now).await?;
        if pages.is_empty() { Err(DeskError::NotFound) } else { Ok(pages) }
    };
    match found.await {
        Ok(pages) => plain(sitemap(pages), "application/xml"),
        Err(error) => visit.answer::<super::DatasetPage>(Err(error.into())),
    }
}

fn plain(text: String, media: &'static str) -> Response {
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, text).into_response()
}
