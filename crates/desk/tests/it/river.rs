//! Collection through every possible cut: whichever lake call the process dies at, the next run ends in the same state.

use std::path::Path;
use std::sync::Arc;

use desk::port::TableName;
use desk::view::{QuarantineFilter, RunState};
use desk::{CollectScope, Desk, Place};
use kernel::Moment;

use crate::memory::{Memory, int, ports, text};

const GOOD: i64 = 900;
const BAD: i64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_dies_the_next_run_ends_in_the_same_state() {
    for fuse in 0..8 {
        let dir = tempfile::tempdir().expect("folder");
        prepare(dir.path());
        let memory = Memory::new(fuse);
        let desk = open(dir.path(), &memory).await;
        let first = collect(&desk).await;
        drop(desk);
        memory.fuse.store(-1, std::sync::atomic::Ordering::SeqCst);
        let desk = open(dir.path(), &memory).await;
        let second = collect(&desk).await;
        assert_ne!(second, RunState::Failed, "fuse {fuse}: {first:?} then {second:?}");
        check_books(&desk, &memory, fuse).await;
        collect(&desk).await;
        check_books(&desk, &memory, fuse).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_row_takes_the_place_of_the_old_one() {
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path());
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let database = rusqlite::Connection::open(dir.path().join("city/people.db")).expect("database");
    database.execute("UPDATE person SET name = '改名' WHERE id = '7'", []).expect("update");
    collect(&desk).await;
    let rows: Vec<(i64, String)> = standard(&memory);
    assert_eq!(rows.len() as i64, GOOD);
    assert_eq!(rows.iter().find(|(id, _)| *id == 7).map(|(_, name)| name.as_str()), Some("改名"));
    let runs = desk.runs(&Default::default(), 1, 10).await.expect("runs");
    let newest = &runs.entries[0];
    assert_eq!((newest.landed, newest.corrected, newest.quarantined), (1, 1, BAD as u64));
    assert_eq!(newest.source_rows, newest.landed + newest.quarantined + newest.unchanged);
}

async fn collect(desk: &Desk) -> RunState {
    let now = Moment::from_jiff(jiff::Timestamp::now());
    let outcome = desk.collect_now(CollectScope::All, "command", now).await.expect("collection");
    outcome.runs[0].state
}

/// Every good row once in standard, every row once in raw, every bad row once in quarantine.
async fn check_books(desk: &Desk, memory: &Arc<Memory>, fuse: i64) {
    let mut ids: Vec<i64> = standard(memory).into_iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..GOOD).collect::<Vec<_>>(), "standard after fuse {fuse}");
    let raw = memory.batches(&TableName::raw("person"));
    let mut lines: Vec<i64> = raw.iter().flat_map(|b| int(b, "_line")).collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len() as i64, GOOD + BAD, "raw after fuse {fuse}");
    assert_eq!(raw.iter().map(|b| b.num_rows() as i64).sum::<i64>(), GOOD + BAD, "raw doubled after fuse {fuse}");
    let who = crate::drift::command();
    let kept = desk.quarantine(&who, &QuarantineFilter::default(), 1, 10).await.expect("quarantine");
    assert_eq!(kept.rows.total as i64, BAD, "quarantine after fuse {fuse}");
    assert_eq!(kept.causes.len(), 1);
    assert!(kept.rows.entries.iter().all(|row| !row.text.is_empty() && row.faults.len() == 1));
}

fn standard(memory: &Arc<Memory>) -> Vec<(i64, String)> {
    let batches = memory.batches(&TableName::standard("person"));
    batches.iter().flat_map(|b| int(b, "id").into_iter().zip(text(b, "name"))).collect()
}

pub async fn open(dir: &Path, memory: &Arc<Memory>) -> Desk {
    let place = Place { city_dir: dir.join("city"), data_dir: dir.join("data"), variables: Default::default() };
    match Desk::open(place, ports(memory)).await {
        Ok(desk) => desk,
        Err(desk::OpenError::City(diagnostics)) => panic!("{diagnostics:#?}"),
        Err(error) => panic!("{error}"),
    }
}

/// A city with one SQLite system: good rows, and rows whose number is not one.
pub fn prepare(dir: &Path) {
    let city = dir.join("city");
    for room in ["departments", "systems", "resources"] {
        std::fs::create_dir_all(city.join(room)).expect("folder");
    }
    let write = |name: &str, text: &str| std::fs::write(city.join(name), text).expect("file");
    write("city.toml", "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n");
    write("departments/office.toml", "title = \"试验局\"\nuscc = \"113302000029290324\"\n");
    write("systems/people.toml", "title = \"人员\"\ndepartment = \"office\"\n[connector]\nkind = \"sqlite\"\npath = \"people.db\"\n");
    write(
        "resources/person.toml",
        "title = \"人员\"\ncode = \"3990200/000001\"\nsummary = \"试验\"\nsystem = \"people\"\nclass = \"department\"\n\
         share = \"unconditional\"\nopen = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"person\"\n\
         [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\nkey = true\n\
         [[item]]\nname = \"name\"\ntitle = \"姓名\"\nstandard = \"text\"\n",
    );
    let mut database = rusqlite::Connection::open(city.join("people.db")).expect("database");
    database.execute("CREATE TABLE person (id TEXT, name TEXT)", []).expect("table");
    let transaction = database.transaction().expect("transaction");
    for id in 0..GOOD + BAD {
        let number = if id < GOOD { id.to_string() } else { format!("第{id}号") };
        transaction.execute("INSERT INTO person VALUES (?1, ?2)", (number, format!("人{id}"))).expect("row");
    }
    transaction.commit().expect("commit");
}
