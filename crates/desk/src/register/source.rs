//! Rows of the standard layer as records of a register: key, version and values as texts.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use data::City;
use data::declare::{Register, Resource};
use register::Record;

use crate::{Answer, internal};

/// How a resource's rows are read.
pub(super) struct Reading {
    source: usize,
    key: Vec<String>,
    version: Option<String>,
    /// For each field the item it comes from, if the resource has it.
    items: Vec<Option<String>>,
}

impl Reading {
    pub fn new(register: &Register, source: usize, resource: &Resource) -> Reading {
        let has = |name: &str| resource.items.iter().any(|item| item.name == name).then(|| name.to_owned());
        let declared = register.sources.get(source);
        Reading {
            source,
            key: resource.items.iter().filter(|item| item.key).map(|item| item.name.clone()).collect(),
            version: resource.collect.version.clone().filter(|name| has(name).is_some()),
            items: register.fields.iter().map(|field| declared.and_then(|source| has(source.item_of(&field.name)))).collect(),
        }
    }

    /// The columns to read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = self.key.iter().chain(&self.version).chain(self.items.iter().flatten()).cloned().collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    pub fn records(&self, rows: &RecordBatch) -> Answer<Vec<Record>> {
        let text = |name: &String| -> Answer<arrow_array::ArrayRef> {
            let column = rows.column_by_name(name).ok_or_else(|| internal(format!("{name} is missing")))?;
            arrow_cast::cast(column, &DataType::Utf8).map_err(internal)
        };
        let key = self.key.iter().map(text).collect::<Answer<Vec<_>>>()?;
        let version = self.version.as_ref().map(text).transpose()?;
        let items = self.items.iter().map(|item| item.as_ref().map(text).transpose()).collect::<Answer<Vec<_>>>()?;
        let cell = |column: &arrow_array::ArrayRef, row: usize| {
            let column = column.as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let record = |row: usize| Record {
            source: self.source,
            key: key.iter().map(|column| cell(column, row).unwrap_or_default()).collect::<Vec<_>>().join("|"),
            version: version.as_ref().and_then(|column| cell(column, row)),
            values: items.iter().map(|column| column.as_ref().and_then(|column| cell(column, row)).filter(|value| !value.trim().is_empty())).collect(),
        };
        Ok((0..rows.num_rows()).map(record).collect())
    }
}

/// The resources of a register's sources, in their order.
pub(super) fn resources<'c>(city: &'c City, register: &Register) -> Option<Vec<&'c Resource>> {
    register.sources.iter().map(|source| city.resources.get(&source.resource)).collect()
}
