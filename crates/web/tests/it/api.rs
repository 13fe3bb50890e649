//! The API through the front door: its answers fit its own description, and its refusals are problems.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::site::{Answer, PASSWORD, Site};

pub async fn staff(site: &Site) -> String {
    let token = site.setup_token().await;
    let made = site.post("/setup", &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)], None).await;
    made.session().expect("a session")
}

pub async fn json(site: &Site, method: &str, path: &str, session: &str, body: &Value) -> Answer {
    let headers = [("host", "a"), ("origin", "http://a"), ("content-type", "application/json"), ("cookie", session)];
    site.send(method, path, &headers, &body.to_string()).await
}

pub fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

/// A problem of this status and word, in both languages.
pub fn problem(answer: &Answer, status: u16, word: &str) {
    let body = read(answer);
    assert_eq!((answer.status.as_u16(), body["status"].as_u64(), body["type"].as_str()), (status, Some(status.into()), Some(format!("/api#{word}").as_str())), "{body}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(body["details"]["zh"].as_str().is_some_and(|t| !t.is_empty()) && body["details"]["en"].as_str().is_some_and(|t| t.is_ascii()), "{body}");
}

/// Every way in which a value does not fit a schema of the description.
pub fn misfits(spec: &Value, schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return misfits(spec, spec.pointer(&reference[1..]).expect(reference), value, at, out);
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let fits = |one: &&Value| {
            let mut wrong = Vec::new();
            misfits(spec, one, value, at, &mut wrong);
            wrong.is_empty()
        };
        if !either.iter().any(|one| fits(&one)) {
            out.push(format!("{at}: {value} fits none of {schema}"));
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&kind) && !(kind == "integer" && kinds.contains(&"number")) {
        out.push(format!("{at}: {value} is not {kinds:?}"));
    }
    if let (Some(words), false) = (schema["enum"].as_array(), value.is_null())
        && !words.contains(value)
    {
        out.push(format!("{at}: {value} is none of {words:?}"));
    }
    for (i, entry) in value.as_array().into_iter().flatten().enumerate() {
        misfits(spec, &schema["items"], entry, &format!("{at}[{i}]"), out);
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            out.push(format!("{at} lacks {name}"));
        }
    }
    for (name, inner) in object {
        match schema["properties"].get(name) {
            Some(of) => misfits(spec, of, inner, &format!("{at}.{name}"), out),
            None => out.push(format!("{at}.{name} is not described")),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_fit_the_description() {
    let site = Site::open().await;
    let session = staff(&site).await;
    let spec = read(&site.get("/api/v1/openapi.json").await);
    assert_eq!(spec["openapi"], "3.1.0");
    let started = json(&site, "POST", "/api/v1/collect", &session, &json!({"system": "people"})).await;
    assert_eq!((started.status, read(&started)), (StatusCode::ACCEPTED, json!({"resources": 1})));
    site.settled().await;
    let runs = read(&site.get("/api/v1/runs").await);
    let run = runs["entries"][0]["id"].as_str().expect("a run").to_owned();
    let paths = [
        ("/api/v1/status", "/api/v1/status".to_owned()),
        ("/api/v1/departments", "/api/v1/departments".to_owned()),
        ("/api/v1/systems", "/api/v1/systems".to_owned()),
        ("/api/v1/systems/{id}", "/api/v1/systems/people".to_owned()),
        ("/api/v1/resources", "/api/v1/resources?q=renyuan&grade=L1&unknown=1".to_owned()),
        ("/api/v1/resources/{id}", "/api/v1/resources/person".to_owned()),
        ("/api/v1/runs", "/api/v1/runs?state=partial&size=200".to_owned()),
        ("/api/v1/runs/{id}", format!("/api/v1/runs/{run}")),
        ("/api/v1/quarantine", "/api/v1/quarantine?resource=person".to_owned()),
        ("/api/v1/schedule", "/api/v1/schedule".to_owned()),
        ("/api/v1/sql/tables", "/api/v1/sql/tables".to_owned()),
        ("/api/v1/models", "/api/v1/models".to_owned()),
        ("/api/v1/lineage/{table}/{column}", "/api/v1/lineage/standard.person/id".to_owned()),
        ("/api/v1/quality", "/api/v1/quality".to_owned()),
        ("/api/v1/resources/{id}/quality", "/api/v1/resources/person/quality".to_owned()),
        ("/api/v1/defects", "/api/v1/defects".to_owned()),
    ];
    for (described, path) in paths {
        let answer = site.get_as(&path, &session).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
        let schema = &spec["paths"][described]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let mut wrong = Vec::new();
        misfits(&spec, schema, &read(&answer), path.as_str(), &mut wrong);
        assert!(!schema.is_null() && wrong.is_empty(), "{}", wrong.join("\n"));
    }
    let status = read(&site.get("/api/v1/status").await);
    assert_eq!((&status["rows"], &status["systems"]), (&json!({"raw": 40, "standard": 37, "quarantined": 3}), &json!(2)));
    let found = read(&site.get("/api/v1/resources?q=renyuan").await);
    assert_eq!(found["hits"]["entries"][0]["resource"]["id"], "person");

    // What is served is described, uniquely, for people too.
    let page = site.get("/api").await.body;
    let mut ids = Vec::new();
    for (path, operations) in spec["paths"].as_object().expect("paths") {
        assert!(page.contains(path.as_str()), "{path}");
        ids.extend(operations.as_object().expect("operations").values().map(|o| o["operationId"].to_string()));
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert!(ids.len() == all && all >= 17, "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_problems_with_stable_words() {
    let site = Site::open().await;
    let session = staff(&site).await;
    for path in ["/api/v1/none", "/api/v1/systems/none", "/api/v1/resources/none", "/api/v1/runs/none", "/api/v1/boards/none"] {
        problem(&site.get(path).await, 404, "not_found");
    }
    for path in ["/api/v1/runs?page=0", "/api/v1/runs?size=201", "/api/v1/runs?page=-1", "/api/v1/runs?state=odd", "/api/v1/resources?grade=L9", "/api/v1/resources?page=99999999999999999999"] {
        problem(&site.get(path).await, 400, "invalid");
    }
    for path in ["/api/v1/quarantine", "/api/v1/sql/tables"] {
        problem(&site.get(path).await, 401, "login_required");
    }
    let select = json!({"sql": "SELECT 1"});
    problem(&json(&site, "POST", "/api/v1/sql", "", &select).await, 401, "login_required");
    let elsewhere = [("host", "a"), ("origin", "https://evil.example"), ("content-type", "application/json"), ("cookie", session.as_str())];
    for path in ["/api/v1/sql", "/api/v1/sql/plan", "/api/v1/collect", "/api/v1/session"] {
        problem(&site.send("POST", path, &elsewhere, &select.to_string()).await, 403, "forged");
        problem(&site.send("DELETE", "/api/v1/session", &elsewhere, "").await, 403, "forged");
        let plain = [("host", "a"), ("content-type", "text/plain"), ("cookie", session.as_str())];
        problem(&site.send("POST", path, &plain, "{}").await, 415, "unsupported_media_type");
        problem(&json(&site, "POST", path, &session, &json!({"sql": "x".repeat(300_000)})).await, 413, "too_large");
        problem(&json(&site, "POST", path, &session, &json!({"sql": 1, "system": 1})).await, 400, "invalid");
    }
    problem(&json(&site, "POST", "/api/v1/sql", &session, &json!({"sql": "SELECT 1", "max_rows": 0})).await, 400, "invalid");

    // Methods: HEAD as GET without the body, OPTIONS tells, others are refused and told.
    let head = site.send("HEAD", "/api/v1/status", &[], "").await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    let options = site.send("OPTIONS", "/api/v1/sql", &[], "").await;
    assert_eq!((options.status, options.header("allow")), (StatusCode::NO_CONTENT, "POST"));
    let wrong = site.send("PUT", "/api/v1/status", &[], "").await;
    problem(&wrong, 405, "method_not_allowed");
    assert_eq!(wrong.header("allow"), "GET,HEAD");

    // In the language that was chosen.
    let english = read(&site.send("GET", "/api/v1/none", &[("cookie", "sanjiang_lang=en")], "").await);
    assert_eq!(english["detail"], english["details"]["en"]);

    // A session by the API is the session of the pages, and ends for both.
    problem(&json(&site, "POST", "/api/v1/session", "", &json!({"name": "chen", "password": "no"})).await, 400, "invalid");
    let login = json(&site, "POST", "/api/v1/session", "", &json!({"name": "chen", "password": PASSWORD})).await;
    let own = login.session().expect("a session");
    assert_eq!(site.get_as("/quarantine", &own).await.status, StatusCode::OK);
    assert_eq!(json(&site, "DELETE", "/api/v1/session", &own, &Value::Null).await.status, StatusCode::NO_CONTENT);
    problem(&site.get_as("/api/v1/quarantine", &own).await, 401, "login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sql_page_needs_its_own_form() {
    let site = Site::open().await;
    assert_eq!(site.get("/sql").await.status, StatusCode::SEE_OTHER);
    let session = staff(&site).await;
    let page = site.get_as("/sql?q=SELECT%201%20%3C%202", &session).await;
    assert!(page.body.contains("SELECT 1 &#60; 2") || page.body.contains("SELECT 1 &lt; 2"), "{}", page.body);
    let script = page.body.split("src=\"/assets/").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
    let packed = site.send("GET", &format!("/assets/{script}"), &[("accept-encoding", "br, gzip")], "").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (StatusCode::OK, "gzip"));
    assert!(site.get("/assets/notices.txt").await.body.contains("echarts"));
    for path in ["/sql", "/sql/download"] {
        let forged = site.post(path, &[("sql", "SELECT 1"), ("csrf", "wrong"), ("act", "run")], Some(&session)).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path}");
        let none = site.post(path, &[("sql", "SELECT 1"), ("csrf", &page.csrf()), ("act", "run"), ("rows", "many")], Some(&session)).await;
        assert_eq!(none.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_pushes_rows_and_may_repeat_itself() {
    let site = Site::open().await;
    let key = format!("Bearer {}", site.push_key().await);
    let send = async |key: &str, kind: &str, name: &str, body: &str| {
        let headers = [("host", "a"), ("authorization", key), ("content-type", kind), ("idempotency-key", name)];
        site.send("POST", "/api/v1/resources/pass/rows", &headers, body).await
    };
    let rows = "{\"id\":1}\n{\"id\":\"二\"}\n";
    problem(&send("Bearer sjpush_no", "application/x-ndjson", "k", rows).await, 401, "login_required");
    problem(&send(&key, "text/csv", "k", rows).await, 415, "unsupported_media_type");
    problem(&send(&key, "application/x-ndjson", "", rows).await, 400, "invalid");
    problem(&send(&key, "application/vnd.apache.arrow.stream", "k", rows).await, 400, "invalid");
    let first = send(&key, "application/x-ndjson", "k", rows).await;
    let body = read(&first);
    assert_eq!((first.status, &body["rows"], &body["landed"], &body["quarantined"]), (StatusCode::OK, &json!(2), &json!(1), &json!(1)), "{body}");
    assert_eq!((&body["refused"][0]["line"], first.header("idempotency-replayed")), (&json!(2), ""));
    let again = send(&key, "application/x-ndjson", "\"k\"", rows).await;
    assert_eq!((read(&again), again.header("idempotency-replayed")), (body, "true"));
    problem(&send(&key, "application/x-ndjson", "k", "{\"id\":9}\n").await, 422, "conflict");
    let spec = read(&site.get("/api/v1/openapi.json").await);
    let schema = &spec["paths"]["/api/v1/resources/{id}/rows"]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
    let mut wrong = Vec::new();
    misfits(&spec, schema, &read(&first), "push", &mut wrong);
    assert!(!schema.is_null() && wrong.is_empty(), "{}", wrong.join("\n"));
}
