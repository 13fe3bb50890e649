//! Answers under grants, signed by this node: Content-Digest (RFC 9530) over the body, and an HTTP message signature (RFC 9421) over
//! it, the receipt's number, and what was asked.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::Response;
use desk::DeskError;
use desk::node::content_digest;

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
    /// Its place in the log, where it has one.
    pub leaf: Option<u64>,
    pub body: Body,
    pub length: u64,
}

/// The answer with its headers. The body must arrive as it was hashed, so nothing on the way may pack it.
pub(super) fn signed(visit: &Visit, asked: &Asked, answer: Answer) -> Result<Response, Problem> {
    let digest = content_digest(&answer.digest);
    let receipt = answer.leaf.map(|leaf| format!("leaf={leaf}"));
    let mut headers = HeaderMap::new();
    let mut say = |name: HeaderName, value: String| -> Result<(), Problem> {
        let value = HeaderValue::try_from(value).map_err(|error| Problem::from(DeskError::Internal(error.to_string())))?;
        headers.insert(name, value);
        Ok(())
    };
    say(header::CONTENT_TYPE, answer.media.to_owned())?;
    say(header::CONTENT_LENGTH, answer.length.to_string())?;
    say(header::CACHE_CONTROL, "no-store, no-transform".to_owned())?;
    if let Some(leaf) = answer.leaf {
        say(header::LINK, format!("</api/v1/receipts/{leaf}>; rel=\"receipt\""))?;
    }
    let query = format!("?{}", asked.uri.query().unwrap_or_default());
    let mut parts = vec![("\"@status\"", "200"), ("\"content-type\"", answer.media), ("\"content-digest\"", digest.as_str())];
    parts.extend(receipt.as_deref().map(|receipt| ("\"sanjiang-receipt\"", receipt)));
    parts.extend([("\"@method\";req", asked.method.as_str()), ("\"@path\";req", asked.uri.path()), ("\"@query\";req", query.as_str())]);
    // Where the request was signed, the answer is to that one and to no other.
    let question = visit.proof.as_ref().and_then(|proof| proof.headers.get("signature"));
    parts.extend(question.map(|signature| ("\"signature\";req", signature.as_str())));
    let signed = visit.app.desk.sign_message(&parts, visit.now)?;
    say(DIGEST, digest)?;
    if let Some(receipt) = receipt {
        say(RECEIPT, receipt)?;
    }
    say(INPUT, signed.input)?;
    say(SIGNATURE, signed.signature)?;
    let mut response = Response::new(answer.body);
    *response.headers_mut() = headers;
    Ok(response)
}
