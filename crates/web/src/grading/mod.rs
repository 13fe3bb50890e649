//! `/grading`, for staff: classes and grades that values speak for and declarations do not; a steward confirms, chooses
//! another, or rejects, and may take it back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use data::declare::{Grade, ItemClass};
use desk::DeskError;
use desk::amend::Draft;
use desk::grading::{GradeDecided, GradeProposal, GradeVerdict};
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::link;

const CLASSES: [ItemClass; 4] = [ItemClass::Public, ItemClass::Business, ItemClass::Personal, ItemClass::Sensitive];

pub(crate) fn router() -> Router<App> {
    Router::new().route("/grading", get(list).post(undo)).route("/grading/{resource}/{item}", get(show).post(decide))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(all(&visit).await)
}

async fn all(visit: &Visit) -> Answered<GradingPage> {
    let account = visit.staff()?;
    let desk = &visit.app.desk;
    let proposals = desk.grade_proposals(account, visit.chosen("resource").as_deref()).await?;
    let decided = desk.grade_decisions(account).await?;
    Ok(GradingPage { proposals, decided, f: visit.frame(Place::Quality, |say| say.t("grading-title")) })
}

async fn show(State(_): State<App>, visit: Visit, Path((resource, item)): Path<(String, String)>) -> Response {
    visit.answer(one(&visit, &resource, &item).await)
}

async fn one(visit: &Visit, resource: &str, item: &str) -> Answered<GradePage> {
    let account = visit.staff()?;
    let proposal = visit.app.desk.grade_proposal(account, resource, item).await?;
    let (draft, blocked) = match visit.app.desk.grade_draft(resource, item, proposal.class, proposal.grade).await {
        Ok(draft) => (Some(draft), None),
        Err(DeskError::Invalid(text)) => (None, Some(text)),
        Err(error) => return Err(error.into()),
    };
    let f = visit.frame(Place::Quality, |say| say.t1("grading-of", &("item", say.text(&proposal.item_title))));
    Ok(GradePage { f, p: proposal, draft, blocked })
}

/// The form of a decision.
#[derive(Deserialize)]
struct Decided {
    csrf: String,
    /// `confirm`, `choose` or `reject`.
    act: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    grade: String,
    #[serde(default)]
    base: String,
}

async fn decide(State(_): State<App>, Path((resource, item)): Path<(String, String)>, Sent(visit, form): Sent<Decided>) -> Response {
    match decided(&visit, &resource, &item, form).await {
        Ok(()) => Redirect::to("/grading").into_response(),
        Err(refusal) => visit.answer::<GradePage>(Err(refusal)),
    }
}

async fn decided(visit: &Visit, resource: &str, item: &str, form: Decided) -> Answered<()> {
    let account = visit.staff_form(&form.csrf)?;
    let verdict = verdict(&form.act, &form.class, &form.grade)?;
    let base = Some(form.base.as_str()).filter(|base| !base.is_empty());
    Ok(visit.app.desk.settle_grade(account, (resource, item), verdict, &form.why, base).await?)
}

/// What the words of a form or a request decide.
pub(crate) fn verdict(act: &str, class: &str, grade: &str) -> Result<GradeVerdict, DeskError> {
    match act {
        "confirm" => Ok(GradeVerdict::Confirm),
        "reject" => Ok(GradeVerdict::Reject),
        "choose" => {
            let class = CLASSES.into_iter().find(|known| class_word(*known) == class);
            let grade = Grade::ALL.into_iter().find(|known| crate::names::grade_id(*known) == grade);
            let (Some(class), Some(grade)) = (class, grade) else {
                return Err(DeskError::Invalid(Text::new("请选定类别和级别。", "Choose a class and a grade.")));
            };
            Ok(GradeVerdict::Choose(class, grade))
        }
        _ => Err(DeskError::Invalid(Text::new("应为 confirm、choose 或 reject。", "Expected confirm, choose or reject."))),
    }
}

fn class_word(class: ItemClass) -> &'static str {
    match class {
        ItemClass::Public => "public",
        ItemClass::Business => "business",
        ItemClass::Personal => "personal",
        ItemClass::Sensitive => "sensitive",
    }
}

/// The form that takes a decision back.
#[derive(Deserialize)]
struct Undo {
    csrf: String,
    undo: String,
}

async fn undo(State(_): State<App>, Sent(visit, form): Sent<Undo>) -> Response {
    match undone(&visit, form).await {
        Ok(()) => Redirect::to("/grading").into_response(),
        Err(refusal) => visit.answer::<GradingPage>(Err(refusal)),
    }
}

async fn undone(visit: &Visit, form: Undo) -> Answered<()> {
    let account = visit.staff_form(&form.csrf)?;
    Ok(visit.app.desk.undo_grade(account, &form.undo).await?)
}

#[derive(Template)]
#[template(path = "grading/list.html")]
pub(crate) struct GradingPage {
    pub f: Frame,
    pub proposals: Vec<GradeProposal>,
    pub decided: Vec<GradeDecided>,
}

impl GradingPage {
    fn state(&self, word: &str) -> String {
        match word {
            "confirmed" => self.f.t("grading-confirmed"),
            "chosen" => self.f.t("grading-chosen"),
            "rejected" => self.f.t("grading-rejected"),
            _ => self.f.t("grading-undone"),
        }
    }
}

#[derive(Template)]
#[template(path = "grading/detail.html")]
pub(crate) struct GradePage {
    pub f: Frame,
    pub p: GradeProposal,
    pub draft: Option<Draft>,
    /// Why it cannot be confirmed as it is.
    pub blocked: Option<Text>,
}

impl GradePage {
    fn address(&self) -> String {
        link::grading(&self.p.resource, &self.p.item)
    }

    /// (word, title, chosen).
    fn classes(&self) -> Vec<(&'static str, String, bool)> {
        CLASSES.map(|class| (class_word(class), self.f.item_class(class), class == self.p.class)).into()
    }

    fn grades(&self) -> Vec<(&'static str, String, bool)> {
        Grade::ALL.map(|grade| (crate::names::grade_id(grade), self.f.grade(grade), grade == self.p.grade)).into()
    }
}
