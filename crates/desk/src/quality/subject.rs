//! What rules are declared for: a resource, or the table of a model, named `layer.name`.

use arrow_schema::{DataType, Schema, TimeUnit};
use data::City;
use data::declare::{Department, Rule};
use data::rule::measure::{self, Measure};
use data::rule::{Columns, Type};
use kernel::Text;

use crate::model::Models;
use crate::port::TableName;

/// A table with rules.
pub(crate) struct Subject<'c> {
    pub id: String,
    pub table: TableName,
    pub title: Text,
    /// The department that answers for it.
    pub department: Option<&'c Department>,
    pub rules: &'c [Rule],
    /// Its columns, without those that say where a row came from.
    pub columns: Vec<String>,
    types: Columns,
    /// Whether a row has a name of its own, its `_hash`: of a model's only where it has a key.
    pub named_rows: bool,
}

impl<'c> Subject<'c> {
    pub fn find(city: &'c City, models: &Models, id: &str) -> Option<Subject<'c>> {
        if let Some(resource) = city.resources.get(id) {
            return Some(Subject {
                id: id.to_owned(),
                table: TableName::standard(id),
                title: Text::new(&resource.title, &resource.title_en),
                department: city.provider(resource),
                rules: &resource.rules,
                columns: resource.items.iter().map(|item| item.name.clone()).collect(),
                types: measure::columns(city, resource),
                named_rows: true,
            });
        }
        let model = city.models.get(id)?;
        let schema = models.planned.get(id).map(|planned| planned.schema.as_ref());
        Some(Subject {
            id: id.to_owned(),
            table: TableName::read(id)?,
            title: Text::new(&model.title, &model.title_en),
            department: city.departments.get(&model.department),
            rules: &model.rules,
            columns: schema.iter().flat_map(|schema| schema.fields()).map(|field| field.name().clone()).collect(),
            types: schema.map(columns).unwrap_or_default(),
            named_rows: !model.key.is_empty(),
        })
    }

    /// Its rules, ready to be measured.
    pub fn measures(&self) -> Vec<Measure> {
        measure::ready(self.rules, &self.types)
    }
}

/// The columns that rules can ask about, with their types.
pub(crate) fn columns(schema: &Schema) -> Columns {
    schema.fields().iter().filter_map(|field| Some((field.name().clone(), type_of(field.data_type())?))).collect()
}

fn type_of(kind: &DataType) -> Option<Type> {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Type::Text),
        DataType::Boolean => Some(Type::Boolean),
        DataType::Date32 => Some(Type::Date),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC" => Some(Type::Datetime),
        kind if kind.is_numeric() => Some(Type::Number),
        _ => None,
    }
}
