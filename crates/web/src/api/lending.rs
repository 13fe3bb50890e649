//! Reading under grants: rows, verification, files, receipts; for applications with their key, and officers with their session.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use desk::share::{Call, Caller, SubscriptionView};
use desk::view::Form;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;

use super::body::Body;
use super::problem::{ForReader, Problem};
use super::shape::{Time, Words};
use super::signed::{Answer, Asked, signed};
use super::{Answered, push};
use crate::csv;
use crate::frame::Visit;

/// Parameters of a call that are not asked of the rows.
const OWN: [&str; 5] = ["purpose", "case", "form", "since", "lang"];
/// How often and how long a receipt is waited for.
const TRIES: u32 = 50;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// Items, and words such as `limit`, with their values: texts, numbers, or lists of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub(super) struct NamedValues(BTreeMap<String, Value>);

/// Rows under a grant. `grant`, `resource`, `nonce` and `batch` say what they were made under and from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LentRows {
    grant: String,
    resource: String,
    /// Random. The log holds hashes of the answer and, with this before it, of the question.
    nonce: String,
    /// Newest batch of the resource that is in.
    batch: i64,
    /// All rows that the query finds, when asked for with `count=true`.
    total: Option<u64>,
    /// `offset` of the next page, where there may be one.
    next: Option<u64>,
    /// Items with their values; masked ones as texts, money as a text of its digits.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Value>,
}

/// What verification answers, never a value.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verification {
    grant: String,
    resource: String,
    nonce: String,
    batch: i64,
    verdict: Verdict,
}

super::shape::mirror!(
    /// `yes`: a row under these keys has all that was said. `no`: there are rows, none does. `unknown`: no such row, or no value.
    Verdict of desk::share::Verdict { Yes, No, Unknown } as "snake_case"
);

/// 按授权查询 / Query under a grant
///
/// 参数：`信息项=值`（可重复）、`信息项.from`、`信息项.to`、`信息项.starts`、`limit`、`offset`、`order`、`count`；授权所列的必填查询项缺一不可。应答带有摘要（Content-Digest）、签名（RFC 9421）和回执编号（Sanjiang-Receipt），记入日志后才发出。
/// 号码不宜出现在地址里时，用 POST 以 JSON 发送同样的参数。
///
/// Parameters: `item=value` (may be repeated), `item.from`, `item.to`, `item.starts`, `limit`, `offset`, `order`, `count`; the grant's keys must all be there. The answer bears its digest, a signature and the number of its receipt, and is given only when the log has it.
/// Where ids are not to stand in an address, POST takes the same parameters as JSON.
#[utoipa::path(get, path = "/api/v1/grants/{id}/rows", operation_id = "lent_rows", tag = "share", security(("application_key" = []), ("session" = [])),
    params(
        ("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由，记入日志 / your own case number, kept in the log", max_length = 200),
        ("limit" = Option<u64>, Query, description = "最多行数，默认 100 / rows at most, 100 by default"),
        ("offset" = Option<u64>, Query, description = "跳过的行数 / rows to skip"),
        ("order" = Option<String>, Query, description = "如 `name,-date` / such as `name,-date`", max_length = 1000),
        ("count" = Option<bool>, Query, description = "是否给出总行数 / whether to count all"),
    ),
    responses((status = 200, body = LentRows), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rows(Path(id): Path<String>, visit: Visit, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let parameters: Vec<(String, String)> = visit.query.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).cloned().collect();
    lend(&visit, &id, Asked { method, uri }, &headers, &parameters).await
}

/// 按授权查询（参数在内容中） / Query under a grant, with the parameters in the body
///
/// 值为文本，或文本的列表。 Values are texts, or lists of texts.
#[utoipa::path(post, path = "/api/v1/grants/{id}/rows", operation_id = "lent_rows_by_body", tag = "share", security(("application_key" = []), ("session" = [])),
    request_body = NamedValues,
    params(
        ("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由，记入日志 / your own case number, kept in the log", max_length = 200),
    ),
    responses((status = 200, body = LentRows), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rows_by_body(
    Path(id): Path<String>,
    visit: Visit,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<NamedValues>, Problem>,
) -> Result<Response, Problem> {
    let Body(NamedValues(body)) = body.told(&visit)?;
    let mut parameters = Vec::new();
    for (name, value) in body {
        match value {
            Value::Array(many) => many.iter().for_each(|one| parameters.push((name.clone(), text(one)))),
            one => parameters.push((name, text(&one))),
        }
    }
    lend(&visit, &id, Asked { method, uri }, &headers, &parameters).await
}

async fn lend(visit: &Visit, id: &str, asked: Asked, headers: &HeaderMap, parameters: &[(String, String)]) -> Result<Response, Problem> {
    let caller = caller(visit, headers, &asked.method).await?;
    let lending = visit.app.desk.lent_rows(&caller, id, &call(visit), parameters, visit.now).await.told(visit)?;
    answered(visit, &asked, lending)
}

/// 核验 / Verify under a grant
///
/// 内容是一个 JSON 对象：授权的必填查询项，加上要核验的信息项和值。只回答一致（yes）、不一致（no）或无法核验（unknown）。
///
/// The body is a JSON object: the grant's keys, and the items to verify with their values. The answer is yes, no or unknown.
#[utoipa::path(post, path = "/api/v1/grants/{id}/verify", operation_id = "verify_lent", tag = "share", security(("application_key" = []), ("session" = [])),
    request_body = NamedValues,
    params(
        ("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由，记入日志 / your own case number, kept in the log", max_length = 200),
    ),
    responses((status = 200, body = Verification), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn verify(
    Path(id): Path<String>,
    visit: Visit,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<NamedValues>, Problem>,
) -> Result<Response, Problem> {
    let caller = caller(&visit, &headers, &method).await?;
    let Body(NamedValues(body)) = body.told(&visit)?;
    let said: BTreeMap<String, String> = body.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let lending = visit.app.desk.verify_lent(&caller, &id, &call(&visit), &said, visit.now).await.told(&visit)?;
    answered(&visit, &Asked { method, uri }, lending)
}

/// 批量 / A file under a grant
///
/// 全部行；给出 `since`（上一个文件的 Sanjiang-Next）时，只给出其后的变化：`_change` 为 added、changed 或 removed。`_key` 在同一授权的各个文件中指同一行。
///
/// All rows; with `since` (Sanjiang-Next of the file before) what has changed: `_change` is added, changed or removed. `_key` names the same row in all files of the grant.
#[utoipa::path(get, path = "/api/v1/grants/{id}/batch", operation_id = "lent_batch", tag = "share", security(("application_key" = []), ("session" = [])),
    params(
        ("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由，记入日志 / your own case number, kept in the log", max_length = 200),
        ("form" = Option<String>, Query, description = "`csv`（默认）或 `ndjson` / `csv` (the default) or `ndjson`", max_length = 20),
        ("since" = Option<String>, Query, description = "上一个文件的 Sanjiang-Next / Sanjiang-Next of the file before", max_length = 100),
    ),
    responses((status = 200, content((String = "text/csv"), (String = "application/x-ndjson"))), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json"),
        (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn batch(Path(id): Path<String>, visit: Visit, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let caller = caller(&visit, &headers, &method).await?;
    let wrong = || Problem::invalid("form 应为 csv 或 ndjson。", "`form` is csv or ndjson.");
    let form = Form::of(visit.chosen("form").as_deref().unwrap_or("csv")).ok_or_else(wrong).told(&visit)?;
    let batch = visit.app.desk.lent_batch(&caller, &id, &call(&visit), form, visit.chosen("since").as_deref(), visit.now).await.told(&visit)?;
    let file = tokio::fs::File::open(batch.path()).await.map_err(|error| Problem::from(desk::DeskError::Internal(error.to_string()))).told(&visit)?;
    let answer = Answer { media: csv::media(form), digest: batch.digest, leaf: batch.leaf, length: batch.bytes, body: Bytes::from_stream(ReaderStream::with_capacity(file, 1 << 16)) };
    let mut response = signed(&visit, &Asked { method, uri }, answer).told(&visit)?;
    let mut say = |name, value: String| value.parse().map(|value| response.headers_mut().insert(name, value));
    // An open file is read to its end even when its name is gone.
    let told = say(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.{}\"", form.word())).and(say(header::HeaderName::from_static("sanjiang-next"), batch.next.clone()));
    told.map_err(|error| Problem::from(desk::DeskError::Internal(error.to_string()))).told(&visit)?;
    Ok(response)
}

/// Where changes are posted to.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Subscribing {
    #[schema(max_length = 1000, example = "https://intake.example.gov.cn/changes")]
    url: String,
    /// `Sanjiang-Next` of the file after which changes are wanted; from now on when absent.
    #[serde(default)]
    since: Option<String>,
}

/// A subscription, and how far its receiver has come.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Subscription {
    url: String,
    created: Time,
    /// Up to where the receiver has taken the changes.
    since: String,
    /// Whether something is on its way.
    waiting: bool,
    /// Tries of it that have failed, and why the last did.
    tries: u64,
    error: Option<Words>,
    /// When it is tried or looked for next.
    next: Time,
    /// When the receiver last took something.
    taken: Option<Time>,
}

impl From<SubscriptionView> for Subscription {
    fn from(view: SubscriptionView) -> Subscription {
        Subscription {
            url: view.url,
            created: view.created.into(),
            since: view.since,
            waiting: view.waiting,
            tries: view.tries,
            error: view.error.map(Words::from),
            next: view.next.into(),
            taken: view.taken.map(Time::from),
        }
    }
}

/// 订阅状态 / A subscription
#[utoipa::path(get, path = "/api/v1/grants/{id}/subscription", tag = "share", security(("application_key" = []), ("session" = [])),
    params(("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200)),
    responses((status = 200, body = Subscription), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn subscription(Path(id): Path<String>, visit: Visit, headers: HeaderMap) -> Answered<Subscription> {
    let caller = caller(&visit, &headers, &Method::GET).await?;
    let found = visit.app.desk.subscription(&caller, &id).await.told(&visit)?;
    Ok(Json(found.ok_or_else(Problem::not_found).told(&visit)?.into()))
}

/// 订阅变化 / Subscribe to changes
///
/// 变化以 CloudEvents 批量（application/cloudevents-batch+json）发往该地址，带本节点签名，直到对方以 2xx 接收；至少一次，编号不变。事件类型为 sanjiang.row.added、changed、removed；sanjiang.row.reset 表示须重新取全量。
///
/// Changes are posted to the address as a CloudEvents batch, signed by this node, until it is taken with 2xx: at least once, under ids that stay. Types are sanjiang.row.added, changed, removed; sanjiang.row.reset asks to take all rows again.
#[utoipa::path(put, path = "/api/v1/grants/{id}/subscription", tag = "share", security(("application_key" = []), ("session" = [])), request_body = Subscribing,
    params(("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50)),
    responses((status = 200, body = Subscription), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn subscribe(
    Path(id): Path<String>,
    visit: Visit,
    method: Method,
    headers: HeaderMap,
    body: Result<Body<Subscribing>, Problem>,
) -> Answered<Subscription> {
    let caller = caller(&visit, &headers, &method).await?;
    let Body(asked) = body.told(&visit)?;
    let made = visit.app.desk.subscribe(&caller, &id, &call(&visit), &asked.url, asked.since.as_deref(), visit.now).await.told(&visit)?;
    Ok(Json(made.into()))
}

/// 退订 / End a subscription
#[utoipa::path(delete, path = "/api/v1/grants/{id}/subscription", tag = "share", security(("application_key" = []), ("session" = [])),
    params(("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50)),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn unsubscribe(Path(id): Path<String>, visit: Visit, method: Method, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let caller = caller(&visit, &headers, &method).await?;
    visit.app.desk.unsubscribe(&caller, &id, &call(&visit), visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What verifies offline that an answer was given and told in the log: `sanjiang log check-receipt`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReadReceipt {
    /// The text that was hashed: who read what under which grant for what purpose, with the hashes of question and answer.
    entry: String,
    /// c2sp.org/tlog-proof: its place in the log, its way to the root, the signed checkpoint.
    proof: String,
}

/// 回执 / The receipt of an answer
///
/// 编号在应答的 Sanjiang-Receipt 中；通常一秒内可取。 Its number stands in the answer's Sanjiang-Receipt; it can be had within a second as a rule.
#[utoipa::path(get, path = "/api/v1/receipts/{leaf}", operation_id = "read_receipt", tag = "share", security(("application_key" = []), ("session" = [])),
    params(("leaf" = u64, Path, description = "编号 / its number")),
    responses((status = 200, body = ReadReceipt), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn receipt(visit: Visit, Path(leaf): Path<String>, headers: HeaderMap) -> Answered<ReadReceipt> {
    let caller = caller(&visit, &headers, &Method::GET).await?;
    let leaf = super::log::number_of(&leaf).told(&visit)?;
    let mut tries = 0;
    loop {
        match visit.app.desk.read_receipt(&caller, leaf).await {
            Err(desk::DeskError::Busy(_)) if tries < TRIES => tries += 1,
            found => {
                let receipt = found.told(&visit)?;
                return Ok(Json(ReadReceipt { entry: receipt.entry, proof: receipt.proof }));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// This node: who it is, and the keys that what it signs is verified with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Node {
    title: Words,
    /// Six-digit division code (GB/T 2260).
    division: String,
    /// What the log is called; empty before its first checkpoint.
    log: String,
    /// Verifier keys of the log.
    log_keys: Vec<String>,
    /// Keys that answers are signed with, as JSON Web Keys (RFC 8037).
    #[schema(value_type = Vec<Object>)]
    keys: Vec<Value>,
}

/// 本节点 / This node
#[utoipa::path(get, path = "/api/v1/node", tag = "share", responses((status = 200, body = Node)))]
pub(super) async fn node(visit: Visit) -> Answered<Node> {
    let desk = &visit.app.desk;
    let city = desk.city();
    let state = desk.log_state().await.told(&visit)?;
    let key = serde_json::to_value(desk.node_key()).map_err(|error| Problem::from(desk::DeskError::Internal(error.to_string()))).told(&visit)?;
    Ok(Json(Node {
        title: kernel::Text::new(&city.info.title, &city.info.title_en).into(),
        division: city.info.division.clone(),
        log: state.as_ref().map(|state| state.origin.clone()).unwrap_or_default(),
        log_keys: state.map(|state| state.keys).unwrap_or_default(),
        keys: vec![key],
    }))
}

/// Who reads: an application by its key, else whoever is logged in.
pub(super) async fn caller(visit: &Visit, headers: &HeaderMap, method: &Method) -> Result<Caller, Problem> {
    if let Some(key) = push::bearer(headers) {
        return match visit.app.desk.caller(key, visit.now).await {
            Err(desk::DeskError::LoginRequired) => Err(Problem::no_key()).told(visit),
            caller => caller.told(visit),
        };
    }
    let who = visit.staff().told(visit)?;
    if *method != Method::GET {
        visit.from_our_page().told(visit)?;
    }
    Ok(Caller::Person(who.clone()))
}

pub(super) fn call(visit: &Visit) -> Call {
    Call { purpose: visit.parameter("purpose").to_owned(), case: visit.chosen("case") }
}

pub(super) fn answered(visit: &Visit, asked: &Asked, lending: desk::share::Lending) -> Result<Response, Problem> {
    let length = u64::try_from(lending.body.len()).unwrap_or(u64::MAX);
    let answer = Answer { media: "application/json", digest: lending.digest, leaf: lending.leaf, length, body: Bytes::from(lending.body) };
    signed(visit, asked, answer).told(visit)
}

/// Texts as they are, other values as JSON writes them.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
