//! One append syncs its data file, its log entry, their folders and the manifest, seen from outside.

use std::process::Command;

use lake::Lake;

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
    let log = second.lines().skip(link).position(|line| line.contains("fsync(") && line.contains("/_delta_log>")).expect("the log's folder is synced") + link;
    assert!(data < folder && folder < entry && entry < link && link < log, "order: {data} {folder} {entry} {link} {log}");
    let syncs = second.lines().filter(|line| line.contains("fsync(")).count();
    println!("{syncs} syncs for one append");
    assert!(syncs >= 6);
}
