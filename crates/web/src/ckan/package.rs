//! Packages and their resources, as they are read.

use std::sync::Arc;

use opendata::ckan::{Asked as Search, Query};
use serde_json::{Value, json};

use super::Call;
use super::told::{Refused, Told};

/// Packages of one answer.
const ROWS_MAX: u64 = 1_000;
const OFFSET_MAX: u64 = 10_000_000;
const FACETS_MAX: usize = 50;

pub(super) async fn packages(call: &Call<'_>) -> Result<Arc<Vec<Value>>, Refused> {
    Ok(call.visit.app.desk.ckan_packages(&call.visit.origin(), call.visit.lang, call.visit.now).await?)
}

/// A package by its id or its name.
pub(super) fn find<'p>(packages: &'p [Value], id: &str) -> Result<&'p Value, Refused> {
    let by = |field: &str| packages.iter().find(|one| one[field].as_str() == Some(id));
    by("id").or_else(|| by("name")).ok_or_else(|| Refused::NotFound("Not found".to_owned()))
}

/// A resource with the package that it is of.
pub(super) fn find_resource<'p>(packages: &'p [Value], id: &str) -> Result<(&'p Value, &'p Value), Refused> {
    let own = |package: &'p Value| package["resources"].as_array().into_iter().flatten().find(|one| one["id"].as_str() == Some(id)).map(|one| (package, one));
    packages.iter().find_map(own).ok_or_else(|| Refused::NotFound("Not found: Resource was not found.".to_owned()))
}

pub(super) async fn list(call: &Call<'_>) -> Told {
    let packages = packages(call).await?;
    let (limit, offset) = (call.asked.number("limit", u64::MAX, u64::MAX)?, call.asked.number("offset", 0, OFFSET_MAX)?);
    let names = packages.iter().map(|one| &one["name"]);
    Ok(names.skip(offset as usize).take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
}

pub(super) async fn current(call: &Call<'_>) -> Told {
    let packages = packages(call).await?;
    let (limit, offset) = (call.asked.number("limit", 100, ROWS_MAX)?, call.asked.number("offset", 0, OFFSET_MAX)?);
    let mut all: Vec<&Value> = packages.iter().collect();
    all.sort_by(|left, right| right["metadata_modified"].as_str().cmp(&left["metadata_modified"].as_str()));
    Ok(all.into_iter().skip(offset as usize).take(limit as usize).cloned().collect())
}

pub(super) async fn show(call: &Call<'_>) -> Told {
    let id = call.asked.id()?;
    Ok(find(&packages(call).await?, id)?.clone())
}

pub(super) async fn resource(call: &Call<'_>) -> Told {
    let id = call.asked.id()?;
    Ok(find_resource(&packages(call).await?, id)?.1.clone())
}

pub(super) async fn autocomplete(call: &Call<'_>) -> Told {
    let (words, limit) = (call.asked.text("q").unwrap_or_default().to_lowercase(), call.asked.number("limit", 10, 100)?);
    let has = |one: &&Value| ["name", "title"].iter().any(|field| one[*field].as_str().is_some_and(|text| text.to_lowercase().contains(&words)));
    let told = |one: &Value| json!({ "name": one["name"], "title": one["title"], "match_field": "title", "match_displayed": one["title"] });
    Ok(packages(call).await?.iter().filter(has).take(limit as usize).map(told).collect())
}

pub(super) async fn search(call: &Call<'_>) -> Told {
    let packages = packages(call).await?;
    let asked = &call.asked;
    let syntax = |error: opendata::ckan::Syntax| Refused::Search(format!("Search Query is invalid: {}", error.0));
    let q = match asked.text("q").map(str::trim) {
        None | Some("" | "*:*" | "*") => Query::all(),
        Some(text) if text.starts_with("{!") => return Err(Refused::Search("Local parameters are not supported.".to_owned())),
        Some(text) => Query::lenient(text),
    };
    let mut filters = asked.list("fq_list");
    match asked.get("fq") {
        Some(Value::Array(all)) => filters.extend(all.iter().filter_map(|one| one.as_str().map(str::to_owned))),
        Some(Value::String(text)) => filters.push(text.clone()),
        Some(_) => return Err(Refused::SearchQuery("Bad fq parameter".to_owned())),
        None => {}
    }
    let fq = filters.iter().filter(|text| !text.trim().is_empty()).map(|text| Query::read(text)).collect::<Result<Vec<_>, _>>().map_err(syntax)?;
    let with_facets = asked.yes("facet", true);
    let limit = match asked.get("facet.limit").map(|_| asked.text("facet.limit").and_then(|text| text.parse::<i64>().ok()).or(asked.get("facet.limit").and_then(Value::as_i64))) {
        Some(Some(number)) if number >= 0 => Some(number as usize),
        Some(Some(_)) => None,
        _ => Some(50),
    };
    let wanted = Search {
        q,
        fq,
        sort: sorted(asked.text("sort").unwrap_or_default())?,
        rows: asked.number("rows", 10, ROWS_MAX)? as usize,
        start: asked.number("start", 0, OFFSET_MAX)? as usize,
        facets: if with_facets { asked.list("facet.field").into_iter().take(FACETS_MAX).collect() } else { Vec::new() },
        facet_limit: limit,
        facet_mincount: asked.number("facet.mincount", 1, OFFSET_MAX)? as usize,
    };
    let now = call.visit.now;
    let found = opendata::ckan::search(&packages, &wanted, &|text| reckoned(text, now));
    let results: Vec<&Value> = found.page.iter().filter_map(|at| packages.get(*at)).collect();
    Ok(json!({ "count": found.count, "sort": asked.text("sort").unwrap_or("score desc, metadata_modified desc"), "results": results,
        "facets": found.facets, "search_facets": found.search_facets }))
}

/// `metadata_modified desc, name asc`.
fn sorted(text: &str) -> Result<Vec<(String, bool)>, Refused> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let one = |part: &str| {
        let mut words = part.split_whitespace();
        let (field, way, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or("asc"), words.next());
        let named = field.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.'));
        match way.to_ascii_lowercase().as_str() {
            "asc" if rest.is_none() && named => Ok((field.to_owned(), false)),
            "desc" if rest.is_none() && named => Ok((field.to_owned(), true)),
            _ => Err(Refused::SearchQuery("Invalid \"sort\" parameter".to_owned())),
        }
    };
    let mut sort = parts.take(20).map(one).collect::<Result<Vec<_>, _>>()?;
    if sort.is_empty() {
        sort.push(("score".to_owned(), true));
    }
    Ok(sort)
}

/// Solr's reckoning with time: `NOW`, `NOW-7DAYS`, `NOW/DAY`.
fn reckoned(text: &str, now: kernel::Moment) -> Option<String> {
    let mut micros = now.0;
    let mut rest = text.strip_prefix("NOW")?.trim_end_matches('Z');
    while !rest.is_empty() {
        let sign = rest.chars().next()?;
        let body = rest.get(1..)?;
        let digits = body.bytes().take_while(u8::is_ascii_digit).count().min(6);
        let unit: String = body.get(digits..)?.chars().take_while(char::is_ascii_alphabetic).collect();
        let length: i64 = match unit.trim_end_matches('S') {
            "SECOND" => 1,
            "MINUTE" => 60,
            "HOUR" => 3_600,
            "DAY" | "DATE" => 86_400,
            "MONTH" => 30 * 86_400,
            "YEAR" => 365 * 86_400,
            _ => return None,
        } * 1_000_000;
        let count: i64 = if digits == 0 { 1 } else { body.get(..digits)?.parse().ok()? };
        micros = match sign {
            '-' => micros.saturating_sub(count.saturating_mul(length)),
            '+' => micros.saturating_add(count.saturating_mul(length)),
            '/' => micros - micros.rem_euclid(length),
            _ => return None,
        };
        rest = body.get(digits + unit.len()..)?;
    }
    Some(opendata::ckan::stamp(kernel::Moment(micros)))
}

/// `resource_search`: `query=name:value`, repeated where all must hold.
pub(super) async fn resources(call: &Call<'_>) -> Told {
    let packages = packages(call).await?;
    let terms = match call.asked.get("query") {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(_)) => call.asked.list("query"),
        _ => return Err(Refused::Validation([("query".to_owned(), vec!["Missing value".to_owned()])].into())),
    };
    let pairs = terms.iter().map(|term| term.split_once(':').ok_or_else(|| Refused::Validation([("query".to_owned(), vec!["Must be <field>:<value> pair(s)".to_owned()])].into())));
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    let fits = |one: &&Value| pairs.iter().all(|(field, value)| one[*field].as_str().is_some_and(|text| text.to_lowercase().contains(&value.to_lowercase())));
    let found: Vec<&Value> = packages.iter().flat_map(|one| one["resources"].as_array().into_iter().flatten()).filter(fits).collect();
    let (limit, offset) = (call.asked.number("limit", ROWS_MAX, ROWS_MAX)?, call.asked.number("offset", 0, OFFSET_MAX)?);
    Ok(json!({ "count": found.len(), "results": found.into_iter().skip(offset as usize).take(limit as usize).collect::<Vec<_>>() }))
}

/// `tag_list`, `tag_search`, `tag_autocomplete`, `tag_show`.
pub(super) async fn tags(name: &str, call: &Call<'_>) -> Told {
    let packages = packages(call).await?;
    let of = |package: &Value| package["tags"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<Value> = packages.iter().flat_map(of).collect();
    all.sort_by(|left, right| left["name"].as_str().cmp(&right["name"].as_str()));
    all.dedup_by(|left, right| left["name"] == right["name"]);
    if name == "tag_show" {
        let id = call.asked.id()?;
        let found = all.into_iter().find(|tag| tag["name"].as_str() == Some(id) || tag["id"].as_str() == Some(id));
        return found.ok_or_else(|| Refused::NotFound("Tag not found".to_owned()));
    }
    let words = ["query", "q"].into_iter().find_map(|name| call.asked.text(name)).unwrap_or_default().to_lowercase();
    all.retain(|tag| tag["name"].as_str().is_some_and(|text| text.to_lowercase().contains(&words)));
    let count = all.len();
    let (limit, offset) = (call.asked.number("limit", 10_000, 10_000)?, call.asked.number("offset", 0, OFFSET_MAX)?);
    let page = all.into_iter().skip(offset as usize).take(limit as usize);
    Ok(match name {
        "tag_search" => json!({ "count": count, "results": page.collect::<Vec<_>>() }),
        "tag_list" if call.asked.yes("all_fields", false) => page.collect(),
        _ => page.map(|tag| tag["name"].clone()).collect(),
    })
}
