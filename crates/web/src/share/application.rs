//! `/applications`: the programs of departments that read under grants. A key is shown once, on the page that answers the form.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::share::ApplicationView;
use kernel::Text;

use super::Fields;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

pub(super) fn router() -> Router<App> {
    Router::new().route("/applications", get(list).post(issue)).route("/applications/{id}/revoke", post(revoke))
}

/// A key that was just made.
pub(crate) struct Issued {
    pub name: String,
    /// The key; or the `keyid` of one that signs.
    pub key: String,
    pub signs: bool,
}

#[derive(Template)]
#[template(path = "share/applications.html")]
pub(crate) struct ApplicationsPage {
    pub f: Frame,
    pub applications: Vec<ApplicationView>,
    /// Those that the reader may register one for: id and title.
    pub departments: Vec<(String, String)>,
    pub issued: Option<Issued>,
    pub done: String,
    /// What was entered, and what was wrong with it.
    pub sent: Option<(Fields, Text)>,
}

impl ApplicationsPage {
    fn entered(&self, name: &str) -> &str {
        self.sent.as_ref().map_or("", |(fields, _)| fields.get(name))
    }

    fn chosen(&self, department: &str) -> bool {
        self.entered("department") == department
    }

    fn may_revoke(&self, application: &ApplicationView) -> bool {
        application.revoked.is_none() && self.f.may_for("application.revoke", &application.department.id)
    }

    fn path(&self, application: &ApplicationView) -> String {
        format!("/applications/{}/revoke", link::encode(&application.id))
    }
}

impl Say {
    pub(super) fn application_badge(&self, application: &ApplicationView) -> Html {
        match application.revoked {
            Some(_) => self.badge("none", &self.t("application-revoked")),
            None => self.badge("good", &self.t("account-active")),
        }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None, None).await)
}

async fn page(visit: &Visit, issued: Option<Issued>, sent: Option<(Fields, Text)>) -> Answered<ApplicationsPage> {
    let who = visit.staff()?;
    let applications = visit.app.desk.applications(who).await?;
    let f = visit.frame(Place::Share, |say| say.t("applications-title"));
    let city = visit.app.desk.city();
    let open = city.departments.values().filter(|one| who.may_for("application.issue", Some(&one.id)));
    let departments = open.map(|one| (one.id.clone(), f.pair(&one.title, &one.title_en).to_owned())).collect();
    Ok(ApplicationsPage { f, applications, departments, issued, done: visit.parameter("done").to_owned(), sent })
}

async fn issue(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        let (desk, department, name) = (&visit.app.desk, fields.get("department"), fields.get("name"));
        match fields.chosen("public_key") {
            Some(jwk) => desk.add_signing_application(who, department, name, &jwk, visit.now).await.map(|keyid| Issued { name: name.to_owned(), key: keyid, signs: true }),
            None => desk.add_application(who, department, name, visit.now).await.map(|key| Issued { name: name.to_owned(), key, signs: false }),
        }
        .map_err(Refusal::from)
    };
    match done.await {
        // The key is in this answer and nowhere else; no cache keeps what is answered to staff.
        Ok(issued) => visit.answer(page(&visit, Some(issued), None).await),
        Err(refusal) => visit.again(refusal, |text| page(&visit, None, Some((fields, text)))).await,
    }
}

async fn revoke(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.revoke_application(who, &id, visit.now).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/applications?done=revoke").into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, None, Some((Fields::default(), text)))).await,
    }
}
