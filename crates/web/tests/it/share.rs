//! Data asked for, decided about, used and taken back on the pages; applications, and who read about whom.

use axum::http::StatusCode;
use desk::account::NewRights;
use desk::authority::Role;

use crate::site::{Answer, Site};

const PERSON: &str = "title = \"人员名册\"\ncode = \"3990200/000001\"\nsummary = \"试验用的人员\"\nsystem = \"people\"\nclass = \"department\"\n\
     share = \"conditional\"\nshare_condition = \"限依法履职\"\nopen = \"none\"\ngrade = \"L3\"\nperiod = \"daily\"\n[collect]\nfrom = \"people.csv\"\n\
     [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\nkey = true\ngrade = \"L1\"\n\
     [[item]]\nname = \"name\"\ntitle = \"姓名\"\nstandard = \"text\"\n";

async fn session(site: &Site, name: &str, role: Role, department: Option<&str>) -> String {
    site.session_of(name, NewRights { roles: vec![role], department: department.map(str::to_owned), clearance: None }).await
}

/// A form with the token of the reader's own pages.
async fn post(site: &Site, path: &str, fields: &[(&str, &str)], session: &str) -> Answer {
    let csrf = site.get_as("/account", session).await.csrf();
    let fields: Vec<(&str, &str)> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
    site.post(path, &fields, Some(session)).await
}

fn after<'a>(body: &'a str, mark: &str) -> &'a str {
    body.split(mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {mark}: {body}"))
}

/// A reading, once the copy that answers come from is there.
async fn used(site: &Site, path: &str, fields: &[(&str, &str)], session: &str) -> Answer {
    for _ in 0..200 {
        let answer = post(site, path, fields, session).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
        assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("value=\"7\""), "what was entered is kept: {}", answer.body);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the copy is not made");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_asked_for_granted_used_and_taken_back_on_the_pages() {
    let site = Site::with(&[("resources/person.toml", PERSON)]).await;
    let lender = session(&site, "li", Role::Officer, Some("office")).await;
    let asker = session(&site, "wang", Role::Officer, Some("other")).await;
    let started = post(&site, "/collect", &[("resource", "person")], &lender).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.body);
    site.settled().await;

    let path = "/resources/person/request";
    assert!(site.get_as("/catalog/person", &asker).await.body.contains(path));
    assert!(!site.get_as("/catalog/person", &lender).await.body.contains(path), "nobody asks for the own data");
    assert_eq!(site.get(path).await.status, StatusCode::SEE_OTHER, "for staff only");
    let form = site.get_as(path, &asker).await.body;
    assert!(form.contains("限依法履职") && form.contains("name=\"key:id\" value=\"1\" checked"), "{form}");
    let until = after(&form, "type=\"date\" value=\"").to_owned();
    let asked = |reason: &'static str| {
        [("item:name", "1"), ("as:name", "whole"), ("as:id", "whole"), ("key:id", "1"), ("channel:query", "1"), ("channel:verify", "1"), ("condition", ""), ("purpose", "service"), ("per_minute", "600"), ("reason", reason)]
    };
    let with = |fields: &[(&'static str, &'static str)], until: &str| -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain([("until".to_owned(), until.to_owned())]).collect()
    };
    let send = async |path: &str, fields: Vec<(String, String)>, session: &str| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        post(&site, path, &fields, session).await
    };
    let wrong = send(path, with(&asked("<社保>"), "2001-01-01"), &asker).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("&#60;社保&#62;</textarea>") && wrong.body.contains("期限"), "{}", wrong.body);
    let done = send(path, with(&asked("社保资格认证"), &until), &asker).await;
    let request = done.header("location").to_owned();
    assert!(done.status == StatusCode::SEE_OTHER && request.starts_with("/requests/"), "{}", done.body);

    // The provider is told of it, and refuses with a ground only.
    let list = site.get_as("/requests", &lender).await.body;
    assert!(list.contains(&request) && list.contains("class=\"waiting\">1<"), "{list}");
    assert!(!site.get_as(&request, &asker).await.body.contains("/decide"));
    let refused = post(&site, &format!("{request}/decide"), &[("act", "refuse"), ("words", "")], &lender).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let more = send(&format!("{request}/decide"), with(&[("act", "grant"), ("as:name", "whole"), ("as:id", "whole"), ("key:id", "1"), ("per_minute", "600")], &until), &lender).await;
    assert!(more.status == StatusCode::UNPROCESSABLE_ENTITY && more.body.contains("授权不能超出申请"), "{}", more.body);
    let given = send(&format!("{request}/decide"), with(&[("act", "grant"), ("as:name", "whole"), ("key:id", "1"), ("per_minute", "600"), ("words", "同意")], &until), &lender).await;
    assert_eq!((given.status, given.header("location")), (StatusCode::SEE_OTHER, request.as_str()), "{}", given.body);
    let page = site.get_as(&request, &asker).await.body;
    let grant = format!("/grants/{}", after(&page, "href=\"/grants/"));

    // Read by a form, never by an address; each answer has its receipt.
    let query = format!("{grant}/query");
    let answer = used(&site, &query, &[("purpose", "service"), ("key:id", "7"), ("case", "办件-1")], &asker).await;
    assert!(answer.status == StatusCode::OK && answer.body.contains("人7") && answer.body.contains("/api/v1/receipts/") && answer.body.contains("value=\"办件-1\""), "{} {}", answer.status, answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let keyless = post(&site, &query, &[("purpose", "service"), ("key:id", "")], &asker).await;
    assert!(keyless.status == StatusCode::UNPROCESSABLE_ENTITY && keyless.body.contains("缺少必填查询项"), "{}", keyless.body);
    for (name, verdict) in [("人7", "verdict yes"), ("人8", "verdict no")] {
        let answer = used(&site, &format!("{grant}/verify"), &[("purpose", "service"), ("key:id", "7"), ("claim:name", name)], &asker).await;
        assert!(answer.status == StatusCode::OK && answer.body.contains(verdict), "{}", answer.body);
    }
    assert_eq!(post(&site, &query, &[("purpose", "service"), ("key:id", "7")], &lender).await.status, StatusCode::NOT_FOUND, "it is lent to the other");
    let forged = site.post(&query, &[("csrf", "x"), ("purpose", "service"), ("key:id", "7")], Some(&asker)).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);

    let end = format!("{grant}/end");
    let unsure = post(&site, &end, &[("why", "<专项>")], &lender).await;
    assert!(unsure.status == StatusCode::UNPROCESSABLE_ENTITY && unsure.body.contains("&#60;专项&#62;</textarea>"), "{}", unsure.body);
    let ended = post(&site, &end, &[("why", "专项结束"), ("sure", "1")], &lender).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    assert_eq!(post(&site, &query, &[("purpose", "service"), ("key:id", "7")], &asker).await.status, StatusCode::FORBIDDEN);
    let grants = site.get_as("/grants", &asker).await.body;
    assert!(grants.contains(&grant) && grants.contains("已收回"), "{grants}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_shown_once_and_the_audit_officer_asks_who_read() {
    let site = Site::open().await;
    let officer = session(&site, "wang", Role::Officer, Some("other")).await;
    let nameless = post(&site, "/applications", &[("department", "other"), ("name", " ")], &officer).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let issued = post(&site, "/applications", &[("department", "other"), ("name", "审批系统")], &officer).await;
    assert!(issued.status == StatusCode::OK && issued.body.contains("sjapp_") && issued.header("cache-control") == "no-store", "{}", issued.body);
    assert_eq!(post(&site, "/applications", &[("department", "office"), ("name", "x")], &officer).await.status, StatusCode::FORBIDDEN);
    let list = site.get_as("/applications", &officer).await.body;
    assert!(list.contains("审批系统") && !list.contains("sjapp_"), "{list}");
    let revoke = format!("/applications/{}", after(&list, "action=\"/applications/"));
    let done = post(&site, &revoke, &[], &officer).await;
    assert_eq!(done.header("location"), "/applications?done=revoke", "{}", done.body);
    assert!(site.get_as("/applications", &officer).await.body.contains("已吊销"));

    let audit = session(&site, "zhao", Role::Audit, None).await;
    let code = site.get_as("/reads", &audit).await;
    // A session that began without the second factor may not.
    assert!([StatusCode::OK, StatusCode::FORBIDDEN].contains(&code.status), "{}", code.body);
    assert_eq!(site.get_as("/reads", &officer).await.status, StatusCode::FORBIDDEN);
    assert_eq!(post(&site, "/reads", &[("id", "1")], &officer).await.status, StatusCode::FORBIDDEN);
    let none = post(&site, "/reads", &[("id", "330212199001010000")], &audit).await;
    assert!(none.status == StatusCode::OK && none.body.contains("没有使用记录") && none.body.contains("value=\"330212199001010000\""), "{}", none.body);
    assert_eq!(post(&site, "/reads", &[("id", "")], &audit).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
