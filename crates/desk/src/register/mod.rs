//! Registers (基础库): resolved from the lake, published to it, looked at, and decided upon by people.

mod act;
mod publish;
mod reader;
mod resolve;
mod source;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use ::collect::check::Table;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use data::City;
use kernel::Text;
use register::RegisterError;

use crate::port::{How, Layer, PlannedColumn, Source, TableName};
use crate::{Answer, Desk, DeskError, internal};

pub use act::Acted;
pub use register::{Change, ChangeKind, Decision, EntityState, Outcome, Run, Totals};
pub use resolve::Resolved;
pub use view::{
    ConflictCount, ConflictView, DoubtView, EntityView, Evidence, FieldValue, FieldView, MemberView, PairView, RegisterDetail, RegisterState, RegisterView,
    SourceView,
};

/// Columns that a register's table has besides the fields.
const ENTITY_ID: &str = "entity_id";
const RECORDS: &str = "records";
const SOURCES: &str = "sources";
const CONFLICTS: &str = "conflicts";

/// The table of a register.
pub(crate) fn table(id: &str) -> TableName {
    TableName { layer: Layer::Master, name: id.to_owned() }
}

/// The table's columns. A field has the type of the items it comes from where they agree, else it is a text.
pub(crate) fn schema(city: &City, register: &data::declare::Register) -> Option<SchemaRef> {
    let schemas: BTreeMap<&str, SchemaRef> = register
        .sources
        .iter()
        .map(|source| Some((source.resource.as_str(), Table::new(city, city.resources.get(&source.resource)?).ok()?.standard_schema())))
        .collect::<Option<_>>()?;
    let field = |field: &data::declare::RegisterField| {
        let types: Vec<&DataType> = register
            .sources
            .iter()
            .filter_map(|source| Some(schemas.get(source.resource.as_str())?.column_with_name(source.item_of(&field.name))?.1.data_type()))
            .collect();
        let one = types.first().filter(|first| types.iter().all(|other| other == *first));
        Field::new(&field.name, one.map_or(DataType::Utf8, |kind| (*kind).clone()), true)
    };
    let mut fields = vec![Field::new(ENTITY_ID, DataType::Utf8, true)];
    fields.extend(register.fields.iter().map(field));
    fields.push(Field::new(RECORDS, DataType::Int64, true));
    fields.push(Field::new(SOURCES, DataType::Utf8, true));
    fields.push(Field::new(CONFLICTS, DataType::Int64, true));
    fields.push(Field::new("_hash", DataType::Binary, true));
    Some(Arc::new(Schema::new(fields)))
}

/// Where each column comes from: a field from its item in each source; which records are of one entity is decided by all
/// that is compared.
pub(crate) fn lineage(city: &City, register: &data::declare::Register, schema: &Schema) -> Vec<PlannedColumn> {
    let from = |field: &str| -> BTreeSet<Source> {
        let item = |source: &data::declare::RegisterSource| {
            let (resource, item) = (city.resources.get(&source.resource)?, source.item_of(field));
            resource.items.iter().any(|known| known.name == item).then(|| Source { table: TableName::standard(&source.resource), column: item.to_owned() })
        };
        register.sources.iter().filter_map(item).collect()
    };
    let rows: BTreeSet<Source> = register.fields.iter().filter(|field| field.compare.is_some()).flat_map(|field| from(&field.name)).collect();
    let column = |field: &Arc<Field>| PlannedColumn {
        name: field.name().clone(),
        kind: field.data_type().to_string(),
        value: match register.fields.iter().any(|known| known.name == *field.name()) {
            true => from(field.name()).into_iter().map(|source| (source, How::Copied)).collect(),
            false => BTreeMap::new(),
        },
        lowered: BTreeMap::new(),
        rows: rows.clone(),
    };
    schema.fields().iter().filter(|field| !field.name().starts_with('_')).map(column).collect()
}

/// What a column of a register is called.
pub(crate) fn column_title(register: &data::declare::Register, column: &str) -> Option<Text> {
    let field = register.fields.iter().find(|field| field.name == column).map(|field| Text::new(&field.title, &field.title_en));
    field.or_else(|| {
        Some(match column {
            ENTITY_ID => Text::new("实体标识", "Entity id"),
            RECORDS => Text::new("记录数", "Records"),
            SOURCES => Text::new("来源", "Sources"),
            CONFLICTS => Text::new("冲突数", "Conflicts"),
            _ => return None,
        })
    })
}

/// The names under which conflicts of a resource with registers stand among its defects: `persons.birth_date`.
pub(crate) fn conflict_rules(city: &City, resource: &str) -> Vec<String> {
    let of = |register: &data::declare::Register| register.sources.iter().any(|source| source.resource == resource);
    let rules = |register: &data::declare::Register| register.fields.iter().map(|field| format!("{}.{}", register.id, field.name)).collect::<Vec<_>>();
    city.registers.values().filter(|register| of(register)).flat_map(rules).collect()
}

impl Desk {
    fn declared_register(&self, id: &str) -> Answer<data::declare::Register> {
        self.city().registers.get(id).cloned().ok_or(DeskError::NotFound)
    }

    fn register_path(&self, id: &str) -> PathBuf {
        self.0.data_dir.join("registers").join(format!("{id}.sqlite"))
    }

    /// Opens a register's file and asks it something, where waiting for the disk disturbs nobody.
    async fn ask_register<T: Send + 'static>(
        &self,
        id: &str,
        ask: impl FnOnce(&mut register::Register) -> Result<T, RegisterError> + Send + 'static,
    ) -> Answer<T> {
        let (spec, path) = (self.declared_register(id)?, self.register_path(id));
        let work = move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(internal)?;
            }
            let mut register = register::Register::open(&path, &spec).map_err(refused)?;
            ask(&mut register).map_err(refused)
        };
        tokio::task::spawn_blocking(work).await.map_err(internal)?
    }
}

fn refused(error: RegisterError) -> DeskError {
    match error {
        RegisterError::Refused(text) => DeskError::Invalid(text),
        RegisterError::File(error) if error.sqlite_error_code() == Some(register::ErrorCode::DiskFull) => {
            DeskError::Full(Text::new("磁盘已满，基础库未改动；腾出空间后重试", "The disk is full; the register is as it was. Make room and try again."))
        }
        other => internal(other),
    }
}
