//! JSON Schemas of a document: references followed, and the places of values in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::share::{Field, Step};

/// How deep schemas may stand in each other; a schema that holds itself ends there.
const DEEPEST: usize = 10;
/// Nodes of one schema at most, references followed.
const NODES_MAX: usize = 20_000;

/// What stands at a place of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Known<'s> {
    /// This.
    There(&'s Value),
    /// The document does not say what may be there.
    Open,
    /// Not there; the names that are there instead.
    Absent(Vec<&'s str>),
}

/// Follows one `$ref` after the other within the document.
pub(super) fn resolved<'v>(root: &'v Value, mut value: &'v Value) -> &'v Value {
    for _ in 0..DEEPEST {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        match target.and_then(|pointer| root.pointer(pointer)) {
            Some(found) => value = found,
            None => break,
        }
    }
    value
}

/// A schema with all that it refers to in it; `allOf`, `oneOf` and `anyOf` are one table of what may be there.
pub(super) fn expanded(root: &Value, schema: &Value) -> Value {
    expand(root, schema, 0, &mut 0)
}

fn expand(root: &Value, schema: &Value, depth: usize, nodes: &mut usize) -> Value {
    *nodes += 1;
    let (Some(schema), true) = (resolved(root, schema).as_object(), depth <= DEEPEST && *nodes <= NODES_MAX) else { return json!({}) };
    let mut out = Map::new();
    for key in ["type", "format", "enum", "minimum", "maximum", "minLength", "maxLength", "title", "description", "required", "const"] {
        if let Some(value) = schema.get(key) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    let mut properties = Map::new();
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        properties.insert(name.clone(), expand(root, inner, depth + 1, nodes));
    }
    if let Some(inner) = schema.get("items") {
        out.insert("items".to_owned(), expand(root, inner, depth + 1, nodes));
    }
    for part in ["allOf", "oneOf", "anyOf"].iter().flat_map(|key| schema.get(*key).and_then(Value::as_array).into_iter().flatten()) {
        let Value::Object(part) = expand(root, part, depth + 1, nodes) else { continue };
        for (key, value) in part {
            match (key.as_str(), value) {
                ("properties", Value::Object(more)) => {
                    for (name, inner) in more {
                        properties.entry(name).or_insert(inner);
                    }
                }
                (_, value) => {
                    out.entry(key).or_insert(value);
                }
            }
        }
    }
    if !properties.is_empty() {
        out.insert("properties".to_owned(), Value::Object(properties));
    }
    Value::Object(out)
}

/// What stands at a path below a schema.
pub fn at<'s>(schema: &'s Value, path: &Field) -> Known<'s> {
    let mut here = schema;
    for step in path.steps() {
        let next = match step {
            Step::Each => here.get("items"),
            Step::Name(name) => match here.get("properties").and_then(Value::as_object) {
                Some(known) => match known.get(name) {
                    Some(found) => Some(found),
                    None => return Known::Absent(known.keys().map(String::as_str).collect()),
                },
                None => None,
            },
        };
        match next {
            Some(found) => here = found,
            // A list of which nothing is said, or an object whose fields are not named, may hold anything.
            None if is_open(here) => return Known::Open,
            None => return Known::Absent(Vec::new()),
        }
    }
    Known::There(here)
}

/// Whether a schema leaves open what is inside.
fn is_open(schema: &Value) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => schema.get("properties").is_none(),
        Some("array") => schema.get("items").is_none(),
        Some(_) => false,
        None => schema.get("properties").is_none() && schema.get("items").is_none() && schema.get("enum").is_none(),
    }
}

/// The places of single values below a schema, each with its schema: of lists, each of their values.
pub fn leaves(schema: &Value, most: usize) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    walk(schema, String::new(), most, &mut found);
    found
}

fn walk<'s>(schema: &'s Value, path: String, most: usize, found: &mut BTreeMap<String, &'s Value>) {
    if found.len() >= most {
        return;
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, inner) in properties {
            walk(inner, if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, most, found);
        }
    } else if let Some(items) = schema.get("items") {
        walk(items, format!("{path}[*]"), most, found);
    } else if !path.is_empty() {
        found.insert(path, schema);
    }
}
