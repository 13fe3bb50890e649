//! Three officers at the first start, links that work once, login with two factors, lock-out, rights, emergencies.

use data::declare::Grade;
use desk::account::{EmergencyState, Invitee, Login, NewRights, code_at};
use desk::authority::Role;
use desk::log::LogFilter;
use desk::view::Account;
use desk::{Desk, DeskError, Place};
use kernel::Moment;

use crate::drift::command;
use crate::memory::{Memory, ports};
use crate::river::prepare;

const HOUR: i64 = 3_600_000_000;
pub const PASSWORD: &str = "three rivers meet";

fn later(now: Moment, seconds: i64) -> Moment {
    Moment(now.0 + seconds * 1_000_000)
}

fn login<'a>(name: &'a str, password: &'a str, code: &'a str) -> Login<'a> {
    Login { name, password, code, agent: "test" }
}

async fn open(dir: &std::path::Path) -> Desk {
    prepare(dir);
    let place = Place { city_dir: dir.join("city"), data_dir: dir.join("data"), variables: Default::default() };
    let Ok(desk) = Desk::open(place, ports(&Memory::new(-1))).await else { panic!("desk") };
    desk
}

fn now() -> Moment {
    Moment::from_jiff(jiff::Timestamp::now())
}

/// An officer with a second factor, logged in with it.
pub async fn officer(desk: &Desk, role: Role, now: Moment) -> Account {
    let token = desk.role_link(role, now).await.expect("link").expect("nobody has it");
    let session = desk.use_link(&token, role.word(), PASSWORD, "test", now).await.expect("used").expect("no second factor yet");
    let who = desk.session(&session, now).await.expect("session").expect("alive");
    let binding = desk.new_binding(&who);
    let code = code_at(&binding.secret, now).expect("a secret");
    desk.bind_second(&who, &binding.salt, &code, "", now).await.expect("bound");
    desk.session(&session, now).await.expect("session").expect("alive")
}

#[tokio::test(flavor = "multi_thread")]
async fn links_work_once_and_passwords_guard_the_rest() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = open(dir.path()).await;
    let now = now();
    let links = desk.officer_links(now).await.expect("links");
    assert_eq!(links.iter().map(|(role, _)| *role).collect::<Vec<_>>(), Role::OFFICERS);
    let token = desk.role_link(Role::Steward, now).await.expect("link").expect("no steward yet");
    assert_eq!(desk.invitee(&token, now).await.expect("asked"), Some(Invitee::Role(Role::Steward)));
    assert!(matches!(desk.use_link("wrong", "chen", PASSWORD, "", now).await, Err(DeskError::Invalid(_))));
    assert!(matches!(desk.use_link(&token, "chen", "short", "", now).await, Err(DeskError::Invalid(_))));
    let session = desk.use_link(&token, "chen", PASSWORD, "", now).await.expect("used").expect("a session");
    assert!(matches!(desk.use_link(&token, "other", PASSWORD, "", now).await, Err(DeskError::Invalid(_))), "the link works once");
    assert!(desk.role_link(Role::Steward, now).await.expect("link").is_none(), "no further link once somebody is it");
    assert_eq!(desk.session(&session, now).await.expect("session").map(|a| a.name), Some("chen".to_owned()));
    assert!(desk.session(&session, later(now, 13 * 3600)).await.expect("session").is_none(), "an unused session ends");
    desk.logout(&session).await.expect("logout");
    assert!(desk.session(&session, now).await.expect("session").is_none());
    desk.login(login("chen", PASSWORD, ""), now).await.expect("login");
    for _ in 0..5 {
        assert!(matches!(desk.login(login("chen", "guess", ""), now).await, Err(DeskError::Invalid(_))));
    }
    assert!(matches!(desk.login(login("chen", PASSWORD, ""), now).await, Err(DeskError::Busy(_))), "locked after five failures");
    desk.login(login("Chen", PASSWORD, ""), Moment(now.0 + HOUR)).await.expect("the lock ends, and names do not care for case");
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_need_a_second_factor_and_each_code_is_good_once() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = open(dir.path()).await;
    let now = now();
    let token = desk.role_link(Role::System, now).await.expect("link").expect("nobody has it");
    let session = desk.use_link(&token, "zhao", PASSWORD, "", now).await.expect("used").expect("a session");
    let zhao = desk.session(&session, now).await.expect("session").expect("alive");
    let refused = desk.accounts(&zhao).await.expect_err("no second factor");
    assert!(matches!(&refused, DeskError::Forbidden(text) if text.en.contains("second factor")), "{refused}");

    let binding = desk.new_binding(&zhao);
    assert!(binding.address.starts_with("otpauth://totp/") && binding.address.contains(&binding.secret));
    assert!(desk.bind_second(&zhao, &binding.salt, "000000", "", now).await.is_err());
    let code = |now| code_at(&binding.secret, now).expect("a secret");
    desk.bind_second(&zhao, &binding.salt, &code(now), "", now).await.expect("bound");
    let zhao = desk.session(&session, now).await.expect("session").expect("the session that bound it goes on");
    assert_eq!(desk.accounts(&zhao).await.expect("allowed").len(), 1);

    for wrong in ["", "123", &code(now)] {
        assert!(desk.login(login("zhao", PASSWORD, wrong), now).await.is_err(), "{wrong}: none, wrong, or used already");
    }
    let next = later(now, 30);
    let session = desk.login(login("zhao", PASSWORD, &code(next)), next).await.expect("login");
    assert!(desk.login(login("zhao", PASSWORD, &code(next)), next).await.is_err(), "used already");
    assert!(desk.session(&session, next).await.expect("session").expect("alive").second);
    assert!(desk.session(&session, later(next, 16 * 60)).await.expect("session").is_none(), "an officer's session ends after a quarter of an hour");
    let other = desk.new_binding(&zhao);
    let fresh = code_at(&other.secret, later(next, 30)).expect("a secret");
    assert!(desk.bind_second(&zhao, &other.salt, &fresh, "", later(next, 30)).await.is_err(), "another takes a code of the first");
    desk.bind_second(&zhao, &other.salt, &fresh, &code(later(next, 30)), later(next, 30)).await.expect("bound anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_makes_the_account_and_another_gives_the_rights() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = open(dir.path()).await;
    let now = now();
    let (system, security) = (officer(&desk, Role::System, now).await, officer(&desk, Role::Security, now).await);
    let invited = desk.create_account(&system, "li.ming", "李明", now).await.expect("made");
    assert!(desk.create_account(&system, "LI.MING", "", now).await.is_err(), "taken");
    assert!(desk.create_account(&security, "wang", "", now).await.is_err(), "not the security officer's");
    let session = desk.use_link(&invited.token, "", PASSWORD, "", now).await.expect("used").expect("a session");
    let li = desk.session(&session, now).await.expect("session").expect("alive");
    assert!(desk.drifts(&li, &Default::default(), 1, 10).await.is_err(), "no rights yet");

    let rights = |roles: &[Role], department: Option<&str>, clearance| NewRights { roles: roles.to_vec(), department: department.map(str::to_owned), clearance };
    assert!(desk.set_rights(&system, &li.id, rights(&[Role::Steward], None, None)).await.is_err(), "not the system officer's");
    for pair in [[Role::System, Role::Security], [Role::Audit, Role::Steward], [Role::Security, Role::Officer]] {
        assert!(desk.set_rights(&security, &li.id, rights(&pair, Some("office"), None)).await.is_err(), "{pair:?} exclude each other");
    }
    assert!(desk.set_rights(&security, &li.id, rights(&[Role::Audit], None, Some(Grade::L4))).await.is_err(), "an officer sees no data");
    assert!(desk.set_rights(&security, &security.id, rights(&[Role::Steward], None, None)).await.is_err(), "not to oneself");
    assert!(desk.lock_account(&system, &system.id, true, now).await.is_err(), "not to oneself");
    assert!(desk.set_rights(&command(), &security.id, rights(&[Role::Steward], None, None)).await.is_err(), "the last security officer");
    desk.set_rights(&security, &li.id, rights(&[Role::Steward, Role::Analyst], None, None)).await.expect("given");
    assert!(desk.session(&session, now).await.expect("session").is_none(), "its sessions began with other rights");
    let session = desk.login(login("li.ming", PASSWORD, ""), now).await.expect("login");
    let li = desk.session(&session, now).await.expect("session").expect("alive");
    desk.drifts(&li, &Default::default(), 1, 10).await.expect("a steward may");

    desk.lock_account(&system, &li.id, true, now).await.expect("locked");
    assert!(desk.session(&session, now).await.expect("session").is_none());
    assert!(desk.login(login("li.ming", PASSWORD, ""), now).await.is_err(), "locked");
    desk.lock_account(&system, &li.id, false, now).await.expect("unlocked");
    let again = desk.invite_again(&system, &li.id, now).await.expect("a link");
    desk.use_link(&again.token, "", "another password", "", now).await.expect("used");
    assert!(desk.login(login("li.ming", PASSWORD, ""), now).await.is_err(), "the password is another");
    desk.login(login("li.ming", "another password", ""), now).await.expect("login");

    // What was tried and refused is told, too.
    let refused = desk.log_page(&command(), &LogFilter { act: Some("act.refuse".into()), ..LogFilter::default() }, 1, 50).await.expect("log").page;
    assert!(refused.total >= 4, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_of_an_emergency_take_two_people_and_are_marked() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = open(dir.path()).await;
    let now = now();
    let (system, security) = (officer(&desk, Role::System, now).await, officer(&desk, Role::Security, now).await);
    desk.add_account(&command(), "li", PASSWORD, NewRights { roles: vec![Role::Analyst], ..NewRights::default() }, now).await.expect("made");
    let session = desk.login(login("li", PASSWORD, ""), now).await.expect("login");
    let li = async |now| desk.session(&session, now).await.expect("session").expect("alive");
    for (reason, hours) in [("", 1), ("fire", 0), ("fire", 5)] {
        assert!(desk.ask_emergency(&li(now).await, reason, hours, now).await.is_err());
    }
    assert!(desk.ask_emergency(&security, "fire", 1, now).await.is_err(), "who approves does not ask");
    desk.ask_emergency(&li(now).await, "台风抢险", 1, now).await.expect("asked");
    assert!(matches!(desk.ask_emergency(&li(now).await, "again", 1, now).await, Err(DeskError::Conflict(_))));
    let request = desk.emergencies(&security, now).await.expect("seen").remove(0);
    assert_eq!(desk.waiting_emergencies(&security, now).await.expect("counted"), 1);
    assert!(desk.decide_emergency(&system, &request.id, true, now).await.is_err(), "not the system officer's");
    assert!(desk.pause(&li(now).await, "people", "检修", now).await.is_err(), "not yet");
    desk.decide_emergency(&security, &request.id, true, now).await.expect("approved");
    let held = li(now).await;
    assert_eq!((held.roles.words().as_str(), held.clearance, held.emergency), ("steward", Some(Grade::L4), Some(later(now, 3600))));
    desk.pause(&held, "people", "检修", now).await.expect("a steward's right");
    let leaf = desk.log_page(&command(), &LogFilter { act: Some("schedule.pause".into()), ..LogFilter::default() }, 1, 1).await.expect("log").page.entries.remove(0);
    let told = desk.log_leaf(&command(), leaf.number).await.expect("leaf").entry;
    assert_eq!(told["actor"]["emergency"], true, "{told}");
    assert_eq!(li(later(now, 3601)).await.roles.words(), "analyst", "over after an hour");
    desk.end_emergency(&system, &request.id, now).await.expect("ended");
    assert_eq!(desk.emergencies(&li(now).await, now).await.expect("seen").remove(0).state, EmergencyState::Over);
    assert_eq!(li(now).await.roles.words(), "analyst");
    desk.ask_emergency(&li(now).await, "fire", 1, later(now, 60)).await.expect("asked");
    let lapsed = desk.emergencies(&security, later(now, 25 * 3600)).await.expect("seen").remove(0);
    assert_eq!(lapsed.state, EmergencyState::Lapsed);
    assert!(desk.decide_emergency(&security, &lapsed.id, true, later(now, 25 * 3600)).await.is_err(), "too late");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_to_the_own_account() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = open(dir.path()).await;
    let now = now();
    desk.add_account(&command(), "li", PASSWORD, NewRights::default(), now).await.expect("made");
    let first = desk.login(login("li", PASSWORD, ""), now).await.expect("login");
    let second = desk.login(login("li", PASSWORD, ""), now).await.expect("login");
    let li = desk.session(&first, now).await.expect("session").expect("alive");
    let own = desk.own_account(&li, now).await.expect("own");
    assert_eq!((own.sessions.len(), own.second), (2, false));
    let other = own.sessions.iter().find(|session| !session.current).expect("the other").id.clone();
    desk.end_own_session(&li, &other).await.expect("ended");
    assert!(desk.session(&second, now).await.expect("session").is_none());
    assert!(matches!(desk.end_own_session(&li, "nowhere").await, Err(DeskError::NotFound)));
    assert!(desk.change_password(&li, "wrong", "another password").await.is_err());
    assert!(desk.change_password(&li, PASSWORD, "short").await.is_err());
    desk.change_password(&li, PASSWORD, "another password").await.expect("changed");
    assert!(desk.session(&first, now).await.expect("session").is_none(), "every session ends");
    desk.login(login("li", "another password", ""), now).await.expect("login");
}
