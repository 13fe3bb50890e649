//! What people decided about pairs of a register, and taking it back.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::register::Decision;
use serde::Deserialize;

use super::{Head, Notice, number, source_title};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;

/// Decisions on one page.
const SIZE: u32 = 50;

pub(super) async fn list(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(decisions(&visit, &id).await)
}

async fn decisions(visit: &Visit, id: &str) -> Answered<DecisionsPage> {
    let head = Head::of(visit, id)?;
    let page = visit.page();
    let offset = u32::try_from((page - 1) * u64::from(SIZE)).unwrap_or(u32::MAX);
    let mut found = visit.app.desk.decisions(visit.staff()?, id, SIZE + 1, offset).await?;
    let more = found.len() > SIZE as usize;
    found.truncate(SIZE as usize);
    let f = visit.frame(Place::Registers, |say| say.t("decisions-title"));
    let notice = Notice::asked(visit, &f, id).await?;
    let undone = !visit.parameter("undone").is_empty();
    let paging = Paging::open(&f, page, more);
    Ok(DecisionsPage::new(f, head, &found, &|resource| source_title(visit, resource), paging, notice, undone))
}

/// A form with nothing but the session's token.
#[derive(Deserialize)]
pub(super) struct Bare {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn undo(Path((id, act)): Path<(String, String)>, Sent(visit, form): Sent<Bare>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.undo_decision(who, &id, number(&act)?).await?;
        Err(Refusal::To(link::with(&format!("{}/decisions", link::register(&id)), &[("undone", "1")])))
    };
    visit.answer::<DecisionsPage>(done.await)
}

/// A merge or a split is taken back by a decision, which itself can be taken back.
pub(super) async fn undo_change(Path((id, seq)): Path<(String, String)>, Sent(visit, form): Sent<Bare>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        let acted = visit.app.desk.undo_change(who, &id, number(&seq)?).await?;
        Err(Refusal::To(link::with(&format!("{}/decisions", link::register(&id)), &[("decided", &acted.act.to_string())])))
    };
    visit.answer::<DecisionsPage>(done.await)
}

/// One decision as a row.
struct Row {
    when: Html,
    who: String,
    word: String,
    /// Both records of a pair: source and key.
    sides: [String; 2],
    pairs: String,
    reason: String,
    /// Where it is taken back, while it stands.
    undo: Option<String>,
}

#[derive(Template)]
#[template(path = "register/decisions.html")]
pub(crate) struct DecisionsPage {
    f: Frame,
    head: Head,
    rows: Vec<Row>,
    paging: Paging,
    notice: Option<Notice>,
    undone: bool,
}

impl DecisionsPage {
    pub(crate) fn new(f: Frame, head: Head, found: &[Decision], title: &dyn Fn(&str) -> String, paging: Paging, notice: Option<Notice>, undone: bool) -> DecisionsPage {
        let row = |decision: &Decision| Row {
            when: f.when(decision.at),
            who: decision.account.clone(),
            word: if decision.same { f.t("register-same") } else { f.t("register-different") },
            sides: decision.example.each_ref().map(|(source, key)| format!("{} {key}", title(source))),
            pairs: f.int(decision.pairs),
            reason: reason(&f, &decision.reason),
            undo: (!decision.undone).then(|| format!("{}/decisions/{}/undo", head.href(), decision.act)),
        };
        DecisionsPage { rows: found.iter().map(row).collect(), paging, notice, undone, head, f }
    }
}

/// The reason given; that a change was taken back is said in the reader's language.
fn reason(f: &Frame, reason: &str) -> String {
    let undone = reason.strip_prefix("undo ").filter(|seq| seq.parse::<i64>().is_ok());
    undone.map_or_else(|| reason.to_owned(), |seq| f.t1("decision-undoes", &("seq", seq)))
}
