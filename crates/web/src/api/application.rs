//! Applications of departments: programs that read under their grants, known by their keys.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use desk::share::ApplicationView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::shape::{Time, Whole};
use super::share::Titled;
use crate::frame::Visit;

/// An application of a department.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Application {
    id: String,
    department: Titled,
    name: String,
    /// `keyid` of its signatures, where it signs its requests.
    keyid: Option<String>,
    created: Time,
    used: Option<Time>,
    revoked: Option<Time>,
}

impl From<ApplicationView> for Application {
    fn from(view: ApplicationView) -> Application {
        Application {
            id: view.id,
            department: view.department.into(),
            name: view.name,
            keyid: view.signs.map(|key| key.kid),
            created: view.created.into(),
            used: view.used.map(Time::from),
            revoked: view.revoked.map(Time::from),
        }
    }
}

/// 应用 / Applications
#[utoipa::path(get, path = "/api/v1/applications", tag = "share", security(("session" = [])),
    responses((status = 200, body = Whole<Application>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn applications(visit: Visit) -> Answered<Whole<Application>> {
    let who = visit.staff().told(&visit)?;
    let entries = visit.app.desk.applications(who).await.told(&visit)?.into_iter().map(Application::from).collect();
    Ok(Json(Whole { entries }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewApplication {
    #[schema(max_length = 200)]
    department: String,
    #[schema(max_length = 100)]
    name: String,
    /// An Ed25519 public key as a JSON Web Key, where the application signs its requests (RFC 9421) in place of sending a key.
    #[schema(value_type = Option<Object>)]
    public_key: Option<serde_json::Value>,
}

/// The key, which is shown this once; of an application that signs, the `keyid` of its signatures.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssuedKey {
    key: Option<String>,
    keyid: Option<String>,
}

/// 登记应用 / Register an application
///
/// 密钥只给出这一次。 Its key is told this once.
#[utoipa::path(post, path = "/api/v1/applications", operation_id = "add_application", tag = "share", security(("session" = [])), request_body = NewApplication,
    responses((status = 200, body = IssuedKey), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn add_application(visit: Visit, body: Result<Body<NewApplication>, Problem>) -> Answered<IssuedKey> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(new) = body.told(&visit)?;
    let desk = &visit.app.desk;
    Ok(Json(match new.public_key {
        Some(jwk) => IssuedKey { key: None, keyid: Some(desk.add_signing_application(who, &new.department, &new.name, &jwk.to_string(), visit.now).await.told(&visit)?) },
        None => IssuedKey { key: Some(desk.add_application(who, &new.department, &new.name, visit.now).await.told(&visit)?), keyid: None },
    }))
}

/// 吊销密钥 / Revoke an application's key
#[utoipa::path(delete, path = "/api/v1/applications/{id}", operation_id = "revoke_application", tag = "share", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 204), (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn revoke_application(Path(id): Path<String>, visit: Visit) -> Result<StatusCode, Problem> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    visit.app.desk.revoke_application(who, &id, visit.now).await.told(&visit)?;
    Ok(StatusCode::NO_CONTENT)
}
