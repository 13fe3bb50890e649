//! A figure put to question: what it is made from, how fresh and how good that is, and the rows that it counts, as far as
//! the reader's rights go. A panel that brings a SELECT of its own can be asked the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data::declare::Period;
use kernel::{Moment, Text};
use serde_json::Value;
use serde_json::json;

use super::series::day;
use super::view::labels;
use crate::authority::object;
use crate::model::{Step, column_title};
use crate::port::{Layer, PlannedColumn, Source, TableName};
use crate::quality::{RuleState, RuleView};
use crate::sight::Seen;
use crate::state;
use crate::view::{Account, Freshness, PanelView};
use crate::{Answer, Desk, DeskError};

const ROWS_PAGE: u64 = 50;
/// Further pages cost the reading of all before them.
const PAGES_MAX: u64 = 200;
const DEADLINE: Duration = Duration::from_secs(30);

/// What something that is shown stands on.
#[derive(Clone, Debug, Default)]
pub struct Grounds {
    /// What it comes from, depth first, back to the fields at the sources.
    pub steps: Vec<Step>,
    /// More than can be shown.
    pub cut: bool,
    /// The resources behind it.
    pub sources: Vec<Ground>,
}

/// A resource behind a figure.
#[derive(Clone, Debug)]
pub struct Ground {
    pub resource: String,
    pub title: Text,
    pub department_title: Text,
    pub freshness: Freshness,
    pub last_collected: Option<Moment>,
    pub rows: u64,
    /// Its items that go into the figure.
    pub items: Vec<Text>,
    /// Quality, 0 to 100; `None` where nothing was measured.
    pub score: Option<f64>,
    /// Rules that more rows fail than may, those on these items first.
    pub failing: Vec<FailingRule>,
}

/// A rule that fails at a source of a figure.
#[derive(Clone, Debug)]
pub struct FailingRule {
    pub name: String,
    pub title: Text,
    pub failed: u64,
    pub checked: u64,
    /// It is about an item that goes into the figure.
    pub touches: bool,
    /// Its defect that is not closed.
    pub defect: Option<String>,
}

/// Rows that a figure counts.
#[derive(Clone, Debug)]
pub struct FigureRows {
    pub title: Text,
    pub period: Option<Period>,
    /// Which rows: title of the column, and of the value where it is a code.
    pub only: Vec<(Text, Text)>,
    /// Names and titles of the columns.
    pub columns: Vec<(String, Text)>,
    /// By column: the titles of its codes.
    pub labels: Vec<BTreeMap<String, Text>>,
    pub rows: Vec<Vec<Value>>,
    pub page: u64,
    pub more: bool,
    /// What the reader sees masked, and why. Conditions then look at what is left.
    pub seen: Seen,
    /// The SELECT that gave them.
    pub sql: String,
}

/// A panel that brings a SELECT of its own, put to question.
#[derive(Clone, Debug)]
pub struct PanelQuestion {
    pub board_title: Text,
    pub panel: PanelView,
    pub grounds: Grounds,
}

impl Desk {
    /// Staff: the rows that a figure counts, of one period (its first day) and with these values in columns that it is broken
    /// down by; fifty a page.
    pub async fn figure_rows(&self, who: &Account, id: &str, start: Option<&str>, only: &[(String, String)], page: u64) -> Answer<FigureRows> {
        self.may(who, "read.figure", &object("figure", id)).await?;
        let (city, models) = (self.city(), self.compiled());
        let figure = city.figures.get(id).ok_or(DeskError::NotFound)?;
        let planned = models.figures.get(id).ok_or(DeskError::NotFound)?;
        if let Some(start) = start.filter(|start| day(start).is_none() || figure.period.is_none()) {
            return Err(DeskError::Invalid(Text::new(format!("`{start}` 不是该指标的一期"), format!("`{start}` is no period of this figure"))));
        }
        if let Some((column, _)) = only.iter().find(|(column, _)| !figure.by.contains(column)) {
            return Err(DeskError::Invalid(Text::new(format!("该指标不能按 `{column}` 细分"), format!("this figure cannot be broken down by `{column}`"))));
        }
        let page = page.clamp(1, PAGES_MAX);
        let all = planned.rows(figure, start, only);
        let sql = format!("{all} LIMIT {} OFFSET {}", ROWS_PAGE + 1, (page - 1) * ROWS_PAGE);
        let answer = self.0.ports.sql.run(&sql, ROWS_PAGE + 1, DEADLINE, self.masks(who, &sql)).await.map_err(DeskError::Sql)?;
        let detail = json!({ "start": start, "only": only, "page": page, "rows": answer.rows.len() });
        self.log(who, "read.figure", &object("figure", id), detail).await?;
        // Where a row came from stands on the pages of its table.
        let shown: Vec<usize> = answer.columns.iter().enumerate().filter(|(_, column)| !column.name.starts_with('_')).map(|(n, _)| n).collect();
        let source = |name: &str| Source { table: planned.table.clone(), column: name.to_owned() };
        let title = |name: &str| column_title(&city, &models, &source(name));
        let labels = shown.iter().filter_map(|n| answer.columns.get(*n)).map(|column| labels(&city, &models, &source(&column.name))).collect();
        let columns = shown.iter().filter_map(|n| answer.columns.get(*n)).map(|column| (column.name.clone(), title(&column.name))).collect();
        let row = |row: &Vec<Value>| shown.iter().filter_map(|n| row.get(*n)).cloned().collect();
        let most = usize::try_from(ROWS_PAGE).unwrap_or(usize::MAX);
        let said = |(column, key): &(String, String)| {
            let value = self::labels(&city, &models, &source(column)).remove(key);
            (title(column), value.unwrap_or_else(|| Text::new(key, key)))
        };
        Ok(FigureRows {
            title: Text::new(&figure.title, &figure.title_en),
            period: figure.period,
            only: only.iter().map(said).collect(),
            columns,
            labels,
            more: answer.rows.len() > most && page < PAGES_MAX,
            rows: answer.rows.iter().take(most).map(row).collect(),
            page,
            seen: self.seen(Some(who), std::slice::from_ref(&planned.table)),
            sql: all,
        })
    }

    /// A panel with a SELECT of its own: what it shows, and what that stands on.
    pub async fn question_panel(&self, who: Option<&Account>, board: &str, panel: &str) -> Answer<PanelQuestion> {
        let (city, models) = (self.city(), self.compiled());
        let declared = city.boards.get(board).ok_or(DeskError::NotFound)?;
        let asked = declared.panels.iter().find(|one| one.id == panel).ok_or(DeskError::NotFound)?;
        let shown = self.panel_views(who, declared, &[asked]).await?.pop().ok_or(DeskError::NotFound)?;
        let planned = models.panels.iter().find(|(of, id, _)| of == board && id == panel).map(|(.., planned)| planned);
        let tables = self.0.ports.planner.reads(&shown.sql).unwrap_or_default();
        let grounds = match planned {
            Some(planned) => self.grounds(&planned.columns, &tables.into_iter().collect()).await?,
            None => Grounds::default(),
        };
        Ok(PanelQuestion { board_title: Text::new(&declared.title, &declared.title_en), panel: shown, grounds })
    }

    /// What columns of a SELECT over these tables stand on.
    pub(super) async fn grounds(&self, columns: &[PlannedColumn], tables: &BTreeSet<TableName>) -> Answer<Grounds> {
        let (city, models) = (self.city(), self.compiled());
        let (steps, cut) = self.lineage_of(columns);
        let used = |resource: &str| steps.iter().filter(|step| step.source.table.layer == Layer::Standard && step.source.table.name == resource).collect::<Vec<_>>();
        let states = self.states().await?;
        let mut sources = Vec::new();
        for id in resources_behind(&models, tables) {
            let Some(resource) = city.resources.get(&id) else { continue };
            let now = self.now();
            let summary = state::summarise(&city, resource, states.get(&id), now);
            let quality = self.resource_quality(&id, now).await?;
            let items = used(&id);
            let names: BTreeSet<&str> = items.iter().map(|step| step.source.column.as_str()).collect();
            let failing = |rule: &RuleView| FailingRule {
                name: rule.name.clone(),
                title: rule.title.clone(),
                failed: rule.failed,
                checked: rule.checked,
                touches: words(&rule.asks).any(|word| names.contains(word)),
                defect: rule.defect.clone(),
            };
            let mut failing: Vec<FailingRule> = quality.rules.iter().filter(|rule| rule.state == RuleState::Failed).map(failing).collect();
            failing.sort_by_key(|rule| (!rule.touches, std::cmp::Reverse(rule.failed)));
            let mut seen = BTreeSet::new();
            let items = items.iter().filter(|step| seen.insert(&step.source)).map(|step| step.title.clone()).collect();
            sources.push(Ground {
                title: summary.title,
                department_title: summary.department_title,
                freshness: summary.freshness,
                last_collected: summary.last_collected,
                rows: summary.rows.standard,
                items,
                score: quality.score,
                failing,
                resource: id,
            });
        }
        Ok(Grounds { steps, cut, sources })
    }
}

/// The resources from which tables are made, near or far.
pub(crate) fn resources_behind(models: &crate::model::Models, tables: &BTreeSet<TableName>) -> BTreeSet<String> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting: Vec<TableName> = tables.iter().cloned().collect();
    while let Some(table) = waiting.pop() {
        if !seen.insert(table.clone()) {
            continue;
        }
        match models.planned.get(&table.to_string()) {
            Some(planned) => waiting.extend(planned.reads.iter().cloned()),
            None => drop(found.insert(table.name)),
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}
