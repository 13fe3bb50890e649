//! A witness cosigns what goes on from what it has cosigned, and nothing else.

use std::fs;

use tlog::*;

use crate::*;

fn witness(folder: &Path) -> Witness {
    Witness::open(folder, signer(Algorithm::Cosignature, "witness.example/w1", 5), [(ORIGIN.to_owned(), verifiers())]).expect("a witness")
}

fn status(witness: &mut Witness, body: &str) -> u16 {
    let refusal = witness.add_checkpoint(body.as_bytes(), 1_700_000_000).expect_err("refused");
    assert!(!refusal.text().zh.is_empty() && refusal.body().ends_with('\n'));
    refusal.status()
}

#[test]
fn it_follows_a_log_and_the_log_takes_its_cosignatures() {
    let (log_folder, folder) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut log = writer(log_folder.path());
    let mut by = witness(folder.path());
    let keys = [by.verifier().clone()];
    let mut old = 0;
    for count in [0, 1, 5, 300, 700] {
        log.append(&entries(log.size(), log.size() + count)).expect("appended");
        let reader = Reader::open(log_folder.path()).expect("reader");
        let body = request_body(&reader, old).expect("body");
        let lines = by.add_checkpoint(body.as_bytes(), 1_700_000_000 + count).expect("cosigned");
        let Ok(Answer::Cosigned(found)) = answered(reader.note(), 200, lines.as_bytes(), &keys) else { panic!("not cosigned") };
        assert_eq!(found.len(), 1);
        // What strangers have signed beside it is passed over.
        let stranger = signer(Algorithm::Cosignature, "witness.example/w2", 6).sign(&reader.note().text, 1).expect("signed");
        assert_eq!(log.add_cosignatures(format!("{stranger}{lines}").as_bytes(), &keys).expect("added"), 1);
        let note = Reader::open(log_folder.path()).expect("reader").note().clone();
        assert_eq!(note.signatures.len(), 3);
        assert_eq!(note.verify(&keys).expect("holds")[0].time, Some(1_700_000_000 + count));
        old = log.size();
        assert_eq!(by.state(ORIGIN), Some((old, log.root())));
        if count == 5 {
            drop(by);
            by = witness(folder.path());
            drop(log);
            log = writer(log_folder.path());
            assert_eq!(log.checkpoint().signatures.len(), 3);
        }
    }
    // The cosigned checkpoint is what a receipt carries.
    let receipt = Reader::open(log_folder.path()).expect("reader").receipt(17).expect("receipt").1;
    assert!(receipt.verify(&entry(17), ORIGIN, &verifiers(), &keys, 1).is_ok());
    assert!(receipt.verify(&entry(17), ORIGIN, &verifiers(), &keys, 2).is_err());
    assert!(log.add_cosignatures(b"nonsense", &keys).is_err());
    drop(log);
    let known = verifiers();
    let against = Verification { origin: ORIGIN, log_keys: &known, witness_keys: &keys, earlier: &[], threads: 1 };
    assert!(verify(log_folder.path(), &against, &mut |_, _| {}).is_clean());
    // Without the witness's key nobody can tell what its line is.
    assert_eq!(faults(log_folder.path(), &[])[0].kind, FaultKind::Signature);
}

#[test]
fn its_refusals_have_the_statuses_of_the_standard() {
    let (log_folder, folder) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut log = writer(log_folder.path());
    log.append(&entries(0, 10)).expect("appended");
    let mut by = witness(folder.path());
    let first = request_body(&Reader::open(log_folder.path()).expect("reader"), 0).expect("body");
    by.add_checkpoint(first.as_bytes(), 1).expect("cosigned");
    log.append(&entries(10, 25)).expect("appended");
    let reader = Reader::open(log_folder.path()).expect("reader");
    let body = request_body(&reader, 10).expect("body");
    let kept = by.state(ORIGIN);
    // Not in its form.
    for wrong in ["", "old 10\n", "old 010\n\n", "new 10\n\n", &body.replace("old 10", "old +10"), &body[..body.len() - 5], &body.replacen("=\n", "\n", 1)] {
        assert_eq!(status(&mut by, wrong), 400, "{wrong:?}");
    }
    assert_eq!(status(&mut by, &body.replace("old 10\n", &format!("old 10\n{}", format!("{EMPTY_ROOT}\n").repeat(64)))), 400);
    assert_eq!(status(&mut by, &body.replace("old 10\n", "old 26\n")), 400);
    // An unknown log, an unknown key, a forged signature.
    assert_eq!(status(&mut by, &body.replace(ORIGIN, "another")), 404);
    let stranger = Checkpoint { origin: ORIGIN.to_owned(), ..reader.checkpoint().clone() }.sign(&[signer(Algorithm::Ed25519, ORIGIN, 66)], 0).expect("signed");
    let (head, _) = body.split_once("\n\n").expect("head");
    assert_eq!(status(&mut by, &format!("{head}\n\n{stranger}")), 403);
    assert_eq!(status(&mut by, &body.replace("\n25\n", "\n24\n")), 403);
    // Where it stands is told, so that the log may ask again.
    let refusal = by.add_checkpoint(body.replace("old 10\n", "old 9\n").as_bytes(), 1).expect_err("refused");
    assert_eq!((refusal.status(), refusal.body().as_str(), refusal.content_type()), (409, "10\n", "text/x.tlog.size"));
    assert_eq!(answered(reader.note(), 409, b"10\n", &[]), Ok(Answer::Behind { size: 10 }));
    assert_eq!(answered(reader.note(), 404, b"", &[]), Ok(Answer::Refused { status: 404 }));
    assert!(matches!(answered(reader.note(), 200, b"", &[]), Err(NoteError::Malformed(_))));
    // A history that is another one: with and without more entries.
    let forked = |count: u64| {
        let fork = tempfile::tempdir().expect("folder");
        let mut other = writer(fork.path());
        other.append(&entries(100, 110)).expect("appended");
        other.append(&entries(0, count)).expect("appended");
        request_body(&Reader::open(fork.path()).expect("reader"), 10).expect("body")
    };
    assert_eq!(status(&mut by, &forked(5)), 422);
    assert_eq!(status(&mut by, &forked(0)), 409);
    // A proof with a hash too few or too many.
    let mut lines: Vec<&str> = head.lines().collect();
    lines.push(lines[1]);
    let (_, note) = body.split_once("\n\n").expect("note");
    assert_eq!(status(&mut by, &format!("{}\n\n{note}", lines.join("\n"))), 422);
    assert_eq!(status(&mut by, &format!("{}\n\n{note}", lines[..lines.len() - 2].join("\n"))), 422);
    assert_eq!(by.state(ORIGIN), kept);
    by.add_checkpoint(body.as_bytes(), 1).expect("cosigned");
    // The same once more is cosigned once more.
    by.add_checkpoint(request_body(&reader, 25).expect("body").as_bytes(), 2).expect("cosigned");
    // Going back is not.
    assert_eq!(status(&mut by, &first), 409);
}

#[test]
fn an_empty_tree_with_a_root_is_not_cosigned() {
    let folder = tempfile::tempdir().expect("folder");
    let mut by = witness(folder.path());
    let wrong = Checkpoint { origin: ORIGIN.to_owned(), size: 0, root: leaf_hash(b""), extensions: Vec::new() };
    let note = wrong.sign(&signers(), 0).expect("signed");
    assert_eq!(status(&mut by, &format!("old 0\n\n{note}")), 422);
}

#[test]
fn a_state_that_was_changed_does_not_pass_and_a_lost_lock_neither() {
    let (log_folder, folder) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut log = writer(log_folder.path());
    log.append(&entries(0, 10)).expect("appended");
    let mut by = witness(folder.path());
    by.add_checkpoint(request_body(&Reader::open(log_folder.path()).expect("reader"), 0).expect("body").as_bytes(), 1).expect("cosigned");
    let open = || Witness::open(folder.path(), signer(Algorithm::Cosignature, "witness.example/w1", 5), [(ORIGIN.to_owned(), verifiers())]);
    assert!(matches!(open(), Err(LogError::Locked(_))));
    drop(by);
    let state = fs::read_dir(folder.path()).expect("folder").map(|entry| entry.expect("entry").path()).find(|path| path.extension().is_some_and(|kind| kind == "state")).expect("state");
    let text = fs::read_to_string(&state).expect("state");
    fs::write(&state, text.replace("\n10\n", "\n9\n")).expect("written");
    assert!(matches!(open(), Err(LogError::Note(_))));
    assert!(Witness::open(folder.path(), signer(Algorithm::Ed25519, "w", 5), []).is_err());
}

#[test]
fn what_cannot_be_kept_is_not_cosigned() {
    let (log_folder, folder) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut log = writer(log_folder.path());
    log.append(&entries(0, 10)).expect("appended");
    let mut by = witness(folder.path());
    let body = request_body(&Reader::open(log_folder.path()).expect("reader"), 0).expect("body");
    let moved = folder.path().with_extension("moved");
    fs::rename(folder.path(), &moved).expect("moved");
    fs::write(folder.path(), b"in the way").expect("written");
    assert_eq!(status(&mut by, &body), 500);
    assert_eq!(by.state(ORIGIN).map(|state| state.0), Some(0));
    fs::remove_file(folder.path()).expect("removed");
    fs::rename(&moved, folder.path()).expect("moved back");
    by.add_checkpoint(body.as_bytes(), 1).expect("cosigned");
}
