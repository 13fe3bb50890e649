//! A real SQLite file: whole, by cursor, and with what such files hold in life.

use std::path::Path;

use collect::connect::sqlite;
use collect::{Position, Source};
use data::declare::{Item, Mode, Resource};
use rusqlite::Connection;

use crate::city::{column, drain, item, resource};

fn person(rows: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE person(id INTEGER PRIMARY KEY, \"full \"\"name\" TEXT, weight REAL, photo BLOB, at TEXT)",
        )
        .unwrap();
    connection.execute_batch(rows).unwrap();
    (folder, path)
}

fn declared(mode: Mode) -> Resource {
    let id = Item { key: true, ..item("id", "integer") };
    let at = Item { source: Some("AT".to_owned()), ..item("updated", "text") };
    let mut resource = resource(vec![id, at]);
    resource.collect.from = "person".to_owned();
    resource.collect.mode = mode;
    resource.collect.cursor = Some("updated".to_owned());
    resource
}

fn open(path: &Path, mode: Mode, position: &Position) -> Box<dyn Source> {
    sqlite::open(path, &declared(mode), position).unwrap()
}

#[test]
fn a_table_is_read_exactly_and_odd_values_are_faults() {
    let (_folder, path) = person(
        "INSERT INTO person VALUES (3, '张''三\n\"x\"', 1.0, x'00ff', NULL), (1, '', 0.1, NULL, 'a'),
         (2, CAST(x'ff61' AS TEXT), 1e300, NULL, x'01'), (9007199254740993, 'b', 0.0, NULL, '')",
    );
    let mut source = open(&path, Mode::Full, &Position::default());
    assert_eq!(source.progress().rows_total, Some(4));
    let batches = drain(source.as_mut());
    assert_eq!(&*batches[0].file, "people.db#person");
    assert_eq!(batches[0].fields[1], "full \"name");
    let texts =
        |index| column(&batches, index).into_iter().map(|value| value.unwrap_or("NULL".to_owned())).collect::<Vec<_>>();
    assert_eq!(texts(0), ["1", "2", "3", "9007199254740993"]);
    assert_eq!(texts(1), ["", "ff61", "张'三\n\"x\"", "b"]);
    assert_eq!(texts(2), ["0.1", "1e300", "1.0", "0.0"]);
    assert_eq!(texts(3), ["NULL", "NULL", "00ff", "NULL"]);
    let faults: Vec<_> =
        batches.iter().flat_map(|batch| &batch.faults).map(|(row, fault)| (*row, fault.code.as_str())).collect();
    assert_eq!(faults, [(1, "sqlite.encoding"), (1, "sqlite.blob")]);
    assert_eq!(source.position().files["person"].rows, 4);
    assert!(source.position().files["person"].complete);
}

#[test]
fn a_cursor_goes_on_where_it_was_and_loses_no_equal_or_empty_value() {
    let (_folder, path) =
        person("INSERT INTO person(id, at) VALUES (1, '2026-01-02'), (2, '2026-01-01'), (3, NULL), (4, '2026-01-02')");
    let mut source = open(&path, Mode::Incremental, &Position::default());
    assert_eq!(column(&drain(source.as_mut()), 0).len(), 4);
    let position = source.position();
    assert_eq!(position.cursor.as_deref(), Some("text:2026-01-02"));
    Connection::open(&path)
        .unwrap()
        .execute_batch("INSERT INTO person(id, at) VALUES (5, '2026-01-02'), (6, '2026-01-03')")
        .unwrap();
    let mut source = open(&path, Mode::Incremental, &position);
    assert_eq!(source.progress().rows_total, Some(5));
    let ids: Vec<_> = column(&drain(source.as_mut()), 0).into_iter().flatten().collect();
    assert_eq!(ids, ["3", "1", "4", "5", "6"]);
    assert_eq!(source.position().cursor.as_deref(), Some("text:2026-01-03"));
}

#[test]
fn a_snapshot_does_not_see_what_is_written_while_it_is_read() {
    let (_folder, path) = person("INSERT INTO person(id) VALUES (1), (2), (3)");
    let writer = Connection::open(&path).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    let mut source = open(&path, Mode::Full, &Position::default());
    assert_eq!(source.next(1).unwrap().unwrap().rows(), 1);
    writer.execute_batch("INSERT INTO person(id) VALUES (4); DELETE FROM person WHERE id = 2").unwrap();
    assert_eq!(column(&drain(source.as_mut()), 0).len(), 2);
}

#[test]
fn mistakes_are_named_with_the_nearest_right_name() {
    let (folder, path) = person("");
    let fails = |path: &Path, resource: &Resource| sqlite::open(path, resource, &Position::default()).err().unwrap();
    let mut resource = declared(Mode::Full);
    resource.collect.from = "persons; DROP TABLE person".to_owned();
    assert_eq!(fails(&path, &resource).code, "sqlite.table_missing");
    resource.collect.from = "persom".to_owned();
    assert!(fails(&path, &resource).message.en.contains("“person”"));
    let error = fails(&folder.path().join("peple.db"), &resource);
    assert!(error.code == "sqlite.missing" && error.message.zh.contains("people.db"), "{error:?}");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database, but long enough to be taken for one".repeat(20)).unwrap();
    assert_eq!(fails(&text, &resource).code, "sqlite.format");
    let source = sqlite::open_file(&path, None).unwrap();
    assert_eq!(source.decisions()[0].chosen, "person");
}
