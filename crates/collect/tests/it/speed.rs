//! How quick checking and deciding are, and what the ledger weighs. Run by hand: `-- --ignored --nocapture speed`.

use std::time::Instant;

use collect::Ledger;
use collect::check::{Identity, Table};
use data::declare::{Item, OnDuplicate};

use crate::city::{city, item, raw, resource, words};

const ROWS: usize = 100_000;

#[test]
#[ignore = "a measurement, not a check"]
fn speed_of_check_and_ledger() {
    let standards = ["integer", "text", "text", "text", "number", "text", "integer", "text", "date", "datetime"];
    let names: Vec<String> = (0..standards.len()).map(|index| format!("item_{index}")).collect();
    let items =
        names.iter().zip(standards).map(|(name, standard)| Item { key: name == "item_0", ..item(name, standard) });
    let resource = resource(items.collect());
    let values: Vec<Vec<String>> = (0..ROWS)
        .map(|row| {
            words(&[
                &row.to_string(),
                "张三",
                "宁波市海曙区",
                "hello",
                "12.5",
                "x",
                "42",
                "abcdef",
                "2026-01-31",
                "2026-01-31 08:30:00",
            ])
        })
        .collect();
    let rows: Vec<Vec<Option<&str>>> =
        values.iter().map(|row| row.iter().map(|value| Some(value.as_str())).collect()).collect();
    let fields: Vec<&str> = names.iter().map(String::as_str).collect();
    let batch = raw(&fields, &rows);
    let mut table = Table::new(&city(), &resource).unwrap();
    table.bind(&words(&fields)).unwrap();
    let start = Instant::now();
    let checked = table.check(&batch);
    let check = start.elapsed();
    assert!(checked.refused.is_empty());
    let mut ledger = Ledger::new(&resource);
    ledger.begin_delivery();
    let start = Instant::now();
    ledger.decide(&batch, &checked).unwrap();
    eprintln!("check {:.2} M rows/s, decide {:.2} M rows/s", rate(check), rate(start.elapsed()));
}

fn rate(time: std::time::Duration) -> f64 {
    ROWS as f64 / time.as_secs_f64() / 1e6
}

#[test]
#[ignore = "a measurement, not a check"]
fn speed_and_weight_of_a_ledger_of_millions() {
    for (keyed, name) in [(true, "keyed"), (false, "unkeyed")] {
        let before = resident();
        let start = Instant::now();
        let mut ledger = Ledger::with(keyed, OnDuplicate::Quarantine);
        // Just beyond a power of two the index has just doubled: the worst case.
        let rows = 3_800_000u64;
        for row in (0..rows).step_by(8192) {
            ledger.add_current(&identities(row..row + 8192)).unwrap();
        }
        let bytes = resident() - before;
        eprintln!("{name}: {:.1} bytes a row, {:.2} s", bytes as f64 / rows as f64, start.elapsed().as_secs_f64());
    }
}

fn identities(rows: std::ops::Range<u64>) -> Vec<Identity> {
    let hash = |row: u64| xxhash_rust::xxh3::xxh3_128(&row.to_le_bytes()).to_be_bytes();
    rows.map(|row| Identity { hash: hash(row), key: Some(hash(row)), version: None }).collect()
}

/// Needs 15 GB of disk for all; `LEDGER_MILLIONS=20` makes it end sooner.
#[test]
#[ignore = "a measurement, not a check"]
fn speed_and_weight_of_a_ledger_that_goes_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger =
        Ledger::with(true, OnDuplicate::Quarantine).spilling_to(&folder.path().join("ledger")).unwrap();
    let millions = std::env::var("LEDGER_MILLIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(200u64);
    let (before, start) = (resident(), Instant::now());
    let mut last = start;
    for million in 0..millions {
        for part in 0..8 {
            let row = million * 1_000_000 + part * 125_000;
            ledger.add_current(&identities(row..row + 125_000)).unwrap();
        }
        if (million + 1) % 10 == 0 {
            let seconds = last.elapsed().as_secs_f64();
            eprintln!("{} M rows: {:.3} µs a row, {} MB", million + 1, seconds / 10.0, (resident() - before) >> 20);
            last = Instant::now();
        }
    }
    eprintln!("{millions} M rows: {:.3} µs a row in all", start.elapsed().as_secs_f64() / millions as f64);
}

/// Resident memory in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}
