//! Vacuum and readers in other processes: a file that somebody alive still needs stays.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use futures::StreamExt;
use lake::{Compaction, Lake, Limits};

use crate::support::*;

const FILES: i64 = 40;

/// The same binary runs this as a child that begins to read, waits for a word, and reads on; alone it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn child_reads_slowly() {
    let (Ok(root), Ok(way)) = (std::env::var("LAKE_READER_ROOT"), std::env::var("LAKE_READER_WAY")) else {
        return;
    };
    let lake = Lake::open(root.as_ref()).await.unwrap();
    let mut total = 0;
    let mut told = false;
    let mut seen = |rows: usize| {
        total += rows;
        if !std::mem::replace(&mut told, true) {
            println!("READING");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
    };
    if way == "scan" {
        let mut rows = lake.scan(&table(), None, None).await.unwrap();
        while let Some(batch) = rows.next().await {
            seen(batch.unwrap().num_rows());
        }
    } else {
        let mut rows = lake.query("SELECT * FROM enterprise", &Limits::default()).await.unwrap().batches;
        while let Some(batch) = rows.next().await {
            seen(batch.unwrap().num_rows());
        }
    }
    println!("ROWS {total}");
}

struct Reader {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Reader {
    /// Returns once the child has its first rows.
    fn start(root: &std::path::Path, way: &str) -> Reader {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "readers::child_reads_slowly", "--nocapture", "--test-threads=1"])
            .env("LAKE_READER_ROOT", root)
            .env("LAKE_READER_WAY", way)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = Reader { out: BufReader::new(child.stdout.take().unwrap()), child };
        reader.until("READING");
        reader
    }

    fn until(&mut self, word: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.out.read_line(&mut line).unwrap() > 0, "the reader ended before {word}");
            // The harness may have written on the same line before.
            if let Some(at) = line.find(word) {
                return line[at + word.len()..].trim().to_owned();
            }
        }
    }

    fn go_on(mut self) -> usize {
        self.child.stdin.take().unwrap().write_all(b"on\n").unwrap();
        let rows = self.until("ROWS ").parse().unwrap();
        assert!(self.child.wait().unwrap().success());
        rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_waits_for_readers_in_other_processes() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    for seq in 1..=FILES {
        land(&lake, seq * 1000..seq * 1000 + 1000, seq).await.unwrap();
    }
    let long_before = parquet_files(root.path());
    let slow = [Reader::start(root.path(), "scan"), Reader::start(root.path(), "query")];
    let mut killed = Reader::start(root.path(), "scan");
    let whole = Compaction { whole: true, order: vec!["id".to_owned()], ..Compaction::default() };
    assert_eq!(lake.compact(&table(), whole).await.unwrap(), FILES as u64);
    assert_eq!(lake.vacuum(&table(), Duration::ZERO).await.unwrap(), 0, "three readers are at the old files");
    assert!(long_before.iter().all(|file| file.exists()));
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    for reader in slow {
        assert_eq!(reader.go_on(), FILES as usize * 1000, "the table as it was when the reader began");
    }
    // A lease whose holder died counts until it is a minute old, for it might be one just being taken.
    for lease in std::fs::read_dir(root.path().join("readers")).unwrap() {
        let old = std::time::SystemTime::now() - Duration::from_secs(120);
        std::fs::File::options().write(true).open(lease.unwrap().path()).unwrap().set_modified(old).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(lake.vacuum(&table(), Duration::ZERO).await.unwrap(), FILES as u64);
    assert!(long_before.iter().all(|file| !file.exists()));
    assert_eq!(ids(&lake).await.unwrap().len(), FILES as usize * 1000);
    assert!(lake.verify(&table(), true).await.unwrap().whole());
}
