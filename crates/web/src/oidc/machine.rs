//! What applications' servers ask: how we are reached, our keys, tokens for codes, and who somebody is. No cookie counts here,
//! so that any site's script may ask, too.

use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use data::oidc::Scope;
use desk::DeskError;
use desk::oidc::{Credentials, TOKEN_ALGORITHM, TokenRefused};
use kernel::Text;
use serde_json::{Value, json};

use crate::app::App;

/// Longest form, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// Seconds for which our keys and our description may be kept.
const KEPT: &str = "public, max-age=300";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/oidc/jwks", get(keys))
        .route("/oidc/token", post(token).options(preflight))
        .route("/oidc/userinfo", get(userinfo).post(userinfo).options(preflight))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(axum::middleware::from_fn(open))
}

/// Scripts of other sites may read what is answered.
async fn open(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn preflight() -> Response {
    let headers = [(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"), (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"), (header::ACCESS_CONTROL_MAX_AGE, "600")];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// OpenID Connect Discovery 1.0.
async fn configuration(State(app): State<App>) -> Response {
    let Some(issuer) = app.desk.address() else {
        let text = Text::new("本平台没有对外地址：请用 --public-url 启动", "this site has no address of its own: start it with --public-url");
        return refused(StatusCode::NOT_FOUND, "not_found", &text);
    };
    let at = |path: &str| format!("{issuer}{path}");
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oidc/authorize"),
        "token_endpoint": at("/oidc/token"),
        "userinfo_endpoint": at("/oidc/userinfo"),
        "jwks_uri": at("/oidc/jwks"),
        "end_session_endpoint": at("/oidc/logout"),
        "scopes_supported": Scope::ALL.map(Scope::word),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [TOKEN_ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "name", "preferred_username", "department", "department_name", "roles"],
        "prompt_values_supported": ["none", "login", "consent"],
        "ui_locales_supported": ["zh-CN", "en"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    });
    ([(header::CACHE_CONTROL, KEPT)], Json(body)).into_response()
}

async fn keys(State(app): State<App>) -> Response {
    match app.desk.oidc_keys(app.now()) {
        Ok(keys) => ([(header::CACHE_CONTROL, KEPT)], Json(keys)).into_response(),
        Err(error) => failed(&app, error),
    }
}

async fn token(State(app): State<App>, headers: HeaderMap, form: Result<Form<Vec<(String, String)>>, FormRejection>) -> Response {
    let Ok(Form(fields)) = form else {
        let text = Text::new("须以表单发送，不超过 16 KB", "send a form of at most 16 KB");
        return refused(StatusCode::BAD_REQUEST, "invalid_request", &text);
    };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match app.desk.oidc_tokens(Credentials { authorization }, &fields, app.now()).await {
        Ok(tokens) => ([(header::PRAGMA, "no-cache")], Json(tokens)).into_response(),
        Err(TokenRefused::Said("invalid_client", text)) => {
            let mut response = refused(StatusCode::UNAUTHORIZED, "invalid_client", &text);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"sanjiang\""));
            response
        }
        Err(TokenRefused::Said(error, text)) => refused(StatusCode::BAD_REQUEST, error, &text),
        Err(TokenRefused::TooMany(seconds)) => {
            let text = Text::new("调用过于频繁，请稍后再试", "too many calls, try again later");
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "slow_down", &text);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Err(TokenRefused::Desk(error)) => failed(&app, error),
    }
}

async fn userinfo(State(app): State<App>, headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    let found: Result<Value, DeskError> = match bearer {
        Some((_, token)) if token.len() <= 200 => app.desk.userinfo(token.trim(), app.now()).await,
        _ => Err(DeskError::LoginRequired),
    };
    match found {
        Ok(claims) => Json(claims).into_response(),
        Err(DeskError::LoginRequired) => {
            let text = Text::new("令牌无效或已过期", "the token is unknown or has expired");
            let mut response = refused(StatusCode::UNAUTHORIZED, "invalid_token", &text);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"sanjiang\", error=\"invalid_token\""));
            response
        }
        Err(error) => failed(&app, error),
    }
}

/// A refusal in the words of RFC 6749, whose description has no other letters than those of English.
fn refused(status: StatusCode, error: &str, text: &Text) -> Response {
    (status, Json(json!({ "error": error, "error_description": text.en, "error_description_zh": text.zh }))).into_response()
}

/// What is our fault, or passes.
fn failed(app: &App, error: DeskError) -> Response {
    match error {
        DeskError::Busy(text) | DeskError::Full(text) => refused(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", &text),
        error => {
            let id = app.incident(app.now());
            tracing::error!(incident = %id, cause = %error, "a token was not given");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &Text::new(format!("内部错误 {id}"), format!("internal error {id}")))
        }
    }
}
