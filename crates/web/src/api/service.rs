//! Services lent in real time: a call of one of their operations under a grant.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::body::Body;
use super::lending::{answered, call, caller, text};
use super::problem::{ForReader, Problem};
use super::signed::Asked;
use crate::frame::Visit;

/// Parameters of a call that are not the operation's.
const OWN: [&str; 3] = ["purpose", "case", "lang"];

/// Parameters with their values: texts, numbers, true or false.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub(super) struct Parameters(BTreeMap<String, Value>);

/// What a service answered, as far as it is lent. Nothing of it is kept here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceAnswer {
    grant: String,
    resource: String,
    /// Random. The log holds hashes of the answer and, with this before it, of the question.
    nonce: String,
    operation: String,
    /// Whether there were more records than one answer has.
    more: bool,
    /// Items with their values; masked ones as texts.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Value>,
}

/// 调用实时服务 / Call a service under a grant
///
/// 参数以信息项名称给出，逐个校验；以提供部门的凭据转发，应答只保留授权的信息项，脱敏、签名、记入日志后才发出。服务没有应答时为 502 或 504；暂停调用期间为 503 并带 Retry-After。
///
/// Parameters go by the names of items and are checked; the service is asked with the provider's credentials, and of its answer only what the grant has is given: masked, signed, told in the log. 502 or 504 where the service gave no answer; 503 with Retry-After while it is left alone.
#[utoipa::path(get, path = "/api/v1/grants/{id}/call/{operation}", operation_id = "call_service", tag = "share", security(("application_key" = []), ("session" = [])),
    params(
        ("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("operation" = String, Path, description = "操作 / the operation", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由，记入日志 / your own case number, kept in the log", max_length = 200),
    ),
    responses((status = 200, body = ServiceAnswer), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 502, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json"),
        (status = 504, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn call_service(Path((id, operation)): Path<(String, String)>, visit: Visit, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let parameters: Vec<(String, String)> = visit.query.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).cloned().collect();
    called(&visit, &id, &operation, Asked { method, uri }, &headers, &parameters).await
}

/// 调用实时服务（参数在内容中） / Call a service under a grant, with the parameters in the body
///
/// 号码不宜出现在地址里时用。 Where ids are not to stand in addresses.
#[utoipa::path(post, path = "/api/v1/grants/{id}/call/{operation}", operation_id = "call_service_by_body", tag = "share", security(("application_key" = []), ("session" = [])),
    request_body = Parameters,
    params(
        ("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200),
        ("operation" = String, Path, description = "操作 / the operation", max_length = 200),
        ("purpose" = String, Query, description = "用途，须与授权一致 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由，记入日志 / your own case number, kept in the log", max_length = 200),
    ),
    responses((status = 200, body = ServiceAnswer), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 502, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json"),
        (status = 504, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn call_service_by_body(
    Path((id, operation)): Path<(String, String)>,
    visit: Visit,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<Parameters>, Problem>,
) -> Result<Response, Problem> {
    let Body(Parameters(body)) = body.told(&visit)?;
    let parameters: Vec<(String, String)> = body.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    called(&visit, &id, &operation, Asked { method, uri }, &headers, &parameters).await
}

async fn called(visit: &Visit, id: &str, operation: &str, asked: Asked, headers: &HeaderMap, parameters: &[(String, String)]) -> Result<Response, Problem> {
    let caller = caller(visit, headers, &asked.method).await?;
    let lending = visit.app.desk.call_service(&caller, id, operation, &call(visit), parameters, visit.now).await.told(visit)?;
    answered(visit, &asked, lending)
}
