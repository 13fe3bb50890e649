//! Data lent between departments: asked for, decided about, read within the terms, told in the log, taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use data::share::{Channel, Lent, Purpose, RequestState, Terms};
use desk::authority::{Role, Roles};
use desk::log::LogFilter;
use desk::share::{Asking, Call, Caller, Decision, GrantState};
use desk::view::{Account, Form, RunState};
use desk::{CollectScope, Desk, DeskError};
use kernel::Moment;
use serde_json::Value;

use crate::drift::{command, now, steward};
use crate::memory::Memory;
use crate::river::open;

/// A valid number of an identity card.
pub fn id_of(n: usize) -> String {
    let body = format!("33021219900101{n:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = body.bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11])
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join("city").join(name);
    std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    std::fs::write(path, text).expect("file");
}

pub fn deliver(dir: &Path, rows: impl Iterator<Item = (usize, &'static str, &'static str)>) {
    let lines = rows.map(|(n, district, married)| format!("{},人{n},{district},{married},{}\n", id_of(n), 1000 + n));
    let text: String = std::iter::once("id_number,name,district,married,income\n".to_owned()).chain(lines).collect();
    write(dir, "people/person.csv", &text);
}

/// Civil affairs lend what they know of persons; housing and police ask.
pub fn city(dir: &Path) {
    write(dir, "city.toml", "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n[share]\nper_minute = 600\n");
    for (id, title) in [("civil", "民政局"), ("housing", "住建局"), ("police", "公安局")] {
        write(dir, &format!("departments/{id}.toml"), &format!("title = \"{title}\"\ntitle_en = \"{id}\"\nuscc = \"113302000029290324\"\n"));
    }
    write(dir, "systems/people.toml", "title = \"人员\"\ndepartment = \"civil\"\n[connector]\nkind = \"files\"\npath = \"people\"\n");
    let head = "summary = \"试验\"\nsystem = \"people\"\nclass = \"department\"\nopen = \"none\"\nperiod = \"daily\"\n";
    let person = format!(
        "title = \"人员\"\ncode = \"3990200/000001\"\nshare = \"conditional\"\nshare_condition = \"依法履职\"\ngrade = \"L4\"\n{head}[collect]\nfrom = \"person.csv\"\non_missing = \"remove\"\n\
         [[item]]\nname = \"id_number\"\ntitle = \"身份证号\"\nstandard = \"citizen_id\"\ngrade = \"L3\"\nkey = true\n\
         [[item]]\nname = \"name\"\ntitle = \"姓名\"\nstandard = \"text\"\ngrade = \"L3\"\n\
         [[item]]\nname = \"district\"\ntitle = \"区\"\nstandard = \"text\"\ngrade = \"L1\"\n\
         [[item]]\nname = \"married\"\ntitle = \"婚姻\"\nstandard = \"text\"\ngrade = \"L3\"\n\
         [[item]]\nname = \"income\"\ntitle = \"收入\"\nstandard = \"integer\"\ngrade = \"L4\"\n"
    );
    write(dir, "resources/person.toml", &person);
    let bench = format!(
        "title = \"长椅\"\ncode = \"3990200/000002\"\nshare = \"unconditional\"\ngrade = \"L1\"\n{head}[collect]\nfrom = \"bench.csv\"\n\
         [[item]]\nname = \"place\"\ntitle = \"地点\"\nstandard = \"text\"\n[[item]]\nname = \"seats\"\ntitle = \"座位\"\nstandard = \"integer\"\n"
    );
    write(dir, "resources/bench.toml", &bench);
    write(dir, "people/bench.csv", "place,seats\n三江口,4\n月湖,2\n三江口,4\n");
    let closed = bench.replace("000002", "000003").replace("\"unconditional\"", "\"none\"\nshare_condition = \"《保密法》第九条\"");
    write(dir, "resources/closed.toml", &closed);
    deliver(dir, (0..40).map(|n| (n, if n % 2 == 0 { "鄞州" } else { "海曙" }, if n == 5 { "" } else { "是" })));
}

pub fn officer(department: &str) -> Account {
    let name = format!("officer-{department}");
    Account { id: name.clone(), name: name.clone(), display: name, roles: Roles::only(Role::Officer), department: Some(department.to_owned()), ..Account::default() }
}

pub async fn collected(desk: &Desk) {
    let outcome = desk.collect_now(CollectScope::All, "command", now()).await.expect("collection");
    for run in outcome.runs {
        assert!(matches!(run.state, RunState::Done | RunState::Partial), "{run:?}");
    }
    desk.refresh_copies().await.expect("copies");
}

pub fn terms() -> Terms {
    Terms {
        items: ["id_number", "name", "district", "married"].map(|name| Lent { name: name.into(), whole: name != "name" }).into(),
        keys: vec!["id_number".into()],
        condition: String::new(),
        channels: BTreeSet::from([Channel::Query, Channel::Verify, Channel::Batch]),
        purpose: Purpose::Service,
        until: jiff::Zoned::now().date().checked_add(jiff::Span::new().days(100)).expect("date").to_string(),
        per_minute: 600,
        told_after: 0,
        told_ground: String::new(),
        daily: Default::default(),
    }
}

pub fn asking(resource: &str, terms: Terms) -> Asking {
    Asking { resource: resource.into(), terms, reason: "公租房资格审核，《公共租赁住房管理办法》第八条".into(), renews: None }
}

/// A grant of persons to housing, with fewer items or rows as `decide` says.
pub async fn granted(desk: &Desk, terms: Terms, decide: impl FnOnce(&Terms) -> Decision) -> String {
    let id = desk.ask(&officer("housing"), asking("person", terms), now()).await.expect("asked");
    let asked = desk.request(&officer("civil"), &id, now()).await.expect("seen by the provider");
    assert!(asked.may_decide && !asked.may_withdraw);
    desk.decide_request(&officer("civil"), &id, decide(&asked.request.terms), now()).await.expect("decided");
    let grant = desk.request(&officer("housing"), &id, now()).await.expect("request").request.grant.expect("a grant");
    copied(desk, &grant).await;
    grant
}

/// Waits for the copy that answers come from.
async fn copied(desk: &Desk, grant: &str) {
    for _ in 0..200 {
        if desk.grant(&officer("housing"), grant, now()).await.expect("grant").copy.is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no copy is made");
}

pub fn service() -> Call {
    Call { purpose: "service".into(), case: Some("办件-1".into()) }
}

pub async fn application(desk: &Desk, department: &str) -> Caller {
    let key = desk.add_application(&officer(department), department, "审批系统", now()).await.expect("key");
    desk.caller(&key, now()).await.expect("known")
}

fn pairs(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn rows(desk: &Desk, caller: &Caller, grant: &str, parameters: &[(&str, &str)]) -> Result<Vec<Value>, DeskError> {
    let answer = desk.lent_rows(caller, grant, &service(), &pairs(parameters), now()).await?;
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    Ok(body["rows"].as_array().expect("rows").clone())
}

pub async fn told(desk: &Desk, act: &str) -> Vec<Value> {
    let filter = LogFilter { act: Some(act.into()), ..LogFilter::default() };
    let page = desk.log_page(&command(), &filter, 1, 100).await.expect("log").page;
    let mut entries = Vec::new();
    for leaf in page.entries {
        entries.push(desk.log_leaf(&command(), leaf.number).await.expect("leaf").entry);
    }
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_lent_within_the_terms_and_told_in_the_log() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    // The provider gives less than was asked: marriage stays out, and only one district's rows.
    let fewer = |asked: &Terms| Decision::Grant {
        items: asked.items.iter().filter(|item| item.name != "married").cloned().collect(),
        keys: asked.keys.clone(),
        condition: "district = '鄞州'".into(),
        until: asked.until.clone(),
        per_minute: 100,
        told_after: 0,
        daily: asked.daily,
        words: "仅限本区".into(),
    };
    let grant = granted(&desk, terms(), fewer).await;
    let app = application(&desk, "housing").await;
    let found = rows(&desk, &app, &grant, &[("id_number", &id_of(4))]).await.expect("rows");
    assert_eq!(found, [serde_json::json!({ "id_number": id_of(4), "name": "人*", "district": "鄞州" })], "the name is masked");
    assert!(rows(&desk, &app, &grant, &[("id_number", &id_of(5))]).await.expect("rows").is_empty(), "a foreign row");
    assert_eq!(rows(&desk, &app, &grant, &[("id_number", &id_of(4)), ("id_number", &id_of(6))]).await.expect("rows").len(), 2);
    for (parameters, why) in [
        (&[][..], "keys"),
        (&[("district", "鄞州")], "keys"),
        (&[("id_number.starts", "33")], "keys"),
        (&[("id_number", "1"), ("name", "人4")], "masked"),
        (&[("id_number", "1"), ("married", "是")], "no item"),
        (&[("id_number", "1"), ("distrct", "鄞州")], "district?"),
        (&[("id_number", "1"), ("limit", "-1")], "limit"),
        (&[("id_number", "1"), ("order", "name")], "in order"),
    ] {
        let error = rows(&desk, &app, &grant, parameters).await.expect_err(why);
        assert!(matches!(&error, DeskError::Invalid(text) if text.en.contains(why)), "{why}: {error}");
    }
    // Each answer is a leaf that holds hashes of what was asked and answered, and no id.
    let read = told(&desk, "read.grant").await;
    assert_eq!(read.len(), 3);
    let newest = &read[0];
    assert_eq!(newest["detail"]["purpose"], "service");
    assert_eq!(newest["detail"]["case"], "办件-1");
    assert_eq!((newest["detail"]["rows"].as_u64(), newest["actor"]["department"].as_str()), (Some(2), Some("housing")));
    assert!(!newest.to_string().contains(&id_of(4)));
    // The person can be told who read.
    let about = desk.reads_about(&command(), &id_of(4), 1, 10).await.expect("reads");
    assert_eq!((about.total, about.entries[0].department.id.as_str()), (2, "housing"));
    assert_eq!(desk.reads_about(&command(), &id_of(5), 1, 10).await.expect("reads").total, 1, "asked for in vain, and told all the same");
    assert_eq!(desk.reads_about(&command(), &id_of(9), 1, 10).await.expect("reads").total, 0);
    let detail = desk.grant(&officer("civil"), &grant, now()).await.expect("grant");
    assert_eq!((detail.calls, detail.rows, detail.reads.len(), detail.may_end), (3, 3, 3, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_through_learns_nothing_and_is_told_of() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let grant = granted(&desk, terms(), |asked| Decision::as_asked(asked, "")).await;
    let (ours, theirs) = (application(&desk, "housing").await, application(&desk, "police").await);
    let key = [("id_number", id_of(4))];
    let parameters: Vec<(&str, &str)> = key.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(matches!(rows(&desk, &theirs, &grant, &parameters).await, Err(DeskError::NotFound)), "another department's");
    assert!(matches!(rows(&desk, &theirs, "none", &parameters).await, Err(DeskError::NotFound)), "the same answer");
    assert!(matches!(rows(&desk, &Caller::Person(officer("police")), &grant, &parameters).await, Err(DeskError::NotFound)));
    let wrong = Call { purpose: "statistics".into(), case: None };
    let refused = desk.lent_rows(&ours, &grant, &wrong, &pairs(&parameters), now()).await.expect_err("purpose");
    assert!(matches!(&refused, DeskError::Forbidden(text) if text.en.contains("purpose")), "{refused}");
    let later = Moment(now().0 + 200 * 86_400_000_000);
    let refused = desk.lent_rows(&ours, &grant, &service(), &pairs(&parameters), later).await.expect_err("expired");
    assert!(matches!(&refused, DeskError::Forbidden(text) if text.en.contains("ended on")), "{refused}");
    assert!(matches!(desk.caller("sjapp_stolen", now()).await, Err(DeskError::LoginRequired)));
    // An officer of the department reads by hand; a steward of none does not.
    assert_eq!(rows(&desk, &Caller::Person(officer("housing")), &grant, &parameters).await.expect("rows").len(), 1);
    assert!(rows(&desk, &Caller::Person(steward()), &grant, &parameters).await.is_err());
    let reasons: BTreeSet<String> = told(&desk, "act.refuse").await.iter().filter_map(|entry| entry["detail"]["why"].as_str().map(str::to_owned)).collect();
    assert_eq!(reasons, ["department", "expired", "purpose"].map(str::to_owned).into());

    // A key that is revoked and a grant that is taken back open nothing from the next call on.
    desk.end_grant(&officer("civil"), &grant, "协议终止", now()).await.expect("withdrawn");
    let refused = rows(&desk, &ours, &grant, &parameters).await.expect_err("withdrawn");
    assert!(matches!(&refused, DeskError::Forbidden(text) if text.zh.contains("协议终止")), "{refused}");
    let detail = desk.grant(&officer("housing"), &grant, now()).await.expect("grant");
    assert_eq!((detail.grant.state, detail.may_read, detail.may_end, detail.may_renew), (GrantState::Withdrawn, false, false, true));
    let secret = desk.add_application(&officer("housing"), "housing", "旧系统", now()).await.expect("key");
    assert!(desk.caller(&secret, now()).await.is_ok());
    let id = desk.applications(&officer("housing")).await.expect("list").into_iter().find(|one| one.name == "旧系统").expect("there").id;
    assert!(desk.revoke_application(&officer("civil"), &id, now()).await.is_err(), "another department's");
    desk.revoke_application(&officer("housing"), &id, now()).await.expect("revoked");
    assert!(matches!(desk.caller(&secret, now()).await, Err(DeskError::LoginRequired)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_its_way_once() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let (civil, housing) = (officer("civil"), officer("housing"));
    // What is shared unconditionally is granted at once, and asked for once.
    let bench = desk.draft_request(&housing, "bench", None, now()).await.expect("draft").terms;
    let id = desk.ask(&housing, asking("bench", bench.clone()), now()).await.expect("asked");
    let made = desk.request(&housing, &id, now()).await.expect("request");
    assert_eq!((made.request.state, made.acts.len()), (RequestState::Granted, 2));
    assert!(matches!(desk.ask(&housing, asking("bench", bench), now()).await, Err(DeskError::Conflict(_))), "the same again");
    let grant = made.request.grant.expect("grant");
    copied(&desk, &grant).await;
    let every = rows(&desk, &Caller::Person(housing.clone()), &grant, &[]).await.expect("rows");
    assert_eq!(every.len(), 3, "{every:?}");
    let all = rows(&desk, &Caller::Person(housing.clone()), &grant, &[("place.starts", "三"), ("count", "true")]).await.expect("rows");
    assert_eq!(all.len(), 2, "rows without a key are counted");
    // What cannot be asked for, and by whom.
    let ask = async |who: &Account, resource: &str, terms: Terms| desk.ask(who, asking(resource, terms), now()).await;
    assert!(matches!(ask(&housing, "closed", terms()).await, Err(DeskError::Forbidden(text)) if text.zh.contains("保密法")), "with its ground");
    assert!(matches!(ask(&civil, "person", terms()).await, Err(DeskError::Invalid(_))), "the own resource");
    assert!(matches!(ask(&steward(), "person", terms()).await, Err(DeskError::Forbidden(_))), "no department");
    for (change, why) in [
        ((|terms: &mut Terms| terms.items.push(Lent { name: "income".into(), whole: true })) as fn(&mut Terms), "L4"),
        (|terms| terms.keys.clear(), "keys"),
        (|terms| terms.condition = "upper(name) = 'X'".into(), "no functions"),
        (|terms| terms.condition = "nme = 'X'".into(), "there is no item"),
        (|terms| terms.until = "2020-01-01".into(), "over"),
        (|terms| terms.until = "2099-01-01".into(), "at the latest"),
        (|terms| terms.items.push(Lent { name: "no".into(), whole: true }), "no item"),
    ] {
        let mut terms = terms();
        change(&mut terms);
        let error = ask(&housing, "person", terms).await.expect_err(why);
        assert!(matches!(&error, DeskError::Invalid(text) if text.en.contains(why)), "{why}: {error}");
    }
    // Refused, disputed, settled; each step by whom it is for, and once.
    let id = ask(&housing, "person", terms()).await.expect("asked");
    assert!(matches!(ask(&housing, "person", terms()).await, Err(DeskError::Conflict(_))), "it waits already");
    assert_eq!(desk.waiting_requests(&civil).await.expect("count"), 1);
    let refuse = || Decision::Refuse { words: "《社会救助暂行办法》第六十一条".into() };
    assert!(matches!(desk.decide_request(&housing, &id, refuse(), now()).await, Err(DeskError::Forbidden(_))), "not by who asks");
    assert!(matches!(desk.decide_request(&officer("police"), &id, refuse(), now()).await, Err(DeskError::NotFound)), "not there for others");
    assert!(matches!(desk.decide_request(&steward(), &id, refuse(), now()).await, Err(DeskError::Forbidden(_))), "the bureau decides for nobody");
    desk.decide_request(&civil, &id, refuse(), now()).await.expect("refused");
    assert!(matches!(desk.decide_request(&civil, &id, refuse(), now()).await, Err(DeskError::Conflict(_))), "once");
    desk.dispute_request(&housing, &id, "法定职责所需", now()).await.expect("disputed");
    assert_eq!(desk.waiting_requests(&steward()).await.expect("count"), 1);
    assert!(matches!(desk.decide_request(&civil, &id, refuse(), now()).await, Err(DeskError::Forbidden(_))), "the bureau settles");
    let more = Terms { until: "2027-12-31".into(), ..terms() };
    assert!(matches!(desk.decide_request(&steward(), &id, Decision::as_asked(&more, ""), now()).await, Err(DeskError::Invalid(_))), "no more than asked");
    let asked = desk.request(&steward(), &id, now()).await.expect("request").request.terms;
    desk.decide_request(&steward(), &id, Decision::as_asked(&asked, "应当提供"), now()).await.expect("settled");
    let acts: Vec<String> = desk.request(&housing, &id, now()).await.expect("request").acts.into_iter().map(|act| act.act).collect();
    assert_eq!(acts, ["asked", "refused", "disputed", "granted"]);
    // Renewal is asked for on the grant itself.
    let grant = desk.grants(&housing, Some("person"), 1, 10, now()).await.expect("grants").entries[0].id.clone();
    assert!(matches!(ask(&housing, "person", terms()).await, Err(DeskError::Conflict(_))), "there is a grant");
    let draft = desk.draft_request(&housing, "person", Some(&grant), now()).await.expect("draft");
    assert!(draft.terms.same_use(&asked) && draft.reason.contains("公租房"));
    let renewal = Asking { renews: Some(grant), ..asking("person", draft.terms) };
    let id = desk.ask(&housing, renewal, now()).await.expect("renewal");
    desk.withdraw_request(&housing, &id, now()).await.expect("withdrawn");
    assert!(matches!(desk.withdraw_request(&housing, &id, now()).await, Err(DeskError::Conflict(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_says_yes_no_or_unknown() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    // L4 may be verified as it stands, where nothing else is lent.
    let items = ["married", "income"].map(|name| Lent { name: name.into(), whole: true }).into();
    let terms = Terms { items, channels: BTreeSet::from([Channel::Verify]), ..terms() };
    let grant = granted(&desk, terms, |asked| Decision::as_asked(asked, "")).await;
    let app = application(&desk, "housing").await;
    let verdict = async |n: usize, said: &[(&str, &str)]| {
        let mut all: BTreeMap<String, String> = said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.insert("id_number".into(), id_of(n));
        let answer = desk.verify_lent(&app, &grant, &service(), &all, now()).await?;
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        Ok::<_, DeskError>(body["verdict"].as_str().expect("verdict").to_owned())
    };
    assert_eq!(verdict(4, &[("income", "1004")]).await.expect("answer"), "yes");
    assert_eq!(verdict(4, &[("income", "1004"), ("married", "否")]).await.expect("answer"), "no");
    assert_eq!(verdict(5, &[("married", "是")]).await.expect("answer"), "unknown", "no value");
    assert_eq!(verdict(999, &[("married", "是")]).await.expect("answer"), "unknown", "no row");
    assert!(matches!(verdict(4, &[]).await, Err(DeskError::Invalid(_))), "nothing said");
    assert!(matches!(verdict(4, &[("district", "鄞州")]).await, Err(DeskError::Invalid(_))), "not lent");
    assert!(matches!(verdict(4, &[("income", "viel")]).await, Err(DeskError::Invalid(_))), "no number");
    assert!(matches!(rows(&desk, &app, &grant, &[("id_number", &id_of(4))]).await, Err(DeskError::Forbidden(_))), "rows are not lent");
}

/// What a receiver of files holds: rows by their key.
type Held = BTreeMap<String, Value>;

async fn file(desk: &Desk, caller: &Caller, grant: &str, since: Option<&str>, held: &mut Held) -> String {
    let batch = desk.lent_batch(caller, grant, &service(), Form::Ndjson, since, now()).await.expect("file");
    let text = std::fs::read_to_string(batch.path()).expect("text");
    assert_eq!((text.len() as u64, text.lines().count() as u64), (batch.bytes, batch.rows));
    for line in text.lines() {
        let mut row: Value = serde_json::from_str(line).expect("JSON");
        let fields = row.as_object_mut().expect("object");
        let key = fields.remove("_key").and_then(|key| key.as_str().map(str::to_owned)).expect("key");
        match fields.remove("_change") {
            Some(change) if change == "removed" => {
                assert!(fields.values().all(Value::is_null), "what is gone tells nothing: {line}");
                held.remove(&key);
            }
            _ => drop(held.insert(key, row)),
        }
    }
    batch.next.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_changes_add_up_to_the_file_of_all_rows() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let grant = granted(&desk, Terms { condition: "district = '鄞州'".into(), ..terms() }, |asked| Decision::as_asked(asked, "")).await;
    let app = application(&desk, "housing").await;
    let mut followed = Held::new();
    let mut next = file(&desk, &app, &grant, None, &mut followed).await;
    assert_eq!(followed.len(), 20);
    type Rows = Vec<(usize, &'static str, &'static str)>;
    let deliveries: [Rows; 4] = [
        // Moved in and out of the district, changed, added.
        (0..45).map(|n| (n, if n % 3 == 0 { "鄞州" } else { "海曙" }, "是")).collect(),
        // Removed, some of them never lent.
        (5..45).map(|n| (n, if n % 3 == 0 { "鄞州" } else { "海曙" }, "否")).collect(),
        (5..45).map(|n| (n, if n % 3 == 0 { "鄞州" } else { "海曙" }, "否")).collect(),
        (0..50).map(|n| (n, if n % 5 == 0 { "鄞州" } else { "江北" }, "是")).collect(),
    ];
    for rows in deliveries {
        deliver(dir.path(), rows.into_iter());
        collected(&desk).await;
        next = file(&desk, &app, &grant, Some(&next), &mut followed).await;
        let mut whole = Held::new();
        file(&desk, &app, &grant, None, &mut whole).await;
        assert_eq!(followed, whole);
    }
    assert_eq!(followed.len(), 10);
    for wrong in ["", "x", "1", "99.1"] {
        let refused = desk.lent_batch(&app, &grant, &service(), Form::Csv, Some(wrong), now()).await.expect_err("since");
        assert!(matches!(refused, DeskError::Invalid(_) | DeskError::Conflict(_)), "{wrong}: {refused}");
    }
    // Whoever is in a file is told of it.
    let about = desk.reads_about(&command(), &id_of(5), 1, 100).await.expect("reads");
    assert!(about.total == 2 && about.entries.iter().all(|read| read.channel == "batch"), "in the last of each kind, and told of these alone: {about:?}");
    assert_eq!(desk.reads_about(&command(), &id_of(6), 1, 100).await.expect("reads").total, 5, "and of those that were made before the row left");
    assert_eq!(desk.reads_about(&command(), &id_of(1), 1, 100).await.expect("reads").total, 0, "never of the district");
    let csv = desk.lent_batch(&app, &grant, &service(), Form::Csv, None, now()).await.expect("file");
    let text = std::fs::read_to_string(csv.path()).expect("text");
    assert!(text.starts_with("\u{feff}_key,id_number,name,district,married\r\n"), "{}", &text[..80]);
    let path = csv.path().to_owned();
    drop(csv);
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_the_rate_are_put_off() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    collected(&desk).await;
    let grant = granted(&desk, Terms { per_minute: 60, ..terms() }, |asked| Decision::as_asked(asked, "")).await;
    let app = Arc::new(application(&desk, "housing").await);
    let at = now();
    let call = async |at: Moment| desk.lent_rows(&app, &grant, &service(), &pairs(&[("id_number", &id_of(1))]), at).await;
    for _ in 0..10 {
        call(at).await.expect("ten at once");
    }
    let Err(DeskError::TooMany { seconds, .. }) = call(at).await else { panic!("let through") };
    assert_eq!(seconds, 1);
    call(Moment(at.0 + 1_100_000)).await.expect("a second later");
    assert!(call(Moment(at.0 + 1_200_000)).await.is_err());
}
