//! Whoever changes anything in the folder is found out, and the place is named.

use std::fs;
use std::path::PathBuf;

use tlog::*;

use crate::*;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// A small log with full and partial tiles on two levels, and earlier partial ones.
fn small() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("folder");
    small_in(folder.path(), signers());
    let files = files(folder.path()).into_iter().filter(|path| !path.ends_with(".lock")).collect();
    (folder, files)
}

fn small_in(folder: &Path, signers: Vec<Signer>) {
    let mut log = Writer::open(folder, ORIGIN, signers, Box::new(|| 0)).expect("a writer");
    for count in [3, 254, 4, 2] {
        let first = log.size();
        let batch: Vec<Vec<u8>> = (first..first + count).map(|index| if index < 250 { Vec::new() } else { vec![index as u8; 3] }).collect();
        log.append(&batch).expect("appended");
    }
}

fn named(folder: &Path, path: &Path, faults: &[Fault]) -> bool {
    let name = path.strip_prefix(folder).expect("within").to_string_lossy().into_owned();
    // Bundles and tiles without anything above them may be told of each other.
    let twin = |name: &str| name.replace("tile/0/", "tile/entries/");
    faults.iter().any(|fault| fault.file == name || fault.text.en.contains(&name) || twin(&fault.file) == twin(&name))
}

/// Flips a bit of each byte of a file and removes each, and sees that every change is found and named.
fn every_byte(folder: &Path, path: &Path, keys: &[Verifier], places: impl Iterator<Item = usize>) -> usize {
    let bytes = fs::read(path).expect("file");
    let mut tried = 0;
    for at in places.take_while(|at| *at < bytes.len()) {
        tried += 2;
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let mut shorter = bytes.clone();
        shorter.remove(at);
        for changed in [flipped, shorter] {
            fs::write(path, &changed).expect("written");
            let found = verify(folder, &Verification { origin: ORIGIN, log_keys: keys, witness_keys: &[], earlier: &[], threads: 1 }, &mut |_, _| {}).faults;
            assert!(named(folder, path, &found), "{} byte {at}: {found:?}", path.display());
        }
    }
    fs::write(path, &bytes).expect("written");
    tried
}

#[test]
fn every_byte_changed_or_removed_is_found_and_named() {
    // Of a checkpoint with both signatures, and of the other files with the one that is verified sooner.
    let (folder, _) = small();
    let mut tried = every_byte(folder.path(), &folder.path().join("checkpoint"), &verifiers(), 0..);
    assert_eq!(faults(folder.path(), &[]), []);
    // In memory instead of on a disk where there is some, and by two at once.
    let shared = Path::new("/dev/shm");
    let half = |half: usize| {
        let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() }.expect("folder");
        small_in(folder.path(), vec![signer(Algorithm::Ed25519, ORIGIN, 7)]);
        let files = files(folder.path());
        let files = files.iter().filter(|path| !path.ends_with(".lock"));
        files.map(|path| every_byte(folder.path(), path, &verifiers()[..1], (half..).step_by(2))).sum::<usize>()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        tried += half(0) + other.join().expect("the other half");
    });
    assert!(tried > 19_000, "{tried}");
}

#[test]
fn files_cut_lengthened_removed_swapped_and_added_are_found() {
    let (folder, files) = small();
    for path in &files {
        let bytes = fs::read(path).expect("file");
        for length in (0..bytes.len()).step_by(bytes.len() / 20 + 1) {
            fs::write(path, &bytes[..length]).expect("written");
            assert!(named(folder.path(), path, &faults(folder.path(), &[])), "{}", path.display());
        }
        for more in [&b"\0"[..], b"\0\0", b"\n"] {
            fs::write(path, [bytes.as_slice(), more].concat()).expect("written");
            assert!(named(folder.path(), path, &faults(folder.path(), &[])), "{}", path.display());
        }
        fs::remove_file(path).expect("removed");
        let found = faults(folder.path(), &[]);
        // Earlier partial files may go; the others must be there.
        let needless = Tile::parse(&path.strip_prefix(folder.path()).expect("within").to_string_lossy()).is_some_and(|tile| tile.width < 7 && tile.kind != Kind::Hashes(1));
        assert!(named(folder.path(), path, &found) || needless && found.is_empty(), "{}: {found:?}", path.display());
        fs::write(path, &bytes).expect("written");
    }
    for (left, right) in files.iter().flat_map(|left| files.iter().map(move |right| (left, right))).filter(|(left, right)| left < right) {
        let (one, other) = (fs::read(left).expect("file"), fs::read(right).expect("file"));
        fs::write(left, &other).expect("written");
        fs::write(right, &one).expect("written");
        if one != other {
            let found = faults(folder.path(), &[]);
            assert!(named(folder.path(), left, &found) || named(folder.path(), right, &found), "{} {}", left.display(), right.display());
        }
        fs::write(left, &one).expect("written");
        fs::write(right, &other).expect("written");
    }
    for name in ["notes.txt", "tile/0/001.p/9", "tile/0/002", "tile/2/000.p/1", "tile/entries/000.p/x", ".checkpoint.next", "tile/8/000.p/1"] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        fs::write(&path, b"x").expect("written");
        assert!(named(folder.path(), &path, &faults(folder.path(), &[])), "{name}");
        fs::remove_file(&path).expect("removed");
    }
    let checkpoint = folder.path().join("checkpoint");
    let text = fs::read_to_string(&checkpoint).expect("checkpoint");
    let last = text.lines().last().expect("line");
    fs::write(&checkpoint, format!("{text}{last}\n")).expect("written");
    assert!(named(folder.path(), &checkpoint, &faults(folder.path(), &[])));
    fs::write(&checkpoint, &text).expect("written");
    fs::write(folder.path().join(".lock"), b"x").expect("written");
    assert!(named(folder.path(), &folder.path().join(".lock"), &faults(folder.path(), &[])));
}

#[test]
fn the_fault_says_which_entry_and_who_is_wrong() {
    let (folder, _) = small();
    let path = folder.path().join("tile/entries/000");
    let mut bytes = fs::read(&path).expect("file");
    // 250 empty entries, then entry 250.
    bytes[250 * 2 + 2] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let found = faults(folder.path(), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].file.as_str(), found[0].leaves.clone()), (FaultKind::Changed, "tile/entries/000", Some(250..251)));
    assert_eq!(found[0].expected, Some(leaf_hash(&[250; 3])));
    bytes[250 * 2 + 2] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let path = folder.path().join("tile/0/000");
    let mut bytes = fs::read(&path).expect("file");
    bytes[32 * 17] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let found = faults(folder.path(), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].file.as_str(), found[0].leaves.clone()), (FaultKind::Changed, "tile/0/000", Some(17..18)));
}

#[test]
fn whoever_holds_the_key_is_found_out_by_an_earlier_checkpoint() {
    let honest = tempfile::tempdir().expect("folder");
    let mut log = writer(honest.path());
    log.append(&entries(0, 300)).expect("appended");
    let kept = log.checkpoint().to_string().into_bytes();
    log.append(&entries(300, 400)).expect("appended");
    drop(log);
    assert_eq!(faults(honest.path(), std::slice::from_ref(&kept)), []);

    let rewritten = tempfile::tempdir().expect("folder");
    let mut log = writer(rewritten.path());
    let mut other = entries(0, 400);
    other[123] = b"never happened".to_vec();
    log.append(&other).expect("appended");
    drop(log);
    // By itself it is without fault.
    assert_eq!(faults(rewritten.path(), &[]), []);
    let found = faults(rewritten.path(), std::slice::from_ref(&kept));
    assert_eq!((found.len(), found[0].kind, found[0].leaves.clone()), (1, FaultKind::Rewritten, Some(0..300)));

    let cut = tempfile::tempdir().expect("folder");
    let mut log = writer(cut.path());
    log.append(&entries(0, 299)).expect("appended");
    drop(log);
    let found = faults(cut.path(), std::slice::from_ref(&kept));
    assert_eq!((found.len(), found[0].kind, found[0].leaves.clone()), (1, FaultKind::Rewritten, Some(299..300)));

    // A forged earlier checkpoint accuses nobody.
    let forged = String::from_utf8(kept).expect("text").replace("\n300\n", "\n299\n").into_bytes();
    assert_eq!(faults(honest.path(), &[forged])[0].kind, FaultKind::Signature);
}

#[test]
fn a_log_that_is_being_written_is_not_at_fault() {
    let folder = tempfile::tempdir().expect("folder");
    let mut log = writer(folder.path());
    log.append(&entries(0, 300)).expect("appended");
    fs::create_dir_all(folder.path().join("tile/0/001.p")).expect("folder");
    fs::write(folder.path().join("tile/0/001.p/99"), b"on its way").expect("written");
    assert_eq!(faults(folder.path(), &[]), []);
    drop(log);
    assert_eq!(faults(folder.path(), &[])[0].kind, FaultKind::Surplus);
    drop(writer(folder.path()));
    assert_eq!(faults(folder.path(), &[]), []);
}

#[test]
fn a_size_that_is_a_lie_does_not_keep_anybody_busy() {
    let (folder, _) = small();
    for size in [64, 70_000, i64::MAX as u64] {
        let lie = Checkpoint { origin: ORIGIN.to_owned(), size, root: leaf_hash(b""), extensions: Vec::new() }.sign(&signers(), 0).expect("signed");
        fs::write(folder.path().join("checkpoint"), lie.to_string()).expect("written");
        let found = faults(folder.path(), &[]);
        let kind = if size < 256 { FaultKind::Surplus } else { FaultKind::Missing };
        assert!(found.iter().any(|fault| fault.kind == kind) && found.iter().any(|fault| fault.kind == FaultKind::Root), "{size}: {found:?}");
        assert!(Writer::open(folder.path(), ORIGIN, signers(), Box::new(|| 0)).is_err());
    }
}
