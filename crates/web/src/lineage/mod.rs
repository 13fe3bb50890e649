//! `/lineage/{table}/{column}`: where one column comes from, back to the source, and who is touched if it goes.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use desk::model::{Boarded, LineageView, Step, Tie};
use desk::port::How;

use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::model::{source_link, table_link};

/// Steps are set in up to here.
const DEPTH_MAX: usize = 8;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/lineage/{table}/{column}", get(show))
}

async fn show(State(_): State<App>, visit: Visit, Path((table, column)): Path<(String, String)>) -> Response {
    visit.answer(page(&visit, &table, &column))
}

fn page(visit: &Visit, table: &str, column: &str) -> Answered<LineagePage> {
    let view = visit.app.desk.lineage(table, column)?;
    let f = visit.frame(Place::Models, |say| say.t1("lineage-of", &("column", say.text(&view.asked.title))));
    Ok(LineagePage::new(f, view))
}

/// How a value comes from another, in a word.
pub(crate) fn way(f: &Frame, how: How) -> String {
    match how {
        How::Copied => f.t("lineage-copied"),
        How::Computed => f.t("lineage-computed"),
        How::Folded => f.t("lineage-folded"),
    }
}

fn tie(f: &Frame, tie: Tie) -> String {
    match tie {
        Tie::Value(how) => way(f, how),
        Tie::Rows => f.t("lineage-decides"),
    }
}

/// A column on the way, as a row.
pub(crate) struct Row {
    pub s: Step,
    pub title: String,
    pub link: Html,
    pub tie: String,
    /// The declassifiers on the way, in words; empty where there are none.
    pub lowered: String,
    /// Only decides over rows.
    pub faint: bool,
}

impl Row {
    /// How far it is set in; deeper ones stand no further.
    pub fn depth(&self) -> usize {
        self.s.depth.min(DEPTH_MAX)
    }
}

pub(crate) fn row(f: &Frame, s: Step) -> Row {
    Row {
        title: f.text(&s.title).to_owned(),
        link: source_link(&s.source),
        tie: tie(f, s.tie),
        lowered: lowered(f, &s),
        faint: s.tie == Tie::Rows,
        s,
    }
}

fn lowered(f: &Frame, step: &Step) -> String {
    if step.lowered.is_empty() {
        return String::new();
    }
    let each: Vec<String> = step.lowered.iter().map(|by| format!("{} {}", f.text(&by.title()), by.word())).collect();
    f.t1("lineage-lowered", &("by", each.join(" / ")))
}

/// A panel, as a row.
struct Panel {
    board: String,
    panel: String,
    tie: String,
}

fn panel(f: &Frame, boarded: &Boarded) -> Panel {
    Panel {
        board: f.text(&boarded.board_title).to_owned(),
        panel: f.text(&boarded.panel_title).to_owned(),
        tie: tie(f, boarded.tie),
    }
}

#[derive(Template)]
#[template(path = "lineage/lineage.html")]
pub(crate) struct LineagePage {
    f: Frame,
    v: LineageView,
    table: String,
    table_href: String,
    up: Vec<Row>,
    down: Vec<Row>,
    panels: Vec<Panel>,
    /// (address, title, how it goes into it) of figures.
    figures: Vec<(String, String, String)>,
    api: String,
}

impl LineagePage {
    pub(crate) fn new(f: Frame, mut v: LineageView) -> LineagePage {
        let table = v.asked.source.table.to_string();
        LineagePage {
            up: std::mem::take(&mut v.up).into_iter().map(|step| row(&f, step)).collect(),
            down: std::mem::take(&mut v.down).into_iter().map(|step| row(&f, step)).collect(),
            panels: v.boards.iter().map(|boarded| panel(&f, boarded)).collect(),
            figures: v.figures.iter().map(|one| (link::figure(&one.figure), f.text(&one.title).to_owned(), tie(&f, one.tie))).collect(),
            api: format!("/api/v1{}", link::lineage(&table, &v.asked.source.column)),
            table_href: table_link(&table),
            table,
            f,
            v,
        }
    }
}
