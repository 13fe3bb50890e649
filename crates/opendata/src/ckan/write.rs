//! A record as CKAN writes a package, with all that its clients look for. What has no place of its own stands in extras, under
//! the names that ckanext-dcat reads.

use kernel::{Lang, Moment};
use serde_json::{Map, Value, json};

use crate::record::{Distribution, Record};

/// A time as CKAN writes it: UTC, without saying so.
pub fn stamp(time: Moment) -> String {
    let text = time.rfc3339();
    let text = text.trim_end_matches('Z');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}.{fraction:0<6}")
}

/// A package. `site` is the portal's address; texts are in the language that is asked for, the other one's stand in extras.
pub fn package(record: &Record, site: &str, lang: Lang) -> Value {
    let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
    let rights = record.rights.clone().unwrap_or_default();
    let contact = record.contact.clone().unwrap_or_default();
    let (created, modified) = (record.issued.map(stamp), record.modified.or(record.issued).map(stamp));
    let resources: Vec<Value> = record.distributions.iter().enumerate().map(|(at, one)| resource(one, at, record, lang)).collect();
    let tags: Vec<Value> = record.keywords.iter().map(|word| tag(word.get(lang))).collect();
    let groups: Vec<Value> = record.themes.iter().map(|theme| group(&theme.code, theme.title.get(lang), None)).collect();
    let organization = (!record.publisher.id.is_empty()).then(|| organization(&record.publisher.id, record.publisher.name.get(lang), "", None));
    let mut of = Map::new();
    let mut put = |name: &str, value: Value| drop(of.insert(name.to_owned(), value));
    put("author", json!(record.publisher.name.get(lang)));
    put("author_email", json!(contact.email));
    put("creator_user_id", Value::Null);
    put("id", json!(record.id));
    put("isopen", json!(!rights.restricted && !rights.id.is_empty()));
    put("license_id", json!(rights.id));
    put("license_title", json!(rights.title.get(lang)));
    put("license_url", json!(rights.url));
    put("maintainer", json!(contact.name.get(lang)));
    put("maintainer_email", json!(contact.email));
    put("metadata_created", json!(created));
    put("metadata_modified", json!(modified));
    put("name", json!(record.id));
    put("notes", json!(record.summary.get(lang)));
    put("num_resources", json!(resources.len()));
    put("num_tags", json!(tags.len()));
    put("organization", json!(organization));
    put("owner_org", json!(Some(&record.publisher.id).filter(|id| !id.is_empty())));
    put("private", json!(false));
    put("state", json!("active"));
    put("title", json!(record.title.get(lang)));
    put("type", json!("dataset"));
    put("url", json!(record.page.clone().unwrap_or_else(|| format!("{site}/open/datasets/{}", record.id))));
    put("version", json!(record.version));
    put("extras", json!(extras(record, other)));
    put("groups", json!(groups));
    put("resources", json!(resources));
    put("tags", json!(tags));
    put("relationships_as_object", json!([]));
    put("relationships_as_subject", json!([]));
    Value::Object(of)
}

fn extras(record: &Record, other: Lang) -> Vec<Value> {
    let tag = if other == Lang::Zh { "zh" } else { "en" };
    let own = |text: &kernel::Text| if text.zh == text.en { String::new() } else { text.get(other).to_owned() };
    let rights = record.rights.clone().unwrap_or_default();
    let found = [
        (format!("title_{tag}"), own(&record.title)),
        (format!("notes_{tag}"), own(&record.summary)),
        ("condition".to_owned(), rights.condition.get(Lang::Zh).to_owned()),
        ("access_rights".to_owned(), if rights.restricted { "restricted".to_owned() } else { String::new() }),
        ("frequency".to_owned(), record.frequency.clone().unwrap_or_default()),
        ("language".to_owned(), record.languages.join(", ")),
        ("issued".to_owned(), record.issued.map(stamp).unwrap_or_default()),
        ("modified".to_owned(), record.modified.map(stamp).unwrap_or_default()),
        ("provenance".to_owned(), record.provenance.get(Lang::Zh).to_owned()),
        ("spatial_text".to_owned(), record.places.first().map(|place| place.title.get(Lang::Zh).to_owned()).unwrap_or_default()),
    ];
    found.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

fn resource(one: &Distribution, at: usize, record: &Record, lang: Lang) -> Value {
    let created = one.issued.or(record.issued).map(stamp);
    let modified = one.modified.or(record.modified).map(stamp);
    json!({
        "cache_last_updated": null,
        "cache_url": null,
        "created": created,
        // The rows of a dataset are asked for by the name of its first file.
        "datastore_active": one.media_type.as_deref().is_some_and(|media| media.starts_with("text/csv") && !media.contains("gb18030")),
        "description": one.summary.get(lang),
        "format": one.format,
        "hash": one.sha256.clone().unwrap_or_default(),
        "id": one.id,
        "last_modified": modified,
        "metadata_modified": modified,
        "mimetype": one.media_type.as_deref().map(|media| media.split(';').next().unwrap_or(media)),
        "mimetype_inner": null,
        "name": one.title.get(lang),
        "package_id": record.id,
        "position": at,
        "resource_type": null,
        "size": one.bytes,
        "state": "active",
        "url": one.download_url.as_deref().unwrap_or(&one.access_url),
        "url_type": null,
    })
}

fn tag(word: &str) -> Value {
    json!({ "display_name": word, "id": word, "name": word, "state": "active", "vocabulary_id": null })
}

/// A group: what themes are here. With how many packages, where that is told.
pub fn group(name: &str, title: &str, packages: Option<usize>) -> Value {
    let mut of = json!({ "id": name, "name": name, "title": title, "display_name": title, "description": "", "image_display_url": "", "image_url": "",
        "is_organization": false, "approval_status": "approved", "state": "active", "type": "group" });
    if let (Some(count), Some(of)) = (packages, of.as_object_mut()) {
        of.insert("package_count".to_owned(), json!(count));
    }
    of
}

/// An organization: what departments are here.
pub fn organization(name: &str, title: &str, summary: &str, packages: Option<usize>) -> Value {
    let mut of = json!({ "id": name, "name": name, "title": title, "display_name": title, "description": summary, "image_display_url": "", "image_url": "",
        "is_organization": true, "approval_status": "approved", "state": "active", "type": "organization", "created": "2020-01-01T00:00:00.000000" });
    if let (Some(count), Some(of)) = (packages, of.as_object_mut()) {
        of.insert("package_count".to_owned(), json!(count));
    }
    of
}

/// A licence as `license_list` has it.
pub fn licence(id: &str, title: &str, url: &str) -> Value {
    json!({ "id": id, "title": title, "url": url, "status": "active", "family": "", "maintainer": "", "domain_content": true, "domain_data": true,
        "domain_software": false, "is_generic": false, "od_conformance": "approved", "osd_conformance": "not reviewed" })
}
