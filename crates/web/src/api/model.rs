//! Models, and the lineage of columns.

use axum::Json;
use axum::extract::Path;
use desk::model::{self as desk_model, ModelColumnView, ModelRunView, ModelState, ModelView, Step, Tie};
use desk::port::How;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::shape::{Grade, Time, Whole, Words};
use crate::frame::Visit;

/// A table made from a SELECT.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Model {
    /// `layer.name`, as in SQL.
    id: String,
    title: Words,
    summary: Words,
    department_title: Words,
    /// `full` or `incremental`.
    mode: &'static str,
    cron: Option<String>,
    /// The times of `cron` count on working days only.
    workdays: bool,
    /// `broken`, `waiting` (for rows of what it reads), `blocked` (a model above failed), `running`, `failed`, `never`, `changed`, `fresh`.
    state: &'static str,
    /// The tables waited for, or the model that blocks it.
    state_of: Vec<String>,
    /// Tables it reads, as `layer.name`.
    reads: Vec<String>,
    /// The highest grade among its columns.
    grade: Grade,
    newest: Option<ModelRun>,
    last_good: Option<ModelRun>,
}

/// One run of a model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelRun {
    id: String,
    /// `running`, `done`, `failed`, `interrupted`.
    state: String,
    /// `collection`, `schedule`, `person`, `command`.
    trigger: String,
    started: Time,
    ended: Option<Time>,
    /// Rows that the SELECT gave.
    given: u64,
    /// Rows of the table after it.
    rows: u64,
    /// Rows were added to what was there, rather than all made anew.
    added: bool,
    error: Option<Words>,
}

/// A model with its columns and runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelDetail {
    model: Model,
    sql: String,
    /// The file, inside the city folder.
    path: String,
    key: Vec<String>,
    cursor: Option<String>,
    columns: Vec<ModelColumn>,
    /// Columns that decide which rows there are, as `layer.table.column`.
    rows: Vec<String>,
    /// Models that read it.
    feeds: Vec<String>,
    runs: Vec<ModelRun>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelColumn {
    name: String,
    title: Words,
    /// Arrow type.
    kind: String,
    grade: Grade,
    /// What its value is computed from.
    value: Vec<Origin>,
    /// What decides over this column alone, as `layer.table.column`.
    rows: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValueOrigin)]
pub(super) struct Origin {
    /// `layer.table.column`
    column: String,
    /// `copied`, `computed`, `folded` (summed up with other rows).
    how: &'static str,
}

/// The lineage of a column.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Lineage {
    /// `layer.table.column`
    column: String,
    title: Words,
    table_title: Words,
    grade: Grade,
    /// For an item of a resource: its system, and the field there.
    system: Option<String>,
    field: Option<String>,
    /// What it comes from, depth first.
    up: Vec<LineageStep>,
    /// What hangs on it, depth first.
    down: Vec<LineageStep>,
    /// How many columns hang on it, those of whole tables too.
    touched: u64,
    /// Panels of boards that show something of it.
    panels: Vec<LineagePanel>,
    /// Declared figures that it goes into.
    figures: Vec<LineageFigure>,
    /// Departments that answer for what hangs on it.
    departments: Vec<String>,
    /// There is more than is told here.
    cut: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineageStep {
    /// Steps from the column asked about.
    #[schema(minimum = 1)]
    depth: usize,
    /// `layer.table.column`; `layer.table.*`: it decides which rows the whole table has.
    column: String,
    title: Words,
    grade: Grade,
    /// `copied`, `computed`, `folded`, or `rows`: it decides which rows there are.
    tie: &'static str,
    /// Declassifiers on each way of the value: `mask_keep(6, 4, 8)`, `count ≥ 5`.
    lowered: Vec<String>,
    /// Its own steps were told further up.
    again: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineagePanel {
    board: String,
    panel_title: Words,
    tie: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineageFigure {
    figure: String,
    title: Words,
    tie: &'static str,
}

fn how(how: How) -> &'static str {
    match how {
        How::Copied => "copied",
        How::Computed => "computed",
        How::Folded => "folded",
    }
}

fn tie(tie: Tie) -> &'static str {
    match tie {
        Tie::Value(by) => how(by),
        Tie::Rows => "rows",
    }
}

impl From<ModelRunView> for ModelRun {
    fn from(run: ModelRunView) -> ModelRun {
        ModelRun {
            id: run.id,
            state: run.state,
            trigger: run.trigger,
            started: run.started.into(),
            ended: run.ended.map(Time::from),
            given: run.given,
            rows: run.rows,
            added: run.added,
            error: run.error.map(Words::from),
        }
    }
}

impl From<ModelView> for Model {
    fn from(view: ModelView) -> Model {
        let (state, state_of) = match view.state {
            ModelState::Broken => ("broken", Vec::new()),
            ModelState::Waiting(tables) => ("waiting", tables),
            ModelState::Blocked(by) => ("blocked", vec![by]),
            ModelState::Running => ("running", Vec::new()),
            ModelState::Failed => ("failed", Vec::new()),
            ModelState::Never => ("never", Vec::new()),
            ModelState::Changed => ("changed", Vec::new()),
            ModelState::Fresh => ("fresh", Vec::new()),
        };
        Model {
            id: view.id,
            title: view.title.into(),
            summary: view.summary.into(),
            department_title: view.department.into(),
            mode: match view.mode {
                data::declare::ModelMode::Full => "full",
                data::declare::ModelMode::Incremental => "incremental",
            },
            cron: view.cron,
            workdays: view.days == data::declare::RunDays::Workdays,
            state,
            state_of,
            reads: view.reads,
            grade: view.grade.into(),
            newest: view.newest.map(ModelRun::from),
            last_good: view.last_good.map(ModelRun::from),
        }
    }
}

impl From<ModelColumnView> for ModelColumn {
    fn from(column: ModelColumnView) -> ModelColumn {
        ModelColumn {
            name: column.name,
            title: column.title.into(),
            kind: column.kind,
            grade: column.grade.into(),
            value: column
                .value
                .iter()
                .map(|(source, by)| Origin {
                    column: source.to_string(),
                    how: how(*by),
                })
                .collect(),
            rows: column.rows.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Step> for LineageStep {
    fn from(step: Step) -> LineageStep {
        LineageStep {
            depth: step.depth,
            column: step.source.to_string(),
            title: step.title.into(),
            grade: step.grade.into(),
            tie: tie(step.tie),
            lowered: step.lowered.iter().map(data::mask::Declassifier::word).collect(),
            again: step.again,
        }
    }
}

impl From<desk_model::ModelDetail> for ModelDetail {
    fn from(detail: desk_model::ModelDetail) -> ModelDetail {
        ModelDetail {
            model: detail.view.into(),
            sql: detail.sql,
            path: detail.path,
            key: detail.key,
            cursor: detail.cursor,
            columns: detail.columns.into_iter().map(ModelColumn::from).collect(),
            rows: detail.rows.iter().map(ToString::to_string).collect(),
            feeds: detail.feeds,
            runs: detail.runs.into_iter().map(ModelRun::from).collect(),
        }
    }
}

/// 模型 / Models
///
/// 由 SQL 得出的基础库与专题库的表，及各自的状态。 Tables made from SELECTs, and how each stands.
#[utoipa::path(get, path = "/api/v1/models", tag = "models", responses((status = 200, body = Whole<Model>), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn models(visit: Visit) -> Answered<Whole<Model>> {
    let models = visit.app.desk.models().await.told(&visit)?;
    Ok(Json(Whole {
        entries: models.into_iter().map(Model::from).collect(),
    }))
}

/// 一个模型 / One model
///
/// 各列及其来源、SQL 和最近的运行。 Its columns and where they come from, its SQL and its last runs.
#[utoipa::path(get, path = "/api/v1/models/{id}", tag = "models",
    params(("id" = String, Path, description = "`层.表名` / `layer.name`")),
    responses((status = 200, body = ModelDetail), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn model(visit: Visit, Path(id): Path<String>) -> Answered<ModelDetail> {
    Ok(Json(visit.app.desk.model(&id, 1).await.told(&visit)?.into()))
}

/// 一列的血缘 / The lineage of a column
///
/// 它来自哪里，哪些列、看板会受它影响。 What it comes from, and which columns and boards it touches.
#[utoipa::path(get, path = "/api/v1/lineage/{table}/{column}", tag = "models",
    params(("table" = String, Path, description = "`层.表名` / `layer.name`"), ("column" = String, Path, description = "列名 / name of the column")),
    responses((status = 200, body = Lineage), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn lineage(visit: Visit, Path((table, column)): Path<(String, String)>) -> Answered<Lineage> {
    let view = visit.app.desk.lineage(&table, &column).told(&visit)?;
    let (system, field) = view.asked.field.map(|(system, _, field)| (system, field)).unzip();
    Ok(Json(Lineage {
        column: view.asked.source.to_string(),
        title: view.asked.title.into(),
        table_title: view.asked.table_title.into(),
        grade: view.asked.grade.into(),
        system,
        field,
        up: view.up.into_iter().map(LineageStep::from).collect(),
        down: view.down.into_iter().map(LineageStep::from).collect(),
        panels: view
            .boards
            .into_iter()
            .map(|panel| LineagePanel {
                board: panel.board,
                panel_title: panel.panel_title.into(),
                tie: tie(panel.tie),
            })
            .collect(),
        figures: view
            .figures
            .into_iter()
            .map(|one| LineageFigure { figure: one.figure, title: one.title.into(), tie: tie(one.tie) })
            .collect(),
        departments: view.departments.into_iter().map(|(id, _)| id).collect(),
        touched: view.touched,
        cut: view.cut,
    }))
}
