//! Applications that log people in with us (OpenID Connect), for the system officer. How they do it, they read at
//! `/.well-known/openid-configuration`.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::oidc::{self, ClientView, NewClient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::shape::{Time, Whole, mirror};
use crate::frame::Visit;

mirror!(
    /// `openid`: an opaque name of the person. `profile`: the user name and the name. `sanjiang`: department and roles.
    /// `offline_access`: refresh tokens.
    LoginScope of data::oidc::Scope { Openid, Profile, Sanjiang, OfflineAccess } as "snake_case"
);

/// An application that logs people in with us.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginClient {
    /// Its `client_id`.
    id: String,
    name: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    scopes: Vec<LoginScope>,
    /// It can keep no secret.
    public: bool,
    created: Time,
    revoked: Option<Time>,
}

impl From<ClientView> for LoginClient {
    fn from(view: ClientView) -> LoginClient {
        LoginClient {
            id: view.id,
            name: view.name,
            redirect_uris: view.redirects,
            post_logout_redirect_uris: view.logouts,
            scopes: view.scopes.into_iter().map(LoginScope::from).collect(),
            public: view.public,
            created: view.created.into(),
            revoked: view.revoked.map(Time::from),
        }
    }
}

/// 登录应用 / Login applications
///
/// 系统管理员可见。 For the system officer.
#[utoipa::path(get, path = "/api/v1/clients", tag = "accounts", security(("session" = [])),
    responses((status = 200, body = Whole<LoginClient>), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn clients(visit: Visit) -> Answered<Whole<LoginClient>> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.clients(who).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(LoginClient::from).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewLoginClient {
    #[schema(max_length = 100)]
    name: String,
    /// Where a browser may be sent back to after a login: compared sign by sign.
    #[schema(max_items = 20)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 20)]
    post_logout_redirect_uris: Vec<String>,
    /// What it may ask; `openid` is always among it.
    #[serde(default)]
    #[schema(max_items = 4)]
    scopes: Vec<LoginScope>,
    #[serde(default)]
    public: bool,
}

/// What the application is known by. The secret is told this once; there is none where it can keep none.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginCredentials {
    client_id: String,
    client_secret: Option<String>,
}

impl From<oidc::Issued> for LoginCredentials {
    fn from(issued: oidc::Issued) -> LoginCredentials {
        LoginCredentials { client_id: issued.id, client_secret: issued.secret }
    }
}

/// 登记登录应用 / Register a login application
///
/// 系统管理员。密钥只给出这一次。 System officer. Its secret is told this once.
#[utoipa::path(post, path = "/api/v1/clients", operation_id = "register_client", tag = "accounts", security(("session" = [])), request_body = NewLoginClient,
    responses((status = 200, body = LoginCredentials), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn register_client(visit: Visit, body: Result<Body<NewLoginClient>, Problem>) -> Answered<LoginCredentials> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(new) = body.told(&visit)?;
    let new = NewClient {
        name: new.name,
        redirects: new.redirect_uris,
        logouts: new.post_logout_redirect_uris,
        scopes: new.scopes.into_iter().map(Into::into).collect(),
        public: new.public,
    };
    Ok(Json(visit.app.desk.register_client(who, new, visit.now).await.told(&visit)?.into()))
}

/// 停用登录应用 / Revoke a login application
///
/// 系统管理员。立即生效，已签发的令牌全部作废。 System officer. At once, with all tokens that it was given.
#[utoipa::path(delete, path = "/api/v1/clients/{id}", operation_id = "revoke_client", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "client_id", max_length = 200)),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn revoke_client(Path(id): Path<String>, visit: Visit) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.revoke_client(who, &id, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 更换登录应用的密钥 / Another secret for a login application
///
/// 系统管理员。新密钥只给出这一次，旧的立即失效。 System officer. The new one is told this once, the old one is good no more.
#[utoipa::path(post, path = "/api/v1/clients/{id}/secret", operation_id = "renew_client", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "client_id", max_length = 200)),
    responses((status = 200, body = LoginCredentials), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn renew_client(Path(id): Path<String>, visit: Visit) -> Answered<LoginCredentials> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    Ok(Json(visit.app.desk.renew_client(who, &id).await.told(&visit)?.into()))
}

/// 更换登录签名密钥 / Another key for ID tokens
///
/// 系统管理员。旧公钥再公布一天。 System officer. The old one is published for a day more.
#[utoipa::path(post, path = "/api/v1/clients/key", operation_id = "renew_client_key", tag = "accounts", security(("session" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn renew_client_key(visit: Visit) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.renew_oidc_key(who, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
