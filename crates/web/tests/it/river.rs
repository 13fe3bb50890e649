//! Drift, history and gaps through the front door.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::site::Site;

const PASSWORD: &str = "three rivers meet";

/// Collects for the `nth` time. A collection that has just ended may hold its lock for a moment still.
async fn collect(site: &Site, session: &str, nth: u64) {
    let page = site.get_as("/systems/people", session).await;
    for _ in 0..100 {
        let begun = site.post("/collect", &[("system", "people"), ("csrf", &page.csrf())], Some(session)).await;
        if begun.status == StatusCode::SEE_OTHER {
            return site.ended(nth).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the collection did not begin");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_compares_both_sides_and_decides() {
    let site = Site::open().await;
    let gaps = site.get("/gaps").await.body;
    assert!(gaps.contains("从未归集") && gaps.contains("/catalog/person"), "{gaps}");
    let csv = site.get("/gaps.csv?lang=en").await;
    assert!(csv.header("content-type").starts_with("text/csv") && csv.body.contains("人员名册") && csv.body.contains("Never collected"), "{}", csv.body);

    let token = site.setup_token().await;
    let made = site.post("/setup", &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)], None).await;
    let session = made.session().expect("a session");
    collect(&site, &session, 1).await;
    assert!(!site.get("/gaps").await.body.contains("href=\"/catalog/person\""));
    assert!(site.get("/gaps?lack=stale").await.body.contains("每项资源都有按时更新的数据"));

    // The name comes under another header now.
    let rows: String = (4..=41).map(|n| format!("{n},人{n}\n")).collect();
    site.deliver(&format!("id,xingming\n{rows}"));
    collect(&site, &session, 2).await;
    assert_eq!(site.get("/drift").await.status, StatusCode::SEE_OTHER, "for staff only");
    let inbox = site.get_as("/drift", &session).await.body;
    assert!(inbox.contains("待确认") && inbox.contains("xingming"), "{inbox}");
    assert!(inbox.contains("class=\"waiting\">1<"), "the navigation counts what waits");
    let id = inbox.split("href=\"/drift/").nth(1).and_then(|rest| rest.split('"').next()).expect("a held delivery").to_owned();
    let page = site.get_as(&format!("/drift/{id}"), &session).await;
    assert!(page.body.contains("<ins>+ aliases = [&quot;xingming&quot;]</ins>") || page.body.contains("aliases = [&#34;xingming&#34;]"), "{}", page.body);
    let base = page.body.split("name=\"base\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("base").to_owned();
    let path = format!("/drift/{id}");
    let forged = site.post(&path, &[("csrf", "wrong"), ("act", "accept"), ("why", "x")], Some(&session)).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let silent = site.post(&path, &[("csrf", &page.csrf()), ("act", "accept"), ("why", "")], Some(&session)).await;
    assert_eq!(silent.status, StatusCode::BAD_REQUEST);
    let decided = site.post(&path, &[("csrf", &page.csrf()), ("act", "update"), ("why", "来源改名"), ("base", &base)], Some(&session)).await;
    assert_eq!((decided.status, decided.header("location")), (StatusCode::SEE_OTHER, path.as_str()), "{}", decided.body);
    site.ended(3).await;
    let after = site.get_as(&path, &session).await.body;
    assert!(after.contains("来源改名") && after.contains("chen"), "{after}");
    let twice = site.post(&path, &[("csrf", &page.csrf()), ("act", "refuse"), ("why", "x")], Some(&session)).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST, "it has been decided");

    // What that changed, as a page and as files.
    let changes = site.get_as("/catalog/person/changes", &session).await.body;
    assert!(changes.contains("增加") && changes.contains("人41"), "{changes}");
    let csv = site.get_as("/catalog/person/changes?from=1&to=9&format=csv", &session).await;
    assert_eq!(csv.body.lines().filter(|line| line.starts_with("added,41,")).count(), 2, "{}", csv.body);
    assert_eq!(site.get("/catalog/person/changes?format=csv").await.status, StatusCode::SEE_OTHER);
    let row = site.get_as("/catalog/person/row?key=41", &session).await.body;
    assert!(row.contains("people.csv"), "{row}");
    let then = site.get_as("/catalog/person/as-of?at=2099-01-01", &session).await.body;
    assert!(then.contains("人41"), "{then}");
    assert!(site.get_as("/catalog/person/as-of?at=2020-01-01", &session).await.body.contains("那时还没有数据"));
    assert_eq!(site.get_as("/catalog/person/as-of?at=gestern", &session).await.status, StatusCode::BAD_REQUEST);
    let lines = site.get_as("/api/v1/resources/person/as-of?at=2099-01-01", &session).await.body;
    assert_eq!(lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")).filter(|row| row["name"] == "人41").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_tells_the_same() {
    let site = Site::open().await;
    let token = site.setup_token().await;
    let made = site.post("/setup", &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)], None).await;
    let session = made.session().expect("a session");
    collect(&site, &session, 1).await;
    site.deliver("id,renamed\n4,甲\n");
    collect(&site, &session, 2).await;
    assert_eq!(site.get("/api/v1/drift").await.status, StatusCode::UNAUTHORIZED);
    let read = |body: &str| serde_json::from_str::<Value>(body).expect("JSON");
    let held = read(&site.get_as("/api/v1/drift?state=held", &session).await.body);
    assert_eq!((held["total"].as_u64(), held["entries"][0]["state"].as_str()), (Some(1), Some("held")), "{held}");
    let path = format!("/api/v1/drift/{}", held["entries"][0]["id"].as_str().expect("id"));
    let detail = read(&site.get_as(&path, &session).await.body);
    assert_eq!(detail["drift"]["differences"][0]["kind"], "gone", "{detail}");
    let headers = [("host", "a"), ("origin", "http://a"), ("content-type", "application/json"), ("cookie", session.as_str())];
    let refused = site.send("POST", &path, &headers, &json!({"act": "refuse", "why": "不对"}).to_string()).await;
    assert_eq!(refused.status, StatusCode::NO_CONTENT, "{}", refused.body);
    assert_eq!(read(&site.get_as(&path, &session).await.body)["drift"]["state"], "refused");
    let changes = read(&site.get_as("/api/v1/resources/person/changes?from=0&size=5", &session).await.body);
    assert_eq!((changes["entries"].as_array().map(Vec::len), changes["next"].is_string()), (Some(5), true), "{changes}");
    let row = read(&site.get_as("/api/v1/resources/person/row?key=5", &session).await.body);
    assert_eq!(row["entries"][0]["cells"][1]["now"], "人5", "{row}");
    let gaps = read(&site.get("/api/v1/gaps").await.body);
    let lacking: Vec<&str> = gaps["entries"].as_array().expect("entries").iter().filter_map(|gap| gap["resource"].as_str()).collect();
    assert_eq!(lacking, ["pass"], "{gaps}");
}
