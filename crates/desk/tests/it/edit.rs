//! An edited row lies over the source's until that is another one, whichever lake call the process dies at; and taken back
//! it leaves what the source delivers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::cast::AsArray;
use desk::edit::{Edited, Edits, row_name};
use desk::port::TableName;
use desk::view::QuarantineFilter;
use desk::{Desk, DeskError};

use crate::correct::{collect, mend, refused, standard, who};
use crate::memory::{Memory, int, text};
use crate::river::open;

struct Stage {
    dir: tempfile::TempDir,
    memory: Arc<Memory>,
    desk: Desk,
}

/// A city that has collected; every row has a name and bears a note.
async fn stage(extra: &str, keyed: bool) -> Stage {
    let dir = tempfile::tempdir().expect("folder");
    crate::river::prepare(dir.path());
    at_source(dir.path(), "ALTER TABLE person ADD COLUMN note TEXT");
    let path = dir.path().join("city/resources/person.toml");
    let declared = std::fs::read_to_string(&path).expect("declaration").replace("from = \"person\"\n", &format!("from = \"person\"\n{extra}"));
    let declared = if keyed { declared } else { declared.replace("key = true\n", "") };
    std::fs::write(&path, declared + "required = true\n[[item]]\nname = \"note\"\ntitle = \"备注\"\nstandard = \"text\"\n").expect("declaration");
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    Stage { dir, memory, desk }
}

fn at_source(dir: &Path, sql: &str) {
    let database = rusqlite::Connection::open(dir.join("city/people.db")).expect("database");
    database.execute(sql, []).expect("statement");
}

/// The hash of the current row of an id.
fn row_of(memory: &Memory, id: i64) -> [u8; 16] {
    let batches = memory.batches(&TableName::standard("person"));
    let find = |batch: &arrow_array::RecordBatch| {
        let row = int(batch, "id").iter().position(|found| *found == id)?;
        let hash = arrow_cast::cast(batch.column_by_name("_hash")?, &arrow_schema::DataType::Binary).ok()?;
        <[u8; 16]>::try_from(hash.as_binary::<i32>().value(row)).ok()
    };
    batches.iter().find_map(find).expect("a row of this id")
}

fn named(memory: &Memory, id: i64) -> String {
    standard(memory).into_iter().find(|(found, _)| *found == id).map(|(_, name)| name).expect("a row of this id")
}

fn set(row: [u8; 16], item: &str, value: &str) -> Vec<Edited> {
    vec![Edited { row, values: vec![(item.into(), Some(value.to_owned()).filter(|value| !value.is_empty()))] }]
}

async fn edit(desk: &Desk, edits: Vec<Edited>) -> Edits {
    desk.edit(&who(), "person", edits, "经核实", "page").await.expect("told")
}

async fn agrees_with_raw(desk: &Desk, what: &str) {
    let replayed = desk.replay("person", None, false).await.expect("compared");
    assert!(replayed.agrees(), "{what}: {replayed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_row_stays_over_the_same_row_of_the_source_and_gives_way_to_another() {
    let Stage { dir, memory, desk } = stage("", true).await;
    let source = row_of(&memory, 7);
    let form = desk.edit_form(&who(), "person", &row_name(source)).await.expect("a form");
    let found: Vec<_> = form.fields.iter().map(|f| (f.name.as_str(), f.value.as_deref(), f.key)).collect();
    assert_eq!(found, [("id", Some("7"), true), ("name", Some("人7"), false), ("note", None, false)]);
    let done = edit(&desk, set(source, "name", "七")).await;
    assert_eq!((done.landed, done.wrong.len(), done.gone.len()), (1, 0, 0));
    assert_eq!((standard(&memory).len(), named(&memory, 7)), (900, "七".to_owned()));
    let raw = memory.batches(&TableName::raw("person"));
    let files: Vec<String> = raw.last().map(|batch| text(batch, "_file")).expect("a batch");
    assert!(files.iter().all(|file| *file == format!("correction:{}", done.correction.as_deref().unwrap_or_default())), "{files:?}");
    assert!(matches!(desk.edit_form(&who(), "person", &row_name(source)).await, Err(DeskError::NotFound)), "it is current no more");
    assert_eq!(edit(&desk, set(source, "name", "七七")).await.gone, [source]);

    // The source goes on with the same row: nothing happens. It tells another one: that counts, and the edit is over.
    for _ in 0..2 {
        let run = collect(&desk).await;
        assert_eq!((run.landed, run.unchanged, run.quarantined), (0, 900, 100), "{:?}", run.error);
        assert_eq!(named(&memory, 7), "七");
    }
    agrees_with_raw(&desk, "with an edit").await;
    at_source(dir.path(), "UPDATE person SET name = '柒' WHERE id = '7'");
    let run = collect(&desk).await;
    assert_eq!((run.landed, run.corrected, named(&memory, 7)), (1, 1, "柒".to_owned()), "{:?}", run.error);
    at_source(dir.path(), "UPDATE person SET name = '人7' WHERE id = '7'");
    let run = collect(&desk).await;
    assert_eq!((run.landed, named(&memory, 7)), (1, "人7".to_owned()), "it was over: {:?}", run.error);
    let id = done.correction.expect("an id");
    let undone = desk.undo(&who(), &id, None).await.expect("told");
    assert_eq!((undone.reopened, undone.superseded.len()), (0, 1));
    let detail = desk.correction(&who(), &id).await.expect("told");
    assert!(detail.correction.edits && detail.rows[0].gave_way.is_some() && detail.rows[0].undone.is_none());
    assert_eq!((detail.rows[0].changes[0].before.as_deref(), detail.rows[0].changes[0].after.as_deref()), (Some("人7"), Some("七")));

    // The same edit once more, and taken back by itself.
    let again = edit(&desk, set(row_of(&memory, 7), "name", "七")).await;
    assert_eq!(desk.undo(&who(), &again.correction.expect("an id"), None).await.expect("undone").reopened, 1);
    assert_eq!((named(&memory, 7), row_of(&memory, 7)), ("人7".to_owned(), source));
    agrees_with_raw(&desk, "with two edits").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_may_come_to_what_was_edited_and_leave_it_again() {
    let Stage { dir, memory, desk } = stage("on_missing = \"remove\"\n", true).await;
    let done = edit(&desk, set(row_of(&memory, 7), "name", "七")).await;
    let gone = edit(&desk, set(row_of(&memory, 8), "name", "八")).await;
    let run = collect(&desk).await;
    assert_eq!((run.landed, run.missing), (0, 0), "an edited row is not missing: {:?}", run.error);
    at_source(dir.path(), "UPDATE person SET name = '七' WHERE id = '7'");
    assert_eq!((collect(&desk).await.landed, named(&memory, 7)), (0, "七".to_owned()));
    let id = done.correction.expect("an id");
    assert_eq!(desk.undo(&who(), &id, None).await.expect("told").superseded.len(), 1, "the source says so");
    assert!(desk.correction(&who(), &id).await.expect("told").rows[0].confirmed.is_some());
    at_source(dir.path(), "UPDATE person SET name = '人7' WHERE id = '7'");
    assert_eq!((collect(&desk).await.landed, named(&memory, 7)), (1, "人7".to_owned()), "the source was right, now it counts again");
    // With rows whose key cannot be read nothing would be removed: they may be the missing ones.
    at_source(dir.path(), "DELETE FROM person WHERE id = '8' OR id LIKE '第%'");
    let run = collect(&desk).await;
    assert_eq!((run.missing, standard(&memory).len()), (1, 899), "{:?}", run.error);
    assert_eq!(desk.undo(&who(), &gone.correction.expect("an id"), None).await.expect("told").superseded.len(), 1);
    agrees_with_raw(&desk, "after a removal").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_edited_twice_and_taken_back_is_the_sources_again() {
    let Stage { memory, desk, dir: _dir } = stage("", true).await;
    let source = row_of(&memory, 7);
    let first = edit(&desk, set(source, "name", "七")).await.correction.expect("an id");
    let second = edit(&desk, set(row_of(&memory, 7), "note", "改过")).await.correction.expect("an id");
    assert_eq!((collect(&desk).await.landed, named(&memory, 7)), (0, "七".to_owned()), "it lies over the source as the first did");
    let undone = desk.undo(&who(), &first, None).await.expect("told");
    assert_eq!((undone.reopened, undone.superseded.len()), (0, 1));
    assert_eq!(desk.undo(&who(), &second, None).await.expect("undone").reopened, 1);
    assert_eq!(row_of(&memory, 7), source);
    assert_eq!(collect(&desk).await.landed, 0);
    agrees_with_raw(&desk, "edited twice").await;
    // A refused row that was mended may be edited too; the source goes on sending what was refused.
    let mended = desk.correct(&who(), "person", vec![mend(refused(&desk).await[0], "5000")], "经核实", "page").await.expect("corrected");
    assert_eq!((mended.landed, edit(&desk, set(row_of(&memory, 5000), "name", "五千")).await.landed), (1, 1));
    let run = collect(&desk).await;
    assert_eq!((run.landed, run.quarantined, named(&memory, 5000)), (0, 99, "五千".to_owned()), "{:?}", run.error);
    let listed = desk.corrections(&who(), &QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() }, 1, 10).await.expect("list");
    assert_eq!(listed.iter().map(|one| one.edits).collect::<Vec<_>>(), [true, false, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_land_stays_as_it_is_and_is_told() {
    let Stage { memory, desk, dir: _dir } = stage("version = \"note\"\n", true).await;
    let (row, before) = (row_of(&memory, 7), standard(&memory));
    for (item, value, code) in [("name", "", "required"), ("id", "x", ""), ("id", "5000", "edit.fixed"), ("note", "更晚", "edit.fixed"), ("nomen", "x", "edit.unknown"), ("name", "人7", "edit.unchanged")] {
        let done = edit(&desk, set(row, item, value)).await;
        assert_eq!((done.landed, done.wrong.len(), done.correction), (0, 1, None), "{item} = {value}");
        let codes: Vec<&str> = done.wrong[0].1.iter().map(|fault| fault.code.as_str()).collect();
        assert!(codes.iter().any(|found| found.contains(code)), "{item} = {value}: {codes:?}");
    }
    assert!(matches!(desk.edit(&who(), "person", set(row, "name", "七"), " ", "page").await, Err(DeskError::Invalid(_))), "without a reason");
    assert!(matches!(desk.edit(&who(), "person", [set(row, "name", "七"), set(row, "name", "八")].concat(), "经核实", "page").await, Err(DeskError::Invalid(_))));
    assert!(matches!(desk.edit(&who(), "none", set(row, "name", "七"), "经核实", "page").await, Err(DeskError::NotFound)));
    assert_eq!(standard(&memory), before);
    // The version is the same as the source's: what is edited takes its place all the same, and goes back.
    let two = [set(row, "name", "七"), set(row_of(&memory, 8), "name", "")].concat();
    let done = edit(&desk, two).await;
    assert_eq!((done.landed, done.wrong.len(), named(&memory, 7)), (1, 1, "七".to_owned()));
    assert_eq!(collect(&desk).await.landed, 0);
    agrees_with_raw(&desk, "with versions").await;
    desk.undo(&who(), &done.correction.expect("an id"), None).await.expect("undone");
    assert_eq!(standard(&memory), before);

    let Stage { memory, desk, dir: _dir } = stage("", false).await;
    let told = desk.edit(&who(), "person", set(row_of(&memory, 7), "name", "七"), "经核实", "page").await;
    assert!(matches!(told, Err(DeskError::Invalid(_))) && !desk.may_edit(&who(), "person"), "without a key");
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_dies_an_edit_and_its_undo_end_in_the_same_state() {
    for fuse in 0..6 {
        let Stage { dir, memory, mut desk } = stage("", true).await;
        let (before, rows) = (standard(&memory), [row_of(&memory, 7), row_of(&memory, 8)]);
        let both = || [set(rows[0], "name", "七"), set(rows[1], "name", "八")].concat();
        memory.fuse.store(fuse, Ordering::SeqCst);
        let first = desk.edit(&who(), "person", both(), "经核实", "page").await;
        memory.fuse.store(-1, Ordering::SeqCst);
        drop(desk);
        desk = open(dir.path(), &memory).await;
        let again = edit(&desk, both()).await;
        assert_eq!(again.landed + again.gone.len() as u64, 2, "fuse {fuse}: {first:?} {again:?}");
        assert_eq!((standard(&memory).len(), named(&memory, 7), named(&memory, 8)), (900, "七".to_owned(), "八".to_owned()), "fuse {fuse}");
        let all = QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() };
        let listed = desk.corrections(&who(), &all, 1, 10).await.expect("list");
        assert_eq!((listed.len(), listed[0].rows), (1, 2), "fuse {fuse}");
        let run = collect(&desk).await;
        assert_eq!((run.landed, run.unchanged), (0, 900), "fuse {fuse}: {:?}", run.error);
        agrees_with_raw(&desk, &format!("fuse {fuse}")).await;

        memory.fuse.store(fuse, Ordering::SeqCst);
        let undone = desk.undo(&who(), &listed[0].id, None).await;
        memory.fuse.store(-1, Ordering::SeqCst);
        drop(desk);
        desk = open(dir.path(), &memory).await;
        let done = match undone {
            Ok(done) => done,
            Err(_) => desk.undo(&who(), &listed[0].id, None).await.expect("again"),
        };
        assert_eq!((done.reopened, standard(&memory)), (2, before), "fuse {fuse}");
        assert_eq!(collect(&desk).await.landed, 0, "fuse {fuse}");
        agrees_with_raw(&desk, &format!("undone, fuse {fuse}")).await;
    }
}
