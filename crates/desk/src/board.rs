//! Boards: declared figures, charts and maps, computed after each collection and kept with their time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data::City;
use data::declare::{Board, CodeList, Figure, Panel};
use kernel::Text;
use store::figure::FigureRow;

use crate::figure::hidden_text;
use crate::model::{Models, grade_of_made, owner_of, panel_title};
use crate::port::{Planned, Source, TableName};
use crate::view::{Account, PanelView, SqlAnswer};
use crate::{Answer, Desk, internal};

const PANEL_ROWS_MAX: u64 = 2_000;
const PANEL_DEADLINE: Duration = Duration::from_secs(60);

impl Desk {
    /// Panels of a board with their latest results, as far as the reader may see them; empty when there is no such board.
    pub async fn board(&self, who: Option<&Account>, id: &str) -> Answer<Vec<PanelView>> {
        let city = self.city();
        let Some(board) = city.boards.get(id) else { return Ok(Vec::new()) };
        self.panel_views(who, board, &board.panels.iter().collect::<Vec<_>>()).await
    }

    /// Some panels of a board. What is kept of a figure is read once, however many of them show it.
    pub(crate) async fn panel_views(&self, who: Option<&Account>, board: &Board, panels: &[&Panel]) -> Answer<Vec<PanelView>> {
        let (city, models) = (self.city(), self.compiled());
        let kept = self.store().panels(&board.id).await.map_err(internal)?;
        let mut values: BTreeMap<&str, Vec<FigureRow>> = BTreeMap::new();
        let mut views = Vec::new();
        for panel in panels {
            let Some(figure) = panel.figure.as_ref().and_then(|id| city.figures.get(id)) else {
                let planned = models.panels.iter().find(|(of, one, _)| *of == board.id && *one == panel.id).map(|(.., planned)| planned);
                let hidden = planned.is_some_and(|planned| self.is_above(who, &city, &models, planned));
                views.push(own_panel(&city, board, panel, &kept, hidden));
                continue;
            };
            if !values.contains_key(figure.id.as_str()) {
                values.insert(&figure.id, self.store().figure(&figure.id).await.map_err(internal)?);
            }
            let kept = values.get(figure.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            views.push(self.figure_panel(who, (board, panel), figure, kept));
        }
        Ok(views)
    }

    /// A panel that shows a declared figure.
    fn figure_panel(&self, who: Option<&Account>, (board, panel): (&Board, &Panel), figure: &Figure, kept: &[FigureRow]) -> PanelView {
        let (city, models) = (self.city(), self.compiled());
        let rows = self.panel_rows(who, (board, panel), figure, kept).unwrap_or_default();
        let table = TableName::read(&figure.from);
        let cut = panel.cut(board, figure);
        let label = cut.get(usize::from(board.by.is_some())).cloned();
        let source = table.clone().zip(label).map(|(table, column)| Source { table, column });
        let tables: BTreeSet<TableName> = table.into_iter().collect();
        let own = |own: &str, theirs: &str| if own.is_empty() { theirs.to_owned() } else { own.to_owned() };
        PanelView {
            headline: rows.headline,
            period: figure.period,
            better: figure.better,
            board: board.id.clone(),
            id: panel.id.clone(),
            title: panel_title(&city, panel),
            kind: panel.kind,
            figure: Some(figure.id.clone()),
            unit: Text::new(own(&panel.unit, &figure.unit), own(&panel.unit_en, &figure.unit_en)),
            summary: Text::new(own(&panel.summary, &figure.summary), own(&panel.summary_en, &figure.summary_en)),
            sql: models.figures.get(&figure.id).map(|planned| planned.select(figure, &cut)).unwrap_or_default(),
            sources: crate::figure::resources_behind(&models, &tables).into_iter().collect(),
            labels: source.map(|source| crate::figure::labels(&city, &models, &source)).unwrap_or_default(),
            columns: rows.columns,
            rows: rows.rows,
            as_of: rows.as_of,
            error: rows.error,
        }
    }

    /// Whether what a SELECT gives tells more than a reader may know of tables of several departments.
    fn is_above(&self, who: Option<&Account>, city: &City, models: &Models, planned: &Planned) -> bool {
        let owners: BTreeSet<String> = planned.columns.iter().flat_map(|column| column.value.keys()).filter_map(|source| owner_of(city, &source.table)).collect();
        let owner = owners.first().filter(|_| owners.len() == 1);
        let clearance = self.clearance(who, owner.map_or("", String::as_str));
        planned.columns.iter().any(|column| grade_of_made(city, models, column) > clearance)
    }

    /// Computes again each panel that reads one of the changed resources, or that was never computed as declared now,
    /// as soon as all it reads is there.
    pub(crate) async fn refresh_boards(&self, changed: &BTreeSet<String>) -> Answer<()> {
        let city = self.city();
        self.refresh_figures(&changed.iter().map(|id| TableName::standard(id)).collect()).await?;
        let states = self.states().await?;
        for board in city.boards.values() {
            let kept = self.store().panels(&board.id).await.map_err(internal)?;
            for panel in board.panels.iter().filter(|panel| panel.figure.is_none()) {
                let reads = sources(&city, &panel.sql);
                let known = kept.iter().any(|row| row.panel == panel.id && row.sql == panel.sql);
                let touched = reads.iter().any(|source| changed.contains(source));
                let there = reads.iter().all(|source| states.get(source).is_some_and(|state| state.standard_rows > 0));
                if (touched || !known) && there {
                    self.refresh_panel(&board.id, panel).await?;
                }
            }
        }
        Ok(())
    }

    /// The same over a register in which somebody has decided something, without keeping them waiting.
    pub(crate) fn refresh_boards_soon(&self, register: &str) {
        let (desk, table) = (self.clone(), format!("master.{register}"));
        tokio::spawn(async move {
            if let Err(error) = desk.refresh_boards_over(&BTreeSet::from([table])).await {
                tracing::error!(%error, "boards not refreshed");
            }
        });
    }

    /// Computes again each panel that reads one of the models just made.
    pub(crate) async fn refresh_boards_over(&self, models: &BTreeSet<String>) -> Answer<()> {
        let (city, compiled) = (self.city(), self.compiled());
        self.refresh_figures(&models.iter().filter_map(|id| TableName::read(id)).collect()).await?;
        for (board, panel, planned) in &compiled.panels {
            let declared = city.boards.get(board).and_then(|board| board.panels.iter().find(|one| one.id == *panel));
            if let Some(panel) = declared.filter(|panel| panel.figure.is_none() && reads(planned, models)) {
                self.refresh_panel(board, panel).await?;
            }
        }
        Ok(())
    }

    async fn refresh_panel(&self, board: &str, panel: &Panel) -> Answer<()> {
        let answer = self.0.ports.sql.run(&panel.sql, PANEL_ROWS_MAX, PANEL_DEADLINE, None).await;
        let (answer, error) = match answer {
            Ok(answer) => (answer, None),
            Err(error) => (SqlAnswer { columns: Vec::new(), rows: Vec::new(), truncated: false, elapsed_ms: 0 }, Some(error.message)),
        };
        let names: Vec<String> = answer.columns.into_iter().map(|column| column.name).collect();
        let row = store::panel::PanelRow {
            board: board.to_owned(),
            panel: panel.id.clone(),
            sql: panel.sql.clone(),
            columns: serde_json::to_string(&names).map_err(internal)?,
            rows: serde_json::to_string(&answer.rows).map_err(internal)?,
            as_of: self.now(),
            error,
        };
        self.store().put_panel(row).await.map_err(internal)
    }
}

/// A panel that brings a SELECT of its own.
fn own_panel(city: &City, board: &Board, panel: &Panel, kept: &[store::panel::PanelRow], hidden: bool) -> PanelView {
    let kept = kept.iter().find(|row| row.panel == panel.id && row.sql == panel.sql).filter(|_| !hidden);
    let columns: Vec<String> = kept.and_then(|row| serde_json::from_str(&row.columns).ok()).unwrap_or_default();
    let reads = sources(city, &panel.sql);
    let label = columns.get(usize::from(board.by.is_some()));
    PanelView {
        labels: label.map(|name| code_titles(city, &reads, name)).unwrap_or_default(),
        id: panel.id.clone(),
        title: Text::new(&panel.title, &panel.title_en),
        kind: panel.kind,
        figure: None,
        headline: None,
        period: None,
        better: None,
        board: board.id.clone(),
        unit: Text::new(&panel.unit, &panel.unit_en),
        summary: Text::new(&panel.summary, &panel.summary_en),
        sql: panel.sql.clone(),
        sources: reads,
        columns,
        rows: kept.and_then(|row| serde_json::from_str(&row.rows).ok()).unwrap_or_default(),
        as_of: kept.map(|row| row.as_of),
        error: if hidden { Some(hidden_text()) } else { kept.and_then(|row| row.error.clone()) },
    }
}

/// Whether a SELECT uses a column of one of these tables.
fn reads(planned: &Planned, tables: &BTreeSet<String>) -> bool {
    let mut sources = planned.columns.iter().flat_map(|column| column.value.keys().chain(&column.rows));
    sources.any(|source| tables.contains(&source.table.to_string()))
}

/// The titles of the codes that an item of one of these resources may have.
fn code_titles(city: &City, resources: &[String], item: &str) -> BTreeMap<String, Text> {
    let items = resources.iter().filter_map(|id| city.resources.get(id)).flat_map(|resource| &resource.items);
    let codes = items.filter(|i| i.name == item).find_map(|item| city.codes_of(item));
    codes.map(CodeList::titles).unwrap_or_default()
}

/// Resources whose tables a SELECT names.
fn sources(city: &City, sql: &str) -> Vec<String> {
    let words: BTreeSet<&str> = sql.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    city.resources.keys().filter(|id| words.contains(id.as_str())).cloned().collect()
}
