//! A resource's declaration as a steward would have written it: defaults left out, items as `[[item]]`, rules as `[[rule]]`.

use serde_json::{Map, Value};

use super::{Resource, Rule};
use super::schema::{resolve, schema};

/// The text of `resources/…/<id>.toml`. Reading it again gives the same resource.
pub fn write_resource(resource: &Resource) -> String {
    let whole = schema("resource");
    let Ok(Value::Object(all)) = serde_json::to_value(resource) else { return String::new() };
    let mut out = format!("# 信息资源 {}：{}\n\n", resource.id, resource.title.replace(['\n', '\r'], " "));
    let metadata = all.iter().filter(|(key, _)| !matches!(key.as_str(), "collect" | "contract" | "item" | "rule" | "operation"));
    out.push_str(&table(whole, whole, metadata));
    if let Some(Value::Object(collect)) = all.get("collect") {
        let written = table(whole, property(whole, whole, "collect"), collect);
        // A resource of a service has none.
        if resource.operations.is_empty() {
            out.push_str(&format!("\n[collect]\n{written}"));
        }
    }
    if let Some(Value::Object(contract)) = all.get("contract") {
        let written = table(whole, property(whole, whole, "contract"), contract);
        if !written.is_empty() {
            out.push_str(&format!("\n[contract]\n{written}"));
        }
    }
    for key in ["item", "rule", "operation"] {
        let schema = resolve(whole, property(whole, whole, key).get("items").unwrap_or(&Value::Null));
        for one in all.get(key).and_then(Value::as_array).into_iter().flatten() {
            if let Value::Object(one) = one {
                let plain = one.iter().filter(|(name, _)| name.as_str() != "parameter");
                out.push_str(&format!("\n[[{key}]]\n{}", table(whole, schema, plain)));
                let parameter = resolve(whole, property(whole, schema, "parameter").get("items").unwrap_or(&Value::Null));
                for inner in one.get("parameter").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
                    out.push_str(&format!("\n[[{key}.parameter]]\n{}", table(whole, parameter, inner)));
                }
            }
        }
    }
    out
}

/// A rule as it stands in its resource's file, from `[[rule]]` on.
pub fn write_rule(rule: &Rule) -> String {
    let whole = schema("resource");
    let schema = resolve(whole, property(whole, whole, "rule").get("items").unwrap_or(&Value::Null));
    match serde_json::to_value(rule) {
        Ok(Value::Object(rule)) => format!("[[rule]]\n{}", table(whole, schema, &rule)),
        _ => String::new(),
    }
}

/// `key = value` lines for everything that is not the default.
fn table<'v>(whole: &Value, schema: &Value, entries: impl IntoIterator<Item = (&'v String, &'v Value)>) -> String {
    let written = entries.into_iter().filter(|(key, value)| !is_default(schema, key, value));
    written.map(|(key, value)| format!("{key} = {}\n", inline(whole, property(whole, schema, key), value))).collect()
}

/// Absent is as good as null or the default.
fn is_default(schema: &Value, key: &str, value: &Value) -> bool {
    let known = schema.get("properties").and_then(|all| all.get(key));
    value.is_null() || known.and_then(|known| known.get("default")) == Some(value)
}

fn property<'s>(whole: &'s Value, schema: &'s Value, key: &str) -> &'s Value {
    let known = schema.get("properties").and_then(|all| all.get(key)).unwrap_or(&Value::Null);
    resolve(whole, known)
}

fn inline(whole: &Value, schema: &Value, value: &Value) -> String {
    match value {
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        Value::Array(list) => {
            let each: Vec<String> = list.iter().map(|one| inline(whole, &Value::Null, one)).collect();
            format!("[{}]", each.join(", "))
        }
        Value::Object(entries) => {
            let schema = branch(schema, entries);
            let written = entries.iter().filter(|(key, value)| !is_default(schema, key, value));
            let each =
                written.map(|(key, value)| format!("{key} = {}", inline(whole, property(whole, schema, key), value)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

/// The alternative of a choice that bears the same `kind`.
fn branch<'s>(schema: &'s Value, entries: &Map<String, Value>) -> &'s Value {
    let branches = schema.get("oneOf").and_then(Value::as_array);
    let same = |branch: &&Value| branch.pointer("/properties/kind/const") == entries.get("kind");
    branches.and_then(|all| all.iter().find(same)).unwrap_or(schema)
}
