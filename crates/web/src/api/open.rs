//! Open data for programs: datasets, rows, versions, what changed between two of them. No login is needed.

use axum::Json;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use data::declare::OpenTo;
use desk::open::{DatasetDetail, DatasetFilter, DatasetView, OpenColumn, OpenRows, VersionView};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::catalog::{Facet, Named, facets};
use super::problem::{ForReader, Problem};
use super::shape::{Page, Time, Words};
use super::{Answered, read};
use crate::frame::Visit;

/// Rows of a delta at most.
const DELTA_MAX: usize = 10_000;

/// A dataset that everybody may have, or apply for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Dataset {
    id: String,
    title: Words,
    summary: Words,
    department: String,
    department_title: Words,
    /// Word of the theme: `transport`, `environment`…
    theme: &'static str,
    theme_title: Words,
    /// `everybody` or `applicants`.
    to: &'static str,
    /// Name in the SPDX list.
    licence: &'static str,
    licence_url: &'static str,
    /// How often new versions are to be expected: `daily`, `monthly`…
    period: String,
    keywords: Vec<Words>,
    rows: u64,
    columns: u64,
    /// The newest version.
    version: u64,
    published: Time,
    updated: Time,
    downloads: u64,
    calls: u64,
}

impl From<DatasetView> for Dataset {
    fn from(view: DatasetView) -> Dataset {
        Dataset {
            id: view.id,
            title: view.title.into(),
            summary: view.summary.into(),
            department: view.department.id,
            department_title: view.department.title.into(),
            theme: view.theme.word(),
            theme_title: view.theme.title().into(),
            to: match view.to {
                OpenTo::Everybody => "everybody",
                OpenTo::Applicants => "applicants",
            },
            licence: view.licence.id,
            licence_url: view.licence.url,
            period: desk::catalog::word(view.period),
            keywords: view.keywords.into_iter().map(Words::from).collect(),
            rows: view.rows,
            columns: view.columns as u64,
            version: view.version,
            published: view.published.into(),
            updated: view.updated.into(),
            downloads: view.used.downloads,
            calls: view.used.calls,
        }
    }
}

/// Datasets that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Datasets {
    datasets: Page<Dataset>,
    themes: Vec<Facet>,
    departments: Vec<Facet>,
    licences: Vec<Facet>,
    /// A better spelling, when nothing was found.
    suggestion: Option<String>,
}

/// A column of a dataset.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Column {
    name: String,
    title: Words,
    unit: String,
    /// `text`, `integer`, `number`, `decimal`, `boolean`, `date`, `moment`.
    kind: &'static str,
    /// Part of what names a row.
    key: bool,
}

impl From<OpenColumn> for Column {
    fn from(column: OpenColumn) -> Column {
        let kind = match column.kind {
            desk::open::Kind::Text | desk::open::Kind::Hash => "text",
            desk::open::Kind::Integer => "integer",
            desk::open::Kind::Number => "number",
            desk::open::Kind::Decimal { .. } => "decimal",
            desk::open::Kind::Boolean => "boolean",
            desk::open::Kind::Date => "date",
            desk::open::Kind::Moment { .. } => "moment",
        };
        Column { name: column.name, title: column.title.into(), unit: column.unit, kind, key: column.key }
    }
}

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Version {
    number: u64,
    rows: u64,
    added: u64,
    changed: u64,
    removed: u64,
    time: Time,
}

impl From<VersionView> for Version {
    fn from(view: VersionView) -> Version {
        let VersionView { number, rows, added, changed, removed, time } = view;
        Version { number, rows, added, changed, removed, time: time.into() }
    }
}

/// A dataset with its columns.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneDataset {
    dataset: Dataset,
    /// What whoever applies has to fulfil or agree to.
    condition: Words,
    columns: Vec<Column>,
    /// The resources that its rows come from.
    sources: Vec<Named>,
}

impl From<DatasetDetail> for OneDataset {
    fn from(detail: DatasetDetail) -> OneDataset {
        OneDataset {
            dataset: detail.view.into(),
            condition: detail.condition.into(),
            columns: detail.columns.into_iter().map(Column::from).collect(),
            sources: detail.sources.into_iter().map(|source| Named::of(source.id, source.title)).collect(),
        }
    }
}

/// Rows of a version.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the rows are written as text; this describes them")]
pub(super) struct DatasetRows {
    version: u64,
    updated: Time,
    /// How many rows fulfil what was asked.
    total: u64,
    limit: u64,
    offset: u64,
    /// `offset` of the next page, where there is one.
    next: Option<u64>,
    /// Columns with their values; money as a text of its digits.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Map<String, Value>>,
}

/// [`DatasetRows`], as text.
fn told(found: &OpenRows) -> String {
    let seen = found.offset.saturating_add(found.rows.len() as u64);
    let next = (seen < found.total && !found.rows.is_empty()).then_some(seen);
    let head = json!({ "version": found.version, "updated": Time::from(found.updated), "total": found.total, "limit": found.limit, "offset": found.offset, "next": next });
    let mut text = head.to_string();
    text.pop();
    text.push_str(",\"rows\":");
    text.push_str(&found.json());
    text.push('}');
    text
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DatasetDelta {
    from: u64,
    to: u64,
    /// Whether more rows differ than are told.
    more: bool,
    changes: Vec<Change>,
}

/// A row that differs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Change {
    /// `added`, `changed`, `removed`.
    change: &'static str,
    /// The row's number, which is never another row's.
    row: u64,
    /// As it is in `to`; as it was in `from`, if it was removed.
    #[schema(value_type = Object)]
    values: Map<String, Value>,
}

impl Change {
    pub(super) fn of(columns: &[OpenColumn], delta: &desk::open::Delta) -> Change {
        let values = delta.row.iter().map(|value| serde_json::to_value(value).unwrap_or_default());
        Change { change: delta.op.word(), row: delta.number, values: columns.iter().map(|column| column.name.clone()).zip(values).collect() }
    }
}

/// 检索开放数据集 / Search open datasets
///
/// 无需登录。不填检索词则列出全部，最新的在前。 No login needed. Without words it lists all, the newest first.
#[utoipa::path(get, path = "/api/v1/open/datasets", operation_id = "open_datasets", tag = "open",
    params(
        ("q" = Option<String>, Query, description = "检索词 / words", max_length = 200),
        ("theme" = Option<Vec<String>>, Query, description = "主题 / theme", max_items = 50),
        ("department" = Option<Vec<String>>, Query, description = "部门编号 / id of a department", max_items = 50),
        ("licence" = Option<Vec<String>>, Query, description = "许可 / licence", max_items = 50),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Datasets), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn datasets(visit: Visit) -> Answered<Datasets> {
    let words = |name: &str| visit.all(name).into_iter().take(50).map(str::to_owned).collect();
    let query = read::text(&visit, "q").told(&visit)?.unwrap_or_default();
    let filter = DatasetFilter { query, theme: words("theme"), department: words("department"), licence: words("licence"), to: Vec::new() };
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.open_datasets(&filter, page, size, visit.now).await.told(&visit)?;
    Ok(Json(Datasets {
        datasets: Page::of(found.datasets),
        themes: facets(found.themes),
        departments: facets(found.departments),
        licences: facets(found.licences),
        suggestion: found.suggestion,
    }))
}

/// 一个开放数据集 / One open dataset
#[utoipa::path(get, path = "/api/v1/open/datasets/{id}", operation_id = "open_dataset", tag = "open",
    params(("id" = String, Path, description = "数据集编号 / id of the dataset", max_length = 200)),
    responses((status = 200, body = OneDataset), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn dataset(Path(id): Path<String>, visit: Visit) -> Answered<OneDataset> {
    Ok(Json(visit.app.desk.open_dataset(&id, visit.now).await.told(&visit)?.into()))
}

/// 数据集的数据 / Rows of a dataset
///
/// 参数：`字段名=值`（可重复）、`字段名.from`、`字段名.to`、`字段名.starts`、`fields`、`order`、`limit`、`offset`、`version`。
///
/// Parameters: `column=value` (may be repeated), `column.from`, `column.to`, `column.starts`, `fields`, `order`, `limit`, `offset`, `version`.
#[utoipa::path(get, path = "/api/v1/open/datasets/{id}/rows", operation_id = "open_rows", tag = "open",
    params(
        ("id" = String, Path, description = "数据集编号 / id of the dataset", max_length = 200),
        ("fields" = Option<String>, Query, description = "字段名，以逗号分隔 / columns, with commas between them", max_length = 1000),
        ("order" = Option<String>, Query, description = "如 `name,-date` / such as `name,-date`", max_length = 1000),
        ("limit" = Option<u64>, Query, description = "最多行数，默认 100 / rows at most, 100 by default"),
        ("offset" = Option<u64>, Query, description = "跳过的行数 / rows to skip"),
        ("version" = Option<u64>, Query, description = "版本号，默认最新 / number of a version, the newest by default"),
    ),
    responses((status = 200, body = DatasetRows), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rows(Path(id): Path<String>, visit: Visit) -> Result<Response, Problem> {
    let parameters: Vec<(String, String)> = visit.query.iter().filter(|(name, _)| name != "lang" && name != "mode").cloned().collect();
    let found = visit.app.desk.open_rows(&visit.caller, &id, &parameters, visit.now).await.told(&visit)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], told(&found)).into_response())
}

/// 数据集的版本 / Versions of a dataset
#[utoipa::path(get, path = "/api/v1/open/datasets/{id}/versions", operation_id = "open_versions", tag = "open",
    params(
        ("id" = String, Path, description = "数据集编号 / id of the dataset", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Page<Version>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn versions(Path(id): Path<String>, visit: Visit) -> Answered<Page<Version>> {
    let (page, size) = read::paging(&visit).told(&visit)?;
    let found = visit.app.desk.open_versions(&id, page, size, visit.now).await.told(&visit)?;
    Ok(Json(Page::of(found)))
}

/// 两个版本之间的变化 / What differs between two versions
///
/// 先列删除，再列新增和修改；按 `row` 依次应用于 `from` 的数据，即得 `to` 的数据。`from=0` 表示从无到有。
///
/// Removals first, then what was added or has changed: applied by `row` to the rows of `from`, they give those of `to`. `from=0` is nothing at all.
#[utoipa::path(get, path = "/api/v1/open/datasets/{id}/delta", operation_id = "open_delta", tag = "open",
    params(
        ("id" = String, Path, description = "数据集编号 / id of the dataset", max_length = 200),
        ("from" = u64, Query, description = "版本号 / number of a version"),
        ("to" = u64, Query, description = "版本号 / number of a version"),
    ),
    responses((status = 200, body = DatasetDelta), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn delta(Path(id): Path<String>, visit: Visit) -> Answered<DatasetDelta> {
    let number = |name: &str| {
        let text = kernel::Text::new(format!("{name} 应为版本号"), format!("{name} is the number of a version"));
        visit.parameter(name).parse::<u64>().map_err(|_| desk::DeskError::Invalid(text))
    };
    let (from, to) = (number("from").told(&visit)?, number("to").told(&visit)?);
    let (columns, found, more) = visit.app.desk.open_delta(&id, from, to, DELTA_MAX, visit.now).await.told(&visit)?;
    Ok(Json(DatasetDelta { from, to, more, changes: found.iter().map(|delta| Change::of(&columns, delta)).collect() }))
}
