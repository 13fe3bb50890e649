//! What pages, the API, boards and the command line are told of figures.

use std::collections::{BTreeMap, BTreeSet};

use data::City;
use data::declare::{Better, Board, CodeList, Figure, Grade, Panel, PanelKind, Period};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::Value;
use store::figure::FigureRow;

use super::question::Grounds;
use super::series::{Headline, Point, number, of_days, of_periods};
use super::{PlannedFigure, cut_name};
use crate::model::{Models, column_title, owner_of, table_title};
use crate::port::{How, Source, TableName};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Days of which a figure without periods has a trend.
const DAYS_MAX: u32 = 400;

/// One figure in a list.
#[derive(Clone, Debug, Serialize)]
pub struct FigureView {
    pub id: String,
    pub title: Text,
    pub summary: Text,
    /// Id and name of the department that answers for it.
    pub department: String,
    pub department_title: Text,
    pub unit: Text,
    pub decimals: u8,
    pub period: Option<Period>,
    pub better: Option<Better>,
    /// The table whose rows it counts, as `layer.name`.
    pub table: String,
    pub table_title: Text,
    pub grade: Grade,
    /// Whether the reader may not see its values: they tell more than the reader's clearance.
    pub hidden: bool,
    pub headline: Headline,
    /// Newest first; of a figure without periods, what it was day by day.
    pub series: Vec<Point>,
    /// When it was worked out; `None` before the first time.
    pub as_of: Option<Moment>,
    /// Why it cannot be worked out, or could not the last time.
    pub error: Option<Text>,
}

/// One value of a breakdown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// As it stands in the column.
    pub key: String,
    /// The title of its code, else the key.
    pub title: Text,
    pub value: Value,
}

/// A figure by the values of one column: in the period that stands for it now, the greatest first.
#[derive(Clone, Debug, Serialize)]
pub struct Breakdown {
    pub by: String,
    pub title: Text,
    pub parts: Vec<Part>,
}

/// A figure's page: all that can be asked of it.
#[derive(Clone, Debug)]
pub struct FigureDetail {
    pub view: FigureView,
    /// As declared.
    pub value: String,
    pub condition: Option<String>,
    pub time: Option<String>,
    /// The file, inside the city folder.
    pub path: String,
    /// The SELECT that is run; empty while there are mistakes.
    pub sql: String,
    pub breakdowns: Vec<Breakdown>,
    pub grounds: Grounds,
    /// (board, its title, panel) where it is shown.
    pub boards: Vec<(String, Text, String)>,
}

impl Desk {
    /// All figures, by department.
    pub async fn figures(&self, who: Option<&Account>) -> Answer<Vec<FigureView>> {
        let (city, models) = (self.city(), self.compiled());
        let kept = self.store().figures().await.map_err(internal)?;
        let mut views = Vec::new();
        for figure in city.figures.values() {
            let row = kept.iter().find(|row| row.figure == figure.id);
            views.push(self.figure_view(who, &city, &models, figure, row).await?);
        }
        views.sort_by(|a, b| (&a.department, &a.id).cmp(&(&b.department, &b.id)));
        Ok(views)
    }

    /// One figure with all that it stands on.
    pub async fn figure(&self, who: Option<&Account>, id: &str) -> Answer<FigureDetail> {
        let (city, models) = (self.city(), self.compiled());
        let figure = city.figures.get(id).ok_or(DeskError::NotFound)?;
        let kept = self.store().figure(id).await.map_err(internal)?;
        let whole = kept.iter().find(|row| row.cut.is_empty());
        let view = self.figure_view(who, &city, &models, figure, whole).await?;
        let planned = models.figures.get(id);
        let breakdowns = match planned {
            Some(planned) if !view.hidden => figure.by.iter().map(|by| breakdown(&city, &models, figure, planned, &kept, by, &view.headline)).collect(),
            _ => Vec::new(),
        };
        let grounds = match planned {
            Some(planned) => self.grounds(&planned.planned.columns, &BTreeSet::from([planned.table.clone()])).await?,
            None => Grounds::default(),
        };
        let boards = city.boards.values().flat_map(|board| {
            let panels = board.panels.iter().filter(|panel| panel.figure.as_deref() == Some(id));
            panels.map(|panel| (board.id.clone(), Text::new(&board.title, &board.title_en), panel.id.clone()))
        });
        Ok(FigureDetail {
            value: figure.value.trim().to_owned(),
            condition: figure.condition.as_ref().map(|text| text.trim().to_owned()),
            time: figure.time.clone(),
            path: figure.path.clone(),
            sql: planned.map(|planned| planned.select(figure, &[])).unwrap_or_default(),
            breakdowns,
            grounds,
            boards: boards.collect(),
            view,
        })
    }

    /// Values of a figure, newest period first: (first day of the period, value of the column it is broken down by, value).
    pub async fn figure_values(&self, who: Option<&Account>, id: &str, by: Option<&str>) -> Answer<Vec<(Option<String>, Option<String>, Value)>> {
        let (city, models) = (self.city(), self.compiled());
        let figure = city.figures.get(id).ok_or(DeskError::NotFound)?;
        let Some(planned) = models.figures.get(id) else { return Ok(Vec::new()) };
        let by: Vec<String> = match by {
            Some(by) if figure.by.iter().any(|known| known == by) => vec![by.to_owned()],
            Some(_) => return Err(DeskError::NotFound),
            None => Vec::new(),
        };
        if self.is_hidden(who, planned) {
            return Err(DeskError::Forbidden(hidden_text()));
        }
        let kept = self.store().figure(id).await.map_err(internal)?;
        let rows = rows_of(&kept, figure, planned, &by);
        let timed = usize::from(figure.period.is_some());
        let cell = |row: &[Value], place: usize| row.get(place).and_then(|cell| cell.as_str().map(str::to_owned).or_else(|| (!cell.is_null()).then(|| cell.to_string())));
        let row = |row: Vec<Value>| {
            let start = (timed == 1).then(|| cell(&row, 0)).flatten();
            let key = (!by.is_empty()).then(|| cell(&row, timed)).flatten();
            (start, key, row.last().cloned().unwrap_or_default())
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Whether the values of a figure tell more than a reader may know.
    pub(super) fn is_hidden(&self, who: Option<&Account>, planned: &PlannedFigure) -> bool {
        let owner = owner_of(&self.city(), &planned.table).unwrap_or_default();
        planned.grade > self.clearance(who, &owner)
    }

    async fn figure_view(&self, who: Option<&Account>, city: &City, models: &Models, figure: &Figure, kept: Option<&FigureRow>) -> Answer<FigureView> {
        let planned = models.figures.get(&figure.id);
        let sql = planned.map(|planned| planned.select(figure, &[]));
        let hidden = planned.is_some_and(|planned| self.is_hidden(who, planned));
        let kept = kept.filter(|row| Some(&row.sql) == sql.as_ref());
        let rows: Vec<Vec<Value>> = kept.filter(|_| !hidden).map(|row| read_rows(&row.rows)).unwrap_or_default();
        let today = self.scene(city, self.now()).today();
        let (headline, series) = match (figure.period, &sql) {
            _ if hidden => Default::default(),
            (Some(period), _) => {
                let points = points(&rows);
                (of_periods(&points, period, today), points)
            }
            (None, Some(sql)) => {
                let days = self.store().figure_days(&figure.id, sql, DAYS_MAX).await.map_err(internal)?;
                let days: Vec<Point> = days.into_iter().filter_map(|(start, value)| Some(Point { start, value: serde_json::from_str(&value).ok()? })).collect();
                let now = rows.first().and_then(|row| row.last()).filter(|value| !value.is_null()).cloned();
                (of_days(now, &days, today), days)
            }
            (None, None) => Default::default(),
        };
        let broken = || models.diagnostics.iter().find(|found| found.file == figure.path).map(|found| found.message.clone());
        let error = kept.and_then(|row| row.error.clone()).or_else(|| planned.is_none().then(broken).flatten());
        let table = TableName::read(&figure.from);
        Ok(FigureView {
            id: figure.id.clone(),
            title: Text::new(&figure.title, &figure.title_en),
            summary: Text::new(&figure.summary, &figure.summary_en),
            department: figure.department.clone(),
            department_title: city.departments.get(&figure.department).map(|d| Text::new(&d.title, &d.title_en)).unwrap_or_default(),
            unit: Text::new(&figure.unit, &figure.unit_en),
            decimals: figure.decimals,
            period: figure.period,
            better: figure.better,
            table_title: table.as_ref().and_then(|table| table_title(city, table)).unwrap_or_default(),
            table: table.map_or_else(|| figure.from.clone(), |table| table.to_string()),
            grade: planned.map_or(Grade::L1, |planned| planned.grade),
            hidden,
            headline,
            series,
            as_of: kept.map(|row| row.as_of),
            error,
        })
    }

    /// A panel's rows, taken from what is kept of its figure: (columns, rows, figure's time, error). On a divided board the
    /// division comes first; label and value follow.
    pub(crate) fn panel_rows(&self, who: Option<&Account>, (board, panel): (&Board, &Panel), figure: &Figure, kept: &[FigureRow]) -> Option<PanelRows> {
        let models = self.compiled();
        let planned = models.figures.get(&figure.id)?;
        if self.is_hidden(who, planned) {
            return Some(PanelRows { error: Some(hidden_text()), ..PanelRows::default() });
        }
        let (by, divided) = (&panel.cut(board, figure), board.by.is_some());
        let sql = planned.select(figure, by);
        let row = kept.iter().find(|row| row.cut == cut_name(by) && row.sql == sql)?;
        let mut rows = read_rows(&row.rows);
        let mut columns: Vec<String> = by.to_vec();
        let mut headline = None;
        if let Some(period) = figure.period {
            let today = self.day(self.now());
            let now = of_periods(&starts(&rows), period, today);
            if panel.kind == PanelKind::Line {
                // A period that still runs would look like a fall.
                rows.retain(|row| start_of(row) <= now.start.as_deref());
                // Oldest first, and the division before the time.
                rows.reverse();
                if divided {
                    rows.iter_mut().for_each(|row| row.swap(0, 1));
                }
                columns.insert(usize::from(divided), "period".to_owned());
            } else {
                rows.retain(|row| start_of(row) == now.start.as_deref());
                headline = Some(now).filter(|_| panel.kind == PanelKind::Figure && !divided);
                rows.iter_mut().for_each(|row| drop(row.remove(0)));
            }
        }
        if panel.kind == PanelKind::Bar || panel.kind == PanelKind::Table {
            sort_down(&mut rows);
        }
        columns.push("value".to_owned());
        Some(PanelRows { headline, columns, rows, as_of: Some(row.as_of), error: row.error.clone() })
    }
}

/// What a panel shows of a figure.
#[derive(Default)]
pub(crate) struct PanelRows {
    pub headline: Option<Headline>,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub as_of: Option<Moment>,
    pub error: Option<Text>,
}

pub(crate) fn hidden_text() -> Text {
    Text::new("该指标的数值超出您可看的分级。", "The values of this figure are above the grade that you may see.")
}

fn rows_of(kept: &[FigureRow], figure: &Figure, planned: &PlannedFigure, by: &[String]) -> Vec<Vec<Value>> {
    let sql = planned.select(figure, by);
    let row = kept.iter().find(|row| row.cut == cut_name(by) && row.sql == sql);
    row.map(|row| read_rows(&row.rows)).unwrap_or_default()
}

fn read_rows(text: &str) -> Vec<Vec<Value>> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The first day of the period that a row is of.
fn start_of(row: &Vec<Value>) -> Option<&str> {
    row.first().and_then(Value::as_str).and_then(|start| start.get(..10))
}

fn points(rows: &[Vec<Value>]) -> Vec<Point> {
    let point = |row: &Vec<Value>| Some(Point { start: start_of(row)?.to_owned(), value: row.last()?.clone() });
    rows.iter().filter_map(point).filter(|point| !point.value.is_null()).collect()
}

/// The periods that stand in rows, each once.
fn starts(rows: &[Vec<Value>]) -> Vec<Point> {
    let mut found = points(rows);
    found.dedup_by(|a, b| a.start == b.start);
    found
}

fn sort_down(rows: &mut [Vec<Value>]) {
    let value = |row: &Vec<Value>| row.last().and_then(number).unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| a.first().map(Value::to_string).cmp(&b.first().map(Value::to_string))));
}

fn breakdown(city: &City, models: &Models, figure: &Figure, planned: &PlannedFigure, kept: &[FigureRow], by: &str, headline: &Headline) -> Breakdown {
    let mut rows = rows_of(kept, figure, planned, &[by.to_owned()]);
    if figure.period.is_some() {
        rows.retain(|row| start_of(row) == headline.start.as_deref());
    }
    sort_down(&mut rows);
    let source = Source { table: planned.table.clone(), column: by.to_owned() };
    let labels = labels(city, models, &source);
    let place = usize::from(figure.period.is_some());
    let part = |row: &Vec<Value>| {
        let cell = row.get(place)?;
        let key = cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
        let title = labels.get(&key).cloned().unwrap_or_else(|| Text::new(&key, &key));
        Some(Part { key, title, value: row.last()?.clone() })
    };
    Breakdown { by: by.to_owned(), title: column_title(city, models, &source), parts: rows.iter().filter_map(part).collect() }
}

/// The titles of the codes that a column may hold, found at the item that it is copied from.
pub(crate) fn labels(city: &City, models: &Models, source: &Source) -> BTreeMap<String, Text> {
    let Some(origin) = origin(models, source) else { return BTreeMap::new() };
    let item = city.resources.get(&origin.table.name).and_then(|resource| resource.items.iter().find(|item| item.name == origin.column));
    item.and_then(|item| city.codes_of(item)).map(CodeList::titles).unwrap_or_default()
}

/// The item of a resource that a column is copied from, by one way only.
fn origin(models: &Models, source: &Source) -> Option<Source> {
    let mut at = source.clone();
    while let Some(planned) = models.planned.get(&at.table.to_string()) {
        let column = planned.columns.iter().find(|column| column.name == at.column)?;
        let mut copied = column.value.iter().filter(|(_, how)| **how == How::Copied).map(|(from, _)| from);
        at = copied.next()?.clone();
    }
    Some(at)
}
