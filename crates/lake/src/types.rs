//! Which column types a table may hold, how Delta names them, and how batches are brought into that form.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use serde_json::{Value, json};

use crate::{LakeError, TableName};

/// The widest table we take: beyond it a source has its rows and columns mixed up.
const MAX_COLUMNS: usize = 4096;

/// The form in which a type is kept: one spelling of text, bytes and time.
pub(crate) fn kept(kind: &DataType) -> Option<DataType> {
    Some(match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => DataType::Utf8,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Timestamp(_, Some(_)) => utc(),
        DataType::Dictionary(_, value) => return kept(value),
        DataType::UInt8 | DataType::UInt16 => DataType::Int32,
        DataType::UInt32 => DataType::Int64,
        DataType::Boolean | DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => kind.clone(),
        DataType::Float32 | DataType::Float64 | DataType::Date32 | DataType::Decimal128(_, 0..=38) => kind.clone(),
        _ => return None,
    })
}

/// As the engine is given a table: texts as views, which are grouped, sorted and joined without being copied.
pub(crate) fn viewed(schema: &Schema) -> SchemaRef {
    spelled(schema, |kind| match kind {
        DataType::Utf8 => DataType::Utf8View,
        DataType::Binary => DataType::BinaryView,
        other => other.clone(),
    })
}

/// As rows leave the lake: each kind of text and bytes in its one spelling again.
pub(crate) fn plain(schema: &Schema) -> SchemaRef {
    spelled(schema, |kind| match kind {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        other => other.clone(),
    })
}

fn spelled(schema: &Schema, spell: fn(&DataType) -> DataType) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_data_type(spell(field.data_type())));
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// A batch in another spelling of the same columns, in the same order.
pub(crate) fn respell(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if column.data_type() == field.data_type() { Ok(column.clone()) } else { arrow_cast::cast(column, field.data_type()) }
    });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns.collect::<Result<_, _>>()?, &options)
}

fn utc() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn delta_word(kind: &DataType) -> Option<String> {
    Some(match kind {
        DataType::Utf8 => "string".to_owned(),
        DataType::Binary => "binary".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 => "byte".to_owned(),
        DataType::Int16 => "short".to_owned(),
        DataType::Int32 => "integer".to_owned(),
        DataType::Int64 => "long".to_owned(),
        DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamp".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        _ => return None,
    })
}

/// The schema as the Delta log writes it (`schemaString`).
pub(crate) fn delta_schema(schema: &Schema) -> Result<String, LakeError> {
    let field = |field: &Arc<Field>| {
        let word = delta_word(field.data_type()).ok_or_else(|| unkept(field))?;
        Ok(json!({ "name": field.name(), "type": word, "nullable": true, "metadata": {} }))
    };
    let fields: Vec<Value> = schema.fields().iter().map(field).collect::<Result<_, LakeError>>()?;
    Ok(json!({ "type": "struct", "fields": fields }).to_string())
}

fn unkept(field: &Field) -> LakeError {
    LakeError::Batch(format!("column {}: type {} cannot be kept in a table", field.name(), field.data_type()))
}

/// Every field nullable and in its kept type.
pub(crate) fn kept_schema(schema: &Schema) -> Result<SchemaRef, LakeError> {
    if schema.fields().len() > MAX_COLUMNS {
        return Err(LakeError::Batch(format!("{} columns, at most {MAX_COLUMNS}", schema.fields().len())));
    }
    let mut seen = std::collections::HashSet::new();
    let field = |field: &Arc<Field>| {
        // The log's readers compare names without regard to case, so two that differ only there would be one.
        if field.name().is_empty() || !seen.insert(field.name().to_lowercase()) {
            return Err(LakeError::Batch(format!("column {:?} is empty or stands twice", field.name())));
        }
        let kind = kept(field.data_type()).ok_or_else(|| unkept(field))?;
        Ok(Field::new(field.name(), kind, true))
    };
    let fields: Vec<Field> = schema.fields().iter().map(field).collect::<Result<_, LakeError>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// `held` with the columns of `given` that it lacks behind its own; `None` when nothing is new.
pub(crate) fn evolve(table: &TableName, held: &SchemaRef, given: &Schema) -> Result<Option<SchemaRef>, LakeError> {
    let mut fields: Vec<Arc<Field>> = held.fields().iter().cloned().collect();
    for field in given.fields() {
        match held.fields().iter().find(|old| old.name().to_lowercase() == field.name().to_lowercase()) {
            None => fields.push(field.clone()),
            Some(old) if old.name() != field.name() => {
                return Err(LakeError::Batch(format!("column {} differs from {} only in its letters' case", field.name(), old.name())));
            }
            Some(old) if old.data_type() != field.data_type() => {
                return Err(LakeError::Type {
                    table: table.to_string(),
                    column: field.name().clone(),
                    held: old.data_type().clone(),
                    given: field.data_type().clone(),
                });
            }
            Some(_) => {}
        }
    }
    let grown = fields.len() > held.fields().len();
    if fields.len() > MAX_COLUMNS {
        return Err(LakeError::Batch(format!("{} columns, at most {MAX_COLUMNS}", fields.len())));
    }
    Ok(grown.then(|| Arc::new(Schema::new(fields))))
}

/// A batch in the shape of `schema`: columns by name, cast where spelled otherwise, null where missing.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, LakeError> {
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        Some(found) if found.data_type() == field.data_type() => Ok(found.clone()),
        Some(found) => {
            let exact = arrow_cast::CastOptions { safe: false, ..Default::default() };
            arrow_cast::cast_with_options(found, field.data_type(), &exact)
                .map_err(|error| LakeError::Batch(format!("column {}: {error}", field.name())))
        }
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>, LakeError>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}
