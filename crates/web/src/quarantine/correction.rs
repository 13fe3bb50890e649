//! `/correction/{id}`: what was corrected by whom and why, row by row; and the button that takes it back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use desk::corrections::{CorrectedView, CorrectionDetail, CorrectionView};

use super::repair::{place_of, value};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

type Fields = Vec<(String, String)>;

pub(super) fn router() -> Router<App> {
    Router::new().route("/correction/{id}", get(show)).route("/correction/{id}/undo", post(undo))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id).await)
}

async fn page(visit: &Visit, id: &str) -> Answered<CorrectionPage> {
    let detail = visit.app.desk.correction(visit.staff()?, id).await?;
    let f = visit.frame(Place::Quarantine, |say| say.t("correction-title"));
    Ok(CorrectionPage { said: said(&f, visit, detail.correction.edits), ..CorrectionPage::new(f, detail, false) })
}

/// What the last act did, for the page that follows it.
pub(super) fn said(f: &Frame, visit: &Visit, edits: bool) -> Vec<String> {
    let count = |name: &str| visit.parameter(name).parse::<u64>().ok().filter(|n| *n > 0);
    let undone = count("undone").map(|n| if edits { f.t1("edits-undone", &("n", n)) } else { f.t1("correction-undone", &("n", n)) });
    let kept = count("kept").map(|n| f.t1("correction-kept", &("n", n)));
    let already = count("already").map(|n| f.t1("correction-already", &("n", n)));
    undone.into_iter().chain(kept).chain(already).collect()
}

async fn undo(State(_): State<App>, Path(id): Path<String>, Sent(visit, fields): Sent<Fields>) -> Response {
    let done = try_undo(&visit, &id, &fields).await;
    visit.answer::<CorrectionPage>(done.and_then(|to| Err(Refusal::To(to))))
}

/// Takes it back, or one row of it, and answers where to go on.
async fn try_undo(visit: &Visit, id: &str, fields: &Fields) -> Answered<String> {
    let who = visit.staff_form(value(fields, "csrf"))?;
    let places = match value(fields, "place") {
        "" => None,
        place => Some(vec![place_of(place)?]),
    };
    let done = visit.app.desk.undo(who, id, places.as_deref()).await?;
    let count = |n: u64| if n > 0 { n.to_string() } else { String::new() };
    let (undone, kept, already) = (count(done.reopened), count(done.superseded.len() as u64), count(done.already.len() as u64));
    Ok(link::with(&link::correction(id), &[("undone", &undone), ("kept", &kept), ("already", &already)]))
}

/// A corrected row.
pub(crate) struct Row {
    pub row: CorrectedView,
    /// The refused row's own page.
    pub href: String,
    pub place: String,
    /// (field, before, after).
    pub changes: Vec<(String, Option<String>, Option<String>)>,
}

#[derive(Template)]
#[template(path = "quarantine/correction.html")]
pub(crate) struct CorrectionPage {
    f: Frame,
    c: CorrectionView,
    title: String,
    rows: Vec<Row>,
    undoings: Vec<(String, kernel::Moment)>,
    /// Only one row of it is shown.
    one: bool,
    said: Vec<String>,
}

impl CorrectionPage {
    pub(crate) fn new(f: Frame, detail: CorrectionDetail, one: bool) -> CorrectionPage {
        let c = detail.correction;
        let row = |row: CorrectedView| {
            let place = format!("{}-{}", row.place.batch, row.place.row);
            Row {
                href: format!("/quarantine/{}/{place}", link::encode(&c.resource)),
                place,
                changes: row.changes.iter().map(|c| (f.text(&c.title).to_owned(), c.before.clone(), c.after.clone())).collect(),
                row,
            }
        };
        CorrectionPage {
            rows: detail.rows.into_iter().map(row).collect(),
            undoings: detail.undoings,
            title: f.text(&c.resource_title).to_owned(),
            said: Vec::new(),
            one,
            c,
            f,
        }
    }

    fn stands(&self) -> u64 {
        self.c.rows - self.c.undone.min(self.c.rows)
    }

    /// The one row of the page, if it is about one.
    fn place(&self) -> &str {
        self.rows.first().filter(|_| self.one).map(|row| row.place.as_str()).unwrap_or_default()
    }
}

impl Say {
    /// How a correction was made.
    pub(crate) fn correction_origin(&self, word: &str) -> String {
        match word {
            "page" => self.t("correction-by-page"),
            "bulk" => self.t("correction-by-bulk"),
            "upload" => self.t("correction-by-upload"),
            "command" => self.t("correction-by-command"),
            "api" => self.t("correction-by-api"),
            other => other.to_owned(),
        }
    }

    /// How much of a correction stands.
    pub(crate) fn correction_state(&self, correction: &CorrectionView) -> Html {
        match correction.undone {
            0 => self.badge("good", &self.t("correction-stands")),
            n if n >= correction.rows => self.badge("late", &self.t("correction-gone")),
            n => self.badge("late", &self.t1("correction-partly", &("n", n))),
        }
    }

    /// What a record was read from, in words where it was no file.
    pub(crate) fn read_from(&self, file: &str) -> Html {
        let ours = [("correction:", self.t("trigger-correction")), ("undo:", self.t("trigger-undo")), ("push:", self.t("trigger-push"))];
        for (prefix, word) in ours {
            let Some(id) = file.strip_prefix(prefix) else { continue };
            return match prefix {
                "correction:" => Html(format!("<a href=\"{}\">{}</a>", crate::html::escape(&link::correction(id)), crate::html::escape(&word))),
                _ => Html(crate::html::escape(&word)),
            };
        }
        Html(format!("<code>{}</code>", crate::html::escape(file)))
    }
}
