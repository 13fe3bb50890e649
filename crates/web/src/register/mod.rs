//! `/registers` (基础库), for staff: how registers stand, their entities, pairs in doubt, decisions and conflicts.

mod changes;
pub(crate) mod conflict;
pub(crate) mod decision;
pub(crate) mod detail;
pub(crate) mod doubt;
pub(crate) mod entity;
pub(crate) mod waterfall;

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use desk::DeskError;
use desk::register::{Decision, RegisterState, RegisterView};
use desk::view::Seen;
use kernel::Text;
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use detail::RegisterPage;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/registers", get(list))
        .route("/registers/{id}", get(show))
        .route("/registers/{id}/resolve", post(resolve))
        .route("/registers/{id}/entities", get(entity::search))
        .route("/registers/{id}/entities/{entity}", get(entity::show))
        .route("/registers/{id}/doubts", get(doubt::list))
        .route("/registers/{id}/pair", get(doubt::show).post(doubt::decide))
        .route("/registers/{id}/decisions", get(decision::list))
        .route("/registers/{id}/decisions/{act}/undo", post(decision::undo))
        .route("/registers/{id}/changes/{seq}/undo", post(decision::undo_change))
        .route("/registers/{id}/conflicts", get(conflict::list))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(registers(&visit).await)
}

async fn registers(visit: &Visit) -> Answered<RegistersPage> {
    let found = visit.app.desk.registers(visit.staff()?).await?;
    let f = visit.frame(Place::Registers, |say| say.t("registers-title"));
    Ok(RegistersPage::new(f, &found, &|resource| source_title(visit, resource)))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(one(&visit, &id).await)
}

async fn one(visit: &Visit, id: &str) -> Answered<RegisterPage> {
    let detail = visit.app.desk.register(visit.staff()?, id).await?;
    let f = visit.frame(Place::Registers, |say| say.text(&detail.view.title).to_owned());
    let started = !visit.parameter("started").is_empty();
    Ok(RegisterPage::new(f, detail, &|resource| source_title(visit, resource), started))
}

/// What the button sends.
#[derive(Deserialize)]
struct Resolve {
    #[serde(default)]
    csrf: String,
    /// Present: what agreements are worth is learnt anew.
    #[serde(default)]
    relearn: String,
}

async fn resolve(Path(id): Path<String>, Sent(visit, form): Sent<Resolve>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.start_resolve(who, &id, !form.relearn.is_empty()).await?;
        Err(Refusal::To(link::with(&link::register(&id), &[("started", "1")])))
    };
    visit.answer::<RegistersPage>(done.await)
}

/// What pages below a register say of it.
#[derive(Clone)]
pub(crate) struct Head {
    pub id: String,
    pub title: String,
    /// (name, title)
    pub fields: Vec<(String, String)>,
    /// For each field what its codes mean.
    pub codes: Vec<BTreeMap<String, Text>>,
    /// Which fields the reader sees masked.
    pub seen: Seen,
}

impl Head {
    /// The register under that id, as the reader's language names it.
    fn of(visit: &Visit, id: &str) -> Answered<Head> {
        visit.staff()?;
        let (city, say) = (visit.app.desk.city(), visit.say());
        let register = city.registers.get(id).ok_or(DeskError::NotFound)?;
        let field = |field: &data::declare::RegisterField| (field.name.clone(), say.pair(&field.title, &field.title_en).to_owned());
        Ok(Head {
            id: id.to_owned(),
            title: say.pair(&register.title, &register.title_en).to_owned(),
            fields: register.fields.iter().map(field).collect(),
            codes: visit.app.desk.field_codes(id),
            seen: visit.app.desk.seen_in_register(visit.staff()?, id),
        })
    }

    /// A value of a field, counted from 0, as people read it: `女性（2）` where it is a code.
    fn said(&self, f: &Frame, field: usize, value: Option<&str>) -> Option<String> {
        let value = value?;
        let title = self.codes.get(field).and_then(|codes| codes.get(value));
        Some(title.map_or_else(|| value.to_owned(), |title| f.t2("register-code", &("title", f.text(title)), &("code", value))))
    }

    /// The place of a field.
    fn place(&self, name: &str) -> usize {
        self.fields.iter().position(|(known, _)| known == name).unwrap_or(usize::MAX)
    }

    pub fn href(&self) -> String {
        link::register(&self.id)
    }
}

/// A number that stands in an address.
fn number(text: &str) -> Answered<i64> {
    text.parse().map_err(|_| Refusal::Desk(DeskError::NotFound))
}

fn source_title(visit: &Visit, resource: &str) -> String {
    let city = visit.app.desk.city();
    let found = city.resources.get(resource);
    found.map_or_else(|| resource.to_owned(), |one| visit.say().pair(&one.title, &one.title_en).to_owned())
}

/// How a register stands, as a badge.
fn state_badge(f: &Frame, state: &RegisterState) -> Html {
    match state {
        RegisterState::Waiting(_) => f.badge("none", &f.t("register-waiting")),
        RegisterState::Never => f.badge("none", &f.t("register-never")),
        RegisterState::Running(_) => f.badge("calm", &f.t("run-running")),
        RegisterState::Failed(_) => f.badge("wrong", &f.t("run-failed")),
        RegisterState::Changed => f.badge("late", &f.t("register-changed")),
        RegisterState::Fresh => f.badge("good", &f.t("register-fresh")),
    }
}

/// The same in a sentence, where there is more to say.
fn state_more(f: &Frame, state: &RegisterState, title: &dyn Fn(&str) -> String) -> String {
    match state {
        RegisterState::Waiting(sources) => {
            let names: Vec<String> = sources.iter().map(|source| title(source)).collect();
            f.t1("register-waiting-for", &("sources", names.join(&f.t("comma"))))
        }
        RegisterState::Running(stage) | RegisterState::Failed(stage) => f.text(stage).to_owned(),
        _ => String::new(),
    }
}

/// A share of one, in percent.
fn chance(probability: f64) -> String {
    match probability {
        p if p > 0.999 => ">99.9%".to_owned(),
        p if p < 0.001 => "<0.1%".to_owned(),
        p => format!("{:.1}%", p * 100.0),
    }
}

/// A decision that was just taken, with the way back.
pub(crate) struct Notice {
    pub text: String,
    pub undo: String,
}

impl Notice {
    pub(crate) fn new(f: &Frame, register: &str, decision: &Decision) -> Notice {
        let word = if decision.same { f.t("register-same") } else { f.t("register-different") };
        Notice { text: f.t1("register-decided", &("word", word)), undo: format!("{}/decisions/{}/undo", link::register(register), decision.act) }
    }

    /// The one that the address names, if it stands.
    async fn asked(visit: &Visit, f: &Frame, register: &str) -> Answered<Option<Notice>> {
        let Ok(act) = visit.parameter("decided").parse::<i64>() else { return Ok(None) };
        let newest = visit.app.desk.decisions(visit.staff()?, register, 20, 0).await?;
        Ok(newest.iter().find(|one| one.act == act && !one.undone).map(|one| Notice::new(f, register, one)))
    }
}

/// The figures of a register.
pub(crate) struct Figures {
    entities: Html,
    records: Html,
    joined: Html,
    doubts: String,
    conflicts: String,
}

impl Figures {
    fn new(f: &Frame, view: &RegisterView) -> Figures {
        let totals = &view.totals;
        Figures {
            entities: f.big(totals.entities),
            records: f.big(totals.records),
            joined: f.big(totals.joined),
            doubts: f.int(totals.doubts),
            conflicts: f.int(totals.conflicts),
        }
    }
}

/// One register of the list.
struct Listed {
    href: String,
    title: String,
    summary: String,
    department: String,
    state: Html,
    more: String,
    figures: Figures,
    last: Option<Html>,
}

#[derive(Template)]
#[template(path = "register/list.html")]
pub(crate) struct RegistersPage {
    f: Frame,
    registers: Vec<Listed>,
    busy: bool,
}

impl RegistersPage {
    pub(crate) fn new(f: Frame, registers: &[RegisterView], title: &dyn Fn(&str) -> String) -> RegistersPage {
        let listed = |view: &RegisterView| Listed {
            href: link::register(&view.id),
            title: f.text(&view.title).to_owned(),
            summary: f.text(&view.summary).to_owned(),
            department: f.text(&view.department_title).to_owned(),
            state: state_badge(&f, &view.state),
            more: state_more(&f, &view.state, title),
            figures: Figures::new(&f, view),
            last: view.last.as_ref().map(|run| f.when(run.ended)),
        };
        RegistersPage {
            registers: registers.iter().map(listed).collect(),
            busy: registers.iter().any(|view| matches!(view.state, RegisterState::Running(_))),
            f,
        }
    }
}
