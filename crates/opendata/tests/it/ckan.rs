//! CKAN's search language: what fits what, and that nothing that anybody types breaks it.

use opendata::ckan::{Asked, Query, checked_package, package, search, select};
use opendata::{Concept, Publisher, Record};
use proptest::prelude::*;
use serde_json::{Value, json};

fn packages() -> Vec<Value> {
    let of = |name: &str, title: &str, organization: &str, tags: &[&str], format: &str, modified: &str| {
        let tags: Vec<Value> = tags.iter().map(|tag| json!({ "name": tag })).collect();
        json!({ "id": name, "name": name, "title": title, "notes": "", "type": "dataset", "organization": { "id": organization, "name": organization, "title": organization },
            "owner_org": organization, "tags": tags, "groups": [{ "name": "transport" }], "resources": [{ "format": format }], "metadata_modified": modified,
            "extras": [{ "key": "harvest", "value": "yes" }] })
    };
    vec![
        of("car_parks", "公共停车场 Car parks", "transport", &["停车", "parking"], "CSV", "2026-01-05T10:00:00.000000"),
        of("bus-stops", "公交站点 Bus stops", "transport", &["公交"], "JSON", "2026-03-01T00:00:00.000000"),
        of("air", "空气质量 Air quality", "environment", &["空气"], "CSV", "2025-12-31T23:59:59.000000"),
    ]
}

fn names(query: &str) -> Vec<String> {
    let query = Query::read(query).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let now = |_: &str| Some("2026-03-02T00:00:00".to_owned());
    packages().iter().filter(|one| query.fits(one, &now)).map(|one| one["name"].as_str().expect("name").to_owned()).collect()
}

#[test]
fn queries_mean_what_they_mean_to_ckan() {
    for (query, expected) in [
        ("*:*", &["car_parks", "bus-stops", "air"][..]),
        ("", &["car_parks", "bus-stops", "air"]),
        ("organization:transport", &["car_parks", "bus-stops"]),
        ("+organization:transport -name:car_parks", &["bus-stops"]),
        ("organization:transport AND NOT name:car_parks", &["bus-stops"]),
        ("organization:transport OR organization:environment", &["car_parks", "bus-stops", "air"]),
        ("organization:(transport OR environment) res_format:CSV", &["car_parks", "air"]),
        ("(groups:transport OR groups:none)", &["car_parks", "bus-stops", "air"]),
        ("tags:\"停车\"", &["car_parks"]),
        ("停车", &["car_parks"]),
        ("title:停车 OR title:空气", &["car_parks", "air"]),
        ("name:bus*", &["bus-stops"]),
        ("name:b?s-stops", &["bus-stops"]),
        ("metadata_modified:[2026-01-01T00:00:00Z TO *]", &["car_parks", "bus-stops"]),
        ("metadata_modified:[* TO 2026-01-05T10:00:00Z]", &["car_parks", "air"]),
        ("metadata_modified:{2026-01-05T10:00:00Z TO NOW]", &["bus-stops"]),
        ("-organization:transport", &["air"]),
        ("extras_harvest:yes dataset_type:dataset", &["car_parks", "bus-stops", "air"]),
        ("nothing:here", &[]),
        ("name:car_parks^4 title:停车~2", &["car_parks"]),
        ("name:car\\_parks", &["car_parks"]),
        ("organization:(name:air OR transport)", &["car_parks", "bus-stops", "air"]),
    ] {
        assert_eq!(names(query), expected, "{query}");
    }
    for wrong in ["(a", "a)", "name:", "[a TO b", "[a b]", "\"open", "AND a", "a AND", "{!lucene}a", ":a", "a:b:c", &"a:".repeat(4_000), &"(".repeat(1000), &"a ".repeat(9_000)] {
        assert!(Query::read(wrong).is_err(), "{wrong}");
        Query::lenient(wrong);
    }
}

#[test]
fn pages_facets_and_order() {
    let packages = packages();
    let asked = Asked {
        q: Query::all(),
        fq: Vec::new(),
        sort: vec![("metadata_modified".to_owned(), true)],
        rows: 2,
        start: 1,
        facets: vec!["organization".to_owned(), "tags".to_owned()],
        facet_limit: Some(2),
        facet_mincount: 1,
    };
    let found = search(&packages, &asked, &|_| None);
    assert_eq!((found.count, found.page), (3, vec![0, 2]));
    assert_eq!(found.facets["organization"], json!({ "transport": 2, "environment": 1 }));
    assert_eq!(found.facets["tags"].as_object().expect("tags").len(), 2);
    assert_eq!(found.search_facets["organization"]["items"][0], json!({ "name": "transport", "display_name": "transport", "count": 2 }));
}

#[test]
fn a_record_has_all_that_clients_of_ckan_look_for() {
    let record = Record {
        id: "car_parks".to_owned(),
        title: kernel::Text::new("停车场", "Car parks"),
        publisher: Publisher { id: "transport".to_owned(), name: kernel::Text::new("交通局", "Transport"), homepage: None },
        themes: vec![Concept { code: "transport".to_owned(), ..Concept::default() }],
        issued: Some(kernel::Moment(1_700_000_000_000_000)),
        ..Record::default()
    };
    let made = package(&record, "https://data.example.cn", kernel::Lang::Zh);
    assert_eq!((&made["title"], &made["organization"]["name"], &made["metadata_created"]), (&json!("停车场"), &json!("transport"), &json!("2023-11-14T22:13:20.000000")));
    assert!(made["extras"].as_array().expect("extras").contains(&json!({ "key": "title_en", "value": "Car parks" })));
}

#[test]
fn packages_are_checked_and_completed() {
    let body = json!({ "name": "tokyo-parks", "resources": [{ "url": "https://x/y.csv" }], "tags": [{ "name": "公園" }], "owner_org": "x" });
    let mut made = 0;
    let mut fresh = || {
        made += 1;
        format!("r{made}")
    };
    let whole = checked_package(body.as_object().expect("object"), "p1", "2026-01-01T00:00:00.000000", &mut fresh).expect("a package");
    assert_eq!((&whole["title"], &whole["num_tags"], &whole["resources"][0]["id"], &whole["resources"][0]["package_id"]), (&json!("tokyo-parks"), &json!(1), &json!("r1"), &json!("p1")));
    // What is whole stays as it is.
    assert_eq!(checked_package(&whole, "p1", "2027-01-01T00:00:00.000000", &mut || String::new()).expect("a package"), whole);
    for (wrong, field) in [(json!({}), "name"), (json!({ "name": "Ä" }), "name"), (json!({ "name": "ok", "resources": 1 }), "resources"), (json!({ "name": "ok", "extras": [{}] }), "extras")] {
        assert!(checked_package(wrong.as_object().expect("object"), "p", "", &mut || String::new()).expect_err("wrong").contains_key(field), "{wrong}");
    }
}

#[test]
fn a_select_is_taken_apart_and_nothing_else_is() {
    let told = select(r#"SELECT "district", count(*) AS n FROM "car_parks.csv" WHERE spaces >= 10 AND lot_name LIKE 'O''Neil%' GROUP BY district ORDER BY n DESC LIMIT 5;"#).expect("a select");
    assert_eq!(told.resource, "car_parks.csv");
    assert_eq!(told.clauses[1], ("$where", "spaces>= 10 AND lot_name LIKE 'O''Neil%'".to_owned()));
    assert_eq!(told.clauses[0], ("$select", "`district`, count(*) AS n".to_owned()));
    for wrong in [
        "", "DELETE FROM x", "SELECT 1", "SELECT * FROM a, b", "SELECT * FROM a JOIN b", "SELECT * FROM a; DROP TABLE b", "SELECT * FROM (SELECT 1)",
        "SELECT * FROM a WHERE x IN (SELECT 1 FROM b)", "SELECT * FROM a -- b", "SELECT * FROM a WHERE 'x", "WITH x AS (SELECT 1) SELECT * FROM x", "SELECT * FROM a UNION SELECT * FROM b",
        "EXPLAIN SELECT * FROM a", "SELECT * FROM a GROUP x",
    ] {
        assert!(select(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn nothing_breaks_a_select(text in r#"(SELECT|FROM|WHERE|GROUP BY|[a-c"'`;(),*= ]|--|停){0,30}"#) {
        let _ = select(&text);
    }

    /// Whatever is typed is a query or an error, and asks no more than its length allows.
    #[test]
    fn nothing_breaks_it(text in r#"[a-c:()\[\]{}"*?+\-!&| \\^~ ANDORT0-9停车]{0,60}"#) {
        let packages = packages();
        let now = |_: &str| None;
        for query in [Query::read(&text).ok(), Some(Query::lenient(&text))].into_iter().flatten() {
            for one in &packages {
                query.fits(one, &now);
            }
        }
    }
}
