//! Conditions say what SQL's three values say, for every kind: judged by an evaluator that knows no SQL.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use proptest::prelude::*;
use serving::{Builder, Condition, Copy, Kind, Mark, Operator, Question, ServingError, Shape, Value};

const DAY: i64 = 86_400_000_000;

/// A value of each kind, few enough that equal ones meet. Numbers count in halves: 3 is 1.5.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Text(String),
    Number(i64),
    Boolean(bool),
}

type Row = [Option<Known>; 8];

const COLUMNS: [&str; 8] = ["text", "whole", "float", "decimal", "boolean", "date", "moment", "hash"];

fn column(rows: &[Row], place: usize) -> ArrayRef {
    let numbers = || rows.iter().map(|row| match &row[place] { Some(Known::Number(number)) => Some(*number), _ => None });
    match COLUMNS[place] {
        "text" => Arc::new(rows.iter().map(|row| match &row[place] { Some(Known::Text(text)) => Some(text.clone()), _ => None }).collect::<StringArray>()),
        "whole" => Arc::new(numbers().map(|n| n.map(|n| n / 2)).collect::<Int64Array>()),
        "float" => Arc::new(numbers().map(|n| n.map(|n| n as f64 / 2.0)).collect::<Float64Array>()),
        "decimal" => Arc::new(numbers().map(|n| n.map(|n| i128::from(n) * 5)).collect::<Decimal128Array>().with_precision_and_scale(10, 1).unwrap()),
        "boolean" => Arc::new(rows.iter().map(|row| match &row[place] { Some(Known::Boolean(yes)) => Some(*yes), _ => None }).collect::<BooleanArray>()),
        "date" => Arc::new(numbers().map(|n| n.map(|n| (n / 2) as i32)).collect::<Date32Array>()),
        "moment" => Arc::new(numbers().map(|n| n.map(|n| n * DAY / 2)).collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
        _ => {
            let hash = numbers().map(|n| n.map(|n| (n / 2 + 8).unsigned_abs() as u8).map(|n| [n; 16]));
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(hash, 16).unwrap())
        }
    }
}

/// Whether a kind keeps halves; others keep even numbers alone.
fn has_halves(place: usize) -> bool {
    matches!(COLUMNS[place], "float" | "decimal" | "moment")
}

/// A value as somebody may write it for a column; `as_text` as an address of the web says it.
fn written(place: usize, value: &Option<Known>, as_text: bool) -> Value {
    let Some(value) = value else { return Value::Null };
    let told = match (COLUMNS[place], value) {
        (_, Known::Text(text)) => Value::Text(text.clone()),
        (_, Known::Boolean(yes)) => Value::Boolean(*yes),
        ("date", Known::Number(n)) => Value::Text(day(n / 2)),
        ("moment", Known::Number(n)) if n % 2 == 0 && as_text => Value::Text(day(n / 2)),
        ("moment", Known::Number(n)) => Value::Text(format!("{}T{:02}:00:00+08:00", day((n * 12 + 8).div_euclid(24)), (n * 12 + 8).rem_euclid(24))),
        ("hash", Known::Number(n)) => Value::Text(format!("{:02x}", n / 2 + 8).repeat(16)),
        ("decimal", Known::Number(n)) => Value::Decimal { units: n * 50, scale: 2 },
        (_, Known::Number(n)) if n % 2 == 0 => Value::Integer(n / 2),
        (_, Known::Number(n)) => Value::Number(*n as f64 / 2.0),
    };
    if as_text { Value::Text(told.text()) } else { told }
}

/// Days around the new year of 1970.
fn day(number: i64) -> String {
    if number < 0 { format!("1969-12-{:02}", 32 + number) } else { format!("1970-01-{:02}", number + 1) }
}

#[derive(Clone, Debug)]
enum Said {
    All(Vec<Said>),
    Any(Vec<Said>),
    Not(Box<Said>),
    Compare(usize, Operator, Option<Known>, bool),
    In(usize, Vec<Option<Known>>, bool),
    Like(String, bool),
    Null(usize),
    True,
    False,
}

impl Said {
    fn condition(&self) -> Condition {
        let name = |place: &usize| COLUMNS[*place].to_owned();
        match self {
            Said::All(parts) => Condition::All(parts.iter().map(Said::condition).collect()),
            Said::Any(parts) => Condition::Any(parts.iter().map(Said::condition).collect()),
            Said::Not(part) => Condition::Not(Box::new(part.condition())),
            Said::Compare(place, operator, value, as_text) => Condition::Compare(name(place), *operator, written(*place, value, *as_text)),
            Said::In(place, values, as_text) => Condition::In(name(place), values.iter().map(|value| written(*place, value, *as_text)).collect()),
            Said::Like(pattern, negated) => Condition::Like { column: "text".to_owned(), pattern: pattern.clone(), negated: *negated },
            Said::Null(place) => Condition::Null(name(place)),
            Said::True => Condition::True,
            Said::False => Condition::False,
        }
    }

    fn holds(&self, row: &Row) -> Option<bool> {
        let all = |parts: &[Said], decides: bool| {
            let told: Vec<_> = parts.iter().map(|part| part.holds(row)).collect();
            if told.contains(&Some(decides)) { Some(decides) } else if told.contains(&None) { None } else { Some(!decides) }
        };
        match self {
            Said::All(parts) => all(parts, false),
            Said::Any(parts) => all(parts, true),
            Said::Not(part) => part.holds(row).map(|yes| !yes),
            Said::Compare(place, operator, value, _) => {
                let order = order(row[*place].as_ref()?, value.as_ref()?);
                Some(match operator {
                    Operator::Equal => order.is_eq(),
                    Operator::Unequal => order.is_ne(),
                    Operator::Less => order.is_lt(),
                    Operator::LessEqual => order.is_le(),
                    Operator::Greater => order.is_gt(),
                    Operator::GreaterEqual => order.is_ge(),
                })
            }
            Said::In(_, values, _) if values.is_empty() => Some(false),
            Said::In(place, values, _) => {
                let known = row[*place].as_ref()?;
                if values.iter().flatten().any(|value| value == known) { Some(true) } else if values.contains(&None) { None } else { Some(false) }
            }
            Said::Like(pattern, negated) => match row[0].as_ref()? {
                Known::Text(text) => Some(like(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>()) != *negated),
                _ => None,
            },
            Said::Null(place) => Some(row[*place].is_none()),
            Said::True => Some(true),
            Said::False => Some(false),
        }
    }
}

fn order(a: &Known, b: &Known) -> Ordering {
    match (a, b) {
        (Known::Text(a), Known::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Known::Number(a), Known::Number(b)) => a.cmp(b),
        (Known::Boolean(a), Known::Boolean(b)) => a.cmp(b),
        _ => panic!("{a:?} and {b:?}"),
    }
}

fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|from| like(rest, &text[from..])),
        ['_', rest @ ..] => !text.is_empty() && like(rest, &text[1..]),
        ['\\', exact, rest @ ..] | [exact, rest @ ..] => text.first() == Some(exact) && like(rest, &text[1..]),
    }
}

fn known(place: usize, in_rows: bool) -> BoxedStrategy<Option<Known>> {
    let value = match COLUMNS[place] {
        "text" => "[aAb%_中\u{10ffff}]{0,4}".prop_map(Known::Text).boxed(),
        "boolean" => any::<bool>().prop_map(Known::Boolean).boxed(),
        // A whole number may be compared with a half.
        kind if has_halves(place) || kind == "whole" && !in_rows => (-8_i64..8).prop_map(Known::Number).boxed(),
        _ => (-4_i64..4).prop_map(|number| Known::Number(number * 2)).boxed(),
    };
    prop::option::weighted(0.85, value).boxed()
}

fn row() -> impl Strategy<Value = Row> {
    let known = |place| known(place, true);
    (known(0), known(1), known(2), known(3), known(4), known(5), known(6), known(7)).prop_map(|(a, b, c, d, e, f, g, h)| [a, b, c, d, e, f, g, h])
}

fn said() -> impl Strategy<Value = Said> {
    let operator = prop::sample::select(vec![
        Operator::Equal,
        Operator::Unequal,
        Operator::Less,
        Operator::LessEqual,
        Operator::Greater,
        Operator::GreaterEqual,
    ]);
    let compare = (0_usize..8, any::<bool>(), operator).prop_flat_map(|(place, as_text, operator)| known(place, false).prop_map(move |value| Said::Compare(place, operator, value, as_text)));
    let listed = (0_usize..8, any::<bool>()).prop_flat_map(|(place, as_text)| prop::collection::vec(known(place, false), 0..4).prop_map(move |values| Said::In(place, values, as_text)));
    let pattern = prop_oneof![Just("a%"), Just("%"), Just("\\%%"), Just("a_%"), Just("中%"), Just("\u{10ffff}%"), Just("aA"), Just("%b"), Just("\\__"), Just("")].prop_map(str::to_owned);
    let like = (prop_oneof![pattern, "[aAb%_中]{0,4}"], any::<bool>()).prop_map(|(pattern, negated)| Said::Like(pattern, negated));
    let leaf = prop_oneof![8 => compare, 3 => listed, 4 => like, 1 => (0_usize..8).prop_map(Said::Null), 1 => Just(Said::True), 1 => Just(Said::False)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Said::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Said::Any),
            inner.prop_map(|part| Said::Not(Box::new(part))),
        ]
    })
}

fn copied(rows: &[Row], indexes: &[&[&str]]) -> (tempfile::TempDir, Copy) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standard.all.sqlite");
    let number: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows.len() as i64));
    let columns = COLUMNS.iter().enumerate().map(|(place, name)| (*name, column(rows, place), true));
    let batch = RecordBatch::try_from_iter_with_nullable(std::iter::once(("row", number, true)).chain(columns)).unwrap();
    let mut builder = Builder::begin(&path, Shape::of(&batch.schema(), &["row"], indexes).unwrap()).unwrap();
    builder.add(&batch).unwrap();
    builder.finish(&Mark::default()).unwrap();
    (folder, Copy::open(&path).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_takes_the_rows_for_which_it_is_true(rows in prop::collection::vec(row(), 0..30), said in prop::collection::vec(said(), 1..16), indexed in any::<bool>()) {
        let indexes: &[&[&str]] = if indexed { &[&["text"], &["whole", "date"], &["moment"], &["decimal"], &["hash"]] } else { &[] };
        let (_folder, copy) = copied(&rows, indexes);
        for said in &said {
            let expected: Vec<Value> = rows.iter().zip(0..).filter(|(row, _)| said.holds(row) == Some(true)).map(|(_, number)| Value::Integer(number)).collect();
            let question = Question { columns: vec!["row".to_owned()], condition: Some(said.condition()), order: vec![("row".to_owned(), false)], count: true, ..Question::default() };
            let page = copy.rows(&question).unwrap();
            prop_assert_eq!(page.total, Some(expected.len() as u64));
            prop_assert_eq!(page.rows.into_iter().flatten().collect::<Vec<_>>(), expected, "{:?}", said);
        }
        // By each column, up and down: what is nothing is greatest.
        for (place, name) in COLUMNS.iter().enumerate() {
            let mut expected: Vec<usize> = (0..rows.len()).collect();
            expected.sort_by(|a, b| match (&rows[*a][place], &rows[*b][place]) {
                (Some(a), Some(b)) => order(a, b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            });
            for downward in [false, true] {
                let question = Question { columns: vec!["row".to_owned()], order: vec![((*name).to_owned(), downward)], ..Question::default() };
                let told: Vec<_> = copy.rows(&question).unwrap().rows.into_iter().flatten().collect();
                prop_assert_eq!(told, expected.iter().map(|number| Value::Integer(*number as i64)).collect::<Vec<_>>(), "{} {}", name, downward);
                // Rows that are alike come in the order they have, and downward in the other.
                expected.reverse();
            }
        }
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let (_folder, copy) = copied(&[], &[]);
    let refused = |column: &str, value: Value| {
        copy.count(&Condition::Compare(column.to_owned(), Operator::Equal, value)).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(refused("whole", text("seven")), "column whole: seven is not a whole number");
    assert_eq!(refused("decimal", Value::Boolean(true)), "column decimal: true is not a number");
    assert_eq!(refused("date", text("2026-02-30")), "column date: 2026-02-30 is not a date (2026-01-31)");
    assert_eq!(refused("moment", text("2026-01-31T25:00:00Z")), "column moment: 2026-01-31T25:00:00Z is not a moment (2026-01-31T08:00:00Z)");
    assert_eq!(refused("hash", text("abc")), "column hash: abc is not 32 hexadecimal digits");
    assert_eq!(refused("boolean", text("maybe")), "column boolean: maybe is not true or false");
    assert_eq!(refused("c0\" OR 1 --", Value::Null), "there is no column c0\" OR 1 --");
    assert_eq!(refused("TEXT", Value::Null), "there is no column TEXT");
    for fine in ["1e3", "-0.5", "99999999999999999999999", "1.", ".5", "0e-400"] {
        assert_eq!(refused("decimal", text(fine)) + &refused("whole", text(fine)), "", "{fine}");
    }
    let like = |column: &str, pattern: &str| copy.count(&Condition::Like { column: column.to_owned(), pattern: pattern.to_owned(), negated: false });
    assert!(matches!(like("text", "a\\"), Err(ServingError::Value { .. })));
    assert!(matches!(like("whole", "1%"), Err(ServingError::Value { .. })));
    let listed = |count| copy.count(&Condition::In("whole".to_owned(), (0..count).map(Value::Integer).collect()));
    assert!(listed(1000).is_ok() && matches!(listed(1001), Err(ServingError::Limit(_))));
    let nested = |depth| copy.count(&(0..depth).fold(Condition::Null("text".to_owned()), |inner, _| Condition::Not(Box::new(inner))));
    assert!(nested(32).is_ok() && matches!(nested(33), Err(ServingError::Limit(_))));
    let wide = |width| copy.count(&Condition::Any(vec![Condition::Compare("whole".to_owned(), Operator::Less, Value::Integer(1)); width]));
    assert!(wide(9_000).is_ok() && matches!(wide(10_001), Err(ServingError::Limit(_))));
    assert!(matches!(copy.rows(&Question { order: vec![("none".to_owned(), true)], ..Question::default() }), Err(ServingError::Column(_))));
    assert_eq!(copy.shape().columns[7].kind, Kind::Moment { zoned: true });
}
