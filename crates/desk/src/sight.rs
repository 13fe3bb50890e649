//! What a reader sees of graded columns. Each table belongs to a department: its own officers see all of it; others see
//! columns up to their clearance as they are, and what is left of the others by a mask. Pages and answers ask here.

use std::collections::BTreeMap;

use data::City;
use data::declare::{Grade, Item, Resource, Shape};
use data::grade::{self, InfoType};
use data::mask::{HIDDEN, Mask, MaskKeys, Masker, default_for};
use data::standard::{Checker, Value};
use kernel::Text;
use serde::Serialize;

use crate::catalog::word;
use crate::history::{RowChange, Version};
use crate::model::{Models, PlannedModel, column_title, owner_of};
use crate::port::{How, Layer, Masks, PlannedColumn, Shown, Source, TableName};
use crate::view::{Account, Profile};
use crate::{Desk, DeskError};

/// Masks of values that are shown, under one purpose: what two tables of one page hold can be compared.
const PURPOSE: &str = "read";
/// What says where a row came from, and of nobody what.
const PROVENANCE: [&str; 7] = ["_system", "_run", "_batch", "_file", "_line", "_change", "_id"];

/// A column's grade, and its mask for whoever may not see it whole.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Graded {
    grade: Grade,
    mask: Mask,
}

/// The columns of all tables above L1, from the declarations.
#[derive(Debug, Default)]
pub(crate) struct Grades(BTreeMap<TableName, BTreeMap<String, Graded>>);

/// A column that a reader sees masked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MaskedColumn {
    /// As it stands in SQL: `standard.person`.
    pub table: String,
    pub name: String,
    pub title: Text,
    pub grade: Grade,
    /// As declarations write it: `keep(6, 4, 8)`.
    pub mask: String,
    pub mask_title: Text,
}

/// What a reader sees of one or more tables, for pages to say so.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Seen {
    pub masked: Vec<MaskedColumn>,
    /// Columns of L3 and L4 that are shown as they are.
    pub whole: Vec<String>,
    /// Why: the account's department or clearance.
    pub why: Text,
}

impl Grades {
    pub fn of(city: &City, models: &Models) -> Grades {
        let mut all = BTreeMap::new();
        for resource in city.resources.values() {
            let columns: BTreeMap<String, Graded> =
                resource.items.iter().filter_map(|item| Some((item.name.clone(), graded(city, resource, item)?))).collect();
            all.insert(TableName::raw(&resource.id), columns.clone());
            all.insert(TableName::standard(&resource.id), columns);
        }
        let mut grades = Grades(all);
        for register in city.registers.values() {
            let table = crate::register::table(&register.id);
            let Some(planned) = models.planned.get(&table.to_string()) else { continue };
            // Of the items that a field comes from, the one that tells most.
            let known = |column: &PlannedColumn, grade: Grade| column.value.keys().filter_map(|source| grades.column(source)).find(|known| known.grade == grade).copied();
            let columns = graded_columns(planned, known);
            grades.0.insert(table, columns);
        }
        // Each model behind all it reads.
        for planned in models.order.iter().filter_map(|id| models.planned.get(id)) {
            let known = |column: &PlannedColumn, _: Grade| {
                let mut copied = column.value.iter().filter(|(_, how)| **how == How::Copied).map(|(source, _)| source);
                let only = copied.next().filter(|_| column.value.len() == 1)?;
                grades.column(only).copied()
            };
            let columns = graded_columns(planned, known);
            grades.0.insert(planned.table.clone(), columns);
        }
        grades
    }

    fn column(&self, source: &Source) -> Option<&Graded> {
        self.0.get(&source.table)?.get(&source.column)
    }
}

/// Columns of a made table above L1; each has the mask of the one column that it takes after, or shows nothing.
fn graded_columns(planned: &PlannedModel, known: impl Fn(&PlannedColumn, Grade) -> Option<Graded>) -> BTreeMap<String, Graded> {
    let above = planned.columns.iter().zip(&planned.grades).filter(|(_, grade)| **grade > Grade::L1);
    let column = |(column, grade): (&PlannedColumn, &Grade)| {
        let mask = known(column, *grade).map_or(Mask::Hide {}, |known| known.mask);
        (column.name.clone(), Graded { grade: *grade, mask })
    };
    above.map(column).collect()
}

fn graded(city: &City, resource: &Resource, item: &Item) -> Option<Graded> {
    let grade = item.grade.unwrap_or(resource.grade);
    if grade == Grade::L1 {
        return None;
    }
    Some(Graded { grade, mask: mask_of(city, resource, item) })
}

/// What is left of an item for who may not see it whole.
pub(crate) fn mask_of(city: &City, resource: &Resource, item: &Item) -> Mask {
    let declared = item.mask.as_deref().and_then(|text| Mask::parse(text).ok());
    let grade = item.grade.unwrap_or(resource.grade);
    // Below L3 nothing is masked by itself; who may not even see L2 sees it as if it were L3.
    declared.or_else(|| default_for(info(city, item), grade.max(Grade::L3))).unwrap_or(Mask::Hide {})
}

/// What an item tells: by its standard, else by its names.
fn info(city: &City, item: &Item) -> Option<InfoType> {
    let column = grade::Column { name: &item.name, title: &item.title, values: &[] };
    city.kind_of(item).and_then(InfoType::of_kind).or_else(|| grade::detect(&column, None).leading())
}

fn shape_of(city: &City, item: &Item) -> Shape {
    Checker::new(city, item).map_or(Shape::Text, |checker| checker.kind().shape())
}

impl Desk {
    /// Up to which grade an account sees a table of this department as it is.
    pub(crate) fn clearance(&self, who: Option<&Account>, department: &str) -> Grade {
        // Who has no business with data sees what everybody sees.
        let Some(who) = who.filter(|who| who.reads_data()) else { return Grade::L1 };
        match who.department.as_deref() {
            Some(own) if own == department => Grade::L4,
            _ => who.clearance.unwrap_or(self.city().info.grading.clearance),
        }
    }

    /// What a reader sees of a table.
    fn shown(&self, who: Option<&Account>, table: &TableName) -> Shown {
        let declared = self.declared();
        let (Some(owner), Some(columns)) = (owner_of(&declared.city, table), declared.grades.0.get(table)) else {
            // Of what nobody declared, nobody knows what it tells.
            let whole = self.clearance(who, "") == Grade::L4;
            return Shown { rest: whole, ..Shown::default() };
        };
        let clearance = self.clearance(who, &owner);
        let masked: BTreeMap<String, Mask> =
            columns.iter().filter(|(_, one)| one.grade > clearance).map(|(name, one)| (name.clone(), one.mask)).collect();
        let resource = declared.city.resources.get(&table.name).filter(|_| !matches!(table.layer, Layer::Master | Layer::Topic | Layer::Open));
        let model = declared.models.planned.get(&table.to_string());
        let items = resource.iter().flat_map(|resource| &resource.items).map(|item| item.name.clone());
        let columns = model.iter().flat_map(|model| &model.columns).map(|column| column.name.clone());
        let plain = items.chain(columns).chain(PROVENANCE.map(str::to_owned)).filter(|name| !masked.contains_key(name)).collect();
        Shown { rest: masked.is_empty(), plain, masked }
    }

    /// The masks before the tables that a statement names; `None` for who sees everything anyway.
    pub(crate) fn masks(&self, who: &Account, sql: &str) -> Option<Masks> {
        if who.clearance == Some(Grade::L4) && who.reads_data() {
            return None;
        }
        let tables = self.0.ports.planner.reads(sql).unwrap_or_default();
        Some(Masks(tables.iter().map(|table| (table.to_string(), self.shown(Some(who), table))).collect()))
    }

    /// What a reader sees of the tables that a statement names.
    pub fn seen_in(&self, who: &Account, sql: &str) -> Seen {
        let tables = self.0.ports.planner.reads(sql).unwrap_or_default();
        self.seen(Some(who), &tables)
    }

    /// What a reader sees of tables, in words.
    pub fn seen(&self, who: Option<&Account>, tables: &[TableName]) -> Seen {
        let declared = self.declared();
        let mut seen = Seen { why: self.why(who, tables), ..Seen::default() };
        for table in tables {
            let shown = self.shown(who, table);
            let high = declared.grades.0.get(table).into_iter().flatten();
            for (name, graded) in high.filter(|(name, one)| shown.masked.contains_key(*name) || one.grade >= Grade::L3) {
                let source = Source { table: table.clone(), column: name.clone() };
                if !shown.masked.contains_key(name) {
                    seen.whole.push(source.to_string());
                    continue;
                }
                seen.masked.push(MaskedColumn {
                    table: table.to_string(),
                    title: column_title(&declared.city, &declared.models, &source),
                    name: name.clone(),
                    grade: graded.grade,
                    mask: graded.mask.spelled(),
                    mask_title: graded.mask.title(),
                });
            }
        }
        seen
    }

    /// What decides what a reader sees of tables.
    pub(crate) fn why(&self, who: Option<&Account>, tables: &[TableName]) -> Text {
        let Some(who) = who else { return Text::new("未登录", "not logged in") };
        let city = self.city();
        let own = who.department.as_deref().and_then(|id| city.departments.get(id));
        let owned = |own: &&data::declare::Department| !tables.is_empty() && tables.iter().all(|table| owner_of(&city, table).as_deref() == Some(own.id.as_str()));
        if let Some(own) = own.filter(owned) {
            let title = Text::new(&own.title, &own.title_en);
            return Text::new(format!("您属于数据提供部门{}", title.zh), format!("you belong to the department that provides it, {}", title.en));
        }
        let grade = word(self.clearance(Some(who), ""));
        Text::new(format!("您可看其他部门 {grade} 及以下的数据"), format!("of other departments you see data up to {grade}"))
    }

    /// The veil before the rows of a resource.
    pub(crate) fn veil(&self, who: Option<&Account>, resource: &Resource) -> Veil {
        let city = self.city();
        self.veil_of(who, &TableName::standard(&resource.id), |name| {
            let item = resource.items.iter().find(|item| item.name == name);
            item.map_or(Shape::Text, |item| shape_of(&city, item))
        })
    }

    /// The veil before these items of a resource, under a purpose of its own.
    pub(crate) fn lent_veil(&self, city: &City, resource: &Resource, items: &[&str], purpose: &str) -> Veil {
        let keys = MaskKeys::derive(&self.0.secret, purpose);
        let masked = resource.items.iter().filter(|item| items.contains(&item.name.as_str()));
        let column = |item: &Item| {
            let masker = Masker::new(mask_of(city, resource, item), keys.clone(), &city.info.time_zone);
            (item.name.clone(), (shape_of(city, item), masker))
        };
        Veil(masked.map(column).collect())
    }

    /// The veil before the rows of a made table, whose values are texts by now.
    pub(crate) fn table_veil(&self, who: Option<&Account>, table: &TableName) -> Veil {
        self.veil_of(who, table, |_| Shape::Text)
    }

    fn veil_of(&self, who: Option<&Account>, table: &TableName, shape: impl Fn(&str) -> Shape) -> Veil {
        let city = self.city();
        let keys = MaskKeys::derive(&self.0.secret, PURPOSE);
        let column = |(name, mask): (String, Mask)| {
            let masker = Masker::new(mask, keys.clone(), &city.info.time_zone);
            (name.clone(), (shape(&name), masker))
        };
        Veil(self.shown(who, table).masked.into_iter().map(column).collect())
    }

    /// Whether an account sees all of a resource; of one that is no longer declared, only who sees everything.
    pub(crate) fn sees_whole(&self, who: Option<&Account>, resource: Option<&Resource>) -> bool {
        match resource {
            Some(resource) => self.veil(who, resource).is_clear(),
            None => self.clearance(who, "") == Grade::L4,
        }
    }

    /// Refuses who may not see all of a resource, where parts of a record cannot be told apart.
    pub(crate) fn must_see_whole(&self, who: &Account, resource: &Resource) -> Result<(), DeskError> {
        if self.sees_whole(Some(who), Some(resource)) {
            return Ok(());
        }
        let why = self.why(Some(who), &[TableName::standard(&resource.id)]);
        Err(DeskError::Forbidden(Text::new(
            format!("这里显示整条原始记录，其中有您无权查看的信息项（{}）；请由提供部门的人员办理。", why.zh),
            format!("Whole records are shown here, with items that you may not see ({}). Officers of the providing department can.", why.en),
        )))
    }
}

/// Masks before the rows of one resource, whose values are texts by now. Columns that it does not know are let through.
#[derive(Debug)]
pub(crate) struct Veil(BTreeMap<String, (Shape, Option<Masker>)>);

impl Veil {
    pub fn is_clear(&self) -> bool {
        self.0.is_empty()
    }

    pub fn covers(&self, column: &str) -> bool {
        self.0.contains_key(column)
    }

    /// What is seen of a value of a column.
    pub fn cell(&self, column: &str, value: Option<String>) -> Option<String> {
        let Some((shape, masker)) = self.0.get(column) else { return value };
        let text = value?;
        let read = match shape {
            Shape::Integer => text.parse().map(Value::Integer).ok(),
            Shape::Number => text.parse().map(Value::Number).ok(),
            _ => None,
        };
        let masked = masker.as_ref().map(|masker| masker.apply(&read.unwrap_or(Value::Text(text.into()))));
        match masked {
            Some(Value::Text(text)) => Some(text.into_owned()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => Some(HIDDEN.to_owned()),
        }
    }

    /// Rows under these columns.
    pub fn rows(&self, columns: &[String], rows: Vec<Vec<Option<String>>>) -> Vec<Vec<Option<String>>> {
        if self.is_clear() {
            return rows;
        }
        let row = |row: Vec<Option<String>>| row.into_iter().zip(columns).map(|(cell, column)| self.cell(column, cell)).collect();
        rows.into_iter().map(row).collect()
    }

    /// A row as a batch brought it.
    pub fn version(&self, mut version: Version) -> Version {
        version.cells = version.cells.into_iter().map(|(name, cell)| (name.clone(), self.cell(&name, cell))).collect();
        version
    }

    pub fn change(&self, mut change: RowChange) -> RowChange {
        let key = |(name, value): (String, String)| (name.clone(), self.cell(&name, Some(value)).unwrap_or_default());
        let cell = |(name, was, is): (String, Option<String>, Option<String>)| (name.clone(), self.cell(&name, was), self.cell(&name, is));
        change.key = change.key.into_iter().map(key).collect();
        change.cells = change.cells.into_iter().map(cell).collect();
        change.before = change.before.map(|version| self.version(version));
        change.now = change.now.map(|version| self.version(version));
        change
    }

    /// A profile without single values of what is masked.
    pub fn profile(&self, mut profile: Profile) -> Profile {
        for column in profile.columns.iter_mut().filter(|column| self.covers(&column.name)) {
            (column.minimum, column.maximum, column.mean) = (None, None, None);
            column.histogram.clear();
        }
        profile
    }
}
