//! What stewards write through the API: packages and their resources, organizations and groups. What the city declares, and what
//! other catalogues have, is not changed here.

use serde_json::{Map, Value};

use super::Call;
use super::group;
use super::package::{find, find_resource, packages};
use super::told::{Refused, Told};

pub(super) const ACTS: [&str; 20] = [
    "package_create", "package_update", "package_patch", "package_delete", "package_revise", "dataset_purge", "resource_create", "resource_update", "resource_patch",
    "resource_delete", "organization_create", "organization_update", "organization_patch", "organization_delete", "organization_purge", "group_create", "group_update",
    "group_patch", "group_delete", "group_purge",
];

pub(super) async fn write(name: &str, call: &Call<'_>) -> Told {
    call.who()?;
    match name {
        "package_create" => put_package(call, call.asked.all(), None).await,
        "package_update" => {
            let known = known_package(call).await?;
            put_package(call, call.asked.all(), Some(&known)).await
        }
        "package_patch" => {
            let known = known_package(call).await?;
            put_package(call, &patched(&known, call.asked.all()), Some(&known)).await
        }
        "package_delete" | "dataset_purge" => {
            let known = known_package(call).await?;
            call.visit.app.desk.drop_package(call.who()?, &known).await?;
            Ok(Value::Null)
        }
        "package_revise" => Err(Refused::Bad("Bad request - package_revise is not done here: use package_patch".to_owned())),
        _ if name.starts_with("resource_") => resource(name, call).await,
        _ => of_group(name, call).await,
    }
}

/// The package that is named, if it was registered through this API.
async fn known_package(call: &Call<'_>) -> Told {
    let all = packages(call).await?;
    let asked = ["id", "name"].into_iter().find_map(|field| call.asked.text(field)).unwrap_or_default();
    if asked.is_empty() {
        call.asked.id()?;
    }
    let known = find(&all, asked)?.clone();
    call.visit.app.desk.registered_package(&known).await?;
    Ok(known)
}

async fn put_package(call: &Call<'_>, body: &Map<String, Value>, known: Option<&Value>) -> Told {
    let all = packages(call).await?;
    let made = call.visit.app.desk.put_package(call.who()?, body, known, &all, call.visit.now).await?;
    Ok(Value::Object(made))
}

fn patched(known: &Value, with: &Map<String, Value>) -> Map<String, Value> {
    let mut whole = known.as_object().cloned().unwrap_or_default();
    // Told anew, since it was written just now.
    whole.remove("metadata_modified");
    whole.extend(with.iter().filter(|(field, _)| *field != "id").map(|(field, value)| (field.clone(), value.clone())));
    whole
}

/// A resource is a part of its package: the package is written with it.
async fn resource(name: &str, call: &Call<'_>) -> Told {
    let all = packages(call).await?;
    let asked = call.asked.all();
    let (package, known) = match name {
        "resource_create" => {
            let missing = || Refused::Validation([("package_id".to_owned(), vec!["Missing value".to_owned()])].into());
            (find(&all, call.asked.text("package_id").ok_or_else(missing)?)?, None)
        }
        _ => find_resource(&all, call.asked.id()?).map(|(package, one)| (package, Some(one)))?,
    };
    call.visit.app.desk.registered_package(package).await?;
    let mut resources = package["resources"].as_array().cloned().unwrap_or_default();
    let place = known.and_then(|one| resources.iter().position(|other| other["id"] == one["id"]));
    let own = |with: Map<String, Value>| Value::Object(with.into_iter().filter(|(field, _)| field != "upload").collect());
    match (name, place) {
        ("resource_create", _) => resources.push(own(asked.clone())),
        ("resource_delete", Some(place)) => drop(resources.remove(place)),
        ("resource_update", Some(place)) => resources[place] = own(asked.clone()),
        ("resource_patch", Some(place)) => {
            let mut whole = resources[place].as_object().cloned().unwrap_or_default();
            whole.extend(asked.clone());
            resources[place] = own(whole);
        }
        _ => return Err(Refused::NotFound("Not found".to_owned())),
    }
    let whole = patched(package, &Map::from_iter([("resources".to_owned(), Value::Array(resources))]));
    let made = put_package(call, &whole, Some(package)).await?;
    let made = made["resources"].as_array().cloned().unwrap_or_default();
    Ok(match name {
        "resource_delete" => Value::Null,
        "resource_create" => made.last().cloned().unwrap_or_default(),
        _ => place.and_then(|place| made.get(place).cloned()).unwrap_or_default(),
    })
}

async fn of_group(name: &str, call: &Call<'_>) -> Told {
    let (desk, kind, asked) = (&call.visit.app.desk, group::kind(name), call.asked.all());
    let all = desk.ckan_groups(kind, &packages(call).await?, call.visit.lang).await?;
    if name.ends_with("_create") {
        return Ok(Value::Object(desk.put_ckan_group(call.who()?, kind, asked, None, call.visit.now).await?));
    }
    let by = ["id", "name"].into_iter().find_map(|field| call.asked.text(field)).filter(|id| !id.is_empty());
    let known = match by {
        Some(id) => group::find(&all, id)?.clone(),
        None => return call.asked.id().map(|_| Value::Null),
    };
    if name.ends_with("_delete") || name.ends_with("_purge") {
        desk.drop_ckan_group(call.who()?, kind, &known).await?;
        return Ok(Value::Null);
    }
    let body = if name.ends_with("_patch") { patched(&known, asked) } else { asked.clone() };
    Ok(Value::Object(desk.put_ckan_group(call.who()?, kind, &body, Some(&known), call.visit.now).await?))
}

