//! Rows that have landed, edited on their page and by the API, and taken back.

use arrow_array::cast::AsArray;
use axum::http::StatusCode;
use desk::port::TableName;
use serde_json::{Value, json};

use crate::api::{json, problem, read};
use crate::memory::{int, text};
use crate::repair::{collected, described};
use crate::site::Site;

/// Name and hash of the current row of an id.
fn row_of(site: &Site, id: i64) -> (String, String) {
    let batches = site.memory.batches(&TableName::standard("person"));
    let find = |batch: &arrow_array::RecordBatch| {
        let row = int(batch, "id").iter().position(|found| *found == id)?;
        let column = batch.column_by_name("_hash")?;
        let hash = column.as_binary_opt::<i32>().map(|all| all.value(row)).or_else(|| column.as_fixed_size_binary_opt().map(|all| all.value(row)))?;
        Some((text(batch, "name").get(row)?.clone(), hash.iter().map(|byte| format!("{byte:02x}")).collect()))
    };
    batches.iter().find_map(find).expect("a row of this id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_edited_on_its_page_and_by_the_api() {
    let (site, session) = collected().await;
    let spec = read(&site.get("/api/v1/openapi.json").await);
    let (_, hash) = row_of(&site, 7);
    let path = format!("/catalog/person/edit/{hash}");
    assert_eq!(site.get(&path).await.status, StatusCode::SEE_OTHER, "for staff only");
    let page = site.get_as(&format!("{path}?rule=named"), &session).await;
    assert!(page.body.contains("value=\"人7\"") && page.body.contains("readonly") && page.body.contains("name=\"rule\" value=\"named\""), "{}", page.body);
    let csrf = page.csrf();
    let sent = |id: &'static str, name: &'static str| [("csrf", csrf.clone()), ("value:id", id.to_owned()), ("value:name", name.to_owned()), ("reason", "核实".to_owned()), ("rule", "named".to_owned())];
    let post = async |fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        site.post(&path, &fields, Some(&session)).await
    };
    for (id, name) in [("7", "人7"), ("8000", "七")] {
        let wrong = post(&sent(id, name)).await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("role=\"alert\""), "{}", wrong.body);
    }
    let forged = site.post(&path, &[("csrf", "wrong"), ("value:name", "七"), ("reason", "核实")], Some(&session)).await;
    assert_eq!((forged.status, row_of(&site, 7).0.as_str()), (StatusCode::FORBIDDEN, "人7"));
    let done = post(&sent("7", "七")).await;
    let to = done.header("location").to_owned();
    assert!(done.status == StatusCode::SEE_OTHER && to.starts_with("/catalog/person/quality/named?edited=1&correction="), "{to}");
    assert_eq!(row_of(&site, 7).0, "七");
    assert_eq!(site.get_as(&path, &session).await.status, StatusCode::NOT_FOUND, "it is current no more");
    let listed = site.get_as("/quarantine?resource=person", &session).await.body;
    assert!(listed.contains("入库行"), "{listed}");
    let id = to.rsplit('=').next().expect("an id").to_owned();
    let correction = site.get_as(&format!("/correction/{id}"), &session).await.body;
    assert!(correction.contains("<del>人7</del>") && correction.contains("<ins>七</ins>") && correction.contains("对入库行的更正"), "{correction}");

    let (_, hash) = row_of(&site, 7);
    let at = format!("/api/v1/resources/person/rows/{hash}");
    let row = described(&spec, "/api/v1/resources/{id}/rows/{row}", "get", &site.get_as(&at, &session).await);
    assert_eq!((&row["fields"][0]["fixed"], &row["fields"][1]["value"]), (&json!(true), &json!("七")));
    let edits = |row: &str, name: &str| json!({"reason": "经核实", "rows": [{"row": row, "values": {"name": name}}, {"row": "0".repeat(32), "values": {}}]});
    let at = "/api/v1/resources/person/edits";
    let done = described(&spec, "/api/v1/resources/{id}/edits", "post", &json(&site, "POST", at, &session, &edits(&hash, "柒")).await);
    assert_eq!((&done["landed"], &done["gone"], row_of(&site, 7).0.as_str()), (&json!(1), &json!(["0".repeat(32)]), "柒"));
    let wrong = described(&spec, "/api/v1/resources/{id}/edits", "post", &json(&site, "POST", at, &session, &edits(&row_of(&site, 7).1, "柒")).await);
    assert_eq!((&wrong["correction"], wrong["wrong"].as_array().map(Vec::len)), (&Value::Null, Some(1)), "{wrong}");
    let whole = format!("/api/v1/corrections/{}", done["correction"].as_str().expect("an id"));
    let one = described(&spec, "/api/v1/corrections/{id}", "get", &site.get_as(&whole, &session).await);
    assert_eq!(one["correction"]["edits"], json!(true));
    let undone = json(&site, "POST", &format!("{whole}/undo"), &session, &json!({})).await;
    assert_eq!((&read(&undone)["reopened"], row_of(&site, 7).0.as_str()), (&json!(1), "人7"), "as the source delivers it");

    problem(&json(&site, "POST", at, "", &edits(&hash, "x")).await, 401, "login_required");
    problem(&json(&site, "POST", at, &session, &edits("xx", "x")).await, 400, "invalid");
    problem(&json(&site, "POST", "/api/v1/resources/none/edits", &session, &edits(&hash, "x")).await, 404, "not_found");
    problem(&site.get_as("/api/v1/resources/person/rows/xx", &session).await, 404, "not_found");
}
