//! Services lent in real time, against a real server that behaves and one that does not; quotas by the day; use and its reports.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use data::share::{Channel, Daily, Lent, Terms};
use desk::message::MessageState;
use desk::share::{Asking, Caller, Concern, Decision, ServiceState, UsageFilter};
use desk::{CollectScope, Desk, DeskError};
use kernel::Moment;
use serde_json::{Value, json};

use crate::drift::{command, now};
use crate::memory::Memory;
use crate::river::open;
use crate::share::{application, city, id_of, officer, service, terms, told};
use crate::upstream::{Answer, Upstream};

const SECRET: &str = "of-the-department";

fn document() -> String {
    let person = json!({ "type": "object", "properties": { "idNumber": { "type": "string" }, "name": { "type": "string" }, "district": { "type": "string" },
        "income": { "type": "integer" }, "spouse": { "type": "object", "properties": { "idNumber": { "type": "string" } } } } });
    json!({ "openapi": "3.0.3", "info": { "title": "婚姻信息服务" }, "paths": {
        "/persons/{id}": { "get": { "operationId": "getPerson", "parameters": [
            { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
            { "name": "X-Caller", "in": "header", "schema": { "type": "string" } } ],
            "responses": { "404": {}, "200": { "content": { "application/json": { "schema": { "type": "object", "properties": { "data": { "type": "array", "items": person } } } } } } } } },
        "/search": { "post": { "operationId": "search", "requestBody": { "content": { "application/json": { "schema": { "type": "object", "required": ["person"],
            "properties": { "person": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } } } } } } },
            "responses": { "200": { "content": { "application/json": { "schema": { "type": "array", "items": person } } } } } } }
    } }).to_string()
}

/// The city of the other tests with a service of civil affairs at this port.
fn with_service(dir: &Path, port: u16, more: &str) {
    city(dir);
    let write = |name: &str, text: &str| {
        let path = dir.join("city").join(name);
        std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        std::fs::write(path, text).expect("file");
    };
    let share = "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n[share]\nreport_days = 30\n[network]\nallow = [\"127.0.0.1\"]\n";
    write("city.toml", share);
    write("systems/marriage.toml", &format!(
        "title = \"婚姻信息服务\"\ntitle_en = \"Marriages\"\ndepartment = \"civil\"\n[connector]\nkind = \"service\"\nurl = \"http://127.0.0.1:{port}/api\"\nopenapi = \"services/marriage.json\"\ndeadline_seconds = 1\nlargest_kib = 64\n{more}[connector.auth]\nkind = \"bearer\"\ntoken = \"{SECRET}\"\n",
    ));
    write("services/marriage.json", &document());
    write("resources/marriage.toml",
        "title = \"婚姻信息\"\ncode = \"3990200/000009\"\nsummary = \"逐次查询\"\nsystem = \"marriage\"\nclass = \"department\"\nshare = \"conditional\"\nshare_condition = \"依法履职\"\nopen = \"none\"\ngrade = \"L4\"\nperiod = \"continuous\"\n\
         [[item]]\nname = \"id_number\"\ntitle = \"身份证号\"\nstandard = \"citizen_id\"\nclass = \"sensitive\"\ngrade = \"L3\"\nsource = \"idNumber\"\n\
         [[item]]\nname = \"name\"\ntitle = \"姓名\"\nstandard = \"text\"\ngrade = \"L3\"\n\
         [[item]]\nname = \"district\"\ntitle = \"区\"\nstandard = \"text\"\ngrade = \"L1\"\n\
         [[item]]\nname = \"income\"\ntitle = \"收入\"\nstandard = \"integer\"\ngrade = \"L4\"\n\
         [[item]]\nname = \"spouse_id\"\ntitle = \"配偶\"\nstandard = \"citizen_id\"\nclass = \"sensitive\"\ngrade = \"L3\"\nsource = \"spouse.idNumber\"\n\
         [[operation]]\nid = \"getPerson\"\nrecords = \"data[*]\"\n[[operation.parameter]]\nname = \"id\"\nitem = \"id_number\"\nrequired = true\n[[operation.parameter]]\nname = \"X-Caller\"\nvalue = \"sanjiang\"\n\
         [[operation]]\nid = \"search\"\n[[operation.parameter]]\nname = \"/person/id\"\nitem = \"id_number\"\nrequired = true\n");
}

fn person(n: usize) -> Value {
    json!({ "idNumber": id_of(n), "name": format!("人{n}"), "district": "鄞州", "income": 12_345, "spouse": { "idNumber": id_of(n + 1), "secret": "UNDECLARED" }, "password": "UNDECLARED" })
}

fn lent() -> Terms {
    Terms {
        items: ["name", "district"].map(|name| Lent { name: name.into(), whole: name != "name" }).into(),
        channels: BTreeSet::from([Channel::Query, Channel::Verify]),
        ..terms()
    }
}

async fn grant(desk: &Desk, terms: Terms) -> String {
    let asking = Asking { resource: "marriage".into(), terms, reason: "公租房资格审核".into(), renews: None };
    let id = desk.ask(&officer("housing"), asking, now()).await.expect("asked");
    let asked = desk.request(&officer("civil"), &id, now()).await.expect("seen").request.terms;
    desk.decide_request(&officer("civil"), &id, Decision::as_asked(&asked, ""), now()).await.expect("decided");
    desk.request(&officer("housing"), &id, now()).await.expect("request").request.grant.expect("a grant")
}

async fn call(desk: &Desk, caller: &Caller, grant: &str, operation: &str, id: &str) -> Result<Value, DeskError> {
    let parameters = [("id_number".to_owned(), id.to_owned())];
    let answer = desk.call_service(caller, grant, operation, &service(), &parameters, now()).await?;
    Ok(serde_json::from_slice(&answer.body).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_lent_within_the_terms_and_told_in_the_log() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let upstream = Upstream::start(|asked| match asked.target.as_str() {
        target if target.ends_with(&id_of(9)) => Answer::Raw("HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
        "/api/search" => Answer::Json(json!([person(3)]).to_string()),
        _ => Answer::Json(json!({ "data": [person(4), { "name": "外区", "district": "海曙", "idNumber": id_of(20) }], "trace": "UNDECLARED" }).to_string()),
    });
    with_service(dir.path(), upstream.port, "");
    let desk = open(dir.path(), &memory).await;
    // Nothing of it is collected, owed, or failing.
    let ran = desk.collect_now(CollectScope::System("marriage".into()), "command", now()).await.expect("nothing to do");
    assert!(ran.runs.is_empty());
    let gaps = desk.gaps(&Default::default(), now()).await.expect("gaps");
    assert!(!gaps.gaps.iter().any(|gap| gap.resource.id == "marriage"));
    for (channels, words) in [(Channel::Batch, "real time"), (Channel::Subscribe, "real time")] {
        let asking = Asking { resource: "marriage".into(), terms: Terms { channels: BTreeSet::from([channels]), ..lent() }, reason: "x".into(), renews: None };
        let refused = desk.ask(&officer("housing"), asking, now()).await.expect_err("refused");
        assert!(matches!(&refused, DeskError::Invalid(text) if text.en.contains(words)), "{refused}");
    }
    let draft = desk.draft_request(&officer("housing"), "marriage", None, now()).await.expect("draft");
    assert_eq!(draft.terms.keys, ["id_number"]);

    let grant = grant(&desk, Terms { condition: "district = '鄞州'".into(), ..lent() }).await;
    let app = application(&desk, "housing").await;
    let answer = call(&desk, &app, &grant, "getPerson", &id_of(4)).await.expect("answered");
    assert_eq!(answer["rows"], json!([{ "name": "人*", "district": "鄞州" }]), "masked, cut to the grant, within its condition");
    assert_eq!((answer["operation"].as_str(), answer["more"].as_bool(), answer.get("batch")), (Some("getPerson"), Some(false), None));
    let found = call(&desk, &app, &grant, "search", &id_of(3)).await.expect("answered");
    assert_eq!(found["rows"], json!([{ "name": "人*", "district": "鄞州" }]));
    let nobody = call(&desk, &app, &grant, "getPerson", &id_of(9)).await.expect("answered");
    assert_eq!(nobody["rows"], json!([]));
    // Our credentials go on, and nothing of the caller's.
    let asked = upstream.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].target.as_str()), ("GET", format!("/api/persons/{}", id_of(4)).as_str()));
    assert!(asked[0].headers.contains(&format!("authorization: bearer {SECRET}")) && asked[0].headers.contains(&"x-caller: sanjiang".to_owned()), "{asked:?}");
    assert_eq!((asked[1].method.as_str(), asked[1].body.as_str()), ("POST", json!({ "person": { "id": id_of(3) } }).to_string().as_str()));
    assert!(!asked.iter().any(|one| format!("{one:?}").contains("sjapp_")));
    // Questions that are not declared never leave.
    for (operation, parameters, words) in [
        ("getPerson", vec![], "missing"),
        ("getPerson", vec![("id_number", "1")], "id_number"),
        ("getPerson", vec![("id_number", id_of(4).as_str()), ("nam", "x")], "no parameter"),
        ("getPersn", vec![("id_number", id_of(4).as_str())], "getPerson?"),
    ] {
        let parameters: Vec<(String, String)> = parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let refused = desk.call_service(&app, &grant, operation, &service(), &parameters, now()).await.expect_err(words);
        assert!(matches!(&refused, DeskError::Invalid(text) if text.en.contains(words)), "{words}: {refused}");
    }
    assert_eq!(upstream.asked().len(), 3);
    assert!(matches!(desk.lent_rows(&app, &grant, &service(), &[], now()).await, Err(DeskError::Invalid(text)) if text.en.contains("call/OPERATION")));
    // Verification tells no value.
    let said = |district: &str| [("id_number".to_owned(), id_of(4)), ("district".to_owned(), district.to_owned())].into();
    for (district, verdict) in [("鄞州", "yes"), ("海曙", "no")] {
        let answer = desk.verify_lent(&app, &grant, &service(), &said(district), now()).await.expect("verified");
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["verdict"], verdict);
        assert!(!String::from_utf8_lossy(&answer.body).contains("鄞州"));
    }
    // All are told, with no id; and whoever was asked about or named, shown or not, can be told who read.
    let read = told(&desk, "read.grant").await;
    assert_eq!((read.len(), read[2]["detail"]["operation"].as_str()), (5, Some("getPerson")));
    assert!(!read.iter().any(|entry| entry.to_string().contains(&id_of(4)) || entry.to_string().contains("UNDECLARED")));
    for (n, times) in [(4, 4), (5, 3), (3, 1), (9, 1), (20, 0)] {
        assert_eq!(desk.reads_about(&command(), &id_of(n), 1, 10).await.expect("reads").total, times, "{n}");
    }
    let other = application(&desk, "police").await;
    assert!(matches!(call(&desk, &other, &grant, "getPerson", &id_of(4)).await, Err(DeskError::NotFound)));
    let used = desk.usage(&officer("civil"), &UsageFilter { concern: Concern::Given, ..UsageFilter::default() }, now()).await.expect("usage");
    assert_eq!((used.total.calls, used.total.rows, used.total.refused, used.total.errors), (5, 4, 1, 0));
    assert!(used.p50.is_some() && used.channels.len() == 2 && used.grants.len() == 1 && used.days.len() == 30);
    let nothing = desk.usage(&officer("civil"), &UsageFilter { concern: Concern::Taken, ..UsageFilter::default() }, now()).await.expect("usage");
    assert_eq!(nothing.total.calls, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_service_leaks_nothing_and_is_left_alone() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let well = Arc::new(AtomicBool::new(false));
    let turn = Arc::new(AtomicU64::new(0));
    let inside = Upstream::start(|_| Answer::Json(json!({ "data": [person(4)] }).to_string()));
    let (state, place, port) = (well.clone(), turn.clone(), inside.port);
    let upstream = Upstream::start(move |_| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        if state.load(Ordering::SeqCst) {
            return Answer::Json(json!({ "data": [person(4)] }).to_string());
        }
        match place.load(Ordering::SeqCst) {
            0 => Answer::Slow(Duration::from_secs(3), json!({ "data": [person(4)] }).to_string()),
            1 => Answer::Endless(format!("{head}\r\n{{\"data\":[\"")),
            2 => Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 10\r\n\r\nUNDECLARED")),
            3 => Answer::Raw(format!("{head}content-length: 500\r\n\r\n{{\"data\":[{{\"name\":\"UNDECLARED")),
            4 => Answer::Raw(format!("{head}content-length: 10\r\n\r\n{{\"data\":[1")),
            5 => Answer::Raw(format!("HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:{port}/api/persons/1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")),
            6 => Answer::Raw("HTTP/1.1 302 X\r\nlocation: http://169.254.169.254/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".into()),
            7 => Answer::Raw("HTTP/1.1 500 X\r\ncontent-length: 10\r\nconnection: close\r\n\r\nUNDECLARED".into()),
            8 => Answer::Raw(format!("{head}content-length: {}\r\n\r\n{}", 3_000, "[".repeat(3_000))),
            9 => Answer::Raw("HTTP/1.1 401 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
            10 => Answer::Raw("HTTP/1.1 400 X\r\ncontent-length: 10\r\nconnection: close\r\n\r\nUNDECLARED".into()),
            _ => Answer::Raw("HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
        }
    });
    with_service(dir.path(), upstream.port, "failures = 10\npause_seconds = 3\n");
    let desk = open(dir.path(), &memory).await;
    let grant = grant(&desk, lent()).await;
    let app = application(&desk, "housing").await;
    for n in 0..12 {
        turn.store(n, Ordering::SeqCst);
        let refused = call(&desk, &app, &grant, "getPerson", &id_of(4)).await.expect_err("no answer");
        let fits = match n {
            0 | 1 => matches!(refused, DeskError::Late(_) | DeskError::Upstream(_)),
            _ => matches!(refused, DeskError::Upstream(_)) || (n > 9 && matches!(refused, DeskError::Away { .. })),
        };
        assert!(fits && !refused.to_string().contains("UNDECLARED"), "{n}: {refused}");
    }
    assert!(inside.asked().is_empty(), "no redirect is followed");
    // Ten failures of its own: it is left alone, and nobody asks it.
    let before = upstream.asked().len();
    let away = call(&desk, &app, &grant, "getPerson", &id_of(4)).await.expect_err("left alone");
    assert!(matches!(away, DeskError::Away { seconds: 1.., .. }), "{away}");
    assert_eq!(upstream.asked().len(), before);
    let seen = desk.grant(&officer("civil"), &grant, now()).await.expect("grant").service.expect("a service").0;
    assert!(seen.state == ServiceState::Open && seen.error.is_some());
    assert!(desk.grant(&officer("housing"), &grant, now()).await.expect("grant").service.expect("a service").0.error.is_none(), "why is the provider's to know");
    assert_eq!(told(&desk, "service.leave").await.len(), 1);
    // What was sent is told, and whom it was about, though nothing came of it.
    let read = told(&desk, "read.grant").await;
    assert!(read.len() == before && read.iter().all(|entry| entry["detail"]["failed"].is_string() && entry["detail"]["answer"].is_null()), "{read:?}");
    assert_eq!(desk.reads_about(&command(), &id_of(4), 1, 10).await.expect("reads").total, before as u64);
    let messages = desk.messages(&command(), None, 1, 10).await.expect("messages");
    assert_eq!((messages.page.entries[0].kind.as_str(), messages.page.entries[0].service.as_deref()), ("service.away", Some("marriage")));
    assert_eq!(messages.page.entries[0].state, MessageState::Waiting);
    // It answers again: one call tries it, and it is asked as before.
    well.store(true, Ordering::SeqCst);
    for tries in 0.. {
        match call(&desk, &app, &grant, "getPerson", &id_of(4)).await {
            Ok(answer) => {
                assert_eq!(answer["rows"][0]["district"], "鄞州");
                break;
            }
            Err(DeskError::Away { .. }) if tries < 200 => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(told(&desk, "service.return").await.len(), 1);
    let used = desk.usage(&officer("housing"), &UsageFilter::default(), now()).await.expect("usage");
    assert_eq!((used.total.calls, used.total.errors), (1, before as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_calls_go_on_than_a_service_bears() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let upstream = Upstream::start(|_| Answer::Slow(Duration::from_millis(400), json!({ "data": [] }).to_string()));
    with_service(dir.path(), upstream.port, "at_once = 2\n");
    let desk = open(dir.path(), &memory).await;
    let (grant, app) = (Arc::new(grant(&desk, lent()).await), Arc::new(application(&desk, "housing").await));
    let calls = (0..6).map(|_| {
        let (desk, grant, app) = (desk.clone(), grant.clone(), app.clone());
        tokio::spawn(async move { call(&desk, &app, &grant, "getPerson", &id_of(4)).await })
    });
    let mut away = 0;
    for one in futures::future::join_all(calls).await {
        away += usize::from(matches!(one.expect("done"), Err(DeskError::Away { seconds: 1, .. })));
    }
    assert!(away >= 1 && upstream.asked().len() + away == 6, "{away} of 6 were put off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_quota_is_exact_under_concurrency_and_outlives_a_restart() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let upstream = Upstream::start(|_| Answer::Json(json!({ "data": [person(4), person(6)] }).to_string()));
    with_service(dir.path(), upstream.port, "at_once = 50\n");
    let desk = open(dir.path(), &memory).await;
    let bounded = Terms { daily: Daily { calls: Some(5), rows: None }, ..lent() };
    let (grant, app) = (Arc::new(grant(&desk, bounded).await), Arc::new(application(&desk, "housing").await));
    let calls = (0..20).map(|_| {
        let (desk, grant, app) = (desk.clone(), grant.clone(), app.clone());
        tokio::spawn(async move { call(&desk, &app, &grant, "getPerson", &id_of(4)).await })
    });
    let answers: Vec<_> = futures::future::join_all(calls).await.into_iter().map(|one| one.expect("done")).collect();
    assert_eq!(answers.iter().filter(|one| one.is_ok()).count(), 5);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, DeskError::TooMany { seconds: 1..=86_400, .. }), "{refused}");
    }
    assert_eq!(told(&desk, "read.grant").await.len(), 5, "no leaf without its act");
    let (left, next) = desk.grant(&officer("housing"), &grant, now()).await.expect("grant").left.expect("a quota");
    assert!(left.calls == Some(0) && left.rows.is_none() && next > now());
    drop(desk);
    let desk = open(dir.path(), &memory).await;
    let asked = upstream.asked().len();
    assert!(matches!(call(&desk, &app, &grant, "getPerson", &id_of(4)).await, Err(DeskError::TooMany { .. })));
    assert_eq!(upstream.asked().len(), asked, "nobody is asked for what cannot be given");
    // The next day has its own.
    let tomorrow = Moment(next.0 + 1_000_000);
    assert_eq!(desk.grant(&officer("housing"), &grant, tomorrow).await.expect("grant").left.expect("a quota").0.calls, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_day_are_bounded_and_a_decision_gives_no_more_than_was_asked() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let upstream = Upstream::start(|_| Answer::Json(json!({ "data": [person(4), person(6)] }).to_string()));
    with_service(dir.path(), upstream.port, "");
    let text = std::fs::read_to_string(dir.path().join("city/city.toml")).expect("file");
    std::fs::write(dir.path().join("city/city.toml"), text.replace("[share]\n", "[share]\nper_day = 100\n")).expect("file");
    let desk = open(dir.path(), &memory).await;
    let ask = async |daily: Daily| {
        let asking = Asking { resource: "marriage".into(), terms: Terms { daily, ..lent() }, reason: "公租房".into(), renews: None };
        desk.ask(&officer("housing"), asking, now()).await
    };
    assert!(ask(Daily { calls: Some(101), rows: None }).await.is_err(), "beyond the city's");
    let id = ask(Daily { calls: None, rows: Some(3) }).await.expect("asked");
    let asked = desk.request(&officer("civil"), &id, now()).await.expect("seen").request.terms;
    assert_eq!(asked.daily, Daily { calls: Some(100), rows: Some(3) });
    let given = |daily: Daily| match Decision::as_asked(&asked, "") {
        Decision::Grant { items, keys, condition, until, per_minute, told_after, words, .. } => {
            Decision::Grant { items, keys, condition, until, per_minute, daily, told_after, words }
        }
        other => other,
    };
    let more = desk.decide_request(&officer("civil"), &id, given(Daily { calls: Some(50), rows: Some(4) }), now()).await;
    assert!(matches!(more, Err(DeskError::Invalid(text)) if text.en.contains("daily quota")));
    desk.decide_request(&officer("civil"), &id, given(asked.daily), now()).await.expect("decided");
    let grant = desk.request(&officer("housing"), &id, now()).await.expect("request").request.grant.expect("a grant");
    let app = application(&desk, "housing").await;
    call(&desk, &app, &grant, "getPerson", &id_of(4)).await.expect("two rows");
    assert!(matches!(call(&desk, &app, &grant, "getPerson", &id_of(4)).await, Err(DeskError::TooMany { .. })), "four would be too many");
    assert_eq!(desk.grant(&officer("housing"), &grant, now()).await.expect("grant").left.expect("a quota").0.rows, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_uses_a_grant_reports_what_came_of_it() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let upstream = Upstream::start(|_| Answer::Json(json!({ "data": [person(4)] }).to_string()));
    with_service(dir.path(), upstream.port, "");
    let desk = open(dir.path(), &memory).await;
    let grant = grant(&desk, lent()).await;
    let app = application(&desk, "housing").await;
    call(&desk, &app, &grant, "getPerson", &id_of(4)).await.expect("answered");
    let (user, provider) = (officer("housing"), officer("civil"));
    let due = desk.grant(&user, &grant, now()).await.expect("grant").report.expect("asked for");
    assert!(!due.late);
    let later = Moment(now().0 + 31 * 86_400_000_000);
    assert_eq!(desk.reports_due(&user, later).await.expect("due").len(), 1);
    assert!(desk.reports_due(&provider, later).await.expect("due").is_empty(), "it is the user's to write");
    assert!(matches!(desk.report_use(&provider, &grant, "x", later).await, Err(DeskError::Forbidden(_))));
    assert!(matches!(desk.report_use(&officer("police"), &grant, "x", later).await, Err(DeskError::NotFound)));
    assert!(matches!(desk.report_use(&user, &grant, " ", later).await, Err(DeskError::Invalid(_))));
    desk.report_use(&user, &grant, "核验 1 户，免交证明。", later).await.expect("reported");
    assert!(matches!(desk.report_use(&user, &grant, "再报", later).await, Err(DeskError::Conflict(_))));
    let seen = desk.grant(&provider, &grant, later).await.expect("grant");
    assert_eq!((seen.reports.len(), seen.reports[0].calls, seen.reports[0].words.as_str(), seen.may_report), (1, 1, "核验 1 户，免交证明。", false));
    assert!(desk.reports_due(&user, later).await.expect("due").is_empty());
    let leaf = told(&desk, "grant.report").await;
    assert_eq!((leaf.len(), leaf[0]["detail"]["calls"].as_u64()), (1, Some(1)));
}
