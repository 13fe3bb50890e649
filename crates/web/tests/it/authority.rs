//! Every operation of the API, asked by every role: what is refused to whom is printed in `authority.txt`, and nothing else is.

use std::fmt::Write;

use desk::account::NewRights;
use desk::authority::Role;
use serde_json::{Value, json};

use crate::api::{json as ask, read};
use crate::site::{Answer, Site};

/// What is sent where something has to be; nothing that is really there.
fn body(operation: &str) -> Value {
    match operation {
        "login" => json!({"name": "nobody", "password": "none of yours"}),
        "collect" => json!({"resource": "person"}),
        "correct" => json!({"reason": "经核实", "rows": [{"place": "1-1", "values": {"id": "1"}}]}),
        "replace" => json!({"code": "number.syntax", "item": "id", "value": "1"}),
        "decide" => json!({"act": "accept", "why": "经核实"}),
        "edit" => json!({"reason": "经核实", "rows": [{"row": "0".repeat(32), "values": {"name": "张"}}]}),
        "object" => json!({"resource": "person", "words": "不对"}),
        "act_on_defect" => json!({"act": "answer", "words": "已更正"}),
        "decide_grade" => json!({"act": "confirm", "why": "经核实"}),
        "decide_pair" => json!({"left": "person:1", "right": "person:2", "same": true, "reason": "经核实"}),
        "query" | "plan" => json!({"sql": "SELECT 1"}),
        "create_account" => json!({"name": "x"}),
        "set_rights" => json!({"roles": ["steward"]}),
        "lock" => json!({"locked": true}),
        "ask_emergency" => json!({"reason": "", "hours": 1}),
        "act_on_emergency" => json!({"act": "approve"}),
        "upload" | "undo" | "resolve" => json!({}),
        "ask_for_data" => json!({"resource": "person", "channels": ["query"], "purpose": "service", "reason": "履职"}),
        "act_on_data_request" => json!({"act": "withdraw"}),
        "withdraw_grant" => json!({"words": "不再需要"}),
        "add_application" => json!({"department": "office", "name": "系统"}),
        "register_client" => json!({"name": "系统", "redirect_uris": ["https://app.example.gov.cn/back"]}),
        "create_person" => json!({"name": "x", "display": "x", "kind": "citizen", "number": "1"}),
        "confirm_person" => json!({"number": "1"}),
        "challenge_reading" => json!({"leaf": 1, "words": "未申请"}),
        "register_open_application" | "change_open_application" => json!({"name": "找桩", "summary": "地图", "address": "https://app.example.org/", "uses": ["none"]}),
        "moderate_open_application" => json!({"show": true}),
        "apply_for_access" => json!({"dataset": "none", "purpose": "研究", "signer": "张三", "agreed": true}),
        "decide_access" => json!({"grant": true}),
        "withdraw_access" => json!({"words": "不再需要"}),
        "renew_open_application" | "leave_access" | "end_open_application" => json!({}),
        "raise_voice" => json!({"kind": "wish", "title": "充电桩", "words": "位置", "purpose": "找桩"}),
        "moderate_voice" => json!({"release": true}),
        "answer_voice" => json!({"words": "已开放", "outcome": "open"}),
        "answer_challenge" => json!({"words": "依法查询"}),
        "ask_node" => json!({"resource": "person", "reason": "履职"}),
        "act_on_node_request" => json!({"act": "withdraw"}),
        "node_rows" | "node_verify" => json!({"id": "1"}),
        "post_envelope" => json!({"id": "1"}),
        "call_service_by_body" | "lent_rows_by_body" | "verify_lent" => json!({"id": "1"}),
        "report_use" => json!({"words": "核验三户"}),
        "subscribe" => json!({"url": "https://intake.example.org/"}),
        other => panic!("authority.rs has no body for {other}"),
    }
}

/// A path with ids in place of its parameters; of resources and registers such as are there.
fn path(template: &str) -> String {
    let parts = template.split('/').map(|part| match part {
        "{id}" if template.contains("/resources/") => "person",
        "{id}" if template.contains("/registers/") => "people",
        "{resource}" => "person",
        "{system}" => "people",
        "{place}" => "1-1",
        "{number}" | "{batch}" | "{row}" | "{seq}" | "{act}" | "{leaf}" => "1",
        part if part.starts_with('{') => "none",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// What the answer says of the right to it.
fn word(answer: &Answer, asked: &str) -> &'static str {
    match answer.status.as_u16() {
        401 => "login",
        403 if read(answer)["type"] == "/api#forbidden" => "-",
        503 => "yes",
        status @ 500.. => panic!("{asked}: {status} {}", answer.body),
        // What follows the right to it: a wrong id, or another collection under way.
        _ => "yes",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_refused_to_who_may_not() {
    let site = Site::open().await;
    let rights = |roles: &[Role], department: Option<&str>| NewRights { roles: roles.to_vec(), department: department.map(str::to_owned), clearance: None };
    let mut readers = vec![("nobody", String::new()), ("no role", site.session_of("none", rights(&[], None)).await)];
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Officer) {
        readers.push((role.word(), site.session_of(role.word(), rights(&[role], None)).await));
    }
    readers.push(("officer", site.session_of("officer", rights(&[Role::Officer], Some("office"))).await));
    readers.push(("citizen", site.citizen("citizen", "11010519491231002X").await));
    readers.push(("elsewhere", site.session_of("elsewhere", rights(&[Role::Officer], Some("other"))).await));

    let spec = read(&site.get("/api/v1/openapi.json").await);
    let mut table = format!("{:48}", "");
    readers.iter().for_each(|(name, _)| write!(table, "{name:10}").expect("written"));
    for (template, operations) in spec["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id");
            // A login or a logout is nobody's right; pushes are let in by keys of their own; the stream of runs, which is
            // everybody's, has no end.
            if ["login", "logout", "push", "events"].contains(&id) {
                continue;
            }
            let (method, body) = (method.to_uppercase(), if operation["requestBody"].is_null() { Value::Null } else { body(id) });
            write!(table, "\n{:48}", format!("{method} {}", template.trim_start_matches("/api/v1"))).expect("written");
            let open = operation["security"].is_null();
            for (name, session) in &readers {
                let answer = ask(&site, &method, &path(template), session, &body).await;
                let asked = format!("{name}: {method} {template}");
                let word = word(&answer, &asked);
                assert!(!open || word == "yes", "{asked} is described as open, and is not: {}", answer.body);
                assert!(open || *name != "nobody" || word == "login", "{asked} is described as staff's, and is open");
                write!(table, "{word:10}").expect("written");
            }
        }
    }
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/authority.txt");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&path, &table).expect("written");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "rights have changed: read it, then INSTA_UPDATE=always");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_departments_officer_is_shown_the_own_departments_rows() {
    let site = Site::open().await;
    let officer = |department: &str| NewRights { roles: vec![Role::Officer], department: Some(department.to_owned()), clearance: None };
    let (own, other) = (site.session_of("own", officer("office")).await, site.session_of("other", officer("other")).await);
    let collect = json!({"resource": "person"});
    assert_eq!(ask(&site, "POST", "/api/v1/collect", &other, &collect).await.status, 403);
    assert_eq!(ask(&site, "POST", "/api/v1/collect", &own, &collect).await.status, 202);
    site.settled().await;
    let total = async |session: &str, path: &str| read(&site.get_as(path, session).await)["rows"]["total"].as_u64();
    assert_eq!((total(&own, "/api/v1/quarantine").await, total(&other, "/api/v1/quarantine").await), (Some(3), Some(0)));
    assert_eq!(site.get_as("/api/v1/quarantine?resource=person", &other).await.status, 403);
    let page = async |session: &str, path: &str| site.get_as(path, session).await.body;
    let refused = "href=\"/quarantine?resource=person\"";
    assert!(page(&own, "/catalog/person").await.contains(refused) && !page(&other, "/catalog/person").await.contains(refused));
    assert!(page(&own, "/quarantine").await.contains("第3号") && !page(&other, "/quarantine").await.contains("第3号"));
    assert!(page(&own, "/systems/people").await.contains("立即归集") && !page(&other, "/systems/people").await.contains("立即归集"));
    // What the roles have no part in is not in the navigation, and refused in words.
    let refused = site.get_as("/sql", &own).await;
    assert!(refused.status == 403 && refused.body.contains("须由数据管理员、分析人员办理"), "{}", refused.body);
    assert!(!refused.body.contains("href=\"/sql\"") && !refused.body.contains("href=\"/log\""));
    assert!(site.get("/accounts").await.header("location").starts_with("/login"));
}
