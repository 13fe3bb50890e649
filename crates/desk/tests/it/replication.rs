//! A PostgreSQL table that changes at random while runs die at any call of the lake: in the end the standard layer
//! holds what the table holds, and raw holds every change once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use desk::port::TableName;
use desk::view::{RunState, RunView};
use desk::{CollectScope, Desk, Place};
use kernel::Moment;

use crate::memory::{Memory, int, ports, text};
use crate::server::{PASSWORD, Server};

const ROUNDS: u64 = 12;
const KEYS: u64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_changes_and_whenever_a_run_dies_the_standard_layer_ends_as_the_table() {
    let Some(server) = Server::start() else { return };
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path(), server.port);
    server.execute("CREATE TABLE person (id int PRIMARY KEY, name text); INSERT INTO person SELECT i, '人' || i FROM generate_series(1, 20) i");
    let memory = Memory::new(-1);
    let mut chance = Chance(0x5EED);
    for round in 0..ROUNDS {
        // The first reading is whole; a second one would number its rows from the start again.
        let fuse = if round == 0 { -1 } else { chance.below(5) as i64 - 1 };
        memory.fuse.store(fuse, Ordering::SeqCst);
        let desk = open(dir.path(), &memory).await;
        collect(&desk).await;
        drop(desk);
        memory.fuse.store(-1, Ordering::SeqCst);
        server.execute(&changes(&mut chance));
        let desk = open(dir.path(), &memory).await;
        let runs = collect(&desk).await;
        assert!(!runs.is_empty(), "round {round}");
        for run in runs {
            assert_eq!(run.state, RunState::Done, "round {round}: {:?}", run.error);
            assert_eq!(run.source_rows, run.landed + run.removed + run.quarantined + run.unchanged);
        }
        assert_eq!(standard(&memory), server.query("SELECT id, name FROM person ORDER BY id"), "round {round}");
        let mut lines: Vec<(i64, String)> = raw(&memory);
        let all = lines.len();
        lines.dedup();
        assert_eq!(lines.len(), all, "a change is in raw twice, round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_emptied_is_emptied_here_too_once_the_contract_allows_it() {
    let Some(server) = Server::start() else { return };
    let dir = tempfile::tempdir().expect("folder");
    prepare(dir.path(), server.port);
    server.execute("CREATE TABLE person (id int PRIMARY KEY, name text); INSERT INTO person SELECT i, '人' || i FROM generate_series(1, 20) i");
    let memory = Memory::new(-1);
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    server.execute("TRUNCATE person; INSERT INTO person VALUES (7, '人7'), (90, '人90')");
    let held = collect(&desk).await.pop().expect("a run");
    assert_eq!(held.state, RunState::Held, "nineteen of twenty rows are more than the contract lets go: {:?}", held.error);
    drop(desk);
    let declared = dir.path().join("city/resources/person.toml");
    let text = std::fs::read_to_string(&declared).expect("file");
    std::fs::write(&declared, text.replace("[collect]", "[contract]\nmax_removed = 1.0\n\n[collect]")).expect("file");
    for emptied in ["SELECT 1", "TRUNCATE person"] {
        server.execute(emptied);
        let desk = open(dir.path(), &memory).await;
        for run in collect(&desk).await {
            assert_eq!(run.state, RunState::Done, "{:?}", run.error);
        }
        assert_eq!(standard(&memory), server.query("SELECT id, name FROM person ORDER BY id"), "after {emptied}");
    }
}

/// Statements of several transactions, among them large ones and some that are taken back.
fn changes(chance: &mut Chance) -> String {
    let mut sql = String::new();
    for _ in 0..chance.below(6) {
        sql += "BEGIN;";
        for _ in 0..chance.below(12) {
            let (id, other, word) = (chance.below(KEYS), chance.below(KEYS), chance.below(1000));
            sql += &match chance.below(5) {
                0 => format!("DELETE FROM person WHERE id = {id};"),
                1 => format!("UPDATE person SET id = {other} WHERE id = {id} AND NOT EXISTS (SELECT FROM person WHERE id = {other});"),
                _ => format!("INSERT INTO person VALUES ({id}, '名{word}') ON CONFLICT (id) DO UPDATE SET name = excluded.name;"),
            };
        }
        sql += if chance.below(4) == 0 { "ROLLBACK;" } else { "COMMIT;" };
    }
    sql + "SELECT 1"
}

/// A small generator with a fixed seed, so that a failure can be had again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn standard(memory: &Arc<Memory>) -> Vec<String> {
    let batches = memory.batches(&TableName::standard("person"));
    let mut rows: Vec<(i64, String)> = batches.iter().flat_map(|batch| int(batch, "id").into_iter().zip(text(batch, "name"))).collect();
    rows.sort();
    rows.into_iter().map(|(id, name)| format!("{id}|{name}")).collect()
}

/// Line and change of every raw record of the stream, sorted.
fn raw(memory: &Arc<Memory>) -> Vec<(i64, String)> {
    let batches = memory.batches(&TableName::raw("person"));
    let rows = batches.iter().flat_map(|batch| int(batch, "_line").into_iter().zip(text(batch, "_change")));
    let mut rows: Vec<(i64, String)> = rows.collect();
    rows.sort();
    rows
}

async fn collect(desk: &Desk) -> Vec<RunView> {
    let now = Moment::from_jiff(jiff::Timestamp::now());
    desk.collect_now(CollectScope::All, "command", now).await.expect("collection").runs
}

async fn open(dir: &Path, memory: &Arc<Memory>) -> Desk {
    let variables = HashMap::from([("DB_PASSWORD".to_owned(), PASSWORD.to_owned())]);
    let place = Place { city_dir: dir.join("city"), data_dir: dir.join("data"), variables };
    match Desk::open(place, ports(memory)).await {
        Ok(desk) => desk,
        Err(desk::OpenError::City(diagnostics)) => panic!("{diagnostics:#?}"),
        Err(error) => panic!("{error}"),
    }
}

fn prepare(dir: &Path, port: u16) {
    crate::river::prepare(dir);
    let city = dir.join("city");
    let change = |file: &str, from: &str, to: &str| {
        let path = city.join(file);
        let text = std::fs::read_to_string(&path).expect("file");
        assert!(text.contains(from), "{file}: {text}");
        std::fs::write(path, text.replace(from, to)).expect("file");
    };
    let url = format!("kind = \"postgres\"\nurl = \"postgres://postgres:${{DB_PASSWORD}}@127.0.0.1:{port}/postgres\"");
    change("systems/people.toml", "kind = \"sqlite\"\npath = \"people.db\"", &url);
    change("resources/person.toml", "from = \"person\"\n", "from = \"person\"\nmode = \"replication\"\n");
}
