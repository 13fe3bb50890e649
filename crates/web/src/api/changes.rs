//! What has changed in an open dataset, from nothing to the newest version: in pages that this node signs.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::Response;
use desk::open::{Changes, Since};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::problem::{ForReader, Problem};
use super::read;
use super::signed::{Answer, Asked, signed};
use crate::frame::Visit;
use crate::link;

const LIMIT: u64 = 1_000;
const LIMIT_MAX: u64 = 10_000;
const NDJSON: &str = "application/x-ndjson";

/// 数据集的变更流 / What has changed in a dataset
///
/// 从 `since=0` 开始，逐页跟随 `next`，即得最新版本；每页是相邻两个版本之间的变化，先列删除。`reset` 为真时先清空已有数据。每页带有 Content-Digest（RFC 9530）和本节点的签名（RFC 9421）；公钥见 `/api/v1/node`。NDJSON 的第一行是页首。
///
/// From `since=0`, following `next`, one comes to the newest version; each page tells of the step from one version to the next, removals first. Where `reset` is true, what is at hand is dropped first. Each page has its Content-Digest (RFC 9530) and a signature of this node (RFC 9421), whose key is at `/api/v1/node`. The first line of NDJSON is the head of the page.
#[utoipa::path(get, path = "/api/v1/open/datasets/{id}/changes", operation_id = "open_changes", tag = "open",
    params(
        ("id" = String, Path, description = "数据集编号 / id of the dataset", max_length = 200),
        ("since" = Option<String>, Query, description = "0、版本号，或上一页的 next / 0, the number of a version, or the next of the page before", max_length = 60),
        ("limit" = Option<u64>, Query, description = "每页最多条数，默认 1000 / changes a page, 1000 by default", minimum = 1, maximum = 10000),
        ("format" = Option<String>, Query, description = "`json`（默认）或 `ndjson` / `json` (default) or `ndjson`", max_length = 10),
    ),
    responses((status = 200, body = ChangesPage), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn changes(Path(id): Path<String>, visit: Visit, method: Method, uri: Uri) -> Result<Response, Problem> {
    let since: Since = match visit.parameter("since") {
        "" => Since::default(),
        text => text.parse().told(&visit)?,
    };
    let limit = read::number(&visit, "limit", LIMIT, 1..=LIMIT_MAX).told(&visit)?;
    let lines = match visit.parameter("format") {
        "" => visit.header(header::ACCEPT).is_some_and(|accepted| accepted.contains(NDJSON)),
        "json" => false,
        "ndjson" => true,
        _ => return Err(Problem::invalid("format 应为 json 或 ndjson", "format is json or ndjson")).told(&visit),
    };
    let found = visit.app.desk.open_changes(&id, since, usize::try_from(limit).unwrap_or(1), visit.now).await.told(&visit)?;
    let format = if lines { "ndjson" } else { "" };
    let next = link::with(&format!("/api/v1/open/datasets/{}/changes", link::encode(&id)), &[("since", &found.next.to_string()), ("limit", &limit.to_string()), ("format", format)]);
    let body = if lines { ndjson(&id, &found, &next) } else { page(&id, &found, &next) };
    let answer = Answer {
        media: if lines { NDJSON } else { "application/json" },
        digest: Sha256::digest(&body).into(),
        leaf: None,
        length: body.len() as u64,
        body: Body::from(body),
    };
    let mut response = signed(&visit, &Asked { method, uri }, answer).told(&visit)?;
    if let Some(value) = HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok().filter(|_| found.more) {
        response.headers_mut().insert(header::LINK, value);
    }
    Ok(response)
}

/// A page of changes.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct ChangesPage {
    dataset: String,
    /// The versions that the page leads from and to; a step may have several pages.
    from: u64,
    to: u64,
    /// What is at hand is to be dropped before this page is applied.
    reset: bool,
    columns: Vec<String>,
    changes: Vec<super::open::Change>,
    /// The address of the page after this one. It stays good: it is where to look for what comes later.
    next: String,
    /// Whether there is more already.
    more: bool,
}

fn page(id: &str, found: &Changes, next: &str) -> Vec<u8> {
    let page = ChangesPage {
        dataset: id.to_owned(),
        from: found.from,
        to: found.to,
        reset: found.reset,
        columns: found.columns.iter().map(|column| column.name.clone()).collect(),
        changes: found.changes.iter().map(|delta| super::open::Change::of(&found.columns, delta)).collect(),
        next: next.to_owned(),
        more: found.more,
    };
    serde_json::to_vec(&page).unwrap_or_default()
}

/// A head, then a change a line.
fn ndjson(id: &str, found: &Changes, next: &str) -> Vec<u8> {
    let columns: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
    let head = json!({ "dataset": id, "from": found.from, "to": found.to, "reset": found.reset, "columns": columns, "next": next, "more": found.more });
    let mut out = format!("{head}\n");
    for delta in &found.changes {
        out.push_str(&json!(super::open::Change::of(&found.columns, delta)).to_string());
        out.push('\n');
    }
    out.into_bytes()
}
