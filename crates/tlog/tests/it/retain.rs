//! Entries that are no longer kept: the tree stands without them, and nothing else may be missing.

use std::fs;

use tlog::*;

use crate::*;

fn log(count: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    writer(folder.path()).append(&entries(0, count)).expect("appended");
    folder
}

#[test]
fn what_is_let_go_is_gone_and_everything_else_holds() {
    let folder = log(1_500);
    let mut writer = writer(folder.path());
    let before = Reader::open(folder.path()).expect("reader").receipt(300).expect("receipt").1;
    assert_eq!(writer.forget(700).expect("forgotten"), 512, "whole bundles only");
    assert_eq!(writer.forget(100).expect("forgotten"), 512, "never less than before");
    for bundle in ["000", "001"] {
        assert!(!folder.path().join("tile/entries").join(bundle).exists());
    }
    let reader = Reader::open(folder.path()).expect("reader");
    assert!(matches!(reader.entry(511), Err(LogError::Forgotten { asked: 511, first: 512 })));
    assert_eq!(reader.entry(512).expect("kept"), entry(512));
    assert_eq!(reader.entries(0).next().expect("one").expect("whole").0, 512);
    // A receipt that was given out stays good, and the log goes on from what it was.
    verify_inclusion(&leaf_hash(&entry(300)), 300, 1_500, &before.path, &reader.root(1_500).expect("root")).expect("holds");
    assert_eq!(writer.append(&entries(1_500, 1_600)).expect("appended").size, 1_600);
    drop(writer);
    let report = verify(folder.path(), &Verification { origin: ORIGIN, log_keys: &verifiers(), witness_keys: &[], earlier: &[], threads: 2 }, &mut |_, _| {});
    assert_eq!((report.faults, report.first, report.entries), (vec![], 512, 1_600));
    assert_eq!(crate::writer(folder.path()).forget(u64::MAX).expect("forgotten"), 1_536, "what is not full stays");
    assert_eq!(faults(folder.path(), &[]), []);
}

#[test]
fn what_is_missing_beyond_that_or_changed_is_found() {
    let folder = log(1_500);
    writer(folder.path()).forget(600).expect("forgotten");
    let first = folder.path().join("first");
    let told = |text: &str| {
        fs::write(&first, text).expect("written");
        faults(folder.path(), &[])
    };
    assert!(!told("256\n").is_empty(), "entries that should be there are not");
    for wrong in ["", "512", "513\n", "-256\n", "0512\n", "99999999999999999999\n", "2560\n"] {
        assert!(!told(wrong).is_empty(), "{wrong:?}");
    }
    assert_eq!(told("512\n"), []);
    // A hash of what is gone is vouched for by the level above it.
    let tile = folder.path().join("tile/0/001");
    let mut bytes = fs::read(&tile).expect("tile");
    bytes[40] ^= 1;
    fs::write(&tile, &bytes).expect("written");
    assert!(!faults(folder.path(), &[]).is_empty(), "a changed hash");
}

#[test]
fn a_call_that_died_midway_is_finished_by_the_next() {
    let folder = log(300_000);
    let path = |bundle: &str| folder.path().join("tile/entries").join(bundle);
    let kept = fs::read(path("x001/000")).expect("bundle");
    let mut writer = writer(folder.path());
    assert_eq!(writer.forget(290_000).expect("forgotten"), 289_792);
    assert!(!path("000").exists() && !path("999").exists() && !path("x001/131").exists() && path("x001/132").exists());
    fs::write(path("x001/000"), kept).expect("written");
    writer.forget(0).expect("forgotten");
    assert!(!path("x001/000").exists());
    drop(writer);
    assert_eq!(faults(folder.path(), &[]), []);
}
