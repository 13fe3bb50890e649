//! Open data for the world's clients: features of OGC API, questions in SoQL, charts and a map on the page, and a feed that leads from
//! nothing to the newest rows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::open::{City, json_of, send, until};
use crate::sight::{add_account, log_in};
use crate::support::{Server, exchange, path};

const SQL: &str = "SELECT id, name, CASE WHEN id % 3 = 0 THEN 'A' ELSE 'B' END AS kind, id * 10 AS spaces, \
                   121.5 + CAST(id AS DOUBLE) / 1000 AS longitude, 29.8 + CAST(id % 10 AS DOUBLE) / 1000 AS latitude FROM stops\n";

/// A city whose dataset with places is open.
fn opened(city: &City) -> Server {
    city.dataset("stops", "position = [\"longitude\", \"latitude\"]\n", SQL);
    deliver(city, 1..=60, "站");
    for name in ["one", "other"] {
        add_account(&city.city(), &city.data(), name, &["--role", "steward"]);
    }
    let server = Server::start(&["serve", "--city", path(&city.city()), "--data", path(&city.data()), "--no-collect"]);
    let (one, other) = (log_in(&server, "one"), log_in(&server, "other"));
    assert_eq!(send(&server, &one, "/openings/stops", "propose", &[("words", "public")]), 303);
    until("the gate has measured", || exchange(&server.address, "GET", "/openings/stops", &[("Cookie", &other)], "").expect("page").2.contains("同意开放</button>"));
    assert_eq!(send(&server, &other, "/openings/stops", "decide", &[("act", "approve")]), 303);
    until("version 1", || json_of(&server, "/api/v1/open/datasets/stops").0 == 200);
    server
}

fn deliver(city: &City, ids: impl IntoIterator<Item = u32>, word: &str) {
    let rows: Vec<(u32, String)> = ids.into_iter().map(|id| (id, format!("{word}{id}"))).collect();
    city.deliver(&rows.iter().map(|(id, name)| (*id, name.as_str())).collect::<Vec<_>>());
}

/// The path of a link that an answer has.
fn link(answer: &Value, rel: &str) -> Option<String> {
    let found = answer["links"].as_array()?.iter().find(|link| link["rel"] == rel)?["href"].as_str()?;
    Some(found.split_once("://")?.1.split_once('/').map(|(_, path)| format!("/{path}"))?)
}

#[test]
fn the_worlds_clients_read_what_is_open() {
    let city = City::new();
    let server = opened(&city);
    features(&server);
    questions(&server);
    page(&server);
    deliver(&city, (1..=60).filter(|id| id % 4 != 0).chain(100..=110), "站");
    until("version 2", || json_of(&server, "/api/v1/open/datasets/stops").1["dataset"]["version"] == 2);
    deliver(&city, (1..=60).filter(|id| id % 5 != 0), "新站");
    until("version 3", || json_of(&server, "/api/v1/open/datasets/stops").1["dataset"]["version"] == 3);
    feed(&server);
    until("the newest version is drawn", || server.get("/open/datasets/stops").1.contains("根据第 3 版的全部"));
}

fn features(server: &Server) {
    let (code, landing) = json_of(server, "/ogc");
    assert_eq!(code, 200, "{landing}");
    let conformance = json_of(server, &link(&landing, "conformance").expect("a link")).1;
    assert!(conformance["conformsTo"].to_string().contains("features-1/1.0/conf/core"), "{conformance}");
    let api = json_of(server, &link(&landing, "service-desc").expect("a link")).1;
    assert!(api["openapi"] == "3.0.3" && !api["paths"]["/collections/stops/items"].is_null(), "{api}");
    let collections = json_of(server, "/ogc/collections").1;
    let one = &collections["collections"][0];
    assert_eq!((&one["id"], &one["itemType"]), (&json!("stops"), &json!("feature")));
    until("the extent is known", || json_of(server, "/ogc/collections/stops").1["extent"]["spatial"]["bbox"][0] == json!([121.501, 29.8, 121.56, 29.809]));

    // Page by page all come, each once.
    let (mut next, mut ids) = (Some("/ogc/collections/stops/items?limit=7".to_owned()), Vec::new());
    while let Some(address) = next {
        let page = json_of(server, &address).1;
        assert_eq!(page["numberMatched"], 60, "{page}");
        ids.extend(page["features"].as_array().expect("features").iter().map(|one| one["id"].as_u64().expect("id")));
        next = link(&page, "next");
    }
    assert_eq!(ids.len(), 60);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60);

    let found = |query: &str| json_of(server, &format!("/ogc/collections/stops/items?{query}")).1;
    let inside = found("bbox=121.5005,29.8,121.5105,29.9&limit=100");
    assert_eq!((&inside["numberMatched"], inside["features"].as_array().map(Vec::len)), (&json!(10), Some(10)));
    assert_eq!(found("bbox=29.8,121.5005,29.9,121.5105&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326")["numberMatched"], 10);
    assert_eq!(found("name=%E7%AB%997&kind=B")["numberMatched"], 1);
    assert_eq!(found("bbox=0,0,1,1")["numberMatched"], 0);
    let far = found("crs=http://www.opengis.net/def/crs/EPSG/0/3857&limit=1")["features"][0]["geometry"]["coordinates"].clone();
    assert!(far[0].as_f64().is_some_and(|x| (13_525_000.0..13_533_000.0).contains(&x)), "{far}");
    let one = json_of(server, &format!("/ogc/collections/stops/items/{}", ids[0])).1;
    assert_eq!((&one["type"], &one["id"]), (&json!("Feature"), &json!(ids[0])), "{one}");
    for wrong in ["bbox=1,2,3", "limit=0", "limit=x", "datetime=now", "crs=x", "nmae=1", "f=xml", "limit=1&limit=2", "spaces=many"] {
        let (code, problem) = json_of(server, &format!("/ogc/collections/stops/items?{wrong}"));
        assert_eq!(code, 400, "{wrong}: {problem}");
    }
    for gone in ["/ogc/collections/none", "/ogc/collections/none/items", "/ogc/collections/stops/items/999999", "/ogc/none"] {
        assert_eq!(json_of(server, gone).0, 404, "{gone}");
    }
    for html in ["/ogc?f=html", "/ogc/conformance?f=html", "/ogc/api?f=html", "/ogc/collections?f=html", "/ogc/collections/stops?f=html", "/ogc/collections/stops/items?f=html"] {
        let (code, page) = server.get(html);
        assert!(code == 200 && page.contains("<main"), "{html}: {page}");
    }
}

fn soda(server: &Server, query: &str) -> Value {
    let (code, answer) = json_of(server, &format!("/resource/stops.json?{query}"));
    assert_eq!(code, 200, "{query}: {answer}");
    answer
}

fn questions(server: &Server) {
    let grouped = soda(server, "$select=kind,count(*)%20as%20n,sum(spaces)&$group=kind&$order=n%20desc");
    assert_eq!(grouped, json!([{ "kind": "B", "n": "40", "sum_spaces": "12000" }, { "kind": "A", "n": "20", "sum_spaces": "6300" }]));
    assert_eq!(soda(server, "$select=count(*)&$where=spaces%20between%20100%20and%20200%20and%20not%20kind%20=%20'A'"), json!([{ "count": "8" }]));
    assert_eq!(soda(server, "$select=id&$where=name%20like%20'%25站_'%20and%20id%20in%20(3,%207,%2070)&$order=id"), json!([{ "id": "3" }, { "id": "7" }]));
    assert_eq!(soda(server, "$where=within_box(location,%2029.9,%20121.5005,%2029.8,%20121.5105)").as_array().map(Vec::len), Some(10));
    assert_eq!(soda(server, "$where=within_circle(location,%2029.805,%20121.505,%205)&$select=id"), json!([{ "id": "5" }]));
    assert_eq!(soda(server, "$q=%E7%AB%9942&$select=id"), json!([{ "id": "42" }]));
    assert_eq!(soda(server, "kind=A&$limit=3&$offset=19&$order=id&$select=id"), json!([{ "id": "60" }]));
    assert_eq!(soda(server, "$query=select%20max(id)%20where%20kind%20=%20'B'"), json!([{ "max_id": "59" }]));
    let (code, csv) = server.get("/resource/stops.csv?$select=id,name&$order=id&$limit=1");
    assert_eq!((code, csv.as_str()), (200, "id,name\r\n1,站1\r\n"));
    let geo = json_of(server, "/resource/stops.geojson?$limit=2").1;
    assert_eq!((&geo["type"], geo["features"][0]["geometry"]["coordinates"].as_array().map(Vec::len)), (&json!("FeatureCollection"), Some(2)));
    for (wrong, code) in [
        ("$select=nmae", "query.soql.no-such-column"),
        ("$select=name,count(*)", "query.soql.column-not-in-group-bys"),
        ("$where=name%20=", "query.compiler.malformed"),
        ("$where=spaces%20=%20'many'", "query.soql.type-mismatch"),
        ("$where=sleep(10)", "query.soql.no-such-function"),
        ("$where=1;drop%20table%20held", "query.compiler.malformed"),
        ("$limit=60000", "query.compiler.malformed"),
        ("nmae=1", "query.soql.no-such-column"),
    ] {
        let (status, error) = json_of(server, &format!("/resource/stops.json?{wrong}"));
        assert_eq!((status, &error["code"], &error["error"]), (400, &json!(code), &json!(true)), "{wrong}: {error}");
    }
    assert_eq!(json_of(server, "/resource/none.json").0, 404);
}

fn page(server: &Server) {
    until("it is drawn", || server.get("/open/datasets/stops").1.contains("data-map"));
    let (_, html) = server.get("/open/datasets/stops");
    for part in ["class=\"map places\"", "class=\"spot\"", "<table class=\"bars\">", "class=\"histogram\"", "data-way=\"nearer\""] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(html.contains("图中有 60 行，共 60 行有坐标"), "{html}");
    let near = server.get("/open/datasets/stops?bbox=121.5005,29.799,121.5105,29.81").1;
    // A view has the shape of a drawing: a box that is higher than that is seen with what lies beside it.
    assert!(near.contains("图中有 12 行"), "{near}");
    assert_eq!(server.get("/open/datasets/stops?bbox=1,2").0, 400);
}

/// From nothing, page by page, to the rows of the newest version.
fn feed(server: &Server) {
    let (mut rows, mut address, mut kinds): (BTreeMap<u64, Value>, String, BTreeMap<String, usize>) = Default::default();
    address.push_str("/api/v1/open/datasets/stops/changes?since=0&limit=7");
    loop {
        let (code, head, body) = exchange(&server.address, "GET", &address, &[], "").expect("answer");
        assert_eq!(code, 200, "{body}");
        let head = head.to_lowercase();
        for name in ["content-digest: sha-256=:", "signature-input: sanjiang=", "signature: sanjiang=:"] {
            assert!(head.contains(name), "{name}: {head}");
        }
        let page: Value = serde_json::from_str(&body).expect("JSON");
        for change in page["changes"].as_array().expect("changes") {
            let (row, kind) = (change["row"].as_u64().expect("row"), change["change"].as_str().expect("change"));
            *kinds.entry(kind.to_owned()).or_default() += 1;
            match kind {
                "removed" => assert!(rows.remove(&row).is_some()),
                _ => drop(rows.insert(row, change["values"].clone())),
            }
        }
        address = page["next"].as_str().expect("next").to_owned();
        if page["more"] == false {
            break;
        }
    }
    assert!(kinds["added"] > 60 && kinds["removed"] > 15 && kinds["changed"] > 20, "{kinds:?}");
    let newest = json_of(server, "/api/v1/open/datasets/stops/rows?limit=1000").1;
    let by_id = |rows: Vec<Value>| rows.into_iter().map(|row| (row["id"].to_string(), row)).collect::<BTreeMap<String, Value>>();
    assert_eq!(by_id(rows.into_values().collect()), by_id(newest["rows"].as_array().expect("rows").clone()));
    // At the end the same address waits for what comes.
    let end = json_of(server, &address).1;
    assert_eq!((&end["changes"], &end["more"], &end["from"]), (&json!([]), &json!(false), &json!(3)));
    let lines = server.get("/api/v1/open/datasets/stops/changes?since=2&format=ndjson&limit=5").1;
    assert_eq!(lines.lines().count(), 6, "a head and five changes: {lines}");
    for wrong in ["since=9", "since=x", "since=1.up.2", "limit=0", "format=xml"] {
        assert_eq!(json_of(server, &format!("/api/v1/open/datasets/stops/changes?{wrong}")).0, 400, "{wrong}");
    }
}
