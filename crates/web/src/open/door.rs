//! The door of open data: each call of a program is known by its key, or by the network address that it comes from, and is put off
//! where it is one too many. Pages are for people and not counted.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::open::OpenCaller;

use crate::api::{ForReader, Problem};
use crate::app::App;
use crate::frame::Visit;

/// Where programs call.
const CALLED: [&str; 6] = ["/api/v1/open/", "/api/3/action/", "/api/action/", "/resource/", "/ogc/", "/datastore/dump/"];

fn is_call(method: &Method, path: &str) -> bool {
    let file = path.starts_with("/open/datasets/") && path.contains("/files/");
    *method != Method::OPTIONS && (file || CALLED.iter().any(|start| path.starts_with(start)))
}

pub(crate) async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    if !is_call(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    let now = app.now();
    let called = match key(request.headers()) {
        Some(key) => app.desk.open_app_calls(key, now).await,
        None => app.client(&request).map_or(Ok(()), |address| app.desk.open_address_calls(&address, now)).map(|()| OpenCaller::Anybody),
    };
    let (mut parts, body) = request.into_parts();
    match called {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refused) => {
            let Ok(visit) = Visit::from_request_parts(&mut parts, &app).await;
            let problem: Result<(), Problem> = Err(refused).told(&visit);
            problem.map_or_else(IntoResponse::into_response, IntoResponse::into_response)
        }
    }
}

/// The key of a registered application; other words in `Authorization` are somebody else's business.
fn key(headers: &HeaderMap) -> Option<&str> {
    let told = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let told = told.strip_prefix("Bearer ").unwrap_or(told).trim();
    told.starts_with("sjopen_").then_some(told)
}
