//! Tables about persons at the gate: whether anybody could be recognised in the rows, alone and beside what is open already.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow_array::{Array, RecordBatch, StringArray};
use data::City;
use data::declare::{Kind, Opening as Declared};
use futures::TryStreamExt;
use kernel::{Moment, Text};
use risk::{Assessment, Builder, Limits, Mosaic, Opening, Options, Role, Table, assess, infos};

use super::gate::{Finding, from, lake_table, texts};
use super::{datasets, is_published};
use crate::model::{Models, PlannedModel};
use crate::{Answer, Desk, internal};

/// Rows looked at when openings are put together, each as often as it meets another.
const EFFORT: u64 = 500_000_000;
/// Other openings that are put together with one.
const OTHERS: usize = 10;

/// A table about persons, and whom each row is about.
pub(super) struct Persons {
    name: String,
    columns: Vec<String>,
    builder: Builder,
    entity: Option<String>,
    entities: Vec<u64>,
    quasi: Option<Vec<String>>,
    sensitive: Vec<String>,
}

/// The bounds of one opening: its own, or the city's.
pub(super) fn limits(city: &City, opening: &Declared) -> Limits {
    Limits { k: opening.k.unwrap_or(city.info.open.k), l: opening.l.unwrap_or(city.info.open.l), t: None }
}

impl Persons {
    /// `None` for a table whose rows are about nobody: it says of no person anything, and neither do those that it comes from.
    pub fn of(city: &City, from: &BTreeMap<String, bool>, opening: &Declared, planned: &PlannedModel) -> Answer<Option<Persons>> {
        let said = opening.quasi.is_some() || opening.entity.is_some() || !opening.sensitive.is_empty();
        let by_row = from.iter().filter(|(_, row_by_row)| **row_by_row).filter_map(|(id, _)| city.resources.get(id));
        let names = |item: &data::declare::Item| matches!(city.kind_of(item), Some(Kind::CitizenId | Kind::ForeignerId | Kind::Passport));
        if !said && !by_row.into_iter().any(|resource| resource.items.iter().any(names)) {
            return Ok(None);
        }
        let columns: Vec<String> = planned.columns.iter().map(|column| column.name.clone()).filter(|name| is_published(name)).collect();
        let builder = Table::builder(&columns).map_err(|error| crate::DeskError::Invalid(error.text().clone()))?;
        let entity = opening.entity.clone();
        let (quasi, sensitive) = (opening.quasi.clone(), opening.sensitive.clone());
        Ok(Some(Persons { name: planned.table.name.clone(), columns, builder, entity, entities: Vec::new(), quasi, sensitive }))
    }

    pub fn take(&mut self, batch: &RecordBatch) -> Answer<()> {
        let column = |name: &String| batch.column_by_name(name).map(|array| texts(array)).transpose();
        let columns = self.columns.iter().map(column).collect::<Answer<Vec<Option<StringArray>>>>()?;
        let entity = self.entity.as_ref().map(column).transpose()?.flatten();
        for row in 0..batch.num_rows() {
            let cell = |texts: &Option<StringArray>| texts.as_ref().filter(|texts| !texts.is_null(row)).map(|texts| texts.value(row).to_owned());
            let cells: Vec<Option<String>> = columns.iter().map(cell).collect();
            self.builder.push(cells.iter().map(Option::as_deref)).map_err(|error| crate::DeskError::Invalid(error.text().clone()))?;
            if self.entity.is_some() {
                self.entities.push(whom(cell(&entity).as_deref(), self.entities.len()));
            }
        }
        Ok(())
    }

    /// The table with the roles of its columns.
    fn opening(self, limits: Limits) -> (Opening, Assessment) {
        let Persons { name, builder, entities, quasi, sensitive, .. } = self;
        let table = builder.build();
        let measured = assess(&table, &infos(&table, None), &options(&table, quasi.as_deref(), &sensitive, limits));
        let of = |role| measured.of(role).collect::<Vec<_>>();
        (Opening { name, quasi: of(Role::Quasi), sensitive: of(Role::Sensitive), table, entities }, measured)
    }

    /// What the gate says of the table, alone and together with others.
    pub fn findings(self, others: Vec<Persons>, limits: Limits) -> Vec<Finding> {
        let compared = self.entity.is_some();
        let (opening, measured) = self.opening(limits);
        let mut findings: Vec<Finding> = measured.reasons.iter().map(|reason| stop(reason.text(&measured.parts, measured.limits))).collect();
        if findings.is_empty() {
            let k = measured.anonymity.k;
            findings.push(Finding::fine(format!("按准标识列，每行至少与 {k} 行无法区分"), format!("every row is like {k} at least in what it could be recognised by")));
        }
        if !compared {
            findings.push(Finding::warns("没有声明 `entity`，未与已开放的数据合并测算", "`entity` is not declared: it was not put together with what is open"));
            return findings;
        }
        let others: Vec<Opening> = others.into_iter().map(|other| other.opening(limits).0).collect();
        let count = others.len();
        let joint = Mosaic::new(std::iter::once(opening).chain(others).collect()).measure(limits.k, limits.l, EFFORT, 3);
        findings.extend(joint.exposed.iter().map(|exposed| {
            let by: Vec<String> = exposed.by.iter().map(|(name, columns)| format!("{name}（{}）", columns.join("、"))).collect();
            let (by, k) = (by.join(" + "), exposed.k);
            stop(Text::new(format!("与已开放的数据合并后，有人只剩 {k} 人可混同：{by}"), format!("put together with what is open, somebody hides among {k} only: {by}")))
        }));
        if joint.exposed.is_empty() && joint.left == 0 {
            let en = format!("put together with {count} open datasets, nobody is exposed by it");
            findings.push(Finding::fine(format!("与已开放的 {count} 个数据集合并测算，没有人因此暴露"), en));
        } else if joint.left > 0 {
            let left = joint.left;
            findings.push(stop(Text::new(format!("合并测算未完成，剩 {left} 行"), format!("{left} rows could not be put together with what is open"))));
        }
        findings
    }
}

impl Desk {
    /// The open tables about persons that another one is put together with.
    pub(super) async fn opened_about_persons(&self, city: &City, models: &Models, but: &str, now: Moment) -> Answer<Vec<Persons>> {
        let live = self.live(now).await?;
        let mut found = Vec::new();
        for (dataset, model, opening) in datasets(city).filter(|(dataset, ..)| *dataset != but && live.contains_key(*dataset)) {
            let Some(planned) = models.planned.get(&model.id).filter(|_| opening.entity.is_some() && found.len() < OTHERS) else { continue };
            let Some(mut persons) = Persons::of(city, &from(models, planned), opening, planned)? else { continue };
            let mut rows = self.0.ports.lake.scan(&lake_table(dataset), None, None).await.map_err(internal)?;
            while let Some(batch) = rows.try_next().await.map_err(internal)? {
                persons.take(&batch)?;
            }
            found.push(persons);
        }
        Ok(found)
    }
}

/// How the table is looked at: with the roles that were declared, else with those that are told from it.
fn options(table: &Table, quasi: Option<&[String]>, sensitive: &[String], limits: Limits) -> Options {
    let said = |names: &[String], role| names.iter().filter_map(|name| Some((table.place(name)?, role))).collect::<Vec<_>>();
    let mut roles = said(quasi.unwrap_or_default(), Role::Quasi);
    roles.extend(said(sensitive, Role::Sensitive));
    Options { limits, closed: quasi.is_some(), roles, persons: Some(true), ..Options::default() }
}

fn stop(what: Text) -> Finding {
    Finding::stops(what.zh, what.en).help("概括或去掉准标识列，见 sanjiang risk", "coarsen what rows could be recognised by, or leave it out; see sanjiang risk")
}

/// A number for whom a row is about; a row that names nobody is somebody of its own.
fn whom(id: Option<&str>, row: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    match id.map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id.hash(&mut hasher),
        None => (row, "").hash(&mut hasher),
    }
    hasher.finish()
}
