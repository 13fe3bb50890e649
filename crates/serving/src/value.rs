//! A value as it is told.

use serde::{Serialize, Serializer};

/// A value of a row, or one to compare with.
///
/// As JSON: null, number, boolean, string. A decimal is a string (`"12.50"`), since a JSON number would lose digits on its
/// way through a float; a float that JSON cannot say (an infinity) is null.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Number(f64),
    /// `units` divided by ten to the power of `scale`.
    Decimal {
        units: i64,
        scale: u8,
    },
    Boolean(bool),
    /// Text; also dates, moments and hashes, as [`Kind`](crate::Kind) says.
    Text(String),
}

impl Value {
    /// As people and CSV files write it; nothing for null.
    pub fn text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Decimal { units, scale } => decimal(*units, *scale),
            Value::Boolean(yes) => yes.to_string(),
            Value::Text(text) => text.clone(),
        }
    }

    /// Whether there is none.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

fn decimal(units: i64, scale: u8) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let digits = units.unsigned_abs().to_string();
    let scale = usize::from(scale);
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Decimal { .. } => serializer.serialize_str(&self.text()),
            Value::Boolean(yes) => serializer.serialize_bool(*yes),
            Value::Text(text) => serializer.serialize_str(text),
        }
    }
}
