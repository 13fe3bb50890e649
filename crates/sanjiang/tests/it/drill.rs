//! kill -9 at random moments of a collection: no acknowledged row is lost or doubled, and it goes on by itself.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::{Server, must, small_city, small_resource, write};

const KILLS: u64 = 10;
const FILES: u64 = 6;
const ROWS_PER_FILE: u64 = 150_000;

#[test]
fn ten_kills_lose_and_double_nothing() {
    let dir = tempfile::tempdir().expect("folder");
    let (city, data) = (dir.path().join("city"), dir.path().join("data"));
    small_city(&city);
    small_resource(&city, "ledger", 1, "part-*.csv");
    for file in 0..FILES {
        write(&city.join(format!("sources/files/part-{file}.csv")), part(file));
    }
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("clock").as_nanos() as u64;
    println!("seed {seed}");
    let arguments = ["serve", "--city", path(&city), "--data", path(&data)];
    let mut chance = seed;
    for kill in 0..KILLS {
        let server = Server::start(&arguments);
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis((chance >> 33) % 1_200));
        let acknowledged = acknowledged_rows(&data);
        server.kill();
        let kept = count(&data, "select count(*) as n from raw.ledger");
        assert!(kept >= acknowledged, "kill {kill}: {acknowledged} rows were acknowledged, {kept} are there");
    }
    let server = Server::start(&arguments);
    let status = server.wait_collected(Duration::from_secs(120));
    let total = FILES * ROWS_PER_FILE;
    assert_eq!(status["rows"]["standard"], total, "{status}");
    assert_eq!(status["rows"]["raw"], total, "{status}");
    for layer in ["raw", "standard"] {
        let exact = format!("select count(distinct _file || ':' || cast(_line as varchar)) as n from {layer}.ledger");
        assert_eq!(count(&data, &exact), total, "every source line stands in {layer} exactly once");
        assert_eq!(count(&data, &format!("select count(*) as n from {layer}.ledger")), total);
    }
    assert_eq!(count(&data, "select sum(id) as n from standard.ledger"), total * (total - 1) / 2);
}

fn part(file: u64) -> String {
    let mut text = String::from("id,name\n");
    for row in 0..ROWS_PER_FILE {
        let id = file * ROWS_PER_FILE + row;
        text += &format!("{id},第{id}号\n");
    }
    text
}

/// Rows in the commits that the table's log shows: each was acknowledged once its log entry stood there.
fn acknowledged_rows(data: &Path) -> u64 {
    let Ok(log) = std::fs::read_dir(data.join("lake/raw/ledger/_delta_log")) else { return 0 };
    let entries = log.filter_map(Result::ok).filter(|entry| entry.path().extension().is_some_and(|e| e == "json"));
    let adds = entries.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    adds.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).map(|line| rows_added(&line)).sum()
}

fn rows_added(line: &str) -> u64 {
    let action: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let sign = action["add"]["dataChange"].as_bool().unwrap_or(false);
    let stats: serde_json::Value = action["add"]["stats"].as_str().and_then(|s| serde_json::from_str(s).ok()).unwrap_or_default();
    if sign { stats["numRecords"].as_u64().unwrap_or(0) } else { 0 }
}

fn count(data: &Path, sql: &str) -> u64 {
    if !data.join("lake/raw/ledger/_delta_log").exists() {
        return 0;
    }
    let output = crate::support::run(&["sql", sql, "--format", "json", "--data", path(data)]);
    if !output.status.success() && acknowledged_rows(data) == 0 {
        return 0;
    }
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    rows[0]["n"].as_u64().unwrap_or_else(|| rows[0]["n"].to_string().trim_matches('"').parse().expect("number"))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8 path")
}

#[test]
fn what_was_collected_by_hand_can_be_collected_again_without_change() {
    let dir = tempfile::tempdir().expect("folder");
    let (city, data) = (dir.path().join("city"), dir.path().join("data"));
    small_city(&city);
    small_resource(&city, "ledger", 1, "part.csv");
    write(&city.join("sources/files/part.csv"), "id,name\n1,甲\n2,乙\nx,丙\n2,丁\n");
    let collect = || must(&["collect", "--all", "--city", path(&city), "--data", path(&data), "--lang", "en"]);
    let first = collect();
    assert!(first.contains("4 rows = 2 landed + 2 quarantined + 0 unchanged"), "{first}");
    let again = collect();
    assert!(again.contains("4 rows = 0 landed + 0 quarantined + 4 unchanged"), "{again}");
    write(&city.join("sources/files/part.csv"), "id,name\n1,甲\n2,改\nx,丙\n3,新\n");
    let third = collect();
    assert!(third.contains("4 rows = 2 landed + 1 quarantined + 1 unchanged"), "{third}");
    let rows = must(&["sql", "select id, name from standard.ledger order by id", "--format", "csv", "--data", path(&data)]);
    assert_eq!(rows.trim().lines().skip(1).collect::<Vec<_>>(), ["1,甲", "2,改", "3,新"]);
}
