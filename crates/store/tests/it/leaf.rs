//! Leaves of the log: one for each act that happened, none for any other, numbered without gaps, and there after a kill.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use store::{LeafFilter, NewAccount, NewLeaf, Store, StoreError};

use crate::{MIDNIGHT, after, open};

const FOLDER: &str = "STORE_LEAF_FOLDER";

fn leaf(act: &str, subject: &str) -> NewLeaf {
    let entry = format!("{act} {subject}").into_bytes();
    NewLeaf { time: MIDNIGHT, actor: "a1".into(), act: act.into(), subject: subject.into(), entry }
}

fn account(id: &str, name: &str) -> NewAccount {
    NewAccount { id: id.into(), name: name.into(), created: MIDNIGHT, ..NewAccount::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_and_its_leaf_are_there_together_or_not_at_all() {
    let (_folder, store) = open().await;
    let acts = (0..300).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let (id, subject) = (n.to_string(), format!("account/{n}"));
            match n % 3 {
                // Half of these find their name taken.
                0 => drop(store.logging(leaf("account.create", &subject)).create_account(account(&id, &format!("name{}", n / 6))).await),
                // Nobody has this name: nothing happens.
                1 => assert!(!store.logging(leaf("account.sight", &subject)).set_locked("nobody", None, &[]).await.expect("asked")),
                _ => store.logging(leaf("setting.put", &subject)).put_setting(&id, "x").await.expect("put"),
            }
        })
    });
    for act in acts.collect::<Vec<_>>() {
        act.await.expect("ran");
    }
    let leaves = store.leaves_from(0, 1_000).await.expect("read");
    assert!(leaves.iter().enumerate().all(|(n, leaf)| leaf.number == n as u64), "no gaps");
    let subjects: BTreeSet<&str> = leaves.iter().map(|leaf| leaf.subject.as_str()).collect();
    assert_eq!((subjects.len(), leaves.len()), (150, 150), "each act once: 50 accounts and 100 settings");
    assert_eq!(store.accounts().await.expect("read").len(), 50);
    let filter = |act: &str| LeafFilter { act: Some(act.to_owned()), ..LeafFilter::default() };
    for (act, count) in [("account", 50), ("account.create", 50), ("account.c", 0), ("setting", 100), ("account.sight", 0)] {
        assert_eq!(store.leaves(&filter(act), 1, 10).await.expect("read").total, count, "{act}");
    }
    let newest = store.leaves(&LeafFilter::default(), 1, 3).await.expect("read").entries;
    assert_eq!(newest.iter().map(|leaf| leaf.number).collect::<Vec<_>>(), [149, 148, 147]);
}

#[tokio::test]
async fn entries_wait_until_they_stand_in_a_file() {
    let (_folder, store) = open().await;
    for n in 0..10 {
        store.log(leaf("read.sql", &n.to_string())).await.expect("logged");
    }
    assert_eq!(store.leaf_count().await.expect("counted"), 10);
    let waiting = store.unpublished_entries(3, 4).await.expect("read");
    assert_eq!(waiting, ["read.sql 3", "read.sql 4", "read.sql 5", "read.sql 6"].map(|text| text.as_bytes().to_vec()));
    store.leaves_published(7).await.expect("written");
    assert!(store.unpublished_entries(6, 1).await.expect("read").is_empty());
    assert_eq!(store.unpublished_entries(7, 9).await.expect("read").len(), 3);
    assert_eq!(store.leaf(6).await.expect("read").expect("there").entry, None);
    store.log(leaf("read.sql", "10")).await.expect("logged");
    assert_eq!(store.leaf(10).await.expect("read").expect("there").subject, "10");
}

#[tokio::test]
async fn what_cannot_be_told_does_not_happen() {
    let (_folder, store) = open().await;
    store.hold_logged(true);
    let refused = store.logging(leaf("setting.put", "s")).put_setting("key", "x").await;
    assert!(matches!(refused, Err(StoreError::Unlogged)), "{refused:?}");
    assert_eq!(store.setting("key").await.expect("read"), None);
    store.put_setting("unlogged", "x").await.expect("what is no act goes on");
    store.hold_logged(false);
    store.logging(leaf("setting.put", "s")).put_setting("key", "x").await.expect("put");
    assert_eq!(store.leaf_count().await.expect("counted"), 1);
}

/// In the child: acts without end, each named by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_acts_until_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Store::open(std::path::Path::new(&folder).join("control.sqlite")).await.expect("opens");
    let round = std::process::id();
    let actors = (0..8).map(|actor| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0u64.. {
                let key = format!("{round}.{actor}.{n}");
                store.logging(leaf("setting.put", &key)).put_setting(&key, "x").await.expect("put");
                println!("acknowledged {key}");
            }
        })
    });
    for actor in actors.collect::<Vec<_>>() {
        actor.await.expect("never ends");
    }
}

#[tokio::test]
async fn after_kills_each_act_has_its_leaf_and_each_leaf_its_act() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "leaf::child_that_acts_until_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let keys = lines.map_while(Result::ok).filter_map(|line| line.split("acknowledged ").nth(1).map(str::to_owned));
        for (heard, key) in keys.enumerate() {
            acknowledged.push(key);
            if heard == 100 + round * 37 {
                child.kill().expect("killed");
            }
        }
        child.wait().expect("ended");
    }
    let store = Store::open(folder.path().join("control.sqlite")).await.expect("opens after the kills");
    let mut told = BTreeSet::new();
    for from in (0u64..).step_by(1_000) {
        let leaves = store.leaves_from(from, 1_000).await.expect("read");
        for (n, leaf) in leaves.iter().enumerate() {
            assert_eq!(leaf.number, from + n as u64, "no gaps");
            assert!(store.setting(&leaf.subject).await.expect("read").is_some(), "a leaf without its act: {}", leaf.subject);
            assert!(told.insert(leaf.subject.clone()), "told twice: {}", leaf.subject);
        }
        if leaves.is_empty() {
            break;
        }
    }
    assert!(acknowledged.iter().all(|key| told.contains(key)), "an act without its leaf");
    assert!(store.leaves_from(0, 1).await.expect("read")[0].time < after(1));
}
