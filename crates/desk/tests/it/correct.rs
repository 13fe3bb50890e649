//! Mended rows land once, whichever lake call the process dies at; the source may go on sending what was mended.

use std::sync::atomic::Ordering;

use desk::correct::{Mended, RowPlace};
use desk::port::TableName;
use desk::view::{Account, QuarantineFilter};
use desk::{CollectScope, Desk, DeskError};
use kernel::Moment;

use crate::memory::{Memory, int, text};
use crate::river::open;

fn now() -> Moment {
    Moment::from_jiff(jiff::Timestamp::now())
}

pub fn who() -> Account {
    Account { id: "1".into(), display: "陈".into(), ..crate::drift::steward() }
}

pub async fn collect(desk: &Desk) -> desk::view::RunView {
    desk.collect_now(CollectScope::All, "command", now()).await.expect("collection").runs.remove(0)
}

/// Rows in quarantine: their places, by line.
pub async fn refused(desk: &Desk) -> Vec<RowPlace> {
    let filter = QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() };
    let mut rows = Vec::new();
    for page in 1..=3 {
        rows.extend(desk.quarantine(&who(), &filter, page, 100).await.expect("quarantine").rows.entries);
    }
    rows.sort_by_key(|row| row.line);
    rows.into_iter().map(|row| RowPlace { batch: row.batch, row: row.row }).collect()
}

pub fn mend(place: RowPlace, id: &str) -> Mended {
    Mended { place, values: vec![("id".into(), Some(id.into()))] }
}

pub fn standard(memory: &Memory) -> Vec<(i64, String)> {
    let batches = memory.batches(&TableName::standard("person"));
    let mut rows: Vec<_> = batches.iter().flat_map(|b| int(b, "id").into_iter().zip(text(b, "name"))).collect();
    rows.sort();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_dies_a_correction_lands_once() {
    for fuse in 0..5 {
        let dir = tempfile::tempdir().expect("folder");
        crate::river::prepare(dir.path());
        let memory = Memory::new(-1);
        let mut desk = open(dir.path(), &memory).await;
        collect(&desk).await;
        let places = refused(&desk).await;
        assert_eq!(places.len(), 100);
        memory.fuse.store(fuse, Ordering::SeqCst);
        let mended = || vec![mend(places[0], "5000"), mend(places[1], "五千"), mend(places[2], "5002")];
        let first = desk.correct(&who(), "person", mended(), "经核实", "page").await;
        memory.fuse.store(-1, Ordering::SeqCst);
        drop(desk);
        desk = open(dir.path(), &memory).await;
        if first.is_err() {
            let again = desk.correct(&who(), "person", mended(), "经核实", "page").await.expect("again");
            assert_eq!(again.landed as usize + again.gone.len(), 2, "fuse {fuse}: {again:?}");
        }
        let rows = standard(&memory);
        assert_eq!(rows.iter().filter(|(id, _)| *id >= 5000).count(), 2, "fuse {fuse}");
        assert_eq!(rows.iter().find(|(id, _)| *id == 5000).map(|(_, name)| name.as_str()), Some("人900"), "fuse {fuse}");
        assert_eq!(refused(&desk).await.len(), 98, "fuse {fuse}");
        // The source still has the bad rows: nothing is refused anew, nothing lands twice, the books balance.
        let run = collect(&desk).await;
        assert_eq!((run.landed, run.quarantined, run.unchanged), (0, 98, 902), "fuse {fuse}: {:?}", run.error);
        assert_eq!((standard(&memory).len(), refused(&desk).await.len()), (902, 98), "fuse {fuse}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_wrong_stays_and_is_told() {
    let dir = tempfile::tempdir().expect("folder");
    crate::river::prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let places = refused(&desk).await;
    let repair = desk.repair(&who(), "person", places[0]).await.expect("a refused row");
    let found: Vec<_> = repair.fields.iter().map(|f| (f.name.as_str(), f.value.as_deref(), f.faults.len())).collect();
    assert_eq!(found, [("id", Some("第900号"), 1), ("name", Some("人900"), 0)]);
    let wrong = desk.correct(&who(), "person", vec![mend(places[0], "x"), mend(places[1], "7000"), mend(places[2], "7000")], "试", "page").await.expect("told");
    assert_eq!((wrong.landed, wrong.wrong.len(), wrong.correction), (0, 3, None), "a number that is none, and two rows of one key");
    let unsaid = desk.correct(&who(), "person", vec![mend(places[0], "1")], " ", "page").await;
    assert!(matches!(unsaid, Err(DeskError::Invalid(_))), "without a reason");
    // A key that is here already: the correction takes its place as a newer row of the source would.
    let taken = desk.correct(&who(), "person", vec![mend(places[0], "7")], "经核实", "page").await.expect("landed");
    assert_eq!(taken.landed, 1);
    assert_eq!(standard(&memory).iter().find(|(id, _)| *id == 7).map(|(_, name)| name.as_str()), Some("人900"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_gives_way_to_the_source() {
    let dir = tempfile::tempdir().expect("folder");
    crate::river::prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let places = refused(&desk).await;
    desk.correct(&who(), "person", vec![mend(places[1], "5001")], "经核实", "page").await.expect("landed");
    let database = rusqlite::Connection::open(dir.path().join("city/people.db")).expect("database");
    database.execute("UPDATE person SET id = '5001', name = '源' WHERE id = '第901号'", []).expect("update");
    let run = collect(&desk).await;
    assert_eq!((run.landed, run.corrected, run.quarantined), (1, 1, 99), "{:?}", run.error);
    assert_eq!(standard(&memory).iter().find(|(id, _)| *id == 5001).map(|(_, name)| name.as_str()), Some("源"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_file_comes_back_mended() {
    let dir = tempfile::tempdir().expect("folder");
    crate::river::prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let filter = QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() };
    let exported = desk.export_quarantine(&who(), &filter, kernel::Lang::Zh).await.expect("exported");
    let text = String::from_utf8(exported.bytes).expect("UTF-8");
    assert!(text.starts_with("\u{feff}id,name,问题原因,问题编号\r\n第900号,人900,编号："), "{text}");
    assert_eq!((exported.rows, exported.more, text.lines().count()), (100, false, 101));
    // Half of the rows are mended, one loses its number, the order is turned around.
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let header = lines.remove(0);
    for (n, line) in lines.iter_mut().enumerate().take(50) {
        *line = line.replacen(&format!("第{}号", 900 + n), &format!("{}", 900 + n), 1);
    }
    lines[49] = lines[49].rsplit_once(',').expect("cells").0.to_owned() + ",";
    lines.reverse();
    let file = dir.path().join("mended.csv");
    std::fs::write(&file, format!("{header}\r\n{}\r\n", lines.join("\r\n"))).expect("file");
    for round in 0..2 {
        let uploaded = desk.upload_corrections(&who(), "person", &file, "mended.csv", "部门改正", "upload").await.expect("taken");
        assert_eq!((uploaded.rows, uploaded.unknown.len()), (100, 1), "round {round}");
        let expected = if round == 0 { (49, 50, 0) } else { (0, 50, 49) };
        assert_eq!((uploaded.corrected.landed, uploaded.corrected.wrong.len(), uploaded.corrected.gone.len()), expected, "round {round}");
    }
    assert_eq!((standard(&memory).len(), refused(&desk).await.len()), (949, 51));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_value_is_replaced_in_all_rows_of_a_cause() {
    let dir = tempfile::tempdir().expect("folder");
    crate::river::prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let filter = QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() };
    let cause = desk.quarantine(&who(), &filter, 1, 1).await.expect("causes").causes.remove(0);
    let change = desk::correct::Replacement { resource: "person".into(), code: cause.code, item: cause.item, found: Some("第950号".into()), value: Some("950".into()) };
    let tried = desk.replace_value(&who(), &change, None).await.expect("tried");
    assert_eq!((tried.landed, standard(&memory).len()), (1, 900), "a trial lands nothing");
    let done = desk.replace_value(&who(), &change, Some("经核实")).await.expect("done");
    assert_eq!((done.landed, standard(&memory).len()), (1, 901));
    let all = desk::correct::Replacement { found: None, value: Some("7777".into()), ..change };
    let tried = desk.replace_value(&who(), &all, None).await.expect("tried");
    assert_eq!((tried.landed, tried.wrong.len()), (0, 99), "the same key for all of them contradicts itself");
}
