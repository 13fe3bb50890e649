//! `/api/3/action/…`: CKAN's Action API, for the world's clients of open data.

mod asked;
mod data;
mod group;
mod package;
mod told;
mod write;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use desk::view::Account;
use serde_json::{Value, json};

use crate::app::App;
use crate::frame::Visit;
use crate::link;
use asked::Asked;
use told::{Refused, Told};

/// Bytes of what is sent.
const BODY_MAX: usize = 5 << 20;
/// What we are like: clients drop options for versions that they cannot read.
const VERSION: &str = "2.11.0";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/api/action/{name}", any(act))
        .route("/api/3/action/{name}", any(act))
        .route("/api/3", get(|| async { axum::Json(json!({ "version": 3 })) }))
        .route("/dataset/{name}", get(|Path(name): Path<String>| async move { Redirect::to(&link::dataset(&name)) }))
        .route("/datastore/dump/{id}", get(data::dump))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(axum::middleware::map_response(crate::ogc::open_to_all))
}

/// One call, with all that acts need.
struct Call<'v> {
    visit: &'v Visit,
    asked: Asked,
    /// Whose token was sent.
    who: Option<Account>,
}

impl Call<'_> {
    fn who(&self) -> Result<&Account, Refused> {
        self.who.as_ref().ok_or_else(|| Refused::NotAuthorized("Access denied: log in, and send the session's token as Authorization".to_owned()))
    }
}

async fn act(State(_): State<App>, Path(name): Path<String>, visit: Visit, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let get = method == Method::GET || method == Method::HEAD;
    let asked = match Asked::read(&visit, &headers, if get { &[] } else { &body }) {
        Ok(asked) => asked,
        Err(refused) => return told::answer(&visit, &name, None, Err(refused)),
    };
    // Whoever wants a script gets what is public: scripts are run with the reader's cookies by pages of others.
    let callback = if get { asked.text("callback").filter(|name| told::is_callback(name)).map(str::to_owned) } else { None };
    let who = if callback.is_some() { None } else { caller(&visit, &headers).await };
    let done = run(&name, &Call { visit: &visit, asked, who }, get).await;
    told::answer(&visit, &name, callback, done)
}

/// Whose token stands in `Authorization` or `X-CKAN-API-Key`: that of a session, which ends and can be ended.
async fn caller(visit: &Visit, headers: &HeaderMap) -> Option<Account> {
    let told = [header::AUTHORIZATION.as_str(), "x-ckan-api-key"].into_iter().find_map(|name| headers.get(name)?.to_str().ok());
    let token = told?.trim_start_matches("Bearer ").trim();
    if token.is_empty() || token.len() > 200 {
        return None;
    }
    visit.app.desk.session(token, visit.now).await.ok().flatten()
}

async fn run(name: &str, call: &Call<'_>, get: bool) -> Told {
    match name {
        "status_show" => Ok(status(call)),
        "help_show" => Ok(json!(format!("{}: see https://docs.ckan.org/en/2.11/api/", call.asked.text("name").unwrap_or_default()))),
        "site_read" => Ok(json!(true)),
        "package_list" => package::list(call).await,
        "package_search" => package::search(call).await,
        "package_show" => package::show(call).await,
        "package_autocomplete" => package::autocomplete(call).await,
        "current_package_list_with_resources" => package::current(call).await,
        "resource_show" => package::resource(call).await,
        "resource_search" => package::resources(call).await,
        "tag_list" | "tag_search" | "tag_autocomplete" | "tag_show" => package::tags(name, call).await,
        "license_list" => Ok(licences(call)),
        "organization_list" | "organization_autocomplete" | "organization_show" | "group_list" | "group_autocomplete" | "group_show" | "organization_list_for_user"
        | "group_list_authz" => group::read(name, call).await,
        "user_list" | "vocabulary_list" | "package_activity_list" | "recently_changed_packages_activity_list" | "organization_activity_list" | "group_activity_list"
        | "package_relationships_list" | "member_list" | "package_collaborator_list" => Ok(json!([])),
        "resource_view_list" => package::resource(call).await.map(|_| json!([])),
        "user_show" => user(call),
        "vocabulary_show" => Err(Refused::NotFound("Vocabulary not found".to_owned())),
        "datastore_search" => data::search(call).await,
        "datastore_search_sql" => data::sql(call).await,
        "datastore_info" => data::info(call).await,
        _ if write::ACTS.contains(&name) && get => Err(Refused::Bad("Bad request - Access not allowed: use POST method for your request".to_owned())),
        _ if write::ACTS.contains(&name) => write::write(name, call).await,
        "datastore_create" | "datastore_upsert" | "datastore_delete" | "user_create" | "user_update" | "user_delete" | "user_patch" => {
            call.who()?;
            Err(Refused::NotAuthorized("Tables come from what departments deliver, and accounts from the city's officers: neither is changed through this API".to_owned()))
        }
        _ => Err(Refused::Bad(format!("Bad request - Action name not known: {name}"))),
    }
}

fn status(call: &Call<'_>) -> Value {
    let f = call.visit.say();
    let city = call.visit.app.desk.city();
    json!({ "ckan_version": VERSION, "site_title": f.pair(&city.info.title, &city.info.title_en), "site_description": f.pair(&city.info.summary, &city.info.summary_en),
        "site_url": call.visit.origin(), "locale_default": "zh_Hans_CN", "error_emails_to": null, "extensions": ["datastore"] })
}

fn licences(call: &Call<'_>) -> Value {
    let all = ::data::open::LICENCES.iter();
    all.map(|one| opendata::ckan::licence(one.id, one.title().get(call.visit.lang), one.url)).collect()
}

fn user(call: &Call<'_>) -> Told {
    let who = call.who()?;
    let asked = call.asked.text("id").unwrap_or(who.name.as_str());
    if asked != who.name && asked != who.id {
        return Err(Refused::NotFound("User not found".to_owned()));
    }
    Ok(json!({ "id": who.id, "name": who.name, "display_name": who.display, "fullname": who.display, "state": "active", "sysadmin": false, "number_created_packages": 0,
        "created": "2020-01-01T00:00:00.000000", "about": null, "email_hash": "", "activity_streams_email_notifications": false }))
}

/// A page that a client is sent to in place of an answer.
pub(super) fn to(address: &str) -> Response {
    Redirect::to(address).into_response()
}
