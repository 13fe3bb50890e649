//! Applications of open data and restricted data, through the door of a real server: keys, quotas, nightly looks, signed
//! applications, rows told in the log, and what is over at once.

use serde_json::{Value, json};

use crate::open::{City, json_of, send, until};
use crate::sight::{add_account, log_in};
use crate::support::{Server, exchange, path, write};

/// A city with one dataset for everybody and one for applicants, both open.
fn city(open: &str) -> (City, Server) {
    let city = City::new();
    let toml = city.city().join("city.toml");
    let text = std::fs::read_to_string(&toml).expect("city.toml");
    write(&toml, format!("{text}[open]\nallow = [\"127.0.0.1\"]\n{open}"));
    city.dataset("stops", "", "SELECT id, name FROM stops\n");
    city.dataset("secrets", "to = \"applicants\"\ncondition = \"仅供研究\"\nask_by = [\"name\"]\nrows = 2\nrows_per_day = 3\n", "SELECT id, name FROM stops\n");
    city.deliver(&[(1, "三江口"), (2, "月湖"), (3, "月湖"), (4, "月湖")]);
    for (name, role) in [("one", "steward"), ("other", "steward"), ("asker", "analyst"), ("stranger", "analyst")] {
        add_account(&city.city(), &city.data(), name, &["--role", role]);
    }
    add_account(&city.city(), &city.data(), "officer", &["--role", "officer", "--department", "office"]);
    let (at, data) = (city.city(), city.data());
    let server = Server::start(&["serve", "--city", path(&at), "--data", path(&data), "--no-collect", "--behind-proxy"]);
    let (one, other) = (log_in(&server, "one"), log_in(&server, "other"));
    for dataset in ["stops", "secrets"] {
        let page = format!("/openings/{dataset}");
        assert_eq!(send(&server, &one, &page, "propose", &[("words", "public")]), 303);
        until("the gate has measured", || exchange(&server.address, "GET", &page, &[("Cookie", &one)], "").expect("page").2.contains("扫描 4 行"));
        assert_eq!(send(&server, &other, &page, "decide", &[("act", "approve")]), 303);
        until("version 1", || json_of(&server, &format!("/api/v1/open/datasets/{dataset}")).0 == 200);
    }
    (city, server)
}

/// An act by the API, as somebody who is logged in.
fn act(server: &Server, cookie: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let origin = format!("http://{}", server.address);
    let headers = [("Cookie", cookie), ("Origin", origin.as_str()), ("Content-Type", "application/json")];
    let (code, _, answer) = exchange(&server.address, method, path, &headers, &body.to_string()).expect("answer");
    (code, serde_json::from_str(&answer).unwrap_or(Value::Null))
}

/// A call with a key.
fn call(server: &Server, key: &str, path: &str) -> (u16, String, Value) {
    let bearer = format!("Bearer {key}");
    let (code, head, answer) = exchange(&server.address, "GET", path, &[("Authorization", &bearer)], "").expect("answer");
    (code, head, serde_json::from_str(&answer).unwrap_or(Value::Null))
}

fn register(server: &Server, cookie: &str, name: &str, address: &str, uses: &str) -> (u16, Value) {
    act(server, cookie, "POST", "/api/v1/open/applications", &json!({ "name": name, "summary": "示例", "address": address, "uses": [uses] }))
}

#[test]
fn an_application_calls_by_its_key_until_its_quota_and_is_looked_at() {
    let (_city, server) = city("application_per_day = 4\n");
    let (asker, stranger, steward) = (log_in(&server, "asker"), log_in(&server, "stranger"), log_in(&server, "one"));
    let rows = "/api/v1/open/datasets/stops/rows";
    let up = format!("http://{}/open", server.address);

    for (address, uses) in [("ftp://x/", "stops"), (up.as_str(), "nothing"), (up.as_str(), "stops: nmae")] {
        assert_eq!(register(&server, &asker, "找站", address, uses).0, 400, "{address} {uses}");
    }
    assert_eq!(register(&server, "", "找站", &up, "stops").0, 401);
    let (code, made) = register(&server, &asker, "找站", &up, "stops: name");
    assert_eq!(code, 200, "{made}");
    let (id, key) = (made["id"].as_str().expect("id").to_owned(), made["key"].as_str().expect("key").to_owned());
    let page = format!("/api/v1/open/applications/{id}");

    // Not shown before a steward has looked; its owner and stewards see it.
    assert_eq!(json_of(&server, &page).0, 404);
    assert_eq!(act(&server, &stranger, "GET", &page, &Value::Null).0, 404);
    assert_eq!(act(&server, &stranger, "POST", &format!("{page}/key"), &json!({})).0, 404);
    assert_eq!(act(&server, &asker, "POST", &format!("{page}/moderate"), &json!({ "show": true })).0, 403);
    assert_eq!(act(&server, &steward, "POST", &format!("{page}/moderate"), &json!({ "show": false })).0, 400, "a reason is owed");
    assert_eq!(act(&server, &steward, "POST", &format!("{page}/moderate"), &json!({ "show": true })).0, 204);
    assert_eq!(json_of(&server, "/api/v1/open/applications?dataset=stops").1["entries"][0]["name"], "找站");
    assert!(json_of(&server, &page).1["probe"].is_null(), "that is for its owner");

    // Looked at soon: it works. One that leads into a network that is not allowed does not.
    let (_, bad) = register(&server, &asker, "坏的", "http://10.0.0.1/", "stops");
    let bad = format!("/api/v1/open/applications/{}", bad["id"].as_str().expect("id"));
    until("a look", || act(&server, &asker, "GET", &bad, &Value::Null).1["application"]["fault"]["en"].as_str().is_some_and(|fault| fault.contains("10.0.0.1")));
    until("a look", || json_of(&server, &page).1["application"]["checked"].is_string());
    assert!(json_of(&server, &page).1["application"]["fault"].is_null());

    // Four calls a day, whatever they ask; the fifth is put off until midnight.
    for asked in [rows, "/resource/stops.json", "/api/3/action/package_list", rows] {
        assert_eq!(call(&server, &key, asked).0, 200, "{asked}");
    }
    let (code, head, problem) = call(&server, &key, rows);
    assert!(code == 429 && head.to_lowercase().contains("retry-after:") && problem["detail"].as_str().is_some_and(|told| told.contains('4')), "{head} {problem}");
    assert_eq!(json_of(&server, rows).0, 200, "who has no key is not concerned");
    until("the calls are written", || act(&server, &asker, "GET", &page, &Value::Null).1["calls"][0]["calls"] == 4);

    // A new key ends the old one, and giving up ends both.
    let (_, renewed) = act(&server, &asker, "POST", &format!("{page}/key"), &json!({}));
    assert_eq!(call(&server, &key, rows).0, 401);
    let key = renewed["key"].as_str().expect("key");
    assert_eq!(call(&server, key, rows).0, 429, "the day's calls are the application's, not the key's");
    assert_eq!(act(&server, &asker, "DELETE", &page, &Value::Null).0, 204);
    assert_eq!((call(&server, key, rows).0, json_of(&server, &page).0), (401, 404));
    assert_eq!(act(&server, &asker, "PUT", &page, &json!({ "name": "a", "summary": "b", "address": up, "uses": ["stops"] })).0, 422);
}

#[test]
fn who_has_no_key_is_known_by_the_network_address() {
    // A sixth of a minute's calls at once: one.
    let (_city, server) = city("per_minute = 6\n");
    let ask = |from: &str, path: &str| exchange(&server.address, "GET", path, &[("X-Forwarded-For", from)], "").expect("answer").0;
    let rows = "/api/v1/open/datasets/stops/rows";
    assert_eq!((ask("203.0.113.7", rows), ask("203.0.113.7", rows)), (200, 429));
    assert_eq!(ask("198.51.100.9, 203.0.113.7", rows), 429, "what a client says in front of our proxy's own word counts for nothing");
    assert_eq!(ask("203.0.113.8", rows), 200);
    assert_eq!((ask("2001:db8::1", rows), ask("2001:db8::2", rows)), (200, 429), "of IPv6, a network is one client");
    assert_eq!(ask("203.0.113.7", "/open/datasets/stops"), 200, "pages are for people");
}

#[test]
fn restricted_rows_are_applied_for_told_and_over_at_once() {
    let (_city, server) = city("");
    let (asker, stranger, officer, steward) = (log_in(&server, "asker"), log_in(&server, "stranger"), log_in(&server, "officer"), log_in(&server, "one"));
    let rows = "/api/v1/open/datasets/secrets/rows";
    let (code, problem) = json_of(&server, rows);
    assert!(code == 403 && problem.to_string().contains("/open/datasets/secrets/apply"), "{problem}");
    for elsewhere in ["/resource/secrets.json", "/open/datasets/secrets/files/secrets.csv", "/api/v1/open/datasets/secrets/changes", "/api/v1/open/datasets/secrets/delta?from=0&to=1", "/ogc/collections/secrets/items"] {
        let (code, _) = server.get(elsewhere);
        assert!([403, 404].contains(&code), "{elsewhere}: {code}");
    }
    let (_, made) = register(&server, &asker, "研究", &format!("http://{}/open", server.address), "secrets");
    let key = made["key"].as_str().expect("key").to_owned();
    assert_eq!(call(&server, &key, rows).0, 403, "a key is not enough");

    let apply = |cookie: &str, dataset: &str, agreed: bool, signer: &str| {
        act(&server, cookie, "POST", "/api/v1/open/access", &json!({ "dataset": dataset, "purpose": "能效研究", "signer": signer, "agreed": agreed }))
    };
    assert_eq!(apply("", "secrets", true, "张三").0, 401);
    assert_eq!((apply(&asker, "secrets", false, "张三").0, apply(&asker, "secrets", true, " ").0, apply(&asker, "stops", true, "张三").0), (400, 400, 400));
    let (code, noted) = apply(&asker, "secrets", true, "张三");
    assert_eq!(code, 200, "{noted}");
    let page = format!("/api/v1/open/access/{}", noted["id"].as_str().expect("id"));
    assert_eq!(apply(&asker, "secrets", true, "张三").0, 422, "one at a time");
    assert_eq!((act(&server, &stranger, "GET", &page, &Value::Null).0, act(&server, &asker, "POST", &format!("{page}/decide"), &json!({ "grant": true })).0), (404, 403));
    assert_eq!(call(&server, &key, rows).0, 403, "not before it is granted");
    assert_eq!(act(&server, &officer, "GET", "/api/v1/open/access", &Value::Null).1["total"], 1);
    assert_eq!(act(&server, &officer, "POST", &format!("{page}/decide"), &json!({ "grant": true })).0, 204);
    assert_eq!(act(&server, &officer, "POST", &format!("{page}/decide"), &json!({ "grant": true })).0, 422);

    // Few rows, and by what the department says.
    assert_eq!(call(&server, &key, rows).0, 400, "by a name");
    assert_eq!(call(&server, &key, &format!("{rows}?name=%E6%9C%88%E6%B9%96&limit=3")).0, 400, "two rows an answer");
    assert_eq!(call(&server, &key, &format!("{rows}?name=%E6%9C%88%E6%B9%96&version=1")).0, 400);
    let (code, _, found) = call(&server, &key, &format!("{rows}?name=%E6%9C%88%E6%B9%96"));
    assert_eq!((code, &found["total"], found["rows"].as_array().map(Vec::len)), (200, &json!(3), Some(2)));
    assert_eq!(call(&server, &key, &format!("{rows}?name=%E6%9C%88%E6%B9%96")).0, 429, "three rows a day: two more are one too many");
    assert_eq!(call(&server, &key, &format!("{rows}?name=%E4%B8%89%E6%B1%9F%E5%8F%A3")).0, 200);
    assert_eq!(call(&server, &key, &format!("{rows}?name=%E4%B8%89%E6%B1%9F%E5%8F%A3")).0, 429);
    let used = act(&server, &asker, "GET", &page, &Value::Null).1;
    assert_eq!((&used["used"][0]["calls"], &used["used"][0]["rows"]), (&json!(2), &json!(3)));

    // Over at once; what has ended can be applied for again.
    assert_eq!(act(&server, &officer, "POST", &format!("{page}/withdraw"), &json!({ "words": "" })).0, 400);
    assert_eq!(act(&server, &officer, "POST", &format!("{page}/withdraw"), &json!({ "words": "到期" })).0, 204);
    assert_eq!(call(&server, &key, &format!("{rows}?name=x")).0, 403);
    let (code, again) = apply(&asker, "secrets", true, "张三");
    assert_eq!(code, 200, "{again}");
    let again = format!("/api/v1/open/access/{}", again["id"].as_str().expect("id"));
    assert_eq!(act(&server, &steward, "POST", &format!("{again}/decide"), &json!({ "grant": false, "words": "用途不明" })).0, 204);
    assert_eq!(act(&server, &asker, "GET", &again, &Value::Null).1["access"]["words"], "用途不明");
    assert_eq!(act(&server, &asker, "DELETE", &again, &Value::Null).0, 422);
}
