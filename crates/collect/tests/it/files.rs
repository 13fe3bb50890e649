//! A delivery folder: what is taken, what is passed over, and what happens when it changes.

use std::fs;
use std::path::Path;

use collect::connect::files;
use collect::{CollectError, Position, RawBatch, Source};
use data::declare::Resource;

use crate::city::{column, drain, item, resource};

fn declared(from: &str) -> Resource {
    let mut resource = resource(vec![item("id", "integer")]);
    resource.collect.from = from.to_owned();
    resource
}

fn open(folder: &Path, from: &str, position: &Position) -> Result<Box<dyn Source>, CollectError> {
    files::open(folder, &declared(from), position)
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
