//! Organizations and groups, as they are read.

use desk::open::CkanKind;
use serde_json::{Value, json};

use super::Call;
use super::package::packages;
use super::told::{Refused, Told};

/// Names of one answer; whole ones, where nothing else is said.
const NAMES_MAX: u64 = 1_000;
const WHOLE_MAX: u64 = 25;

pub(super) fn kind(name: &str) -> CkanKind {
    if name.starts_with("organization") { CkanKind::Organization } else { CkanKind::Group }
}

/// One by its id or its name.
pub(super) fn find<'g>(groups: &'g [Value], id: &str) -> Result<&'g Value, Refused> {
    groups.iter().find(|one| one["id"].as_str() == Some(id) || one["name"].as_str() == Some(id)).ok_or_else(|| Refused::NotFound("Not found".to_owned()))
}

pub(super) async fn read(name: &str, call: &Call<'_>) -> Told {
    let kind = kind(name);
    let packages = packages(call).await?;
    let groups = call.visit.app.desk.ckan_groups(kind, &packages, call.visit.lang).await?;
    match name {
        "organization_show" | "group_show" => show(call, kind, &groups, &packages),
        "organization_list_for_user" | "group_list_authz" => {
            Ok(if call.who.is_some() { Value::Array(groups) } else { json!([]) })
        }
        "organization_autocomplete" | "group_autocomplete" => {
            let words = call.asked.text("q").unwrap_or_default().to_lowercase();
            let has = |one: &Value| ["name", "title"].iter().any(|field| one[*field].as_str().is_some_and(|text| text.to_lowercase().contains(&words)));
            let limit = call.asked.number("limit", 20, 100)? as usize;
            Ok(groups.into_iter().filter(has).take(limit).map(|one| json!({ "id": one["id"], "name": one["name"], "title": one["title"] })).collect())
        }
        _ => list(call, groups),
    }
}

fn list(call: &Call<'_>, mut groups: Vec<Value>) -> Told {
    let named = ["organizations", "groups"].into_iter().map(|name| call.asked.list(name)).find(|names| !names.is_empty());
    if let Some(names) = named {
        groups.retain(|one| one["name"].as_str().is_some_and(|name| names.iter().any(|wanted| wanted == name)));
    }
    let sort = call.asked.text("sort").or(call.asked.text("order_by")).unwrap_or("title asc");
    let by = if sort.starts_with("package_count") || sort.starts_with("packages") { "package_count" } else if sort.starts_with("name") { "name" } else { "title" };
    let down = sort.ends_with("desc") || by == "package_count" && !sort.ends_with("asc");
    groups.sort_by(|left, right| {
        let order = match by {
            "package_count" => left[by].as_u64().cmp(&right[by].as_u64()),
            _ => left[by].as_str().cmp(&right[by].as_str()),
        };
        if down { order.reverse() } else { order }
    });
    let whole = call.asked.yes("all_fields", false);
    let usual = if whole { WHOLE_MAX } else { NAMES_MAX };
    let (limit, offset) = (call.asked.number("limit", usual, usual)?, call.asked.number("offset", 0, 1_000_000)?);
    let page = groups.into_iter().skip(offset as usize).take(limit as usize);
    Ok(if whole { page.collect() } else { page.map(|one| one["name"].clone()).collect() })
}

fn show(call: &Call<'_>, kind: CkanKind, groups: &[Value], packages: &[Value]) -> Told {
    let mut one = find(groups, call.asked.id()?)?.clone();
    let name = one["name"].as_str().unwrap_or_default().to_owned();
    if let Some(of) = one.as_object_mut() {
        for (field, value) in [("users", json!([])), ("tags", json!([])), ("extras", json!([])), ("groups", json!([]))] {
            of.entry(field.to_owned()).or_insert(value);
        }
        if call.asked.yes("include_datasets", false) {
            let own = |package: &&Value| match kind {
                CkanKind::Organization => package["organization"]["name"].as_str() == Some(&name),
                CkanKind::Group => package["groups"].as_array().into_iter().flatten().any(|one| one["name"].as_str() == Some(&name)),
            };
            of.insert("packages".to_owned(), packages.iter().filter(own).take(NAMES_MAX as usize).cloned().collect());
        }
    }
    Ok(one)
}
