//! What an operation is asked with: where each parameter goes, and which values it takes.

use kernel::Text;
use serde_json::{Number, Value};

use super::schema::expanded;

/// How deep fields of a body may lie.
const DEEPEST: usize = 4;
/// Longest value, in characters, where the document says nothing.
const LONGEST: u64 = 1_000;

/// Headers that say who asks, or belong to the connection: never a caller's to set.
const OURS: [&str; 12] = [
    "authorization", "proxy-authorization", "cookie", "host", "content-length", "content-type", "transfer-encoding", "connection", "accept",
    "accept-encoding", "forwarded", "te",
];

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
    Cookie,
    /// A field of the JSON body; the name is its place, `/person/id`.
    Body,
}

/// A parameter as the document describes it.
#[derive(Clone, Debug)]
pub struct Given {
    pub name: String,
    pub place: Place,
    pub required: bool,
    /// References followed.
    pub schema: Value,
    pub summary: String,
}

impl Given {
    pub(super) fn read(root: &Value, one: &Value) -> Option<Given> {
        let place = match one.get("in").and_then(Value::as_str)? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => return None,
        };
        Some(Given {
            name: one.get("name").and_then(Value::as_str)?.to_owned(),
            required: place == Place::Path || one.get("required").and_then(Value::as_bool).unwrap_or(false),
            place,
            schema: expanded(root, one.get("schema").unwrap_or(&Value::Null)),
            summary: super::text_of(Some(one), "description"),
        })
    }

    /// The fields of a body that hold a single value.
    pub(super) fn of_body(schema: &Value, into: &mut Vec<Given>, most: usize) {
        fields(schema, "", true, 0, into, most);
    }

    /// Whether callers may give it at all.
    pub fn is_open(&self) -> bool {
        let ours = self.place == Place::Header && OURS.contains(&self.name.to_ascii_lowercase().as_str());
        !ours && self.place != Place::Cookie && self.is_single()
    }

    /// Whether it takes one value: lists and objects are not asked by.
    fn is_single(&self) -> bool {
        !matches!(self.kind(), "array" | "object")
    }

    pub fn kind(&self) -> &str {
        let named = self.schema.get("type");
        // OpenAPI 3.1 may name several, `null` among them.
        let of_list = || named.and_then(Value::as_array)?.iter().filter_map(Value::as_str).find(|kind| *kind != "null");
        named.and_then(Value::as_str).or_else(of_list).unwrap_or("string")
    }

    /// The values that it takes, where they are listed.
    pub fn choices(&self) -> Vec<String> {
        let listed = self.schema.get("enum").and_then(Value::as_array);
        listed.into_iter().flatten().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect()
    }

    /// A value as it goes into JSON; says what it should be.
    pub fn read_value(&self, text: &str) -> Result<Value, Text> {
        let wrong = |zh: String, en: String| Err(Text::new(format!("{} {zh}", self.name), format!("{} {en}", self.name)));
        let choices = self.choices();
        if !choices.is_empty() && !choices.iter().any(|one| one == text) {
            return wrong(format!("只能是 {}", choices.join("、")), format!("is one of {}", choices.join(", ")));
        }
        let bound = |key: &str| self.schema.get(key).and_then(Value::as_f64);
        let value = match self.kind() {
            "integer" => text.parse::<i64>().ok().map(Value::from),
            "number" => text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
            "boolean" => text.parse::<bool>().ok().map(Value::Bool),
            _ => {
                let (length, least) = (text.chars().count() as u64, self.length("minLength").unwrap_or(0));
                let most = self.length("maxLength").unwrap_or(LONGEST).min(LONGEST);
                if length < least || length > most || text.chars().any(char::is_control) {
                    return wrong(format!("应为 {least} 到 {most} 个字符的文本"), format!("is a text of {least} to {most} characters"));
                }
                Some(Value::String(text.to_owned()))
            }
        };
        let Some(value) = value else {
            let (zh, en) = match self.kind() {
                "integer" => ("应为整数", "is a whole number"),
                "number" => ("应为数", "is a number"),
                _ => ("应为 true 或 false", "is true or false"),
            };
            return wrong(zh.to_owned(), en.to_owned());
        };
        let number = value.as_f64();
        if let Some(least) = bound("minimum").filter(|least| number.is_some_and(|number| number < *least)) {
            return wrong(format!("不小于 {least}"), format!("is {least} at least"));
        }
        if let Some(most) = bound("maximum").filter(|most| number.is_some_and(|number| number > *most)) {
            return wrong(format!("不大于 {most}"), format!("is {most} at most"));
        }
        Ok(value)
    }

    fn length(&self, key: &str) -> Option<u64> {
        self.schema.get(key).and_then(Value::as_u64)
    }
}

fn fields(schema: &Value, place: &str, required: bool, depth: usize, into: &mut Vec<Given>, most: usize) {
    let needed = |name: &str| schema.get("required").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == name));
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        let required = required && needed(name);
        if inner.get("properties").is_some() && depth < DEEPEST {
            fields(inner, &place, required, depth + 1, into, most);
        } else if into.len() < most {
            into.push(Given { name: place, place: Place::Body, required, summary: super::text_of(Some(inner), "description"), schema: inner.clone() });
        }
    }
}
