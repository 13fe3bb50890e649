//! Accounts, sessions, the set-up link and failed logins.

use store::session::NewSession;
use store::{Invitation, NewAccount, Rights, StoreError};

use crate::{MIDNIGHT, after, open};

fn account(id: &str, name: &str) -> NewAccount {
    NewAccount { id: id.into(), name: name.into(), display: "王小明".into(), password_hash: "$argon2id$…".into(), created: MIDNIGHT, rights: Rights::default() }
}

fn with_role(id: &str, name: &str, role: &str) -> NewAccount {
    NewAccount { rights: Rights { roles: role.into(), ..Rights::default() }, ..account(id, name) }
}

fn session(id: &str, of: &str, begun: i64, lifetime: i64) -> NewSession {
    NewSession { id: id.into(), account: of.into(), second: false, agent: String::new(), created: after(begun), lifetime: lifetime * 1_000_000 }
}

#[tokio::test]
async fn names_are_unique_whatever_their_case_and_a_refused_one_leaves_nothing() {
    let (_folder, store) = open().await;
    store.create_account(account("1", "Wang")).await.expect("created");
    let refused = store.create_account(account("2", " wANG ")).await;
    assert!(matches!(&refused, Err(StoreError::Taken(name)) if name == " wANG "), "{refused:?}");
    assert!(refused.is_err_and(|error| error.text().zh.contains("已被使用")));
    assert_eq!(store.accounts().await.expect("read").len(), 1);
    let found = store.account_by_name("WANG").await.expect("read").expect("found");
    assert_eq!((found.id.as_str(), found.name.as_str(), found.created), ("1", "Wang", MIDNIGHT));
    assert_eq!(store.account_by_name("li").await.expect("read"), None);
}

#[tokio::test]
async fn a_link_for_a_role_works_once_even_when_many_try_at_the_same_time() {
    let (_folder, store) = open().await;
    let role = || Invitation::Role("audit".into());
    store.invite(b"old", role(), after(60)).await.expect("put");
    store.invite(b"token", role(), after(60)).await.expect("put");
    store.invite(b"other", Invitation::Role("system".into()), after(60)).await.expect("put");
    let taken = |token: &'static [u8], id: &str, role: &str, now| {
        let (store, account) = (store.clone(), with_role(id, &format!("n{id}"), role));
        async move { store.use_role_invitation(token, account, now).await.expect("asked") }
    };
    assert!(!taken(b"old", "x", "audit", MIDNIGHT).await, "replaced");
    assert!(!taken(b"token", "x", "audit", after(60)).await, "expired");
    assert!(!taken(b"token", "x", "security", MIDNIGHT).await, "for another role");
    let tries: Vec<_> = (0..20).map(|n| tokio::spawn(taken(b"token", &n.to_string(), "audit", MIDNIGHT))).collect();
    let mut won = 0;
    for tried in tries {
        won += usize::from(tried.await.expect("ran"));
    }
    assert_eq!((won, store.accounts().await.expect("read").len()), (1, 1));
    assert_eq!(store.invitation(b"other", MIDNIGHT).await.expect("read"), Some(Invitation::Role("system".into())), "not touched");
}

#[tokio::test]
async fn a_link_for_an_account_sets_its_password_once() {
    let (_folder, store) = open().await;
    store.create_invited(NewAccount { password_hash: String::new(), ..account("1", "wang") }, b"first", after(60)).await.expect("made");
    store.invite(b"second", Invitation::Account("1".into()), after(60)).await.expect("put");
    assert!(!store.use_invitation(b"first", "a".into(), MIDNIGHT).await.expect("asked"), "replaced");
    assert!(store.use_invitation(b"second", "b".into(), MIDNIGHT).await.expect("asked"));
    assert!(!store.use_invitation(b"second", "c".into(), MIDNIGHT).await.expect("asked"), "used");
    assert_eq!(store.account("1").await.expect("read").expect("there").password_hash, "b");
}

#[tokio::test]
async fn the_last_of_a_role_that_is_needed_stays() {
    let (_folder, store) = open().await;
    for (id, role) in [("1", "security"), ("2", "security"), ("3", "steward")] {
        store.create_account(with_role(id, &format!("n{id}"), role)).await.expect("made");
    }
    const KEPT: &[&str] = &["security"];
    assert!(store.set_locked("1", Some(MIDNIGHT), KEPT).await.expect("asked"));
    assert!(!store.set_locked("1", Some(MIDNIGHT), KEPT).await.expect("asked"), "locked already");
    assert!(!store.set_locked("2", Some(MIDNIGHT), KEPT).await.expect("asked"), "the last");
    assert!(!store.set_rights("2", Rights::default(), KEPT).await.expect("asked"), "the last");
    assert!(store.set_locked("1", None, KEPT).await.expect("asked"));
    assert!(store.set_rights("2", Rights { roles: "analyst".into(), ..Rights::default() }, KEPT).await.expect("asked"));
    assert!(store.set_locked("3", Some(MIDNIGHT), KEPT).await.expect("asked"), "of no such role");
    assert_eq!(store.holders("security").await.expect("counted"), 1);
}

#[tokio::test]
async fn sessions_slide_while_used_and_end_when_told() {
    let (_folder, store) = open().await;
    store.create_account(account("1", "wang")).await.expect("created");
    store.create_session(b"a", session("a", "1", 0, 600)).await.expect("begun");
    store.create_session(b"b", session("b", "1", 0, 600)).await.expect("begun");
    let commits = store.commits();
    assert!(store.session(b"a", after(59)).await.expect("read").is_some());
    assert_eq!(store.commits(), commits, "not written to within a minute");
    assert!(store.session(b"a", after(500)).await.expect("read").is_some());
    assert_eq!(store.commits(), commits + 1);
    assert!(store.session(b"a", after(1_000)).await.expect("read").is_some(), "moved ahead by its use");
    assert!(store.session(b"b", after(600)).await.expect("read").is_none(), "not used, so over");
    assert!(!store.end_session("a", "2").await.expect("asked"), "of another");
    assert!(store.end_session("a", "1").await.expect("ended"));
    assert!(store.session(b"a", after(1_001)).await.expect("read").is_none());
    for id in ["c", "d"] {
        store.create_session(id.as_bytes(), session(id, "1", 1_000, 1_000)).await.expect("begun");
    }
    store.end_sessions_of("1", "d").await.expect("ended");
    assert!(store.session(b"c", after(1_001)).await.expect("read").is_none());
    assert!(store.session(b"d", after(1_001)).await.expect("read").is_some(), "but this one");
    assert!(store.set_locked("1", Some(after(1_001)), &[]).await.expect("locked"));
    assert!(store.session(b"d", after(1_002)).await.expect("read").is_none());
    let nobody = store.create_session(b"e", session("e", "nobody", 0, 1)).await;
    assert!(nobody.is_err(), "a session belongs to an account");
}

#[tokio::test]
async fn a_code_is_used_once() {
    let (_folder, store) = open().await;
    store.create_account(account("1", "wang")).await.expect("created");
    store.create_session(b"a", session("a", "1", 0, 600)).await.expect("begun");
    store.bind_second("1", "a", b"salt".to_vec(), 7).await.expect("bound");
    assert!(store.session(b"a", after(1)).await.expect("read").expect("alive").second);
    assert!(!store.use_second("1", 7).await.expect("asked"), "the one that bound it");
    assert!(store.use_second("1", 8).await.expect("asked"));
    assert!(!store.use_second("1", 8).await.expect("asked"));
    store.reset_second("1").await.expect("reset");
    assert!(store.session(b"a", after(1)).await.expect("read").is_none());
    assert_eq!(store.account("1").await.expect("read").expect("there").second_salt, None);
}

#[tokio::test]
async fn rights_of_an_emergency_take_two_people_and_end() {
    let (_folder, store) = open().await;
    for id in ["1", "2"] {
        store.create_account(account(id, &format!("n{id}"))).await.expect("made");
    }
    store.create_session(b"a", session("a", "1", 0, 100_000)).await.expect("begun");
    let until = || async { store.session(b"a", after(10)).await.expect("read").expect("alive").emergency };
    assert!(store.ask_emergency("e", "1", "fire", 2, MIDNIGHT, after(-60)).await.expect("asked"));
    assert!(!store.ask_emergency("f", "1", "fire", 2, after(1), after(-60)).await.expect("asked"), "one waits");
    assert_eq!((store.waiting_emergencies(after(-60)).await.expect("counted"), until().await), (1, None));
    assert!(!store.decide_emergency("e", "1", Some(after(60)), after(2)).await.expect("asked"), "by oneself");
    assert!(store.decide_emergency("e", "2", Some(after(60)), after(2)).await.expect("asked"));
    assert!(!store.decide_emergency("e", "2", None, after(3)).await.expect("asked"), "decided already");
    assert_eq!(until().await, Some(after(60)));
    assert!(store.end_emergency("e", after(9)).await.expect("asked"));
    assert_eq!(until().await, None);
    assert!(!store.end_emergency("e", after(11)).await.expect("asked"), "over already");
    assert!(store.ask_emergency("g", "1", "again", 1, after(20), after(-60)).await.expect("asked"), "after its end");
}

#[tokio::test]
async fn failed_logins_are_counted_by_name_and_forgotten() {
    let (_folder, store) = open().await;
    for second in [0, 0, 30] {
        store.record_failure("Wang", after(second)).await.expect("noted");
    }
    assert_eq!(store.failures_since("wang", MIDNIGHT).await.expect("counted"), 3);
    assert_eq!(store.failures_since("wang", after(1)).await.expect("counted"), 1);
    assert_eq!(store.failures_since("li", MIDNIGHT).await.expect("counted"), 0);
    store.clear_failures("WANG").await.expect("cleared");
    assert_eq!(store.failures_since("wang", MIDNIGHT).await.expect("counted"), 0);
}
