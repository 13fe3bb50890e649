//! Columns as masks take and give them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Float64Array, StringArray, new_null_array};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use data::declare::Shape;
use data::mask::{Mask, Masker};
use data::standard::Value;
use kernel::Text;

/// What a column holds, for a mask.
fn shape(kind: &DataType) -> Option<Shape> {
    Some(match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => Shape::Text,
        DataType::Decimal128(..) | DataType::Decimal256(..) => Shape::Money,
        DataType::Date32 | DataType::Date64 => Shape::Date,
        DataType::Timestamp(..) => Shape::Datetime,
        DataType::Boolean => Shape::Boolean,
        kind if kind.is_integer() => Shape::Integer,
        kind if kind.is_floating() => Shape::Number,
        _ => return None,
    })
}

/// The type of what a mask leaves.
pub(super) fn kind(mask: Mask, input: &DataType) -> DataType {
    match (mask, shape(input).map(|shape| mask.shape(shape))) {
        (Mask::Hide {}, _) => input.clone(),
        (_, Some(Shape::Number)) => DataType::Float64,
        _ => DataType::Utf8,
    }
}

/// Refuses what a mask could only hide.
pub(super) fn check(mask: Mask, input: &DataType) -> Result<(), Text> {
    let Some(shape) = shape(input) else {
        return if matches!(mask, Mask::Hide {}) { Ok(()) } else { Err(wrong(mask, "文字、数、日期或时刻", "a text, a number, a date or a moment", input)) };
    };
    match mask {
        Mask::Hide {} => Ok(()),
        Mask::Keep { .. } | Mask::Email {} | Mask::Hash {} | Mask::Encrypt { .. } | Mask::Place { .. } => {
            let fits = matches!(shape, Shape::Text | Shape::Integer);
            if fits { Ok(()) } else { Err(wrong(mask, "文字或整数", "a text or a whole number", input)) }
        }
        Mask::Date { .. } => {
            let fits = matches!(shape, Shape::Text | Shape::Date | Shape::Datetime);
            if fits { Ok(()) } else { Err(wrong(mask, "日期、时刻或文字", "a date, a moment or a text", input)) }
        }
        Mask::Grid { .. } | Mask::Band { .. } => {
            let fits = matches!(shape, Shape::Text | Shape::Integer | Shape::Number | Shape::Money);
            if fits { Ok(()) } else { Err(wrong(mask, "数或文字", "a number or a text", input)) }
        }
    }
}

fn wrong(mask: Mask, zh: &str, en: &str, given: &DataType) -> Text {
    let name = mask.name();
    let given = given.to_string().replace("Utf8View", "Utf8");
    Text::new(
        format!("`mask_{name}` 的第 1 个参数应为{zh}，给的是 {given}"),
        format!("argument 1 of `mask_{name}` must be {en}, it was given {given}"),
    )
}

/// The column under the mask.
pub(super) fn mask(masker: &Masker, mask: Mask, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let given = column.data_type();
    let wanted = kind(mask, given);
    if matches!(mask, Mask::Hide {}) || *given == DataType::Null {
        return Ok(new_null_array(&wanted, column.len()));
    }
    let told = |value: Value<'_>| masker.apply(&value);
    let rows = 0..column.len();
    let filled = |row: &usize| column.is_valid(*row);
    let values: Vec<Option<Value<'static>>> = match shape(given) {
        None => vec![None; column.len()],
        Some(Shape::Integer) => {
            let all = arrow_cast::cast(column, &DataType::Int64)?;
            let all = all.as_primitive::<Int64Type>();
            rows.map(|row| filled(&row).then(|| told(Value::Integer(all.value(row))))).collect()
        }
        Some(Shape::Number) => {
            let all = arrow_cast::cast(column, &DataType::Float64)?;
            let all = all.as_primitive::<Float64Type>();
            rows.map(|row| filled(&row).then(|| told(Value::Number(all.value(row))))).collect()
        }
        Some(Shape::Money) => {
            let all = arrow_cast::cast(column, &DataType::Decimal128(38, 2))?;
            let all = all.as_primitive::<Decimal128Type>();
            rows.map(|row| filled(&row).then(|| told(Value::Money(all.value(row))))).collect()
        }
        Some(Shape::Date) => {
            let all = arrow_cast::cast(column, &DataType::Date32)?;
            let all = all.as_primitive::<Date32Type>();
            rows.map(|row| filled(&row).then(|| told(Value::Date(all.value(row))))).collect()
        }
        Some(Shape::Datetime) => {
            let zone = match given {
                DataType::Timestamp(_, zone) => zone.clone(),
                _ => None,
            };
            let all = arrow_cast::cast(column, &DataType::Timestamp(TimeUnit::Microsecond, zone))?;
            let all = all.as_primitive::<TimestampMicrosecondType>();
            rows.map(|row| filled(&row).then(|| told(Value::Datetime(all.value(row))))).collect()
        }
        Some(_) => {
            let all = arrow_cast::cast(column, &DataType::Utf8)?;
            let all = all.as_string::<i32>();
            rows.map(|row| filled(&row).then(|| told(Value::Text(Cow::Borrowed(all.value(row)))))).collect()
        }
    };
    Ok(if wanted == DataType::Float64 { Arc::new(numbers(values)) } else { Arc::new(texts(values)) })
}

fn numbers(values: Vec<Option<Value<'static>>>) -> Float64Array {
    let number = |value: Option<Value<'static>>| match value {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    };
    values.into_iter().map(number).collect()
}

fn texts(values: Vec<Option<Value<'static>>>) -> StringArray {
    let text = |value: Option<Value<'static>>| match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    values.into_iter().map(text).collect()
}
