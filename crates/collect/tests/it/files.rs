//! A delivery folder: what is taken, what is passed over, and what happens when it changes.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use collect::connect::files::{self, Arrival};
use collect::{CollectError, Position, RawBatch, Source};
use data::declare::{Checksum, Complete, Resource};

use crate::city::{column, drain, item, resource};

fn declared(from: &str) -> Resource {
    let mut resource = resource(vec![item("id", "integer")]);
    resource.collect.from = from.to_owned();
    resource
}

fn open(folder: &Path, from: &str, position: &Position) -> Result<Box<dyn Source>, CollectError> {
    files::open(folder, Arrival::default(), &declared(from), position)
}

fn fails(folder: &Path, from: &str) -> CollectError {
    open(folder, from, &Position::default()).err().unwrap()
}

fn ids(batches: &[RawBatch]) -> Vec<String> {
    column(batches, 0).into_iter().flatten().collect()
}

#[test]
fn files_are_taken_in_order_and_only_what_is_new_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("2026")).unwrap();
    fs::write(at("2026/people-02.csv"), "id,name\n4,d\n").unwrap();
    fs::write(at("2026/people-01.csv"), "id,name\n1,a\n2,b\n3,c\n").unwrap();
    for passed in [".people-03.csv", "people-04.csv.part", "~$people-05.csv"] {
        fs::write(at("2026").join(passed), "id,name\n9,x\n").unwrap();
    }
    let mut source = open(folder.path(), "2026/*people-*", &Position::default()).unwrap();
    let first = source.next(2).unwrap().unwrap();
    assert_eq!(
        (&*first.file, ids(&[first.clone()]), source.delivery()),
        ("2026/people-01.csv", vec!["1".into(), "2".into()], 1)
    );
    let middle = source.position();
    assert!(!middle.files["2026/people-01.csv"].complete);
    let rest = drain(source.as_mut());
    assert_eq!((ids(&rest), source.delivery()), (vec!["3".to_owned(), "4".to_owned()], 2));
    let end = source.position();
    assert!(end.files.values().all(|mark| mark.complete) && end.files.len() == 2);
    assert_eq!(source.progress().bytes, source.progress().bytes_total.unwrap());

    // Left in the middle: the delivery is given again from its start, as the ledger needs it.
    assert_eq!(ids(&drain(open(folder.path(), "2026/people-*.csv", &middle).unwrap().as_mut())), ["1", "2", "3", "4"]);

    let mut again = open(folder.path(), "2026/people-*.csv", &end).unwrap();
    assert!(drain(again.as_mut()).is_empty());
    assert_eq!((again.skipped(), again.position()), (4, end.clone()));

    fs::write(at("2026/people-02.csv"), "id,name\n4,D\n5,e\n").unwrap();
    fs::remove_file(at("2026/people-01.csv")).unwrap();
    let mut changed = open(folder.path(), "2026/people-*.csv", &end).unwrap();
    assert_eq!(ids(&drain(changed.as_mut())), ["4", "5"]);
    assert_eq!(changed.position().files.len(), 1);
}

#[test]
fn a_file_written_to_while_it_is_read_is_not_taken_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    fs::write(&path, "id,name\n1,a\n2,b\n").unwrap();
    let mut source = open(folder.path(), "people.csv", &Position::default()).unwrap();
    source.next(1).unwrap().unwrap();
    fs::write(&path, "id,name\n1,a\n2,b\n3,c\n").unwrap();
    let error = loop {
        match source.next(1) {
            Ok(batch) => assert!(batch.is_some(), "the end must not be reached in silence"),
            Err(error) => break error,
        }
    };
    assert!(error.code == "files.changed" && error.transient, "{error:?}");
    assert!(!source.position().files["people.csv"].complete);
}

#[test]
fn nothing_outside_the_folder_is_reached_and_mistakes_name_the_nearest_file() {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("secret.csv"), "id\n1\n").unwrap();
    let folder = outer.path().join("in");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("people.csv"), "id\n1\n").unwrap();
    for from in ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "", "../*.csv"] {
        assert_eq!(fails(&folder, from).code, "files.outside", "{from}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outer.path().join("secret.csv"), folder.join("link.csv")).unwrap();
        assert_eq!(fails(&folder, "link.csv").code, "files.outside");
        assert_eq!(fails(&folder, "l*.csv").code, "files.outside");
        fs::remove_file(folder.join("link.csv")).unwrap();
    }
    let error = fails(&folder, "poeple.csv");
    assert!(error.code == "files.missing" && error.message.zh.contains("people.csv"), "{error:?}");
    assert!(fails(&folder, "*.xlsx").message.en.contains("people.csv"));
    let error = fails(&outer.path().join("ni"), "people.csv");
    assert!(error.code == "files.folder_missing" && error.message.en.contains("“ni”"), "{error:?}");
}

#[test]
fn a_database_among_the_files_is_read_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("a.db")).unwrap();
    connection.execute_batch("CREATE TABLE t(id); INSERT INTO t VALUES (7)").unwrap();
    let mut source = open(folder.path(), "*.db", &Position::default()).unwrap();
    let batches = drain(source.as_mut());
    assert_eq!((ids(&batches), &*batches[0].file), (vec!["7".to_owned()], "a.db#t"));
    assert_eq!(source.position().files["a.db"].rows, 1);
}

fn arriving(folder: &Path, from: &str, arrival: Arrival, position: &Position) -> (Vec<String>, Box<dyn Source>) {
    let mut source = files::open(folder, arrival, &declared(from), position).unwrap();
    (ids(&drain(source.as_mut())), source)
}

fn told(source: &dyn Source, what: &str) -> Vec<String> {
    source.decisions().into_iter().filter(|told| told.what == what).map(|told| told.about).collect()
}

#[test]
fn a_file_that_is_still_being_written_waits_for_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let (old, young) = (folder.path().join("a.csv"), folder.path().join("b.csv"));
    fs::write(&old, "id\n1\n").unwrap();
    fs::write(&young, "id\n2\n").unwrap();
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    let writing = young.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let writer = std::thread::spawn(move || {
        while !stopped.load(Ordering::SeqCst) {
            fs::OpenOptions::new().append(true).open(&writing).unwrap().write_all(b"3\n").unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let (found, source) = arriving(folder.path(), "*.csv", Arrival::new(2, None), &Position::default());
    stop.store(true, Ordering::SeqCst);
    writer.join().unwrap();
    assert_eq!((found, told(source.as_ref(), "held")), (vec!["1".to_owned()], vec!["b.csv".to_owned()]));
    assert!(!source.position().files.contains_key("b.csv"));
    let (found, source) = arriving(folder.path(), "*.csv", Arrival::new(1, None), &source.position());
    assert!(found[0] == "2" && told(source.as_ref(), "held").is_empty() && source.skipped() == 1);
}

#[test]
fn what_was_read_of_a_file_stands_while_its_next_version_is_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let marker = || Arrival::new(0, Some(Complete::Marker { ending: ".ok".to_owned() }));
    fs::write(at("a.csv"), "id\n1\n2\n").unwrap();
    let (found, source) = arriving(folder.path(), "*", marker(), &Position::default());
    assert_eq!((found.len(), told(source.as_ref(), "held")), (0, vec!["a.csv".to_owned()]));
    fs::write(at("a.csv.ok"), "").unwrap();
    let (found, source) = arriving(folder.path(), "*", marker(), &source.position());
    assert_eq!(found, ["1", "2"], "the marker is no delivery itself");
    fs::remove_file(at("a.csv.ok")).unwrap();
    fs::write(at("a.csv"), "id\n").unwrap();
    let (found, held) = arriving(folder.path(), "*", marker(), &source.position());
    assert_eq!((found.len(), held.skipped(), held.position()), (0, 2, source.position()));
}

#[test]
fn a_checksum_beside_a_file_must_match() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (algorithm, ending, sum) in [
        (Checksum::Md5, "md5", "6D1D8CD98F00B204E9800998ECF8427E"),
        (Checksum::Sha256, "sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ] {
        let arrival = || Arrival::new(0, Some(Complete::Checksum { algorithm }));
        fs::write(at("a.csv"), "id\n1\n").unwrap();
        fs::write(at(&format!("a.csv.{ending}")), format!("{sum}  a.csv\n")).unwrap();
        let mut source = files::open(folder.path(), arrival(), &declared("*.csv"), &Position::default()).unwrap();
        let error = source.next(9).unwrap_err();
        assert!(error.code == "files.checksum" && error.transient && source.position().files.is_empty(), "{error:?}");
        let right = error.message.en.split("it is ").nth(1).unwrap().split('.').next().unwrap().to_owned();
        fs::write(at(&format!("a.csv.{ending}")), format!("{}  a.csv\n", right.to_uppercase())).unwrap();
        assert_eq!(arriving(folder.path(), "*.csv", arrival(), &Position::default()).0, ["1"]);
        // The programs that everybody has agree.
        let program = std::process::Command::new(format!("{ending}sum")).arg(at("a.csv")).output().unwrap();
        assert!(String::from_utf8(program.stdout).unwrap().starts_with(&right));
        fs::remove_file(at(&format!("a.csv.{ending}"))).unwrap();
        assert_eq!(told(arriving(folder.path(), "*.csv", arrival(), &Position::default()).1.as_ref(), "held"), ["a.csv"]);
    }
}

#[test]
fn renamed_and_removed_files_are_told_and_folders_are_searched_to_any_depth() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["2025/a", "2026/b/c", ".hidden"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    for (name, id) in [("x.csv", 1), ("2025/x.csv", 2), ("2025/a/y.csv", 3), ("2026/b/c/z.csv", 4), (".hidden/x.csv", 9)] {
        fs::write(at(name), format!("id\n{id}\n")).unwrap();
    }
    let (mut found, source) = arriving(folder.path(), "**/*.csv", Arrival::default(), &Position::default());
    found.sort();
    assert_eq!(found, ["1", "2", "3", "4"]);
    assert_eq!(arriving(folder.path(), "2026/**/z.csv", Arrival::default(), &Position::default()).0, ["4"]);
    let seen = files::look(folder.path(), &Arrival::default(), &declared("**/*.csv"));
    assert_eq!(seen, files::look(folder.path(), &Arrival::default(), &declared("**/*.csv")));
    fs::rename(at("2025/a/y.csv"), at("2026/y.csv")).unwrap();
    fs::remove_file(at("x.csv")).unwrap();
    assert_ne!(seen, files::look(folder.path(), &Arrival::default(), &declared("**/*.csv")));
    let (found, next) = arriving(folder.path(), "**/*.csv", Arrival::default(), &source.position());
    assert_eq!((found.len(), next.skipped()), (0, 3));
    assert_eq!((told(next.as_ref(), "renamed"), told(next.as_ref(), "removed")), (vec!["2026/y.csv".to_owned()], vec!["x.csv".to_owned()]));
    let (_, last) = arriving(folder.path(), "**/*.csv", Arrival::default(), &next.position());
    assert!(told(last.as_ref(), "removed").is_empty(), "it is told once");
}
