//! Packages of other CKANs as they are harvested: what is understood of each, and the package itself, word for word.

use kernel::{Moment, Text};
use serde_json::{Map, Value};

use crate::dcat::{frequency, moment, slug};
use crate::record::{Concept, Contact, Distribution, Period, Publisher, Record, Rights};

/// Letters of a text, entries of a list, that are taken from others.
const TEXT_MAX: usize = 20_000;
const LIST_MAX: usize = 500;

/// One answer of `package_search`.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    pub packages: Vec<Value>,
    /// How many there are in all, where that is told.
    pub total: Option<u64>,
}

/// Reads an answer of `package_search`, of `package_show`, or a list of packages.
pub fn read_packages(text: &[u8]) -> Result<Packages, Text> {
    let json: Value = serde_json::from_slice(text).map_err(|_| Text::new("应答不是 JSON", "the answer is no JSON"))?;
    if json.get("success") == Some(&Value::Bool(false)) {
        let why = json.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
        return Err(Text::new(format!("对方拒绝：{}", short(why)), format!("it was refused there: {}", short(why))));
    }
    let result = json.get("result").cloned().unwrap_or(json);
    let (packages, total) = match result {
        Value::Array(packages) => (packages, None),
        Value::Object(mut result) => match result.remove("results") {
            Some(Value::Array(packages)) => (packages, result.get("count").and_then(Value::as_u64)),
            Some(_) => return Err(no_packages()),
            None if result.contains_key("resources") || result.contains_key("title") => (vec![Value::Object(result)], None),
            None => return Err(no_packages()),
        },
        _ => return Err(no_packages()),
    };
    Ok(Packages { packages, total })
}

fn no_packages() -> Text {
    Text::new("应答中没有数据集（CKAN package_search）", "the answer has no packages (CKAN package_search)")
}

/// What a catalogue calls a package, and what is understood of it or why it is not taken. `site` is where its page is.
pub fn read_package(json: &Value, catalogue: &str, site: &str, language: &str) -> (String, Result<Record, Text>) {
    let Some(of) = json.as_object() else { return (format!("nameless:{:.40}", json.to_string()), Err(Text::new("不是数据集", "it is no package"))) };
    let Some(key) = text(of, "id").or_else(|| text(of, "name")) else {
        return ("nameless".to_owned(), Err(Text::new("没有 id 和 name", "it has neither id nor name")));
    };
    let key: String = key.chars().take(2_000).collect();
    if text(of, "state").is_some_and(|state| state != "active") || of.get("private") == Some(&Value::Bool(true)) {
        return (key, Err(Text::new("未公开", "it is not public")));
    }
    let title = both(of, "title", language);
    let title = if title == Text::default() { same(text(of, "name").unwrap_or_default()) } else { title };
    if title == Text::default() {
        return (key, Err(Text::new("没有标题", "it has no title")));
    }
    let name = text(of, "name").unwrap_or_else(|| key.clone());
    let id = slug(catalogue, &key);
    let extras = extras(of);
    let extra = |names: &[&str]| names.iter().find_map(|name| text(of, name).or_else(|| extras.get(*name).cloned()));
    let page = (!site.is_empty()).then(|| format!("{}/dataset/{name}", site.trim_end_matches('/')));
    let page = page.or_else(|| extra(&["uri"]).filter(|uri| is_web(uri)));
    let record = Record {
        identifiers: [Some(key.clone()), extra(&["identifier", "guid"]), extra(&["uri"])].into_iter().flatten().fold(Vec::new(), |mut all, one| {
            if !all.contains(&one) {
                all.push(one);
            }
            all
        }),
        summary: both(of, "notes", language),
        publisher: publisher(of, &extra),
        contact: contact(of, &extra),
        themes: of.get("groups").and_then(Value::as_array).into_iter().flatten().take(LIST_MAX).filter_map(named).collect(),
        keywords: keywords(of),
        rights: rights(of),
        languages: languages(of, &extras, language),
        issued: extra(&["issued", "metadata_created"]).and_then(|text| moment(&text)),
        modified: extra(&["modified", "metadata_modified"]).and_then(|text| moment(&text)),
        frequency: extra(&["frequency", "accrual_periodicity", "update_frequency"]).and_then(|text| frequency(&text)).map(str::to_owned),
        places: extra(&["spatial_text", "spatial_uri"]).map(|text| Concept { uri: is_web(&text).then(|| text.clone()), title: same(text), code: String::new() }).into_iter().collect(),
        period: period(&extra),
        version: extra(&["version", "dcat_version"]),
        documentation: extra(&["url"]).filter(|url| is_web(url)).into_iter().collect(),
        provenance: same(extra(&["provenance"]).unwrap_or_default()),
        distributions: resources(of, &id, language),
        page,
        title,
        id,
        ..Record::default()
    };
    (key, Ok(record))
}

fn text(of: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match of.get(name)? {
        Value::String(text) => short(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A text, or its translations (`title_translated`, or an object of languages).
fn both(of: &Map<String, Value>, name: &str, language: &str) -> Text {
    let plain = text(of, name);
    let translated = [of.get(&format!("{name}_translated")), of.get(name)].into_iter().flatten().find_map(Value::as_object);
    let Some(translated) = translated else { return same(plain.unwrap_or_default()) };
    let said = |tag: &str| translated.iter().find(|(known, _)| known.split(['-', '_']).next() == Some(tag)).and_then(|(_, value)| value.as_str()).map(short);
    let any = || plain.clone().or_else(|| said(language)).or_else(|| translated.values().find_map(Value::as_str).map(short)).unwrap_or_default();
    Text { zh: said("zh").unwrap_or_else(any), en: said("en").unwrap_or_else(any) }
}

fn extras(of: &Map<String, Value>) -> std::collections::BTreeMap<String, String> {
    let all = of.get("extras").and_then(Value::as_array).into_iter().flatten().take(LIST_MAX);
    all.filter_map(|extra| {
        let extra = extra.as_object()?;
        Some((text(extra, "key")?, text(extra, "value")?))
    })
    .collect()
}

fn publisher(of: &Map<String, Value>, extra: &dyn Fn(&[&str]) -> Option<String>) -> Publisher {
    let first = of.get("publisher").and_then(Value::as_array).and_then(|all| all.first()).and_then(Value::as_object);
    let told = first.and_then(|one| Some((text(one, "name")?, text(one, "url"))));
    let told = told.or_else(|| extra(&["publisher_name"]).map(|name| (name, extra(&["publisher_url"]))));
    let organisation = || {
        let organisation = of.get("organization")?.as_object()?;
        Some((text(organisation, "title").or_else(|| text(organisation, "name"))?, None))
    };
    let (name, homepage) = told.or_else(organisation).or_else(|| Some((text(of, "author")?, None))).unwrap_or_default();
    Publisher { id: String::new(), name: same(name), homepage: homepage.filter(|url| is_web(url)) }
}

fn contact(of: &Map<String, Value>, extra: &dyn Fn(&[&str]) -> Option<String>) -> Option<Contact> {
    let first = of.get("contact").and_then(Value::as_array).and_then(|all| all.first()).and_then(Value::as_object);
    let inner = |name: &str| first.and_then(|one| text(one, name));
    let name = inner("name").or_else(|| extra(&["contact_name", "maintainer", "author"])).unwrap_or_default();
    let email = inner("email").or_else(|| extra(&["contact_email", "maintainer_email", "author_email"]));
    let contact = Contact { name: same(name), email: email.map(|email| email.trim_start_matches("mailto:").to_owned()), telephone: inner("telephone"), url: inner("url") };
    (contact != Contact::default()).then_some(contact)
}

fn named(group: &Value) -> Option<Concept> {
    let group = group.as_object()?;
    let title = text(group, "display_name").or_else(|| text(group, "title")).or_else(|| text(group, "name"))?;
    Some(Concept { code: text(group, "name").unwrap_or_default(), title: same(title), uri: None })
}

fn keywords(of: &Map<String, Value>) -> Vec<Text> {
    let tags = of.get("tags").and_then(Value::as_array).into_iter().flatten().take(LIST_MAX);
    tags.filter_map(|tag| match tag {
        Value::String(tag) => Some(short(tag)),
        tag => tag.as_object().and_then(|tag| text(tag, "display_name").or_else(|| text(tag, "name"))),
    })
    .map(same)
    .collect()
}

fn rights(of: &Map<String, Value>) -> Option<Rights> {
    let (id, title, url) = (text(of, "license_id"), text(of, "license_title"), text(of, "license_url"));
    let bare = |url: &str| url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_ascii_lowercase();
    let known = data::open::LICENCES.iter().find(|known| {
        let by_url = url.as_deref().is_some_and(|url| bare(url).starts_with(&bare(known.url)));
        by_url || id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(known.id))
    });
    let name = known.map(|known| known.id.to_owned()).or_else(|| id.clone()).or_else(|| title.clone())?;
    Some(Rights { id: name, title: same(title.or(id).unwrap_or_default()), url: url.filter(|url| is_web(url)), ..Rights::default() })
}

fn languages(of: &Map<String, Value>, extras: &std::collections::BTreeMap<String, String>, language: &str) -> Vec<String> {
    let told = of.get("language").or_else(|| of.get("languages"));
    let mut all: Vec<String> = match told {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(short).collect(),
        Some(Value::String(one)) => vec![short(one)],
        _ => extras.get("language").cloned().into_iter().collect(),
    };
    all.retain(|one| !one.is_empty());
    all.truncate(LIST_MAX);
    if all.is_empty() && !language.is_empty() {
        all.push(language.to_owned());
    }
    all
}

fn period(extra: &dyn Fn(&[&str]) -> Option<String>) -> Option<Period> {
    let side = |names: &[&str]| -> Option<Moment> { moment(&extra(names)?) };
    let period = Period { start: side(&["temporal_start", "temporal_coverage_from"]), end: side(&["temporal_end", "temporal_coverage_to"]) };
    (period != Period::default()).then_some(period)
}

fn resources(of: &Map<String, Value>, id: &str, language: &str) -> Vec<Distribution> {
    let all = of.get("resources").and_then(Value::as_array).into_iter().flatten().take(LIST_MAX).enumerate();
    all.filter_map(|(n, resource)| {
        let resource = resource.as_object()?;
        let url = text(resource, "url").or_else(|| text(resource, "access_url")).filter(|url| is_web(url))?;
        let hash = text(resource, "hash").map(|hash| hash.to_ascii_lowercase()).unwrap_or_default();
        let sha256 = hash.rsplit(':').next().filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).map(str::to_owned);
        let bytes = resource.get("size").and_then(|size| size.as_u64().or_else(|| size.as_str()?.trim().parse().ok()));
        Some(Distribution {
            id: format!("{id}.{}", n + 1),
            title: both(resource, "name", language),
            summary: both(resource, "description", language),
            format: text(resource, "format").unwrap_or_default(),
            media_type: text(resource, "mimetype"),
            access_url: text(resource, "access_url").filter(|url| is_web(url)).unwrap_or_else(|| url.clone()),
            download_url: text(resource, "download_url").filter(|url| is_web(url)).or(Some(url)),
            bytes,
            sha256,
            description_url: None,
            issued: text(resource, "issued").or_else(|| text(resource, "created")).and_then(|text| moment(&text)),
            modified: text(resource, "last_modified").or_else(|| text(resource, "metadata_modified")).and_then(|text| moment(&text)),
        })
    })
    .collect()
}

fn same(text: String) -> Text {
    Text { en: text.clone(), zh: text }
}

fn short(text: &str) -> String {
    text.trim().chars().take(TEXT_MAX).collect()
}

fn is_web(url: &str) -> bool {
    (url.starts_with("http://") || url.starts_with("https://") || url.starts_with("ftp://")) && url.len() <= 4_000 && !url.contains(char::is_whitespace)
}
