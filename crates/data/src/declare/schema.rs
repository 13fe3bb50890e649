//! JSON Schemas of the declarations, made from the structs: editors complete and check with them,
//! and the reader checks every file against the very same ones.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::{Board, Catalogue, CityInfo, CodeList, Department, Figure, Model, Neighbour, Register, Resource, Standard, System};

/// Every kind of declaration and its JSON Schema (draft 2020-12), with descriptions.
pub fn schemas() -> Vec<(&'static str, Value)> {
    ALL.iter().map(|(name, schema)| (*name, schema.clone())).collect()
}

/// The schema of one kind of declaration; `Null` for an unknown name.
pub(super) fn schema(name: &str) -> &'static Value {
    ALL.iter().find(|(known, _)| *known == name).map_or(&Value::Null, |(_, schema)| schema)
}

/// Follows a `$ref` into the definitions of the whole schema it stands in.
pub(super) fn resolve<'s>(whole: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
    target.and_then(|pointer| whole.pointer(pointer)).unwrap_or(schema)
}

static ALL: LazyLock<Vec<(&'static str, Value)>> = LazyLock::new(|| {
    vec![
        ("city", of::<CityInfo>()),
        ("department", of::<Department>()),
        ("system", of::<System>()),
        ("resource", of::<Resource>()),
        ("standard", of::<Standard>()),
        ("code_list", of::<CodeList>()),
        ("board", of::<Board>()),
        ("model", of::<Model>()),
        ("register", of::<Register>()),
        ("figure", of::<Figure>()),
        ("node", of::<Neighbour>()),
        ("catalogue", of::<Catalogue>()),
    ]
});

fn of<T: JsonSchema>() -> Value {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    schema
}

/// TOML has no null: an optional key is absent, never null. What schemars says of null is taken out.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            drop_null(object);
            object.values_mut().for_each(without_null);
        }
        Value::Array(list) => list.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if object.get("default") == Some(&Value::Null) {
        object.shift_remove("default");
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type") != Some(&Value::String("null".into())));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.shift_remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_describe_keys_and_never_speak_of_null() {
        let resource = schema("resource");
        assert!(
            resource.pointer("/properties/code/description").is_some_and(|d| d.to_string().contains("信息资源代码"))
        );
        assert!(resource.pointer("/required").is_some_and(|r| r.to_string().contains("\"item\"")));
        for (name, schema) in schemas() {
            let text = schema.to_string();
            assert!(
                !text.contains(r#""type":"null""#) && !text.contains(r#""null"]"#),
                "{name} speaks of null: {text}"
            );
        }
    }
}
