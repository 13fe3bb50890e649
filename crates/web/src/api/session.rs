//! Login and logout by machines: the same session cookie that the login page sets.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use crate::frame::{Visit, clear_cookie, session_cookie};

#[derive(Deserialize, ToSchema)]
pub(super) struct Login {
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_length = 200, format = Password)]
    password: String,
    /// 动态口令，账户绑定了才需要 / Code of the second factor, where the account has one.
    #[serde(default)]
    #[schema(max_length = 10, pattern = "^[0-9 ]*$")]
    code: String,
}

/// The member of staff who is now logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Account {
    id: String,
    name: String,
    /// As shown to others.
    display: String,
    /// `steward`, `analyst`; see the table of authority.
    roles: Vec<&'static str>,
    department: Option<String>,
    /// Whether the second factor was given.
    second_factor: bool,
}

/// 当前会话 / The session
///
/// 登录的是谁、有哪些角色。 Who is logged in, with which roles.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", security(("session" = [])),
    responses((status = 200, body = Account), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn session(visit: Visit) -> Answered<Account> {
    Ok(Json(Account::from(visit.staff().told(&visit)?.clone())))
}

/// 登录 / Log in
///
/// 成功后设置会话 Cookie（12 小时，使用时顺延）。 Sets the session cookie (12 hours, sliding).
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = Login,
    responses((status = 200, body = Account, headers(("Set-Cookie" = String))),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn login(visit: Visit, body: Result<Body<Login>, Problem>) -> Result<Response, Problem> {
    visit.from_our_page().told(&visit)?;
    let Body(login) = body.told(&visit)?;
    let desk = &visit.app.desk;
    let token = desk.login(desk::account::Login { name: &login.name, password: &login.password, code: &login.code, agent: visit.agent() }, visit.now).await.told(&visit)?;
    let account = desk.session(&token, visit.now).await.told(&visit)?.ok_or(DeskError::LoginRequired).told(&visit)?;
    let cookie = session_cookie(&token, visit.secure()).ok_or(DeskError::Internal("a token unfit for a cookie".into())).told(&visit)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(Account::from(account))).into_response())
}

/// 退出 / Log out
///
/// 服务器端立即失效。 Ends the session on the server at once.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn logout(visit: Visit) -> Result<(StatusCode, [(header::HeaderName, HeaderValue); 1]), Problem> {
    visit.from_our_page().told(&visit)?;
    if let Some(token) = &visit.token {
        visit.app.desk.logout(token).await.told(&visit)?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, clear_cookie())]))
}

impl From<desk::view::Account> for Account {
    fn from(account: desk::view::Account) -> Account {
        Account {
            roles: account.roles.iter().map(desk::authority::Role::word).collect(),
            id: account.id,
            name: account.name,
            display: account.display,
            department: account.department,
            second_factor: account.second,
        }
    }
}
