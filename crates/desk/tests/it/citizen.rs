//! Citizens and companies: an account takes two people and a document; each sees every reading about them once and nobody else's,
//! later where an investigation needs it; what they do not accept is answered.

use std::collections::{BTreeMap, BTreeSet};

use data::share::{Purpose, Terms};
use desk::account::{Login, NewPerson, NewRights, PersonKind};
use desk::authority::{Role, Roles};
use desk::share::{AboutView, Call, Decision, MyFilter};
use desk::view::{Account, Form};
use desk::{Desk, DeskError};
use kernel::Moment;
use serde_json::Value;

use crate::drift::{command, now};
use crate::memory::Memory;
use crate::river::open;
use crate::share::{application, asking, city, collected, deliver, granted, id_of, officer, service, terms, told};

const PASSWORD: &str = "three rivers meet";
const DAY: i64 = 86_400_000_000;

fn of_three(role: Role) -> Account {
    Account { id: role.word().into(), name: role.word().into(), display: role.word().into(), roles: Roles::only(role), second: true, ..Account::default() }
}

fn citizen<'a>(name: &'a str, number: &'a str) -> NewPerson<'a> {
    NewPerson { name, display: "王芳", kind: PersonKind::Citizen, number }
}

async fn logged_in(desk: &Desk, name: &str) -> Account {
    let token = desk.login(Login { name, password: PASSWORD, code: "", agent: "test" }, now()).await.expect("login");
    desk.session(&token, now()).await.expect("session").expect("alive")
}

/// The account of the person of this number, confirmed and logged in.
async fn person(desk: &Desk, n: usize) -> Account {
    let name = format!("citizen-{n}");
    desk.add_person(&command(), citizen(&name, &id_of(n)), PASSWORD, now()).await.expect("made");
    logged_in(desk, &name).await
}

async fn seen(desk: &Desk, who: &Account, at: Moment) -> Vec<AboutView> {
    let list = desk.my_list(who, &MyFilter::default(), at).await.expect("list");
    let page = desk.my_reads(who, &MyFilter::default(), 1, 200, at).await.expect("page").page;
    assert_eq!((page.total, page.entries.len()), (list.len() as u64, list.len()), "a page tells what the list does");
    list
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_takes_two_people_and_one_document() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    let (system, security) = (of_three(Role::System), of_three(Role::Security));
    let number = id_of(4);
    let wrong = format!("{}{}", &number[..17], if number.ends_with('1') { '2' } else { '1' });
    let refused = desk.create_person(&system, citizen("wang.fang", &wrong), now()).await.expect_err("a slip");
    assert!(matches!(&refused, DeskError::Invalid(text) if text.zh.contains("校验码")), "{refused}");
    assert!(matches!(desk.create_person(&security, citizen("wang.fang", &number), now()).await, Err(DeskError::Forbidden(_))), "not the security officer's");
    let invited = desk.create_person(&system, citizen("wang.fang", &number), now()).await.expect("made");
    for same in [number.clone(), format!(" {} ", number.to_lowercase())] {
        let twice = desk.create_person(&system, citizen("other", &same), now()).await.expect_err("bound already");
        assert!(matches!(&twice, DeskError::Conflict(text) if text.zh.contains("已有账户")), "{twice}");
    }
    desk.use_link(&invited.token, "", PASSWORD, "test", now()).await.expect("a password").expect("a session");
    let who = logged_in(&desk, "wang.fang").await;
    assert!(who.roles.is_empty() && who.department.is_none());

    // Until the other officer has read the same number from the document it sees nothing but who it is.
    assert_eq!(desk.me(&who).await.expect("me").person.masked, format!("330*************{}", &number[16..]));
    let waits = desk.my_reads(&who, &MyFilter::default(), 1, 10, now()).await.expect_err("unconfirmed");
    assert!(matches!(&waits, DeskError::Forbidden(text) if text.en.contains("not confirmed")), "{waits}");
    assert_eq!(desk.waiting_people(&security).await.expect("count"), 1);
    assert!(desk.confirm_person(&system, &who.id, &number, now()).await.is_err(), "not by who made it");
    let other = desk.confirm_person(&security, &who.id, &id_of(5), now()).await.expect_err("another number");
    assert!(matches!(&other, DeskError::Invalid(text) if text.zh.contains("不一致")), "{other}");
    desk.confirm_person(&security, &who.id, &number, now()).await.expect("confirmed");
    let who = logged_in(&desk, "wang.fang").await;
    assert!(seen(&desk, &who, now()).await.is_empty());

    // It is no member of staff's, and becomes none.
    let rights = NewRights { roles: vec![Role::Steward], department: None, clearance: None };
    assert!(matches!(desk.set_rights(&security, &who.id, rights).await, Err(DeskError::Invalid(_))));
    assert!(desk.accounts(&system).await.expect("staff").iter().all(|account| account.id != who.id));
    assert_eq!(desk.people(&system, 1, 10).await.expect("people").total, 1);
    assert!(matches!(desk.ask_emergency(&who, "急用", 1, now()).await, Err(DeskError::Forbidden(_))));
    assert!(matches!(desk.reads_about(&who, &number, 1, 10).await, Err(DeskError::Forbidden(_))), "the counter is the audit officer's");
    assert!(matches!(desk.me(&of_three(Role::Audit)).await, Err(DeskError::Forbidden(_))));
    let bound = desk.account_bound_to(PersonKind::Citizen, &number).await.expect("asked").expect("bound");
    assert_eq!(bound.id, who.id);
    assert!(desk.account_bound_to(PersonKind::Citizen, &id_of(5)).await.expect("asked").is_none());

    // The log tells it all, and of whom neither number nor name. Looking is told once a day.
    seen(&desk, &who, now()).await;
    assert_eq!(told(&desk, "see.me").await.len(), 1);
    seen(&desk, &who, Moment(now().0 + DAY)).await;
    assert_eq!(told(&desk, "see.me").await.len(), 2);
    for act in ["account", "session", "see", "act"] {
        for entry in told(&desk, act).await {
            let text = entry.to_string();
            assert!(!text.contains(&number) && !text.contains("wang.fang") && !text.contains("王芳"), "{text}");
        }
    }
}

/// A small source of choices that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("small") % n
    }
}

/// Persons by number: their readings with how many rows each were about them.
type Expected = BTreeMap<usize, BTreeMap<u64, u64>>;

/// Notes a file's reading for everybody whose number stands in it.
fn in_file(expected: &mut Expected, numbers: &BTreeMap<String, usize>, text: &str, leaf: u64) {
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        if let Some(n) = row["id_number"].as_str().and_then(|id| numbers.get(id)) {
            *expected.entry(*n).or_default().entry(leaf).or_default() += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reading_about_somebody_is_told_once_and_to_nobody_else() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let grant = granted(&desk, Terms { condition: "district = '鄞州'".into(), ..terms() }, |asked| Decision::as_asked(asked, "")).await;
    let app = application(&desk, "housing").await;
    let numbers: BTreeMap<String, usize> = (0..60).map(|n| (id_of(n), n)).collect();
    let (mut dice, mut expected, mut since) = (Dice(17), Expected::new(), None::<String>);
    for step in 0..70 {
        let n = dice.below(45);
        match dice.below(6) {
            0 | 1 => {
                // By one key or two, of rows that are there and of some that are not.
                let asked: BTreeSet<usize> = [n, dice.below(45)].into_iter().collect();
                let parameters: Vec<(String, String)> = asked.iter().map(|n| ("id_number".to_owned(), id_of(*n))).collect();
                let answer = desk.lent_rows(&app, &grant, &service(), &parameters, now()).await.expect("rows");
                let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
                let found = |n: usize| body["rows"].as_array().expect("rows").iter().filter(|row| row["id_number"] == *id_of(n)).count() as u64;
                for n in asked {
                    expected.entry(n).or_default().insert(answer.leaf, found(n));
                }
            }
            2 => {
                let said: BTreeMap<String, String> = [("id_number".to_owned(), id_of(n)), ("married".to_owned(), "是".to_owned())].into();
                let answer = desk.verify_lent(&app, &grant, &service(), &said, now()).await.expect("verdict");
                let there = !String::from_utf8_lossy(&answer.body).contains("unknown");
                // A row without a value is there too: what counts is that it is told.
                expected.entry(n).or_default().insert(answer.leaf, u64::from(there));
            }
            3 => {
                let file = desk.lent_batch(&app, &grant, &service(), Form::Ndjson, None, now()).await.expect("file");
                in_file(&mut expected, &numbers, &std::fs::read_to_string(file.path()).expect("text"), file.leaf);
                since = Some(file.next.clone());
            }
            4 => {
                let file = desk.lent_batch(&app, &grant, &service(), Form::Ndjson, since.as_deref(), now()).await.expect("file");
                in_file(&mut expected, &numbers, &std::fs::read_to_string(file.path()).expect("text"), file.leaf);
                since = Some(file.next.clone());
            }
            _ => {
                // People come, go and move.
                let (first, part) = (dice.below(8), 2 + dice.below(3));
                deliver(dir.path(), (first..40 + step / 8).map(|n| (n, if n % part == 0 { "鄞州" } else { "海曙" }, "是")));
                collected(&desk).await;
            }
        }
    }
    assert!(expected.values().map(BTreeMap::len).sum::<usize>() > 100, "there was something to tell");
    for n in [0, 1, 2, 7, 12, 30, 41, 44, 59] {
        let who = person(&desk, n).await;
        let list = seen(&desk, &who, now()).await;
        let got: BTreeMap<u64, u64> = list.iter().map(|read| (read.leaf, read.rows.expect("counted"))).collect();
        assert_eq!(got.len(), list.len(), "each once");
        assert_eq!(got, expected.remove(&n).unwrap_or_default(), "person {n}");
        assert!(list.windows(2).all(|pair| pair[0].leaf > pair[1].leaf), "the newest first");
        // The counter says the same, on whichever page.
        let mut leaves = Vec::new();
        for page in 1.. {
            let told = desk.reads_about(&command(), &id_of(n), page, 7).await.expect("counter");
            assert_eq!(told.total, got.len() as u64, "page {page} of person {n}");
            if told.entries.is_empty() {
                break;
            }
            leaves.extend(told.entries.iter().map(|read| read.leaf));
        }
        assert_eq!(leaves, list.iter().map(|read| read.leaf).collect::<Vec<_>>());
    }
    // By department and day.
    let who = logged_in(&desk, "citizen-12").await;
    let filtered = async |filter: MyFilter| desk.my_reads(&who, &filter, 1, 200, now()).await.expect("reads");
    let all = filtered(MyFilter::default()).await;
    assert_eq!(all.departments.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["housing"]);
    assert_eq!(filtered(MyFilter { department: Some("police".into()), ..MyFilter::default() }).await.page.total, 0);
    let today = jiff::Zoned::now().date();
    let (before, after) = (today.yesterday().expect("day").yesterday().expect("day"), today.tomorrow().expect("day").tomorrow().expect("day"));
    assert_eq!(filtered(MyFilter { from: Some(before), to: Some(after), ..MyFilter::default() }).await.page.total, all.page.total);
    assert_eq!(filtered(MyFilter { to: Some(before), ..MyFilter::default() }).await.page.total, 0);
    assert_eq!(filtered(MyFilter { from: Some(after), ..MyFilter::default() }).await.page.total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_told_as_a_citizen_is() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let bench = std::fs::read_to_string(dir.path().join("city/resources/bench.toml")).expect("file");
    let firm = bench.replace("000002", "000009").replace("长椅", "企业").replace("bench.csv", "firm.csv").replace("\"place\"", "\"uscc\"").replace("\"text\"", "\"uscc\"");
    std::fs::write(dir.path().join("city/resources/firm.toml"), firm).expect("file");
    std::fs::write(dir.path().join("city/people/firm.csv"), "uscc,seats\n11330200MX95B04P1C,4\n11330200MX9554TR56,2\n").expect("file");
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let draft = desk.draft_request(&officer("housing"), "firm", None, now()).await.expect("draft").terms;
    let id = desk.ask(&officer("housing"), asking("firm", draft), now()).await.expect("asked");
    let grant = desk.request(&officer("housing"), &id, now()).await.expect("request").request.grant.expect("at once");
    collected(&desk).await;
    let app = application(&desk, "housing").await;
    let parameters = vec![("uscc".to_owned(), "11330200MX95B04P1C".to_owned())];
    let answer = loop {
        match desk.lent_rows(&app, &grant, &service(), &parameters, now()).await {
            Err(DeskError::Busy(_)) => tokio::time::sleep(std::time::Duration::from_millis(25)).await,
            answer => break answer.expect("rows"),
        }
    };
    for (name, number) in [("one", "11330200mx95b04p1c"), ("two", "11330200MX9554TR56")] {
        let new = NewPerson { name, display: "甲公司", kind: PersonKind::Company, number };
        desk.add_person(&command(), new, PASSWORD, now()).await.expect("made");
    }
    let (one, two) = (logged_in(&desk, "one").await, logged_in(&desk, "two").await);
    assert_eq!(seen(&desk, &one, now()).await.iter().map(|read| read.leaf).collect::<Vec<_>>(), [answer.leaf]);
    assert!(seen(&desk, &two, now()).await.is_empty());
}

/// What an investigation asks for, with a delay in telling persons.
fn investigation(days: u32) -> Terms {
    Terms { purpose: Purpose::Investigation, told_after: days, told_ground: "《监察法》第四十九条".into(), ..terms() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_back_for_an_investigation_leaves_no_trace_until_its_day() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    for (terms, why) in [
        (Terms { purpose: Purpose::Service, ..investigation(30) }, "investigation only"),
        (Terms { told_ground: " ".into(), ..investigation(30) }, "legal ground"),
        (investigation(181), "180 days"),
    ] {
        let refused = desk.ask(&officer("housing"), asking("person", terms), now()).await.expect_err(why);
        assert!(matches!(&refused, DeskError::Invalid(text) if text.en.contains(why)), "{why}: {refused}");
    }
    // The provider gives a shorter delay than was asked, and cannot give a longer one.
    let id = desk.ask(&officer("housing"), asking("person", investigation(60)), now()).await.expect("asked");
    let with = |told_after| {
        let Decision::Grant { items, keys, condition, until, per_minute, daily, words, .. } = Decision::as_asked(&investigation(60), "") else { unreachable!() };
        Decision::Grant { items, keys, condition, until, per_minute, daily, told_after, words }
    };
    assert!(matches!(desk.decide_request(&officer("civil"), &id, with(61), now()).await, Err(DeskError::Invalid(_))));
    desk.decide_request(&officer("civil"), &id, with(30), now()).await.expect("decided");
    let grant = desk.request(&officer("housing"), &id, now()).await.expect("request").request.grant.expect("a grant");
    collected(&desk).await;
    let app = application(&desk, "housing").await;
    let call = Call { purpose: "investigation".into(), case: Some("立案-7".into()) };
    let parameters = vec![("id_number".to_owned(), id_of(4))];
    let mut leaves = Vec::new();
    while leaves.len() < 2 {
        match desk.lent_rows(&app, &grant, &call, &parameters, now()).await {
            Err(DeskError::Busy(_)) => tokio::time::sleep(std::time::Duration::from_millis(25)).await,
            answer => leaves.push(answer.expect("rows").leaf),
        }
    }
    leaves.push(desk.lent_batch(&app, &grant, &call, Form::Csv, None, now()).await.expect("file").leaf);
    desk.publish_log().await.expect("published");

    let who = person(&desk, 4).await;
    let nothing = desk.my_reads(&who, &MyFilter::default(), 1, 10, Moment(now().0 + 29 * DAY)).await.expect("reads");
    assert_eq!((nothing.page.total, nothing.page.entries.len(), nothing.departments.len()), (0, 0, 0), "neither rows nor counts nor departments");
    for leaf in &leaves {
        assert!(matches!(desk.my_receipt(&who, *leaf, now()).await, Err(DeskError::NotFound)));
        assert!(matches!(desk.challenge(&who, *leaf, "为什么", now()).await, Err(DeskError::NotFound)));
    }
    assert!(matches!(desk.my_receipt(&who, 999_999, now()).await, Err(DeskError::NotFound)), "the same answer");
    let audit = desk.reads_about(&of_three(Role::Audit), &id_of(4), 1, 10).await.expect("counter");
    assert_eq!(audit.total, 3);
    for read in &audit.entries {
        let held = read.held.expect("marked with its day");
        assert!((now().0 + 29 * DAY..now().0 + 31 * DAY).contains(&held.0) && read.case.as_deref() == Some("立案-7"));
    }
    // Then they are told by themselves.
    let later = Moment(now().0 + 31 * DAY);
    let mut told: Vec<u64> = seen(&desk, &who, later).await.iter().map(|read| read.leaf).collect();
    told.reverse();
    assert_eq!(told, leaves);
    let receipt = desk.my_receipt(&who, leaves[0], later).await.expect("receipt");
    assert!(receipt.entry.contains("立案-7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_does_not_accept_is_answered() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let grant = granted(&desk, terms(), |asked| Decision::as_asked(asked, "")).await;
    let app = application(&desk, "housing").await;
    let read = async |n| desk.lent_rows(&app, &grant, &service(), &[("id_number".to_owned(), id_of(n))], now()).await.expect("rows").leaf;
    let (mine, theirs) = (read(4).await, read(5).await);
    desk.publish_log().await.expect("published");
    let (one, two) = (person(&desk, 4).await, person(&desk, 5).await);
    let (audit, civil) = (of_three(Role::Audit), officer("civil"));

    // Another's reading is not there.
    assert!(matches!(desk.my_receipt(&one, theirs, now()).await, Err(DeskError::NotFound)));
    assert!(matches!(desk.challenge(&one, theirs, "不认可", now()).await, Err(DeskError::NotFound)));
    assert!(desk.my_receipt(&one, mine, now()).await.expect("receipt").entry.contains(&grant));
    let view = &seen(&desk, &one, now()).await[0];
    assert_eq!((view.caller.zh.as_str(), view.case.as_deref(), view.rows, view.provider.id.as_str()), ("审批系统", Some("办件-1"), Some(1), "civil"));

    assert!(matches!(desk.challenge(&one, mine, "  ", now()).await, Err(DeskError::Invalid(_))), "say why");
    desk.challenge(&one, mine, "我没有申请公租房", now()).await.expect("raised");
    assert!(matches!(desk.challenge(&one, mine, "再说一遍", now()).await, Err(DeskError::Conflict(_))), "once");
    assert_eq!((desk.waiting_challenges(&audit).await.expect("count"), desk.waiting_challenges(&civil).await.expect("count")), (1, 0));
    let open = desk.challenges(&audit, true, 1, 10).await.expect("list").entries;
    assert_eq!((open.len(), open[0].by.as_deref(), open[0].read.leaf), (1, Some("王芳"), mine));
    // Who lent sees what is said of it, and not by whom; others see nothing.
    let lent = desk.challenges(&civil, false, 1, 10).await.expect("list").entries;
    assert_eq!((lent.len(), lent[0].by.clone(), lent[0].said.words.as_str()), (1, None, "我没有申请公租房"));
    assert_eq!(desk.challenges(&officer("housing"), false, 1, 10).await.expect("list").total, 0);
    assert!(matches!(desk.challenges(&two, false, 1, 10).await, Err(DeskError::Forbidden(_))));

    assert!(matches!(desk.answer_challenge(&civil, &open[0].id, "依法查询", now()).await, Err(DeskError::Forbidden(_))));
    desk.answer_challenge(&audit, &open[0].id, "系核对同住人，已请住建局说明", now()).await.expect("answered");
    assert!(matches!(desk.answer_challenge(&audit, &open[0].id, "另一答复", now()).await, Err(DeskError::Conflict(_))), "once");
    assert_eq!(desk.waiting_challenges(&audit).await.expect("count"), 0);
    let said = seen(&desk, &one, now()).await[0].challenge.clone().expect("said");
    assert_eq!(said.answer.as_deref(), Some("系核对同住人，已请住建局说明"));
    assert!(seen(&desk, &two, now()).await[0].challenge.is_none());
    // Both stand in the log by their hashes.
    let told = [told(&desk, "challenge.raise").await, told(&desk, "challenge.answer").await].concat();
    assert!(told.len() == 2 && told.iter().all(|entry| entry["subject"] == format!("reading/{mine}")), "{told:?}");
    assert!(!told.iter().any(|entry| entry.to_string().contains("公租房")), "{told:?}");
}
