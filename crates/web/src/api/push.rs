//! Push: a system sends rows of a resource, and is answered once they are durable.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data::declare::Format;
use desk::push::{Pushed, ReceiveError, RefusedRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{ForReader, Problem};
use super::shape::Words;
use crate::frame::Visit;

/// What became of the rows: rows = landed + removed + quarantined + unchanged.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Push {
    resource: String,
    rows: u64,
    landed: u64,
    /// Taken away, as records with `_change` = `delete` asked.
    removed: u64,
    /// Of the landed rows, how many replaced an older row of the same key.
    corrected: u64,
    /// Refused, with reasons; they stand in the quarantine until they are mended.
    quarantined: u64,
    /// Here already.
    unchanged: u64,
    /// Id of the run under which they are counted.
    run: String,
    /// The first hundred refused rows.
    refused: Vec<Refused>,
}

/// A refused row.
#[derive(Debug, Serialize, ToSchema)]
struct Refused {
    /// 1-based line of the body, or record of the Arrow stream.
    line: u64,
    reasons: Vec<Words>,
}

impl From<Pushed> for Push {
    fn from(pushed: Pushed) -> Push {
        let refused = |row: RefusedRow| Refused { line: row.line, reasons: row.reasons.into_iter().map(Words::from).collect() };
        Push {
            resource: pushed.resource,
            rows: pushed.rows,
            landed: pushed.landed,
            removed: pushed.removed,
            corrected: pushed.corrected,
            quarantined: pushed.quarantined,
            unchanged: pushed.unchanged,
            run: pushed.run,
            refused: pushed.refused.into_iter().map(refused).collect(),
        }
    }
}

/// 推送 / Push rows
///
/// 由声明为 push 的系统发送一批记录：每行一个 JSON 对象，或 Arrow IPC 流（不压缩）；至多 32 MiB、十万条。整批一起入库或都不入库；应答时数据已落盘。
/// 用同一个 Idempotency-Key 原样重发，得到同样的应答，不会重复入库（记住 30 天）；重放的应答带有 Idempotency-Replayed: true。
/// 记录中的 `_change` 为 `delete` 时，按主键删除该行。密钥由 `sanjiang key add 系统` 生成。
///
/// A batch of records from a system declared as push: a JSON object a line, or an Arrow IPC stream (not compressed); 32 MiB and a hundred thousand records at most.
/// The batch lands whole or not at all, and is durable when the answer comes. Sent again with the same Idempotency-Key it gets the same answer and lands nothing twice
/// (remembered for 30 days); a record with `_change` = `delete` takes the row of its key away; such an answer bears Idempotency-Replayed: true. `sanjiang key add SYSTEM` makes the key.
#[utoipa::path(post, path = "/api/v1/resources/{id}/rows", operation_id = "push", tag = "collection", security(("push_key" = [])),
    params(
        ("id" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("Idempotency-Key" = String, Header, description = "每批一个，重发时不变（如 UUID） / one for each batch, the same when it is sent again (a UUID, for instance)", max_length = 255),
    ),
    request_body(content((String = "application/x-ndjson"), (String = "application/vnd.apache.arrow.stream"))),
    responses((status = 200, body = Push),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json"),
        (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn push(Path(id): Path<String>, visit: Visit, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let desk = &visit.app.desk;
    let secret = bearer(&parts.headers).ok_or_else(Problem::no_key).told(&visit)?;
    let sender = match desk.sender(secret, &id, visit.now).await {
        Err(desk::DeskError::LoginRequired) => return Err(Problem::no_key()).told(&visit),
        sender => sender.told(&visit)?,
    };
    let format = format(&parts.headers).ok_or_else(Problem::media_of_rows).told(&visit)?;
    let name = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = name.trim().trim_matches('"');
    let received = receive(&visit, body, format).await?;
    let pushed = desk.push(&sender, name, received).await.told(&visit)?;
    let replayed = pushed.replayed;
    let mut response = (StatusCode::OK, Json(Push::from(pushed))).into_response();
    if replayed {
        response.headers_mut().insert("idempotency-replayed", axum::http::HeaderValue::from_static("true"));
    }
    Ok(response)
}

async fn receive(visit: &Visit, body: Body, format: Format) -> Result<desk::push::Received, Problem> {
    let received = visit.app.desk.receive(body.into_data_stream(), format).await;
    received.map_err(|error| match error {
        ReceiveError::TooLarge => Problem::larger_than("32 MiB"),
        ReceiveError::Cut => Problem::invalid("请求内容没有完整送达。", "The body did not arrive whole."),
        ReceiveError::Desk(error) => error.into(),
    })
    .told(visit)
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

fn format(headers: &HeaderMap) -> Option<Format> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match value.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Format::Ndjson),
        "application/vnd.apache.arrow.stream" => Some(Format::Arrow),
        _ => None,
    }
}
