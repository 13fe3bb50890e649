//! A correction taken back leaves everything as it was before it, whichever lake call the process dies at; what the source
//! has delivered since stays.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use desk::Desk;
use desk::correct::{Mended, RowPlace};
use desk::corrections::Undone;
use desk::view::QuarantineFilter;

use crate::correct::{collect, mend, open, refused, standard, who};
use crate::memory::Memory;

/// A city that has collected, with the places of its hundred refused rows.
struct Stage {
    dir: tempfile::TempDir,
    memory: Arc<Memory>,
    desk: Desk,
    places: Vec<RowPlace>,
}

async fn stage() -> Stage {
    staged(true).await
}

async fn staged(keyed: bool) -> Stage {
    let dir = tempfile::tempdir().expect("folder");
    crate::river::prepare(dir.path());
    if !keyed {
        let path = dir.path().join("city/resources/person.toml");
        let text = std::fs::read_to_string(&path).expect("declaration");
        std::fs::write(&path, text.replace("key = true\n", "")).expect("declaration");
    }
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let places = refused(&desk).await;
    Stage { dir, memory, desk, places }
}

async fn corrected(desk: &Desk, mended: Vec<Mended>) -> String {
    desk.correct(&who(), "person", mended, "经核实", "page").await.expect("corrected").correction.expect("an id")
}

fn at_source(dir: &Path, sql: &str) {
    let database = rusqlite::Connection::open(dir.join("city/people.db")).expect("database");
    database.execute(sql, []).expect("statement");
}

async fn agrees_with_raw(desk: &Desk, what: &str) {
    let replayed = desk.replay("person", None, false).await.expect("compared");
    assert!(replayed.agrees(), "{what}: {replayed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_dies_an_undo_leaves_what_was_before() {
    for fuse in 0..6 {
        let Stage { dir, memory, mut desk, places } = stage().await;
        let before = standard(&memory);
        let id = corrected(&desk, vec![mend(places[0], "5000"), mend(places[1], "7"), mend(places[2], "5002")]).await;
        assert_eq!(standard(&memory).len(), 902, "the seventh has another one's place");
        memory.fuse.store(fuse, Ordering::SeqCst);
        let first = desk.undo(&who(), &id, None).await;
        memory.fuse.store(-1, Ordering::SeqCst);
        drop(desk);
        desk = open(dir.path(), &memory).await;
        let died = first.is_err();
        let done = match first {
            Ok(done) => done,
            Err(_) => desk.undo(&who(), &id, None).await.expect("again"),
        };
        assert_eq!((died, done.reopened), (fuse < 3, 3), "fuse {fuse}: {done:?}");
        assert_eq!(standard(&memory), before, "fuse {fuse}");
        assert_eq!(refused(&desk).await, places, "fuse {fuse}");
        agrees_with_raw(&desk, &format!("fuse {fuse}")).await;
        let run = collect(&desk).await;
        assert_eq!((run.landed, run.quarantined, run.unchanged), (0, 100, 900), "fuse {fuse}: {:?}", run.error);
        let again = desk.undo(&who(), &id, None).await.expect("told");
        assert_eq!((again.reopened, again.already.len()), (0, 3), "fuse {fuse}");
        assert_eq!(standard(&memory), before, "fuse {fuse}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_has_delivered_since_stays() {
    let Stage { dir, memory, desk, places } = stage().await;
    let id = corrected(&desk, (0..4).map(|n| mend(places[n], &(5000 + n).to_string())).collect()).await;
    // The source sends the one as it was corrected, the other in a better form, and is silent about the rest.
    at_source(dir.path(), "UPDATE person SET id = '5000' WHERE id = '第900号'");
    at_source(dir.path(), "UPDATE person SET id = '5001', name = '源' WHERE id = '第901号'");
    collect(&desk).await;
    let undone = desk.undo(&who(), &id, None).await.expect("undone");
    assert_eq!(undone, Undone { reopened: 2, superseded: vec![places[0], places[1]], already: Vec::new() });
    let rows = standard(&memory);
    assert_eq!(rows.len(), 902);
    assert_eq!(rows.iter().find(|(id, _)| *id == 5000).map(|(_, name)| name.as_str()), Some("人900"));
    assert_eq!(rows.iter().find(|(id, _)| *id == 5001).map(|(_, name)| name.as_str()), Some("源"));
    assert_eq!(refused(&desk).await, places[2..]);
    let again = desk.undo(&who(), &id, None).await.expect("told");
    assert_eq!((again.reopened, again.superseded.len(), again.already.len()), (0, 2, 2));
    agrees_with_raw(&desk, "with rows of the source").await;
    let run = collect(&desk).await;
    assert_eq!((run.landed, run.quarantined), (0, 98), "{:?}", run.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_row_of_a_correction_is_taken_back_and_may_be_corrected_again() {
    let Stage { memory, desk, places, dir: _dir } = stage().await;
    let first = corrected(&desk, vec![mend(places[0], "5000"), mend(places[1], "5001")]).await;
    let undone = desk.undo(&who(), &first, Some(&places[..1])).await.expect("undone");
    assert_eq!((undone.reopened, standard(&memory).len(), refused(&desk).await.len()), (1, 901, 99));
    let detail = desk.correction(&who(), &first).await.expect("told");
    assert_eq!((detail.correction.rows, detail.correction.undone, detail.undoings.len()), (2, 1, 1));
    assert_eq!(detail.rows[1].changes[0].after.as_deref(), Some("5001"));
    assert!(desk.correction_of(&who(), "person", places[0]).await.is_err(), "it is open");
    let second = corrected(&desk, vec![mend(places[0], "6000")]).await;
    let of_row = desk.correction_of(&who(), "person", places[0]).await.expect("told");
    assert_eq!((of_row.correction.id, of_row.rows.len()), (second.clone(), 1));
    assert_eq!(desk.undo(&who(), &second, None).await.expect("undone").reopened, 1);
    let filter = QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() };
    let listed = desk.corrections(&who(), &filter, 1, 10).await.expect("list");
    assert_eq!(listed.iter().map(|one| (one.id.as_str(), one.rows, one.undone)).collect::<Vec<_>>(), [(second.as_str(), 1, 1), (first.as_str(), 2, 1)]);
    let other = QuarantineFilter { code: Some("no.such".into()), ..filter };
    assert!(desk.corrections(&who(), &other, 1, 10).await.expect("list").is_empty());
    agrees_with_raw(&desk, "after a second correction").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_to_which_two_corrections_came_leaves_with_the_last() {
    let Stage { memory, desk, places, dir: _dir } = stage().await;
    let same = |place| Mended { place, values: vec![("id".into(), Some("7".into())), ("name".into(), Some("同一人".into()))] };
    let before = standard(&memory);
    let first = corrected(&desk, vec![same(places[0])]).await;
    let second = desk.correct(&who(), "person", vec![same(places[1])], "经核实", "page").await.expect("corrected");
    assert_eq!((second.landed, second.unchanged), (0, 1));
    assert_eq!(desk.undo(&who(), &first, None).await.expect("undone").reopened, 1);
    assert!(standard(&memory).contains(&(7, "同一人".to_owned())), "the other correction stands");
    assert_eq!(desk.undo(&who(), &second.correction.expect("an id"), None).await.expect("undone").reopened, 1);
    assert_eq!((standard(&memory), refused(&desk).await.len()), (before, 100));
    agrees_with_raw(&desk, "both taken back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_a_row_is_taken_back_by_its_contents() {
    for fuse in -1..4 {
        let Stage { dir, memory, mut desk, places } = staged(false).await;
        let same = |place| Mended { place, values: vec![("id".into(), Some("7000".into())), ("name".into(), Some("同名".into()))] };
        let id = corrected(&desk, vec![same(places[0]), same(places[1]), mend(places[2], "7002")]).await;
        assert_eq!(standard(&memory).len(), 903);
        memory.fuse.store(fuse, Ordering::SeqCst);
        let first = desk.undo(&who(), &id, Some(&[places[0], places[2]])).await;
        memory.fuse.store(-1, Ordering::SeqCst);
        drop(desk);
        desk = open(dir.path(), &memory).await;
        if first.is_err() {
            desk.undo(&who(), &id, Some(&[places[0], places[2]])).await.expect("again");
        }
        let rows = standard(&memory);
        assert_eq!(rows.len(), 901, "fuse {fuse}");
        assert_eq!(rows.iter().filter(|(id, _)| *id == 7000).count(), 1, "fuse {fuse}: of two equal rows one stays");
        agrees_with_raw(&desk, &format!("fuse {fuse}")).await;
        let run = collect(&desk).await;
        assert_eq!((run.landed, run.quarantined), (0, 99), "fuse {fuse}: {:?}", run.error);
        desk.replay("person", None, true).await.expect("replayed");
        assert_eq!(standard(&memory), rows, "fuse {fuse}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_came_back_is_taken_back_as_a_whole() {
    let Stage { memory, desk, places, dir } = stage().await;
    let file = dir.path().join("mended.csv");
    let line = |place: &RowPlace, n: usize| format!("{},人{},{}-{}\r\n", 900 + n, 900 + n, place.batch, place.row);
    let lines: String = places.iter().enumerate().map(|(n, place)| line(place, n)).collect();
    std::fs::write(&file, format!("id,name,问题编号\r\n{lines}")).expect("file");
    let uploaded = desk.upload_corrections(&who(), "person", &file, "mended.csv", "部门改正", "upload").await.expect("taken");
    assert_eq!((uploaded.corrected.landed, refused(&desk).await.len()), (100, 0));
    let undone = desk.undo(&who(), &uploaded.corrected.correction.expect("an id"), None).await.expect("undone");
    assert_eq!((undone.reopened, standard(&memory).len(), refused(&desk).await.len()), (100, 900, 100));
}
