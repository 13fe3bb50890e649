//! Places in JSON: `data.rows[*].name`. A place names single values; objects are never taken as a whole, since nobody has said
//! what else may be in them.

use kernel::Text;
use serde_json::Value;

/// Steps of one place at most.
const STEPS_MAX: usize = 20;
/// Values that one place gives at most.
const VALUES_MAX: usize = 1_000;

/// A step into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The field of this name.
    Name(String),
    /// Each of a list.
    Each,
}

/// A place in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field(Vec<Step>);

impl Field {
    /// Reads `a.b[*].c`; the empty text is the whole.
    pub fn parse(text: &str) -> Result<Field, Text> {
        let wrong = |zh: &str, en: &str| Err(Text::new(format!("`{text}` {zh}"), format!("`{text}` {en}")));
        let mut steps = Vec::new();
        for part in text.split('.').filter(|_| !text.is_empty()) {
            let name = part.trim_end_matches("[*]");
            let each = (part.len() - name.len()) / 3;
            if name.contains(['[', ']', '*']) {
                return wrong("不是位置：列表写作 `[*]`", "is no place: lists are written as `[*]`");
            }
            if name.is_empty() && (each == 0 || !steps.is_empty()) {
                return wrong("不是位置：有空的一段", "is no place: a part of it is empty");
            }
            steps.extend(Some(Step::Name(name.to_owned())).filter(|_| !name.is_empty()));
            steps.extend(std::iter::repeat_n(Step::Each, each));
        }
        match steps.len() > STEPS_MAX {
            true => wrong("太深", "is too deep"),
            false => Ok(Field(steps)),
        }
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether it gives several values.
    pub fn is_list(&self) -> bool {
        self.0.contains(&Step::Each)
    }

    /// This place, seen from the place above.
    pub fn below(&self, above: &Field) -> Field {
        Field(above.0.iter().chain(&self.0).cloned().collect())
    }

    /// All that stands there, at most so many.
    pub fn find<'v>(&self, value: &'v Value, most: usize) -> Vec<&'v Value> {
        let mut here = vec![value];
        for step in &self.0 {
            here = match step {
                Step::Name(name) => here.into_iter().filter_map(|one| one.get(name.as_str())).collect(),
                Step::Each => here.into_iter().filter_map(Value::as_array).flatten().take(most).collect(),
            };
        }
        here
    }

    /// The single value there: a text, a number, true or false. Of a list, a list of such. Objects are nothing.
    pub fn value(&self, record: &Value) -> Value {
        let single = |one: &&Value| !one.is_object() && !one.is_array();
        let mut found = self.find(record, VALUES_MAX).into_iter().filter(single).cloned();
        match self.is_list() {
            true => Value::Array(found.collect()),
            false => found.next().unwrap_or(Value::Null),
        }
    }
}

/// The records of an answer, at most so many, and whether there were more. Only objects are records.
pub fn records<'v>(place: &Field, answer: &'v Value, most: usize) -> (Vec<&'v Value>, bool) {
    let wanted = most.saturating_add(1);
    let found = match (place.0.is_empty(), answer) {
        (true, Value::Array(all)) => all.iter().take(wanted).collect(),
        _ => place.find(answer, wanted),
    };
    // A place may name a list without saying so.
    let each = found.into_iter().flat_map(|one| match one {
        Value::Array(all) if place.0.last() != Some(&Step::Each) => all.iter().collect::<Vec<_>>(),
        one => vec![one],
    });
    let mut records: Vec<&Value> = each.filter(|one| one.is_object()).take(wanted).collect();
    let more = records.len() > most;
    records.truncate(most);
    (records, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_read_and_found() {
        for wrong in ["a..b", "a[0]", ".a", "a.", "a.[*].b", "a[*"] {
            assert!(Field::parse(wrong).is_err(), "{wrong}");
        }
        let answer = json!({"data": {"rows": [{"n": "甲", "of": {"x": 1}, "tags": ["p", {"q": 1}, "r"]}, 3, {"n": null}]}});
        let place = |text: &str| Field::parse(text).expect("a place");
        let (found, more) = records(&place("data.rows[*]"), &answer, 10);
        assert_eq!((found.len(), more), (2, false));
        assert_eq!(records(&place("data.rows"), &answer, 1), (vec![found[0]], true));
        let values = ["n", "of.x", "of", "tags[*]", "tags", "none.at.all"].map(|text| place(text).value(found[0]));
        assert_eq!(values, [json!("甲"), json!(1), json!(null), json!(["p", "r"]), json!(null), json!(null)]);
        assert_eq!(records(&place(""), &json!([{"a": 1}, 2]), 10).0.len(), 1);
        assert_eq!(records(&place("[*].a"), &json!([{"a": {}}, 2]), 10).0.len(), 1);
    }
}
