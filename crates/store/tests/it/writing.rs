//! Group commit, and several stores on one file.

use std::time::Instant;

use store::{NewAccount, Store, StoreError};

use crate::{MIDNIGHT, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_writes_at_once_share_few_commits_and_all_are_there_after_reopening() {
    let (folder, store) = open().await;
    let began = Instant::now();
    let writes = (0..1_000).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.put_setting(&format!("key{n}"), &n.to_string()).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.expect("ran").expect("written");
    }
    println!("1,000 writes: {} commits in {:?}", store.commits(), began.elapsed());
    assert!(store.commits() < 100, "{} commits", store.commits());
    store.close().await;
    let store = Store::open(folder.path().join("control.sqlite")).await.expect("opens again");
    for n in 0..1_000 {
        assert_eq!(store.setting(&format!("key{n}")).await.expect("read"), Some(n.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_write_undoes_only_itself_among_those_it_shares_a_commit_with() {
    let (_folder, store) = open().await;
    let writes = (0..200).map(|n| {
        let store = store.clone();
        let name = if n % 2 == 0 { "same".to_owned() } else { format!("name{n}") };
        let account = NewAccount { id: n.to_string(), name, created: MIDNIGHT, ..NewAccount::default() };
        tokio::spawn(async move { store.create_account(account).await })
    });
    let mut refused = 0;
    for write in writes.collect::<Vec<_>>() {
        match write.await.expect("ran") {
            Ok(()) => {}
            Err(StoreError::Taken(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((refused, store.accounts().await.expect("read").len()), (99, 101));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_on_one_file_write_in_turn_and_see_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/control.sqlite");
    let (one, two) = tokio::join!(Store::open(&path), Store::open(&path));
    let stores = [one.expect("opens"), two.expect("opens at the same time")];
    let writes = (0..400).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move { store.put_setting(&format!("key{n}"), "x").await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.expect("ran").expect("written");
    }
    for n in 0..400 {
        let other = &stores[(n + 1) % 2];
        assert_eq!(other.setting(&format!("key{n}")).await.expect("read").as_deref(), Some("x"));
    }
}

#[tokio::test]
async fn what_is_no_store_is_refused_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to have a header of one hundred bytes. ".repeat(20)).expect("written");
    let error = Store::open(&path).await.err().expect("refused");
    assert!(error.text().zh.contains("控制库"), "{error}");
    assert!(error.to_string().contains("notes.txt"), "{error}");
}
