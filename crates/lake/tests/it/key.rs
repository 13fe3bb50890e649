//! Questions about keys, asked whole and in parts, agree with what GROUP BY and NOT EXISTS tell.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, Int64Array, RecordBatch, StringArray};
use data::declare::{Reference, WhenNull};
use data::rule::measure::{self, Measure, Told, Way};
use data::rule::{Columns, Scene};
use futures::TryStreamExt;
use kernel::Moment;
use lake::{Commit, Lake, Layer, Limits, TableName};

use crate::support::{number, select};

/// More than one batch, heap and core take up.
const ROWS: i64 = 200_000;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

/// Deeds, many of which share their number, and owners they refer to, some of whom are unknown; owners have another type there.
async fn lake() -> (tempfile::TempDir, Lake) {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    let mixed = |id: i64| id.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64) >> 20;
    let hashes = BinaryArray::from_iter_values((0..ROWS).map(|id| i128::from(id).to_be_bytes()));
    let deeds = batch(vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..ROWS))),
        // A third stand once; of the rest, half share one number and others stand two to four times; some have none.
        ("number", texts((0..ROWS).map(|id| match id % 6 {
            0 | 1 => Some(format!("单{id}")),
            2 | 3 => Some("同号".to_owned()),
            4 => Some(format!("N{}", mixed(id).rem_euclid(ROWS / 12))),
            _ => (id % 7 != 0).then(|| format!("N{}", id / 12)),
        }))),
        ("page", Arc::new(Int64Array::from_iter((0..ROWS).map(|id| (id % 11 != 0).then_some(id % 3))))),
        ("owner", Arc::new(Int64Array::from_iter((0..ROWS).map(|id| (id % 13 != 0).then(|| mixed(id).rem_euclid(5_000)))))),
        ("_hash", Arc::new(hashes)),
    ]);
    let owners = Decimal128Array::from_iter_values((0..4_900).map(|id| id * 100)).with_precision_and_scale(18, 2).unwrap();
    let owners = batch(vec![("id", Arc::new(owners))]);
    for (name, rows) in [("deed", deeds), ("owner", owners)] {
        let table = TableName::new(Layer::Standard, name);
        lake.append(&table, vec![rows], Commit { seq: 1, ..Commit::default() }).await.unwrap();
    }
    (root, lake)
}

fn scene() -> Scene {
    Scene { now: Moment(0), zone: "Asia/Shanghai".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repeated_is_counted_as_group_by_counts_it() {
    let (_root, lake) = lake().await;
    for keys in ["number", "id", "owner", "number, page", "owner, number, page"] {
        let filled = keys.replace(", ", " IS NOT NULL AND ") + " IS NOT NULL";
        let grouped = format!("SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM deed WHERE {filled} GROUP BY {keys} HAVING count(*) > 1)");
        let (counted, grouped) = (number(&lake, &format!("SELECT count_repeated({keys}) FROM deed")).await, number(&lake, &grouped).await);
        assert_eq!(counted, grouped, "{keys}");
        assert!(keys == "id" || counted > 0, "{keys}");
    }
    assert_eq!(number(&lake, "SELECT count_repeated(number) FROM deed WHERE id < 0").await, 0);
    let groups = "SELECT count(*) FROM (SELECT page, count_repeated(number) AS f, count(number) - count(DISTINCT number) AS d FROM deed GROUP BY page) WHERE f >= d AND f > 0";
    assert_eq!(number(&lake, groups).await, 4);
    for wrong in ["key_part(0, id)", "key_part(id, id)", "key_part(3)"] {
        assert!(select(&lake, &format!("SELECT {wrong} FROM deed")).await.is_err(), "{wrong}");
    }
    let little = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let refused = match lake.query("SELECT count_repeated(id) FROM deed", &little).await {
        Err(error) => Some(error),
        Ok(answer) => answer.batches.try_collect::<Vec<_>>().await.err(),
    };
    assert!(refused.is_some(), "what it holds counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_refers_to_nothing_is_counted_as_not_exists_counts_it() {
    let (_root, lake) = lake().await;
    let both = "SELECT owner AS k, FALSE AS known FROM deed UNION ALL SELECT id, TRUE FROM owner";
    let astray = format!("SELECT count_astray(k, known) FROM ({both})");
    let plain = "SELECT count(*) FROM deed AS r WHERE owner IS NOT NULL AND NOT EXISTS (SELECT 1 FROM owner AS o WHERE o.id = r.owner)";
    let (astray, plain) = (number(&lake, &astray).await, number(&lake, plain).await);
    assert_eq!(astray, plain);
    assert!(astray > 0);
    assert_eq!(number(&lake, &format!("SELECT count_astray(k, known) FROM ({both}) WHERE k < 0")).await, 0, "no rows at all");
    // More different values than it may hold are no wrong count, but none.
    let many = "SELECT a.id * 200000 + b.id AS k, FALSE AS known FROM deed AS a CROSS JOIN deed AS b WHERE a.id < 19";
    let asked = format!("SELECT CASE WHEN count_astray(k, known) IS NULL THEN -1 ELSE 0 END FROM ({many})");
    assert_eq!(number(&lake, &asked).await, -1);
    for wrong in ["count_astray(known)", "count_astray(k, k)"] {
        assert!(select(&lake, &format!("SELECT {wrong} FROM ({both})")).await.is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_compare_rows_find_the_same_asked_whole_and_in_parts() {
    let (_root, lake) = lake().await;
    let reference = Reference { items: vec!["owner".into()], resource: "owner".into(), to: vec!["id".into()] };
    let ways = [Way::Unique(vec!["number".into()]), Way::Unique(vec!["number".into(), "page".into()]), Way::Reference(reference), even()];
    let measures: Vec<Measure> = ways.into_iter().enumerate().map(|(rule, way)| Measure { rule, way }).collect();
    let mut told = Vec::new();
    for (rows, parts) in [(1_000, None), (12_000_000, Some(12))] {
        let mut failed = vec![0; measures.len()];
        for statement in measure::statements("deed", rows, &measures, &scene()) {
            let split = statement.split.as_ref().zip(parts).map(|(split, parts)| split.parts(parts).collect());
            for sql in split.unwrap_or_else(|| vec![statement.sql.clone()]) {
                let answer = &select(&lake, &sql).await.unwrap()[0];
                for (column, what) in answer.columns().iter().zip(&statement.columns) {
                    if let Told::Failed(n) = what {
                        failed[*n] += column.as_primitive::<Int64Type>().value(0);
                    }
                }
            }
        }
        let mut listed = Vec::new();
        for one in &measures {
            let mut found: Vec<i64> = Vec::new();
            for sql in measure::rows("deed", one, &["id".to_owned()], Some([0; 16]), &scene(), &|_| rows) {
                for batch in select(&lake, &sql).await.unwrap() {
                    found.extend(batch.column(1).as_primitive::<Int64Type>().values());
                }
            }
            found.sort_unstable();
            listed.push(found);
        }
        let counts: Vec<i64> = listed.iter().map(|ids| ids.len() as i64).collect();
        // The page begins after the first row of all.
        assert!(failed.iter().zip(&counts).all(|(failed, listed)| failed - listed <= 1 && *failed > 0), "{failed:?} {counts:?}");
        told.push((failed, listed));
    }
    assert!(told[0] == told[1], "{:?} {:?}", told[0].0, told[1].0);
}

fn even() -> Way {
    let columns: Columns = [("id".to_owned(), data::rule::Type::Number)].into();
    Way::Row { expression: data::rule::parse("id % 2 = 0", &columns).unwrap(), when_null: WhenNull::Fail }
}
