//! Masks in SQL: what they leave, which calls are refused and in which words, whose keys they have, and tables seen
//! through them.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use data::mask::Mask;
use lake::{Commit, Lake, Layer, Limits, Masks, Secret, Shown, TableName, compile};
use std::sync::Arc;

use crate::support::*;

async fn lake() -> (tempfile::TempDir, Lake) {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap().keyed(Secret::new(&[7; 32]).unwrap());
    let text = |values: [Option<&str>; 3]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let rows = RecordBatch::try_from_iter([
        ("name", text([Some("张三"), Some("欧阳娜娜"), None])),
        ("id", text([Some("11010519491231002X"), Some("330203198503070012"), None])),
        ("mobile", text([Some("13812345678"), Some("13912345678"), Some("110")])),
        ("born", Arc::new(Date32Array::from(vec![Some(5_544), Some(0), None])) as ArrayRef),
        ("_hash", text([Some("a"), Some("b"), Some("c")])),
    ]);
    lake.append(&person(), vec![rows.unwrap()], Commit { seq: 1, ..Commit::default() }).await.unwrap();
    (root, lake)
}

fn person() -> TableName {
    TableName::new(Layer::Standard, "person")
}

/// The first column, as texts.
async fn texts(lake: &Lake, sql: &str) -> Vec<Option<String>> {
    let batches = select(lake, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let column = |batch: &RecordBatch| batch.column(0).as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>();
    batches.iter().flat_map(column).collect()
}

async fn one(lake: &Lake, expression: &str) -> String {
    texts(lake, &format!("SELECT {expression}")).await.remove(0).unwrap_or_else(|| "null".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn masks_are_functions() {
    let (_root, lake) = lake().await;
    for (expression, left) in [
        ("mask_keep('张三', 1, 0)", "张*"),
        ("mask_keep('13812345678', 3, 4, 4)", "138****5678"),
        ("mask_keep(13812345678, 3, 4, 4)", "138****5678"),
        ("mask_email('zhangsan@example.com')", "z*******@example.com"),
        ("mask_date(DATE '1985-03-07', 'month')", "1985-03"),
        ("mask_date('1985-03-07', 'five_years')", "1985-1989"),
        ("mask_place('330203004011', 'county')", "330203"),
        ("mask_band(12345.5, 5000)", "10000-15000"),
        ("mask_hide('x')", "null"),
        ("mask_keep(NULL, 1, 0)", "null"),
    ] {
        assert_eq!(one(&lake, expression).await, left, "{expression}");
    }
    let sealed = one(&lake, "mask_encrypt('13812345678', 'mobile')").await;
    assert!(sealed.starts_with("138") && sealed.len() == 11 && sealed != "13812345678", "{sealed}");
    assert_eq!(
        texts(&lake, "SELECT mask_keep(name, 1, 0) FROM person ORDER BY mobile").await,
        [None, Some("张*".to_owned()), Some("欧***".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_the_citys_and_of_one_purpose() {
    let (_root, lake) = lake().await;
    let hash = one(&lake, "mask_hash('13812345678')").await;
    assert_eq!(hash.len(), 32);
    assert_eq!(one(&lake, "mask_hash(13812345678)").await, hash, "the same value");
    assert_ne!(one(&lake, "mask_hash('13812345678', 'release')").await, hash, "another purpose");
    let other = lake.clone().keyed(Secret::new(&[8; 32]).unwrap());
    assert_ne!(one(&other, "mask_hash('13812345678')").await, hash, "another city");
    assert!(Secret::new(b"short").is_none());
    let root = tempfile::tempdir().unwrap();
    let bare = Lake::open(root.path()).await.unwrap();
    assert_eq!(one(&bare, "mask_keep('张三', 1, 0)").await, "张*", "needs no keys");
    let error = select(&bare, "SELECT mask_hash('x')").await.unwrap_err();
    assert!(error.message.en.contains("`mask_hash` needs keys"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_call_names_the_function_and_what_was_expected() {
    let (_root, lake) = lake().await;
    for (expression, told) in [
        ("mask_keep()", "mask_keep(value, first, last[, hidden])"),
        ("mask_keep(name)", "expected first, last[, hidden]"),
        ("mask_keep(name, 1)", "mask_keep(value, first, last[, hidden])"),
        ("mask_keep(name, 'a', 1)", "whole numbers from 0 to 255"),
        ("mask_keep(name, 1, 300)", "whole numbers from 0 to 255"),
        ("mask_keep(name, length(name), 1)", "argument 2 of `mask_keep` must be a constant"),
        ("mask_keep(born, 1, 1)", "argument 1 of `mask_keep` must be a text or a whole number, it was given Date32"),
        ("mask_date(born, 'week')", "month | year | five_years"),
        ("mask_date(true, 'year')", "must be a date, a moment or a text"),
        ("mask_encrypt(id, 'face')", "digits | serial | citizen_id | mobile | bank_card"),
        ("mask_hash(id, 1)", "mask_hash(value[, purpose])"),
        ("mask_band(name, 0)", "a number above zero"),
    ] {
        let error = select(&lake, &format!("SELECT {expression} FROM person")).await.expect_err(expression);
        assert!(error.message.en.contains(told), "{expression}: {error}");
        assert_eq!((error.line, error.column), (1, 8), "{expression}");
    }
}

/// Whatever a statement does with a masked column, it does with what the mask left.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_tables_through_masks() {
    let (_root, lake) = lake().await;
    let shown = Shown {
        plain: ["mobile".to_owned()].into(),
        masked: BTreeMap::from([("name".to_owned(), Mask::Keep { first: 1, last: 0, hidden: 1 }), ("id".to_owned(), Mask::Hash {})]),
        rest: false,
    };
    let seen = lake.clone().masked(Masks([(person(), shown)].into()));
    let all = |column: &str| format!("SELECT {column} FROM person ORDER BY mobile");
    assert_eq!(texts(&seen, &all("name")).await, [None, Some("张*".to_owned()), Some("欧***".to_owned())]);
    assert_eq!(texts(&lake, &all("name")).await[1], Some("张三".to_owned()), "the lake itself is as it was");
    assert_eq!(number(&seen, "SELECT count(*) FROM person WHERE name = '张三'").await, 0, "not to be guessed by a filter");
    assert_eq!(number(&seen, "SELECT count(*) FROM person WHERE id = '11010519491231002X'").await, 0);
    assert_eq!(number(&seen, "SELECT count(*) FROM person a JOIN person b ON a.id = b.id").await, 2, "hashes join");
    assert_eq!(number(&seen, "SELECT count(born) FROM person").await, 0, "what nobody named is hidden");
    assert_eq!(number(&seen, "SELECT count(*) FROM person WHERE mobile = '110'").await, 1, "plain ones are plain");
    let least = texts(&seen, "SELECT min(name) FROM person").await;
    assert_eq!(least, [Some("张*".to_owned())], "statistics tell no more");
    let strange = lake.clone().masked(Masks::default());
    assert_eq!(number(&strange, "SELECT count(mobile) FROM person").await, 0, "a table that nobody named");
    assert!(select(&seen, "SELECT * FROM person").await.is_ok() && seen.query("DESCRIBE person", &Limits::default()).await.is_ok());
}

/// What lineage says of declassifiers, way by way.
#[test]
fn lineage_names_the_declassifiers_that_ran() {
    let schema = arrow_schema::Schema::new(
        ["id", "town", "income"].map(|name| arrow_schema::Field::new(name, arrow_schema::DataType::Utf8, true)).to_vec(),
    );
    let schema = std::sync::Arc::new(schema);
    let visits = TableName::new(Layer::Standard, "visit");
    let tables = BTreeMap::from([(person(), schema.clone()), (visits, schema)]);
    for (sql, first) in [
        ("SELECT mask_hash(id) AS x FROM person", "x = ~standard.person.id [mask_hash]"),
        ("SELECT mask_keep(CAST(id AS VARCHAR), 6, 4, 8) AS x FROM person", "x = ~standard.person.id [mask_keep(6, 4, 8)]"),
        // A masked way beside a plain one lowers nothing.
        ("SELECT concat(mask_hash(id), id) AS x FROM person", "x = ~standard.person.id"),
        ("SELECT mask_hash(id) AS x FROM person UNION ALL SELECT id FROM person", "x = ~standard.person.id"),
        ("SELECT CASE WHEN id = '1' THEN mask_hash(id) END AS x FROM person", "x = ~standard.person.id"),
        // Two masked ones are told both.
        (
            "SELECT mask_hash(id) AS x FROM person UNION ALL SELECT mask_keep(id, 1, 0, 3) FROM person",
            "x = ~standard.person.id [mask_hash / mask_keep(1, 0, 3)]",
        ),
        // Parts, each masked, could be put together again.
        ("SELECT mask_keep(substr(id, 1, 6), 3, 3, 3) AS x FROM person", "x = ~standard.person.id"),
        // A mask that hides too little is no declassifier.
        ("SELECT mask_keep(id, 17, 0, 1) AS x FROM person", "x = ~standard.person.id"),
        // Figures over groups that the statement keeps large.
        (
            "SELECT avg(CAST(income AS DOUBLE)) AS x FROM person GROUP BY town HAVING count(*) >= 5",
            "x = Σstandard.person.income [avg ≥ 5]",
        ),
        (
            "SELECT sum(CAST(income AS DOUBLE)) AS x FROM person GROUP BY town HAVING 9 < count(*) AND max(town) > 'a'",
            "x = Σstandard.person.income [sum ≥ 10]",
        ),
        ("SELECT avg(CAST(income AS DOUBLE)) AS x FROM person GROUP BY town", "x = Σstandard.person.income"),
        ("SELECT avg(CAST(income AS DOUBLE)) AS x FROM person GROUP BY town HAVING count(*) <= 5", "x = Σstandard.person.income"),
        ("SELECT avg(CAST(income AS DOUBLE)) AS x FROM person GROUP BY town HAVING count(*) >= 5 OR town = 'a'", "x = Σstandard.person.income"),
        ("SELECT max(income) AS x FROM person GROUP BY town HAVING count(*) >= 5", "x = Σstandard.person.income"),
        (
            "SELECT sum(CASE WHEN id = '1' THEN CAST(income AS DOUBLE) END) AS x FROM person GROUP BY town HAVING count(*) >= 5",
            "x = Σstandard.person.id, Σstandard.person.income",
        ),
        (
            "SELECT sum(CAST(income AS DOUBLE)) FILTER (WHERE id = '1') AS x FROM person GROUP BY town HAVING count(*) >= 5",
            "x = Σstandard.person.income",
        ),
        // A join multiplies rows; different values it does not.
        (
            "SELECT avg(CAST(p.income AS DOUBLE)) AS x FROM person p JOIN visit v ON p.id = v.id GROUP BY p.town HAVING count(*) >= 5",
            "x = Σstandard.person.income",
        ),
        (
            "SELECT avg(CAST(p.income AS DOUBLE)) AS x FROM person p JOIN visit v ON p.id = v.id GROUP BY p.town HAVING count(DISTINCT p.id) >= 5",
            "x = Σstandard.person.income [avg ≥ 5]",
        ),
        // What groups are named by stays what it was.
        ("SELECT town AS x FROM person GROUP BY town HAVING count(*) >= 5", "x = standard.person.town"),
    ] {
        let compiled = compile(sql, &tables).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let text = compiled.lineage.text();
        let line = text.lines().next().unwrap_or_default();
        assert_eq!(line.split(" | ").next().unwrap_or_default(), first, "{sql}");
    }
}
