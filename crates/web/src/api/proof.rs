//! Requests that are signed (RFC 9421): their bodies are measured before anybody reads them, and their signers found out.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use desk::share::Caller;
use desk::signature::Message;
use sha2::{Digest, Sha256};

use super::problem::{ForReader, Problem};
use crate::frame::Visit;

/// What a body hashes to, and how long it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    digest: [u8; 32],
    length: usize,
}

impl Measured {
    /// The request as its signer has seen it.
    pub(crate) fn message(&self, parts: &Parts, secure: bool) -> Message {
        let mut message = Message {
            method: parts.method.as_str().to_owned(),
            scheme: if secure { "https" } else { "http" }.to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            digest: self.digest,
            length: self.length,
            ..Message::default()
        };
        for (name, value) in &parts.headers {
            let Ok(value) = value.to_str() else { continue };
            let known = message.headers.entry(name.as_str().to_owned()).or_default();
            if !known.is_empty() {
                known.push_str(", ");
            }
            known.push_str(value.trim());
        }
        let host = message.headers.get(header::HOST.as_str()).cloned();
        message.authority = host.or_else(|| parts.uri.authority().map(|authority| authority.to_string())).unwrap_or_default();
        message
    }
}

/// Measures the body of a signed request. Who sends a key is known by that, and nothing is measured.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !headers.contains_key("signature-input") || headers.contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, super::BODY_MAX).await else { return Problem::too_large().into_response() };
    parts.extensions.insert(Measured { digest: Sha256::digest(&bytes).into(), length: bytes.len() });
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// Who has signed the request; `None` where nobody has. Asked once a request: a signature is believed once.
pub(super) async fn signer(visit: &Visit) -> Result<Option<Caller>, Problem> {
    let Some(message) = &visit.proof else { return Ok(None) };
    match visit.app.desk.signed_by(message, visit.now).await {
        Err(DeskError::Forbidden(text)) => Err(Problem::unbelieved(text)).told(visit),
        signer => signer.told(visit),
    }
}
