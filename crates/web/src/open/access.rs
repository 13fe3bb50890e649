//! `/open/access`: restricted data: applied for on the dataset's own page, decided by its department, asked for in a query area.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::open::AccessState;
use desk::DeskError;
use desk::open::{AccessTerms, AccessUse, AccessView, Applying, Kind, OpenCaller, OpenColumn, OpenRows};
use desk::view::Page;
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;
use crate::say::Say;
use crate::share::Fields;

const SIZE: u64 = 20;
/// Rows that the query area shows.
const ROWS: u64 = 100;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/open/datasets/{id}/apply", get(form).post(apply))
        .route("/open/access", get(list))
        .route("/open/access/{id}", get(show))
        .route("/open/access/{id}/query", post(query))
        .route("/open/access/{id}/{act}", post(act))
}

impl Say {
    pub(crate) fn access_badge(&self, access: &AccessView) -> Html {
        match access.state {
            AccessState::Waiting if access.late => self.badge("late", &self.t("voice-late")),
            AccessState::Waiting => self.badge("calm", self.text(&access.state.title())),
            AccessState::Granted if access.holds => self.badge("good", self.text(&access.state.title())),
            AccessState::Granted => self.badge("none", &self.t("access-over")),
            AccessState::Refused => self.badge("wrong", self.text(&access.state.title())),
            AccessState::Ended => self.badge("none", self.text(&access.state.title())),
        }
    }
}

#[derive(Template)]
#[template(path = "open/apply.html")]
pub(crate) struct ApplyPage {
    pub f: Frame,
    /// The dataset: id and title.
    pub dataset: (String, Text),
    pub terms: AccessTerms,
    /// What became of the reader's newest application for it.
    pub before: Option<AccessView>,
    pub applying: Applying,
    pub refused: Option<Text>,
}

impl ApplyPage {
    /// Whether there is something to wait for, or to use already.
    fn is_under_way(&self) -> bool {
        self.before.as_ref().is_some_and(|one| one.holds || one.state == AccessState::Waiting)
    }
}

async fn form(State(_): State<App>, Path(id): Path<String>, visit: Visit) -> Response {
    visit.answer(applying(&visit, Applying { dataset: id, ..Applying::default() }, None).await)
}

async fn applying(visit: &Visit, applying: Applying, refused: Option<Text>) -> Answered<ApplyPage> {
    let desk = &visit.app.desk;
    let detail = desk.open_dataset(&applying.dataset, visit.now).await?;
    let terms = desk.access_terms(&applying.dataset, visit.now).await?.ok_or(Refusal::Desk(DeskError::NotFound))?;
    let before = match &visit.account {
        Some(who) => desk.access_to(who, &applying.dataset, visit.now).await?,
        None => None,
    };
    let f = visit.frame(Place::Open, |say| say.t("access-apply"));
    Ok(ApplyPage { f, dataset: (detail.view.id, detail.view.title), terms, before, applying, refused })
}

async fn apply(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let text = |name: &str| fields.get(name).to_owned();
    let sent = Applying { dataset: id, purpose: text("purpose"), signer: text("signer"), agreed: fields.get("agreed") == "1" };
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.apply_for_access(who, &sent, visit.now).await?)
    };
    match done.await {
        Ok(id) => Redirect::to(&link::access(&id)).into_response(),
        Err(refusal) => visit.again(refusal, |text| applying(&visit, sent.clone(), Some(text))).await,
    }
}

#[derive(Template)]
#[template(path = "open/accesses.html")]
pub(crate) struct AccessesPage {
    pub f: Frame,
    /// Those to be decided about, for who may; else the reader's own.
    pub accesses: Vec<AccessView>,
    pub total: u64,
    pub paging: Paging,
    /// Whether the reader decides about them.
    pub decides: bool,
}

impl AccessesPage {
    pub(crate) fn new(f: Frame, page: Page<AccessView>, decides: bool) -> AccessesPage {
        AccessesPage { paging: Paging::new(&f, page.page, page.size, page.total), total: page.total, accesses: page.entries, decides, f }
    }
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    let page = async {
        let who = visit.staff()?;
        let decides = who.may("see.accesses") && visit.parameter("own").is_empty();
        let desk = &visit.app.desk;
        let found = match decides {
            true => desk.accesses(who, visit.page(), SIZE, visit.now).await?,
            false => desk.own_accesses(who, visit.page(), SIZE, visit.now).await?,
        };
        Ok(AccessesPage::new(visit.frame(Place::Open, |say| say.t("accesses-title")), found, decides))
    };
    visit.answer(page.await)
}

#[derive(Template)]
#[template(path = "open/access.html")]
pub(crate) struct AccessPage {
    pub f: Frame,
    pub a: AccessView,
    pub used: Vec<AccessUse>,
    /// What holds for the dataset; nothing where it is not open any more.
    pub terms: Option<AccessTerms>,
    /// Columns that can be asked by.
    pub columns: Vec<OpenColumn>,
    /// What was asked and found.
    pub asked: Fields,
    pub rows: Option<OpenRows>,
    pub refused: Option<Text>,
    pub origin: String,
}

impl AccessPage {
    fn may_decide(&self) -> bool {
        self.a.state == AccessState::Waiting && self.f.may_for("access.decide", &self.a.department.id)
    }

    fn may_withdraw(&self) -> bool {
        self.a.holds && self.f.may_for("access.withdraw", &self.a.department.id)
    }

    fn may_leave(&self) -> bool {
        self.a.own && (self.a.holds || self.a.state == AccessState::Waiting)
    }

    fn entered(&self, column: &str) -> &str {
        self.asked.get(&format!("by:{column}"))
    }

    fn cell(&self, value: &desk::open::Value) -> String {
        self.f.cell(&value.text())
    }

    fn is_number(&self, column: &OpenColumn) -> bool {
        matches!(column.kind, Kind::Integer | Kind::Number | Kind::Decimal { .. })
    }

    fn is_number_at(&self, at: &usize) -> bool {
        self.rows.as_ref().and_then(|rows| rows.columns.get(*at)).is_some_and(|column| self.is_number(column))
    }

    fn api(&self) -> String {
        let by = self.terms.as_ref().and_then(|terms| terms.ask_by.first()).map(|name| format!("&{name}=…")).unwrap_or_default();
        format!("{}/api/v1/open/datasets/{}/rows?limit=10{by}", self.origin, link::encode(&self.a.dataset.id))
    }
}

async fn show(State(_): State<App>, Path(id): Path<String>, visit: Visit) -> Response {
    visit.answer(page(&visit, &id, Fields::default(), None, None).await)
}

async fn page(visit: &Visit, id: &str, asked: Fields, rows: Option<OpenRows>, refused: Option<Text>) -> Answered<AccessPage> {
    let who = visit.staff()?;
    let desk = &visit.app.desk;
    let (a, used) = desk.one_access(who, id, visit.now).await?;
    let terms = desk.access_terms(&a.dataset.id, visit.now).await.ok().flatten();
    let columns = match (&terms, desk.open_dataset(&a.dataset.id, visit.now).await) {
        (Some(terms), Ok(detail)) => detail.columns.into_iter().filter(|column| terms.ask_by.is_empty() || terms.ask_by.contains(&column.name)).collect(),
        _ => Vec::new(),
    };
    let f = visit.frame(Place::Open, |say| say.text(&a.dataset.title).to_owned());
    Ok(AccessPage { f, a, used, terms, columns, asked, rows, refused, origin: visit.origin() })
}

async fn query(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        let (access, _) = visit.app.desk.one_access(who, &id, visit.now).await?;
        let named = fields.under("by:").filter(|(_, value)| !value.is_empty());
        let mut parameters: Vec<(String, String)> = named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let terms = visit.app.desk.access_terms(&access.dataset.id, visit.now).await?;
        let most = terms.map_or(ROWS, |terms| u64::from(terms.rows).min(ROWS));
        parameters.push(("limit".to_owned(), most.to_string()));
        Ok(visit.app.desk.open_rows(&OpenCaller::Person(who.clone()), &access.dataset.id, &parameters, visit.now).await?)
    };
    match done.await {
        Ok(rows) => visit.answer(page(&visit, &id, fields, Some(rows), None).await),
        Err(refusal) => visit.again(refusal, |text| page(&visit, &id, fields, None, Some(text))).await,
    }
}

async fn act(State(_): State<App>, Path((id, act)): Path<(String, String)>, Sent(visit, fields): Sent<Fields>) -> Response {
    let desk = &visit.app.desk;
    let words = fields.get("words").to_owned();
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        match act.as_str() {
            "grant" => desk.decide_access(who, &id, true, &words, visit.now).await?,
            "refuse" => desk.decide_access(who, &id, false, &words, visit.now).await?,
            "withdraw" => desk.withdraw_access(who, &id, &words, visit.now).await?,
            "leave" => desk.leave_access(who, &id, visit.now).await?,
            _ => return Err(DeskError::NotFound.into()),
        }
        Ok(())
    };
    match done.await {
        Ok(()) => Redirect::to(&link::access(&id)).into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, &id, fields, None, Some(text))).await,
    }
}
