//! From values to what is stored in a column, and back.

use rusqlite::types::{Value as Stored, ValueRef};

use crate::shape::Kind;
use crate::{ServingError, Value, time};

/// Up to here a float tells halves.
const HALVES: i64 = 1 << 52;

impl Kind {
    /// What a value is compared as in a column of this kind. A number with more digits than the column keeps becomes one
    /// that lies between the same two. Errors: a value that is no such thing; `column` names it.
    pub(crate) fn store(self, column: &str, value: &Value) -> Result<Stored, ServingError> {
        let refuse = |expected| ServingError::Value { column: column.to_owned(), expected, given: shown(value) };
        Ok(match (self, value) {
            (_, Value::Null) => Stored::Null,
            (Kind::Text, value) => Stored::Text(value.text()),
            (Kind::Integer | Kind::Decimal { .. } | Kind::Number, Value::Boolean(_)) => return Err(refuse("a number")),
            (Kind::Integer | Kind::Number, Value::Integer(number)) => Stored::Integer(*number),
            (Kind::Integer | Kind::Decimal { .. }, Value::Number(number)) if number.is_infinite() => Stored::Real(*number),
            (Kind::Integer, value) => scaled(&value.text(), 0).ok_or_else(|| refuse("a whole number"))?,
            (Kind::Decimal { scale }, value) => scaled(&value.text(), scale).ok_or_else(|| refuse("a number"))?,
            (Kind::Number, Value::Number(number)) if !number.is_nan() => Stored::Real(*number),
            (Kind::Number, value) => {
                let number = value.text().trim().parse::<f64>().ok().filter(|number| number.is_finite());
                Stored::Real(number.ok_or_else(|| refuse("a number"))?)
            }
            (Kind::Boolean, Value::Boolean(yes)) => Stored::Integer(i64::from(*yes)),
            (Kind::Boolean, value) => match value.text().trim() {
                "1" => Stored::Integer(1),
                "0" => Stored::Integer(0),
                text if text.eq_ignore_ascii_case("true") => Stored::Integer(1),
                text if text.eq_ignore_ascii_case("false") => Stored::Integer(0),
                _ => return Err(refuse("true or false")),
            },
            (Kind::Date, Value::Text(text)) => Stored::Integer(time::date(text.trim()).ok_or_else(|| refuse("a date (2026-01-31)"))?),
            (Kind::Date, _) => return Err(refuse("a date (2026-01-31)")),
            (Kind::Moment { .. }, Value::Text(text)) => {
                Stored::Integer(time::moment(text.trim()).ok_or_else(|| refuse("a moment (2026-01-31T08:00:00Z)"))?)
            }
            (Kind::Moment { .. }, _) => return Err(refuse("a moment (2026-01-31T08:00:00Z)")),
            (Kind::Hash, Value::Text(text)) => Stored::Blob(bytes(text.trim()).ok_or_else(|| refuse("32 hexadecimal digits"))?),
            (Kind::Hash, _) => return Err(refuse("32 hexadecimal digits")),
        })
    }

    /// What is stored, as it is told; `None` if this kind never stores such a thing.
    pub(crate) fn read(self, stored: ValueRef<'_>) -> Option<Value> {
        Some(match (self, stored) {
            (_, ValueRef::Null) => Value::Null,
            (Kind::Text, ValueRef::Text(text)) => Value::Text(str::from_utf8(text).ok()?.to_owned()),
            (Kind::Integer, ValueRef::Integer(number)) => Value::Integer(number),
            (Kind::Number, ValueRef::Real(number)) => Value::Number(number),
            (Kind::Decimal { scale }, ValueRef::Integer(units)) => Value::Decimal { units, scale },
            (Kind::Boolean, ValueRef::Integer(number)) => Value::Boolean(number != 0),
            (Kind::Date, ValueRef::Integer(days)) => Value::Text(time::date_text(days)),
            (Kind::Moment { zoned }, ValueRef::Integer(micros)) => Value::Text(time::moment_text(micros, zoned)),
            (Kind::Hash, ValueRef::Blob(bytes)) => Value::Text(hex(bytes)),
            _ => return None,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('?');
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    (pairs.len() == 16).then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// A value in a message: its beginning.
fn shown(value: &Value) -> String {
    let text = value.text();
    let beginning: String = text.chars().take(60).collect();
    if beginning.len() < text.len() { format!("{beginning}…") } else { beginning }
}

/// A number in units of ten to the power of minus `scale`. One between two units becomes the half between them; one
/// beyond all is infinite. `None` for what is no number, or would need a half that a float cannot tell.
fn scaled(text: &str, scale: u8) -> Option<Stored> {
    let text = text.trim();
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let shift = i64::from(exponent) + i64::from(scale) - i64::try_from(fraction.len()).ok()?;
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    let digits = digits.get(leading..)?;
    // Where the point stands once the number is counted in units.
    let point = i64::try_from(digits.len()).ok()? + shift;
    if digits.is_empty() {
        return Some(Stored::Integer(0));
    }
    let beyond = Stored::Real(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    if point > 19 {
        return Some(beyond);
    }
    let at = usize::try_from(point.max(0)).ok()?;
    let (kept, rest) = digits.split_at(at.min(digits.len()));
    let mut units = kept.iter().fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    for _ in kept.len()..at {
        units *= 10;
    }
    let exact = rest.iter().all(|digit| *digit == b'0');
    let floor = match (negative, exact) {
        (false, _) => units,
        (true, true) => -units,
        (true, false) => -units - 1,
    };
    match (i64::try_from(floor), exact) {
        (Err(_), _) => Some(beyond),
        (Ok(floor), true) => Some(Stored::Integer(floor)),
        (Ok(floor), false) => (-HALVES < floor && floor < HALVES).then_some(Stored::Real(floor as f64 + 0.5)),
    }
}
