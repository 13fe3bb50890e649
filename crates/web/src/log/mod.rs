//! `/log`, for staff: what was done by whom, the newest first; each act with what was hashed and its receipt. The checkpoint and
//! the tiles of hashes are for everybody, so that anybody's verifier can watch over the log.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::act::ACTS;
use desk::log::{LeafDetail, LeafView, LogFilter, LogPage, LogState};
use serde_json::Value;

use crate::app::App;
use crate::error::ErrorPage;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::link;
use crate::paging::Paging;
use crate::say::Say;

/// Acts on one page.
const SIZE: u64 = 50;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/log", get(list))
        .route("/log/acts/{number}", get(show))
        .route("/log/acts/{number}/receipt", get(receipt))
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*path}", get(tile))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(acts_done(&visit).await)
}

async fn acts_done(visit: &Visit) -> Answered<ActsPage> {
    let account = visit.staff()?;
    let filter = LogFilter {
        actor: visit.chosen("actor"),
        act: visit.chosen("act"),
        subject: visit.chosen("subject"),
        ..LogFilter::default()
    };
    let found = visit.app.desk.log_page(account, &filter, visit.page(), SIZE).await?;
    Ok(ActsPage::new(visit.frame(Place::Log, |say| say.t("log-title")), filter, found))
}

async fn show(State(_): State<App>, visit: Visit, Path(number): Path<u64>) -> Response {
    visit.answer(act(&visit, number).await)
}

async fn act(visit: &Visit, number: u64) -> Answered<ActPage> {
    let detail = visit.app.desk.log_leaf(visit.staff()?, number).await?;
    Ok(ActPage::new(visit.frame(Place::Log, |say| say.t1("log-act-title", &("n", number))), detail))
}

async fn receipt(State(_): State<App>, visit: Visit, Path(number): Path<u64>) -> Response {
    match receipt_of(&visit, number).await {
        Ok(file) => file,
        Err(refusal) => visit.answer::<ErrorPage>(Err(refusal)),
    }
}

async fn receipt_of(visit: &Visit, number: u64) -> Answered<Response> {
    let receipt = visit.app.desk.log_receipt(visit.staff()?, number).await?.to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"receipt-{number}.json\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, receipt).into_response())
}

async fn checkpoint(State(_): State<App>, visit: Visit) -> Response {
    let kind = ("text/plain; charset=utf-8", "no-cache");
    file(&visit, "checkpoint", kind).await
}

async fn tile(State(_): State<App>, visit: Visit, Path(path): Path<String>) -> Response {
    // A tile never changes: what is not full has its width in its name.
    file(&visit, &format!("tile/{path}"), ("application/octet-stream", "public, max-age=31536000, immutable")).await
}

async fn file(visit: &Visit, path: &str, (kind, keep): (&'static str, &'static str)) -> Response {
    match visit.app.desk.log_file(path).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], bytes).into_response(),
        Err(refusal) => visit.answer::<ErrorPage>(Err(refusal.into())),
    }
}

/// Where one finds what was acted on; nothing for what has no page.
fn subject_link(subject: &str) -> Option<String> {
    let (kind, id) = subject.split_once('/')?;
    match kind {
        "resource" => Some(link::resource(id)),
        "system" => Some(link::system(id)),
        "model" => Some(link::model(id)),
        "figure" => Some(link::figure(id)),
        "register" => Some(link::register(id)),
        "defect" => Some(link::defect(id)),
        "drift" => Some(link::drift(id)),
        "account" => Some(link::account(id)),
        "emergency" => Some("/emergency".to_owned()),
        _ => None,
    }
}

/// An act of the list.
struct Line {
    leaf: LeafView,
    link: Option<String>,
    /// What was acted on, by its title where it has one; then its name beside it.
    subject: String,
    /// All that the same one did; all that was done to the same.
    by: String,
    to: String,
}

impl Line {
    fn new(f: &Frame, leaf: LeafView) -> Line {
        Line {
            subject: leaf.subject_title.as_ref().map_or_else(|| f.whole_subject(&leaf.subject), |title| f.text(title).to_owned()),
            link: subject_link(&leaf.subject),
            by: link::with("/log", &[("actor", &leaf.actor_id)]),
            to: link::with("/log", &[("subject", &leaf.subject)]),
            leaf,
        }
    }
}

#[derive(Template)]
#[template(path = "log/list.html")]
pub(crate) struct ActsPage {
    f: Frame,
    lines: Vec<Line>,
    total: u64,
    state: Option<LogState>,
    filter: LogFilter,
    /// (word, title, chosen).
    acts: Vec<(&'static str, String, bool)>,
    narrowed: bool,
    paging: Paging,
}

impl ActsPage {
    pub(crate) fn new(f: Frame, filter: LogFilter, found: LogPage) -> ActsPage {
        let chosen = |word: &str| filter.act.as_deref().unwrap_or_default() == word;
        let mut acts = vec![("", f.t("all"), filter.act.is_none()), ("read", f.t("log-reads"), chosen("read"))];
        acts.extend(ACTS.iter().filter(|act| !act.word.starts_with("see.")).map(|act| (act.word, f.text(&act.title()).to_owned(), chosen(act.word))));
        ActsPage {
            paging: Paging::new(&f, found.page.page, found.page.size, found.page.total),
            total: found.page.total,
            lines: found.page.entries.into_iter().map(|leaf| Line::new(&f, leaf)).collect(),
            state: found.state,
            narrowed: filter.act.is_some() || filter.actor.is_some() || filter.subject.is_some(),
            filter,
            acts,
            f,
        }
    }
}

#[derive(Template)]
#[template(path = "log/act.html")]
pub(crate) struct ActPage {
    f: Frame,
    line: Line,
    /// Names and values of the detail.
    detail: Vec<(String, String)>,
    entry: String,
    hash: String,
    state: Option<LogState>,
}

impl ActPage {
    pub(crate) fn new(f: Frame, detail: LeafDetail) -> ActPage {
        let told = detail.entry.get("detail").and_then(Value::as_object).cloned().unwrap_or_default();
        let plain = |name: &str, value: Value| match (name, value.as_str()) {
            ("act", Some(word)) => f.text(&desk::act::title(word)).to_owned(),
            (_, Some(text)) => text.to_owned(),
            (_, None) => value.to_string(),
        };
        ActPage {
            detail: told.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (f.detail_word(&name), plain(&name, value))).collect(),
            entry: serde_json::to_string_pretty(&detail.entry).unwrap_or_default(),
            line: Line::new(&f, detail.leaf),
            hash: detail.hash,
            state: detail.state,
            f,
        }
    }
}

impl Say {
    /// What is called what an act was done to, where that is not one thing of its kind.
    fn whole_subject(&self, word: &str) -> String {
        match word {
            "accounts" => self.t("nav-accounts"),
            "applications" => self.t("applications-title"),
            "defects" => self.t("nav-defects"),
            "drifts" => self.t("nav-drift"),
            "grants" => self.t("grants-title"),
            "emergencies" => self.t("emergency-title"),
            "log" => self.t("nav-log"),
            "messages" => self.t("message-title"),
            "models" => self.t("nav-models"),
            "reads" => self.t("reads-title"),
            "registers" => self.t("nav-registers"),
            "requests" => self.t("requests-title"),
            "resources" => self.t("nav-catalog"),
            "sql" => self.t("nav-sql"),
            other => other.to_owned(),
        }
    }

    /// What a part of a detail is called; its word, where there is none.
    fn detail_word(&self, name: &str) -> String {
        match name {
            "why" | "reason" | "words" => self.t("log-why"),
            "rows" => self.t("log-rows"),
            "statement" => self.t("log-statement"),
            "state" => self.t("state"),
            "item" => self.t("item"),
            "items" => self.t("items"),
            "resource" => self.t("resource"),
            "channel" => self.t("lent-channels"),
            "purpose" => self.t("lent-purpose"),
            "case" => self.t("grant-case"),
            "batch" => self.t("batch"),
            "rule" => self.t("log-rule"),
            "run" => self.t("run"),
            "department" => self.t("department"),
            "files" => self.t("log-files"),
            "landed" => self.t("log-landed"),
            "act" => self.t("log-act"),
            "roles" => self.t("roles"),
            "clearance" => self.t("account-clearance"),
            "hours" => self.t("emergency-hours"),
            other => other.to_owned(),
        }
    }
}
