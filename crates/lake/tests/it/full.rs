//! A full disk: writing is refused in words, reading goes on, and it heals by itself.

use std::path::Path;
use std::process::Command;

use lake::{Lake, LakeError};

use crate::support::*;

/// A small file system of its own; unmounted when dropped.
struct Small(tempfile::TempDir);

impl Small {
    fn new(size: &str) -> Option<Small> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "small"]).arg(folder.path()).output();
        mounted.is_ok_and(|done| done.status.success()).then(|| Small(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    while std::io::Write::write_all(&mut file, &[7; 4096]).is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writing_only_and_heals_by_itself() {
    let Some(small) = Small::new("12m") else {
        eprintln!("SKIP: no right to mount a small file system, a full disk was NOT tested");
        return;
    };
    let root = small.0.path().join("lake");
    let lake = Lake::open(&root).await.unwrap();
    let mut seq = 0;
    let refused = loop {
        match land(&lake, seq * 5000..seq * 5000 + 5000, seq + 1).await {
            Ok(_) => seq += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, LakeError::Full(_)) && refused.full(), "{refused}");
    assert!(refused.text().zh.contains("磁盘空间不足") && seq > 3, "{seq} batches, {refused}");
    assert!(lake.has_room().is_ok(), "the reserve is still there");
    // Now to the last byte, as another program would.
    fill(&small.0.path().join("filler"));
    assert!(matches!(lake.has_room(), Err(LakeError::Full(_))));
    assert!(matches!(land(&lake, [1], seq + 1).await, Err(LakeError::Full(_))));
    for lake in [lake.clone(), Lake::open(&root).await.unwrap()] {
        assert_eq!(ids(&lake).await.unwrap().len() as i64, seq * 5000);
        assert_eq!(number(&lake, "SELECT count(*) FROM enterprise WHERE id < 5000").await, 5000);
    }
    std::fs::remove_file(small.0.path().join("filler")).unwrap();
    land(&lake, [-1], seq + 1).await.unwrap();
    assert_eq!(ids(&lake).await.unwrap().len() as i64, seq * 5000 + 1);
    assert!(lake.verify(&table(), true).await.unwrap().whole());
}
