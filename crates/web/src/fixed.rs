//! Files that never change while we run: style, islands, icon. Style and islands are served under
//! a name that holds their hash, so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::app::App;

/// A file and the address it is served at.
pub struct Fixed {
    pub href: String,
    kind: &'static str,
    text: &'static str,
}

impl Fixed {
    pub fn text(&self) -> &'static str {
        self.text
    }

    fn new(name: &str, kind: &'static str, text: &'static str) -> Fixed {
        let hash: String = Sha256::digest(text).iter().take(6).map(|b| format!("{b:02x}")).collect();
        Fixed { href: format!("/static/{hash}/{name}"), kind, text }
    }
}

pub static STYLE: LazyLock<Fixed> = LazyLock::new(|| {
    let text = concat!(
        include_str!("../style/tokens.css"),
        include_str!("../style/base.css"),
        include_str!("../style/frame.css"),
        include_str!("../style/parts.css"),
        include_str!("../style/pages.css"),
        include_str!("../style/chart.css"),
        include_str!("../style/sql.css"),
        include_str!("../style/schedule.css"),
        include_str!("../style/quality.css"),
        include_str!("../style/register.css"),
        include_str!("../style/account.css"),
        include_str!("../style/share.css"),
        include_str!("../style/me.css"),
        include_str!("../style/api.css"),
        include_str!("../style/open.css"),
        include_str!("../style/print.css"),
    );
    Fixed::new("style.css", "text/css; charset=utf-8", text)
});

pub static ISLANDS: LazyLock<Fixed> = LazyLock::new(|| {
    let text = concat!(include_str!("../island/keys.js"), include_str!("../island/live.js"), include_str!("../island/map.js"));
    Fixed::new("islands.js", "text/javascript; charset=utf-8", text)
});

pub const ICON: &str = include_str!("frame/rivers.svg");

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/static/{hash}/{name}", get(serve))
        .route("/favicon.svg", get(|| async { day("image/svg+xml", ICON) }))
        .route("/favicon.ico", get(|| async { day("image/svg+xml", ICON) }))
        .route("/assets/{file}", get(asset))
}

async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let path = format!("/static/{hash}/{name}");
    match [&*STYLE, &*ISLANDS].into_iter().find(|file| file.href == path) {
        Some(file) => {
            let headers = [(header::CONTENT_TYPE, file.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, file.text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// An embedded bundle, packed where the reader takes it so.
async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::get(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = asset.gzip.filter(|_| accepted.split(',').any(|word| word.trim() == "gzip" || word.trim().starts_with("gzip;") && !word.contains("q=0")));
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=86400" };
    let mut response = ([(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, cache), (header::VARY, "Accept-Encoding")], packed.unwrap_or(asset.bytes)).into_response();
    if packed.is_some() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn day(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=86400")], text).into_response()
}
