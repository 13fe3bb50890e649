//! A writer is killed at random moments: what it has acknowledged is there, and no history is another.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tlog::*;

use crate::*;

const ROUNDS: u32 = 20;

/// Appends batches of changing size; each is journalled when it is acknowledged.
#[test]
#[ignore = "run by killed_at_any_moment"]
fn child_that_appends() {
    let Some(folder) = std::env::var_os("TLOG_FOLDER") else { return };
    let folder = Path::new(&folder);
    let mut journal = OpenOptions::new().create(true).append(true).open(folder.join("journal")).expect("journal");
    let mut log = writer(&folder.join("log"));
    // Begun anew, it goes on with another size.
    for round in log.size().. {
        let count = [1, 3, 40, 300, 7, 256, 1_000][(round % 7) as usize];
        let appended = log.append(&entries(log.size(), log.size() + count)).expect("appended");
        // In one call, so that a line is there as a whole or not at all.
        journal.write_all(format!("{} {} {}\n", appended.first, appended.size, appended.root).as_bytes()).expect("journal");
    }
}

#[test]
fn killed_at_any_moment() {
    let folder = tempfile::tempdir().expect("folder");
    let log = folder.path().join("log");
    let exe = std::env::current_exe().expect("this test");
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut surprised = 0;
    for round in 0..ROUNDS {
        let errors = File::create(folder.path().join("errors")).expect("file");
        let mut child = Command::new(&exe)
            .args(["--exact", "kill::child_that_appends", "--ignored", "--nocapture"])
            .env("TLOG_FOLDER", folder.path())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .expect("child");
        let before = journal(folder.path()).len();
        let start = Instant::now();
        // It has to have begun; then a moment that differs each time.
        while journal(folder.path()).len() == before && start.elapsed() < Duration::from_secs(20) {
            assert!(child.try_wait().expect("child").is_none(), "{}", fs::read_to_string(folder.path().join("errors")).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(2));
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(random >> 44 & 0x1_ffff));
        child.kill().expect("killed");
        child.wait().expect("gone");

        // As it is found: no file that the checkpoint tells of is missing or wrong.
        let found = faults(&log, &kept);
        assert!(found.iter().all(|fault| fault.kind == FaultKind::Surplus), "round {round}: {found:?}");
        surprised += usize::from(!found.is_empty());
        let writer = writer(&log);
        kept.push(writer.checkpoint().to_string().into_bytes());
        drop(writer);
        let found = faults(&log, &kept);
        assert!(found.is_empty(), "round {round}: {found:?}");
        let reader = Reader::open(&log).expect("reader");
        for (first, size, root) in journal(folder.path()) {
            assert!(size <= reader.size(), "round {round}: {size} was acknowledged, and there are {}", reader.size());
            assert_eq!(reader.root(size).expect("root").to_string(), root);
            assert_eq!(reader.entry(first).expect("entry"), entry(first));
        }
        if round % 5 == 0 {
            for (index, found) in (0..).zip(reader.entries(0)) {
                assert_eq!(found.expect("entry"), (index, entry(index)));
            }
        }
    }
    println!("{surprised} of {ROUNDS} kills left something behind; {} entries", Reader::open(&log).expect("reader").size());
}

fn journal(folder: &Path) -> Vec<(u64, u64, String)> {
    let text = fs::read_to_string(folder.join("journal")).unwrap_or_default();
    let line = |line: &str| {
        let mut parts = line.split(' ');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.to_owned()))
    };
    text.lines().filter_map(line).collect()
}
