//! Registers through the front door: who may come in, what there is to see before anything was resolved, what is refused.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::api::{json, misfits, problem, read, staff};
use crate::site::Site;

const REGISTER: &str = "title = \"人员基础库\"\ntitle_en = \"Register of people\"\nsummary = \"每个实体是一个人 <一>\"\ndepartment = \"office\"\n\
    [[field]]\nname = \"name\"\ntitle = \"姓名\"\ncompare = \"full_name\"\n[[source]]\nresource = \"person\"\n";
const LEFT: &str = "00000000000000000000000000000001";
const RIGHT: &str = "00000000000000000000000000000002";

async fn site() -> Site {
    Site::with(&[("registers/people.toml", REGISTER)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_registers_are_for_staff_and_their_forms_for_their_own_session() {
    let site = site().await;
    let pair = format!("/registers/people/pair?left={LEFT}&right={RIGHT}");
    let pages = [
        "/registers", "/registers/people", "/registers/people/entities?q=a", "/registers/people/doubts", "/registers/people/decisions",
        "/registers/people/conflicts?source=person&field=name", "/registers/people/entities/none", pair.as_str(),
    ];
    for path in pages {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/login?next="), "{path}");
    }
    let session = staff(&site).await;
    let list = site.get_as("/registers", &session).await.body;
    assert!(list.contains("人员基础库") && list.contains("还没有这些来源的数据：人员名册") && !list.contains("<一>"), "{list}");
    for path in &pages[1..6] {
        let answer = site.get_as(path, &session).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
    }
    let long = format!("/registers/people/entities?q={}", "x".repeat(201));
    assert_eq!(site.get_as(&long, &session).await.status, StatusCode::BAD_REQUEST);
    for path in ["/registers/none", "/registers/none/entities", "/registers/people/entities/none", "/registers/people/pair?left=x&right=y", "/registers/people/conflicts?source=person&field=none"] {
        assert_eq!(site.get_as(path, &session).await.status, StatusCode::NOT_FOUND, "{path}");
    }

    // Every form needs the token of the session; numbers that are none lead nowhere.
    let page = site.get_as("/registers/people", &session).await;
    for path in ["/registers/people/resolve", "/registers/people/decisions/1/undo", "/registers/people/changes/1/undo", "/registers/people/pair"] {
        let fields = [("csrf", "wrong"), ("left", LEFT), ("right", RIGHT), ("same", "1")];
        assert_eq!(site.post(path, &fields, Some(&session)).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let csrf = page.csrf();
    for path in ["/registers/people/decisions/x/undo", "/registers/people/changes/99999999999999999999/undo"] {
        assert_eq!(site.post(path, &[("csrf", &csrf)], Some(&session)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let odd = site.post("/registers/people/pair", &[("csrf", &csrf), ("left", LEFT), ("right", RIGHT), ("same", "perhaps")], Some(&session)).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST, "{}", odd.body);
    let unknown = site.post("/registers/people/pair", &[("csrf", &csrf), ("left", LEFT), ("right", RIGHT), ("same", "1")], Some(&session)).await;
    assert!(unknown.status == StatusCode::BAD_REQUEST && unknown.body.contains("没有这条记录"), "{} {}", unknown.status, unknown.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_registers_as_described_and_are_refused_alike() {
    let site = site().await;
    let base = "/api/v1/registers";
    problem(&site.get(base).await, 401, "login_required");
    for path in ["people", "people/entities", "people/entities/x", "people/changes", "people/doubts", "people/decisions"] {
        problem(&site.get(&format!("{base}/{path}")).await, 401, "login_required");
    }
    let session = staff(&site).await;
    let spec = read(&site.get("/api/v1/openapi.json").await);
    let paths = [
        ("", "".to_owned()),
        ("/{id}", "/people".to_owned()),
        ("/{id}/entities", "/people/entities?q=a".to_owned()),
        ("/{id}/changes", "/people/changes?after=0&limit=10".to_owned()),
        ("/{id}/doubts", "/people/doubts?size=5".to_owned()),
        ("/{id}/decisions", "/people/decisions".to_owned()),
        ("/{id}/conflicts", "/people/conflicts?source=person&field=name".to_owned()),
    ];
    for (described, path) in paths {
        let answer = site.get_as(&format!("{base}{path}"), &session).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
        let schema = &spec["paths"][format!("{base}{described}")]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let mut wrong = Vec::new();
        misfits(&spec, schema, &read(&answer), &path, &mut wrong);
        assert!(!schema.is_null() && wrong.is_empty(), "{path}: {}", wrong.join("\n"));
    }
    let all = read(&site.get_as(base, &session).await);
    assert_eq!((all["entries"][0]["state"].clone(), all["entries"][0]["waiting_for"].clone()), (json!("waiting"), json!(["person"])));
    for path in ["none", "people/entities/none", "people/pair?left=x&right=y"] {
        problem(&site.get_as(&format!("{base}/{path}"), &session).await, 404, "not_found");
    }
    for path in ["people/changes?after=-1", "people/changes?limit=0", "people/doubts?size=9999", "people/decisions?page=0"] {
        problem(&site.get_as(&format!("{base}/{path}"), &session).await, 400, "invalid");
    }
    let decide = json!({"left": LEFT, "right": RIGHT, "same": true});
    problem(&json(&site, "POST", &format!("{base}/people/decisions"), "", &decide).await, 401, "login_required");
    problem(&json(&site, "POST", &format!("{base}/people/decisions"), &session, &json!({"left": LEFT})).await, 400, "invalid");
    problem(&json(&site, "POST", &format!("{base}/people/decisions"), &session, &decide).await, 400, "invalid");
    problem(&json(&site, "POST", &format!("{base}/people/decisions/x/undo"), &session, &Value::Null).await, 404, "not_found");
    problem(&json(&site, "POST", &format!("{base}/none/resolve"), &session, &json!({})).await, 404, "not_found");
    let elsewhere = [("host", "a"), ("origin", "https://evil.example"), ("content-type", "application/json"), ("cookie", session.as_str())];
    problem(&site.send("POST", &format!("{base}/people/resolve"), &elsewhere, "{}").await, 403, "forged");
}
