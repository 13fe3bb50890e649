//! The condition of a grant on what a service answers: the same that serving copies are asked, held against one record. What has no
//! value is neither so nor not so, and a record of which that is the answer is not given.

use data::City;
use data::declare::Resource;
use serde_json::Value as Json;
use serving::{Condition, Operator, Value};

/// Whether a record is among the rows of a condition. `cells` are the values of the resource's items in their order.
pub(super) fn holds(city: &City, resource: &Resource, condition: &Condition, cells: &[Json]) -> bool {
    let record = Record { city, resource, cells };
    record.so(condition) == Some(true)
}

struct Record<'r> {
    city: &'r City,
    resource: &'r Resource,
    cells: &'r [Json],
}

impl Record<'_> {
    fn so(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::True => Some(true),
            Condition::False => Some(false),
            Condition::All(all) => all.iter().fold(Some(true), |so, one| match (so, self.so(one)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }),
            Condition::Any(any) => any.iter().fold(Some(false), |so, one| match (so, self.so(one)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }),
            Condition::Not(one) => self.so(one).map(|so| !so),
            Condition::Null(column) => Some(self.text(column).is_none()),
            Condition::Compare(column, operator, value) => self.compare(column, *operator, value),
            Condition::In(column, values) => {
                let text = self.text(column)?;
                Some(values.iter().any(|value| self.order(column, &text, value) == Some(std::cmp::Ordering::Equal)))
            }
            Condition::Like { column, pattern, negated } => {
                let text: Vec<char> = self.text(column)?.chars().collect();
                Some(like(&text, &pattern.chars().collect::<Vec<_>>()) != *negated)
            }
        }
    }

    fn compare(&self, column: &str, operator: Operator, value: &Value) -> Option<bool> {
        let order = self.order(column, &self.text(column)?, value)?;
        Some(match operator {
            Operator::Equal => order.is_eq(),
            Operator::Unequal => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::LessEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterEqual => order.is_ge(),
        })
    }

    /// Numbers by size, everything else letter by letter.
    fn order(&self, column: &str, text: &str, value: &Value) -> Option<std::cmp::Ordering> {
        if value.is_null() {
            return None;
        }
        let other = value.text();
        let item = self.resource.items.iter().find(|item| item.name == column)?;
        if self.city.kind_of(item).is_some_and(|kind| kind.is_number()) {
            return text.parse::<f64>().ok()?.partial_cmp(&other.parse().ok()?);
        }
        Some(text.cmp(&other))
    }

    /// The value as a text; `None` where there is none, or a list.
    fn text(&self, column: &str) -> Option<String> {
        let at = self.resource.items.iter().position(|item| item.name == column)?;
        text(self.cells.get(at)?)
    }
}

/// A single value as a text.
pub(super) fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null | Json::Array(_) | Json::Object(_) => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// `%` is any text, `_` any character, `\` takes the next one as it is. Each sign of the text is looked at a few times only: where
/// what follows a `%` does not fit, the `%` takes one sign more.
fn like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut in_pattern, mut retry) = (0, 0, None);
    loop {
        let (escaped, wanted) = match (pattern.get(in_pattern), pattern.get(in_pattern + 1)) {
            (Some('\\'), Some(next)) => (true, Some(*next)),
            (one, _) => (false, one.copied()),
        };
        match (wanted, text.get(at)) {
            (None, None) => return true,
            (Some('%'), _) if !escaped => {
                retry = Some((in_pattern + 1, at));
                in_pattern += 1;
                continue;
            }
            (Some(wanted), Some(letter)) if wanted == *letter || (wanted == '_' && !escaped) => {
                at += 1;
                in_pattern += if escaped { 2 } else { 1 };
                continue;
            }
            _ => {}
        }
        match retry {
            Some((behind, from)) if from < text.len() => {
                retry = Some((behind, from + 1));
                (in_pattern, at) = (behind, from + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_are_those_of_sql() {
        let like = |text: &str, pattern: &str| super::like(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>());
        for (text, pattern, so) in [
            ("三江口", "三%", true), ("三江口", "%口", true), ("三江口", "三_口", true), ("三江口", "江%", false), ("", "%", true), ("a", "", false),
            ("50%", "50\\%", true), ("500", "50\\%", false), ("aab", "%ab", true), ("abcabd", "%abd", true), ("abc", "%_%_%_%_%", false),
        ] {
            assert_eq!(like(text, pattern), so, "{text} LIKE {pattern}");
        }
    }
}
