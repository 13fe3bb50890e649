//! What pages, the API and the command line are told of models.

use data::City;
use data::Diagnostic;
use data::declare::{Grade, Model, ModelMode, RunDays};
use kernel::{Moment, Text};
use store::ModelRunRow;

use super::compile::{Models, is_model};
use super::lineage;
use crate::port::{How, PlannedColumn, Source, TableName};
use crate::{Answer, Desk, DeskError, internal};

const RUNS_SHOWN: u64 = 20;

/// How a model stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelState {
    /// Its file has mistakes.
    Broken,
    /// Tables it reads have no rows yet.
    Waiting(Vec<String>),
    /// A model it reads failed, or is held back itself. The last good version stays.
    Blocked(String),
    Running,
    /// The last run failed. The last good version stays.
    Failed,
    /// Never made.
    Never,
    /// What it reads, or its text, has changed since.
    Changed,
    Fresh,
}

/// One model in a list.
#[derive(Clone, Debug)]
pub struct ModelView {
    pub id: String,
    pub title: Text,
    pub summary: Text,
    pub department: Text,
    pub layer: &'static str,
    pub mode: ModelMode,
    pub cron: Option<String>,
    /// With `cron`: on which days it counts.
    pub days: RunDays,
    pub state: ModelState,
    /// Tables it reads, as `layer.name`.
    pub reads: Vec<String>,
    /// The highest grade among its columns.
    pub grade: Grade,
    pub newest: Option<ModelRunView>,
    pub last_good: Option<ModelRunView>,
}

/// One run of a model.
#[derive(Clone, Debug)]
pub struct ModelRunView {
    pub id: String,
    pub model: String,
    pub trigger: String,
    /// `running`, `done`, `failed`, `interrupted`.
    pub state: String,
    pub started: Moment,
    pub ended: Option<Moment>,
    /// Rows that the SELECT gave.
    pub given: u64,
    /// Rows of the table after it.
    pub rows: u64,
    pub added: bool,
    pub error: Option<Text>,
}

/// One column of a model's table.
#[derive(Clone, Debug)]
pub struct ModelColumnView {
    pub name: String,
    pub title: Text,
    pub unit: String,
    pub kind: String,
    pub grade: Grade,
    pub value: Vec<(Source, How)>,
    /// What decides over this column alone.
    pub rows: Vec<Source>,
}

/// A model's page.
#[derive(Clone, Debug)]
pub struct ModelDetail {
    pub view: ModelView,
    /// The SELECT, without its head.
    pub sql: String,
    pub path: String,
    pub key: Vec<String>,
    pub cursor: Option<String>,
    pub columns: Vec<ModelColumnView>,
    /// What decides which rows there are.
    pub rows: Vec<Source>,
    /// Models that read it.
    pub feeds: Vec<String>,
    /// Boards that read it.
    pub boards: Vec<String>,
    /// Figures that count its rows: id and title.
    pub figures: Vec<(String, Text)>,
    pub runs: Vec<ModelRunView>,
    pub runs_total: u64,
    pub mistakes: Vec<Diagnostic>,
}

impl Desk {
    /// All models, each behind what it reads.
    pub async fn models(&self) -> Answer<Vec<ModelView>> {
        let (city, models) = (self.city(), self.compiled());
        let states = self.model_states().await?;
        let newest = self.store().newest_model_runs().await.map_err(internal)?;
        let good = self.store().last_good_model_runs().await.map_err(internal)?;
        let run = |runs: &[ModelRunRow], id: &str| runs.iter().find(|run| run.model == id).map(seen);
        let view = |model: &Model| ModelView {
            state: states.get(&model.id).cloned().unwrap_or(ModelState::Broken),
            newest: run(&newest, &model.id),
            last_good: run(&good, &model.id),
            ..plain(&city, &models, model)
        };
        let broken = city.models.keys().filter(|id| !models.order.contains(id));
        Ok(models
            .order
            .iter()
            .chain(broken)
            .filter_map(|id| city.models.get(id))
            .map(view)
            .collect())
    }

    /// One model, by `layer.name`, or by its name where only one model has it.
    pub async fn model(&self, name: &str, page: u64) -> Answer<ModelDetail> {
        let (city, models) = (self.city(), self.compiled());
        let model = find(&city, name).ok_or(DeskError::NotFound)?;
        let view = self
            .models()
            .await?
            .into_iter()
            .find(|view| view.id == model.id)
            .ok_or(DeskError::NotFound)?;
        let planned = models.planned.get(&model.id);
        let common = |column: &PlannedColumn| -> std::collections::BTreeSet<Source> { column.rows.clone() };
        let columns = planned.map(|planned| planned.columns.as_slice()).unwrap_or_default();
        let rows = columns
            .iter()
            .map(common)
            .reduce(|all, more| all.intersection(&more).cloned().collect())
            .unwrap_or_default();
        let column = |(column, grade): (&PlannedColumn, &Grade)| {
            let declared = model.columns.iter().find(|declared| declared.name == column.name);
            let source = Source {
                table: TableName::read(&model.id)?,
                column: column.name.clone(),
            };
            Some(ModelColumnView {
                name: column.name.clone(),
                title: lineage::title(&city, &models, &source),
                unit: declared.map(|declared| declared.unit.clone()).unwrap_or_default(),
                kind: column.kind.clone(),
                grade: *grade,
                value: column.value.iter().map(|(source, how)| (source.clone(), *how)).collect(),
                rows: column.rows.difference(&rows).cloned().collect(),
            })
        };
        let grades = planned.map(|planned| planned.grades.as_slice()).unwrap_or_default();
        let runs = self.store().model_runs(&model.id, page, RUNS_SHOWN).await.map_err(internal)?;
        let reads = |planned: &super::PlannedModel| planned.reads.iter().any(|read| read.to_string() == model.id);
        let boards: std::collections::BTreeSet<String> = models
            .panels
            .iter()
            .filter(|(.., planned)| touches(planned, &model.id))
            .map(|(board, ..)| board.clone())
            .collect();
        Ok(ModelDetail {
            sql: model.sql.trim().to_owned(),
            path: model.path.clone(),
            key: model.key.clone(),
            cursor: model.cursor.clone(),
            columns: columns.iter().zip(grades).filter_map(column).collect(),
            rows: rows.into_iter().collect(),
            feeds: models
                .planned
                .iter()
                .filter(|(_, planned)| reads(planned))
                .map(|(id, _)| id.clone())
                .collect(),
            boards: boards.into_iter().collect(),
            figures: city
                .figures
                .values()
                .filter(|figure| figure.from == model.id)
                .map(|figure| (figure.id.clone(), Text::new(&figure.title, &figure.title_en)))
                .collect(),
            runs: runs.entries.iter().map(seen).collect(),
            runs_total: runs.total,
            mistakes: models
                .diagnostics
                .iter()
                .filter(|found| found.file == model.path)
                .cloned()
                .collect(),
            view,
        })
    }
}

/// Whether a panel's SELECT uses any column of a table.
fn touches(planned: &crate::port::Planned, table: &str) -> bool {
    planned.columns.iter().any(|column| {
        column
            .value
            .keys()
            .chain(&column.rows)
            .any(|source| source.table.to_string() == table)
    })
}

/// A model by `layer.name`, or by a name that only one has.
pub(super) fn find<'c>(city: &'c City, name: &str) -> Option<&'c Model> {
    let mut named = city
        .models
        .values()
        .filter(|model| model.id.split_once('.').is_some_and(|(_, bare)| bare == name));
    city.models.get(name).or_else(|| named.next().filter(|_| named.next().is_none()))
}

fn plain(city: &City, models: &Models, model: &Model) -> ModelView {
    let department = city.departments.get(&model.department);
    let planned = models.planned.get(&model.id);
    ModelView {
        id: model.id.clone(),
        title: Text::new(&model.title, &model.title_en),
        summary: Text::new(&model.summary, &model.summary_en),
        department: department.map_or_else(Text::default, |department| Text::new(&department.title, &department.title_en)),
        layer: model.layer.word(),
        mode: model.mode,
        cron: model.cron.clone(),
        days: model.days,
        state: ModelState::Broken,
        reads: planned
            .map(|planned| planned.reads.iter().map(TableName::to_string).collect())
            .unwrap_or_default(),
        grade: planned
            .and_then(|planned| planned.grades.iter().max().copied())
            .unwrap_or(Grade::L1),
        newest: None,
        last_good: None,
    }
}

pub(super) fn seen(run: &ModelRunRow) -> ModelRunView {
    ModelRunView {
        id: run.id.clone(),
        model: run.model.clone(),
        trigger: run.trigger.clone(),
        state: run.state.clone(),
        started: run.started,
        ended: run.ended,
        given: run.outcome.given,
        rows: run.outcome.rows,
        added: run.outcome.added,
        error: run.error.clone(),
    }
}

/// The models among the tables that a model reads.
pub(super) fn models_read(planned: &super::PlannedModel) -> impl Iterator<Item = String> + '_ {
    planned.reads.iter().filter(|read| is_model(read)).map(TableName::to_string)
}
