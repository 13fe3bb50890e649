//! The one address of a witness (c2sp.org/tlog-witness): checkpoints are posted to it, and cosigned or refused.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

/// Answers a body: status, content type, text.
pub type Answering = Arc<dyn Fn(&[u8]) -> (u16, &'static str, String) + Send + Sync>;

/// Longest request: a checkpoint and 63 hashes.
const BODY_MAX: usize = 64 * 1024;

/// Serves a witness, which knows nothing of cities.
pub fn router(answering: Answering) -> Router {
    Router::new().route("/add-checkpoint", post(add_checkpoint)).layer(DefaultBodyLimit::max(BODY_MAX)).with_state(answering)
}

async fn add_checkpoint(State(answering): State<Answering>, body: Bytes) -> Response {
    // It waits for the disk.
    let answered = tokio::task::spawn_blocking(move || answering(&body)).await;
    let Ok((status, kind, text)) = answered else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, kind)], text).into_response()
}
