//! What clients write: packages, organizations and groups are checked and completed as CKAN does it. Errors are by field, in
//! CKAN's own words where clients look for them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Errors by field.
pub type Wrong = BTreeMap<String, Vec<String>>;

const NAME_MIN: usize = 2;
const NAME_MAX: usize = 100;
/// Resources of a package, tags, groups, extras.
const LIST_MAX: usize = 5_000;
/// Bytes of all of it.
const BYTES_MAX: usize = 4 << 20;
const MISSING: &str = "Missing value";

/// Completes a package. `id`: what it is or will be called by; `now` as CKAN tells times; `fresh` makes ids for resources.
pub fn checked_package(body: &Map<String, Value>, id: &str, now: &str, fresh: &mut dyn FnMut() -> String) -> Result<Map<String, Value>, Wrong> {
    let mut wrong = Wrong::new();
    let mut of = body.clone();
    if body_size(body) > BYTES_MAX {
        return Err([("__before".to_owned(), vec![format!("A package may have {BYTES_MAX} bytes")])].into());
    }
    name(&of, &mut wrong);
    let named = text(&of, "name").unwrap_or_default().to_owned();
    let defaults = [
        ("title", json!(named)), ("notes", json!("")), ("private", json!(false)), ("state", json!("active")), ("type", json!("dataset")),
        ("metadata_created", json!(now)), ("metadata_modified", json!(now)), ("author", json!("")), ("author_email", json!("")), ("maintainer", json!("")),
        ("maintainer_email", json!("")), ("license_id", json!("")), ("url", json!("")), ("version", json!("")), ("creator_user_id", Value::Null),
        ("isopen", json!(false)), ("relationships_as_object", json!([])), ("relationships_as_subject", json!([])),
    ];
    for (field, value) in defaults {
        of.entry(field.to_owned()).or_insert(value);
    }
    if text(&of, "title").is_none_or(str::is_empty) {
        of.insert("title".to_owned(), json!(named));
    }
    of.insert("id".to_owned(), json!(id));
    let resources = list(&of, "resources", &mut wrong);
    let resources: Vec<Value> = resources.into_iter().enumerate().map(|(at, one)| resource(one, at, id, now, fresh)).collect();
    let urls: Vec<usize> = resources.iter().enumerate().filter(|(_, one)| one.get("url").is_some_and(|url| !url.is_string())).map(|(at, _)| at).collect();
    if !urls.is_empty() {
        wrong.insert("resources".to_owned(), vec![format!("url is not a text in resources {urls:?}")]);
    }
    of.insert("num_resources".to_owned(), json!(resources.len()));
    of.insert("resources".to_owned(), resources.into());
    let tags: Vec<Value> = list(&of, "tags", &mut wrong).into_iter().map(tag).collect();
    of.insert("num_tags".to_owned(), json!(tags.len()));
    of.insert("tags".to_owned(), tags.into());
    let groups: Vec<Value> = list(&of, "groups", &mut wrong).into_iter().filter(|one| one.get("name").or(one.get("id")).is_some_and(Value::is_string)).collect();
    of.insert("groups".to_owned(), groups.into());
    let extras = list(&of, "extras", &mut wrong);
    if extras.iter().any(|one| one.get("key").and_then(Value::as_str).is_none_or(str::is_empty)) {
        wrong.insert("extras".to_owned(), vec!["each extra has a key and a value".to_owned()]);
    }
    of.insert("extras".to_owned(), extras.into());
    if wrong.is_empty() { Ok(of) } else { Err(wrong) }
}

/// Completes an organization or a group.
pub fn checked_group(body: &Map<String, Value>, id: &str, organization: bool, now: &str) -> Result<Map<String, Value>, Wrong> {
    let mut wrong = Wrong::new();
    if body_size(body) > BYTES_MAX {
        return Err([("__before".to_owned(), vec![format!("It may have {BYTES_MAX} bytes")])].into());
    }
    name(body, &mut wrong);
    let mut of = body.clone();
    let named = text(&of, "name").unwrap_or_default().to_owned();
    let kind = if organization { "organization" } else { "group" };
    let defaults = [
        ("title", json!(named)), ("description", json!("")), ("image_url", json!("")), ("image_display_url", json!("")), ("created", json!(now)),
        ("approval_status", json!("approved")), ("state", json!("active")), ("type", json!(kind)), ("is_organization", json!(organization)),
    ];
    for (field, value) in defaults {
        of.entry(field.to_owned()).or_insert(value);
    }
    let title = text(&of, "title").filter(|title| !title.is_empty()).unwrap_or(&named).to_owned();
    of.insert("display_name".to_owned(), json!(title));
    of.insert("id".to_owned(), json!(id));
    // Told anew each time.
    for field in ["package_count", "packages", "users", "tags"] {
        of.remove(field);
    }
    if wrong.is_empty() { Ok(of) } else { Err(wrong) }
}

fn body_size(body: &Map<String, Value>) -> usize {
    serde_json::to_string(body).map_or(usize::MAX, |text| text.len())
}

fn text<'m>(of: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    of.get(name).and_then(Value::as_str)
}

fn name(of: &Map<String, Value>, wrong: &mut Wrong) {
    let put = |wrong: &mut Wrong, why: String| wrong.entry("name".to_owned()).or_default().push(why);
    match text(of, "name") {
        None => put(wrong, MISSING.to_owned()),
        Some(name) if name.chars().count() < NAME_MIN => put(wrong, format!("Must be at least {NAME_MIN} characters long")),
        Some(name) if name.chars().count() > NAME_MAX => put(wrong, format!("Name must be a maximum of {NAME_MAX} characters long")),
        Some(name) if !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_')) => {
            put(wrong, "Must be purely lowercase alphanumeric (ascii) characters and these symbols: -_".to_owned());
        }
        Some("new" | "edit" | "search") => put(wrong, "That name cannot be used".to_owned()),
        Some(_) => {}
    }
}

fn list(of: &Map<String, Value>, name: &str, wrong: &mut Wrong) -> Vec<Value> {
    match of.get(name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(all)) if all.len() <= LIST_MAX && all.iter().all(Value::is_object) => all.clone(),
        Some(_) => {
            wrong.insert(name.to_owned(), vec![format!("Must be a list of at most {LIST_MAX} dictionaries")]);
            Vec::new()
        }
    }
}

fn resource(one: Value, at: usize, package: &str, now: &str, fresh: &mut dyn FnMut() -> String) -> Value {
    let Value::Object(mut of) = one else { return one };
    if text(&of, "id").is_none_or(str::is_empty) {
        of.insert("id".to_owned(), json!(fresh()));
    }
    let defaults = [
        ("url", json!("")), ("name", Value::Null), ("description", json!("")), ("format", json!("")), ("hash", json!("")), ("mimetype", Value::Null),
        ("mimetype_inner", Value::Null), ("cache_url", Value::Null), ("cache_last_updated", Value::Null), ("size", Value::Null), ("resource_type", Value::Null),
        ("url_type", Value::Null), ("created", json!(now)), ("last_modified", Value::Null), ("metadata_modified", json!(now)), ("state", json!("active")),
    ];
    for (field, value) in defaults {
        of.entry(field.to_owned()).or_insert(value);
    }
    of.insert("package_id".to_owned(), json!(package));
    of.insert("position".to_owned(), json!(at));
    Value::Object(of)
}

fn tag(one: Value) -> Value {
    let Value::Object(mut of) = one else { return one };
    let name = text(&of, "name").unwrap_or_default().to_owned();
    for (field, value) in [("display_name", json!(name)), ("id", json!(name)), ("state", json!("active")), ("vocabulary_id", Value::Null)] {
        of.entry(field.to_owned()).or_insert(value);
    }
    Value::Object(of)
}
