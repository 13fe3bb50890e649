//! Query parameters: unknown ones are ignored, known ones are checked and bounded.

use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Problem;
use crate::frame::Visit;

pub(super) const PAGE_MAX: u64 = 1_000_000;
pub(super) const SIZE_MAX: u64 = 200;
const TEXT_MAX: usize = 200;

/// (page, size) of a list.
pub(super) fn paging(visit: &Visit) -> Result<(u64, u64), Problem> {
    Ok((number(visit, "page", 1, 1..=PAGE_MAX)?, number(visit, "size", 50, 1..=SIZE_MAX)?))
}

pub(super) fn number(visit: &Visit, name: &str, default: u64, range: RangeInclusive<u64>) -> Result<u64, Problem> {
    let Some(text) = visit.chosen(name) else { return Ok(default) };
    match text.parse::<u64>() {
        Ok(value) if range.contains(&value) => Ok(value),
        _ => Err(Problem::invalid(
            format!("参数 {name} 须为 {} 至 {} 之间的整数。", range.start(), range.end()),
            format!("{name} must be a whole number from {} to {}.", range.start(), range.end()),
        )),
    }
}

/// A text of at most 200 characters.
pub(super) fn text(visit: &Visit, name: &str) -> Result<Option<String>, Problem> {
    let found = visit.chosen(name);
    if found.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
        return Err(Problem::invalid(
            format!("参数 {name} 最多 {TEXT_MAX} 个字符。"),
            format!("{name} has at most {TEXT_MAX} characters."),
        ));
    }
    Ok(found)
}

/// One of the words of a declared list, such as a grade.
pub(super) fn word<T: DeserializeOwned>(name: &str, value: &str) -> Result<T, Problem> {
    serde_json::from_value(Value::String(value.to_owned())).map_err(|_| {
        Problem::invalid(format!("参数 {name} 不认识“{value}”。"), format!("{name} does not know \"{value}\"."))
    })
}

/// The same for a parameter that may be repeated.
pub(super) fn words<T: DeserializeOwned>(visit: &Visit, name: &str) -> Result<Vec<T>, Problem> {
    visit.all(name).into_iter().take(50).map(|value| word(name, value)).collect()
}
