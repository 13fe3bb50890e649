//! `/sql`, for staff: one SELECT over the lake, its rows, its plan, a chart of it, and a file to take away.
//! Works as plain forms; the script in `web/src/sql` sends the same forms and puts in the same markup.

mod answer;
mod download;
mod examples;
mod table;

use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use desk::DeskError;
use desk::view::SqlTable;
use kernel::Text;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use answer::{Answer, AnswerPart};
pub(crate) use examples::Example;

use crate::app::App;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;

/// Rows that the page shows unless others are asked for.
const ROWS_DEFAULT: u64 = 200;
/// What may be asked for; more is for a file.
const ROWS: [u64; 4] = [50, 200, 1_000, 5_000];
/// Longest statement, in bytes, with room for what encoding adds.
const BODY_MAX: usize = 512 * 1024;

/// Set by the script that wants the answer alone, and on the answer.
const PART: HeaderName = HeaderName::from_static("x-part");

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/sql", get(show).post(ask))
        .route("/sql/download", post(download::download))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// What the page's forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    csrf: String,
    sql: String,
    /// `run` or `plan`.
    act: String,
    rows: Option<u64>,
    /// Of a download: `csv` or `json`.
    format: String,
}

type Sent = Result<Form<Asked>, FormRejection>;

/// The form, once it is known to be ours and a member of staff's.
fn accepted(visit: &Visit, sent: Sent) -> Result<Asked, Refusal> {
    let Form(asked) = sent.map_err(|_| Refusal::Desk(unreadable()))?;
    visit.staff_form(&asked.csrf)?;
    Ok(asked)
}

fn unreadable() -> DeskError {
    DeskError::Invalid(Text::new("语句过长或无法读取，请缩短后再试。", "The statement is too long or unreadable; please shorten it."))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    let asked = Asked { sql: visit.parameter("q").to_owned(), ..Asked::default() };
    visit.answer(page(&visit, asked, None).await)
}

async fn ask(State(_): State<App>, visit: Visit, headers: axum::http::HeaderMap, sent: Sent) -> Response {
    let part = headers.contains_key(PART);
    let answered = answer(&visit, sent).await;
    let (asked, answer) = match answered {
        Ok(pair) => pair,
        Err(refusal) => return visit.answer::<SqlPage>(Err(refusal)),
    };
    if !part {
        return visit.answer(page(&visit, asked, Some(answer)).await);
    }
    let part = AnswerPart { f: frame(&visit), answer: Some(answer) };
    let mut response = visit.answer(Ok(part)).into_response();
    response.headers_mut().insert(PART, HeaderValue::from_static("answer"));
    response
}

async fn answer(visit: &Visit, sent: Sent) -> Answered<(Asked, Answer)> {
    let asked = accepted(visit, sent)?;
    let who = visit.staff()?;
    let desk = &visit.app.desk;
    let outcome = if asked.act == "plan" {
        desk.sql_plan(who, &asked.sql).await.map(|(logical, physical)| Answer::plan(logical, physical))
    } else {
        desk.sql(who, &asked.sql, rows(&asked)).await.map(|found| Answer::rows(&asked.sql, found, desk.seen_in(who, &asked.sql)))
    };
    let answer = match outcome {
        Err(DeskError::Sql(error)) => Answer::wrong(&asked.sql, error, visit.lang),
        Err(DeskError::Invalid(text) | DeskError::Busy(text)) => Answer::refused(text),
        other => other?,
    };
    Ok((asked, answer))
}

fn rows(asked: &Asked) -> u64 {
    asked.rows.filter(|rows| ROWS.contains(rows)).unwrap_or(ROWS_DEFAULT)
}

fn frame(visit: &Visit) -> Frame {
    visit.frame(Place::Sql, |say| say.t("sql-title"))
}

async fn page(visit: &Visit, asked: Asked, answer: Option<Answer>) -> Answered<SqlPage> {
    let who = visit.staff()?;
    let tables = visit.app.desk.sql_tables(who).await?;
    Ok(SqlPage::new(frame(visit), asked, tables, answer))
}

/// A table in the list beside the editor.
pub(crate) struct Listed {
    pub table: SqlTable,
    /// What typing in the box above is compared with.
    pub words: String,
    /// (name, name as it must stand in a statement, title, kind).
    pub columns: Vec<(String, String, String, String)>,
}

#[derive(Template)]
#[template(path = "sql/sql.html")]
pub(crate) struct SqlPage {
    pub f: Frame,
    pub statement: String,
    /// (most rows to show, whether chosen).
    pub choices: Vec<(u64, bool)>,
    pub tables: Vec<Listed>,
    pub examples: Vec<Example>,
    pub answer: Option<Answer>,
    pub account: String,
    pub words: Html,
    pub script: &'static str,
}

impl SqlPage {
    pub(crate) fn new(f: Frame, asked: Asked, mut tables: Vec<SqlTable>, answer: Option<Answer>) -> SqlPage {
        // Most people want checked rows.
        tables.sort_by_key(|table| !table.name.starts_with("standard."));
        let examples = examples::examples(&f, &tables);
        let first = || examples.first().map(|example| example.sql.clone()).unwrap_or_default();
        SqlPage {
            statement: if asked.sql.trim().is_empty() && answer.is_none() { first() } else { asked.sql.clone() },
            choices: ROWS.iter().map(|n| (*n, *n == rows(&asked))).collect(),
            tables: tables.into_iter().map(|table| listed(&f, table)).collect(),
            examples,
            answer,
            account: f.account.as_ref().map(|account| account.id.clone()).unwrap_or_default(),
            words: script_words(&f),
            script: assets::entry("sql").map(|entry| entry.script).unwrap_or_default(),
            f,
        }
    }
}

fn listed(f: &Frame, table: SqlTable) -> Listed {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|c| (c.name.clone(), quoted(&c.name), f.text(&c.title).to_owned(), c.kind.clone()))
        .collect();
    let mut words = format!("{} {} {}", table.name, table.title.zh, table.title.en);
    for column in &table.columns {
        words.push_str(&format!(" {} {}", column.name, column.title.zh));
    }
    Listed { words: words.to_lowercase(), columns, table }
}

/// A name as it must stand in a statement: quoted unless it is a plain lower-case word.
pub(crate) fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty();
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The words that the script says itself, as JSON that may stand inside `<script>`.
fn script_words(f: &Frame) -> Html {
    let words: Value = json!({
        "run": f.t("sql-run"),
        "stop": f.t("sql-stop"),
        "stopped": f.t("sql-stopped"),
        "unreachable": f.t("sql-unreachable"),
        "completions": f.t("sql-completions"),
        "mistakes": f.t("sql-mistakes"),
        "no-chart": f.t("sql-chart-none"),
        "chart-kind": f.t("sql-chart-kind"),
        "chart-bar": f.t("sql-chart-bar"),
        "chart-line": f.t("sql-chart-line"),
        "chart-pie": f.t("sql-chart-pie"),
        "chart-scatter": f.t("sql-chart-scatter"),
    });
    Html(words.to_string().replace('<', "\\u003c"))
}
