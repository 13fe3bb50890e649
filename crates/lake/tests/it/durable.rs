//! What was acknowledged stays: an append syncs its files and folders in order, and a kill loses nothing.

use std::process::{Command, Stdio};
use std::time::Duration;

use lake::{Commit, Lake};

use crate::support::*;

/// The same binary runs this as a child under `strace`; alone it only appends.
#[tokio::test(flavor = "multi_thread")]
async fn child_appends_twice() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, 0..10, 1).await.unwrap();
    std::fs::write(root.path().join("MARK"), b"").unwrap();
    land(&lake, 10..20, 2).await.unwrap();
}

#[test]
fn an_append_is_synced_before_it_returns() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("SKIP: strace is not installed, syncs were NOT counted");
        return;
    }
    let out = tempfile::NamedTempFile::new().unwrap();
    let me = std::env::current_exe().unwrap();
    let traced = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=fsync,fdatasync,openat,link,linkat,rename,renameat,renameat2", "-o"])
        .arg(out.path())
        .arg(me)
        .args(["--exact", "durable::child_appends_twice", "--test-threads=1"])
        .output()
        .unwrap();
    if !traced.status.success() {
        eprintln!("SKIP: strace may not trace here, syncs were NOT counted: {}", String::from_utf8_lossy(&traced.stderr));
        return;
    }
    let trace = std::fs::read_to_string(out.path()).unwrap();
    let second = trace.split("MARK").last().unwrap();
    let line = |what: &[&str]| second.lines().position(|line| what.iter().all(|part| line.contains(part)));
    let data = line(&["fsync(", "enterprise/.unfinished-"]).expect("the data file is synced");
    let folder = line(&["fsync(", "/standard/enterprise>"]).expect("the table's folder is synced");
    let entry = line(&["fsync(", "_delta_log/.unfinished-"]).expect("the log entry is synced");
    let link = line(&["link", "00000000000000000001.json"]).expect("the log entry is linked");
    let log = second
        .lines()
        .skip(link)
        .position(|line| line.contains("fsync(") && line.contains("/_delta_log>"))
        .expect("the log's folder is synced")
        + link;
    let manifest = line(&["fdatasync(", "manifest.log"]).expect("the manifest is synced");
    let order = [data, folder, entry, link, log, manifest];
    assert!(order.is_sorted(), "order: {order:?}");
    let syncs = second.lines().filter(|line| line.contains("fsync(") || line.contains("fdatasync(")).count();
    println!("{syncs} syncs for one append");
    assert!(syncs >= 5);
}

/// The same binary runs this as a child that is killed; alone, without its folder, it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn child_appends_until_killed() {
    let Ok(root) = std::env::var("LAKE_TEST_ROOT") else {
        return;
    };
    let lake = Lake::open(root.as_ref()).await.unwrap();
    let from = lake.last_commit(&table()).await.unwrap().map_or(1, |last| last.seq + 1);
    for seq in from..from + 10_000 {
        let change = Commit { replaces: vec![hash(seq * 10 - 10)], ..commit(seq) };
        lake.append(&table(), vec![rows(seq * 10..seq * 10 + 10, seq)], change).await.unwrap();
        println!("ACK {seq}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_loses_no_acknowledged_batch() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, 0..10, 0).await.unwrap();
    let (mut acknowledged, mut there) = (0, 0);
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "durable::child_appends_until_killed", "--nocapture", "--test-threads=1"])
            .env("LAKE_TEST_ROOT", root.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + round * 37 % 190));
        child.kill().unwrap();
        let said = child.wait_with_output().unwrap().stdout;
        // The first one stands on a line with the name of the test.
        let heard = String::from_utf8_lossy(&said).lines().filter_map(|line| line.rsplit_once("ACK ")?.1.parse::<i64>().ok()).max();
        acknowledged = acknowledged.max(heard.unwrap_or(0));
        // One batch more may have landed before its word got out, in this round and in each before it.
        let least = acknowledged.max(there);
        let lake = Lake::open(root.path()).await.unwrap();
        let last = lake.last_commit(&table()).await.unwrap().unwrap().seq;
        assert!(last >= least && last <= least + 1, "acknowledged {acknowledged}, there were {there}, there {last}");
        there = last;
        // Each batch took away the first row of the one before it.
        let expected: Vec<i64> = (0..(last + 1) * 10).filter(|id| id % 10 != 0 || *id == last * 10).collect();
        assert_eq!(ids(&lake).await.unwrap(), expected);
    }
    println!("{acknowledged} batches acknowledged through 12 kills");
    assert!(acknowledged > 0);
}
