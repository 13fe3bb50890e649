//! `package_search`: packages that fit, sorted, counted by their fields.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::matching::text;
use super::query::Query;

/// Values of a field that are counted, where all are wanted.
const FACET_MAX: usize = 1_000;

/// What is asked, read already.
pub struct Asked {
    pub q: Query,
    pub fq: Vec<Query>,
    /// Fields, and whether downwards.
    pub sort: Vec<(String, bool)>,
    pub rows: usize,
    pub start: usize,
    pub facets: Vec<String>,
    /// Values of each at most; `None` is all.
    pub facet_limit: Option<usize>,
    pub facet_mincount: usize,
}

/// What was found, as CKAN answers it, but for the packages themselves.
pub struct Found {
    /// Places among the packages that were given, of this page.
    pub page: Vec<usize>,
    pub count: usize,
    pub facets: Value,
    pub search_facets: Value,
}

/// Searches packages; `now` reckons `NOW` and what follows it.
pub fn search(packages: &[Value], asked: &Asked, now: &dyn Fn(&str) -> Option<String>) -> Found {
    let mut fitting: Vec<usize> = (0..packages.len())
        .filter(|at| packages.get(*at).is_some_and(|one| asked.q.fits(one, now) && asked.fq.iter().all(|query| query.fits(one, now))))
        .collect();
    fitting.sort_by(|left, right| match (packages.get(*left), packages.get(*right)) {
        (Some(left), Some(right)) => order(left, right, &asked.sort),
        _ => Ordering::Equal,
    });
    let (mut facets, mut search_facets) = (Map::new(), Map::new());
    for name in &asked.facets {
        let counted = counted(packages, &fitting, name, asked);
        facets.insert(name.clone(), counted.iter().map(|(value, (_, count))| (value.clone(), json!(count))).collect::<Map<_, _>>().into());
        let items: Vec<Value> = counted.iter().map(|(value, (title, count))| json!({ "name": value, "display_name": title, "count": count })).collect();
        search_facets.insert(name.clone(), json!({ "title": name, "items": items }));
    }
    Found {
        count: fitting.len(),
        page: fitting.into_iter().skip(asked.start).take(asked.rows).collect(),
        facets: facets.into(),
        search_facets: search_facets.into(),
    }
}

fn order(left: &Value, right: &Value, sort: &[(String, bool)]) -> Ordering {
    let compare = |(field, down): &(String, bool)| {
        // What fits better: everything that fits, fits alike; the newest is of most interest.
        let (field, down) = if field == "score" { ("metadata_modified", true) } else { (field.as_str(), *down) };
        let of = |package: &Value| match field {
            "title_string" | "title" => text(package.get("title")).unwrap_or_default().to_lowercase(),
            "organization" => text(package.get("organization").and_then(|one| one.get("name"))).unwrap_or_default(),
            field => text(package.get(field)).unwrap_or_default(),
        };
        let order = of(left).cmp(&of(right));
        if down { order.reverse() } else { order }
    };
    let name = |package: &Value| text(package.get("name"));
    sort.iter().map(compare).find(|order| order.is_ne()).unwrap_or_else(|| name(left).cmp(&name(right)))
}

/// Values of a field with their titles and how many packages have them, the most frequent first.
fn counted(packages: &[Value], fitting: &[usize], field: &str, asked: &Asked) -> Vec<(String, (String, usize))> {
    let mut counts: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for package in fitting.iter().filter_map(|at| packages.get(*at)) {
        let mut own: Vec<(String, String)> = titled(package, field);
        own.sort();
        own.dedup();
        for (value, title) in own {
            counts.entry(value).or_insert((title, 0)).1 += 1;
        }
    }
    let mut counted: Vec<_> = counts.into_iter().filter(|(_, (_, count))| *count >= asked.facet_mincount.max(1)).collect();
    counted.sort_by(|(a, (_, left)), (b, (_, right))| right.cmp(left).then_with(|| a.cmp(b)));
    counted.truncate(asked.facet_limit.unwrap_or(FACET_MAX).min(FACET_MAX));
    counted
}

fn titled(package: &Value, field: &str) -> Vec<(String, String)> {
    let of = |one: &Value, name: &str, title: &[&str]| {
        let value = text(one.get(name))?;
        Some((value.clone(), title.iter().find_map(|title| text(one.get(*title))).unwrap_or(value)))
    };
    let each = |list: &str, name: &str, title: &[&str]| -> Vec<(String, String)> {
        package.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(|one| of(one, name, title)).collect()
    };
    match field {
        "tags" => each("tags", "name", &["display_name"]),
        "groups" => each("groups", "name", &["display_name", "title"]),
        "res_format" => each("resources", "format", &[]),
        "organization" => package.get("organization").and_then(|one| of(one, "name", &["title"])).into_iter().collect(),
        "license_id" => of(package, "license_id", &["license_title"]).into_iter().collect(),
        "dataset_type" => of(package, "type", &[]).into_iter().collect(),
        field => of(package, field, &[]).into_iter().collect(),
    }
}
