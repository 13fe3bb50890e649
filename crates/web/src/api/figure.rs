//! Figures: numbers declared once, with their values over time and by parts.

use axum::Json;
use axum::extract::Path;
use desk::figure::{self as desk_figure, FigureView, Point};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Answered;
use super::model::LineageStep;
use super::problem::{ForReader, Problem};
use super::shape::{Grade, Time, Whole, Words};
use crate::frame::Visit;

/// A declared figure with its value now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Figure {
    id: String,
    title: Words,
    summary: Words,
    department: String,
    department_title: Words,
    unit: Words,
    /// `day`, `week`, `month`, `quarter`, `year`; absent: one value for all rows as they are now.
    period: Option<&'static str>,
    /// `higher` or `lower` is good; absent: neither.
    better: Option<&'static str>,
    /// The table whose rows it counts, as `layer.name`.
    table: String,
    grade: Grade,
    /// The values are above the grade that you may see.
    hidden: bool,
    /// A number, or a text where a number could not hold it; null where there is none.
    value: Value,
    /// First day of the period that the value is of.
    start: Option<String>,
    /// That period is not over.
    running: bool,
    /// The period before, or the newest earlier day.
    before: Option<FigurePoint>,
    /// The same period a year before.
    year_before: Option<FigurePoint>,
    /// Absent before it was first worked out.
    as_of: Option<Time>,
    /// Why it cannot be worked out.
    error: Option<Words>,
}

/// One value of a figure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigurePoint {
    /// First day of the period, or the day.
    start: String,
    value: Value,
}

/// A figure with its definition and all that it stands on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureDetail {
    figure: Figure,
    /// The aggregate, as declared.
    definition: String,
    /// Only rows for which this is true are counted.
    condition: Option<String>,
    /// Column that tells to which period a row belongs.
    time: Option<String>,
    sql: String,
    /// The file, inside the city folder.
    path: String,
    /// Newest first.
    series: Vec<FigurePoint>,
    breakdowns: Vec<FigureBreakdown>,
    sources: Vec<FigureSource>,
    /// What it comes from, depth first.
    lineage: Vec<LineageStep>,
}

/// A figure by the values of one column.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureBreakdown {
    by: String,
    title: Words,
    parts: Vec<FigurePart>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigurePart {
    key: String,
    title: Words,
    value: Value,
}

/// A resource behind a figure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureSource {
    resource: String,
    title: Words,
    last_collected: Option<Time>,
    rows: u64,
    /// Quality, 0 to 100.
    score: Option<f64>,
    /// Rules that more rows fail than may.
    failing: Vec<FigureRule>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureRule {
    name: String,
    title: Words,
    failed: u64,
    checked: u64,
    /// It is about an item that goes into the figure.
    touches: bool,
}

/// One value: of a period, of a part, or both.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureValue {
    /// First day of the period.
    start: Option<String>,
    /// Value of the column it is broken down by.
    key: Option<String>,
    value: Value,
}

/// Rows that a figure counts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureRows {
    columns: Vec<String>,
    /// At most 50 a page.
    rows: Vec<Vec<Value>>,
    page: u64,
    more: bool,
    /// Columns that you see masked, as `layer.table.column`.
    masked: Vec<String>,
}

impl From<Point> for FigurePoint {
    fn from(point: Point) -> FigurePoint {
        FigurePoint { start: point.start, value: point.value }
    }
}

impl From<FigureView> for Figure {
    fn from(view: FigureView) -> Figure {
        Figure {
            id: view.id,
            title: view.title.into(),
            summary: view.summary.into(),
            department: view.department,
            department_title: view.department_title.into(),
            unit: view.unit.into(),
            period: view.period.map(data::declare::Period::word),
            better: view.better.map(|better| match better {
                data::declare::Better::Higher => "higher",
                data::declare::Better::Lower => "lower",
            }),
            table: view.table,
            grade: view.grade.into(),
            hidden: view.hidden,
            value: view.headline.value.unwrap_or_default(),
            start: view.headline.start,
            running: view.headline.running,
            before: view.headline.before.map(FigurePoint::from),
            year_before: view.headline.year_before.map(FigurePoint::from),
            as_of: view.as_of.map(Time::from),
            error: view.error.map(Words::from),
        }
    }
}

impl From<desk_figure::FigureDetail> for FigureDetail {
    fn from(mut detail: desk_figure::FigureDetail) -> FigureDetail {
        let part = |part: desk_figure::Part| FigurePart { key: part.key, title: part.title.into(), value: part.value };
        let breakdown = |one: desk_figure::Breakdown| FigureBreakdown { by: one.by, title: one.title.into(), parts: one.parts.into_iter().map(part).collect() };
        let rule = |rule: desk_figure::FailingRule| FigureRule { name: rule.name, title: rule.title.into(), failed: rule.failed, checked: rule.checked, touches: rule.touches };
        let source = |ground: desk_figure::Ground| FigureSource {
            resource: ground.resource,
            title: ground.title.into(),
            last_collected: ground.last_collected.map(Time::from),
            rows: ground.rows,
            score: ground.score,
            failing: ground.failing.into_iter().map(rule).collect(),
        };
        FigureDetail {
            series: std::mem::take(&mut detail.view.series).into_iter().map(FigurePoint::from).collect(),
            figure: detail.view.into(),
            definition: detail.value,
            condition: detail.condition,
            time: detail.time,
            sql: detail.sql,
            path: detail.path,
            breakdowns: detail.breakdowns.into_iter().map(breakdown).collect(),
            sources: detail.grounds.sources.into_iter().map(source).collect(),
            lineage: detail.grounds.steps.into_iter().map(LineageStep::from).collect(),
        }
    }
}

/// 指标 / Figures
///
/// 全部声明的指标及其当前值。 All declared figures with their values now.
#[utoipa::path(get, path = "/api/v1/figures", tag = "figures", responses((status = 200, body = Whole<Figure>)))]
pub(super) async fn figures(visit: Visit) -> Answered<Whole<Figure>> {
    let figures = visit.app.desk.figures(visit.account.as_ref()).await.told(&visit)?;
    Ok(Json(Whole { entries: figures.into_iter().map(Figure::from).collect() }))
}

/// 一个指标 / One figure
///
/// 口径、各期的值、细分、来源的时效与质量、血缘。 Its definition, values over time and by parts, how fresh and good its sources are, its lineage.
#[utoipa::path(get, path = "/api/v1/figures/{id}", tag = "figures",
    params(("id" = String, Path, description = "指标编号 / id of the figure", max_length = 200)),
    responses((status = 200, body = FigureDetail), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn figure(visit: Visit, Path(id): Path<String>) -> Answered<FigureDetail> {
    let detail = visit.app.desk.figure(visit.account.as_ref(), &id).await.told(&visit)?;
    Ok(Json(detail.into()))
}

/// 指标的值 / Values of a figure
///
/// 由新到旧；`by` 按一列细分。 Newest first; `by` breaks it down by a column.
#[utoipa::path(get, path = "/api/v1/figures/{id}/values", tag = "figures",
    params(("id" = String, Path, description = "指标编号 / id of the figure", max_length = 200),
        ("by" = Option<String>, Query, description = "细分的列 / column to break it down by")),
    responses((status = 200, body = Whole<FigureValue>), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn values(visit: Visit, Path(id): Path<String>) -> Answered<Whole<FigureValue>> {
    let by = visit.chosen("by");
    let values = visit.app.desk.figure_values(visit.account.as_ref(), &id, by.as_deref()).await.told(&visit)?;
    let entry = |(start, key, value)| FigureValue { start, key, value };
    Ok(Json(Whole { entries: values.into_iter().map(entry).collect() }))
}

/// 指标统计的数据行 / Rows that a figure counts
///
/// 按您的权限显示；可用细分的列作参数，如 `district=330203`。 As far as your rights go; columns that it can be broken down by are parameters, such as `district=330203`.
#[utoipa::path(get, path = "/api/v1/figures/{id}/rows", tag = "figures", security(("session" = [])),
    params(("id" = String, Path, description = "指标编号 / id of the figure", max_length = 200),
        ("period" = Option<String>, Query, description = "一期的第一天 / first day of a period"),
        ("page" = Option<u64>, Query, minimum = 1, description = "页 / page")),
    responses((status = 200, body = FigureRows), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rows(visit: Visit, Path(id): Path<String>) -> Answered<FigureRows> {
    let who = visit.staff().told(&visit)?;
    let start = visit.chosen("period");
    let only: Vec<(String, String)> = visit.query.iter().filter(|(name, _)| !["period", "page", "lang"].contains(&name.as_str())).cloned().collect();
    let rows = visit.app.desk.figure_rows(who, &id, start.as_deref(), &only, visit.page()).await.told(&visit)?;
    Ok(Json(FigureRows {
        columns: rows.columns.into_iter().map(|(name, _)| name).collect(),
        rows: rows.rows,
        page: rows.page,
        more: rows.more,
        masked: rows.seen.masked.iter().map(|column| format!("{}.{}", column.table, column.name)).collect(),
    }))
}
