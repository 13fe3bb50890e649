//! What parameters of an address ask of a serving copy: `item=value`, `item.from`, `item.to`, `item.starts`, and numbers.

use std::collections::BTreeMap;

use kernel::{Text, nearest};
use serving::{Condition, Operator, ServingError, Value};

use crate::{Answer, DeskError, internal, invalid};

/// Values that one parameter may have.
const VALUES_MAX: usize = 100;
const VALUE_MAX: usize = 1_000;
/// Rows that may be left out before the answer's first.
pub(crate) const OFFSET_MAX: u64 = 100_000_000;

/// Parameters by name, each with its values in their order.
pub(crate) type ByName<'p> = BTreeMap<&'p str, Vec<&'p str>>;

/// Errors: a value that is too long.
pub(crate) fn by_name(parameters: &[(String, String)]) -> Answer<ByName<'_>> {
    let mut by_name = ByName::new();
    for (name, value) in parameters {
        if value.len() > VALUE_MAX {
            return Err(invalid(format!("{name} 的值过长"), format!("the value of {name} is too long")));
        }
        by_name.entry(name).or_default().push(value);
    }
    Ok(by_name)
}

/// What may have been meant by a name that is not there, to stand behind the refusal; nothing where no name is near.
pub(crate) fn meant<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Text {
    nearest(name, known).map(|near| Text::new(format!("，是否为 {near}？"), format!("; {near}?"))).unwrap_or_default()
}

/// One parameter as a condition on a column: the way is what stands behind the full stop of its name.
pub(crate) fn condition(item: &str, way: &str, values: &[&str]) -> Answer<Condition> {
    let column = item.to_owned();
    let text = |value: &str| Value::Text(value.to_owned());
    match (way, values) {
        ("", [one]) => Ok(Condition::Compare(column, Operator::Equal, text(one))),
        ("", many) if many.len() <= VALUES_MAX => Ok(Condition::In(column, many.iter().map(|value| text(value)).collect())),
        ("from", [one]) => Ok(Condition::Compare(column, Operator::GreaterEqual, text(one))),
        ("to", [one]) => Ok(Condition::Compare(column, Operator::LessEqual, text(one))),
        ("starts", [one]) => Ok(Condition::Like { column, pattern: format!("{}%", escaped(one)), negated: false }),
        ("", _) => Err(invalid(format!("{item} 最多给出 {VALUES_MAX} 个值"), format!("{item} takes {VALUES_MAX} values at most"))),
        ("from" | "to" | "starts", _) => Err(invalid(format!("{item}.{way} 只能出现一次"), format!("{item}.{way} stands once only"))),
        _ => Err(invalid(
            format!("不认识 {item}.{way}：可写 {item}、{item}.from、{item}.to、{item}.starts"),
            format!("{item}.{way} is not known: there are {item}, {item}.from, {item}.to, {item}.starts"),
        )),
    }
}

/// A parameter that is a whole number up to `most`.
pub(crate) fn number(by_name: &ByName<'_>, name: &str, most: u64) -> Answer<Option<u64>> {
    let Some(values) = by_name.get(name) else { return Ok(None) };
    match values.as_slice() {
        [one] => match one.parse() {
            Ok(number) if number <= most => Ok(Some(number)),
            _ => Err(invalid(format!("{name} 应为 0 到 {most} 的整数"), format!("{name} is a whole number up to {most}"))),
        },
        _ => Err(invalid(format!("{name} 只能出现一次"), format!("{name} stands once only"))),
    }
}

/// What a copy cannot answer, as the caller is told.
pub(crate) fn refusal(error: ServingError) -> DeskError {
    match error {
        ServingError::TooLong => invalid("查询超时：请缩小范围。", "The query took too long: ask for less."),
        ServingError::Value { column, expected, .. } => invalid(format!("{column} 的值不合适（应为 {expected}）"), format!("the value of {column} is not {expected}")),
        ServingError::Limit(what) => invalid("查询过大或过复杂", what),
        other => internal(other),
    }
}

/// A text in which `%` and `_` mean themselves.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
