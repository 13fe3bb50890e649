//! Whatever is built and applied: a copy has the rows it was given, and who follows its feed has them too.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use proptest::prelude::*;
use serving::{Applied, Builder, Condition, Copy, Mark, Op, Operator, Question, ROW, Removal, ServingError, Shape, Value, apply};

/// Key of two parts, a number that may be missing, and a hash made of the key alone.
type Content = (u8, String, Option<i64>);

#[derive(Clone, Debug)]
enum Step {
    Build(Vec<Content>),
    Apply { keys: Vec<(u8, String)>, hashes: Vec<(u8, String)>, rows: Vec<Content> },
}

fn hash(key: &(u8, String)) -> [u8; 16] {
    let mut hash = [0; 16];
    hash[0] = key.0;
    hash.iter_mut().skip(1).zip(key.1.bytes()).for_each(|(to, from)| *to = from);
    hash
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("A", DataType::Utf8, true),
        Field::new("number", DataType::Int64, true),
        Field::new("_hash", DataType::FixedSizeBinary(16), true),
    ]))
}

fn batch(rows: &[Content]) -> RecordBatch {
    let hashes: Vec<_> = rows.iter().map(|row| Some(hash(&(row.0, row.1.clone())))).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| i64::from(row.0)))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.1))),
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.2))),
        Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(hashes.into_iter(), 16).unwrap()),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn values(row: &Content) -> Vec<Value> {
    vec![Value::Integer(row.0.into()), Value::Text(row.1.clone()), row.2.map_or(Value::Null, Value::Integer)]
}

fn names() -> Vec<String> {
    ["a", "A", "number"].map(str::to_owned).to_vec()
}

fn build(path: &Path, keyed: bool, rows: &[Content]) {
    let key: &[&str] = if keyed { &["a", "A"] } else { &[] };
    let mut builder = Builder::begin(path, Shape::of(&schema(), key, &[&["number"], &["_hash"]]).unwrap()).unwrap();
    rows.chunks(3).for_each(|rows| builder.add(&batch(rows)).unwrap());
    builder.finish(&Mark { rows: rows.len() as u64, ..Mark::default() }).unwrap();
}

fn question(condition: Option<&Condition>) -> Question {
    Question { columns: names(), condition: condition.cloned(), ..Question::default() }
}

/// What somebody has who took the rows once and follows the feed since.
struct Follower {
    condition: Option<Condition>,
    since: u64,
    rows: BTreeMap<String, Vec<Value>>,
}

impl Follower {
    fn new(copy: &Copy, condition: Option<Condition>) -> Follower {
        let (mut since, mut rows) = (0, BTreeMap::new());
        let mut asked = question(condition.as_ref());
        if !copy.shape().is_keyed() {
            asked.columns.push(ROW.to_owned());
        }
        let keyed = copy.shape().is_keyed();
        let mut take = |row: &[Value]| {
            let key = if keyed { &row[..2] } else { &row[3..] };
            assert!(rows.insert(format!("{key:?}"), row[..3].to_vec()).is_none(), "a key is told twice");
            ControlFlow::Continue(())
        };
        copy.each_from(&asked, &mut |number| since = number, &mut take).unwrap();
        Follower { condition, since, rows }
    }

    fn follow(&mut self, copy: &Copy, limit: u64) {
        loop {
            let told = copy.changes(self.since, limit, &names(), self.condition.as_ref()).unwrap();
            for change in told.changes {
                assert!(change.seq > self.since);
                assert_eq!(change.op == Op::Removed, change.row.is_none());
                match change.row {
                    Some(row) => self.rows.insert(format!("{:?}", change.key), row),
                    None => self.rows.remove(&format!("{:?}", change.key)),
                };
            }
            self.since = told.next;
            if !told.more {
                return assert_eq!(self.since, copy.last().unwrap());
            }
        }
    }

    fn sorted(&self) -> Vec<String> {
        let mut rows: Vec<String> = self.rows.values().map(|row| format!("{row:?}")).collect();
        rows.sort();
        rows
    }
}

fn snapshot(copy: &Copy, condition: Option<&Condition>) -> Vec<String> {
    let page = copy.rows(&Question { count: true, ..question(condition) }).unwrap();
    assert_eq!(page.total, Some(page.rows.len() as u64));
    let mut rows: Vec<String> = page.rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

/// The rows as they should be, and how many differences the last step made.
fn model(keyed: bool, rows: &mut Vec<Content>, step: &Step) -> Applied {
    let before = rows.clone();
    let key = |row: &Content| (row.0, row.1.clone());
    match step {
        Step::Build(new) => rows.clone_from(new),
        Step::Apply { keys, hashes, rows: new } => {
            rows.retain(|row| !(keyed && keys.contains(&key(row)) || hashes.contains(&key(row))));
            for row in new {
                rows.retain(|before| !keyed || key(before) != key(row));
                rows.push(row.clone());
            }
        }
    }
    let counted = |rows: &[Content]| {
        rows.iter().fold(BTreeMap::<Content, u64>::new(), |mut counts, row| {
            *counts.entry(row.clone()).or_default() += 1;
            counts
        })
    };
    let (old, new) = (counted(&before), counted(rows));
    let more = |a: &BTreeMap<Content, u64>, b: &BTreeMap<Content, u64>| -> u64 {
        a.iter().map(|(row, count)| count.saturating_sub(b.get(row).copied().unwrap_or(0))).sum()
    };
    let (mut added, mut removed) = (more(&new, &old), more(&old, &new));
    let changed = if keyed { new.keys().filter(|row| !old.contains_key(row) && before.iter().any(|other| key(other) == key(row))).count() as u64 } else { 0 };
    added -= changed;
    removed -= changed;
    Applied { added, changed, removed }
}

fn contents() -> impl Strategy<Value = Vec<Content>> {
    // Of few, so that without a key there are several of one.
    let few = (0_u8..1, "[xé]", prop::option::of(1_i64..2));
    prop_oneof![prop::collection::vec((0_u8..3, "[xyé]{1,2}", prop::option::of(0_i64..3)), 0..12), prop::collection::vec(few, 0..12)]
}

fn unique(rows: Vec<Content>) -> Vec<Content> {
    let by_key: BTreeMap<_, _> = rows.into_iter().map(|row| ((row.0, row.1.clone()), row)).collect();
    by_key.into_values().collect()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys = || prop::collection::vec((0_u8..3, "[xyé]{1,2}"), 0..4);
    let apply = (keys(), keys(), contents()).prop_map(|(keys, hashes, rows)| Step::Apply { keys, hashes, rows });
    prop::collection::vec(prop_oneof![1 => contents().prop_map(Step::Build), 2 => apply], 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn who_follows_has_the_rows(keyed in any::<bool>(), first in contents(), steps in steps(), lazy in any::<u8>(), limit in 1_u64..5) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("standard.things.sqlite");
        let fit = |rows: Vec<Content>| if keyed { unique(rows) } else { rows };
        let mut rows = fit(first);
        build(&path, keyed, &rows);
        let mut copy = Copy::open(&path).unwrap();
        let epoch = copy.epoch();
        let condition = Condition::Compare("number".to_owned(), Operator::GreaterEqual, Value::Integer(1));
        let mut followers: Vec<Follower> = Vec::new();
        for (step, place) in steps.into_iter().zip(0_u32..) {
            let step = match step {
                Step::Build(rows) => Step::Build(fit(rows)),
                Step::Apply { keys, hashes, rows } => Step::Apply { keys, hashes, rows: fit(rows) },
            };
            followers.push(Follower::new(&copy, None));
            followers.push(Follower::new(&copy, Some(condition.clone())));
            let (last, expected) = (copy.last().unwrap(), model(keyed, &mut rows, &step));
            match &step {
                Step::Build(rows) => {
                    build(&path, keyed, rows);
                    prop_assert!(copy.is_stale());
                    copy = Copy::open(&path).unwrap();
                }
                Step::Apply { keys, hashes, rows: new } => {
                    let key = |key: &(u8, String)| Removal::Key(vec![Value::Text(key.0.to_string()), Value::Text(key.1.clone())]);
                    let hash = |key: &(u8, String)| Removal::Hash { column: "_hash".to_owned(), hash: hash(key) };
                    let removed: Vec<_> = keys.iter().filter(|_| keyed).map(key).chain(hashes.iter().map(hash)).collect();
                    let batches: Vec<_> = new.chunks(5).map(batch).collect();
                    let applied = apply(&path, &removed, &batches, &Mark { rows: rows.len() as u64, ..Mark::default() }).unwrap();
                    prop_assert_eq!(applied, expected);
                }
            }
            // Each real difference is told, and nothing else.
            prop_assert_eq!(copy.last().unwrap() - last, expected.added + expected.changed + expected.removed);
            prop_assert_eq!(copy.epoch(), epoch);
            prop_assert_eq!(copy.held().unwrap(), rows.len() as u64);
            prop_assert_eq!(copy.mark().unwrap().rows, rows.len() as u64);
            let mut expected: Vec<String> = rows.iter().map(|row| format!("{:?}", values(row))).collect();
            expected.sort();
            prop_assert_eq!(&snapshot(&copy, None), &expected);
            // Some followers look seldom.
            for (follower, number) in followers.iter_mut().zip(0_u32..) {
                if lazy >> ((number + place) % 8) & 1 == 1 {
                    follower.follow(&copy, limit);
                    prop_assert_eq!(follower.sorted(), snapshot(&copy, follower.condition.as_ref()));
                }
            }
        }
        for follower in &mut followers {
            follower.follow(&copy, limit);
            prop_assert_eq!(follower.sorted(), snapshot(&copy, follower.condition.as_ref()));
        }
    }
}

#[test]
fn a_feed_ends_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.things.sqlite");
    let many: Vec<Content> = (0..60_000).map(|number| (1, number.to_string(), None)).collect();
    build(&path, true, &[]);
    let copy = Copy::open(&path).unwrap();
    apply(&path, &[], &[batch(&many)], &Mark::default()).unwrap();
    assert_eq!(copy.changes(0, 10, &[], None).unwrap().changes.len(), 10);
    let other: Vec<Content> = (0..60_000).map(|number| (2, number.to_string(), None)).collect();
    let keys: Vec<_> = many.iter().map(|row| Removal::Key(vec![Value::Integer(1), Value::Text(row.1.clone())])).collect();
    apply(&path, &keys, &[batch(&other)], &Mark::default()).unwrap();
    // 180,000 changes so far; twice the rows are 120,000.
    assert!(matches!(copy.changes(59_999, 10, &[], None), Err(ServingError::Gone { since: 59_999, oldest: 60_000, last: 180_000 })));
    assert!(matches!(copy.changes(180_001, 10, &[], None), Err(ServingError::Gone { .. })));
    let told = copy.changes(60_000, 1_000_000, &[], None).unwrap();
    assert_eq!((told.changes.len(), told.next, told.more), (120_000, 180_000, false));
    // A build carries it on, and another shape ends it.
    build(&path, true, &other);
    let newer = Copy::open(&path).unwrap();
    assert_eq!((newer.epoch(), newer.last().unwrap()), (copy.epoch(), 180_000));
    assert!(matches!(newer.changes(59_999, 10, &[], None), Err(ServingError::Gone { .. })));
    build(&path, false, &other);
    let other = Copy::open(&path).unwrap();
    assert_ne!(other.epoch(), copy.epoch());
    assert_eq!(other.last().unwrap(), 0);
}
