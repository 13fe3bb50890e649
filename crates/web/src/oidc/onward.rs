//! A page that leads on. A form of ours may not end at another site (browsers hold redirects to the page's policy too), so
//! whoever has sent one goes on from a page of its own.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::frame::{Frame, Place, Visit};

#[derive(Template)]
#[template(path = "oidc/onward.html")]
pub(crate) struct OnwardPage {
    pub f: Frame,
    pub to: String,
}

/// The page, which goes on by itself where the browser lets it.
pub(crate) fn onward(visit: &Visit, to: String, cookie: Option<HeaderValue>) -> Response {
    let refresh = HeaderValue::from_str(&format!("0; url={to}"));
    let mut response = visit.show(StatusCode::OK, &OnwardPage { f: visit.frame(Place::Elsewhere, |say| say.t("onward-title")), to });
    if let Ok(refresh) = refresh {
        response.headers_mut().insert(HeaderName::from_static("refresh"), refresh);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
