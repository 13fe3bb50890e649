//! The items of one resource, bound to the fields of a source, and the check of a batch against them.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use data::City;
use data::declare::{Item, Resource};
use data::standard::{Checker, Fault, Together};

use super::column::{ItemRule, data_type};
use super::identity::{Hash, Version, key_hashes, record_hashes, versions};
use super::restore::Restored;
use super::together;
use crate::names::{match_items, match_positions, raw_names_for};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

/// The checking side of a resource: one rule for each item, bound to the fields of what is being read.
pub struct Table {
    pub(super) resource: String,
    items: Vec<Item>,
    rules: Vec<ItemRule>,
    together: Vec<Together>,
    nulls: Vec<String>,
    /// Indices of the items that make the key.
    pub(super) key: Vec<usize>,
    /// Index of the item that tells the newer of two rows.
    pub(super) version: Option<usize>,
    by_position: bool,
    /// For each item the index of its field.
    pub(super) places: Vec<Option<usize>>,
    /// Raw column names of the bound fields.
    pub(super) raw_names: Vec<String>,
    pub(super) standard: SchemaRef,
}

/// What checking a batch gave. Every vector but `refused` has one entry a row.
#[derive(Clone, Debug)]
pub struct Checked {
    /// One per item, typed as its kind says; null where the value is absent. A refused value is null or, in a column of
    /// text, stays as found; a column of text without any change is the column found itself.
    pub columns: Vec<ArrayRef>,
    /// The refused rows, ascending, each with all its faults: those of reading first.
    pub refused: Vec<(usize, Vec<Fault>)>,
    /// Hash of the raw record.
    pub hash: Vec<Hash>,
    /// Hash of the key; `None` when the resource has no key or the row lacks a part of it.
    pub key: Vec<Option<Hash>>,
    /// By which the newer of two rows with one key is told; all `None` when nothing tells.
    pub version: Vec<Option<Version>>,
}

impl Checked {
    /// Refuses one more row, or adds a fault to a refused one.
    pub fn refuse(&mut self, row: usize, fault: Fault) {
        match self.refused.binary_search_by_key(&row, |(row, _)| *row) {
            Ok(place) => {
                if let Some((_, faults)) = self.refused.get_mut(place).filter(|(_, faults)| !faults.contains(&fault)) {
                    faults.push(fault);
                }
            }
            Err(place) => self.refused.insert(place, (row, vec![fault])),
        }
    }
}

impl Table {
    /// Prepares the rules of a resource. Errors: a standard that cannot be used as declared.
    pub fn new(city: &City, resource: &Resource) -> Result<Table, CollectError> {
        let position = |name: &String| resource.items.iter().position(|item| item.name == *name);
        let rules: Vec<ItemRule> =
            resource.items.iter().map(|item| rule(city, resource, item)).collect::<Result<_, _>>()?;
        Ok(Table {
            resource: resource.id.clone(),
            nulls: resource.collect.null.iter().map(|null| null.trim().to_owned()).collect(),
            key: resource.items.iter().zip(0..).filter(|(item, _)| item.key).map(|(_, index)| index).collect(),
            version: resource.version_item().and_then(position),
            by_position: resource.collect.header == Some(0),
            places: Vec::new(),
            raw_names: Vec::new(),
            standard: standard_schema(&resource.items, &rules),
            together: Together::of(city, resource),
            items: resource.items.clone(),
            rules,
        })
    }

    /// Finds the field of each item, for the batches that follow; to be called whenever the fields change.
    /// Errors: `contract.column_missing` when the source has no field for a required item.
    pub fn bind(&mut self, fields: &[String]) -> Result<Vec<Decision>, CollectError> {
        let places = match self.by_position {
            true => match_positions(&self.items, fields),
            false => match_items(&self.items, fields),
        };
        self.bind_at(fields, places)?;
        Ok(self.decisions(fields))
    }

    /// Binds fields named as the columns of the raw table are, as those of a corrected record.
    pub fn bind_stored(&mut self, fields: &[String]) -> Result<(), CollectError> {
        self.bind_raw(fields)
    }

    /// The names of the declared items.
    pub fn item_names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.name.clone()).collect()
    }

    /// Binds the columns of the raw table, where a declared item always has its own name.
    pub(super) fn bind_raw(&mut self, fields: &[String]) -> Result<(), CollectError> {
        let place = |item: &Item| fields.iter().position(|field| *field == item.name);
        let places = self.items.iter().map(place).collect();
        self.bind_at(fields, places)
    }

    fn bind_at(&mut self, fields: &[String], places: Vec<Option<usize>>) -> Result<(), CollectError> {
        let needed = |item: &Item| item.required || item.key;
        let missing = self.items.iter().zip(&places).find(|(item, place)| place.is_none() && needed(item));
        if let Some((item, _)) = missing {
            return Err(self.column_missing(item, fields, &places));
        }
        self.raw_names = raw_names_for(fields, &self.items, &places);
        self.places = places;
        Ok(())
    }

    /// Checks a batch whose fields were bound. All faults of a row are reported, not only the first.
    pub fn check(&self, batch: &RawBatch) -> Checked {
        let unreadable = unreadable(batch);
        let hash = record_hashes(batch, &self.raw_names, &unreadable);
        self.check_with(batch, &unreadable, hash)
    }

    /// Checks records read back from the raw table; their hashes are those they were committed with.
    pub fn check_restored(&mut self, restored: &Restored) -> Result<Checked, CollectError> {
        self.bind_raw(&restored.batch.fields)?;
        Ok(self.check_with(&restored.batch, &unreadable(&restored.batch), restored.hash.clone()))
    }

    fn check_with(&self, batch: &RawBatch, unreadable: &[bool], hash: Vec<Hash>) -> Checked {
        let mut faults: Vec<(usize, Fault)> =
            batch.faults.iter().filter(|(row, _)| *row < batch.rows()).cloned().collect();
        let mut columns: Vec<ArrayRef> = self
            .rules
            .iter()
            .zip(&self.places)
            .map(|(rule, place)| {
                let column = place.and_then(|index| batch.columns.get(index));
                rule.check(column, &self.nulls, unreadable, &mut faults)
            })
            .collect();
        together::check(&self.together, &mut columns, &mut faults);
        // A removal may lack all fields but those of its key: nothing else of it is looked at.
        faults.retain(|(row, _)| !batch.is_removed(*row));
        let key_columns: Vec<&ArrayRef> = self.key.iter().filter_map(|index| columns.get(*index)).collect();
        let version = self.version.and_then(|index| columns.get(index));
        Checked {
            refused: by_row(faults),
            hash,
            key: key_hashes(&key_columns, batch.rows()),
            version: version.map_or_else(|| vec![None; batch.rows()], |column| versions(column, batch.rows())),
            columns,
        }
    }

    /// The columns of `standard.<resource>`: the items, then the system columns. Titles stand in the metadata.
    pub fn standard_schema(&self) -> SchemaRef {
        self.standard.clone()
    }

    /// Whether rows are told apart by a key.
    pub fn keyed(&self) -> bool {
        !self.key.is_empty()
    }

    /// Items that stayed without a field, and fields that stayed without an item.
    fn decisions(&self, fields: &[String]) -> Vec<Decision> {
        let absent = self.items.iter().zip(&self.places).filter(|(_, place)| place.is_none());
        let absent = listed(absent.map(|(item, _)| item.name.as_str()));
        let extra = fields.iter().zip(0..).filter(|(_, index)| !self.places.contains(&Some(*index)));
        let extra = listed(extra.map(|(field, _)| field.as_str()));
        let absent = absent.map(|names| {
            decision(
                "absent",
                names,
                "null",
                "来源没有这些信息项的列，按空值处理。",
                "The source has no field for these items: they are null.",
            )
        });
        let extra = extra.map(|names| {
            decision(
                "undeclared",
                names,
                "raw",
                "这些列没有声明为信息项，只保留在贴源层。",
                "These fields are not declared as items: they stay in the raw layer only.",
            )
        });
        absent.into_iter().chain(extra).collect()
    }

    fn column_missing(&self, item: &Item, fields: &[String], places: &[Option<usize>]) -> CollectError {
        let free: Vec<&str> = fields
            .iter()
            .zip(0..)
            .filter(|(_, index)| !places.contains(&Some(*index)))
            .map(|(field, _)| field.as_str())
            .collect();
        let names = [item.source.as_deref().unwrap_or(&item.name), &item.name, &item.title];
        let nearest = names.iter().find_map(|name| kernel::nearest(name, free.iter().copied()));
        let (zh, en) = match nearest {
            Some(near) => (
                format!("最接近的列是「{near}」，可在信息项中写 source = \"{near}\"。"),
                format!("The nearest field is “{near}”: declare source = \"{near}\"."),
            ),
            None => {
                let all = listed(fields.iter().map(String::as_str)).unwrap_or_default();
                (format!("来源的列有：{all}。"), format!("The source has: {all}."))
            }
        };
        CollectError::new(
            "contract.column_missing",
            &self.resource,
            format!("来源没有必填信息项「{}」（{}）的列。{zh}", item.title, item.name),
            format!("The source has no field for the required item “{}”. {en}", item.name),
        )
    }
}

fn rule(city: &City, resource: &Resource, item: &Item) -> Result<ItemRule, CollectError> {
    let checker = Checker::new(city, item).map_err(|fault| {
        CollectError::new(
            "contract.standard",
            format!("{}.{}", resource.id, item.name),
            fault.message.zh,
            fault.message.en,
        )
    })?;
    // A row that lacks a part of its key cannot be told from others, so key items are always required.
    let title_en = if item.title_en.is_empty() { item.name.clone() } else { item.title_en.clone() };
    Ok(ItemRule { name: item.name.clone(), title: item.title.clone(), title_en, required: item.required || item.key, checker })
}

/// Rows that could not be read as records: a fault of reading, and nothing in any column.
fn unreadable(batch: &RawBatch) -> Vec<bool> {
    use arrow_array::Array;
    let mut marks = vec![false; batch.rows()];
    for (row, _) in &batch.faults {
        let empty = batch.columns.iter().all(|column| *row >= column.len() || column.is_null(*row));
        if let Some(mark) = marks.get_mut(*row) {
            *mark = empty;
        }
    }
    marks
}

/// Gathers faults by row, ascending, without repeating one.
fn by_row(mut faults: Vec<(usize, Fault)>) -> Vec<(usize, Vec<Fault>)> {
    faults.sort_by_key(|(row, _)| *row);
    let mut rows: Vec<(usize, Vec<Fault>)> = Vec::new();
    for (row, fault) in faults {
        match rows.last_mut() {
            Some((last, faults)) if *last == row => {
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
            _ => rows.push((row, vec![fault])),
        }
    }
    rows
}

fn standard_schema(items: &[Item], rules: &[ItemRule]) -> SchemaRef {
    let item_fields = items.iter().zip(rules).map(|(item, rule)| {
        let titles = [("title", &item.title), ("title_en", &item.title_en), ("unit", &item.unit)];
        let metadata =
            titles.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key.to_owned(), text.clone()));
        Field::new(&item.name, data_type(rule.checker.kind()), true).with_metadata(metadata.collect())
    });
    Arc::new(Schema::new(item_fields.chain(origin_fields()).collect::<Vec<_>>()))
}

/// The system columns that both layers share: where a row came from.
pub(super) fn origin_fields() -> [Field; 6] {
    [
        Field::new("_system", DataType::Utf8, true),
        Field::new("_run", DataType::Utf8, true),
        Field::new("_batch", DataType::Int64, true),
        Field::new("_file", DataType::Utf8, true),
        Field::new("_line", DataType::Int64, true),
        Field::new("_hash", DataType::Binary, true),
    ]
}

fn decision(what: &str, about: String, chosen: &str, zh: &str, en: &str) -> Decision {
    Decision { what: what.to_owned(), about, chosen: chosen.to_owned(), why: kernel::Text::new(zh, en) }
}

/// Names joined for people, at most thirty of them; `None` when there are none.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let shown = names.get(..names.len().min(30))?.join(", ");
    match names.len() {
        0 => None,
        1..=30 => Some(shown),
        more => Some(format!("{shown}… ({more})")),
    }
}
