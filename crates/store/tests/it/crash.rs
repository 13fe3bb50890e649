//! The process is killed while it writes: what was acknowledged must be there.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use store::{NewRun, Store};

use crate::{MIDNIGHT, after};

const FOLDER: &str = "STORE_CRASH_FOLDER";

/// In the child: writes without end and says each acknowledged key aloud.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_writes_until_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let round = std::process::id();
    let store = Store::open(std::path::Path::new(&folder).join("control.sqlite")).await.expect("opens");
    let run = NewRun { id: round.to_string(), resource: "r".into(), system: "s".into(), trigger: "demo".into(), started: MIDNIGHT };
    store.start_run(run).await.expect("begun");
    let writers = (0..16).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0u64.. {
                let key = format!("{round}.{writer}.{n}");
                store.put_setting(&key, &"x".repeat(100)).await.expect("written");
                println!("acknowledged {key}");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("never ends");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = std::env::current_exe().expect("this binary");
    let mut acknowledged = Vec::new();
    let rounds = 5;
    for round in 0..rounds {
        let mut child = Command::new(&binary)
            .args(["--exact", "crash::child_that_writes_until_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let enough = 200 + round * 37;
        let mut heard = 0;
        for line in lines {
            let Ok(line) = line else { break };
            if let Some(key) = line.split("acknowledged ").nth(1) {
                acknowledged.push(key.to_owned());
                heard += 1;
            }
            if heard == enough {
                child.kill().expect("killed");
            }
        }
        child.wait().expect("ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    let store = Store::open(folder.path().join("control.sqlite")).await.expect("opens after the kills");
    println!("{rounds} kills, {} acknowledged writes", acknowledged.len());
    assert!(acknowledged.len() >= 200 * rounds);
    for key in &acknowledged {
        assert!(store.setting(key).await.expect("read").is_some(), "{key} was acknowledged and is lost");
    }
    assert_eq!(store.interrupt_running(after(1)).await.expect("asked"), rounds as u64, "their runs are interrupted");
}
