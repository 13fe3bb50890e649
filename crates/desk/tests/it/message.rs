//! Others are told of defects: once each, as the same message until it is taken, and of no row.

use std::collections::HashMap;
use std::sync::Arc;

use desk::message::{MessageState, Sent};
use desk::view::Account;
use desk::{CollectScope, Desk, Place};
use kernel::Moment;
use serde_json::{Value, json};

use crate::drift::{HEADER, city, deliver, now, row, steward};
use crate::memory::{Memory, ports};
use crate::receiver::Receiver;

const RULE: &str = "\n[[rule]]\nname = \"known\"\ntitle = \"有电话\"\ntitle_en = \"Has a telephone\"\ndimension = \"completeness\"\nexpression = \"phone is not null\"\ndays = 3\n";

struct Stage {
    dir: tempfile::TempDir,
    desk: Desk,
    memory: Arc<Memory>,
}

/// A city that tells what it declares so, whose one rule is not measured yet.
async fn stage(notify: &str) -> Stage {
    // Another test may have been quicker.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path(), "");
    deliver(dir.path(), HEADER, (0..200).map(row));
    add(dir.path(), "resources/person.toml", RULE);
    add(dir.path(), "city.toml", notify);
    let variables = HashMap::from([("TOKEN".to_owned(), "geheim".to_owned())]);
    let place = Place { city_dir: dir.path().join("city"), data_dir: dir.path().join("data"), variables };
    let Ok(desk) = Desk::open(place, ports(&memory)).await else { panic!("the city has mistakes") };
    desk.collect_now(CollectScope::All, "command", now()).await.expect("collected");
    Stage { dir, desk, memory }
}

fn add(dir: &std::path::Path, file: &str, text: &str) {
    let path = dir.join("city").join(file);
    let before = std::fs::read_to_string(&path).expect("file");
    std::fs::write(path, before + text).expect("file");
}

fn here(port: u16) -> String {
    format!("\n[network]\nallow = [\"127.0.0.1\"]\n[notify]\nurl = \"http://127.0.0.1:{port}/robot?token=${{TOKEN}}\"\nheaders = {{ Authorization = \"Bearer ${{TOKEN}}\" }}\n")
}

impl Stage {
    async fn measure(&self, failed: u64) {
        *self.memory.cells.lock().expect("lock") = vec![json!(200), json!(failed)];
        self.desk.measure_now(&steward(), "person", "person").await.expect("measured");
    }

    async fn send(&self, at: Moment) -> Sent {
        self.desk.send_messages(at).await.expect("sent")
    }
}

fn after(seconds: i64) -> Moment {
    Moment(now().0 + seconds * 1_000_000)
}

fn sent(acknowledged: u64, failed: u64, waiting: u64) -> Sent {
    Sent { acknowledged, failed, unaddressed: 0, waiting }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_is_told_when_it_is_found_and_when_it_is_late_until_that_is_taken() {
    let receiver = Receiver::start(|n| Some(if n <= 2 { (503, "retry-after: 600\r\n") } else { (202, "") }));
    let stage = stage(&here(receiver.port)).await;
    assert_eq!(stage.send(now()).await, Sent::default(), "nothing to tell");
    stage.measure(7).await;
    stage.measure(9).await;
    let asked = after(1);
    assert_eq!(stage.send(asked).await, sent(0, 1, 1));
    // Not before the receiver's own time, unless a person wants it.
    assert_eq!(stage.send(after(599)).await, sent(0, 0, 1));
    assert_eq!(stage.desk.hurry_messages(&steward(), after(2)).await.expect("hurried"), 1);
    assert_eq!(stage.send(after(3)).await, sent(0, 1, 1));
    let told = stage.desk.messages(&steward(), Some(MessageState::Waiting), 1, 10).await.expect("messages");
    let message = &told.page.entries[0];
    assert_eq!((message.tries, told.waiting, told.receiver.as_deref()), (2, 1, Some(format!("127.0.0.1:{}", receiver.port).as_str())));
    let error = message.error.clone().expect("an error");
    assert!(error.zh.contains("503") && error.en.contains("503"), "{error:?}");

    // What is found meanwhile changes nothing of what is sent.
    stage.measure(30).await;
    assert_eq!(stage.send(after(700)).await, sent(1, 0, 0));
    assert_eq!(stage.send(after(9_000)).await, sent(0, 0, 0), "it is taken");
    let got = receiver.got();
    assert!(got.len() == 3 && got.iter().all(|one| one.body == got[0].body), "{got:?}");
    assert!(got[0].target == "/robot?token=geheim" && got[0].headers.contains(&"authorization: bearer geheim".to_owned()), "{got:?}");
    assert!(got[0].headers.contains(&"content-type: application/cloudevents+json; charset=utf-8".to_owned()), "{got:?}");
    let event: Value = serde_json::from_str(&got[0].body).expect("JSON");
    let defect = message.defect.clone();
    assert_eq!(
        (&event["specversion"], &event["id"], &event["type"], &event["source"], &event["subject"]),
        (&json!("1.0"), &json!(format!("{defect}.opened")), &json!("defect.opened"), &json!("/sanjiang/330200"), &json!(defect))
    );
    assert_eq!((&event["data"]["link"], &event["data"]["failed"], &event["data"]["department"]), (&json!(format!("/defects/{defect}")), &json!(9), &json!("office")));
    let text = &event["data"]["text"];
    assert!(text["zh"].as_str().is_some_and(|zh| zh.contains("“人员”有 9 / 200 行不满足规则“有电话”，请试验局于")), "{text}");
    assert!(text["en"].as_str().is_some_and(|en| en.contains("fail the rule “Has a telephone”")), "{text}");

    let late = after(40 * 86_400);
    assert_eq!(stage.desk.escalate_defects(late).await.expect("escalated"), 1);
    assert_eq!(stage.send(late).await, sent(1, 0, 0));
    assert_eq!(stage.desk.escalate_defects(late).await.expect("escalated"), 0);
    assert_eq!(stage.send(late).await, sent(0, 0, 0));
    let event: Value = serde_json::from_str(&receiver.got()[3].body).expect("JSON");
    assert_eq!((&event["id"], &event["type"]), (&json!(format!("{defect}.escalated")), &json!("defect.escalated")));
    assert!(event["data"]["text"]["zh"].as_str().is_some_and(|zh| zh.starts_with("逾期未整改")), "{event}");
    assert_eq!(stage.desk.forget_messages(after(300 * 86_400)).await.expect("forgotten"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wrote_is_not_sent() {
    let receiver = Receiver::start(|_| Some((204, "")));
    let stage = stage(&here(receiver.port)).await;
    let words = "王五的电话 13800000000 不对";
    stage.desk.object(&steward(), "person", Some(&"0a".repeat(16)), words, now()).await.expect("an objection");
    assert_eq!(stage.send(after(1)).await, sent(1, 0, 0));
    let got = receiver.got();
    assert!(got.len() == 1 && ["王五", "13800000000", "0a0a"].iter().all(|word| !got[0].body.contains(word)), "{got:?}");
    assert!(got[0].body.contains("使用者对“人员”提出异议"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_city_allows_is_told_and_no_secret_is_shown() {
    let receiver = Receiver::start(|_| Some((307, "location: http://127.0.0.1:9/\r\n")));
    let allowed = here(receiver.port);
    // A name that leads inside is refused when it is looked up.
    let named = allowed.replace("allow = [\"127.0.0.1\"]", "allow = []").replace("//127.0.0.1", "//localhost");
    for (notify, why) in [(allowed.as_str(), "307"), (named.as_str(), "[network] allow"), (&allowed.replace("${TOKEN}\" }", "${NOBODY_SET_THIS}\" }"), "NOBODY_SET_THIS")] {
        let stage = stage(notify).await;
        stage.measure(7).await;
        assert_eq!(stage.send(after(1)).await, sent(0, 1, 1), "{why}");
        let told = stage.desk.messages(&steward(), None, 1, 10).await.expect("messages");
        let error = told.page.entries[0].error.clone().expect("an error");
        assert!(error.zh.contains(why) && error.en.contains(why) && !format!("{told:?}").contains("geheim"), "{told:?}");
    }
    assert_eq!(receiver.got().len(), 1, "a redirect is not followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_for_nobody_is_not_sent_when_somebody_is_declared_later() {
    let receiver = Receiver::start(|_| Some((200, "")));
    let stage = stage("").await;
    stage.measure(7).await;
    assert_eq!(stage.send(after(1)).await.unaddressed, 1);
    add(stage.dir.path(), "city.toml", &(here(receiver.port) + "events = [\"defect.escalated\"]\n"));
    stage.desk.reload_city().expect("a good city");
    assert_eq!(stage.send(after(2)).await, Sent::default());
    stage.desk.object(&steward(), "person", None, "有误", now()).await.expect("an objection");
    assert_eq!(stage.send(after(3)).await.unaddressed, 1, "only what is late is told");
    assert_eq!(stage.desk.escalate_defects(after(40 * 86_400)).await.expect("escalated"), 2);
    assert_eq!(stage.send(after(40 * 86_400)).await, sent(2, 0, 0));
    assert_eq!(receiver.got().len(), 2);

    // What is to be seen to is told by department.
    let of = |department: &str| Account { department: Some(department.to_owned()), ..steward() };
    let (own, other) = (stage.desk.waiting_defects(&of("office")).await, stage.desk.waiting_defects(&of("health")).await);
    assert_eq!((own.expect("counted"), other.expect("counted"), stage.desk.waiting_defects(&steward()).await.expect("counted")), (2, 0, 2));
}
