//! Proposed grades through the front door.

use axum::http::StatusCode;
use serde_json::Value;

use crate::site::Site;

const PASSWORD: &str = "three rivers meet";

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_seen_rejected_and_taken_back() {
    let site = Site::open().await;
    assert_eq!(site.get("/grading").await.status, StatusCode::SEE_OTHER, "for staff only");
    assert_eq!(site.get("/api/v1/grading").await.status, StatusCode::UNAUTHORIZED);
    let token = site.setup_token().await;
    let made = site.post("/setup", &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)], None).await;
    let session = made.session().expect("a session");
    let list = site.get_as("/grading", &session).await;
    assert!(list.body.contains("/grading/person/name") && list.body.contains("名称像是"), "{}", list.body);
    assert_eq!(site.get_as("/grading/person/nobody", &session).await.status, StatusCode::NOT_FOUND);

    let page = site.get_as("/grading/person/name", &session).await;
    assert!(page.body.contains("请先改它的开放类型") && !page.body.contains("确认建议"), "open without conditions: {}", page.body);
    let post = async |fields: &[(&str, &str)]| site.post("/grading/person/name", fields, Some(&session)).await.status;
    let csrf = page.csrf();
    assert_eq!(post(&[("csrf", "wrong"), ("act", "reject"), ("why", "x")]).await, StatusCode::FORBIDDEN);
    assert_eq!(post(&[("csrf", &csrf), ("act", "confirm")]).await, StatusCode::BAD_REQUEST);
    assert_eq!(post(&[("csrf", &csrf), ("act", "choose"), ("class", "x"), ("grade", "L3"), ("why", "x")]).await, StatusCode::BAD_REQUEST);
    assert_eq!(post(&[("csrf", &csrf), ("act", "reject"), ("why", "")]).await, StatusCode::BAD_REQUEST);
    assert_eq!(post(&[("csrf", &csrf), ("act", "reject"), ("why", "<化名>")]).await, StatusCode::SEE_OTHER);

    let list = site.get_as("/grading", &session).await.body;
    assert!(!list.contains("/grading/person/name") && list.contains("化名") && !list.contains("<化名>"), "{list}");
    let told = async || serde_json::from_str::<Value>(&site.get_as("/api/v1/grading", &session).await.body).expect("JSON");
    let decided = told().await["decided"][0].clone();
    assert_eq!((&decided["state"], &decided["proposed"]), (&"rejected".into(), &"personal L3".into()));
    let id = decided["id"].as_str().unwrap_or_default().to_owned();
    let undone = site.post("/grading", &[("csrf", &csrf), ("undo", &id)], Some(&session)).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    assert_eq!(told().await["proposals"][0]["item"], "name");

    // Programs take a decision back as people do, once.
    assert_eq!(post(&[("csrf", &csrf), ("act", "reject"), ("why", "化名")]).await, StatusCode::SEE_OTHER);
    let id = told().await["decided"][0]["id"].as_str().unwrap_or_default().to_owned();
    let ours = [("host", "a"), ("origin", "http://a"), ("cookie", session.as_str())];
    let elsewhere = [("host", "a"), ("origin", "https://evil.example"), ("cookie", session.as_str())];
    let undo = async |id: &str, headers: &[(&str, &str)]| site.send("POST", &format!("/api/v1/grading/decisions/{id}/undo"), headers, "").await.status;
    assert_eq!(undo(&id, &elsewhere).await, StatusCode::FORBIDDEN);
    assert_eq!(undo(&id, &ours).await, StatusCode::NO_CONTENT);
    assert_eq!([undo(&id, &ours).await, undo("none", &ours).await], [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND]);
    assert_eq!(told().await["proposals"][0]["item"], "name");
}
