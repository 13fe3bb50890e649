//! Plans reckon what a plain loop over the rows reckons, refuse what makes no sense, and find places quickly; pages of a delta
//! lead where the delta leads.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use serving::{Aggregate, Expr, Function, Kind, Op, Operator, Plan, Publishing, ServingError, Shape, Value, Versions};

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, true),
        Field::new("price", DataType::Decimal128(10, 2), true),
        Field::new("day", DataType::Date32, true),
        Field::new("x", DataType::Float64, true),
        Field::new("y", DataType::Float64, true),
    ]))
}

fn batch(ids: std::ops::Range<i64>) -> RecordBatch {
    let names = ["a", "b", "c%"];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(ids.clone())),
        Arc::new(StringArray::from_iter(ids.clone().map(|id| (id % 7 != 0).then(|| names[id as usize % 3])))),
        Arc::new(Decimal128Array::from_iter_values(ids.clone().map(|id| i128::from(id * 25))).with_precision_and_scale(10, 2).unwrap()),
        Arc::new(Date32Array::from_iter_values(ids.clone().map(|id| 20_000 + (id % 90) as i32))),
        Arc::new(Float64Array::from_iter_values(ids.clone().map(|id| (id * 7919 % 100_003) as f64 / 100_003.0 - 0.5))),
        Arc::new(Float64Array::from_iter_values(ids.map(|id| (id * 104_729 % 100_019) as f64 / 100_019.0 - 0.5))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn publish(path: &Path, batches: impl Iterator<Item = RecordBatch>) -> Versions {
    let shape = Shape::of(&schema(), &["id"], &[&["x", "y"]]).unwrap();
    let mut publishing = Publishing::begin(path, shape).unwrap();
    batches.for_each(|batch| publishing.add(&batch).unwrap());
    publishing.finish("").unwrap();
    Versions::open(path).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn compare(column: &str, operator: Operator, value: Value) -> Expr {
    Expr::Compare(operator, Box::new(Expr::column(column)), Box::new(Expr::Value(value)))
}

fn one(versions: &Versions, expr: Expr) -> Result<Value, ServingError> {
    let plan = Plan { select: vec![expr], filter: Some(compare("id", Operator::Equal, Value::Integer(5))), limit: 1, ..Plan::default() };
    Ok(versions.told(None, &plan)?.rows[0][0].clone())
}

#[test]
fn groups_are_reckoned_as_a_loop_reckons_them() {
    let folder = tempfile::tempdir().unwrap();
    let versions = publish(&folder.path().join("v"), std::iter::once(batch(0..100)));
    let plan = Plan {
        select: vec![Expr::column("name"), Expr::count(), Expr::aggregate(Aggregate::Sum, Expr::column("price")), Expr::aggregate(Aggregate::Greatest, Expr::column("day"))],
        filter: Some(compare("day", Operator::Less, text("2024-12-03"))),
        group: vec![Expr::column("name")],
        having: Some(Expr::Compare(Operator::Greater, Box::new(Expr::count()), Box::new(Expr::Value(Value::Integer(1))))),
        order: vec![(Expr::column("name"), true)],
        limit: 10,
        offset: 0,
    };
    let told = versions.told(None, &plan).unwrap();
    let mut expected: BTreeMap<Option<&str>, (i64, i64)> = BTreeMap::new();
    for id in (0..100).filter(|id| id % 90 < 60) {
        let name = (id % 7 != 0).then(|| ["a", "b", "c%"][id as usize % 3]);
        let entry = expected.entry(name).or_default();
        *entry = (entry.0 + 1, entry.1 + id * 25);
    }
    assert_eq!(told.kinds, [Kind::Text, Kind::Integer, Kind::Decimal { scale: 2 }, Kind::Date]);
    assert_eq!(told.rows.len(), expected.len());
    assert!(told.rows[0][0].is_null(), "nothing is greater than anything");
    for row in &told.rows {
        let name = row[0].text();
        let (count, sum) = expected[&(!row[0].is_null()).then_some(name.as_str())];
        assert_eq!((&row[1], &row[2]), (&Value::Integer(count), &Value::Decimal { units: sum, scale: 2 }), "{name}");
        assert_eq!(row[3].text().len(), 10);
    }
}

#[test]
fn functions_tell_what_they_say_and_refuse_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let versions = publish(&folder.path().join("v"), std::iter::once(batch(0..10)));
    let call = |function, of: Vec<Expr>| Expr::call(function, of);
    let number = |n: i64| Expr::Value(Value::Integer(n));
    for (expr, expected) in [
        (call(Function::Year, vec![Expr::column("day")]), Value::Integer(2024)),
        (call(Function::StartOfMonth, vec![Expr::column("day")]), text("2024-10-01")),
        (call(Function::Add, vec![Expr::column("price"), number(1)]), Value::Number(2.25)),
        (call(Function::Divide, vec![number(1), number(0)]), Value::Null),
        (call(Function::Divide, vec![number(1), number(4)]), Value::Number(0.25)),
        (call(Function::Floor, vec![call(Function::Negate, vec![Expr::column("price")])]), Value::Integer(-2)),
        (call(Function::Floor, vec![Expr::number(3.0)]), Value::Integer(3)),
        (call(Function::Upper, vec![Expr::column("name")]), text("C%")),
        (call(Function::Join, vec![Expr::column("name"), Expr::Value(text("!"))]), text("c%!")),
        (Expr::Like(Box::new(call(Function::Lower, vec![Expr::column("name")])), "c\\%".into()), Value::Boolean(true)),
        (call(Function::Contains, vec![Expr::column("name"), Expr::Value(text("%"))]), Value::Boolean(true)),
        (Expr::Compare(Operator::Less, Box::new(Expr::Value(text("2024-10-05"))), Box::new(Expr::column("day"))), Value::Boolean(true)),
        (Expr::Number, Value::Integer(6)),
    ] {
        assert_eq!(one(&versions, expr.clone()).unwrap(), expected, "{expr:?}");
    }
    let deep = (0..200).fold(Expr::column("id"), |expr, _| call(Function::Negate, vec![expr]));
    for wrong in [
        Expr::column("none"),
        call(Function::Upper, vec![Expr::column("price")]),
        call(Function::Add, vec![Expr::column("name"), number(1)]),
        call(Function::Year, vec![Expr::column("x")]),
        call(Function::Year, vec![]),
        compare("day", Operator::Equal, text("yesterday")),
        Expr::And(vec![Expr::column("name")]),
        Expr::aggregate(Aggregate::Sum, Expr::count()),
        deep,
    ] {
        assert!(one(&versions, wrong.clone()).is_err(), "{wrong:?}");
    }
    let bare = Plan { select: vec![Expr::column("name"), Expr::count()], limit: 5, ..Plan::default() };
    assert!(matches!(versions.told(None, &bare), Err(ServingError::Grouped(name)) if name == "name"));
    let huge = Expr::aggregate(Aggregate::Sum, call(Function::Add, vec![Expr::column("id"), number(i64::MAX - 20)]));
    let huge = Plan { select: vec![huge], limit: 1, ..Plan::default() };
    assert!(matches!(versions.told(None, &huge), Err(ServingError::Limit(_))), "a sum that does not fit is refused");
}

#[test]
fn pages_of_a_delta_lead_from_one_version_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    publish(&path, std::iter::once(batch(0..50)));
    publish(&path, [batch(10..40), batch(60..80)].into_iter());
    let versions = publish(&path, [batch(0..15), batch(70..90)].into_iter());
    let mut rows: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for to in 1..=3 {
        let mut after = None;
        loop {
            let page = versions.delta_page(to - 1, to, after, 7).unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.op != Op::Removed, last.number));
            for delta in page {
                match delta.op {
                    Op::Removed => assert!(rows.remove(&delta.number).is_some()),
                    Op::Added => assert!(rows.insert(delta.number, delta.row).is_none()),
                    Op::Changed => assert!(rows.insert(delta.number, delta.row).is_some()),
                }
            }
        }
        let plan = Plan { select: vec![Expr::Number, Expr::column("id")], limit: 1000, ..Plan::default() };
        let there: BTreeMap<String, String> = versions.told(Some(to), &plan).unwrap().rows.into_iter().map(|row| (row[0].text(), row[1].text())).collect();
        let replayed: BTreeMap<String, String> = rows.iter().map(|(number, row)| (number.to_string(), row[0].text())).collect();
        assert_eq!(there, replayed, "version {to}");
    }
}

/// Run with `--ignored --nocapture` for the figures.
#[test]
#[ignore = "measures a million points"]
fn a_box_in_a_million_points() {
    let folder = tempfile::tempdir().unwrap();
    let versions = publish(&folder.path().join("v"), (0..100).map(|n| batch(n * 10_000..(n + 1) * 10_000)));
    for side in [0.001, 0.01, 0.05, 0.2] {
        let inside = |name: &str| Expr::column(name).between(Value::Number(0.1), Value::Number(0.1 + side), true);
        let filter = Some(Expr::And(vec![inside("x"), inside("y")]));
        let plan = Plan { select: vec![Expr::Number, Expr::column("name")], filter, limit: 10, ..Plan::default() };
        let begun = Instant::now();
        let (told, total) = versions.told_of(None, &plan).unwrap();
        println!("box of {side}: {total} points, {} told, {:?}", told.rows.len(), begun.elapsed());
    }
    let begun = Instant::now();
    let cell = |name: &str| Expr::call(Function::Floor, vec![Expr::call(Function::Multiply, vec![Expr::column(name), Expr::number(40.0)])]);
    let plan = Plan { select: vec![cell("x"), cell("y"), Expr::count()], group: vec![cell("x"), cell("y")], limit: 10_000, ..Plan::default() };
    println!("all in {} cells: {:?}", versions.told(None, &plan).unwrap().rows.len(), begun.elapsed());
    let begun = Instant::now();
    let by_number = Plan { select: vec![Expr::column("id")], filter: Some(Expr::Compare(Operator::Equal, Box::new(Expr::Number), Box::new(Expr::Value(Value::Integer(777_777))))), limit: 1, ..Plan::default() };
    println!("one by its number: {:?} {:?}", versions.told(None, &by_number).unwrap().rows, begun.elapsed());
}
