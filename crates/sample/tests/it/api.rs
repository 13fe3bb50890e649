//! The departments' own servers: pages, cursors, refusals.

use axum::body::{to_bytes, Body};
use axum::http::{Request, StatusCode};
use axum::Router;
use serde_json::Value;
use tower::ServiceExt;

use crate::SMALL;

async fn get(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 26).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

fn rows<'v>(value: &'v Value, pointer: &str) -> &'v Vec<Value> {
    value.pointer(pointer).and_then(Value::as_array).expect("rows")
}

#[tokio::test]
async fn pages_cursors_and_increments_walk_the_whole_table() {
    let router = sample::api::router(SMALL.0.path().to_owned());
    let declared = SMALL.1.tables.get("vaccinations").copied().expect("rows") as usize;
    let mut seen = 0;
    for page in 1.. {
        let (status, body) = get(&router, &format!("/vaccination/vaccinations?page={page}&size=100")).await;
        assert_eq!(status, StatusCode::OK);
        let value: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(value.pointer("/data/total").and_then(Value::as_u64), Some(declared as u64));
        let count = rows(&value, "/data/rows").len();
        seen += count;
        if count < 100 {
            break;
        }
    }
    assert_eq!(seen, declared);

    let (_, body) = get(&router, "/cloud_hospital/cloud_doctors").await;
    let value: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((rows(&value, "/items").len(), value.pointer("/next").and_then(Value::as_str)), (500, Some("500")));

    let (_, body) = get(&router, "/services/service_cases?page=1&size=5000").await;
    let value: Value = serde_json::from_str(&body).expect("JSON");
    let all = rows(&value, "/data/rows");
    let middle = all.get(all.len() / 2).and_then(|row| row.get("updateTime")).and_then(Value::as_str).expect("a time").to_owned();
    let (_, body) = get(&router, &format!("/services/service_cases?page=1&size=5000&after={}", middle.replace(' ', "T"))).await;
    let value: Value = serde_json::from_str(&body).expect("JSON");
    let later = rows(&value, "/data/rows");
    assert!(!later.is_empty() && later.len() < all.len());
    assert!(later.iter().all(|row| row.get("updateTime").and_then(Value::as_str).is_some_and(|time| time > middle.as_str())));

    let (_, body) = get(&router, "/parking/parking_lots/export.csv").await;
    assert_eq!(body.lines().count(), 861);
    assert_eq!(get(&router, "/parking/nothing").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_fortieth_request_is_told_to_wait() {
    let router = sample::api::router(SMALL.0.path().to_owned());
    let mut busy = 0;
    for _ in 0..80 {
        busy += usize::from(get(&router, "/services/cross_city_matters").await.0 == StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(busy, 2);
}
