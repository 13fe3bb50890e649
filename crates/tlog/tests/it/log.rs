//! A log written, read and proven, in batches of all sizes; and disks that refuse.

use std::fs;

use proptest::prelude::*;
use tlog::*;

use crate::*;

/// Every entry, every size's root and a good many proofs.
fn agree(folder: &Path, count: u64) {
    let reader = Reader::open(folder).expect("reader");
    assert_eq!(reader.size(), count);
    reader.note().verify(&verifiers()).expect("signed");
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    for (index, found) in (0..).zip(reader.entries(0)) {
        let (number, bytes) = found.expect("entry");
        assert_eq!((number, &bytes), (index, &entry(index)));
        frontier.push(leaf_hash(&bytes), |_, _, _| {});
        roots.push(frontier.root());
    }
    assert_eq!((roots.len() as u64, frontier.root()), (count + 1, reader.checkpoint().root));
    for size in (0..=count).step_by(7.max(count as usize / 60)).chain([count]) {
        assert_eq!(reader.root(size).expect("root"), roots[size as usize]);
        let proof = reader.consistency_proof(size, count).expect("proof");
        verify_consistency(size, &roots[size as usize], count, &roots[count as usize], &proof).expect("consistent");
        if size > 0 {
            let index = size * 31 % size.max(1);
            let proof = reader.inclusion_proof(index, size).expect("proof");
            verify_inclusion(&leaf_hash(&reader.entry(index).expect("entry")), index, size, &proof, &roots[size as usize]).expect("included");
        }
    }
    assert!(reader.entry(count).is_err() && reader.inclusion_proof(0, count + 1).is_err() && reader.root(count + 1).is_err());
    assert_eq!(faults(folder, &[]), []);
}

#[test]
fn batches_of_all_sizes_give_one_log() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    agree(folder.path(), 0);
    let mut kept = vec![log.checkpoint().to_string().into_bytes()];
    for count in [1, 2, 0, 252, 1, 1, 255, 256, 257, 600, 65_300] {
        let first = log.size();
        let appended = log.append(&entries(first, first + count)).expect("appended");
        assert_eq!((appended.first, appended.size), (first, first + count));
        kept.push(log.checkpoint().to_string().into_bytes());
        if count < 1_000 {
            agree(folder.path(), log.size());
        }
        if count == 255 {
            drop(log);
            log = writer(folder.path());
        }
    }
    let size = log.size();
    assert_eq!(size, 66_925);
    agree(folder.path(), size);
    drop(log);
    assert_eq!(faults(folder.path(), &kept), []);
    // Reading from somewhere in the middle.
    let reader = Reader::open(folder.path()).expect("reader");
    let some: Vec<u64> = reader.entries(66_900).map(|found| found.expect("entry").0).collect();
    assert_eq!(some, (66_900..66_925).collect::<Vec<_>>());
    assert!(!folder.path().join("tile/entries/000.p").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn however_it_is_cut_into_batches(batches in prop::collection::vec(0u64..400, 1..5)) {
        let folder = tempfile::tempdir().expect("folder");
        let mut log = writer(folder.path());
        for count in batches {
            let first = log.size();
            log.append(&entries(first, first + count)).expect("appended");
        }
        agree(folder.path(), log.size());
    }
}

#[test]
fn receipts_hold_offline() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    log.append(&entries(0, 700)).expect("appended");
    let reader = Reader::open(folder.path()).expect("reader");
    for index in [0, 1, 255, 256, 511, 698, 699] {
        let mut receipt = reader.receipt(index).expect("receipt").1;
        if index == 1 {
            receipt.extra = Some(b"anything".to_vec());
        }
        let text = receipt.to_string();
        let again = ReceiptProof::parse(text.as_bytes()).expect("proof");
        assert_eq!(again, receipt);
        let (checkpoint, vouched) = again.verify(&entry(index), ORIGIN, &verifiers(), &[], 0).expect("holds");
        assert_eq!((checkpoint.size, vouched.len()), (700, 2));
        assert!(again.verify(b"another", ORIGIN, &verifiers(), &[], 0).is_err());
        assert!(again.verify(&entry(index), "another", &verifiers(), &[], 0).is_err());
        assert!(again.verify(&entry(index), ORIGIN, &verifiers(), &[], 1).is_err());
        let mut other = again.clone();
        other.index ^= 1;
        assert!(other.verify(&entry(index), ORIGIN, &verifiers(), &[], 0).is_err());
    }
    for wrong in ["", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\na\n0\n"] {
        assert!(ReceiptProof::parse(wrong.as_bytes()).is_err());
    }
}

#[test]
fn one_writer_at_a_time_and_only_the_logs_own() {
    let folder = tempfile::tempdir().expect("folder");
    let log = writer(folder.path());
    let open = |origin: &str, signers| Writer::open(folder.path(), origin, signers, Box::new(|| 0));
    assert!(matches!(open(ORIGIN, signers()), Err(LogError::Locked(_))));
    drop(log);
    assert!(matches!(open("another", signers()), Err(LogError::Note(_))));
    assert!(matches!(open(ORIGIN, vec![signer(Algorithm::Ed25519, ORIGIN, 1)]), Err(LogError::Note(NoteError::Unsigned(_)))));
    assert!(open(ORIGIN, signers()).is_ok());
    let other = tempfile::tempdir().expect("folder");
    assert!(Writer::open(other.path(), "two\nlines", signers(), Box::new(|| 0)).is_err());
    assert!(Writer::open(other.path(), ORIGIN, Vec::new(), Box::new(|| 0)).is_err());
    assert!(!other.path().join("checkpoint").exists());
}

#[test]
fn too_long_an_entry_is_refused_and_the_longest_is_not() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    assert!(matches!(log.append(&[vec![1; ENTRY_MOST + 1]]), Err(LogError::TooLong(_))));
    assert_eq!(log.append(&[vec![1; ENTRY_MOST], vec![]]).expect("appended").size, 2);
    assert_eq!(Reader::open(folder.path()).expect("reader").entry(0).expect("entry").len(), ENTRY_MOST);
}

/// What is in the way makes a file impossible to write, as a disk that refuses would.
#[test]
fn a_disk_that_refuses_leaves_the_log_as_it_was() {
    let places = ["tile/entries/001", "tile/entries/002.p/88", "tile/0/001", "tile/1/000.p/2", ".checkpoint.next"];
    for place in places {
        let folder = tempfile::tempdir().expect("folder");
        let mut log = writer(folder.path());
        log.append(&entries(0, 300)).expect("appended");
        let before = fs::read(folder.path().join("checkpoint")).expect("checkpoint");
        let obstacle = folder.path().join(place).join("obstacle");
        fs::create_dir_all(&obstacle).expect("obstacle");
        let error = log.append(&entries(300, 600)).expect_err("refused");
        assert!(matches!(error, LogError::Io { .. }), "{place}: {error:?}");
        assert!(!error.text().zh.is_empty() && !error.text().en.is_empty());
        assert_eq!(fs::read(folder.path().join("checkpoint")).expect("checkpoint"), before);
        assert_eq!(log.size(), 300);
        // Nothing of it is left where nothing is in the way.
        assert!(place != "tile/1/000.p/2" || !folder.path().join("tile/entries/001").exists());
        // The log itself may have cleared it away.
        let _ = fs::remove_dir_all(folder.path().join(place));
        // Other entries than those that failed, and fewer.
        assert_eq!(log.append(&entries(300, 420)).expect("appended").first, 300, "{place}");
        agree(folder.path(), 420);
    }
}

#[test]
fn a_full_disk_says_so_and_the_log_goes_on() {
    // Files over 16 KiB are refused to the child, as a full disk would.
    let folder = tempfile::tempdir().expect("folder");
    let exe = std::env::current_exe().expect("this test");
    let script = format!("ulimit -f 16; trap '' XFSZ; exec '{}' --exact log::child_with_small_files --ignored --nocapture", exe.display());
    let output = std::process::Command::new("bash").args(["-c", &script]).env("TLOG_FOLDER", folder.path()).output().expect("bash");
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    agree(folder.path(), 20);
}

#[test]
#[ignore = "run by a_full_disk_says_so_and_the_log_goes_on"]
fn child_with_small_files() {
    let Some(folder) = std::env::var_os("TLOG_FOLDER") else { return };
    let mut log = writer(Path::new(&folder));
    log.append(&entries(0, 10)).expect("appended");
    assert!(matches!(log.append(&[vec![7; 60_000]]), Err(LogError::Io { .. })));
    assert_eq!(log.append(&entries(10, 20)).expect("appended").size, 20);
}

#[test]
fn a_signed_checkpoint_that_waits_is_taken_up() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    log.append(&entries(0, 300)).expect("appended");
    let before = fs::read(folder.path().join("checkpoint")).expect("checkpoint");
    let partials: Vec<_> = ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"].iter().map(|path| (folder.path().join(path), fs::read(folder.path().join(path)).expect("file"))).collect();
    log.append(&entries(300, 600)).expect("appended");
    drop(log);
    // As after a power failure just before the new checkpoint took its place.
    fs::rename(folder.path().join("checkpoint"), folder.path().join(".checkpoint.next")).expect("moved");
    fs::write(folder.path().join("checkpoint"), &before).expect("written");
    for (path, bytes) in partials {
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        fs::write(path, bytes).expect("written");
    }
    let log = writer(folder.path());
    assert_eq!(log.size(), 600);
    drop(log);
    agree(folder.path(), 600);
    // One that broke off is not.
    fs::write(folder.path().join(".checkpoint.next"), &before[..before.len() - 9]).expect("written");
    assert_eq!(writer(folder.path()).size(), 600);
    agree(folder.path(), 600);
}

#[test]
fn damage_at_the_edge_is_noticed_at_opening() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    log.append(&entries(0, 300)).expect("appended");
    drop(log);
    let open = || Writer::open(folder.path(), ORIGIN, signers(), Box::new(|| 0));
    for path in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        let path = folder.path().join(path);
        let bytes = fs::read(&path).expect("file");
        let mut changed = bytes.clone();
        changed[3] ^= 4;
        fs::write(&path, &changed).expect("written");
        assert!(matches!(open(), Err(LogError::Damaged(_))), "{path:?}");
        fs::write(&path, &bytes).expect("written");
    }
    fs::remove_file(folder.path().join("checkpoint")).expect("removed");
    assert!(matches!(open(), Err(LogError::Damaged(_))));
}

#[test]
fn a_reader_goes_on_while_the_log_grows() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    log.append(&entries(0, 300)).expect("appended");
    let reader = Reader::open(folder.path()).expect("reader");
    log.append(&entries(300, 1_000)).expect("appended");
    assert_eq!(reader.entries(0).filter_map(Result::ok).count(), 300);
    assert_eq!(reader.root(300).expect("root"), reader.checkpoint().root);
    assert_eq!(reader.receipt(299).expect("receipt").1.index, 299);
}
