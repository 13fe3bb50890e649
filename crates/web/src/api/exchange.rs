//! What nodes say to each other: envelopes, and what is offered. Only who signs with a key of an agreement is heard, and every
//! answer is signed to the very request.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::http::{Method, Uri};
use axum::response::Response;
use desk::share::Caller;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::problem::{ForReader, Problem};
use super::proof;
use super::signed::{Answer, Asked, signed};
use crate::frame::Visit;

/// An object whose form docs/nodes.md tells.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(super) struct Told(BTreeMap<String, Value>);

/// 投递信封 / Post an envelope
///
/// 供其他城市的节点使用：请求须以协议约定的密钥签名（RFC 9421）。同一编号的信封只办理一次，再投得到同样的答复。
///
/// For nodes of other cities: the request is signed (RFC 9421) with a key that the agreement pins. An envelope is applied once by its id, and answered the same when it comes again.
#[utoipa::path(post, path = "/api/v1/exchange/inbox", operation_id = "post_envelope", tag = "nodes", security(("signature" = [])), request_body = Told,
    responses((status = 200, body = Told), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn inbox(visit: Visit, method: Method, uri: Uri, body: Bytes) -> Result<Response, Problem> {
    let caller = node(&visit).await?;
    let answer = visit.app.desk.receive_envelope(&caller, &body, visit.now).await.told(&visit)?;
    said(&visit, method, uri, answer.into_bytes())
}

/// 可申请的资源 / What is offered
///
/// 供其他城市的节点使用：协议之下可以申请的资源。 For nodes of other cities: what may be asked for under the agreement.
#[utoipa::path(get, path = "/api/v1/exchange/offer", operation_id = "exchange_offer", tag = "nodes", security(("signature" = [])),
    responses((status = 200, body = Told), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn offer(visit: Visit, method: Method, uri: Uri) -> Result<Response, Problem> {
    let caller = node(&visit).await?;
    let offer = visit.app.desk.offer_to(&caller, visit.now).await.told(&visit)?;
    let body = serde_json::to_vec(&offer).map_err(|error| Problem::from(desk::DeskError::Internal(error.to_string()))).told(&visit)?;
    said(&visit, method, uri, body)
}

async fn node(visit: &Visit) -> Result<Caller, Problem> {
    proof::signer(visit).await?.ok_or_else(Problem::unsigned).told(visit)
}

fn said(visit: &Visit, method: Method, uri: Uri, body: Vec<u8>) -> Result<Response, Problem> {
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let answer = Answer { media: "application/json", digest: Sha256::digest(&body).into(), leaf: None, length, body: Body::from(body) };
    signed(visit, &Asked { method, uri }, answer).told(visit)
}
