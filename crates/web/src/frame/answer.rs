//! From a page or a refusal to an HTTP answer. Every refusal is a page that says what to do next.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use desk::DeskError;
use kernel::Text;

use super::Visit;
use crate::error::{ErrorPage, Trouble};
use crate::link;

/// What a page's function returns.
pub type Answered<T> = Result<T, Refusal>;

/// Why a page is not shown.
#[derive(Debug)]
pub enum Refusal {
    Desk(DeskError),
    /// A form that did not come from our own page, or from an older session.
    Forged,
    /// Go elsewhere instead.
    To(String),
}

impl From<DeskError> for Refusal {
    fn from(error: DeskError) -> Refusal {
        Refusal::Desk(error)
    }
}

impl Visit {
    /// The page, or the page of its refusal.
    pub fn answer<T: Template>(&self, answered: Answered<T>) -> Response {
        match answered {
            Ok(page) => self.show(StatusCode::OK, &page),
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// A page with a status of its own, such as a form sent back with what is wrong in it.
    pub fn show<T: Template>(&self, status: StatusCode, page: &T) -> Response {
        match page.render() {
            Ok(html) => self.html(status, html),
            Err(error) => self.refuse(Refusal::Desk(DeskError::Internal(error.to_string()))),
        }
    }

    /// A form's page again with what was wrong in what was sent; the page of any other refusal.
    pub async fn again<T, P>(&self, refusal: Refusal, page: impl FnOnce(Text) -> P) -> Response
    where
        T: Template,
        P: Future<Output = Answered<T>>,
    {
        match refusal {
            Refusal::Desk(DeskError::Invalid(text) | DeskError::Conflict(text)) => match page(text).await {
                Ok(page) => self.show(StatusCode::UNPROCESSABLE_ENTITY, &page),
                Err(refusal) => self.refuse(refusal),
            },
            other => self.refuse(other),
        }
    }

    fn html(&self, status: StatusCode, html: String) -> Response {
        // What staff see must not stay in a shared browser's cache.
        let cache = if self.account.is_some() { "no-store" } else { "private, no-cache" };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::VARY, HeaderValue::from_static("Cookie")),
        ];
        (status, headers, html).into_response()
    }

    fn refuse(&self, refusal: Refusal) -> Response {
        let (status, trouble) = match refusal {
            Refusal::To(path) => return Redirect::to(&path).into_response(),
            Refusal::Desk(DeskError::LoginRequired) if self.is_get() => {
                return Redirect::to(&link::with("/login", &[("next", &self.address)])).into_response();
            }
            Refusal::Desk(DeskError::LoginRequired) => (StatusCode::UNAUTHORIZED, Trouble::Login),
            Refusal::Desk(DeskError::NotFound) => (StatusCode::NOT_FOUND, Trouble::NotFound),
            Refusal::Desk(DeskError::Invalid(text)) => (StatusCode::BAD_REQUEST, Trouble::Invalid(text)),
            Refusal::Desk(DeskError::Sql(error)) => (StatusCode::BAD_REQUEST, Trouble::Invalid(error.message)),
            Refusal::Desk(DeskError::Busy(text)) => (StatusCode::SERVICE_UNAVAILABLE, Trouble::Busy(text)),
            Refusal::Desk(DeskError::TooMany { text, .. }) => (StatusCode::TOO_MANY_REQUESTS, Trouble::Busy(text)),
            Refusal::Desk(DeskError::Away { text, .. }) => (StatusCode::SERVICE_UNAVAILABLE, Trouble::Busy(text)),
            Refusal::Desk(DeskError::Upstream(text)) => (StatusCode::BAD_GATEWAY, Trouble::Busy(text)),
            Refusal::Desk(DeskError::Late(text)) => (StatusCode::GATEWAY_TIMEOUT, Trouble::Busy(text)),
            Refusal::Desk(DeskError::Forbidden(text)) => (StatusCode::FORBIDDEN, Trouble::Forbidden(text)),
            Refusal::Desk(DeskError::Conflict(text)) => (StatusCode::UNPROCESSABLE_ENTITY, Trouble::Invalid(text)),
            Refusal::Desk(DeskError::Full(text)) => (StatusCode::INSUFFICIENT_STORAGE, Trouble::Full(text)),
            Refusal::Desk(DeskError::Internal(cause)) => {
                let id = self.app.incident(self.now);
                tracing::error!(incident = %id, address = %self.address, %cause, "page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, Trouble::Internal(id))
            }
            Refusal::Forged => (StatusCode::FORBIDDEN, Trouble::Forged),
        };
        let page = ErrorPage::new(self, trouble);
        let mut response = match page.render() {
            Ok(html) => self.html(status, html),
            Err(error) => {
                tracing::error!(%error, "the error page failed");
                status.into_response()
            }
        };
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}
