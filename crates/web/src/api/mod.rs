//! The HTTP API under `/api/v1`: the acts of the desk as JSON, described by OpenAPI 3.1, with a page for people at `/api`.
//! Its types are a contract with strangers and therefore its own; they are made from the desk's views and nothing else.

mod access;
mod account;
mod app;
mod application;
mod body;
mod board;
mod catalog;
mod challenge;
mod changes;
mod clerical;
mod client;
mod defect;
mod department;
mod drift;
mod edit;
mod example;
mod exchange;
mod figure;
mod gaps;
mod grading;
mod history;
mod lending;
mod log;
mod me;
mod message;
mod model;
mod open;
mod node;
pub(crate) mod page;
mod people;
mod problem;
mod proof;
mod push;
mod quality;
mod quarantine;
mod read;
mod register;
mod repair;
mod run;
mod schedule;
mod service;
mod session;
mod shape;
mod share;
mod signed;
mod sql;
mod status;
mod system;
mod usage;
mod voice;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::frame::Visit;
pub(crate) use me::Reading;
pub(crate) use problem::{ForReader, Problem};
pub(crate) use proof::Measured;

/// Longest body of a request, in bytes; statements are the longest thing anybody sends.
pub(crate) const BODY_MAX: usize = 256 * 1024;

/// What handlers of the API answer with.
type Answered<T> = Result<Json<T>, Problem>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sanjiang API",
        version = "1",
        description = "城市数据的目录、归集、问题数据与查询。公开的部分无需登录；标有 session 的须先登录。\n\nThe catalogue, collection, quarantine and queries of a city's data. Public parts need no login; those marked session do.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "city", description = "城市概况 / The city at a glance"),
        (name = "catalog", description = "部门、系统与信息资源 / Departments, systems and resources"),
        (name = "collection", description = "归集任务与问题数据 / Runs and quarantine"),
        (name = "quality", description = "数据质量与整改 / Quality and defects"),
        (name = "figures", description = "指标 / Figures"),
        (name = "models", description = "模型与血缘 / Models and lineage"),
        (name = "registers", description = "基础库、实体与人工判定 / Registers, entities and decisions"),
        (name = "share", description = "数据共享：申请、授权、按授权使用 / Sharing: requests, grants, reading under them"),
        (name = "open", description = "开放数据：数据集、数据、版本 / Open data: datasets, rows, versions"),
        (name = "nodes", description = "城市之间的交换 / Exchange between cities"),
        (name = "me", description = "个人和企业：谁看过我、质疑 / Citizens and companies: who read about me, challenges"),
        (name = "log", description = "操作日志 / The log of acts"),
        (name = "sql", description = "查询 / Queries"),
        (name = "accounts", description = "账户、权限与应急授权 / Accounts, rights, emergencies"),
        (name = "session", description = "登录 / Login"),
    ),
    modifiers(&Sessions)
)]
struct Described;

/// Staff are known by the session cookie that `POST /api/v1/session` sets.
struct Sessions;

impl Modify for Sessions {
    fn modify(&self, spec: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKeyValue::with_description("sanjiang_session", "登录后由服务器设置 / set by the server at login");
        let components = spec.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme("application_key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let signature = ApiKeyValue::with_description("Signature", "RFC 9421，见 docs/nodes.md / RFC 9421, see docs/nodes.md");
        components.add_security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
        components.add_security_scheme("push_key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// Every operation is registered once, so that what is described is what is served.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(status::status))
        .routes(routes!(board::board))
        .routes(routes!(figure::figures))
        .routes(routes!(figure::figure))
        .routes(routes!(figure::values))
        .routes(routes!(figure::rows))
        .routes(routes!(department::departments))
        .routes(routes!(system::systems))
        .routes(routes!(system::system))
        .routes(routes!(catalog::resources))
        .routes(routes!(catalog::resource))
        .routes(routes!(run::runs))
        .routes(routes!(run::events))
        .routes(routes!(run::run))
        .routes(routes!(run::collect))
        .routes(routes!(schedule::schedule))
        .routes(routes!(push::push))
        .routes(routes!(quarantine::quarantine))
        .routes(routes!(repair::row))
        .routes(routes!(repair::correct))
        .routes(routes!(repair::replace))
        .routes(routes!(repair::export, repair::upload))
        .routes(routes!(repair::corrections))
        .routes(routes!(repair::correction))
        .routes(routes!(repair::undo))
        .routes(routes!(drift::drifts))
        .routes(routes!(drift::drift, drift::decide))
        .routes(routes!(quality::city_quality))
        .routes(routes!(quality::resource_quality))
        .routes(routes!(quality::failing_rows))
        .routes(routes!(edit::row))
        .routes(routes!(edit::edit))
        .routes(routes!(defect::defects, defect::object))
        .routes(routes!(defect::defect, defect::act_on_defect))
        .routes(routes!(message::messages, message::hurry))
        .routes(routes!(log::acts))
        .routes(routes!(log::act))
        .routes(routes!(log::receipt))
        .routes(routes!(share::requests, share::ask))
        .routes(routes!(share::request, share::act_on_request))
        .routes(routes!(share::grants))
        .routes(routes!(share::grant))
        .routes(routes!(share::withdraw))
        .routes(routes!(lending::rows, lending::rows_by_body))
        .routes(routes!(lending::verify))
        .routes(routes!(lending::batch))
        .routes(routes!(lending::subscription, lending::subscribe, lending::unsubscribe))
        .routes(routes!(service::call_service, service::call_service_by_body))
        .routes(routes!(usage::usage))
        .routes(routes!(usage::use_reports, usage::report_use))
        .routes(routes!(lending::receipt))
        .routes(routes!(lending::node))
        .routes(routes!(exchange::inbox))
        .routes(routes!(exchange::offer))
        .routes(routes!(node::nodes))
        .routes(routes!(node::node))
        .routes(routes!(node::call))
        .routes(routes!(node::ask))
        .routes(routes!(node::requests))
        .routes(routes!(node::request, node::act))
        .routes(routes!(node::rows))
        .routes(routes!(node::verify))
        .routes(routes!(node::fetch))
        .routes(routes!(node::file))
        .routes(routes!(open::datasets))
        .routes(routes!(open::dataset))
        .routes(routes!(open::rows))
        .routes(routes!(open::versions))
        .routes(routes!(open::delta))
        .routes(routes!(changes::changes))
        .routes(routes!(me::me))
        .routes(routes!(me::reads))
        .routes(routes!(me::receipt))
        .routes(routes!(me::challenge))
        .routes(routes!(app::applications, app::register))
        .routes(routes!(app::application, app::change, app::end))
        .routes(routes!(app::renew))
        .routes(routes!(app::moderate))
        .routes(routes!(access::own))
        .routes(routes!(access::accesses, access::apply))
        .routes(routes!(access::access, access::leave))
        .routes(routes!(access::decide))
        .routes(routes!(access::withdraw))
        .routes(routes!(voice::open_voices, voice::raise))
        .routes(routes!(voice::support))
        .routes(routes!(voice::own_voices))
        .routes(routes!(voice::voices))
        .routes(routes!(voice::moderate))
        .routes(routes!(voice::answer))
        .routes(routes!(challenge::challenges))
        .routes(routes!(challenge::answer))
        .routes(routes!(application::applications, application::add_application))
        .routes(routes!(application::revoke_application))
        .routes(routes!(gaps::gaps))
        .routes(routes!(grading::grading))
        .routes(routes!(grading::decide_grade))
        .routes(routes!(grading::undo_grade))
        .routes(routes!(model::models))
        .routes(routes!(model::model))
        .routes(routes!(model::lineage))
        .routes(routes!(register::registers))
        .routes(routes!(register::register))
        .routes(routes!(register::entities))
        .routes(routes!(register::entity))
        .routes(routes!(register::changes))
        .routes(routes!(register::resolve))
        .routes(routes!(clerical::doubts))
        .routes(routes!(clerical::pair))
        .routes(routes!(clerical::decisions, clerical::decide))
        .routes(routes!(clerical::undo_decision))
        .routes(routes!(clerical::undo_change))
        .routes(routes!(clerical::conflicts))
        .routes(routes!(history::changes))
        .routes(routes!(history::row))
        .routes(routes!(history::as_of))
        .routes(routes!(sql::tables))
        .routes(routes!(sql::run))
        .routes(routes!(sql::plan))
        .routes(routes!(account::accounts, account::create_account))
        .routes(routes!(account::account))
        .routes(routes!(people::people, people::create))
        .routes(routes!(people::confirm))
        .routes(routes!(account::set_rights))
        .routes(routes!(account::invite))
        .routes(routes!(account::lock))
        .routes(routes!(account::end_sessions))
        .routes(routes!(account::reset_second))
        .routes(routes!(account::emergencies, account::ask_emergency))
        .routes(routes!(account::act_on_emergency))
        .routes(routes!(client::clients, client::register_client))
        .routes(routes!(client::revoke_client))
        .routes(routes!(client::renew_client))
        .routes(routes!(client::renew_client_key))
        .routes(routes!(session::session, session::login, session::logout))
}

static SPEC: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(|| {
    let mut spec = operations().into_openapi();
    for item in spec.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            // Whoever has to log in may have the wrong role.
            let responses = &mut operation.responses.responses;
            if operation.security.is_some()
                && !responses.contains_key("403")
                && let Some(refused) = responses.get("401").cloned()
            {
                responses.insert("403".to_owned(), refused);
            }
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    response.description = meaning(status).to_owned();
                }
            }
        }
    }
    spec
});

/// What a status means here, in both languages.
fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "成功 / Done",
        "202" => "已在后台开始 / Begun in the background",
        "204" => "已完成，没有内容 / Done, nothing to return",
        "400" => "请求有误，见 detail / Something in the request is wrong; see detail",
        "401" => "请先登录 / Log in first",
        "403" => "没有权限，或不是从本站发出的请求 / Not allowed, or not sent from this site",
        "404" => "没有找到 / Not found",
        "413" => "请求内容过大 / The body is too large",
        "415" => "请求内容的类型不对 / The body is not of the type asked for",
        "422" => "与先前发送的内容矛盾，见 detail / It contradicts what was sent before; see detail",
        "502" => "对方系统没有给出可用的应答 / Another system gave no answer that could be used",
        "504" => "对方系统没有及时应答 / Another system did not answer in time",
        "507" => "磁盘已满，没有写入 / The disk is full; nothing was written",
        "503" => "现在忙，请稍后再试 / Busy; try again later",
        _ => "见 detail / See detail",
    }
}

/// The same as it is sent: anybody may ask for it, so it is written once only.
static SPEC_TEXT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(serde_json::to_vec(spec()).unwrap_or_default()));

/// The description, for the page and for tests.
fn spec() -> &'static utoipa::openapi::OpenApi {
    &SPEC
}

pub(crate) fn router() -> Router<App> {
    let (served, _) = operations().split_for_parts();
    served
        .route("/api/v1/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], SPEC_TEXT.clone()) }))
        .route("/api/v1/{*rest}", axum::routing::any(unknown))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(axum::middleware::from_fn(manners))
        .layer(axum::middleware::from_fn(proof::measure))
        .merge(page::router())
}

async fn unknown(visit: Visit) -> Problem {
    Problem::not_found().for_reader(&visit)
}

/// What every answer of the API does: nothing is kept by caches, `OPTIONS` tells the methods,
/// and a wrong method is a problem like any other.
async fn manners(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers().get(header::ALLOW).cloned();
        response = if asked { StatusCode::NO_CONTENT.into_response() } else { Problem::method().into_response() };
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
    response
}
