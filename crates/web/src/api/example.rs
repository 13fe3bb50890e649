//! A value that fits a schema, for readers to see the shape of an answer.

use serde_json::{Map, Value, json};

/// Deeper than this, shapes are named instead of drawn.
const DEPTH_MAX: usize = 6;

pub(super) fn example(described: &Value, schema: &Value) -> Value {
    fits(described, schema, 0)
}

fn fits(described: &Value, schema: &Value, depth: usize) -> Value {
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return if depth >= DEPTH_MAX { json!(name) } else { fits(described, &described["components"]["schemas"][name], depth + 1) };
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let first = either.iter().find(|one| one["type"] != "null");
        return first.map(|one| fits(described, one, depth)).unwrap_or_default();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    let word = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|word| *word != "null").unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    };
    match word {
        "object" => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            Value::Object(fields.map(|(name, of)| (name.clone(), fits(described, of, depth + 1))).collect::<Map<_, _>>())
        }
        "array" => json!([fits(described, &schema["items"], depth + 1)]),
        "integer" => json!(schema["minimum"].as_u64().unwrap_or(0).max(1)),
        "number" => json!(1.5),
        "boolean" => json!(false),
        "string" => json!("…"),
        _ => Value::Null,
    }
}
