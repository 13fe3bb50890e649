//! One column, both ways: what it comes from, back to the field at the source, and what hangs on it, up to the boards.

use std::collections::{BTreeMap, BTreeSet};

use data::City;
use data::declare::Grade;
use data::mask::Declassifier;
use kernel::Text;

use super::compile::{Models, grade_of, is_model, is_register};
use crate::port::{How, Layer, PlannedColumn, Source, TableName};
use crate::{Answer, Desk, DeskError};

/// Columns shown of each direction at most; beyond, the answer says that there are more.
const STEPS_MAX: usize = 500;

/// How one column hangs on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    Value(How),
    /// It decides which rows there are, or which went into the value.
    Rows,
}

/// Stands for all columns of a table, where something decides which rows the table has.
pub const WHOLE: &str = "*";

/// A column on the way, as far from the asked one as `depth` says, or a [`WHOLE`] table.
#[derive(Clone, Debug)]
pub struct Step {
    pub depth: usize,
    pub source: Source,
    pub title: Text,
    pub grade: Grade,
    pub tie: Tie,
    /// Declassifiers that its value came through to the step before, where each way had some.
    pub lowered: Vec<Declassifier>,
    /// Its own steps were told further up.
    pub again: bool,
}

/// A panel of a board that shows something of the column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boarded {
    pub board: String,
    pub board_title: Text,
    pub panel_title: Text,
    pub tie: Tie,
}

/// A figure that the column goes into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub figure: String,
    pub title: Text,
    pub tie: Tie,
}

/// The column asked about, in words.
#[derive(Clone, Debug)]
pub struct Asked {
    pub source: Source,
    pub title: Text,
    pub table_title: Text,
    pub grade: Grade,
    /// For a resource's item: the system it comes from and the field there.
    pub field: Option<(String, Text, String)>,
}

#[derive(Clone, Debug)]
pub struct LineageView {
    pub asked: Asked,
    pub up: Vec<Step>,
    pub down: Vec<Step>,
    pub boards: Vec<Boarded>,
    pub figures: Vec<Counted>,
    /// How many columns hang on it, those of whole tables too.
    pub touched: u64,
    /// Departments that answer for what hangs on it: (id, title).
    pub departments: Vec<(String, Text)>,
    /// Models whose columns hang on it.
    pub models: Vec<(String, Text)>,
    /// More than can be shown.
    pub cut: bool,
}

impl Desk {
    /// What the columns of a SELECT come from, back to the fields at the sources.
    pub(crate) fn lineage_of(&self, columns: &[PlannedColumn]) -> (Vec<Step>, bool) {
        let (city, models) = (self.city(), self.compiled());
        let walk = Walk { city: &city, models: &models };
        let mut first = Ties::new();
        for (source, tie) in columns.iter().flat_map(ties) {
            let closest = first.get(&source).map_or(tie, |known| (*known).min(tie));
            first.insert(source, closest);
        }
        let itself = Source { table: TableName::standard(""), column: String::new() };
        let (mut steps, cut) = walk.steps_behind(&itself, first, &|source| walk.sources(source));
        for step in steps.iter_mut().filter(|step| step.depth == 1) {
            let through = columns.iter().find_map(|column| column.lowered.get(&step.source));
            step.lowered = through.map(|by| by.all().into_iter().cloned().collect()).unwrap_or_default();
        }
        (steps, cut)
    }

    /// The lineage of a column of `standard.x`, `raw.x`, `master.x` or `topic.x`, both ways.
    pub fn lineage(&self, table: &str, column: &str) -> Answer<LineageView> {
        let (city, models) = (self.city(), self.compiled());
        let table = TableName::read(table).ok_or(DeskError::NotFound)?;
        let asked = Source {
            table,
            column: column.to_owned(),
        };
        if !known(&city, &models, &asked) {
            return Err(DeskError::NotFound);
        }
        let walk = Walk {
            city: &city,
            models: &models,
        };
        let (up, up_cut) = walk.steps(&asked, &|source: &Source| walk.sources(source));
        let (down, down_cut) = walk.steps(&asked, &|source: &Source| walk.users(source));
        let mut touched = walk.reach(&asked);
        let hit: BTreeSet<String> = touched
            .iter()
            .map(|source| source.table.to_string())
            .filter(|id| models.planned.contains_key(id))
            .collect();
        let count = touched.len() as u64;
        touched.insert(asked.clone());
        let named = |id: &String| TableName::read(id).and_then(|table| table_title(&city, &table)).map(|title| (id.clone(), title));
        let owners: BTreeSet<String> = hit.iter().filter_map(|id| owner_of(&city, &TableName::read(id)?)).collect();
        let owner = |id: &String| city.departments.get(id).map(|d| (d.id.clone(), Text::new(&d.title, &d.title_en)));
        Ok(LineageView {
            asked: walk.asked(&asked),
            boards: walk.boards(&touched),
            figures: walk.figures(&touched),
            touched: count,
            departments: owners.iter().filter_map(owner).collect(),
            models: hit.iter().filter_map(named).collect(),
            cut: up_cut || down_cut,
            up,
            down,
        })
    }
}

fn known(city: &City, models: &Models, source: &Source) -> bool {
    if is_model(&source.table) {
        return models
            .planned
            .get(&source.table.to_string())
            .is_some_and(|planned| planned.columns.iter().any(|c| c.name == source.column));
    }
    city.resources
        .get(&source.table.name)
        .is_some_and(|resource| resource.items.iter().any(|item| item.name == source.column))
}

/// What a column is called: as declared, else as the one column it is copied from.
pub(crate) fn title(city: &City, models: &Models, source: &Source) -> Text {
    let name = || Text::new(&source.column, &source.column);
    if source.column == WHOLE {
        return table_title(city, &source.table).unwrap_or_else(name);
    }
    if let Some(register) = register_of(city, &source.table) {
        return crate::register::column_title(register, &source.column).unwrap_or_else(name);
    }
    if !is_model(&source.table) {
        let item = city
            .resources
            .get(&source.table.name)
            .and_then(|resource| resource.items.iter().find(|item| item.name == source.column));
        return item.map_or_else(name, |item| Text::new(&item.title, &item.title_en));
    }
    let id = source.table.to_string();
    let declared = city
        .models
        .get(&id)
        .and_then(|model| model.columns.iter().find(|column| column.name == source.column));
    if let Some(declared) = declared {
        return Text::new(&declared.title, &declared.title_en);
    }
    let planned = models
        .planned
        .get(&id)
        .and_then(|planned| planned.columns.iter().find(|column| column.name == source.column));
    let mut copied = planned
        .into_iter()
        .flat_map(|column| &column.value)
        .filter(|(_, how)| **how == How::Copied);
    match (copied.next(), copied.next()) {
        (Some((only, _)), None) => title(city, models, only),
        _ => name(),
    }
}

/// What a table is called.
pub(crate) fn table_title(city: &City, table: &TableName) -> Option<Text> {
    if !is_model(table) {
        return city.resources.get(&table.name).map(|resource| Text::new(&resource.title, &resource.title_en));
    }
    let model = city.models.get(&table.to_string()).map(|model| Text::new(&model.title, &model.title_en));
    model.or_else(|| register_of(city, table).map(|register| Text::new(&register.title, &register.title_en)))
}

/// The department that a table belongs to: that answers for the model or register, or provides the resource.
pub(crate) fn owner_of(city: &City, table: &TableName) -> Option<String> {
    if is_model(table) {
        let register = register_of(city, table).map(|register| &register.department);
        return city.models.get(&table.to_string()).map(|model| &model.department).or(register).cloned();
    }
    let resource = city.resources.get(&table.name)?;
    city.provider(resource).map(|department| department.id.clone())
}

fn register_of<'c>(city: &'c City, table: &TableName) -> Option<&'c data::declare::Register> {
    is_register(city, table).then(|| city.registers.get(&table.name)).flatten()
}

struct Walk<'c> {
    city: &'c City,
    models: &'c Models,
}

type Ties = BTreeMap<Source, Tie>;

impl Walk<'_> {
    fn asked(&self, source: &Source) -> Asked {
        let model = table_title(self.city, &source.table);
        let resource = self.city.resources.get(&source.table.name).filter(|_| !is_model(&source.table));
        let item = resource.and_then(|resource| resource.items.iter().find(|item| item.name == source.column));
        let system = resource.and_then(|resource| self.city.systems.get(&resource.system));
        let field = item.zip(system).map(|(item, system)| {
            let name = item.source.clone().unwrap_or_else(|| item.name.clone());
            (system.id.clone(), Text::new(&system.title, &system.title_en), name)
        });
        Asked {
            title: title(self.city, self.models, source),
            table_title: model
                .or_else(|| resource.map(|r| Text::new(&r.title, &r.title_en)))
                .unwrap_or_default(),
            grade: grade_of(self.city, self.models, source),
            field,
            source: source.clone(),
        }
    }

    fn column(&self, source: &Source) -> Option<&PlannedColumn> {
        self.models
            .planned
            .get(&source.table.to_string())?
            .columns
            .iter()
            .find(|column| column.name == source.column)
    }

    /// What a column comes from: of a model's, by its plan; of an item, the record as it was found.
    fn sources(&self, source: &Source) -> Ties {
        if source.table.layer == Layer::Standard {
            let raw = Source {
                table: TableName {
                    layer: Layer::Raw,
                    name: source.table.name.clone(),
                },
                column: source.column.clone(),
            };
            return Ties::from([(raw, Tie::Value(How::Computed))]);
        }
        self.column(source).map(ties).unwrap_or_default()
    }

    /// What comes from a column, as it is told: where it decides over all columns of a table alike, the table is told once.
    fn users(&self, source: &Source) -> Ties {
        let readers = self.models.planned.values().filter(|planned| planned.reads.contains(&source.table));
        let whole = |table: &TableName| {
            (
                Source {
                    table: table.clone(),
                    column: WHOLE.to_owned(),
                },
                Tie::Rows,
            )
        };
        if source.column == WHOLE {
            return readers.map(|planned| whole(&planned.table)).collect();
        }
        let mut found = self.columns_from(source);
        for planned in readers.filter(|planned| planned.columns.iter().all(|column| column.rows.contains(source))) {
            found.retain(|user, tie| user.table != planned.table || *tie != Tie::Rows);
            found.extend([whole(&planned.table)]);
        }
        found
    }

    /// Every column that hangs on one, near or far.
    fn reach(&self, from: &Source) -> BTreeSet<Source> {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(source) = waiting.pop() {
            let further = self.columns_from(&source).into_keys().filter(|user| seen.insert(user.clone()));
            waiting.extend(further.collect::<Vec<_>>());
        }
        seen
    }

    /// What comes from a column directly, column by column.
    fn columns_from(&self, source: &Source) -> Ties {
        let mut found = Ties::new();
        if source.table.layer == Layer::Raw {
            let standard = Source {
                table: TableName {
                    layer: Layer::Standard,
                    name: source.table.name.clone(),
                },
                column: source.column.clone(),
            };
            found.insert(standard, Tie::Value(How::Computed));
        }
        for planned in self.models.planned.values().filter(|planned| planned.reads.contains(&source.table)) {
            for column in &planned.columns {
                if let Some(tie) = tie(column, source) {
                    found.insert(
                        Source {
                            table: planned.table.clone(),
                            column: column.name.clone(),
                        },
                        tie,
                    );
                }
            }
        }
        found
    }

    /// From the asked column on, depth first; what was told once is not told again in full.
    fn steps(&self, from: &Source, next: &dyn Fn(&Source) -> Ties) -> (Vec<Step>, bool) {
        self.steps_behind(from, next(from), next)
    }

    /// From what hangs directly on a column, or on something else that has a name.
    fn steps_behind(&self, from: &Source, first: Ties, next: &dyn Fn(&Source) -> Ties) -> (Vec<Step>, bool) {
        let (mut steps, mut seen, mut cut) = (Vec::new(), BTreeSet::from([from.clone()]), false);
        // Values first; the last to wait is the first to be told.
        let behind = |of: &Source, depth: usize, ties: Ties| {
            let step = |(source, tie): (Source, Tie)| (depth, of.clone(), source, tie);
            let mut all: Vec<(usize, Source, Source, Tie)> = ties.into_iter().map(step).collect();
            all.sort_by(|(_, _, a, of_a), (_, _, b, of_b)| (of_b, b).cmp(&(of_a, a)));
            all
        };
        let mut waiting = behind(from, 1, first);
        while let Some((depth, of, source, tie)) = waiting.pop() {
            if steps.len() >= STEPS_MAX {
                cut = true;
                break;
            }
            let again = !seen.insert(source.clone());
            if !again {
                waiting.extend(behind(&source, depth + 1, next(&source)));
            }
            let (title, grade) = (title(self.city, self.models, &source), grade_of(self.city, self.models, &source));
            steps.push(Step {
                lowered: self.lowered(&of, &source),
                depth,
                source,
                title,
                grade,
                tie,
                again,
            });
        }
        (steps, cut)
    }

    /// What ran between two columns, whichever of them is made from the other.
    fn lowered(&self, one: &Source, other: &Source) -> Vec<Declassifier> {
        let between = |made: &Source, from: &Source| self.column(made).and_then(|column| column.lowered.get(from));
        let found = between(one, other).or_else(|| between(other, one));
        found.map(|by| by.all().into_iter().cloned().collect()).unwrap_or_default()
    }

    fn figures(&self, touched: &BTreeSet<Source>) -> Vec<Counted> {
        let counted = |(id, planned): (&String, &crate::figure::PlannedFigure)| {
            let figure = self.city.figures.get(id)?;
            let tie = closest(&planned.planned.columns, touched)?;
            Some(Counted { figure: id.clone(), title: Text::new(&figure.title, &figure.title_en), tie })
        };
        self.models.figures.iter().filter_map(counted).collect()
    }

    fn boards(&self, touched: &BTreeSet<Source>) -> Vec<Boarded> {
        let mut found = Vec::new();
        for (board, panel, planned) in &self.models.panels {
            let Some(tie) = closest(&planned.columns, touched) else { continue };
            let Some(declared) = self.city.boards.get(board) else { continue };
            let title = declared.panels.iter().find(|one| one.id == *panel).map(|one| panel_title(self.city, one));
            found.push(Boarded {
                board: board.clone(),
                board_title: Text::new(&declared.title, &declared.title_en),
                panel_title: title.unwrap_or_default(),
                tie,
            });
        }
        found
    }
}

/// What a panel is called: by its own name, else by its figure's.
pub(crate) fn panel_title(city: &City, panel: &data::declare::Panel) -> Text {
    let figure = panel.figure.as_ref().and_then(|id| city.figures.get(id)).filter(|_| panel.title.is_empty());
    figure.map_or_else(|| Text::new(&panel.title, &panel.title_en), |figure| Text::new(&figure.title, &figure.title_en))
}

/// The closest way in which any of the columns hangs on any of the sources.
fn closest(columns: &[PlannedColumn], touched: &BTreeSet<Source>) -> Option<Tie> {
    let of = |column: &PlannedColumn| touched.iter().filter_map(|source| tie(column, source)).min();
    columns.iter().filter_map(of).min()
}

fn ties(column: &PlannedColumn) -> Ties {
    let mut all: Ties = column.rows.iter().map(|source| (source.clone(), Tie::Rows)).collect();
    all.extend(column.value.iter().map(|(source, how)| (source.clone(), Tie::Value(*how))));
    all
}

/// How a column hangs on a source, if it does.
fn tie(column: &PlannedColumn, source: &Source) -> Option<Tie> {
    let value = column.value.get(source).map(|how| Tie::Value(*how));
    value.or_else(|| column.rows.contains(source).then_some(Tie::Rows))
}
