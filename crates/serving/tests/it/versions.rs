//! Whatever is published: each version has the rows it was given, for good, and deltas lead from any version to any other.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use proptest::prelude::*;
use serving::{Condition, Op, Operator, Published, Publishing, Question, ServingError, Shape, Value, Version, Versions};

type Content = (u8, Option<u8>);

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![Field::new("key", DataType::Utf8, true), Field::new("number", DataType::Int64, true)]))
}

fn shape(keyed: bool) -> Shape {
    let key: &[&str] = if keyed { &["key"] } else { &[] };
    Shape::of(&schema(), key, &[&["number"]]).unwrap()
}

fn batch(rows: &[Content]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| format!("k{}", row.0)))),
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.1.map(i64::from)))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn publish(path: &Path, keyed: bool, rows: &[Content]) -> Result<Published, ServingError> {
    let mut publishing = Publishing::begin(path, shape(keyed))?;
    rows.chunks(4).try_for_each(|rows| publishing.add(&batch(rows)))?;
    publishing.finish(&format!("{} rows", rows.len()))
}

fn told(rows: &[Content]) -> Vec<String> {
    let mut told: Vec<String> = rows.iter().map(|row| format!("k{} {:?}", row.0, row.1)).collect();
    told.sort();
    told
}

fn text(row: &[Value]) -> String {
    let number = match &row[1] {
        Value::Null => None,
        value => Some(value.text().parse::<u8>().unwrap()),
    };
    format!("{} {number:?}", row[0].text())
}

fn texts(rows: &[Vec<Value>]) -> Vec<String> {
    let mut told: Vec<String> = rows.iter().map(|row| text(row)).collect();
    told.sort();
    told
}

fn all(versions: &Versions, at: Option<u64>) -> Vec<String> {
    let page = versions.rows(at, &Question { count: true, ..Question::default() }).unwrap();
    assert_eq!(page.total, Some(page.rows.len() as u64));
    texts(&page.rows)
}

/// The rows of a version by their numbers, as deltas from nothing tell them.
fn numbered(versions: &Versions, at: u64) -> BTreeMap<u64, String> {
    let mut rows = BTreeMap::new();
    follow(versions, 0, at, &mut rows);
    rows
}

fn follow(versions: &Versions, from: u64, to: u64, rows: &mut BTreeMap<u64, String>) -> usize {
    let mut count = 0;
    let mut receive = |delta: serving::Delta| {
        count += 1;
        let row = text(&delta.row);
        match delta.op {
            Op::Added => assert_eq!(rows.insert(delta.number, row), None, "a row that is there is added"),
            Op::Changed => assert!(rows.insert(delta.number, row.clone()).is_some_and(|before| before != row), "nothing changed"),
            Op::Removed => assert_eq!(rows.remove(&delta.number), Some(row), "another row was removed"),
        }
        ControlFlow::Continue(())
    };
    versions.delta(from, to, &[], &mut receive).unwrap();
    count
}

fn tables() -> impl Strategy<Value = (bool, Vec<Vec<Content>>)> {
    let keyed = prop::collection::btree_map(0..12u8, prop::option::of(0..4u8), 0..12).prop_map(|rows| rows.into_iter().collect::<Vec<_>>());
    let counted = prop::collection::vec((0..3u8, prop::option::of(0..2u8)), 0..12);
    prop_oneof![
        prop::collection::vec(keyed.prop_shuffle(), 1..6).prop_map(|tables| (true, tables)),
        prop::collection::vec(counted, 1..6).prop_map(|tables| (false, tables)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn versions_stay_and_deltas_lead_from_one_to_another((keyed, tables) in tables()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("open.sqlite");
        let mut known: Vec<Vec<String>> = Vec::new();
        for rows in &tables {
            let same = known.last() == Some(&told(rows));
            match publish(&path, keyed, rows).unwrap() {
                Published::Unchanged(version) => prop_assert!(same && version.number == known.len() as u64),
                Published::Made(version) => {
                    prop_assert!(!same);
                    known.push(told(rows));
                    prop_assert_eq!((version.number, version.rows), (known.len() as u64, rows.len() as u64));
                    prop_assert_eq!(version.note, format!("{} rows", rows.len()));
                }
            }
        }
        let versions = Versions::open(&path).unwrap();
        let listed = versions.versions(None, 100).unwrap();
        prop_assert_eq!(listed.len(), known.len());
        let mut states = vec![BTreeMap::new()];
        for (rows, number) in known.iter().zip(1..) {
            prop_assert_eq!(&all(&versions, Some(number)), rows);
            let one = Condition::Compare("number".to_owned(), Operator::Equal, Value::Integer(1));
            let asked = Question { condition: Some(one), order: vec![("key".to_owned(), true)], count: true, ..Question::default() };
            let page = versions.rows(Some(number), &asked).unwrap();
            let wanted: Vec<String> = rows.iter().filter(|row| row.ends_with("Some(1)")).cloned().collect();
            prop_assert_eq!(page.total, Some(wanted.len() as u64));
            prop_assert_eq!(texts(&page.rows), wanted);
            let state = numbered(&versions, number);
            let mut values: Vec<String> = state.values().cloned().collect();
            values.sort();
            prop_assert_eq!(&values, rows);
            states.push(state);
        }
        for (from, before) in states.iter().enumerate() {
            for (to, after) in states.iter().enumerate() {
                let mut rows = before.clone();
                let count = follow(&versions, from as u64, to as u64, &mut rows);
                prop_assert_eq!(&rows, after);
                if to == from + 1 {
                    let Version { added, changed, removed, .. } = versions.version(to as u64).unwrap();
                    prop_assert_eq!(added + changed + removed, count as u64);
                }
            }
        }
        // Pages of the newest, each row once.
        let mut paged = Vec::new();
        for offset in 0.. {
            let page = versions.rows(None, &Question { limit: Some(2), offset: offset * 2, count: true, ..Question::default() }).unwrap();
            if page.rows.is_empty() {
                break;
            }
            paged.extend(page.rows);
        }
        prop_assert_eq!(&texts(&paged), known.last().unwrap());
    }
}

#[test]
fn a_key_that_comes_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.sqlite");
    assert!(matches!(publish(&path, true, &[(1, None), (1, Some(2))]), Err(ServingError::Twice(_))));
    assert!(matches!(Versions::open(&path), Err(ServingError::Missing(_))));
    publish(&path, true, &[(1, None), (2, Some(2))]).unwrap();
    assert!(matches!(publish(&path, true, &[(1, Some(1)), (3, None), (1, Some(2))]), Err(ServingError::Twice(_))));
    let versions = Versions::open(&path).unwrap();
    assert_eq!(all(&versions, None), told(&[(1, None), (2, Some(2))]));
    assert_eq!(versions.newest().unwrap().number, 1);
}

#[test]
fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.sqlite");
    publish(&path, true, &[(1, None)]).unwrap();
    let versions = Versions::open(&path).unwrap();
    assert!(matches!(versions.rows(Some(2), &Question::default()), Err(ServingError::Gone { since: 2, oldest: 1, last: 1 })));
    assert!(matches!(versions.delta(1, 7, &[], &mut |_| ControlFlow::Continue(())), Err(ServingError::Gone { since: 7, .. })));
    assert!(matches!(Publishing::begin(&path, shape(false)), Err(ServingError::Shape(_))));
    let past = versions.rows(None, &Question { offset: 5, limit: Some(3), count: true, ..Question::default() }).unwrap();
    assert_eq!((past.rows.len(), past.total), (0, Some(1)));
}

#[test]
fn readers_see_whole_versions_and_who_breaks_off_leaves_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.sqlite");
    publish(&path, true, &[(1, None), (2, None)]).unwrap();
    let versions = Versions::open(&path).unwrap();
    let mut publishing = Publishing::begin(&path, shape(true)).unwrap();
    publishing.add(&batch(&[(1, Some(9)), (3, None)])).unwrap();
    assert!(matches!(Publishing::begin(&path, shape(true)), Err(ServingError::Busy(_))));
    assert_eq!(all(&versions, None), told(&[(1, None), (2, None)]));
    drop(publishing);
    assert_eq!(all(&versions, None), told(&[(1, None), (2, None)]));
    publish(&path, true, &[(3, None)]).unwrap();
    assert_eq!(all(&versions, None), told(&[(3, None)]));
    assert_eq!(all(&versions, Some(1)), told(&[(1, None), (2, None)]));
}
