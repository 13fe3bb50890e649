//! The log of acts: each act is told once, published in signed tiles, and nothing of it can be changed unseen.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use desk::account::Login;
use desk::authority::Role;
use desk::log::{LogFilter, LogReport, LogVerification, Receipt, key, verify};
use desk::view::QuarantineFilter;
use desk::{Desk, DeskError};
use tlog::Verifier;

use crate::drift::{HEADER, city, collect, command, deliver, now, row, steward};
use crate::memory::Memory;
use crate::river::open;

/// A city that has collected, with the desk that did.
async fn acted(dir: &Path) -> Desk {
    city(dir, "");
    deliver(dir, HEADER, (0..20).map(row).chain(["x,坏,1,0".to_owned()]));
    let desk = open(dir, &Memory::new(-1)).await;
    collect(&desk).await;
    desk
}

fn data(dir: &Path) -> PathBuf {
    let found = std::fs::read_dir(dir).expect("folder").filter_map(Result::ok).map(|entry| entry.path());
    found.into_iter().find(|path| path.join("sanjiang.db").is_file()).expect("a data directory")
}

async fn verified(dir: &Path, earlier: Vec<Vec<u8>>) -> LogReport {
    verify(&data(dir), LogVerification { earlier, ..LogVerification::default() }, |_, _| {}).await.expect("verified")
}

async fn told(desk: &Desk) -> Vec<(String, String, String)> {
    let page = desk.log_page(&command(), &LogFilter::default(), 1, 200).await.expect("log").page;
    page.entries.into_iter().rev().map(|leaf| (leaf.actor_id, leaf.act, leaf.subject)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_and_readings_are_told_with_who_and_what() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = acted(dir.path()).await;
    let token = desk.role_link(Role::Steward, now()).await.expect("token").expect("no steward yet");
    let session = desk.use_link(&token, "chen", "three rivers meet", "", now()).await.expect("account").expect("no second factor");
    let who = desk.session(&session, now()).await.expect("asked").expect("alive");
    assert!(desk.login(Login { name: "chen", password: "wrong", ..Login::default() }, now()).await.is_err());
    desk.pause(&who, "files", "检修", now()).await.expect("paused");
    assert!(desk.pause(&who, "nowhere", "检修", now()).await.is_err(), "what does not happen is not told");
    desk.quarantine(&who, &QuarantineFilter::default(), 1, 10).await.expect("read");
    desk.logout(&session).await.expect("out");
    let account = format!("account/{}", who.id);
    let expected = [
        ("program/command", "collect.run", "resource/person"),
        ("program/setup", "account.create", &account),
        ("program/login", "session.begin", &account),
        ("program/login", "session.refuse", &account),
        (&who.id, "schedule.pause", "system/files"),
        (&who.id, "read.quarantine", "resources"),
        (&who.id, "session.end", &account),
    ];
    let told = told(&desk).await;
    assert_eq!(told.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect::<Vec<_>>(), expected);
    let detail = desk.log_leaf(&command(), 4).await.expect("leaf");
    assert_eq!(detail.entry["detail"]["reason"], "检修");
    assert_eq!(detail.entry["actor"]["name"], "chen");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_verified_and_whatever_is_changed_is_found() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = acted(dir.path()).await;
    assert!(matches!(desk.log_receipt(&command(), 0).await, Err(DeskError::Busy(_))), "no file has it yet");
    let first = desk.publish_log().await.expect("published");
    assert!(first.size > 0 && first.added == first.size, "{first:?}");
    let kept = std::fs::read(desk.log_dir().join("checkpoint")).expect("checkpoint");
    for n in 0..300 {
        desk.pause(&steward(), "files", &format!("第 {n} 次"), now()).await.expect("paused");
    }
    let second = desk.publish_log().await.expect("published");
    assert_eq!(second.size, first.size + 300);
    let report = verified(dir.path(), vec![kept.clone()]).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!((report.size, report.earlier, report.waiting), (second.size, 1, 0));
    // A receipt holds without anything else at hand, and for nothing else.
    let keys: Vec<Verifier> = key::read(&data(dir.path())).expect("keys").iter().map(|signer| signer.verifier().clone()).collect();
    let receipt = desk.log_receipt(&command(), 7).await.expect("receipt");
    let read = Receipt::parse(&receipt.to_string()).expect("read");
    assert_eq!(read.verify(&keys, &[], 0).expect("holds").number, 7);
    let forged = Receipt { entry: read.entry.replace("次", "回"), ..read.clone() };
    assert!(forged.verify(&keys, &[], 0).is_err(), "another text");
    assert!(read.verify(&keys, &[], 1).is_err(), "no witness has cosigned");
    drop(desk);

    // The control store says something else than was hashed.
    let database = rusqlite::Connection::open(data(dir.path()).join("sanjiang.db")).expect("database");
    let change = |sql: &str| database.execute_batch(sql).expect("changed");
    for (tamper, undo, place) in [
        ("UPDATE leaf SET actor = 'somebody' WHERE number = 9", "UPDATE leaf SET actor = 'a' WHERE number = 9", "leaf 9"),
        ("UPDATE leaf SET number = -5 WHERE number = 11", "UPDATE leaf SET number = 11 WHERE number = -5", "sanjiang.db"),
    ] {
        change(tamper);
        let report = verified(dir.path(), Vec::new()).await;
        assert!(report.faults.iter().any(|fault| fault.place.contains(place)), "{tamper}: {:?}", report.faults);
        change(undo);
        assert!(verified(dir.path(), Vec::new()).await.is_clean(), "{undo}");
    }
    // A file of the log says something else.
    let bundle = data(dir.path()).join("log/tile/entries/000");
    let file = std::fs::File::options().write(true).open(&bundle).expect("bundle");
    file.write_all_at(b"Z", 1_000).expect("written");
    let report = verified(dir.path(), Vec::new()).await;
    assert!(report.faults.iter().any(|fault| fault.place.contains("entries/000")), "{:?}", report.faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_control_store_is_not_taken_for_the_log_s() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = acted(dir.path()).await;
    desk.publish_log().await.expect("published");
    drop(desk);
    let database = rusqlite::Connection::open(data(dir.path()).join("sanjiang.db")).expect("database");
    database.execute("DELETE FROM leaf WHERE number = (SELECT max(number) FROM leaf)", []).expect("put back");
    let desk = open(dir.path(), &Memory::new(-1)).await;
    let refused = desk.publish_log().await.expect_err("older than the log");
    assert!(refused.to_string().contains("older backup"), "{refused}");
    assert!(!verified(dir.path(), Vec::new()).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_it_is_kept_goes_and_that_is_told() {
    let dir = tempfile::tempdir().expect("folder");
    let desk = acted(dir.path()).await;
    for n in 0..600 {
        desk.pause(&steward(), "files", &format!("第 {n} 次"), now()).await.expect("paused");
    }
    let size = desk.publish_log().await.expect("published").size;
    let receipt = desk.log_receipt(&command(), 300).await.expect("receipt");
    let days = |days: i64| kernel::Moment(now().0 + days * 86_400_000_000);
    assert_eq!(desk.forget_log(days(1_000)).await.expect("asked"), 0, "three years are not over");
    assert_eq!(desk.forget_log(days(1_100)).await.expect("asked"), 512, "as far as files are whole");
    assert_eq!(desk.forget_log(days(1_101)).await.expect("asked"), 512, "and not twice");
    assert_eq!(told(&desk).await.last().expect("a leaf").1, "log.forget");
    assert!(desk.log_receipt(&command(), 300).await.is_err_and(|error| error.to_string().contains("512")));
    assert!(desk.log_leaf(&command(), 300).await.is_err() && desk.log_leaf(&command(), 512).await.is_ok());
    assert_eq!(desk.publish_log().await.expect("published").size, size + 1);
    let keys: Vec<Verifier> = key::read(&data(dir.path())).expect("keys").iter().map(|signer| signer.verifier().clone()).collect();
    assert_eq!(receipt.verify(&keys, &[], 0).expect("receipts that were given out hold").number, 300);
    drop(desk);
    let report = verified(dir.path(), Vec::new()).await;
    assert!(report.is_clean() && report.first == 512, "{:?}", report.faults);
    // More is gone than the log tells of: of files, of rows.
    let log = data(dir.path()).join("log");
    let last = size / 256 * 256 - 256;
    if last > 512 {
        std::fs::write(log.join("first"), format!("{last}\n")).expect("written");
        assert!(!verified(dir.path(), Vec::new()).await.is_clean());
    }
    std::fs::write(log.join("first"), "512\n").expect("written");
    std::fs::remove_file(log.join("tile/entries/002")).ok();
    let database = rusqlite::Connection::open(data(dir.path()).join("sanjiang.db")).expect("database");
    database.execute("DELETE FROM leaf WHERE number = 512", []).expect("gone");
    let faults = verified(dir.path(), Vec::new()).await.faults;
    assert!(faults.iter().any(|fault| fault.text.en.contains("512")), "{faults:?}");
}
