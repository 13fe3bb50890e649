//! From a declared dataset to the public: proposed by one, measured, approved by another, published in versions that stay.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sight::{add_account, log_in};
use crate::support::{Server, exchange, must, path, small_city, small_resource, write};

pub(crate) struct City {
    dir: tempfile::TempDir,
}

impl City {
    pub(crate) fn new() -> City {
        let city = City { dir: tempfile::tempdir().expect("folder") };
        small_city(&city.city());
        small_resource(&city.city(), "stops", 1, "stops.csv");
        let file = city.city().join("resources/files/stops.toml");
        let text = std::fs::read_to_string(&file).expect("file").replace("open = \"none\"", "open = \"unconditional\"").replace("[collect]\n", "[collect]\non_missing = \"remove\"\n");
        write(&file, text + "[contract]\nmax_removed = 0.9\n");
        city
    }

    pub(crate) fn city(&self) -> std::path::PathBuf {
        self.dir.path().join("city")
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn dataset(&self, name: &str, more: &str, sql: &str) {
        let head = format!(
            "/*\ntitle = \"{name}\"\ntitle_en = \"{name}\"\nsummary = \"试验\"\ndepartment = \"office\"\nkey = [\"id\"]\n[open]\nlicence = \"CC-BY-4.0\"\ntheme = \"transport\"\nperiod = \"daily\"\n{more}*/\n"
        );
        write(&self.city().join(format!("models/open/{name}.sql")), head + sql);
    }

    pub(crate) fn deliver(&self, rows: &[(u32, &str)]) {
        let rows: String = rows.iter().map(|(id, name)| format!("{id},{name}\n")).collect();
        write(&self.city().join("sources/files/stops.csv"), format!("id,name\n{rows}"));
        let (city, data) = (self.city(), self.data());
        let place = ["--city", path(&city), "--data", path(&data)];
        must(&[&["collect"][..], &place].concat());
        must(&[&["model", "run"][..], &place].concat());
    }
}

/// Waits for what the server does by itself.
pub(crate) fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what} did not come");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Sends the form of a page, with the token that the page has.
pub(crate) fn send(server: &Server, cookie: &str, page: &str, act: &str, fields: &[(&str, &str)]) -> u16 {
    let (code, _, html) = exchange(&server.address, "GET", page, &[("Cookie", cookie)], "").expect("page");
    assert_eq!(code, 200, "{html}");
    let hidden = |name: &str| {
        let from = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
        from.split('"').next().unwrap_or_default().to_owned()
    };
    let (csrf, proposal) = (hidden("csrf"), hidden("proposal"));
    let mut body = format!("csrf={csrf}&proposal={proposal}");
    for (name, value) in fields {
        body.push_str(&format!("&{name}={value}"));
    }
    let origin = format!("http://{}", server.address);
    let headers = [("Cookie", cookie), ("Origin", origin.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
    exchange(&server.address, "POST", &format!("{page}/{act}"), &headers, &body).expect("answer").0
}

pub(crate) fn json_of(server: &Server, path: &str) -> (u16, Value) {
    let (code, body) = server.get(path);
    (code, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")))
}

fn rows(server: &Server, query: &str) -> Value {
    let (code, answer) = json_of(server, &format!("/api/v1/open/datasets/stops/rows?{query}"));
    assert_eq!(code, 200, "{answer}");
    answer
}

#[test]
fn two_people_open_a_dataset_and_every_version_of_it_stays() {
    let city = City::new();
    city.dataset("stops", "", "SELECT id, name FROM stops\n");
    city.deliver(&[(1, "三江口"), (2, "月湖"), (3, "=1+1")]);
    for name in ["one", "other"] {
        add_account(&city.city(), &city.data(), name, &["--role", "steward"]);
    }
    let server = Server::start(&["serve", "--city", path(&city.city()), "--data", path(&city.data()), "--no-collect"]);
    let (one, other) = (log_in(&server, "one"), log_in(&server, "other"));
    let page = "/openings/stops";
    let of = |cookie: &str| exchange(&server.address, "GET", page, &[("Cookie", cookie)], "").expect("page").2;

    assert_eq!(json_of(&server, "/api/v1/open/datasets/stops").0, 404, "nothing is open before it was approved");
    assert_eq!(send(&server, &one, page, "propose", &[("words", "")]), 422, "a reason is needed");
    assert_eq!(send(&server, &one, page, "propose", &[("words", "public")]), 303);
    until("the gate has measured", || of(&one).contains("扫描 3 行"));
    assert!(!of(&one).contains("同意开放</button>"), "who proposed is not asked");
    assert_eq!(send(&server, &other, page, "decide", &[("act", "approve")]), 303);
    until("version 1", || json_of(&server, "/api/v1/open/datasets/stops").0 == 200);

    let answer = rows(&server, "order=-id&limit=2");
    assert_eq!((&answer["total"], &answer["version"], &answer["next"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!(answer["rows"][0], json!({ "id": 3, "name": "=1+1" }));
    assert_eq!(rows(&server, "name.starts=%E6%9C%88&fields=id")["rows"], json!([{ "id": 2 }]));
    let (code, problem) = json_of(&server, "/api/v1/open/datasets/stops/rows?nmae=1");
    assert!(code == 400 && problem.to_string().contains("name"), "the nearest name is told: {problem}");

    city.deliver(&[(1, "三江口"), (3, "江厦桥"), (4, "灵桥")]);
    until("version 2", || rows(&server, "")["version"] == 2);
    assert_eq!(rows(&server, "version=1")["total"], 3, "earlier versions stay");
    assert_eq!(rows(&server, "version=1&id=2")["rows"][0]["name"], "月湖");
    let (_, delta) = json_of(&server, "/api/v1/open/datasets/stops/delta?from=1&to=2");
    let told: Vec<(String, Value)> =
        delta["changes"].as_array().expect("changes").iter().map(|one| (one["change"].to_string(), one["values"]["id"].clone())).collect();
    assert_eq!(told.len(), 3, "{delta}");
    assert_eq!(told[0], ("\"removed\"".to_owned(), json!(2)), "removals first");

    files(&server);
    // A changed declaration is held back until it is approved anew; its columns begin another file, and earlier versions stay.
    city.dataset("stops", "", "SELECT id, name AS stop FROM stops\n");
    must(&["model", "run", "--city", path(&city.city()), "--data", path(&city.data())]);
    until("the rows are held back", || of(&one).contains("暂缓发布"));
    assert_eq!(rows(&server, "")["version"], 2);
    assert_eq!(send(&server, &one, page, "propose", &[("words", "renamed")]), 303);
    until("the gate has measured again", || of(&other).contains("同意开放</button>"));
    assert_eq!(send(&server, &other, page, "decide", &[("act", "approve")]), 303);
    until("version 3", || rows(&server, "")["version"] == 3);
    assert_eq!(rows(&server, "id=4")["rows"], json!([{ "id": 4, "stop": "灵桥" }]));
    assert_eq!(rows(&server, "version=1")["total"], 3);
    assert_eq!(json_of(&server, "/api/v1/open/datasets/stops/delta?from=2&to=3").0, 400, "other columns, no rows to compare");
    let (_, search) = json_of(&server, "/api/v1/open/datasets?q=stops");
    assert_eq!(search["datasets"]["total"], 1);
    for public in ["/open", "/open/datasets/stops"] {
        let (code, html) = server.get(public);
        assert!(code == 200 && html.contains("stops"), "{public}: {html}");
    }
    assert_eq!(send(&server, &other, page, "withdraw", &[("words", "wrong")]), 303);
    for gone in ["/api/v1/open/datasets/stops", "/api/v1/open/datasets/stops/rows", "/open/datasets/stops/files/stops.csv"] {
        assert_eq!(server.get(gone).0, 404, "{gone}");
    }
    let log = must(&["log", "verify", "--data", path(&city.data())]);
    assert!(!log.is_empty());
}

fn files(server: &Server) {
    let get = |name: &str, more: &[(&str, &str)]| exchange(&server.address, "GET", &format!("/open/datasets/stops/files/{name}"), more, "").expect("file");
    let (code, head, csv) = get("stops.csv", &[]);
    assert_eq!((code, csv.as_str()), (200, "\u{feff}id,name\r\n1,三江口\r\n4,灵桥\r\n3,江厦桥\r\n"), "{head}");
    assert!(head.to_lowercase().contains(&format!("content-length: {}", csv.len())), "{head}");
    let earlier = get("stops.csv?version=1", &[]).2;
    assert!(earlier.contains("3,'=1+1\r\n"), "no spreadsheet runs it: {earlier}");
    let (code, head, part) = get("stops.csv", &[("Range", "bytes=3-9")]);
    assert_eq!((code, part.as_str()), (206, "id,name"), "{head}");
    assert_eq!(get("stops.json", &[]).2.parse::<Value>().expect("JSON").as_array().map(Vec::len), Some(3));
    assert_eq!(get("stops.ndjson", &[]).2.lines().count(), 3);
    assert!(get("stops.xml", &[]).2.contains("<row><id>4</id><name>灵桥</name></row>"));
    for binary in ["stops.xlsx", "stops.parquet", "stops.gb18030.csv"] {
        assert_eq!(server.get(&format!("/open/datasets/stops/files/{binary}")).0, 200, "{binary}");
    }
    assert_eq!(get("stops.geojson", &[]).0, 404, "it has no positions");
    assert_eq!(get("other.csv", &[]).0, 404);
}

#[test]
fn what_the_gate_stops_cannot_be_approved() {
    let city = City::new();
    city.dataset("stops", "", "SELECT id, name FROM stops\n");
    // Telephones under a harmless name and grade: only the values tell.
    let phones: Vec<(u32, String)> = (0..200).map(|n| (n, format!("1385746{:04}", n * 37 % 10_000))).collect();
    let phones: Vec<(u32, &str)> = phones.iter().map(|(n, phone)| (*n, phone.as_str())).collect();
    city.deliver(&phones);
    for name in ["one", "other"] {
        add_account(&city.city(), &city.data(), name, &["--role", "steward"]);
    }
    let server = Server::start(&["serve", "--city", path(&city.city()), "--data", path(&city.data()), "--no-collect"]);
    let (one, other) = (log_in(&server, "one"), log_in(&server, "other"));
    let page = "/openings/stops";
    let of = |cookie: &str| exchange(&server.address, "GET", page, &[("Cookie", cookie)], "").expect("page").2;
    assert_eq!(send(&server, &one, page, "propose", &[("words", "public")]), 303);
    until("the gate has measured", || of(&other).contains("不通过"));
    assert!(!of(&other).contains("同意开放</button>"), "{}", of(&other));
    assert_eq!(send(&server, &other, page, "decide", &[("act", "approve")]), 422);
    assert_eq!(json_of(&server, "/api/v1/open/datasets/stops").0, 404);
}
