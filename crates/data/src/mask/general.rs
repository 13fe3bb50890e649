//! Making values coarser: days, places, numbers.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address;
use crate::standard::clock::Zone;
use crate::standard::{Day, Value, read_day};

/// How coarse a day becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateStep {
    /// `1985-03`
    Month,
    /// `1985`
    Year,
    /// `1985-1989`
    FiveYears,
}

/// Down to which level a place is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Province,
    City,
    County,
    Town,
}

/// The day of a date, of a moment in the city's time zone, or of a text that is one.
pub(super) fn day(value: &Value<'_>, zone: &Zone) -> Option<Day> {
    match value {
        Value::Date(number) => Some(Day::from_number(*number)),
        Value::Datetime(micros) => Some(Day::from_number(zone.day(*micros))),
        Value::Text(text) => read_day(text, zone).map(Day::from_number),
        _ => None,
    }
}

pub(super) fn date(day: Day, step: DateStep) -> String {
    let Day { year, month, .. } = day;
    match step {
        DateStep::Month => format!("{year:04}-{month:02}"),
        DateStep::Year => format!("{year:04}"),
        DateStep::FiveYears => {
            let first = year.div_euclid(5) * 5;
            format!("{first:04}-{:04}", first + 4)
        }
    }
}

/// A division code in six digits (nine for a town), or the parts of an address down to the level.
pub(super) fn place(text: &str, level: Level) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return code(text, level);
    }
    let address = address::parse(text, None);
    let parts = [
        (Level::Province, address.province),
        (Level::City, address.city),
        (Level::County, address.district),
        (Level::Town, address.town),
    ];
    let told: String = parts.into_iter().filter(|(part, _)| *part <= level).map(|(_, name)| name).collect();
    (!told.is_empty()).then_some(told)
}

fn code(code: &str, level: Level) -> Option<String> {
    if !matches!(code.len(), 2 | 4 | 6 | 9 | 12) {
        return None;
    }
    let (kept, whole) = match level {
        Level::Province => (2, 6),
        Level::City => (4, 6),
        Level::County => (6, 6),
        Level::Town => (9, if code.len() >= 9 { 9 } else { 6 }),
    };
    Some(code.chars().take(kept).chain(std::iter::repeat('0')).take(whole).collect())
}

/// Kilometres of a degree of latitude; a degree of longitude has least where China ends in the north, at 53.6°.
const DEGREE_KM: f64 = 111.32;
const NARROWEST: f64 = 0.593;

/// The middle of the cell that a longitude, a latitude or both (`121.55,29.87`) lie in.
pub(super) fn grid(value: &Value<'_>, km: u16) -> Option<Value<'static>> {
    if km == 0 {
        return None;
    }
    let step = f64::from(km) / (DEGREE_KM * NARROWEST);
    let middle = |degrees: f64| {
        let middle = ((degrees / step).floor() + 0.5) * step;
        (degrees.is_finite() && degrees.abs() <= 180.0).then_some((middle * 1e4).round() / 1e4)
    };
    match value {
        Value::Number(degrees) => middle(*degrees).map(Value::Number),
        Value::Integer(degrees) => middle(*degrees as f64).map(Value::Number),
        Value::Text(text) => {
            let (longitude, latitude) = text.split_once(',')?;
            let (longitude, latitude) = (middle(longitude.trim().parse().ok()?)?, middle(latitude.trim().parse().ok()?)?);
            Some(Value::Text(Cow::Owned(format!("{longitude},{latitude}"))))
        }
        _ => None,
    }
}

/// `10000-15000`: from the lower end to below the upper one.
pub(super) fn band(value: &Value<'_>, width: f64) -> Option<String> {
    if !width.is_finite() || width <= 0.0 {
        return None;
    }
    let number = match value {
        Value::Integer(number) => *number as f64,
        Value::Number(number) => *number,
        Value::Money(fen) => *fen as f64 / 100.0,
        Value::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    let low = (number / width).floor() * width;
    // Beyond 2⁵³ bands could not be told apart.
    let tidy = |number: f64| (number * 1e6).round() / 1e6;
    (number.is_finite() && number.abs() < 9e15).then(|| format!("{}-{}", tidy(low), tidy(low + width)))
}
