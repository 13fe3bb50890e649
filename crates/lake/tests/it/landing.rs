//! Batches land once, whole, exactly; older rows go exactly; columns may be added; others may write too.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use futures::TryStreamExt;
use lake::{Appended, Commit, Lake, LakeError, Layer, TableName};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_adds_nothing_also_after_reopening() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    assert!(lake.last_commit(&table()).await.unwrap().is_none());
    assert_eq!(land(&lake, 0..10, 1).await.unwrap(), Appended::Done { version: 0 });
    assert_eq!(land(&lake, 10..20, 2).await.unwrap(), Appended::Done { version: 1 });
    assert_eq!(land(&lake, 0..10, 1).await.unwrap(), Appended::AlreadyThere);
    let files = parquet_files(root.path()).len();
    let lake = Lake::open(root.path()).await.unwrap();
    assert_eq!(land(&lake, 10..20, 2).await.unwrap(), Appended::AlreadyThere);
    assert_eq!(parquet_files(root.path()).len(), files, "a replay writes no file");
    let last = lake.last_commit(&table()).await.unwrap().unwrap();
    assert_eq!((last.seq, last.note.as_str(), last.version), (2, "{\"at\":2}", 1));
    assert_eq!(ids(&lake).await.unwrap(), (0..20).collect::<Vec<_>>());
    let second: Vec<RecordBatch> = lake.scan(&table(), None, Some(2)).await.unwrap().try_collect().await.unwrap();
    assert_eq!(second.iter().map(RecordBatch::num_rows).sum::<usize>(), 10);
    // A commit without rows keeps its note.
    lake.append(&table(), vec![], commit(3)).await.unwrap();
    assert_eq!(lake.last_commit(&table()).await.unwrap().unwrap().seq, 3);
    assert_eq!(lake.table(&table()).await.unwrap().unwrap().rows, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn replacing_takes_exactly_the_rows_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, 0..100, 1).await.unwrap();
    land(&lake, 100..200, 2).await.unwrap();
    land(&lake, 200..203, 3).await.unwrap();
    let replaces = [5, 150, 200, 201, 202, 99_999].map(hash).to_vec();
    let change = Commit { seq: 4, note: String::new(), replaces };
    lake.append(&table(), vec![rows(1000..1003, 4)], change).await.unwrap();
    let expected: Vec<i64> = (0..200).filter(|id| ![5, 150].contains(id)).chain(1000..1003).collect();
    assert_eq!(ids(&lake).await.unwrap(), expected);
    assert_eq!(number(&lake, "SELECT count(*) FROM enterprise").await, 201);
    let again = Lake::open(root.path()).await.unwrap();
    assert_eq!(ids(&again).await.unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_may_come_and_stay_away_but_not_change() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, 0..3, 1).await.unwrap();
    let wider = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![3])) as ArrayRef),
        ("phone", Arc::new(StringArray::from(vec!["0574"])) as ArrayRef),
    ]);
    lake.append(&table(), vec![wider.unwrap()], commit(2)).await.unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM enterprise WHERE phone IS NULL").await, 3);
    assert_eq!(number(&lake, "SELECT id FROM enterprise WHERE phone = '0574'").await, 3);
    assert_eq!(number(&lake, "SELECT count(name) FROM enterprise").await, 3);
    let other = RecordBatch::try_from_iter([("id", Arc::new(StringArray::from(vec!["x"])) as ArrayRef)]).unwrap();
    match lake.append(&table(), vec![other], commit(3)).await {
        Err(LakeError::Type { column, .. }) => assert_eq!(column, "id"),
        other => panic!("{other:?}"),
    }
    assert_eq!(lake.table(&table()).await.unwrap().unwrap().rows, 4);
    let upper = RecordBatch::try_from_iter([("ID", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
    assert!(matches!(lake.append(&table(), vec![upper], commit(3)).await, Err(LakeError::Batch(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lakes_over_one_folder_lose_nothing() {
    let root = tempfile::tempdir().unwrap();
    let (one, two) = (Lake::open(root.path()).await.unwrap(), Lake::open(root.path()).await.unwrap());
    land(&one, [0], 1).await.unwrap();
    // Both offer the same twenty batches: each must land exactly once, whoever is first.
    let offer = |lake: Lake| async move {
        let mut done = 0;
        for seq in 2..=21 {
            match land(&lake, [seq], seq).await.unwrap() {
                Appended::Done { .. } => done += 1,
                Appended::AlreadyThere => {}
            }
        }
        done
    };
    let (a, b) = tokio::join!(tokio::spawn(offer(one.clone())), tokio::spawn(offer(two.clone())));
    assert_eq!(a.unwrap() + b.unwrap(), 20);
    for lake in [one, two, Lake::open(root.path()).await.unwrap()] {
        assert_eq!(ids(&lake).await.unwrap(), [vec![0], (2..=21).collect()].concat());
    }
    assert_eq!(parquet_files(root.path()).len(), 21, "those who were second leave no file behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_comes_back_as_it_went() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    let money = Decimal128Array::from(vec![Some(-1), None, Some(999_999_999_999_999_999)]).with_precision_and_scale(18, 2).unwrap();
    let when = TimestampMicrosecondArray::from(vec![Some(1_700_000_000_123_456), None, Some(-1)]).with_timezone("UTC");
    let sent = RecordBatch::try_from_iter_with_nullable([
        ("money", Arc::new(money) as ArrayRef, true),
        ("born", Arc::new(Date32Array::from(vec![Some(-1), None, Some(20_000)])) as ArrayRef, true),
        ("when", Arc::new(when) as ArrayRef, true),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"\0\xff"[..]), None, Some(b"")])) as ArrayRef, true),
        ("good", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])) as ArrayRef, true),
        ("size", Arc::new(Float64Array::from(vec![Some(f64::MAX), None, Some(-0.0)])) as ArrayRef, true),
        ("名称", Arc::new(StringArray::from(vec![Some("宁波"), None, Some("")])) as ArrayRef, true),
    ])
    .unwrap();
    lake.append(&table(), vec![sent.clone()], commit(1)).await.unwrap();
    for lake in [lake, Lake::open(root.path()).await.unwrap()] {
        let back: Vec<RecordBatch> = lake.scan(&table(), None, None).await.unwrap().try_collect().await.unwrap();
        assert_eq!(back, vec![sent.clone()]);
        let sql = "SELECT * FROM enterprise WHERE money > 0.00 AND born = DATE '2024-10-04' AND \"名称\" = '' AND NOT good AND \"when\" < TIMESTAMP '1970-01-01T00:00:00Z'";
        let found = select(&lake, sql).await.unwrap();
        assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
        let sum = select(&lake, "SELECT sum(money) FROM enterprise").await.unwrap();
        assert_eq!(arrow_cast::display::array_value_to_string(sum[0].column(0), 0).unwrap(), "9999999999999999.98");
        assert!(sum[0].column(0).as_any().is::<Decimal128Array>() && back[0].column(3).as_binary::<i32>().is_null(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_tables_share_is_encoded_once_and_read_from_both() {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    let (found, kept) = (TableName::new(Layer::Raw, "enterprise"), table());
    // Few different names have a dictionary, many have none; both are taken over, with their pages and bounds.
    for (seq, from) in [(1, 0), (2, 50_000)] {
        let ids = || from..from + 50_000i64;
        let text = |text: &dyn Fn(i64) -> Option<String>| Arc::new(ids().map(text).collect::<StringArray>()) as ArrayRef;
        let kind = text(&|id| (id % 7 != 0).then(|| format!("类{}", id % 5)));
        let name = text(&|id| Some(format!("企业{id:08}")));
        let hashes = Arc::new(BinaryArray::from_iter_values(ids().map(hash))) as ArrayRef;
        let batch = Arc::new(Int64Array::from_value(seq, 50_000)) as ArrayRef;
        let amount = Arc::new(Int64Array::from_iter_values(ids())) as ArrayRef;
        let raw = RecordBatch::try_from_iter([
            ("kind", kind.clone()), ("name", name.clone()), ("amount", text(&|id| Some(id.to_string()))),
            ("_batch", batch.clone()), ("_hash", hashes.clone()),
        ]);
        let refused = RecordBatch::try_from_iter([("name", Arc::new(StringArray::from(vec!["坏"; 3])) as ArrayRef)]).unwrap();
        let standard = RecordBatch::try_from_iter([
            ("name", name), ("amount", amount), ("kind", kind), ("_batch", batch), ("_hash", hashes),
        ]);
        lake.append(&found, vec![raw.unwrap(), refused], commit(seq)).await.unwrap();
        lake.append(&kept, vec![standard.unwrap()], commit(seq)).await.unwrap();
    }
    let lake = Lake::open(root.path()).await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM raw.enterprise").await, 100_006);
    let same = "SELECT count(*) FROM raw.enterprise r JOIN standard.enterprise s ON r.name = s.name AND r._hash = s._hash \
                AND (r.kind IS NOT DISTINCT FROM s.kind) AND r.amount = CAST(s.amount AS VARCHAR) AND r._batch = s._batch";
    assert_eq!(number(&lake, same).await, 100_000);
    for layer in ["raw", "standard"] {
        let one = format!("SELECT count(*) FROM {layer}.enterprise WHERE name = '企业00077777'");
        assert_eq!(number(&lake, &one).await, 1, "{layer}: found by the bounds of files, row groups and pages");
        let nulls = format!("SELECT count(*) FROM {layer}.enterprise WHERE kind IS NULL AND name <> '坏'");
        assert_eq!(number(&lake, &nulls).await, 14_286, "{layer}");
    }
    for name in [&found, &kept] {
        assert!(lake.verify(name, true).await.unwrap().whole(), "{name}");
    }
}
