//! Answers under grants, signed by this node: Content-Digest (RFC 9530) over the body, and an HTTP message signature (RFC 9421) over
//! it, the receipt's number, and what was asked.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use desk::DeskError;

use super::problem::Problem;
use crate::frame::Visit;

const DIGEST: HeaderName = HeaderName::from_static("content-digest");
const RECEIPT: HeaderName = HeaderName::from_static("sanjiang-receipt");
const INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// What is signed of a request, beside its answer.
pub(super) struct Asked {
    pub method: Method,
    pub uri: Uri,
}

/// What an answer is.
pub(super) struct Answer {
    pub media: &'static str,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// Its place in the log.
    pub leaf: u64,
    pub body: Body,
    pub length: u64,
}

/// The answer with its headers. The body must arrive as it was hashed, so nothing on the way may pack it.
pub(super) fn signed(visit: &Visit, asked: &Asked, answer: Answer) -> Result<Response, Problem> {
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(answer.digest));
    let receipt = format!("leaf={}", answer.leaf);
    let mut headers = HeaderMap::new();
    let mut say = |name: HeaderName, value: String| -> Result<(), Problem> {
        let value = HeaderValue::try_from(value).map_err(|error| Problem::from(DeskError::Internal(error.to_string())))?;
        headers.insert(name, value);
        Ok(())
    };
    say(header::CONTENT_TYPE, answer.media.to_owned())?;
    say(header::CONTENT_LENGTH, answer.length.to_string())?;
    say(header::CACHE_CONTROL, "no-store, no-transform".to_owned())?;
    say(header::LINK, format!("</api/v1/receipts/{}>; rel=\"receipt\"", answer.leaf))?;
    let parameters = format!(
        "(\"@status\" \"content-type\" \"content-digest\" \"sanjiang-receipt\" \"@method\";req \"@path\";req \"@query\";req);created={};keyid=\"{}\";alg=\"ed25519\"",
        visit.now.0 / 1_000_000,
        visit.app.desk.node_key_id(),
    );
    // RFC 9421, 2.5: a line for each part, then the parameters.
    let base = format!(
        "\"@status\": 200\n\"content-type\": {}\n\"content-digest\": {digest}\n\"sanjiang-receipt\": {receipt}\n\"@method\";req: {}\n\"@path\";req: {}\n\"@query\";req: ?{}\n\"@signature-params\": {parameters}",
        answer.media,
        asked.method,
        asked.uri.path(),
        asked.uri.query().unwrap_or_default(),
    );
    let signature = visit.app.desk.sign_message(&base)?;
    say(DIGEST, digest)?;
    say(RECEIPT, receipt)?;
    say(INPUT, format!("sanjiang={parameters}"))?;
    say(SIGNATURE, format!("sanjiang=:{signature}:"))?;
    let mut response = Response::new(answer.body);
    *response.headers_mut() = headers;
    Ok(response)
}
