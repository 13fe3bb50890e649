//! What others are told of defects, through the front door.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::site::Site;

const PASSWORD: &str = "three rivers meet";
const TOLD: &str = "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n[notify]\nurl = \"https://oa.example.gov.cn/robot?token=${TOKEN}\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_listed_for_staff_and_tried_again_on_demand() {
    let site = Site::with(&[("city.toml", TOLD)]).await;
    assert_eq!(site.get("/messages").await.status, StatusCode::SEE_OTHER, "for staff only");
    assert_eq!(site.get("/api/v1/messages").await.status, StatusCode::UNAUTHORIZED);
    let token = site.setup_token().await;
    let made = site.post("/setup", &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)], None).await;
    let session = made.session().expect("a session");
    let empty = site.get_as("/messages", &session).await.body;
    assert!(empty.contains("没有消息") && empty.contains("oa.example.gov.cn") && !empty.contains("robot"), "{empty}");

    let page = site.get_as("/catalog/person", &session).await;
    site.post("/defects", &[("csrf", &page.csrf()), ("resource", "person"), ("words", "有人<重名>")], Some(&session)).await;
    let listed = site.get_as("/messages?state=waiting", &session).await;
    assert!(listed.body.contains("发现问题") && listed.body.contains("立即重发等待中的 1 条") && !listed.body.contains("<重名>"), "{}", listed.body);
    assert!(site.get_as("/defects", &session).await.body.contains("href=\"/messages\""));
    assert_eq!(site.post("/messages", &[("csrf", "wrong")], Some(&session)).await.status, StatusCode::FORBIDDEN);
    let hurried = site.post("/messages", &[("csrf", &listed.csrf())], Some(&session)).await;
    assert_eq!((hurried.status, hurried.header("location")), (StatusCode::SEE_OTHER, "/messages?hurried=1"), "{}", hurried.body);

    let read = |body: &str| serde_json::from_str::<Value>(body).expect("JSON");
    let found = read(&site.get_as("/api/v1/messages?state=waiting", &session).await.body);
    assert_eq!((&found["total"], &found["entries"][0]["kind"], &found["entries"][0]["tries"]), (&json!(1), &json!("defect.opened"), &json!(0)), "{found}");
    assert_eq!(site.get_as("/api/v1/messages?state=odd", &session).await.status, StatusCode::BAD_REQUEST);
    let elsewhere = [("host", "a"), ("origin", "https://evil.example"), ("cookie", session.as_str())];
    assert_eq!(site.send("POST", "/api/v1/messages", &elsewhere, "").await.status, StatusCode::FORBIDDEN);
    let ours = [("host", "a"), ("origin", "http://a"), ("cookie", session.as_str())];
    assert_eq!(site.send("POST", "/api/v1/messages", &ours, "").await.status, StatusCode::OK);
}
