//! The history of a resource, for staff: what changed between two points, one row through time, a table as it was.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use desk::history::{self, CHANGES_MAX};
use desk::view::Form;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Time, Whole, mirror};
use crate::frame::Visit;
use crate::history::{as_of_lines, change_lines, ends};

mirror!(
    /// What became of a row.
    Change of history::Change { Added, Removed, Corrected } as "snake_case"
);

/// A cell that changed.
#[derive(Debug, Serialize, ToSchema)]
struct Cell {
    column: String,
    before: Option<String>,
    now: Option<String>,
}

fn cells(cells: Vec<(String, Option<String>, Option<String>)>) -> Vec<Cell> {
    cells.into_iter().map(|(column, before, now)| Cell { column, before, now }).collect()
}

/// Where and when a version of a row came.
#[derive(Debug, Serialize, ToSchema)]
struct Origin {
    batch: i64,
    run: String,
    file: String,
    line: u64,
    time: Time,
}

impl From<&history::Version> for Origin {
    fn from(version: &history::Version) -> Origin {
        Origin { batch: version.batch, run: version.run.clone(), file: version.file.clone(), line: version.line, time: version.time.into() }
    }
}

/// A row that changed.
#[derive(Debug, Serialize, ToSchema)]
struct RowChange {
    change: Change,
    /// The values of the key, in the order of its items.
    key: Vec<String>,
    /// The cells that differ; all of the row where it was added or removed.
    cells: Vec<Cell>,
    before: Option<Origin>,
    now: Option<Origin>,
}

/// Some of the changes after batch `from` up to batch `to`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changes {
    from: i64,
    to: i64,
    entries: Vec<RowChange>,
    /// Goes into `after` for the next ones; null at the end.
    next: Option<String>,
}

/// 两次之间的变化 / What changed between two points
///
/// 增加、移除、更正的行，逐格对比；`format=csv` 或 `ndjson` 下载全部。 Rows added, removed, corrected, cell by cell; `format=csv` or `ndjson` downloads all.
#[utoipa::path(get, path = "/api/v1/resources/{id}/changes", tag = "catalog", security(("session" = [])),
    params(
        ("id" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("from" = Option<String>, Query, description = "此后：日期、时刻、任务编号或批次号 / after this day, moment, run or batch", max_length = 200),
        ("to" = Option<String>, Query, description = "到此 / up to this", max_length = 200),
        ("after" = Option<String>, Query, description = "上一页的 next / next of the page before", max_length = 32),
        ("size" = Option<u64>, Query, description = "每页行数，默认 50 / rows a page, 50 by default", minimum = 1, maximum = 200),
        ("format" = Option<String>, Query, description = "csv 或 ndjson / csv or ndjson", max_length = 10),
    ),
    responses((status = 200, body = Changes), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn changes(Path(id): Path<String>, visit: Visit) -> Result<Response, Problem> {
    use axum::response::IntoResponse;
    let who = visit.staff().told(&visit)?;
    if let Some(form) = Form::of(visit.parameter("format")) {
        return change_lines(&visit, &id, form).await.told(&visit);
    }
    let size = read::number(&visit, "size", 50, 1..=read::SIZE_MAX).told(&visit)? as usize;
    let (_, from, to) = ends(&visit, &id).await.told(&visit)?;
    let after = read::text(&visit, "after").told(&visit)?;
    let found = visit.app.desk.changes(who, &id, &from, &to, after.as_deref(), size.min(CHANGES_MAX)).await.told(&visit)?;
    let entry = |entry: history::RowChange| RowChange {
        change: entry.change.into(),
        key: entry.key.into_iter().map(|(_, value)| value).collect(),
        cells: cells(entry.cells),
        before: entry.before.as_ref().map(Origin::from),
        now: entry.now.as_ref().map(Origin::from),
    };
    let changes = Changes { from: found.from, to: found.to, next: found.next, entries: found.entries.into_iter().map(entry).collect() };
    Ok(Json(changes).into_response())
}

/// One version of a row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowVersion {
    origin: Origin,
    /// The source removed the row.
    removed: bool,
    /// It was refused and never became current.
    refused: bool,
    /// What differs from the version before.
    cells: Vec<Cell>,
}

/// 一行的历史 / History of a row
///
/// 按主键（`key` 按主键项的顺序重复）列出每个版本，最新的在前。 Every version by key (repeat `key` in the order of the key items), newest first.
#[utoipa::path(get, path = "/api/v1/resources/{id}/row", tag = "catalog", security(("session" = [])),
    params(
        ("id" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("key" = Vec<String>, Query, description = "主键的值 / value of the key", max_length = 200),
    ),
    responses((status = 200, body = Whole<RowVersion>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn row(Path(id): Path<String>, visit: Visit) -> Answered<Whole<RowVersion>> {
    let who = visit.staff().told(&visit)?;
    let key: Vec<String> = visit.all("key").into_iter().map(str::to_owned).collect();
    let versions = visit.app.desk.row_history(who, &id, &key).await.told(&visit)?;
    let version = |one: history::RowVersion| RowVersion {
        origin: Origin::from(&one.version),
        removed: one.version.removed,
        refused: one.version.refused,
        cells: cells(one.cells),
    };
    Ok(Json(Whole { entries: versions.into_iter().map(version).collect() }))
}

/// 某时的数据 / A table as of a moment
///
/// 那时的当前行，每行一个 JSON 对象；`format=csv` 为 CSV。 The rows that were current then, a JSON object a line; `format=csv` for CSV.
#[utoipa::path(get, path = "/api/v1/resources/{id}/as-of", tag = "catalog", security(("session" = [])),
    params(
        ("id" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("at" = Option<String>, Query, description = "日期、时刻、任务编号或批次号 / day, moment, run or batch", max_length = 200),
        ("format" = Option<String>, Query, description = "csv 或 ndjson / csv or ndjson", max_length = 10),
    ),
    responses((status = 200, body = String, content_type = "application/x-ndjson"), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn as_of(Path(id): Path<String>, visit: Visit) -> Result<Response, Problem> {
    visit.staff().told(&visit)?;
    let form = Form::of(visit.parameter("format")).unwrap_or(Form::Ndjson);
    as_of_lines(&visit, &id, form).await.told(&visit)
}
