//! Compaction, checkpoints and vacuum change nothing a reader sees.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, SystemTime};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use futures::TryStreamExt;
use kernel::Moment;
use lake::{AsOf, Commit, Compaction, Lake, LakeError, Layer, Limits, TableName};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn many_small_batches_stay_whole_through_compaction_and_checkpoints() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    for seq in 1..=60 {
        land(&lake, [seq * 2, seq * 2 + 1], seq).await.unwrap();
    }
    let expected: Vec<i64> = (2..122).collect();
    let checkpoint = std::fs::read_dir(folder(root.path()).join("_delta_log"))
        .unwrap()
        .any(|file| file.unwrap().file_name().to_string_lossy().contains("checkpoint.parquet"));
    assert!(checkpoint, "sixty commits bring a checkpoint");
    lake.compact(&table(), compaction(1)).await.unwrap();
    lake.checkpoint(&table()).await.unwrap();
    for lake in [lake, Lake::open(root.path()).await.unwrap()] {
        let info = lake.table(&table()).await.unwrap().unwrap();
        assert_eq!((info.rows, info.files), (120, 1));
        assert_eq!(ids(&lake).await.unwrap(), expected);
        let last = lake.last_commit(&table()).await.unwrap().unwrap();
        assert_eq!((last.seq, last.note.as_str()), (60, "{\"at\":60}"), "compaction carries the note on");
        assert!(lake.verify(&table(), true).await.unwrap().whole());
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
    lake.compact(&table(), compaction(1)).await.unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 86_400);
    for path in parquet_files(root.path()).iter().chain(&orphans).filter(|path| !path.ends_with("rows-young.parquet")) {
        std::fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
    }
    assert_eq!(ids(&Lake::open(root.path()).await.unwrap()).await.unwrap(), [1, 2, 3], "orphans are not rows");
    // Compacted just now: readers may still be at the old files, so only the two orphans go.
    assert_eq!(lake.vacuum(&table(), Duration::from_secs(3600)).await.unwrap(), 2);
    assert!(!orphans[0].exists() && !orphans[1].exists() && orphans[2].exists());
    assert_eq!(ids(&lake).await.unwrap(), [1, 2, 3]);
    assert_eq!(lake.vacuum(&TableName::new(Layer::Topic, "none"), Duration::ZERO).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_leaves_no_endless_row_of_small_files() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    for seq in 1..=280 {
        land(&lake, [seq], seq).await.unwrap();
    }
    assert!(lake.table(&table()).await.unwrap().unwrap().files < 64);
    assert_eq!(ids(&lake).await.unwrap(), (1..=280).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn large_row_groups_are_put_together_as_they_stand_and_small_ones_joined() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    // A file of before a column came has another form, however large it is.
    let narrow = rows(0..40_000, 1).project(&[0, 2, 3]).unwrap();
    lake.append(&table(), vec![narrow], commit(1)).await.unwrap();
    let wide = |ids: Range<i64>, seq| rows(ids, seq).project(&[0, 2, 3, 1]).unwrap();
    for at in 1..=4 {
        lake.append(&table(), vec![wide(at * 100_000..at * 100_000 + 40_000, at * 2)], commit(at * 2)).await.unwrap();
        lake.append(&table(), vec![wide(at * 100_000 - 1..at * 100_000, at * 2 + 1)], commit(at * 2 + 1)).await.unwrap();
    }
    let before = ids(&lake).await.unwrap();
    let old = parquet_files(root.path());
    assert_eq!(lake.compact(&table(), compaction(1)).await.unwrap(), 9);
    assert_eq!(ids(&lake).await.unwrap(), before);
    assert_eq!(number(&lake, "SELECT count(*) FROM enterprise WHERE id BETWEEN 200010 AND 200019 AND name LIKE '企业2000%'").await, 10);
    assert_eq!(number(&lake, "SELECT count(*) FROM enterprise WHERE name IS NULL").await, 40_000);
    assert_eq!(lake.table(&table()).await.unwrap().unwrap().files, 2);
    assert!(lake.verify(&table(), true).await.unwrap().damages.is_empty());
    let new = parquet_files(root.path()).into_iter().filter(|path| !old.contains(path));
    let mut groups: Vec<i64> = new.flat_map(|path| groups(&path)).collect();
    groups.sort_unstable();
    assert_eq!(groups, [40_000, 40_000, 40_000, 40_000, 40_004]);
}

/// The rows of each row group of a data file.
fn groups(path: &Path) -> Vec<i64> {
    let file = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    file.metadata().row_groups().iter().map(|group| group.num_rows()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_sorts_by_the_order_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    for seq in 1..=12 {
        land(&lake, (0..500).map(|at| (at * 7919 + seq) % 6007), seq).await.unwrap();
    }
    let before = ids(&lake).await.unwrap();
    let wanted = Compaction { many: 1, order: vec!["id".to_owned(), "no such column".to_owned()], whole: true };
    assert_eq!(lake.compact(&table(), wanted).await.unwrap(), 12);
    let rows: Vec<RecordBatch> = lake.scan(&table(), Some(&["id"]), None).await.unwrap().try_collect().await.unwrap();
    let found: Vec<i64> = rows.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert!(found.is_sorted() && found == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_can_be_read_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    assert!(as_of(&lake, AsOf::Version(0)).await.unwrap().is_empty(), "no table yet");
    let mut moments = Vec::new();
    for seq in 1..=4 {
        // The first row of the batch before goes.
        let replaces = if seq == 1 { Vec::new() } else { vec![hash(seq * 10 - 10)] };
        lake.append(&table(), vec![rows(seq * 10..seq * 10 + 3, seq)], Commit { replaces, ..commit(seq) }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        moments.push(Moment(jiff::Timestamp::now().as_microsecond()));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lake.checkpoint(&table()).await.unwrap();
    lake.compact(&table(), compaction(1)).await.unwrap();
    let then = [vec![10, 11, 12], vec![11, 12, 20, 21, 22], vec![11, 12, 21, 22, 30, 31, 32], vec![11, 12, 21, 22, 31, 32, 40, 41, 42]];
    for lake in [lake.clone(), Lake::open(root.path()).await.unwrap()] {
        for (version, expected) in then.iter().enumerate() {
            assert_eq!(as_of(&lake, AsOf::Version(version as i64)).await.unwrap(), *expected);
            assert_eq!(as_of(&lake, AsOf::Moment(moments[version])).await.unwrap(), *expected);
            let limits = Limits { as_of: Some(moments[version]), ..Limits::default() };
            let answer = lake.query("SELECT id FROM enterprise", &limits).await.unwrap();
            let found: Vec<RecordBatch> = answer.batches.try_collect().await.unwrap();
            assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), expected.len());
        }
        assert!(as_of(&lake, AsOf::Moment(Moment(0))).await.unwrap().is_empty(), "before the first commit");
        assert!(matches!(as_of(&lake, AsOf::Version(99)).await, Err(LakeError::Past { version: 99, .. })));
    }
    let between = |from, upto| changes(&lake, from, upto);
    let first = vec![("delete".to_owned(), 10), ("insert".to_owned(), 20), ("insert".to_owned(), 21), ("insert".to_owned(), 22)];
    assert_eq!(between(0, 1).await, first);
    assert!(between(3, 4).await.is_empty(), "putting files together changes no row");
    assert_eq!(between(2, 4).await.len(), 4);
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(lake.vacuum(&table(), Duration::ZERO).await.unwrap() >= 4);
    assert!(matches!(as_of(&lake, AsOf::Version(1)).await, Err(LakeError::Past { version: 1, .. })), "vacuumed, and said so");
    assert_eq!(ids(&lake).await.unwrap(), then[3]);
}

async fn changes(lake: &Lake, from: i64, upto: i64) -> Vec<(String, i64)> {
    let rows = lake.changes(&table(), AsOf::Version(from), AsOf::Version(upto)).await.unwrap();
    let batches: Vec<RecordBatch> = rows.try_collect().await.unwrap();
    let mut found = Vec::new();
    for batch in batches {
        let (ids, kinds) = (batch.column_by_name("id").unwrap().clone(), batch.column_by_name("_change").unwrap().clone());
        let kinds = kinds.as_string::<i32>().iter().map(|kind| kind.unwrap().to_owned());
        found.extend(kinds.zip(ids.as_primitive::<Int64Type>().values().iter().copied()));
    }
    found.sort();
    found
}

async fn as_of(lake: &Lake, as_of: AsOf) -> Result<Vec<i64>, LakeError> {
    let batches: Vec<RecordBatch> = lake.scan_as_of(&table(), as_of, Some(&["id"])).await?.try_collect().await?;
    let mut ids: Vec<i64> = batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    ids.sort_unstable();
    Ok(ids)
}
