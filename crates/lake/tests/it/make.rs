//! Tables made from a SELECT: whole, by cursor, refused, and never half.

use futures::TryStreamExt;
use lake::{Lake, Layer, Limits, Recipe, TableName, Unmade};

use crate::support::*;

fn recipe(sql: &str) -> Recipe {
    Recipe {
        table: TableName::new(Layer::Topic, "made"),
        sql: sql.to_owned(),
        limits: Limits {
            max_rows: Some(100_000),
            ..Limits::default()
        },
        note: "{}".to_owned(),
        key: Vec::new(),
        cursor: None,
    }
}

async fn lake_of(rows: i64) -> (tempfile::TempDir, Lake) {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, 0..rows, 1).await.unwrap();
    (root, lake)
}

async fn words(lake: &Lake, sql: &str) -> Vec<String> {
    let batches = select(lake, sql).await.unwrap();
    let text = arrow_cast::pretty::pretty_format_batches(&batches).unwrap().to_string();
    text.lines()
        .filter(|line| line.starts_with('|'))
        .skip(1)
        .map(|line| line.replace([' ', '|'], ""))
        .collect()
}

fn refused(done: Result<lake::Made, Unmade>) -> String {
    match done.unwrap_err() {
        Unmade::Statement(error) => error.message.en,
        Unmade::Lake(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_made_anew_in_one_commit() {
    let (_root, lake) = lake_of(1000).await;
    let by_ten =
        recipe("SELECT id % 10 AS digit, count(*) AS many, row_number() OVER (ORDER BY id % 10) AS place FROM enterprise GROUP BY id % 10");
    let made = lake.make(&by_ten).await.unwrap();
    assert_eq!((made.given, made.rows, made.seq, made.added), (10, 10, 1, false));
    // What a table cannot keep as the engine holds it is kept in the next wider type.
    assert_eq!(number(&lake, "SELECT max(place) FROM topic.made").await, 10);
    let other = recipe("SELECT count(*) AS many, DATE '2024-01-01' AS day FROM enterprise");
    let made = lake.make(&other).await.unwrap();
    assert_eq!((made.rows, made.seq), (1, 2), "another SELECT gives other columns");
    assert_eq!(words(&lake, "SELECT * FROM topic.made").await, ["10002024-01-01"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_leaves_the_last_good_version() {
    let (_root, lake) = lake_of(1000).await;
    lake.make(&recipe("SELECT 7 AS seven")).await.unwrap();
    let few = Limits {
        max_rows: Some(100_000),
        ..Limits::default()
    };
    let late = Limits {
        deadline: std::time::Duration::from_millis(400),
        ..few
    };
    for (sql, limits, said) in [
        (
            "SELECT a.id AS x, b.id AS y FROM enterprise a, enterprise b",
            few,
            "limit of 100000 rows",
        ),
        (
            "SELECT count(*) AS n FROM enterprise a, enterprise b, enterprise c WHERE a.id + b.id + c.id < 0",
            late,
            "took longer",
        ),
        ("SELECT 10 / (id - 3) AS x FROM enterprise", few, "division by zero"),
        ("SELECT count(*) FROM enterprise", few, "no usable name"),
        ("SELECT id, id AS \"Id\" FROM enterprise", few, "no usable name"),
        ("SELECT make_array(id) AS list FROM enterprise", few, "no table keeps"),
        ("SELECT nmae FROM enterprise", few, "no column `nmae`"),
    ] {
        let said_of = refused(lake.make(&Recipe { limits, ..recipe(sql) }).await);
        assert!(said_of.contains(said), "{sql}: {said_of}");
    }
    for (key, said) in [
        ("tens", "the key is not unique: tens = "),
        ("none", "no column `none`"),
        ("hole", "the key is null"),
    ] {
        let keyed = Recipe {
            key: vec![key.to_owned()],
            ..recipe("SELECT id, id / 10 AS tens, nullif(id, 5) AS hole FROM enterprise")
        };
        let said_of = refused(lake.make(&keyed).await);
        assert!(said_of.contains(said), "{key}: {said_of}");
    }
    assert_eq!(number(&lake, "SELECT seven FROM topic.made").await, 7);
    assert_eq!(lake.last_commit(&recipe("").table).await.unwrap().unwrap().seq, 1);
    assert_eq!(parquet_of(&lake, "made").await, 1, "nothing is left lying about");
}

async fn parquet_of(lake: &Lake, name: &str) -> u64 {
    lake.table(&TableName::new(Layer::Topic, name)).await.unwrap().unwrap().files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_grows_by_its_cursor_and_replaces_by_its_key() {
    let (_root, lake) = lake_of(100).await;
    let growing = Recipe {
        key: vec!["tens".to_owned()],
        cursor: Some("newest".to_owned()),
        ..recipe("SELECT id / 10 AS tens, max(id) AS newest, count(*) AS many FROM enterprise GROUP BY id / 10")
    };
    let made = lake.make(&growing).await.unwrap();
    assert_eq!((made.given, made.rows, made.added), (10, 10, false));
    land(&lake, 100..125, 2).await.unwrap();
    let made = lake.make(&growing).await.unwrap();
    // The newest group stands at the cursor itself and is told again.
    assert_eq!((made.given, made.rows, made.added), (4, 13, true));
    land(&lake, 125..127, 3).await.unwrap();
    let made = lake.make(&growing).await.unwrap();
    assert_eq!(
        (made.given, made.rows, made.added),
        (1, 13, true),
        "a row of the same key is replaced"
    );
    let told: Vec<_> = lake
        .scan(&growing.table, Some(&["many"]), None)
        .await
        .unwrap()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert_eq!(told.iter().map(|batch| batch.num_rows()).sum::<usize>(), 13);
    assert_eq!(number(&lake, "SELECT sum(many) FROM topic.made").await, 127);
    let whole = lake
        .make(&Recipe {
            cursor: None,
            ..growing.clone()
        })
        .await
        .unwrap();
    assert_eq!((whole.rows, whole.added), (13, false));
    let wider = Recipe {
        sql: growing.sql.replace("count(*) AS many", "count(*) AS many, min(id) AS oldest"),
        ..growing
    };
    let made = lake.make(&wider).await.unwrap();
    assert_eq!(
        (made.given, made.rows, made.added),
        (13, 13, false),
        "other columns: the whole table anew"
    );
}
