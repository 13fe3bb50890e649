//! Queries, for staff: one SELECT over the lake.

use axum::Json;
use desk::view::{MaskedColumn, Seen, SqlAnswer, SqlTable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::shape::{Grade, Words};
use crate::frame::Visit;

/// Rows that come back unless fewer or more are asked for.
const ROWS_DEFAULT: u64 = 1_000;
const ROWS_MAX: u64 = 10_000;
const SECONDS_MAX: u64 = 30;

#[derive(Deserialize, ToSchema)]
pub(super) struct Statement {
    /// One SELECT.
    #[schema(min_length = 1, max_length = 100000, example = "SELECT count(*) AS people FROM standard.person")]
    sql: String,
    /// Most rows to come back; 1,000 by default.
    #[schema(minimum = 1, maximum = 10000)]
    max_rows: Option<u64>,
    /// Most seconds to wait; 30 by default. What has not ended by then is stopped.
    #[schema(minimum = 1, maximum = 30)]
    max_seconds: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SqlResult {
    columns: Vec<SqlColumn>,
    /// One list of values a row, in the order of the columns.
    rows: Vec<Vec<Value>>,
    /// Whether more rows existed than were asked for.
    truncated: bool,
    elapsed_ms: u64,
    /// Columns of the tables read that the reader sees masked.
    masked: Vec<Masked>,
}

/// A column of a table that the reader sees masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Masked {
    table: String,
    column: String,
    title: Words,
    grade: Grade,
    /// As declarations write it.
    #[schema(example = "keep(6, 4, 8)")]
    mask: String,
    /// What the mask does.
    mask_title: Words,
}

impl From<MaskedColumn> for Masked {
    fn from(view: MaskedColumn) -> Masked {
        Masked {
            table: view.table,
            column: view.name,
            title: view.title.into(),
            grade: view.grade.into(),
            mask: view.mask,
            mask_title: view.mask_title.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlColumn {
    name: String,
    /// Arrow type, e.g. `Utf8`, `Int64`, `Date32`.
    #[serde(rename = "type")]
    kind: String,
}

impl SqlResult {
    fn of(view: SqlAnswer, seen: Seen) -> SqlResult {
        SqlResult {
            columns: view.columns.into_iter().map(|c| SqlColumn { name: c.name, kind: c.kind }).collect(),
            rows: view.rows,
            truncated: view.truncated,
            elapsed_ms: view.elapsed_ms,
            masked: seen.masked.into_iter().map(Masked::from).collect(),
        }
    }
}

/// 查询 / Query
///
/// 在受限的独立进程中运行一条 SELECT。出错时 `at` 指出是哪个词。 Runs one SELECT in a process of its own, within limits. On an error, `at` points at the word.
#[utoipa::path(post, path = "/api/v1/sql", operation_id = "query", tag = "sql", security(("session" = [])), request_body = Statement,
    responses((status = 200, body = SqlResult),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn run(visit: Visit, body: Result<Body<Statement>, Problem>) -> Answered<SqlResult> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(statement) = body.told(&visit)?;
    let rows = statement.max_rows.unwrap_or(ROWS_DEFAULT);
    if !(1..=ROWS_MAX).contains(&rows) {
        let text = Problem::invalid("max_rows 须为 1 至 10000 之间的整数。", "max_rows must be a whole number from 1 to 10000.");
        return Err(text).told(&visit);
    }
    let seconds = statement.max_seconds.unwrap_or(SECONDS_MAX);
    if !(1..=SECONDS_MAX).contains(&seconds) {
        let text = Problem::invalid("max_seconds 须为 1 至 30 之间的整数。", "max_seconds must be a whole number from 1 to 30.");
        return Err(text).told(&visit);
    }
    let patience = std::time::Duration::from_secs(seconds);
    let answer = visit.app.desk.sql_within(who, &statement.sql, rows, patience).await.told(&visit)?;
    Ok(Json(SqlResult::of(answer, visit.app.desk.seen_in(who, &statement.sql))))
}

/// How the engine would run a statement, as indented text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plan {
    logical: String,
    physical: String,
}

/// 执行计划 / Plan
///
/// 不运行，只说明引擎将如何运行。 Tells how the engine would run it, without running it.
#[utoipa::path(post, path = "/api/v1/sql/plan", operation_id = "plan", tag = "sql", security(("session" = [])), request_body = Statement,
    responses((status = 200, body = Plan),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn plan(visit: Visit, body: Result<Body<Statement>, Problem>) -> Answered<Plan> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(statement) = body.told(&visit)?;
    let (logical, physical) = visit.app.desk.sql_plan(who, &statement.sql).await.told(&visit)?;
    Ok(Json(Plan { logical, physical }))
}

/// Tables that hold rows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tables {
    tables: Vec<Table>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Table {
    #[schema(example = "standard.person")]
    name: String,
    title: Words,
    columns: Vec<TableColumn>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TableColumn {
    name: String,
    title: Words,
    /// Arrow type.
    #[serde(rename = "type")]
    kind: String,
}

impl From<SqlTable> for Table {
    fn from(view: SqlTable) -> Table {
        let column = |c: desk::view::SqlTableColumn| TableColumn { name: c.name, title: c.title.into(), kind: c.kind };
        Table { name: view.name, title: view.title.into(), columns: view.columns.into_iter().map(column).collect() }
    }
}

/// 可查询的表 / Tables
///
/// 表、列、中文名与类型。 Tables and columns with their titles and types.
#[utoipa::path(get, path = "/api/v1/sql/tables", tag = "sql", security(("session" = [])),
    responses((status = 200, body = Tables), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn tables(visit: Visit) -> Answered<Tables> {
    let who = visit.staff().told(&visit)?;
    let tables = visit.app.desk.sql_tables(who).await.told(&visit)?;
    Ok(Json(Tables { tables: tables.into_iter().map(Table::from).collect() }))
}
