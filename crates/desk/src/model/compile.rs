//! Models compiled: which tables each reads, in which order they are made, what columns each has and where those come
//! from. Only declarations are looked at, never data, so that `sanjiang check` can tell every mistake with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ::collect::check::Table;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use data::declare::{Grade, Model, Opening};
use data::{City, Diagnostic};
use kernel::{Text, nearest};

use super::mistake::{File, span_of};
use crate::figure::PlannedFigure;
use crate::port::{Layer, Planned, PlannedColumn, Planner, Source, TableName, Tables};
use crate::view::SqlError;

/// All models of a city, and what boards read.
#[derive(Default)]
pub struct Models {
    /// Those that can be made, each behind all it reads.
    pub order: Vec<String>,
    pub planned: BTreeMap<String, PlannedModel>,
    /// (board, panel) with what it reads.
    pub panels: Vec<(String, String, Planned)>,
    /// Figures that can be worked out, by id.
    pub figures: BTreeMap<String, PlannedFigure>,
    /// What is wrong, by file.
    pub diagnostics: Vec<Diagnostic>,
}

/// One model that can be made.
pub struct PlannedModel {
    pub table: TableName,
    pub reads: Vec<TableName>,
    pub columns: Vec<PlannedColumn>,
    pub schema: SchemaRef,
    /// The highest grade among what each column's value comes from.
    pub grades: Vec<Grade>,
}

/// Reads, orders and plans all models of a city.
pub fn compile(city: &City, planner: &dyn Planner) -> Models {
    let mut work = Work {
        city,
        planner,
        tables: Tables::new(),
        reads: BTreeMap::new(),
        done: Models::default(),
    };
    work.place_registers();
    work.read_all();
    work.order();
    for id in work.done.order.clone() {
        work.plan(&id);
    }
    let Work { mut done, mut tables, .. } = work;
    done.order.retain(|id| done.planned.contains_key(id));
    crate::figure::compile(city, planner, &mut tables, &mut done);
    done.panels = panels(city, planner, tables, &done.figures);
    done.diagnostics
        .sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    done
}

struct Work<'c> {
    city: &'c City,
    planner: &'c dyn Planner,
    tables: Tables,
    reads: BTreeMap<String, Vec<TableName>>,
    done: Models,
}

impl Work<'_> {
    /// Registers are tables too, and have a lineage: each field comes from an item of each source.
    fn place_registers(&mut self) {
        for register in self.city.registers.values() {
            let Some(schema) = crate::register::schema(self.city, register) else { continue };
            let columns = crate::register::lineage(self.city, register, &schema);
            let grades = columns.iter().map(|column| grade(self.city, &self.done, column)).collect();
            let table = crate::register::table(&register.id);
            let reads = register.sources.iter().map(|source| TableName::standard(&source.resource)).collect();
            self.tables.insert(table.clone(), schema.clone());
            self.done.planned.insert(table.to_string(), PlannedModel { table, reads, columns, schema, grades });
        }
    }

    /// What each text names; a text that cannot be read is told and left out.
    fn read_all(&mut self) {
        for model in self.city.models.values() {
            match self.planner.reads(&model.sql) {
                Err(error) => self.done.diagnostics.push(diagnostic(model, error)),
                Ok(names) => {
                    let (known, unknown): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| exists(self.city, name));
                    for name in &unknown {
                        self.done.diagnostics.push(no_table(self.city, select(model), name));
                    }
                    if unknown.is_empty() {
                        self.reads.insert(model.id.clone(), known);
                    }
                }
            }
        }
    }

    /// Each model behind what it reads; those in a circle, and those that read a broken one, have no place.
    fn order(&mut self) {
        let mut told = BTreeSet::new();
        for id in self.city.models.keys() {
            self.visit(id, &mut Vec::new(), &mut told);
        }
    }

    fn visit(&mut self, id: &str, path: &mut Vec<String>, told: &mut BTreeSet<BTreeSet<String>>) {
        if let Some(at) = path.iter().position(|known| known == id) {
            let ring = path.get(at..).unwrap_or_default().to_vec();
            if told.insert(ring.iter().cloned().collect()) {
                self.done.diagnostics.extend(self.circle(&ring));
            }
            return;
        }
        if self.done.order.iter().any(|placed| placed == id) {
            return;
        }
        let Some(reads) = self.reads.get(id).cloned() else { return };
        path.push(id.to_owned());
        let city = self.city;
        for read in reads.iter().map(TableName::to_string).filter(|name| city.models.contains_key(name)) {
            self.visit(&read, path, told);
        }
        path.pop();
        let ready = |name: &TableName| !is_model(name) || is_register(city, name) || self.done.order.contains(&name.to_string());
        if reads.iter().all(ready) {
            self.done.order.push(id.to_owned());
        }
    }

    /// A circle drawn as text, at the place where its first model names the second.
    fn circle(&self, ring: &[String]) -> Option<Diagnostic> {
        let first = ring.first()?;
        let model = self.city.models.get(first)?;
        let drawn = ring.iter().chain([first]).cloned().collect::<Vec<_>>().join(" → ");
        let next = ring.get(1).unwrap_or(first);
        let word = next.rsplit('.').next().unwrap_or(next);
        let message = Text::new(
            format!("模型互相引用成环：{drawn}"),
            format!("models read each other in a circle: {drawn}"),
        );
        let help = Text::new("去掉其中一处引用", "take one of these references away");
        Some(Diagnostic {
            help: Some(help),
            ..select(model).at_word(word, message)
        })
    }

    fn plan(&mut self, id: &str) {
        let (Some(model), Some(reads)) = (self.city.models.get(id), self.reads.get(id).cloned()) else {
            return;
        };
        // What reads a broken model is told nothing of: it will do when that one does.
        if reads
            .iter()
            .any(|name| is_model(name) && !self.done.planned.contains_key(&name.to_string()))
        {
            return;
        }
        for name in &reads {
            declare(self.city, name, &mut self.tables);
        }
        let planned = match self.planner.plan(&model.sql, &self.tables, true) {
            Ok(planned) => planned,
            Err(error) => return self.done.diagnostics.push(diagnostic(model, error)),
        };
        let before = self.done.diagnostics.len();
        self.done.diagnostics.extend(head_names(model, &planned));
        self.done.diagnostics.extend(super::expect::mistakes(model, &planned));
        if self.done.diagnostics.len() > before {
            return;
        }
        let grades = planned.columns.iter().map(|column| grade(self.city, &self.done, column)).collect();
        let table = TableName::read(id).unwrap_or_else(|| TableName {
            layer: Layer::Topic,
            name: id.to_owned(),
        });
        self.tables.insert(table.clone(), planned.schema.clone());
        let made = PlannedModel {
            table,
            reads,
            columns: planned.columns,
            schema: planned.schema,
            grades,
        };
        self.done.planned.insert(id.to_owned(), made);
    }
}

/// What boards read; a panel that cannot be planned tells so on its page.
fn panels(city: &City, planner: &dyn Planner, mut tables: Tables, figures: &BTreeMap<String, PlannedFigure>) -> Vec<(String, String, Planned)> {
    let mut found = Vec::new();
    for board in city.boards.values() {
        for panel in &board.panels {
            if let Some(id) = &panel.figure {
                found.extend(figures.get(id).map(|figure| (board.id.clone(), panel.id.clone(), figure.planned.clone())));
                continue;
            }
            let Ok(names) = planner.reads(&panel.sql) else { continue };
            for name in names.iter().filter(|name| exists(city, name)) {
                declare(city, name, &mut tables);
            }
            if let Ok(planned) = planner.plan(&panel.sql, &tables, false) {
                found.push((board.id.clone(), panel.id.clone(), planned));
            }
        }
    }
    found
}

pub(crate) fn is_model(name: &TableName) -> bool {
    matches!(name.layer, Layer::Master | Layer::Topic | Layer::Open)
}

/// Whether the table is that of a register: made by linking records, not by a SELECT.
pub(crate) fn is_register(city: &City, name: &TableName) -> bool {
    name.layer == Layer::Master && city.registers.contains_key(&name.name)
}

pub(crate) fn exists(city: &City, name: &TableName) -> bool {
    if is_model(name) {
        city.models.contains_key(&name.to_string()) || is_register(city, name)
    } else {
        city.resources.contains_key(&name.name)
    }
}

/// Adds a resource's table with the columns that its declaration gives it.
pub(crate) fn declare(city: &City, name: &TableName, tables: &mut Tables) {
    if tables.contains_key(name) {
        return;
    }
    let Some(resource) = city.resources.get(&name.name) else { return };
    let schema = match name.layer {
        Layer::Standard => Table::new(city, resource).ok().map(|table| table.standard_schema()),
        Layer::Raw => Table::new(city, resource).ok().map(|table| as_found(&table.standard_schema())),
        Layer::Master | Layer::Topic | Layer::Open => None,
    };
    tables.extend(schema.map(|schema| (name.clone(), schema)));
}

/// In raw every item is a text, as it was found.
fn as_found(standard: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.name().starts_with('_') {
        true => field.as_ref().clone(),
        false => Field::new(field.name(), DataType::Utf8, true),
    };
    Arc::new(Schema::new(standard.fields().iter().map(field).collect::<Vec<_>>()))
}

/// A value is as sensitive as the most sensitive value it comes from, or what declassifiers left of that.
pub(crate) fn grade(city: &City, done: &Models, column: &PlannedColumn) -> Grade {
    let smallest = city.info.grading.smallest_group;
    let left = |source: &Source| {
        let whole = grade_of(city, done, source);
        column.lowered.get(source).map_or(whole, |by| by.grade(whole, smallest))
    };
    column.value.keys().map(left).max().unwrap_or(Grade::L1)
}

/// The grade of a column of any table.
pub(crate) fn grade_of(city: &City, models: &Models, source: &Source) -> Grade {
    if is_model(&source.table) {
        let planned = models.planned.get(&source.table.to_string());
        if source.column == super::lineage::WHOLE {
            return planned
                .and_then(|planned| planned.grades.iter().max().copied())
                .unwrap_or(Grade::L1);
        }
        let place = planned.and_then(|planned| planned.columns.iter().position(|column| column.name == source.column));
        return planned
            .zip(place)
            .and_then(|(planned, place)| planned.grades.get(place))
            .copied()
            .unwrap_or(Grade::L1);
    }
    let Some(resource) = city.resources.get(&source.table.name) else {
        return Grade::L1;
    };
    let item = resource.items.iter().find(|item| item.name == source.column);
    // Where a row came from says nothing of whom it is about.
    item.map_or(Grade::L1, |item| item.grade.unwrap_or(resource.grade))
}

pub(crate) fn no_table(city: &City, file: File<'_>, name: &TableName) -> Diagnostic {
    let all: Vec<String> = city
        .resources
        .keys()
        .map(|id| format!("standard.{id}"))
        .chain(city.models.keys().cloned())
        .chain(city.registers.keys().map(|id| format!("master.{id}")))
        .collect();
    let full = name.to_string();
    let twin = all
        .iter()
        .map(String::as_str)
        .find(|known| known.rsplit('.').next() == Some(name.name.as_str()));
    let near = nearest(&full, all.iter().map(String::as_str)).or(twin);
    let shown = full.strip_prefix("standard.").unwrap_or(&full);
    let message = Text::new(format!("没有表 `{shown}`"), format!("there is no table `{shown}`"));
    let suggestion = near.map(|near| near.strip_prefix("standard.").unwrap_or(near).to_owned());
    Diagnostic {
        suggestion,
        ..file.at_word(&name.name, message)
    }
}

/// Columns named in the head that the SELECT does not give.
fn head_names(model: &Model, planned: &Planned) -> Vec<Diagnostic> {
    let head = File { path: &model.path, text: &model.head };
    let has = |name: &str| planned.columns.iter().any(|column| column.name == name);
    let named = model
        .key
        .iter()
        .chain(&model.cursor)
        .chain(model.columns.iter().map(|column| &column.name))
        .chain(model.open.iter().flat_map(opened));
    let missing = named.filter(|name| !has(name)).map(|name| {
        let message = Text::new(format!("SELECT 中没有列 `{name}`"), format!("the SELECT gives no column `{name}`"));
        let near = nearest(name, planned.columns.iter().map(|column| column.name.as_str()));
        Diagnostic {
            suggestion: near.map(str::to_owned),
            ..head.at_word(name, message)
        }
    });
    missing.collect()
}

/// Columns that the head of an opening names.
fn opened(opening: &Opening) -> impl Iterator<Item = &String> {
    let quasi = opening.quasi.iter().flatten();
    quasi.chain(&opening.sensitive).chain(&opening.entity).chain(opening.position.iter().flatten()).chain(&opening.ask_by)
}

/// A mistake in the SELECT, at the place that the engine tells: places in the SELECT are places in the file.
fn diagnostic(model: &Model, error: SqlError) -> Diagnostic {
    let first = model.sql.lines().position(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
    select(model).said(span_of(&error).unwrap_or((first, 1, 0)), error)
}

fn select(model: &Model) -> File<'_> {
    File { path: &model.path, text: &model.sql }
}
