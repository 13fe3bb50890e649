//! One item's column: text as found in, a typed Arrow array and the faults out.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::{DataType, TimeUnit};
use data::declare::{Kind, Shape};
use data::standard::{Checker, Fault, Value};
use kernel::Text;

/// Digits and decimals of a money column: yuan, exact to fen.
const MONEY_DIGITS: u8 = 18;
const MONEY_DECIMALS: i8 = 2;
const MONEY_LIMIT: i128 = 1_000_000_000_000_000_000;

/// The Arrow type that values of a kind have in the standard layer.
pub fn data_type(kind: Kind) -> DataType {
    match kind.shape() {
        Shape::Integer => DataType::Int64,
        Shape::Number => DataType::Float64,
        Shape::Money => DataType::Decimal128(MONEY_DIGITS, MONEY_DECIMALS),
        Shape::Boolean => DataType::Boolean,
        Shape::Date => DataType::Date32,
        Shape::Datetime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Shape::Text => DataType::Utf8,
    }
}

/// What is needed to check one item's values.
pub struct ItemRule {
    pub name: String,
    pub title: String,
    /// In English where it has one, else the name.
    pub title_en: String,
    pub required: bool,
    pub checker: Checker,
}

impl ItemRule {
    /// Checks a column. `absent` rows (unreadable as records) get null and no further fault.
    /// Faults come out ascending by row.
    pub fn check(
        &self,
        column: Option<&StringArray>,
        nulls: &[String],
        absent: &[bool],
        faults: &mut Vec<(usize, Fault)>,
    ) -> ArrayRef {
        match column {
            Some(column) if data_type(self.checker.kind()) == DataType::Utf8 && column.len() == absent.len() => {
                self.check_text(column, nulls, absent, faults)
            }
            _ => self.check_typed(column, nulls, absent, faults),
        }
    }

    /// Text that is kept as it was found needs no copy: the column found is the column kept, up to the first value
    /// that differs. What is refused stays as found, as such a row goes no further.
    fn check_text(
        &self,
        column: &StringArray,
        nulls: &[String],
        absent: &[bool],
        faults: &mut Vec<(usize, Fault)>,
    ) -> ArrayRef {
        let mut kept: Option<StringBuilder> = None;
        for (row, absent) in absent.iter().enumerate() {
            let found = column.is_valid(row).then(|| column.value(row));
            let value = match found.map_or(Ok(Value::Null), |text| self.value(text, nulls)) {
                Ok(Value::Text(text)) => Some(text),
                Ok(_) => {
                    if self.required && !absent {
                        self.fault(row, self.missing(found), faults);
                    }
                    None
                }
                Err(fault) => {
                    self.fault(row, fault, faults);
                    found.map(Cow::Borrowed)
                }
            };
            if kept.is_none() && value.as_deref() != found {
                let mut builder = StringBuilder::with_capacity(column.len(), column.value_data().len());
                column.iter().take(row).for_each(|before| builder.append_option(before));
                kept = Some(builder);
            }
            if let Some(builder) = &mut kept {
                builder.append_option(value.as_deref());
            }
        }
        kept.map_or_else(|| Arc::new(column.clone()) as ArrayRef, |mut builder| Arc::new(builder.finish()))
    }

    fn fault(&self, row: usize, mut fault: Fault, faults: &mut Vec<(usize, Fault)>) {
        if fault.item.is_empty() {
            fault.item.clone_from(&self.name);
        }
        faults.push((row, fault));
    }

    fn check_typed(
        &self,
        column: Option<&StringArray>,
        nulls: &[String],
        absent: &[bool],
        faults: &mut Vec<(usize, Fault)>,
    ) -> ArrayRef {
        let mut typed = Typed::new(self.checker.kind(), absent.len(), column.map_or(0, |c| c.value_data().len()));
        for (row, absent) in absent.iter().enumerate() {
            let found =
                column.filter(|column| row < column.len() && column.is_valid(row)).map(|column| column.value(row));
            let fault = match found.map(|text| self.value(text, nulls)) {
                Some(Ok(value)) if value != Value::Null => typed.append(value).err().map(|()| self.misfit(found)),
                Some(Err(fault)) => {
                    typed.append_null();
                    Some(fault)
                }
                _ => {
                    typed.append_null();
                    (self.required && !absent).then(|| self.missing(found))
                }
            };
            if let Some(fault) = fault {
                self.fault(row, fault, faults);
            }
        }
        typed.finish()
    }

    fn value<'a>(&self, found: &'a str, nulls: &[String]) -> Result<Value<'a>, Fault> {
        let bare = found.trim();
        if bare.is_empty() || (!nulls.is_empty() && nulls.iter().any(|null| null == bare)) {
            return Ok(Value::Null);
        }
        self.checker.check(found)
    }

    fn missing(&self, found: Option<&str>) -> Fault {
        Fault {
            code: "required".to_owned(),
            item: self.name.clone(),
            found: shortened(found.unwrap_or_default()),
            message: Text::new(
                format!("「{}」不能为空：请在来源补上这一项。", self.title),
                format!("“{}” must not be empty: fill it in at the source.", self.title_en),
            ),
        }
    }

    /// A value that does not fit the column of its kind; money beyond 18 digits is the one that can happen.
    fn misfit(&self, found: Option<&str>) -> Fault {
        Fault {
            code: "value.too_large".to_owned(),
            item: self.name.clone(),
            found: shortened(found.unwrap_or_default()),
            message: Text::new(
                format!("「{}」的值超出可存储的范围（金额最多 16 位整数和 2 位小数）。", self.title),
                format!("The value of “{}” is beyond what can be kept (money: 16 digits and 2 decimals).", self.name),
            ),
        }
    }
}

/// A found value as it stands in a fault: at most 200 characters.
pub fn shortened(found: &str) -> String {
    found.chars().take(200).collect()
}

/// A builder of the one array type that a kind has.
enum Typed {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Money(Decimal128Builder),
    Boolean(BooleanBuilder),
    Date(Date32Builder),
    Datetime(TimestampMicrosecondBuilder),
}

impl Typed {
    fn new(kind: Kind, rows: usize, bytes: usize) -> Typed {
        match kind.shape() {
            Shape::Integer => Typed::Integer(Int64Builder::with_capacity(rows)),
            Shape::Number => Typed::Number(Float64Builder::with_capacity(rows)),
            Shape::Money => Typed::Money(Decimal128Builder::with_capacity(rows).with_data_type(data_type(kind))),
            Shape::Boolean => Typed::Boolean(BooleanBuilder::with_capacity(rows)),
            Shape::Date => Typed::Date(Date32Builder::with_capacity(rows)),
            Shape::Datetime => {
                Typed::Datetime(TimestampMicrosecondBuilder::with_capacity(rows).with_data_type(data_type(kind)))
            }
            Shape::Text => Typed::Text(StringBuilder::with_capacity(rows, bytes)),
        }
    }

    /// Appends a value, or null and an error when the value is of another kind or too large.
    fn append(&mut self, value: Value<'_>) -> Result<(), ()> {
        match (&mut *self, value) {
            (Typed::Text(builder), Value::Text(text)) => builder.append_value(text.as_ref()),
            (Typed::Integer(builder), Value::Integer(number)) => builder.append_value(number),
            (Typed::Number(builder), Value::Number(number)) => builder.append_value(number),
            (Typed::Money(builder), Value::Money(fen)) if fen.abs() < MONEY_LIMIT => builder.append_value(fen),
            (Typed::Boolean(builder), Value::Boolean(yes)) => builder.append_value(yes),
            (Typed::Date(builder), Value::Date(days)) => builder.append_value(days),
            (Typed::Datetime(builder), Value::Datetime(micros)) => builder.append_value(micros),
            _ => {
                self.append_null();
                return Err(());
            }
        }
        Ok(())
    }

    fn append_null(&mut self) {
        match self {
            Typed::Text(builder) => builder.append_null(),
            Typed::Integer(builder) => builder.append_null(),
            Typed::Number(builder) => builder.append_null(),
            Typed::Money(builder) => builder.append_null(),
            Typed::Boolean(builder) => builder.append_null(),
            Typed::Date(builder) => builder.append_null(),
            Typed::Datetime(builder) => builder.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Typed::Text(mut builder) => Arc::new(builder.finish()),
            Typed::Integer(mut builder) => Arc::new(builder.finish()),
            Typed::Number(mut builder) => Arc::new(builder.finish()),
            Typed::Money(mut builder) => Arc::new(builder.finish()),
            Typed::Boolean(mut builder) => Arc::new(builder.finish()),
            Typed::Date(mut builder) => Arc::new(builder.finish()),
            Typed::Datetime(mut builder) => Arc::new(builder.finish()),
        }
    }
}
