//! SQL through the lake: answers, refusals in words that point at the right place, limits, plans, profiles, formats.

use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use futures::TryStreamExt;
use lake::{Commit, Format, Lake, Layer, Limits, SqlError, TableName, write};

use crate::support::*;

async fn lake_of(rows_each: i64) -> (tempfile::TempDir, Lake) {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    land(&lake, 0..rows_each, 1).await.unwrap();
    let raw = TableName::new(Layer::Raw, "enterprise");
    lake.append(&raw, vec![rows(0..5, 1)], Commit { seq: 1, ..Commit::default() }).await.unwrap();
    (root, lake)
}

async fn refusal(lake: &Lake, sql: &str) -> SqlError {
    match lake.query(sql, &Limits { max_rows: Some(100), ..Limits::default() }).await {
        Err(error) => error,
        Ok(answer) => answer.batches.try_collect::<Vec<_>>().await.expect_err(sql),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn distinct_from_binds_tighter_than_and_and_or() {
    let (_root, lake) = lake_of(1).await;
    for (condition, holds) in [
        ("true IS DISTINCT FROM true AND false", 0),
        ("true IS DISTINCT FROM (true AND false)", 1),
        ("false AND 1 IS NOT DISTINCT FROM 1 OR true", 1),
        ("NOT 1 IS NOT DISTINCT FROM 1 OR true", 1),
        ("1 IS DISTINCT FROM 2 AND 1 IS NOT DISTINCT FROM 1 AND false OR 1 = 1", 1),
        ("1 + 1 IS NOT DISTINCT FROM 1 * 2 AND 2 = 2", 1),
    ] {
        assert_eq!(number(&lake, &format!("SELECT CAST({condition} AS BIGINT)")).await, holds, "{condition}");
        let nested = format!("SELECT count(*) FROM enterprise WHERE id IN (SELECT id FROM enterprise WHERE {condition})");
        assert_eq!(number(&lake, &nested).await, holds, "{condition}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_point_at_the_word() {
    let (_root, lake) = lake_of(10).await;
    let statements = [
        "SELECT nmae FROM enterprise",
        "SELECT id\nFROM enterprse",
        "SELECT id FROM raw.enterprize",
        "SELECT id FORM enterprise WHERE",
        "SELECT id， name FROM enterprise",
        "SELECT id FROM enterprise WHERE (id = 1",
        "SELECT name, count(*) FROM enterprise GROUP BY id",
        "SELECT 1 / 0",
        "SELECT 10 / (id - 3) FROM enterprise",
        "SELECT CAST('甲' AS INT)",
        "SELECT abs(name) FROM enterprise",
        "SELECT id FROM enterprise WHERE id AND name",
        "SELECT uper(name) FROM enterprise",
        "SELECT repeat('a', 2000000000)",
        "SELECT * FROM generate_series(1, 9000000000)",
        "SELECT a.id FROM enterprise a JOIN enterprise b ON id = 1",
        "DROP TABLE enterprise",
        "COPY enterprise TO '/tmp/x.csv'",
        "EXPLAIN COPY enterprise TO '/tmp/x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "INSERT INTO enterprise VALUES (1)",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM information_schema.df_settings",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT * FROM t",
        "",
        "SELECT 'abc",
    ];
    let mut golden = String::new();
    for sql in statements {
        let error = refusal(&lake, sql).await;
        golden.push_str(&format!(
            "{sql:?}\n  {}:{}+{} {}\n  {}\n",
            error.line, error.column, error.length, error.message.zh, error.message.en
        ));
    }
    insta::assert_snapshot!(golden);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_would_hurt_are_refused_at_once() {
    let (_root, lake) = lake_of(10).await;
    let long = [
        format!("SELECT id FROM enterprise WHERE {}", vec!["id = 1"; 20_000].join(" OR ")),
        format!("SELECT {}", vec!["1"; 6_000].join("+")),
        format!("SELECT {}1{}", "(".repeat(400), ")".repeat(400)),
        format!("SELECT '{}'", "x".repeat(70_000)),
        format!("SELECT {}", vec!["1"; 9_000].join(",")),
        format!("SELECT {}1", "- ".repeat(3_000)),
        format!("SELECT {} true", "NOT ".repeat(3_000)),
    ];
    let start = Instant::now();
    for sql in long {
        refusal(&lake, &sql).await;
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_keep_their_limits() {
    let (_root, lake) = lake_of(5_000).await;
    let limits = Limits { max_rows: Some(7), ..Limits::default() };
    for (sql, rows, more) in [
        ("SELECT * FROM enterprise", 7, true),
        ("SELECT * FROM raw.enterprise", 5, false),
        ("VALUES (1), (2)", 2, false),
        ("SHOW TABLES", 2, false),
    ] {
        let answer = lake.query(sql, &limits).await.unwrap();
        let truncated = answer.truncated();
        let batches: Vec<RecordBatch> = answer.batches.try_collect().await.unwrap();
        assert_eq!((batches.iter().map(RecordBatch::num_rows).sum::<usize>(), truncated.get()), (rows, more), "{sql}");
    }
    let late = Limits { deadline: Duration::from_millis(700), ..Limits::default() };
    let start = Instant::now();
    let sql = "SELECT count(*) FROM enterprise a, enterprise b, enterprise c WHERE a.id + b.id + c.id < 0";
    let error = match lake.query(sql, &late).await {
        Err(error) => error,
        Ok(answer) => answer.batches.try_collect::<Vec<_>>().await.unwrap_err(),
    };
    assert!(error.message.zh.contains("时限") && start.elapsed() < Duration::from_secs(3), "{error} {:?}", start.elapsed());
    let poor = Limits { memory_bytes: 100_000, ..Limits::default() };
    let error = match lake.query("SELECT array_agg(name), id FROM enterprise GROUP BY id", &poor).await {
        Err(error) => Some(error),
        Ok(answer) => answer.batches.try_collect::<Vec<_>>().await.err(),
    };
    assert!(error.is_none_or(|error| error.message.zh.contains("内存")));
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_reads_no_file_and_plans_can_be_seen() {
    let (_root, lake) = lake_of(1000).await;
    let (_, physical) = lake.plan("SELECT count(*) FROM enterprise").await.unwrap();
    assert!(!physical.contains("DataSourceExec") || physical.contains("PlaceholderRow"), "{physical}");
    let (logical, physical) = lake.plan("SELECT name FROM enterprise WHERE id = 3").await.unwrap();
    assert!(logical.contains("TableScan: enterprise") && physical.contains("predicate=id"), "{logical}{physical}");
    assert_eq!(number(&lake, "SELECT count(*) FROM enterprise e JOIN raw.enterprise r ON e._hash = r._hash").await, 5);
    assert_eq!(
        number(&lake, "SELECT count(*) FROM enterprise WHERE regexp_like(name, '^企业9') AND date_trunc('day', now()) <= now()").await,
        111
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_tells_the_shape() {
    let (_root, lake) = lake_of(1200).await;
    let profile = lake.profile(&table(), &[]).await.unwrap();
    assert_eq!((profile.rows, profile.columns.len()), (1200, 2), "system columns stay out");
    let id = &profile.columns[0];
    assert_eq!(
        (id.nulls, id.distinct, id.minimum.as_deref(), id.maximum.as_deref(), id.mean),
        (0, 1200, Some("0"), Some("1199"), Some(599.5))
    );
    assert!(id.binned && id.histogram.len() == 12 && id.histogram.iter().map(|(_, rows)| rows).sum::<u64>() == 1200);
    let name = &profile.columns[1];
    assert!(!name.binned && name.histogram.len() == 12 && name.histogram[0].1 == 1);
    assert!(lake.profile(&table(), &["none".to_owned()]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_written_in_every_format() {
    let (_root, lake) = lake_of(10).await;
    let sql = "SELECT id, nullif(name, '企业1') AS name, DATE '2024-02-29' AS day FROM enterprise WHERE id < 2 ORDER BY id";
    let mut golden = String::new();
    for format in [Format::Table, Format::Csv, Format::Json, Format::Ndjson, Format::Parquet] {
        let mut out = Vec::new();
        let answer = lake.query(sql, &Limits::default()).await.unwrap();
        assert_eq!(write(format, answer, &mut out).await.unwrap(), 2);
        if format == Format::Parquet {
            assert!(out.starts_with(b"PAR1") && out.ends_with(b"PAR1"));
        } else {
            golden.push_str(&format!("--- {format:?}\n{}\n", String::from_utf8(out).unwrap()));
        }
    }
    insta::assert_snapshot!(golden);
}

/// Figures for a quiet machine: `cargo test --workspace measure -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore]
async fn measure() {
    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use std::sync::Arc;
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::open(root.path()).await.unwrap();
    let total = 1_000_000_i64;
    let chunk = |from: i64| {
        let ids = from..from + 100_000;
        let mut columns: Vec<(String, ArrayRef)> = vec![("id".into(), Arc::new(Int64Array::from_iter_values(ids.clone())))];
        for at in 1..10 {
            let text = ids.clone().map(|id| format!("{}-{}", at, (id * 7919 * at) % 5000));
            columns.push((format!("c{at}"), Arc::new(StringArray::from_iter_values(text))));
        }
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let batches: Vec<RecordBatch> = (0..total / 100_000).map(|at| chunk(at * 100_000)).collect();
    let start = Instant::now();
    lake.append(&table(), batches, commit(1)).await.unwrap();
    let took = start.elapsed().as_secs_f64();
    println!(
        "append 1 M rows x 10: {took:.2} s, {:.0} rows/s, {} bytes",
        total as f64 / took,
        lake.table(&table()).await.unwrap().unwrap().bytes
    );
    let small = Instant::now();
    for seq in 2..22 {
        lake.append(&table(), vec![chunk(seq).slice(0, 100)], commit(seq)).await.unwrap();
    }
    println!("append 100 rows: {:.1} ms each", small.elapsed().as_secs_f64() * 50.0);
    for (what, sql) in [
        ("point", "SELECT * FROM enterprise WHERE id = 777777"),
        ("count", "SELECT count(*) FROM enterprise"),
        ("aggregate", "SELECT c1, count(*), max(id) FROM enterprise GROUP BY c1"),
        ("top", "SELECT * FROM enterprise ORDER BY id DESC LIMIT 10"),
    ] {
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..9 {
            let start = Instant::now();
            select(&lake, sql).await.unwrap();
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        println!("{what}: min {:.1} ms, median {:.1} ms", times[0], times[4]);
    }
    let start = Instant::now();
    drop(Lake::open(root.path()).await.unwrap().table(&table()).await.unwrap());
    println!("open: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
}
