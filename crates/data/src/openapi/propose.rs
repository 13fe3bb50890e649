//! A declaration for a service that nobody has declared yet: its system, and a resource for each operation that reads. A steward
//! reads it, mends what is guessed, and decides how it is shared.

use serde_json::{Value, json};

use super::{Api, Described, Given, leaves};
use crate::declare::{Grade, Kind, Resource, write_resource};
use crate::grade::{Column, InfoType, detect};
use crate::standard::propose_titles;

/// Items of one resource that are proposed.
const ITEMS_MAX: usize = 200;
/// Fields in which services wrap what they answer; a list in one of them is of records.
const WRAPPERS: [&str; 10] = ["data", "rows", "records", "result", "results", "items", "list", "content", "datas", "body"];

/// Files of a city folder: (path, text). `openapi` is where the document lies there, `only` the operations that are wanted, all
/// when empty.
pub fn propose(api: &Api, system: &str, department: &str, openapi: &str, only: &[String]) -> Vec<(String, String)> {
    let wanted = |id: &str| only.is_empty() || only.iter().any(|one| one == id);
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let name = system.to_ascii_uppercase().replace('-', "_");
    let title = if api.title.is_empty() { system } else { &api.title };
    let text = format!(
        "# 服务 {system}\n\ntitle = {}\ndepartment = {}\n\n[connector]\nkind = \"service\"\nurl = \"${{{name}_URL}}\"\nopenapi = {}\n\n[connector.auth]\nkind = \"bearer\"\ntoken = \"${{{name}_TOKEN}}\"\n",
        quoted(title), quoted(department), quoted(openapi),
    );
    let mut files = vec![(format!("systems/{system}.toml"), text)];
    for (n, (id, described)) in api.operations.iter().filter(|(id, _)| wanted(id)).enumerate() {
        let named = id_of(id);
        if let Some(resource) = resource(system, id, &named, described, n) {
            files.push((format!("resources/{system}/{named}.toml"), write_resource(&resource)));
        }
    }
    files
}

/// `findByName` as `find_by_name`.
fn id_of(operation: &str) -> String {
    let mut id = String::new();
    for letter in operation.chars() {
        match letter {
            'A'..='Z' => {
                if !id.is_empty() && !id.ends_with('_') {
                    id.push('_');
                }
                id.push(letter.to_ascii_lowercase());
            }
            'a'..='z' | '0'..='9' => id.push(letter),
            _ if id.is_empty() || id.ends_with('_') => {}
            _ => id.push('_'),
        }
    }
    let id = id.trim_end_matches('_');
    let id = if id.starts_with(|c: char| c.is_ascii_lowercase()) { id.to_owned() } else { format!("s_{id}") };
    id.chars().take(60).collect()
}

fn resource(system: &str, id: &str, named: &str, described: &Described, n: usize) -> Option<Resource> {
    let (records, record) = records(&described.answer, String::new(), 0);
    let mut items: Vec<Value> = Vec::new();
    for (path, schema) in leaves(record, ITEMS_MAX) {
        let item = item(&path, schema, &items);
        items.push(item);
    }
    let mut parameters = Vec::new();
    for given in described.given.iter().filter(|given| given.is_open()) {
        let carried = carried(given, &mut items);
        parameters.push(json!({ "name": given.name, "item": carried, "required": given.required }));
    }
    let grade = items.iter().filter_map(|item| item.get("grade").and_then(Value::as_str)).max().unwrap_or("L2").to_owned();
    let title = if described.summary.is_empty() { id } else { &described.summary };
    let resource = json!({
        "title": title, "code": format!("3990200/{:06}", n + 1), "summary": title, "system": system, "class": "department",
        "share": "conditional", "share_condition": "依法履职需要", "open": "none", "grade": grade, "period": "continuous", "item": items,
        "operation": [{ "id": id, "records": records, "parameter": parameters }],
    });
    let mut resource: Resource = serde_json::from_value(resource).ok().filter(|resource: &Resource| !resource.items.is_empty())?;
    resource.id = named.to_owned();
    Some(resource)
}

/// Where the records are: into a list, through what wraps it.
fn records(schema: &Value, path: String, depth: usize) -> (String, &Value) {
    if let Some(items) = schema.get("items") {
        return (format!("{path}[*]"), items);
    }
    let inner = WRAPPERS.iter().find_map(|name| Some((name, schema.get("properties")?.get(*name)?)));
    match inner.filter(|(_, inner)| depth < 4 && (inner.get("items").is_some() || inner.get("properties").is_some())) {
        Some((name, inner)) => records(inner, if path.is_empty() { (*name).to_string() } else { format!("{path}.{name}") }, depth + 1),
        None => (path, schema),
    }
}

fn item(path: &str, schema: &Value, before: &[Value]) -> Value {
    let last = path.rsplit('.').next().unwrap_or(path).trim_end_matches("[*]");
    let mut name = id_of(last);
    while before.iter().any(|item| item.get("name").and_then(Value::as_str) == Some(&name)) {
        name = id_of(&format!("{}_{name}", path.split('.').next().unwrap_or("x")));
        if before.len() > ITEMS_MAX || name.len() > 50 {
            name = format!("item_{}", before.len());
            break;
        }
    }
    described_item(&name, path, schema)
}

fn described_item(name: &str, path: &str, schema: &Value) -> Value {
    let said = |key: &str| schema.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let titles = propose_titles(name, name);
    let title: String = said("title").or(said("description")).unwrap_or(&titles.zh).chars().take(60).collect();
    let info = detect(&Column { name, title: &title, values: &[] }, None).leading();
    let kind = info.and_then(|info| Kind::ALL.iter().copied().find(|kind| InfoType::of_kind(*kind) == Some(info)));
    let standard = kind.map_or_else(|| plain(schema), Kind::name);
    let grade = info.map_or(Grade::L2, InfoType::grade);
    let mut item = json!({ "name": name, "title": title, "title_en": titles.en, "standard": standard, "grade": grade, "class": info.map(InfoType::class).unwrap_or_default() });
    if let (true, Some(item)) = (path != name, item.as_object_mut()) {
        item.insert("source".to_owned(), json!(path));
    }
    item
}

/// The built-in kind for a type of JSON.
fn plain(schema: &Value) -> &'static str {
    let word = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    match (word("type"), word("format")) {
        ("integer", _) => "integer",
        ("number", _) => "number",
        ("boolean", _) => "boolean",
        (_, "date") => "date",
        (_, "date-time") => "datetime",
        _ => "text",
    }
}

/// The item that a parameter carries: one of the answer of the same name, or a new one where it tells of somebody.
fn carried(given: &Given, items: &mut Vec<Value>) -> Option<String> {
    let name = id_of(given.name.rsplit('/').next().unwrap_or(&given.name));
    if items.iter().any(|item| item.get("name").and_then(Value::as_str) == Some(&name)) {
        return Some(name);
    }
    let title = if given.summary.is_empty() { name.clone() } else { given.summary.clone() };
    let tells = detect(&Column { name: &name, title: &title, values: &[] }, None).leading().is_some();
    if !tells {
        return None;
    }
    items.push(described_item(&name, &name, &given.schema));
    Some(name)
}
