//! What surrounds every request: an id, a deadline, packed answers, and a decent page when we fail.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;

use super::{Limits, pace};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct Around {
    deadline: Duration,
    /// For the body of a request, as [`Limits::idle`].
    patience: Duration,
    count: Arc<AtomicU64>,
}

pub(super) fn around(router: Router, limits: Limits) -> Router {
    let around = Around { deadline: limits.request, patience: limits.idle, count: Arc::default() };
    router
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(around, watched))
}

async fn watched(State(around): State<Around>, request: Request, next: Next) -> Response {
    let id = format!("{:x}-{:x}", std::process::id(), around.count.fetch_add(1, Ordering::Relaxed));
    let machine = request.uri().path().starts_with("/api/");
    let span = tracing::debug_span!("request", %id, method = %request.method(), path = %request.uri().path());
    let request = request.map(|body| pace::paced(body, around.patience));
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(around.deadline, answering.instrument(span)).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(%id, "a handler panicked");
            Failure::BROKEN.answer(machine, &id)
        }
        Err(_) => {
            tracing::warn!(%id, "a request took too long");
            Failure::LATE.answer(machine, &id)
        }
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// What is said when no page of ours could be made.
struct Failure {
    status: StatusCode,
    word: &'static str,
    zh: &'static str,
    en: &'static str,
}

impl Failure {
    const BROKEN: Failure = Failure {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        word: "internal",
        zh: "服务器出错，请稍后再试。如仍不行，请告知工作人员下面的编号。",
        en: "The server failed; please try again. If it goes on, tell the staff the id below.",
    };
    const LATE: Failure = Failure {
        status: StatusCode::GATEWAY_TIMEOUT,
        word: "late",
        zh: "这次请求用时过长，已停止。请缩小范围或稍后再试。",
        en: "This took too long and was stopped. Ask for less, or try again later.",
    };

    fn answer(self, machine: bool, id: &str) -> Response {
        let Failure { status, word, zh, en } = self;
        let (kind, body) = if machine {
            let title = status.canonical_reason().unwrap_or_default();
            let problem = serde_json::json!({
                "type": format!("/api#{word}"), "title": title, "status": status.as_u16(),
                "detail": zh, "details": {"zh": zh, "en": en}, "incident": id,
            });
            ("application/problem+json", problem.to_string())
        } else {
            let page = format!(
                "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>三江</title>\
                 <main><h1>{zh}</h1><p lang=\"en\">{en}</p><p><code>{id}</code></p><p><a href=\"/\">首页 / Home</a></p></main></html>"
            );
            ("text/html; charset=utf-8", page)
        };
        let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
        (status, headers, body).into_response()
    }
}
