//! Refused rows mended and taken back, on the pages and by the API, each in the other's sight.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::api::{json, misfits, problem, read, staff};
use crate::site::{Answer, Site};

pub async fn collected() -> (Site, String) {
    let site = Site::open().await;
    let session = staff(&site).await;
    json(&site, "POST", "/api/v1/collect", &session, &json!({"system": "people"})).await;
    site.settled().await;
    (site, session)
}

/// The numbers of the refused rows, in the order of their lines.
async fn places(site: &Site, session: &str) -> Vec<String> {
    let found = read(&site.get_as("/api/v1/quarantine?resource=person", session).await);
    let mut rows: Vec<(u64, String)> = found["rows"]["entries"].as_array().expect("rows").iter().map(|row| (row["line"].as_u64().expect("line"), row["place"].as_str().expect("place").to_owned())).collect();
    rows.sort();
    rows.into_iter().map(|(_, place)| place).collect()
}

async fn standard(site: &Site) -> u64 {
    read(&site.get("/api/v1/status").await)["rows"]["standard"].as_u64().expect("rows")
}

/// What the answer says, after it was held against its description.
pub fn described(spec: &Value, path: &str, method: &str, answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
    let schema = &spec["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"];
    let (body, mut wrong) = (read(answer), Vec::new());
    misfits(spec, schema, &body, path, &mut wrong);
    assert!(!schema.is_null() && wrong.is_empty(), "{}", wrong.join("\n"));
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_mends_rows_and_takes_corrections_back() {
    let (site, session) = collected().await;
    let spec = read(&site.get("/api/v1/openapi.json").await);
    let places = places(&site, &session).await;
    assert_eq!((places.len(), standard(&site).await), (3, 37));
    let path = format!("/api/v1/quarantine/person/{}", places[0]);
    let row = described(&spec, "/api/v1/quarantine/{resource}/{place}", "get", &site.get_as(&path, &session).await);
    assert_eq!((&row["fields"][0]["name"], &row["fields"][0]["value"]), (&json!("id"), &json!("第1号")));
    assert!(!row["fields"][0]["faults"].as_array().expect("faults").is_empty());

    let mend = json!({"reason": "经核实", "rows": [{"place": places[0], "values": {"id": "1"}}, {"place": places[1], "values": {"id": "x"}}]});
    let at = "/api/v1/quarantine/person/corrections";
    let done = described(&spec, "/api/v1/quarantine/{resource}/corrections", "post", &json(&site, "POST", at, &session, &mend).await);
    assert_eq!((&done["landed"], &done["wrong"][0]["place"], standard(&site).await), (&json!(1), &json!(places[1]), 38));
    let id = done["correction"].as_str().expect("an id").to_owned();
    problem(&site.get_as(&path, &session).await, 404, "not_found");

    let all = json!({"code": row["fields"][0]["faults"][0]["code"], "item": "id", "found": "第2号", "value": "2"});
    let at = "/api/v1/quarantine/person/replacements";
    let tried = described(&spec, "/api/v1/quarantine/{resource}/replacements", "post", &json(&site, "POST", at, &session, &all).await);
    assert_eq!((&tried["landed"], &tried["correction"], standard(&site).await), (&json!(1), &Value::Null, 38), "a trial");

    let file = site.get_as("/api/v1/quarantine/person/file", &session).await;
    assert!(file.body.starts_with("\u{feff}id,name,问题原因,问题编号\r\n第2号,人2,"), "{}", file.body);
    assert!(file.header("content-disposition").starts_with("attachment"));
    let mended = file.body.replace("第2号,人2", "2,人2").replace("第3号,人3", "3,人3");
    let headers = [("host", "a"), ("origin", "http://a"), ("content-type", "application/octet-stream"), ("cookie", session.as_str())];
    let at = "/api/v1/quarantine/person/file?name=back.csv&reason=%E6%94%B9";
    let taken = described(&spec, "/api/v1/quarantine/{resource}/file", "post", &site.send("POST", at, &headers, &mended).await);
    assert_eq!((&taken["rows"], &taken["corrected"]["landed"], standard(&site).await), (&json!(2), &json!(2), 40));

    let listed = described(&spec, "/api/v1/corrections", "get", &site.get_as("/api/v1/corrections?resource=person", &session).await);
    assert_eq!((listed["entries"].as_array().map(Vec::len), &listed["entries"][1]["id"]), (Some(2), &json!(id)));
    let undo = format!("/api/v1/corrections/{id}/undo");
    let undone = described(&spec, "/api/v1/corrections/{id}/undo", "post", &json(&site, "POST", &undo, &session, &json!({"places": [places[0]]})).await);
    assert_eq!((&undone, standard(&site).await), (&json!({"reopened": 1, "superseded": [], "already": []}), 39));
    let again = read(&json(&site, "POST", &undo, &session, &json!({})).await);
    assert_eq!(again, json!({"reopened": 0, "superseded": [], "already": [places[0]]}));
    let one = described(&spec, "/api/v1/corrections/{id}", "get", &site.get_as(&format!("/api/v1/corrections/{id}"), &session).await);
    assert_eq!((&one["correction"]["undone"], &one["undone"][0]["who"], &one["rows"][0]["changes"][0]["after"]), (&json!(1), &json!("chen"), &json!("1")));

    // The same doors are shut to the same people as the pages are.
    let elsewhere = [("host", "a"), ("origin", "https://evil.example"), ("content-type", "application/json"), ("cookie", session.as_str())];
    for (path, body) in [("/api/v1/quarantine/person/corrections", &mend), ("/api/v1/quarantine/person/replacements", &all), (undo.as_str(), &json!({})), ("/api/v1/quarantine/person/file?reason=x", &json!({}))] {
        problem(&json(&site, "POST", path, "", body).await, 401, "login_required");
        problem(&site.send("POST", path, &elsewhere, &body.to_string()).await, 403, "forged");
    }
    for path in ["/api/v1/corrections", "/api/v1/corrections/x", "/api/v1/quarantine/person/1-1", "/api/v1/quarantine/person/file"] {
        problem(&site.get(path).await, 401, "login_required");
    }
    problem(&json(&site, "POST", "/api/v1/corrections/none/undo", &session, &json!({})).await, 404, "not_found");
    problem(&json(&site, "POST", &undo, &session, &json!({"places": ["odd"]})).await, 400, "invalid");
    problem(&json(&site, "POST", "/api/v1/quarantine/none/corrections", &session, &mend).await, 404, "not_found");
    problem(&json(&site, "POST", "/api/v1/quarantine/person/corrections", &session, &json!({"reason": "", "rows": mend["rows"]})).await, 400, "invalid");
    problem(&site.get_as("/api/v1/quarantine/person/odd", &session).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_mended_on_its_page_and_taken_back_by_one_button() {
    let (site, session) = collected().await;
    let places = places(&site, &session).await;
    let path = format!("/quarantine/person/{}", places[0]);
    let page = site.get_as(&path, &session).await;
    assert!(page.body.contains("value=\"第1号\""), "{}", page.body);
    let csrf = page.csrf();
    let wrong = site.post(&path, &[("csrf", &csrf), ("value:id", "一"), ("reason", "核实")], Some(&session)).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("还有问题"), "{}", wrong.body);
    let done = site.post(&path, &[("csrf", &csrf), ("value:id", "1"), ("reason", "核实")], Some(&session)).await;
    let to = done.header("location").to_owned();
    assert!(done.status == StatusCode::SEE_OTHER && to.starts_with("/quarantine?resource=person&mended=1&correction="), "{to}");
    let list = site.get_as(&to, &session).await.body;
    assert!(list.contains("已更正 1 行") && list.contains("更正记录") && list.contains("核实"), "{list}");
    let corrected = site.get_as(&path, &session).await;
    assert!(corrected.body.contains("<del>第1号</del>") && corrected.body.contains("撤销更正"), "{}", corrected.body);
    let undo = corrected.body.split("action=\"/correction/").nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
    let undo = format!("/correction/{undo}");
    let forged = site.post(&undo, &[("csrf", "wrong"), ("place", &places[0])], Some(&session)).await;
    assert_eq!((forged.status, standard(&site).await), (StatusCode::FORBIDDEN, 38));
    let undone = site.post(&undo, &[("csrf", &csrf), ("place", &places[0])], Some(&session)).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    let told = site.get_as(undone.header("location"), &session).await.body;
    assert!(told.contains("1 行回到问题数据") && told.contains("已撤销"), "{told}");
    assert_eq!(standard(&site).await, 37);
    assert!(site.get_as(&path, &session).await.body.contains("value=\"第1号\""), "the row is open again");
    assert_eq!(site.get(undone.header("location")).await.status, StatusCode::SEE_OTHER, "for staff only");
}
