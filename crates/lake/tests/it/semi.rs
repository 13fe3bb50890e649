//! `IN` and `EXISTS` over joins go down to the side they ask of, and answer what they did above.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::DataType;
use lake::{Commit, Lake, Layer, TableName};

use crate::support::{number, select};

const ROWS: i64 = 5_000;

async fn lake() -> (tempfile::TempDir, Lake) {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    let mixed = |id: i64, most: i64| id.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64).rotate_left(17).rem_euclid(most);
    let some = |seed: i64, most: i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter((0..ROWS).map(|id| (id % 17 != seed % 17).then(|| mixed(id + seed * 1_000_003, most)))))
    };
    let ids = || -> ArrayRef { Arc::new(Int64Array::from_iter_values(0..ROWS)) };
    let tables = [
        ("cases", vec![("id", ids()), ("person", some(1, 700)), ("office", some(2, 40))]),
        ("person", vec![("id", Arc::new(Int64Array::from_iter_values((0..ROWS).map(|id| id % 700))) as ArrayRef), ("district", some(3, 12))]),
        ("wanted", vec![("person", some(4, 900)), ("office", some(5, 60)), ("district", some(6, 20))]),
    ];
    for (name, columns) in tables {
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap();
        lake.append(&TableName::new(Layer::Standard, name), vec![batch], Commit { seq: 1, ..Commit::default() }).await.unwrap();
    }
    (root, lake)
}

const JOIN: &str = "FROM cases AS c JOIN person AS p ON p.id = c.person";

#[tokio::test(flavor = "multi_thread")]
async fn semi_joins_answer_the_same_wherever_they_stand() {
    let (_root, lake) = lake().await;
    let all = number(&lake, &format!("SELECT count(*) {JOIN}")).await;
    for (column, key) in [("c.office", "office"), ("p.district", "district"), ("c.person", "person")] {
        let few = format!("(SELECT DISTINCT {key} AS k FROM wanted WHERE {key} % 3 = 0)");
        let joined = number(&lake, &format!("SELECT count(*) {JOIN} JOIN {few} AS w ON w.k = {column}")).await;
        assert!(joined > 0 && joined < all, "{column}: {joined} of {all}");
        let of = async |condition: String| number(&lake, &format!("SELECT count(*) {JOIN} WHERE {condition}")).await;
        assert_eq!(of(format!("{column} IN (SELECT {key} FROM wanted WHERE {key} % 3 = 0)")).await, joined, "{column} IN");
        assert_eq!(of(format!("EXISTS (SELECT 1 FROM wanted AS w WHERE w.{key} % 3 = 0 AND w.{key} = {column})")).await, joined, "{column} EXISTS");
        assert_eq!(of(format!("NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.{key} % 3 = 0 AND w.{key} = {column})")).await, all - joined, "{column} NOT EXISTS");
        assert_eq!(of(format!("{column} NOT IN (SELECT {key} FROM wanted)")).await, 0, "{column}: some are null, so nothing is known not to be among them");
    }
    // What looks at both sides stays above them.
    let both = number(&lake, &format!("SELECT count(*) {JOIN} WHERE EXISTS (SELECT 1 FROM wanted AS w WHERE w.office = c.office AND w.district = p.district)")).await;
    let apart = number(&lake, &format!("SELECT count(*) {JOIN} JOIN (SELECT DISTINCT office, district FROM wanted) AS w ON w.office = c.office AND w.district = p.district")).await;
    assert_eq!(both, apart);
    assert!(both > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_semi_join_stands_below_the_joins_it_does_not_ask_of() {
    let (_root, lake) = lake().await;
    let sql = format!("EXPLAIN SELECT p.district, count(*) {JOIN} JOIN person AS q ON q.id = p.id WHERE c.office IN (SELECT office FROM wanted GROUP BY office HAVING count(*) > 70) GROUP BY p.district");
    let plan = select(&lake, &sql).await.unwrap();
    let told = arrow_cast::cast(plan[0].column(1), &DataType::Utf8).unwrap();
    let text = told.as_string::<i32>().value(0).to_owned();
    let depth = |word: &str| text.lines().find(|line| line.contains(word)).map(|line| line.len() - line.trim_start().len());
    let (inner, semi) = (depth("Inner Join"), depth("LeftSemi Join"));
    assert!(semi > inner && inner.is_some(), "{text}");
    let last_inner = text.lines().filter(|line| line.contains("Inner Join")).map(|line| line.len() - line.trim_start().len()).max();
    assert!(semi > last_inner, "{text}");
}
