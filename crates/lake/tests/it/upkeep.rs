//! Compaction, checkpoints and vacuum change nothing a reader sees.

use std::time::{Duration, SystemTime};

use lake::{Lake, Layer, TableName};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn many_small_batches_stay_whole_through_compaction_and_checkpoints() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    for seq in 1..=60 {
        land(&lake, [seq * 2, seq * 2 + 1], seq).await.unwrap();
    }
    let expected: Vec<i64> = (2..122).collect();
    assert!(lake.table(&table()).await.unwrap().unwrap().files <= 33);
    let checkpoint = std::fs::read_dir(folder(root.path()).join("_delta_log"))
        .unwrap()
        .any(|file| file.unwrap().file_name().to_string_lossy().contains("checkpoint.parquet"));
    assert!(checkpoint, "sixty commits bring a checkpoint");
    lake.compact(&table(), 1).await.unwrap();
    lake.checkpoint(&table()).await.unwrap();
    for lake in [lake, Lake::open(root.path()).await.unwrap()] {
        let info = lake.table(&table()).await.unwrap().unwrap();
        assert_eq!((info.rows, info.files), (120, 1));
        assert_eq!(ids(&lake).await.unwrap(), expected);
        let last = lake.last_commit(&table()).await.unwrap().unwrap();
        assert_eq!((last.seq, last.note.as_str()), (60, "{\"at\":60}"), "compaction carries the note on");
        assert_eq!(lake.verify(&table()).await.unwrap().0, 1);
    }
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, [500], 61).await.unwrap();
    assert_eq!(ids(&Lake::open(root.path()).await.unwrap()).await.unwrap().len(), 121);
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_takes_old_orphans_only() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    for seq in 1..=3 {
        land(&lake, [seq], seq).await.unwrap();
    }
    // As a kill between the data file and the log entry leaves it.
    let active = parquet_files(root.path()).remove(0);
    let orphans = ["rows-orphan.parquet", ".unfinished-orphan", "rows-young.parquet"].map(|name| folder(root.path()).join(name));
    for orphan in &orphans {
        std::fs::copy(&active, orphan).unwrap();
    }
    lake.compact(&table(), 1).await.unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 86_400);
    for path in parquet_files(root.path()).iter().chain(&orphans).filter(|path| !path.ends_with("rows-young.parquet")) {
        std::fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
    }
    assert_eq!(ids(&Lake::open(root.path()).await.unwrap()).await.unwrap(), [1, 2, 3], "orphans are not rows");
    // Compacted just now: readers may still be at the old files, so only the two orphans go.
    assert_eq!(lake.vacuum(&table(), Duration::from_secs(1)).await.unwrap(), 2);
    assert!(!orphans[0].exists() && !orphans[1].exists() && orphans[2].exists());
    assert_eq!(ids(&lake).await.unwrap(), [1, 2, 3]);
    assert_eq!(lake.vacuum(&TableName::new(Layer::Topic, "none"), Duration::ZERO).await.unwrap(), 0);
}
