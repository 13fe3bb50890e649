//! `/defects`, for staff: what is wrong in data, who must mend it by when, and what was done about it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use desk::defect::{Act, DefectDetail, DefectFilter, DefectKind, DefectState, DefectView};
use desk::quality::FailingRows;
use desk::view::Page;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;
use crate::quality::heads;
use crate::say::Say;

/// Defects on one page.
const SIZE: u64 = 50;
/// Failing rows shown on the page of a defect.
const FEW: u64 = 10;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/defects", get(list).post(object))
        .route("/defects/{id}", get(show).post(act))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(defects(&visit).await)
}

async fn defects(visit: &Visit) -> Answered<DefectsPage> {
    let account = visit.staff()?;
    let state = DefectState::of(visit.parameter("state"));
    let filter = DefectFilter {
        department: visit.chosen("department"),
        resource: visit.chosen("resource"),
        state,
        late: visit.parameter("late") == "1",
        standing: state.is_none() && visit.parameter("state") != "all",
    };
    let page = visit.app.desk.defects(account, &filter, visit.page(), SIZE, visit.now).await?;
    let say = visit.say();
    let city = visit.app.desk.city();
    let departments = city
        .departments
        .values()
        .map(|one| (one.id.clone(), say.pair(&one.title, &one.title_en).to_owned()))
        .collect();
    Ok(DefectsPage::new(
        visit.frame(Place::Defects, |say| say.t("defect-title")),
        filter,
        page,
        departments,
    ))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(one(&visit, &id).await)
}

async fn one(visit: &Visit, id: &str) -> Answered<DefectPage> {
    let detail = visit.app.desk.defect(visit.staff()?, id, visit.now).await?;
    let rows = first_rows(visit, &detail).await;
    let heads = rows.as_ref().map(|rows| heads(visit, &detail.defect.resource, &rows.columns)).unwrap_or_default();
    let f = visit.frame(Place::Defects, |say| say.text(&detail.defect.title).to_owned());
    let editable = visit.app.desk.may_edit(visit.staff()?, &detail.defect.resource);
    Ok(DefectPage { f, d: detail, heads, rows, editable })
}

/// Some rows that fail, where its rule has any. A busy lake does not keep the page away.
async fn first_rows(visit: &Visit, detail: &DefectDetail) -> Option<FailingRows> {
    let rule = detail.rule.as_ref().filter(|rule| rule.listed && rule.failed > 0 && conflicting(&rule.name).is_none())?;
    let account = visit.account.as_ref().filter(|who| who.may_for("read.failing", Some(&detail.defect.department)))?;
    let found = visit.app.desk.failing_rows(account, &detail.defect.resource, &rule.name, None, FEW).await;
    found.ok().filter(|rows| !rows.rows.is_empty())
}

/// Register and field, where the rule is that sources of a register agree: `persons.birth_date`.
fn conflicting(rule: &str) -> Option<(&str, &str)> {
    rule.split_once('.')
}

/// The form of an objection.
#[derive(Deserialize)]
struct Objection {
    csrf: String,
    resource: String,
    words: String,
    #[serde(default)]
    row: String,
}

async fn object(State(_): State<App>, Sent(visit, form): Sent<Objection>) -> Response {
    match objected(&visit, &form).await {
        Ok(id) => Redirect::to(&link::defect(&id)).into_response(),
        Err(refusal) => visit.answer::<DefectPage>(Err(refusal)),
    }
}

async fn objected(visit: &Visit, form: &Objection) -> Answered<String> {
    let account = visit.staff_form(&form.csrf)?;
    Ok(visit
        .app
        .desk
        .object(account, &form.resource, Some(form.row.trim()), &form.words, visit.now)
        .await?)
}

/// The form of an act.
#[derive(Deserialize)]
struct Acted {
    csrf: String,
    act: String,
    words: String,
}

async fn act(State(_): State<App>, Path(id): Path<String>, Sent(visit, form): Sent<Acted>) -> Response {
    match acted(&visit, &id, &form).await {
        Ok(()) => Redirect::to(&link::defect(&id)).into_response(),
        Err(refusal) => visit.answer::<DefectPage>(Err(refusal)),
    }
}

async fn acted(visit: &Visit, id: &str, form: &Acted) -> Answered<()> {
    let (account, desk) = (visit.staff_form(&form.csrf)?, &visit.app.desk);
    match form.act.as_str() {
        "answer" => desk.answer_defect(account, id, &form.words, visit.now).await?,
        "right" => desk.recheck_objection(account, id, true, &form.words, visit.now).await?,
        "wrong" => desk.recheck_objection(account, id, false, &form.words, visit.now).await?,
        _ => return Err(Refusal::Forged),
    }
    Ok(())
}

impl Say {
    pub(crate) fn defect_word(&self, state: DefectState) -> String {
        match state {
            DefectState::Open => self.t("defect-open"),
            DefectState::Answered => self.t("defect-answered"),
            DefectState::Rechecked => self.t("defect-rechecked"),
            DefectState::Closed => self.t("defect-closed"),
        }
    }

    pub(crate) fn defect_badge(&self, defect: &DefectView) -> Html {
        let class = match (defect.state, defect.late) {
            (DefectState::Closed, _) => "good",
            (DefectState::Answered, _) => "calm",
            (_, true) => "wrong",
            (_, false) => "late",
        };
        let word = self.defect_word(defect.state);
        self.badge(
            class,
            &if defect.late {
                format!("{word} · {}", self.t("defect-late"))
            } else {
                word
            },
        )
    }

    /// What was done.
    pub(crate) fn defect_act(&self, act: &Act) -> String {
        match act.act.as_str() {
            "opened" => self.t("act-opened"),
            "measured" => self.t("act-measured"),
            "answered" => self.t("act-answered"),
            "rechecked" => self.t("act-rechecked"),
            "closed" => self.t("act-closed"),
            "dropped" => self.t("act-dropped"),
            "escalated" => self.t("act-escalated"),
            "confirmed" => self.t("act-confirmed"),
            "rejected" => self.t("act-rejected"),
            other => other.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "defect/list.html")]
pub(crate) struct DefectsPage {
    f: Frame,
    defects: Vec<DefectView>,
    total: u64,
    /// (word, title, chosen).
    states: Vec<(&'static str, String, bool)>,
    /// (id, title, chosen).
    departments: Vec<(String, String, bool)>,
    resource: String,
    late: bool,
    /// Where those of the reader's own department are listed, unless they are.
    own: Option<String>,
    narrowed: bool,
    paging: Paging,
}

impl DefectsPage {
    pub(crate) fn new(f: Frame, filter: DefectFilter, page: Page<DefectView>, departments: Vec<(String, String)>) -> DefectsPage {
        let all = !filter.standing && filter.state.is_none();
        let mut states = vec![("", f.t("defect-standing"), filter.standing), ("all", f.t("all"), all)];
        states.extend(DefectState::ALL.map(|state| (state.word(), f.defect_word(state), filter.state == Some(state))));
        let chosen = |id: &str| filter.department.as_deref() == Some(id);
        DefectsPage {
            departments: departments
                .into_iter()
                .map(|(id, title)| (id.clone(), title, chosen(&id)))
                .collect(),
            narrowed: filter.department.is_some() || filter.resource.is_some() || filter.late || !filter.standing,
            own: f.account.as_ref().and_then(|account| account.department.clone()).filter(|own| !chosen(own))
                .map(|own| link::with("/defects", &[("department", &own)])),
            resource: filter.resource.clone().unwrap_or_default(),
            late: filter.late,
            paging: Paging::new(&f, page.page, page.size, page.total),
            total: page.total,
            defects: page.entries,
            states,
            f,
        }
    }
}

#[derive(Template)]
#[template(path = "defect/detail.html")]
pub(crate) struct DefectPage {
    pub f: Frame,
    pub d: DefectDetail,
    pub heads: Vec<String>,
    pub rows: Option<FailingRows>,
    /// Whether the reader may edit them.
    pub editable: bool,
}

impl DefectPage {
    fn answerable(&self) -> bool {
        self.f.may_for("defect.answer", &self.d.defect.department) && matches!(self.d.defect.state, DefectState::Open | DefectState::Rechecked)
    }

    /// Where the contradicted values stand, of a defect that a register found.
    fn conflicts(&self) -> Option<String> {
        let (register, field) = conflicting(self.d.defect.rule.as_deref()?)?;
        Some(link::conflicts(register, &self.d.defect.resource, field))
    }

    fn objection(&self) -> bool {
        self.d.defect.kind == DefectKind::Objection
    }

    /// Whether a person looks whether it is right now.
    fn settles(&self) -> bool {
        self.f.may_all("objection.recheck") && self.objection() && self.d.defect.state != DefectState::Closed
    }
}
