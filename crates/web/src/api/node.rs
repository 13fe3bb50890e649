//! Nodes of other cities: the link, what they offer, what was asked of them, and reading what they have granted.

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use data::share::{Channel, Terms};
use desk::exchange::{EnvelopeView, LinkState as Link, NodeAct, NodeAsking, NodeReadView, NodeRequestView, NodeView};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::lending::{NamedValues, answered, call as called, caller, text};
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Whole, Words, mirror};
use super::share::{LendingTerms, LentItem, Titled, lent};
use super::signed::Asked;
use crate::frame::Visit;

mirror!(
    /// `up`: it answered last. `down`: it did not, or was not believed. `closed`: the agreement does not hold.
    LinkState of Link { Up, Down, Unknown, Closed } as "snake_case"
);

/// A node of another city.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NeighbourNode)]
pub(super) struct Node {
    id: String,
    title: Words,
    /// Six-digit division code (GB/T 2260).
    division: String,
    host: String,
    agreement: String,
    from: String,
    until: String,
    state: LinkState,
    /// When it last answered, when it last called, and when it was last tried.
    answered: Option<Time>,
    called: Option<Time>,
    tried: Option<Time>,
    error: Option<Words>,
    /// Envelopes that it has not taken yet.
    waiting: u64,
    /// Thumbprints of the keys that the agreement pins.
    keys: Vec<String>,
}

impl From<NodeView> for Node {
    fn from(view: NodeView) -> Node {
        Node {
            id: view.id,
            title: view.title.into(),
            division: view.division,
            host: view.host,
            agreement: view.agreement,
            from: view.from,
            until: view.until,
            state: view.state.into(),
            answered: view.answered.map(Time::from),
            called: view.called.map(Time::from),
            tried: view.tried.map(Time::from),
            error: view.error.map(Words::from),
            waiting: view.waiting,
            keys: view.keys,
        }
    }
}

/// An envelope on its way, or taken.
#[derive(Debug, Serialize, ToSchema)]
struct Envelope {
    id: String,
    kind: String,
    /// The request that it is about.
    subject: String,
    time: Time,
    taken: Option<Time>,
    tries: u64,
    next: Option<Time>,
    error: Option<Words>,
}

impl From<EnvelopeView> for Envelope {
    fn from(view: EnvelopeView) -> Envelope {
        Envelope {
            id: view.id,
            kind: view.kind,
            subject: view.subject,
            time: view.time.into(),
            taken: view.taken.map(Time::from),
            tries: view.tries,
            next: view.next.map(Time::from),
            error: view.error.map(Words::from),
        }
    }
}

/// A node with what is between us.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NodeDetail {
    node: Node,
    /// What it offered when it was last asked.
    #[schema(value_type = Option<Object>)]
    offer: Option<Value>,
    offered: Option<Time>,
    /// The newest envelopes to it, those that wait first, and from it.
    out: Vec<Envelope>,
    inward: Vec<Envelope>,
    requests: Vec<NodeRequest>,
}

/// A request to another city.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NodeRequest {
    id: String,
    node: Titled,
    resource: Titled,
    department: Titled,
    terms: LendingTerms,
    reason: String,
    asked: Time,
    /// `queued`, `rejected`, `ended`, or as that city says: `asked`, `granted`, `refused`, `disputed`, `upheld`, `withdrawn`.
    state: String,
    /// That city's last word: state, number, acts, grant.
    #[schema(value_type = Option<Object>)]
    word: Option<Value>,
}

impl From<NodeRequestView> for NodeRequest {
    fn from(view: NodeRequestView) -> NodeRequest {
        NodeRequest {
            id: view.id,
            node: view.node.into(),
            resource: view.resource.into(),
            department: view.department.into(),
            terms: view.terms.into(),
            reason: view.reason,
            asked: view.asked.into(),
            state: view.state.word().to_owned(),
            word: view.word.and_then(|word| serde_json::to_value(word).ok()),
        }
    }
}

/// A reading, with its leaf here and there.
#[derive(Debug, Serialize, ToSchema)]
struct NodeReading {
    leaf: u64,
    theirs: u64,
    channel: String,
    time: Time,
    /// SHA-256 of the answer, in hex.
    digest: String,
    /// Of a file.
    bytes: Option<u64>,
}

impl From<NodeReadView> for NodeReading {
    fn from(view: NodeReadView) -> NodeReading {
        NodeReading { leaf: view.leaf, theirs: view.theirs, channel: view.channel, time: view.time.into(), digest: view.digest, bytes: view.bytes }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NodeRequestDetail {
    request: NodeRequest,
    reads: Vec<NodeReading>,
}

/// 其他城市的节点 / Nodes of other cities
#[utoipa::path(get, path = "/api/v1/nodes", tag = "nodes", security(("session" = [])),
    responses((status = 200, body = Whole<Node>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn nodes(visit: Visit) -> Answered<Whole<Node>> {
    let found = visit.app.desk.neighbours(visit.staff().told(&visit)?, visit.now).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(Node::from).collect() }))
}

/// 一个节点 / One node
#[utoipa::path(get, path = "/api/v1/nodes/{id}", operation_id = "node_of", tag = "nodes", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = NodeDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn node(Path(id): Path<String>, visit: Visit) -> Answered<NodeDetail> {
    let found = visit.app.desk.neighbour(visit.staff().told(&visit)?, &id, visit.now).await.told(&visit)?;
    Ok(Json(NodeDetail {
        node: found.node.into(),
        offer: found.offer.and_then(|offer| serde_json::to_value(offer).ok()),
        offered: found.offered.map(Time::from),
        out: found.out.entries.into_iter().map(Envelope::from).collect(),
        inward: found.inward.entries.into_iter().map(Envelope::from).collect(),
        requests: found.ours.entries.into_iter().map(NodeRequest::from).collect(),
    }))
}

/// What came of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reached {
    reached: bool,
    why: Option<Words>,
    /// Resources that it offers.
    resources: u64,
}

/// 联络节点 / Call a node
///
/// 立即查询其可申请的资源，并重发等待中的信封。 Asks what it offers, and has what waits for it sent at once.
#[utoipa::path(post, path = "/api/v1/nodes/{id}/call", operation_id = "call_node", tag = "nodes", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = Reached), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn call(Path(id): Path<String>, visit: Visit) -> Answered<Reached> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let heard = visit.app.desk.call_neighbour(who, &id, visit.now).await.told(&visit)?;
    Ok(Json(match heard {
        Ok(offer) => Reached { reached: true, why: None, resources: offer.resources.len() as u64 },
        Err(why) => Reached { reached: false, why: Some(why.into()), resources: 0 },
    }))
}

/// What is asked of another city. What is left out is as it proposes.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AskNode {
    #[schema(max_length = 200)]
    resource: String,
    items: Option<Vec<LentItem>>,
    keys: Option<Vec<String>>,
    #[schema(max_length = 2000)]
    condition: Option<String>,
    /// `query`, `verify`, `batch`.
    #[schema(value_type = Option<Vec<String>>)]
    channels: Option<std::collections::BTreeSet<Channel>>,
    #[schema(value_type = Option<String>)]
    purpose: Option<data::share::Purpose>,
    until: Option<String>,
    /// What for, and on which legal ground.
    #[schema(max_length = 1000)]
    reason: String,
}

/// The request that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AskedNode {
    request: String,
}

/// 向其他城市申请 / Ask another city
#[utoipa::path(post, path = "/api/v1/nodes/{id}/requests", operation_id = "ask_node", tag = "nodes", security(("session" = [])), request_body = AskNode,
    params(("id" = String, Path, description = "节点编号 / id of the node", max_length = 200)),
    responses((status = 200, body = AskedNode), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn ask(Path(id): Path<String>, visit: Visit, body: Result<Body<AskNode>, Problem>) -> Answered<AskedNode> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(asked) = body.told(&visit)?;
    let desk = &visit.app.desk;
    let proposed = desk.draft_for_neighbour(who, &id, &asked.resource).await.told(&visit)?.terms;
    let terms = Terms {
        items: asked.items.map_or(proposed.items, lent),
        keys: asked.keys.unwrap_or(proposed.keys),
        condition: asked.condition.unwrap_or_default(),
        channels: asked.channels.unwrap_or(proposed.channels),
        purpose: asked.purpose.unwrap_or(proposed.purpose),
        until: asked.until.unwrap_or(proposed.until),
        ..proposed
    };
    let request = desk.ask_neighbour(who, NodeAsking { node: id, resource: asked.resource, terms, reason: asked.reason }, visit.now).await.told(&visit)?;
    Ok(Json(AskedNode { request }))
}

/// 向其他城市的申请 / Requests to other cities
#[utoipa::path(get, path = "/api/v1/node-requests", operation_id = "node_requests", tag = "nodes", security(("session" = [])),
    params(
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<NodeRequest>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn requests(visit: Visit) -> Answered<Page<NodeRequest>> {
    let who = visit.staff().told(&visit)?;
    let (page, size) = read::paging(&visit).told(&visit)?;
    Ok(Json(Page::of(visit.app.desk.node_requests(who, page, size, visit.now).await.told(&visit)?)))
}

/// 一份申请 / One request to another city
#[utoipa::path(get, path = "/api/v1/node-requests/{id}", operation_id = "node_request", tag = "nodes", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = NodeRequestDetail), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn request(Path(id): Path<String>, visit: Visit) -> Answered<NodeRequestDetail> {
    let found = visit.app.desk.node_request(visit.staff().told(&visit)?, &id, visit.now).await.told(&visit)?;
    Ok(Json(NodeRequestDetail { request: found.request.into(), reads: found.reads.into_iter().map(NodeReading::from).collect() }))
}

/// What is done about a request: `withdraw`, or `dispute` with words.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NodeDoing {
    act: String,
    #[serde(default)]
    #[schema(max_length = 1000)]
    words: String,
}

/// 撤回或提出争议 / Withdraw or dispute
#[utoipa::path(post, path = "/api/v1/node-requests/{id}", operation_id = "act_on_node_request", tag = "nodes", security(("session" = [])), request_body = NodeDoing,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn act(Path(id): Path<String>, visit: Visit, body: Result<Body<NodeDoing>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(doing) = body.told(&visit)?;
    let act = match doing.act.as_str() {
        "withdraw" => NodeAct::Withdraw,
        "dispute" => NodeAct::Dispute(doing.words),
        _ => return Err(Problem::invalid("act 应为 withdraw 或 dispute。", "`act` is withdraw or dispute.")).told(&visit),
    };
    visit.app.desk.act_on_node_request(who, &id, act, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 查询其他城市的数据 / Query another city's data
///
/// 参数与按授权查询相同，写在内容中。对方的应答经过验签才给出，并带有本节点的签名和回执。
///
/// Parameters as under a grant, in the body. The other city's answer is verified before it is given, under this node's signature and receipt.
#[utoipa::path(post, path = "/api/v1/node-requests/{id}/rows", operation_id = "node_rows", tag = "nodes", security(("application_key" = []), ("signature" = []), ("session" = [])),
    request_body = NamedValues,
    params(("id" = String, Path, description = "编号 / id", max_length = 200), ("purpose" = String, Query, description = "用途 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由 / your own case number", max_length = 200)),
    responses((status = 200, body = super::exchange::Told), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rows(Path(id): Path<String>, visit: Visit, method: Method, uri: Uri, headers: HeaderMap, body: Result<Body<NamedValues>, Problem>) -> Result<Response, Problem> {
    let caller = caller(&visit, &headers, &method).await?;
    let Body(values) = body.told(&visit)?;
    let across = visit.app.desk.read_across(&caller, &id, Channel::Query, &called(&visit), &values.parameters(), visit.now).await.told(&visit)?;
    given(&visit, Asked { method, uri }, across)
}

/// 核验其他城市的数据 / Verify against another city's data
#[utoipa::path(post, path = "/api/v1/node-requests/{id}/verify", operation_id = "node_verify", tag = "nodes", security(("application_key" = []), ("signature" = []), ("session" = [])),
    request_body = NamedValues,
    params(("id" = String, Path, description = "编号 / id", max_length = 200), ("purpose" = String, Query, description = "用途 / the grant's purpose", max_length = 50),
        ("case" = Option<String>, Query, description = "办件号或事由 / your own case number", max_length = 200)),
    responses((status = 200, body = super::exchange::Told), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn verify(Path(id): Path<String>, visit: Visit, method: Method, uri: Uri, headers: HeaderMap, body: Result<Body<NamedValues>, Problem>) -> Result<Response, Problem> {
    let caller = caller(&visit, &headers, &method).await?;
    let Body(NamedValues(values)) = body.told(&visit)?;
    let said: Vec<(String, String)> = values.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let across = visit.app.desk.read_across(&caller, &id, Channel::Verify, &called(&visit), &said, visit.now).await.told(&visit)?;
    given(&visit, Asked { method, uri }, across)
}

fn given(visit: &Visit, asked: Asked, across: desk::exchange::Across) -> Result<Response, Problem> {
    let theirs = across.theirs;
    let mut response = answered(visit, &asked, across.lending)?;
    if let Ok(value) = HeaderValue::try_from(format!("leaf={theirs}")) {
        response.headers_mut().insert("sanjiang-origin-receipt", value);
    }
    Ok(response)
}

/// A file that was fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Fetched {
    /// Its leaf in our log, and its name here.
    leaf: u64,
}

/// 取回文件 / Fetch a file of another city
///
/// `changes=true` 只取上次之后的变化。 `changes=true` takes what has changed since the last one.
#[utoipa::path(post, path = "/api/v1/node-requests/{id}/files", operation_id = "fetch_node_file", tag = "nodes", security(("application_key" = []), ("signature" = []), ("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200), ("purpose" = String, Query, description = "用途 / the grant's purpose", max_length = 50),
        ("changes" = Option<bool>, Query, description = "只取变化 / changes only")),
    responses((status = 200, body = Fetched), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json"),
        (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn fetch(Path(id): Path<String>, visit: Visit, method: Method, headers: HeaderMap) -> Answered<Fetched> {
    let caller = caller(&visit, &headers, &method).await?;
    let changes = visit.parameter("changes") == "true";
    let leaf = visit.app.desk.fetch_across(&caller, &id, &called(&visit), changes, visit.now).await.told(&visit)?;
    Ok(Json(Fetched { leaf }))
}

/// 下载取回的文件 / A file that was fetched
#[utoipa::path(get, path = "/api/v1/node-requests/{id}/files/{leaf}", operation_id = "node_file", tag = "nodes", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200), ("leaf" = u64, Path, description = "文件的日志编号 / its leaf")),
    responses((status = 200, content((String = "text/csv"))), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn file(visit: Visit, Path((id, leaf)): Path<(String, String)>) -> Result<Response, Problem> {
    let who = visit.staff().told(&visit)?;
    let leaf = super::log::number_of(&leaf).told(&visit)?;
    let kept = visit.app.desk.kept_across(who, &id, leaf).await.told(&visit)?;
    let failed = |error: String| Problem::from(desk::DeskError::Internal(error));
    let file = tokio::fs::File::open(&kept.path).await.map_err(|error| failed(error.to_string())).told(&visit)?;
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "text/csv; charset=utf-8")
        .header(header::CONTENT_LENGTH, kept.bytes)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", kept.name))
        .body(Bytes::from_stream(ReaderStream::with_capacity(file, 1 << 16)));
    response.map_err(|error| failed(error.to_string())).told(&visit)
}
