//! Accounts, for the three officers: one makes them, one gives rights, one looks on; rights for an emergency; the own account.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::account::{self, AccountView, EmergencyView, Invited, NewRights};
use desk::authority::{self, Roles};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::shape::{Grade, Time, Whole, mirror};
use crate::frame::Visit;

mirror!(
    /// `system`, `security` and `audit` exclude each other and all the others.
    Role of authority::Role { System, Security, Audit, Steward, Analyst, Officer } as "snake_case"
);
mirror!(
    /// `asked`: it waits. `active`: it holds now. `lapsed`: nobody decided within a day.
    EmergencyState of account::EmergencyState { Asked, Refused, Active, Over, Lapsed } as "snake_case"
);

fn roles(of: Roles) -> Vec<Role> {
    of.iter().map(Role::from).collect()
}

/// A member of staff, for those who see to accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StaffAccount {
    id: String,
    name: String,
    display: String,
    roles: Vec<Role>,
    department: Option<String>,
    /// The highest grade of other departments' data that it sees unmasked; the city's when null.
    clearance: Option<Grade>,
    created: Time,
    last_login: Option<Time>,
    /// Since when it is locked.
    locked: Option<Time>,
    /// Whether it has a second factor.
    second_factor: bool,
    /// Whether its person has not yet chosen a password.
    invited: bool,
}

impl From<AccountView> for StaffAccount {
    fn from(view: AccountView) -> StaffAccount {
        StaffAccount {
            id: view.id,
            name: view.name,
            display: view.display,
            roles: roles(view.roles),
            department: view.department,
            clearance: view.clearance.map(Grade::from),
            created: view.created.into(),
            last_login: view.last_login.map(Time::from),
            locked: view.locked.map(Time::from),
            second_factor: view.second,
            invited: view.invited,
        }
    }
}

/// 账户 / Accounts
///
/// 三员可见。 For the three officers.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", security(("session" = [])),
    responses((status = 200, body = Whole<StaffAccount>), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn accounts(visit: Visit) -> Answered<Whole<StaffAccount>> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.accounts(who).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(StaffAccount::from).collect() }))
}

/// 一个账户 / One account
///
/// 三员可见。 For the three officers.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", operation_id = "account", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 200, body = StaffAccount), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn account(visit: Visit, Path(id): Path<String>) -> Answered<StaffAccount> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.account(who, &id).await.told(&visit)?.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewAccount {
    /// User name.
    #[schema(max_length = 40)]
    name: String,
    /// As shown to others.
    #[serde(default)]
    #[schema(max_length = 40)]
    display: String,
    /// Who the person is (`sub`) at the identity provider that the city declares; empty for nobody.
    #[serde(default)]
    #[schema(max_length = 255)]
    identity: String,
}

/// A link with which a person chooses a password, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invitation {
    account: String,
    link: String,
    expires: Time,
}

impl Invitation {
    pub(super) fn of(visit: &Visit, invited: Invited) -> Invitation {
        Invitation { account: invited.account, link: format!("{}/setup?token={}", visit.origin(), invited.token), expires: invited.expires.into() }
    }
}

/// 新建账户 / Make an account
///
/// 系统管理员。新账户没有权限；链接只在此返回一次。 System officer. It has no rights; the link is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", security(("session" = [])), request_body = NewAccount,
    responses((status = 200, body = Invitation), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn create_account(visit: Visit, body: Result<Body<NewAccount>, Problem>) -> Answered<Invitation> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(new) = body.told(&visit)?;
    let invited = visit.app.desk.create_account_of(who, &new.name, &new.display, &new.identity, visit.now).await.told(&visit)?;
    Ok(Json(Invitation::of(&visit, invited)))
}

/// What an account is to be allowed; what is not given is taken back.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Rights {
    #[schema(max_items = 6)]
    roles: Vec<Role>,
    #[serde(default)]
    #[schema(max_length = 200)]
    department: Option<String>,
    #[serde(default)]
    clearance: Option<Grade>,
}

/// 授予权限 / Give rights
///
/// 安全管理员。该账户的会话随即结束。 Security officer. The account's sessions end.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/rights", tag = "accounts", security(("session" = [])), request_body = Rights,
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn set_rights(visit: Visit, Path(id): Path<String>, body: Result<Body<Rights>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(rights) = body.told(&visit)?;
    let rights = NewRights {
        roles: rights.roles.into_iter().map(authority::Role::from).collect(),
        department: rights.department,
        clearance: rights.clearance.map(Into::into),
    };
    visit.app.desk.set_rights(who, &id, rights).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 发放新的密码链接 / Another link
///
/// 系统管理员。以前的链接作废。 System officer. Earlier links stop working.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/invitation", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 200, body = Invitation), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn invite(visit: Visit, Path(id): Path<String>) -> Answered<Invitation> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let invited = visit.app.desk.invite_again(who, &id, visit.now).await.told(&visit)?;
    Ok(Json(Invitation::of(&visit, invited)))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Lock {
    locked: bool,
}

/// 停用或启用账户 / Lock or unlock an account
///
/// 系统管理员。 System officer.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/lock", tag = "accounts", security(("session" = [])), request_body = Lock,
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn lock(visit: Visit, Path(id): Path<String>, body: Result<Body<Lock>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(lock) = body.told(&visit)?;
    visit.app.desk.lock_account(who, &id, lock.locked, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 结束全部会话 / End all sessions
///
/// 系统或安全管理员。 System or security officer.
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/sessions", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn end_sessions(visit: Visit, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.end_sessions(who, &id).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 重置动态口令 / Take the second factor away
///
/// 安全管理员。 Security officer.
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/second-factor", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "账户编号 / id of the account", max_length = 200)),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn reset_second(visit: Visit, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.reset_second(who, &id).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rights asked for in an emergency, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Emergency {
    id: String,
    account: String,
    display: String,
    reason: String,
    hours: u64,
    asked: Time,
    state: EmergencyState,
    /// Who decided.
    decider: Option<String>,
    decided: Option<Time>,
    until: Option<Time>,
}

impl From<EmergencyView> for Emergency {
    fn from(view: EmergencyView) -> Emergency {
        Emergency {
            id: view.id,
            account: view.account,
            display: view.display,
            reason: view.reason,
            hours: view.hours,
            asked: view.asked.into(),
            state: view.state.into(),
            decider: view.decider,
            decided: view.decided.map(Time::from),
            until: view.until.map(Time::from),
        }
    }
}

/// 应急授权 / Rights of an emergency
///
/// 本人的；三员可见全部。 The own; the three officers see all.
#[utoipa::path(get, path = "/api/v1/emergencies", tag = "accounts", security(("session" = [])),
    responses((status = 200, body = Whole<Emergency>), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn emergencies(visit: Visit) -> Answered<Whole<Emergency>> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.emergencies(who, visit.now).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(Emergency::from).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Asked {
    #[schema(max_length = 500)]
    reason: String,
    #[schema(minimum = 1, maximum = 4)]
    hours: u64,
}

/// 申请应急授权 / Ask for rights of an emergency
///
/// 由安全管理员审批。 The security officer decides.
#[utoipa::path(post, path = "/api/v1/emergencies", tag = "accounts", security(("session" = [])), request_body = Asked,
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn ask_emergency(visit: Visit, body: Result<Body<Asked>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(asked) = body.told(&visit)?;
    visit.app.desk.ask_emergency(who, &asked.reason, asked.hours, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is done about a request.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Doing {
    Approve,
    Refuse,
    /// Before its time.
    End,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Done {
    act: Doing,
}

/// 审批或结束应急授权 / Decide about rights of an emergency, or end them
///
/// 审批：安全管理员。结束：三员和本人。 Deciding: security officer. Ending: the three officers, and whoever has them.
#[utoipa::path(post, path = "/api/v1/emergencies/{id}", tag = "accounts", security(("session" = [])), request_body = Done,
    params(("id" = String, Path, description = "申请编号 / id of the request", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn act_on_emergency(visit: Visit, Path(id): Path<String>, body: Result<Body<Done>, Problem>) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(done) = body.told(&visit)?;
    let desk = &visit.app.desk;
    match done.act {
        Doing::Approve => desk.decide_emergency(who, &id, true, visit.now).await,
        Doing::Refuse => desk.decide_emergency(who, &id, false, visit.now).await,
        Doing::End => desk.end_emergency(who, &id, visit.now).await,
    }
    .told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
