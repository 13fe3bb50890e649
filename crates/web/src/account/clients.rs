//! `/clients`: the applications that log people in with us, for the system officer. A secret is shown once, on the page that
//! answers the form.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use data::oidc::Scope;
use desk::DeskError;
use desk::oidc::{ClientView, Issued, NewClient};
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

pub(super) fn router() -> Router<App> {
    Router::new().route("/clients", get(list).post(register)).route("/clients/{id}", axum::routing::post(act))
}

#[derive(Template)]
#[template(path = "account/clients.html")]
pub(crate) struct ClientsPage {
    pub f: Frame,
    pub clients: Vec<ClientView>,
    /// How this site calls itself to applications; `None` where it does not know.
    pub issuer: Option<String>,
    /// What was just given to an application.
    pub issued: Option<Issued>,
    pub done: String,
    /// What was entered, and what was wrong with it.
    pub sent: Option<(Register, Text)>,
}

impl ClientsPage {
    fn entered(&self) -> Register {
        self.sent.as_ref().map(|(form, _)| form.clone()).unwrap_or_default()
    }

    fn path(&self, client: &ClientView) -> String {
        format!("/clients/{}", link::encode(&client.id))
    }

    /// Words of scopes, in short.
    fn scopes(&self, client: &ClientView) -> String {
        data::oidc::words(&client.scopes)
    }

    /// What may be asked besides who somebody is: (word, what it is, ticked).
    fn choices(&self) -> Vec<(&'static str, String, bool)> {
        let entered = self.entered();
        let ticked = |scope: Scope| entered.chosen().contains(&scope);
        [Scope::Profile, Scope::Sanjiang, Scope::OfflineAccess].into_iter().map(|scope| (scope.word(), self.f.text(&scope.title()).to_owned(), ticked(scope))).collect()
    }
}

impl Say {
    pub(super) fn client_badge(&self, client: &ClientView) -> Html {
        match client.revoked {
            Some(_) => self.badge("none", &self.t("client-revoked")),
            None => self.badge("good", &self.t("account-active")),
        }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None, None).await)
}

async fn page(visit: &Visit, issued: Option<Issued>, sent: Option<(Register, Text)>) -> Answered<ClientsPage> {
    let clients = visit.app.desk.clients(visit.staff()?).await?;
    let f = visit.frame(Place::Accounts, |say| say.t("clients-title"));
    Ok(ClientsPage { f, clients, issuer: visit.app.desk.address(), issued, done: visit.parameter("done").to_owned(), sent })
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Register {
    #[serde(default)]
    pub csrf: String,
    #[serde(default)]
    pub name: String,
    /// One address a line.
    #[serde(default)]
    pub redirects: String,
    #[serde(default)]
    pub logouts: String,
    pub public: Option<String>,
    pub profile: Option<String>,
    pub sanjiang: Option<String>,
    pub offline_access: Option<String>,
}

impl Register {
    fn chosen(&self) -> Vec<Scope> {
        let boxes = [(&self.profile, Scope::Profile), (&self.sanjiang, Scope::Sanjiang), (&self.offline_access, Scope::OfflineAccess)];
        boxes.into_iter().filter(|(ticked, _)| ticked.is_some()).map(|(_, scope)| scope).collect()
    }

    fn new(&self) -> NewClient {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        NewClient { name: self.name.clone(), redirects: lines(&self.redirects), logouts: lines(&self.logouts), scopes: self.chosen(), public: self.public.is_some() }
    }
}

async fn register(Sent(visit, form): Sent<Register>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        Ok(visit.app.desk.register_client(who, form.new(), visit.now).await?)
    };
    match done.await {
        // The secret is in this answer and nowhere else; no cache keeps what is answered to staff.
        Ok(issued) => visit.answer(page(&visit, Some(issued), None).await),
        Err(refusal) => visit.again(refusal, |text| page(&visit, None, Some((form, text)))).await,
    }
}

#[derive(Deserialize)]
struct Act {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
}

async fn act(Path(id): Path<String>, Sent(visit, form): Sent<Act>) -> Response {
    match acted(&visit, &id, &form).await {
        Ok(Some(issued)) => visit.answer(page(&visit, Some(issued), None).await),
        Ok(None) => Redirect::to("/clients?done=1").into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, None, Some((Register::default(), text)))).await,
    }
}

async fn acted(visit: &Visit, id: &str, form: &Act) -> Answered<Option<Issued>> {
    let (who, desk) = (visit.staff_form(&form.csrf)?, &visit.app.desk);
    match form.act.as_str() {
        "secret" => return Ok(Some(desk.renew_client(who, id).await?)),
        "revoke" => desk.revoke_client(who, id, visit.now).await?,
        "key" => desk.renew_oidc_key(who, visit.now).await?,
        _ => return Err(DeskError::Invalid(Text::new("没有这样的操作。", "There is no such act.")).into()),
    }
    Ok(None)
}
