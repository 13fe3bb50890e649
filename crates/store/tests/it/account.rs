//! Accounts, sessions, the set-up link and failed logins.

use store::{NewAccount, StoreError};

use crate::{MIDNIGHT, after, open};

fn account(id: &str, name: &str) -> NewAccount {
    NewAccount { id: id.into(), name: name.into(), display: "王小明".into(), password_hash: "$argon2id$…".into(), created: MIDNIGHT }
}

#[tokio::test]
async fn names_are_unique_whatever_their_case_and_a_refused_one_leaves_nothing() {
    let (_folder, store) = open().await;
    store.create_account(account("1", "Wang")).await.expect("created");
    let refused = store.create_account(account("2", " wANG ")).await;
    assert!(matches!(&refused, Err(StoreError::Taken(name)) if name == " wANG "), "{refused:?}");
    assert!(refused.is_err_and(|error| error.text().zh.contains("已被使用")));
    assert_eq!(store.count_accounts().await.expect("counted"), 1);
    let found = store.account_by_name("WANG").await.expect("read").expect("found");
    assert_eq!((found.id.as_str(), found.name.as_str(), found.created), ("1", "Wang", MIDNIGHT));
    assert_eq!(store.account_by_name("li").await.expect("read"), None);
}

#[tokio::test]
async fn the_set_up_link_works_once_even_when_many_try_at_the_same_time() {
    let (_folder, store) = open().await;
    store.put_setup_token(b"old", after(60)).await.expect("put");
    store.put_setup_token(b"token", after(60)).await.expect("put");
    assert!(!store.use_setup_token(b"old", account("0", "old"), MIDNIGHT).await.expect("asked"), "replaced");
    assert!(!store.use_setup_token(b"token", account("0", "late"), after(60)).await.expect("asked"), "expired");
    let tries = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.use_setup_token(b"token", account(&n.to_string(), &format!("n{n}")), MIDNIGHT).await })
    });
    let mut won = 0;
    for tried in tries.collect::<Vec<_>>() {
        won += usize::from(tried.await.expect("ran").expect("asked"));
    }
    assert_eq!((won, store.count_accounts().await.expect("counted")), (1, 1));
}

#[tokio::test]
async fn sessions_slide_while_used_and_end_when_told() {
    let (_folder, store) = open().await;
    store.create_account(account("1", "wang")).await.expect("created");
    store.create_session(b"a", "1", MIDNIGHT, after(600)).await.expect("begun");
    store.create_session(b"b", "1", MIDNIGHT, after(600)).await.expect("begun");
    let commits = store.commits();
    assert!(store.session(b"a", after(59)).await.expect("read").is_some());
    assert_eq!(store.commits(), commits, "not written to within a minute");
    assert!(store.session(b"a", after(500)).await.expect("read").is_some());
    assert_eq!(store.commits(), commits + 1);
    assert!(store.session(b"a", after(1_000)).await.expect("read").is_some(), "moved ahead by its use");
    assert!(store.session(b"b", after(600)).await.expect("read").is_none(), "not used, so over");
    store.end_session(b"a").await.expect("ended");
    assert!(store.session(b"a", after(1_001)).await.expect("read").is_none());
    store.create_session(b"c", "1", after(1_000), after(2_000)).await.expect("begun");
    store.end_sessions_of("1").await.expect("ended");
    assert!(store.session(b"c", after(1_001)).await.expect("read").is_none());
    let nobody = store.create_session(b"d", "nobody", MIDNIGHT, after(1)).await;
    assert!(nobody.is_err(), "a session belongs to an account");
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
