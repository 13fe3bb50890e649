//! The whole way: a small sample city is made, collected, served, searched, logged in to, queried.

use std::time::Duration;

use crate::support::{Server, exchange};

#[test]
fn a_city_from_nothing_to_a_query_in_the_browser() {
    let dir = tempfile::tempdir().expect("folder");
    let data = dir.path().join("data");
    let data = data.to_str().expect("path");
    let server = Server::start(&["demo", "--data", data, "--scale", "0.01"]);
    let status = server.wait_collected(Duration::from_secs(240));
    assert_eq!(status["failed_today"], 0, "{}", server.get("/api/v1/runs?state=failed").1);
    assert_eq!(status["departments"], 27);
    assert_eq!(status["systems"], 56);
    assert!(status["rows"]["standard"].as_u64() > Some(10_000) && status["rows"]["quarantined"].as_u64() > Some(50), "{status}");
    public_pages(&server);
    let cookie = set_up(&server);
    staff_pages(&server, &cookie);
    drop(server);
    again_takes_seconds(data, &status);
}

fn public_pages(server: &Server) {
    for path in ["/", "/systems", "/runs", "/catalog", "/catalog?q=kqzl", "/help", "/login", "/districts/330203", "/api/v1/openapi.json"] {
        let (code, body) = server.get(path);
        assert_eq!(code, 200, "{path}");
        assert!(!body.contains("{{") && body.len() > 500, "{path}");
    }
    let (_, found) = server.get("/api/v1/resources?q=kqzl");
    assert!(found.contains("空气"), "pinyin initials find 空气质量: {found}");
    for staff_only in ["/sql", "/quarantine"] {
        let (code, _) = server.get(staff_only);
        assert!((300..400).contains(&code), "{staff_only} asks to log in, got {code}");
    }
    assert_eq!(server.get("/no-such-page").0, 404);
}

/// Uses the one-time link as a browser would; answers the session cookie.
pub fn set_up(server: &Server) -> String {
    let link = server.setup.clone().expect("a set-up link was printed");
    let (code, form) = server.get(&link);
    assert_eq!(code, 200, "{form}");
    let token = link.split_once("token=").expect("token").1;
    let body = format!("token={token}&name=steward&password=correct-horse-7&again=correct-horse-7{}", hidden(&form));
    let origin = format!("http://{}", server.address);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", origin.as_str())];
    let (code, head, page) = exchange(&server.address, "POST", "/setup", &headers, &body).expect("answer");
    assert!((300..400).contains(&code), "{code} {page}");
    let cookie = head.lines().filter_map(|l| l.split_once(": ")).find(|(n, v)| n.eq_ignore_ascii_case("set-cookie") && v.starts_with("sanjiang_session="));
    cookie.and_then(|(_, value)| value.split(';').next()).expect("a session cookie").to_owned()
}

/// Hidden fields of a form besides the token, as the browser would send them.
fn hidden(form: &str) -> String {
    let fields = form.split("<input").skip(1).filter(|input| input.split('>').next().is_some_and(|i| i.contains("type=\"hidden\"")));
    let attribute = |input: &str, name: &str| input.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next().map(str::to_owned));
    let pairs = fields.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
    pairs.filter(|(name, _)| name != "token").map(|(name, value)| format!("&{name}={value}")).collect()
}

fn staff_pages(server: &Server, cookie: &str) {
    for path in ["/sql", "/quarantine", "/systems", "/runs"] {
        let (code, _, _) = exchange(&server.address, "GET", path, &[("Cookie", cookie)], "").expect("answer");
        assert_eq!(code, 200, "{path}");
    }
    let origin = format!("http://{}", server.address);
    let headers = [("Cookie", cookie), ("Content-Type", "application/json"), ("Origin", origin.as_str())];
    let ask = |sql: &str| {
        let body = serde_json::json!({ "sql": sql }).to_string();
        exchange(&server.address, "POST", "/api/v1/sql", &headers, &body).expect("answer")
    };
    let (code, _, body) = ask("select 1 + 1 as two");
    assert_eq!(code, 200, "{body}");
    assert!(body.contains("two"), "{body}");
    let (code, _, body) = ask("select * from no_such_table");
    assert_eq!(code, 400, "{body}");
    assert!(body.contains("no_such_table"), "{body}");
    let (code, _, _) = ask("select repeat('a', 2000000000)");
    assert_eq!(code, 400, "a query that eats all memory dies alone");
    assert_eq!(server.get("/").0, 200, "the server lives on");
}

fn again_takes_seconds(data: &str, before: &serde_json::Value) {
    let server = Server::start(&["demo", "--data", data, "--scale", "0.01"]);
    assert_eq!(server.status()["rows"]["standard"], before["rows"]["standard"]);
}
