//! Quality and defects through the front door.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::site::Site;

const PASSWORD: &str = "three rivers meet";

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_raised_answered_and_settled() {
    let site = Site::open().await;
    assert!(site.get("/quality").await.body.contains("还没有测量过"));
    assert_eq!(site.get("/defects").await.status, StatusCode::SEE_OTHER, "for staff only");
    assert_eq!(site.get("/api/v1/defects").await.status, StatusCode::UNAUTHORIZED);
    let public = site.get("/catalog/person").await.body;
    assert!(public.contains("还没有声明质量规则") && !public.contains("提出异议"), "{public}");

    let token = site.setup_token().await;
    let made = site
        .post(
            "/setup",
            &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)],
            None,
        )
        .await;
    let session = made.session().expect("a session");
    let page = site.get_as("/catalog/person", &session).await;
    assert!(page.body.contains("提出异议"));
    let forged = site
        .post(
            "/defects",
            &[("csrf", "wrong"), ("resource", "person"), ("words", "x")],
            Some(&session),
        )
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let unknown = site
        .post(
            "/defects",
            &[("csrf", &page.csrf()), ("resource", "nobody"), ("words", "x")],
            Some(&session),
        )
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let raised = site
        .post(
            "/defects",
            &[("csrf", &page.csrf()), ("resource", "person"), ("words", "有人<重名>")],
            Some(&session),
        )
        .await;
    assert_eq!(raised.status, StatusCode::SEE_OTHER, "{}", raised.body);
    let path = raised.header("location").to_owned();

    let list = site.get_as("/defects?department=office", &session).await.body;
    assert!(
        list.contains("重名") && !list.contains("<重名>") && list.contains("class=\"waiting\">1<"),
        "{list}"
    );
    assert!(site.get_as("/defects?late=1", &session).await.body.contains("没有待整改的问题"));
    let answered = site
        .post(
            &path,
            &[("csrf", &page.csrf()), ("act", "answer"), ("words", "已合并")],
            Some(&session),
        )
        .await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);
    assert!(site.get_as(&path, &session).await.body.contains("已答复"));
    let right = site
        .post(
            &path,
            &[("csrf", &page.csrf()), ("act", "right"), ("words", "看过了")],
            Some(&session),
        )
        .await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    let closed = site.get_as(&path, &session).await.body;
    assert!(closed.contains("已办结") && !closed.contains("<textarea"), "{closed}");
    assert_eq!(site.get_as("/defects/none", &session).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.get_as("/catalog/person/quality/none", &session).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_do_the_same() {
    let site = Site::open().await;
    let read = |body: &str| serde_json::from_str::<Value>(body).expect("JSON");
    let city = read(&site.get("/api/v1/quality").await.body);
    assert_eq!((city["score"].clone(), city["without"].clone()), (Value::Null, json!(2)));
    assert_eq!(read(&site.get("/api/v1/resources/person/quality").await.body)["rules"], json!([]));
    assert_eq!(site.get("/api/v1/resources/nobody/quality").await.status, StatusCode::NOT_FOUND);
    let token = site.setup_token().await;
    let made = site
        .post(
            "/setup",
            &[("token", &token), ("name", "chen"), ("password", PASSWORD), ("again", PASSWORD)],
            None,
        )
        .await;
    let session = made.session().expect("a session");
    let headers = [
        ("host", "a"),
        ("origin", "http://a"),
        ("content-type", "application/json"),
        ("cookie", session.as_str()),
    ];
    let raised = site
        .send(
            "POST",
            "/api/v1/defects",
            &headers,
            &json!({"resource": "person", "words": "错了"}).to_string(),
        )
        .await;
    assert_eq!(raised.status, StatusCode::OK, "{}", raised.body);
    let path = format!("/api/v1/defects/{}", read(&raised.body)["id"].as_str().expect("id"));
    let done = site
        .send("POST", &path, &headers, &json!({"act": "wrong", "words": "还是错"}).to_string())
        .await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    let detail = read(&site.get_as(&path, &session).await.body);
    assert_eq!(
        (detail["defect"]["state"].clone(), detail["acts"][1]["act"].clone()),
        (json!("rechecked"), json!("rejected")),
        "{detail}"
    );
    let listed = read(&site.get_as("/api/v1/defects?state=rechecked", &session).await.body);
    assert_eq!(listed["total"], 1);
    assert_eq!(
        site.get_as("/api/v1/resources/person/quality/none", &session).await.status,
        StatusCode::NOT_FOUND
    );
}
