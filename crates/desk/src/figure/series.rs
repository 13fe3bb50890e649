//! The values of a figure over time: which one stands for it now, and what it is compared with.

use data::declare::Period;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

/// One value of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// First day of the period, or the day on which it was so: `2026-10-01`.
    pub start: String,
    /// A number; a text where a number could not hold it.
    pub value: Value,
}

/// The value that stands for a figure now.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Headline {
    /// `None` where there are no rows.
    pub value: Option<Value>,
    /// First day of the period it is of; `None` for a figure without periods.
    pub start: Option<String>,
    /// The period is not over yet, so the value will still change.
    pub running: bool,
    /// The period before (环比), or the day before on which it was kept.
    pub before: Option<Point>,
    /// The same period a year before (同比).
    pub year_before: Option<Point>,
}

/// The newest period that is over, or, while there is none, the one that runs. `points` come newest first. Periods that have
/// not begun (rows dated in the future) stand for nothing.
pub(crate) fn of_periods(points: &[Point], period: Period, today: Date) -> Headline {
    let begun = |point: &&Point| day(&point.start).is_some_and(|start| start <= today);
    let over = |point: &&Point| day(&point.start).and_then(|start| next(start, period)).is_some_and(|end| end <= today);
    let chosen = points.iter().filter(begun).find(over).or_else(|| points.iter().find(begun));
    let Some(chosen) = chosen else { return Headline::default() };
    let at = |start: Option<Date>| start.and_then(|start| points.iter().find(|point| day(&point.start) == Some(start))).cloned();
    let start = day(&chosen.start);
    Headline {
        value: Some(chosen.value.clone()),
        running: !over(&chosen),
        before: at(start.and_then(|start| previous(start, period))),
        year_before: at(start.and_then(|start| year_before(start, period))),
        start: Some(chosen.start.clone()),
    }
}

/// What a figure without periods is now, beside the newest earlier day. `days` come newest first.
pub(crate) fn of_days(now: Option<Value>, days: &[Point], today: Date) -> Headline {
    let earlier = |point: &&Point| day(&point.start).is_some_and(|start| start < today);
    let a_year = today.checked_sub(1.year()).ok();
    Headline {
        value: now,
        start: None,
        running: false,
        before: days.iter().find(earlier).cloned(),
        year_before: days.iter().find(|point| day(&point.start) == a_year).cloned(),
    }
}

/// The change from one value to another, as a share of the first; `None` where it says nothing.
pub fn change(from: &Value, to: &Value) -> Option<f64> {
    let (from, to) = (number(from)?, number(to)?);
    (from != 0.0).then(|| (to - from) / from.abs())
}

/// A number, also where a decimal came as text.
pub fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// Rounded to so many digits; whole numbers and exact decimals stay as they are.
pub(crate) fn rounded(value: Value, decimals: u8) -> Value {
    let Value::Number(number) = &value else { return value };
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return value };
    let scale = 10f64.powi(i32::from(decimals));
    let rounded = (float * scale).round() / scale;
    serde_json::Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

pub(crate) fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

fn next(start: Date, period: Period) -> Option<Date> {
    start.checked_add(length(period)).ok()
}

fn previous(start: Date, period: Period) -> Option<Date> {
    start.checked_sub(length(period)).ok()
}

fn length(period: Period) -> jiff::Span {
    match period {
        Period::Day => 1.day(),
        Period::Week => 1.week(),
        Period::Month => 1.month(),
        Period::Quarter => 3.months(),
        Period::Year => 1.year(),
    }
}

/// Weeks have no date in common with last year's: the same weekday, 52 weeks before.
fn year_before(start: Date, period: Period) -> Option<Date> {
    match period {
        Period::Year => None,
        Period::Week => start.checked_sub(52.weeks()).ok(),
        _ => start.checked_sub(1.year()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(start: &str, value: i64) -> Point {
        Point { start: start.to_owned(), value: value.into() }
    }

    #[test]
    fn the_newest_period_that_is_over_stands_for_a_figure() {
        let today: Date = "2026-11-27".parse().expect("a date");
        let points = [("2027-01-01", 9), ("2026-11-01", 40), ("2026-10-01", 50), ("2026-09-01", 20), ("2025-10-01", 10)].map(|(start, value)| point(start, value));
        let headline = of_periods(&points, Period::Month, today);
        assert_eq!(headline.start.as_deref(), Some("2026-10-01"), "November still runs, January has not begun");
        assert_eq!((headline.before, headline.year_before), (Some(point("2026-09-01", 20)), Some(point("2025-10-01", 10))));
        assert!(!headline.running);
        let only = of_periods(&points[..2], Period::Month, today);
        assert!(only.running && only.start.as_deref() == Some("2026-11-01"), "nothing else is there");
        assert_eq!(of_periods(&points[..1], Period::Month, today), Headline::default());
    }

    #[test]
    fn weeks_are_compared_by_weekday_and_gaps_are_not_bridged() {
        let today: Date = "2026-11-27".parse().expect("a date");
        let points = [("2026-11-16", 7), ("2026-11-02", 5), ("2025-11-17", 3)].map(|(start, value)| point(start, value));
        let headline = of_periods(&points, Period::Week, today);
        assert_eq!(headline.before, None, "the week before has no value");
        assert_eq!(headline.year_before, Some(point("2025-11-17", 3)));
        assert_eq!(change(&20.into(), &50.into()), Some(1.5));
        assert_eq!(change(&0.into(), &50.into()), None);
        assert_eq!(rounded(serde_json::json!(2.345), 1), serde_json::json!(2.3));
        assert_eq!(rounded(serde_json::json!("12.30"), 0), serde_json::json!("12.30"), "exact decimals stay");
    }
}
