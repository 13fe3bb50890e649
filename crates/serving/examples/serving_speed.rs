//! How fast a copy is built and read: `cargo run -p serving --example serving_speed -- [rows] [folder]`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use serving::{Builder, Condition, Copy, Mark, Operator, Question, Shape, Value};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const BATCH: u64 = 8192;

/// A number that looks like chance, the same for the same row.
fn scattered(row: u64) -> u64 {
    let mixed = (row ^ (row >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

fn batch(first: u64, last: u64, changed: u64) -> Outcome<RecordBatch> {
    let rows = || first..last;
    let text = |make: &dyn Fn(u64) -> String| Arc::new(StringArray::from_iter_values(rows().map(make))) as ArrayRef;
    let amounts = rows().map(|row| i128::from(scattered(row) % 10_000_000 + u64::from(row % 100 < changed)));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", text(&|row| format!("P{:012}", row))),
        ("name", text(&|row| format!("居民{:06}号", scattered(row) % 1_000_000))),
        ("district", text(&|row| format!("D{:02}", scattered(row) % 40))),
        ("count", Arc::new(Int64Array::from_iter_values(rows().map(|row| (scattered(row) % 1000) as i64)))),
        ("share", Arc::new(Float64Array::from_iter_values(rows().map(|row| (scattered(row) % 100_000) as f64 / 7.0)))),
        ("amount", Arc::new(Decimal128Array::from_iter_values(amounts).with_precision_and_scale(12, 2)?)),
        ("born", Arc::new(Date32Array::from_iter_values(rows().map(|row| (scattered(row) % 30_000) as i32 - 10_000)))),
        ("seen", Arc::new(TimestampMicrosecondArray::from_iter_values(rows().map(|row| 1_700_000_000_000_000 + row as i64 * 1_000_000)).with_timezone("UTC"))),
        ("active", Arc::new(BooleanArray::from_iter(rows().map(|row| Some(scattered(row).is_multiple_of(3)))))),
        ("_hash", Arc::new(FixedSizeBinaryArray::try_from_iter(rows().map(|row| (u128::from(scattered(row)) << 64 | u128::from(row)).to_be_bytes()))?)),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn build(path: &Path, rows: u64, changed: u64) -> Outcome<()> {
    let shape = Shape::of(&batch(0, 1, 0)?.schema(), &["id"], &[&["district", "born"], &["seen"]])?;
    let (mut making, begun) = (0.0, Instant::now());
    let mut builder = Builder::begin(path, shape)?;
    let mut first = 0;
    while first < rows {
        let last = rows.min(first + BATCH);
        let made = Instant::now();
        let batch = batch(first, last, changed)?;
        making += made.elapsed().as_secs_f64();
        builder.add(&batch)?;
        first = last;
    }
    let loaded = begun.elapsed().as_secs_f64() - making;
    builder.finish(&Mark { batch: 1, version: 1, rows, declared: String::new() })?;
    let whole = begun.elapsed().as_secs_f64() - making;
    println!("build     {rows} rows in {whole:.1} s ({:.0} rows/s): rows {loaded:.1} s, indexes and disk {:.1} s", rows as f64 / whole, whole - loaded);
    Ok(())
}

/// Reads a second for each thread; tells how many were done in all.
fn rate(threads: usize, seconds: f64, read: impl Fn(u64) -> Outcome<()> + Sync) -> Outcome<f64> {
    let one = |thread: u64| -> Outcome<f64> {
        let (begun, mut done) = (Instant::now(), 0_u64);
        while begun.elapsed().as_secs_f64() < seconds {
            for _ in 0..16 {
                read(scattered(thread << 40 | done))?;
                done += 1;
            }
        }
        Ok(done as f64 / begun.elapsed().as_secs_f64())
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (1..=threads as u64).map(|thread| scope.spawn(move || one(thread))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a reader stopped".into()))).sum()
    })
}

fn equal(column: &str, value: String) -> Option<Condition> {
    Some(Condition::Compare(column.to_owned(), Operator::Equal, Value::Text(value)))
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().map_or(Ok(1_000_000), |rows| rows.parse())?;
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from).join(format!("serving-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("standard.people.sqlite");
    build(&path, rows, 0)?;
    println!("on disk   {:.0} bytes a row", std::fs::metadata(&path)?.len() as f64 / rows as f64);
    let copy = Copy::open(&path)?;

    let point = |n: u64| -> Outcome<()> {
        let question = Question { condition: equal("id", format!("P{:012}", n % rows)), ..Question::default() };
        if copy.rows(&question)?.rows.len() == 1 { Ok(()) } else { Err("a row was not found".into()) }
    };
    for threads in [1, 2] {
        println!("points    {:.0} /s on {threads} threads", rate(threads, 2.0, point)?);
    }
    let page = |n: u64| -> Outcome<()> {
        let order = vec![("born".to_owned(), n.is_multiple_of(2))];
        let question = Question { condition: equal("district", format!("D{:02}", n % 40)), order, limit: Some(50), ..Question::default() };
        copy.rows(&question)?;
        Ok(())
    };
    for threads in [1, 2] {
        println!("pages     {:.0} /s of 50 rows, ordered, on {threads} threads", rate(threads, 2.0, page)?);
    }
    let newest = |_: u64| -> Outcome<()> {
        let question = Question { order: vec![("seen".to_owned(), true)], limit: Some(50), ..Question::default() };
        copy.rows(&question)?;
        Ok(())
    };
    println!("newest    {:.0} /s of 50 rows, the last of all", rate(1, 1.0, newest)?);
    let timed = |what: &str, condition: &Condition| -> Outcome<()> {
        let begun = Instant::now();
        let found = copy.count(condition)?;
        println!("count     {found} {what} in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
        Ok(())
    };
    timed("rows", &Condition::True)?;
    timed("by an index", &Condition::Compare("district".to_owned(), Operator::Equal, Value::Text("D07".to_owned())))?;
    timed("by reading all", &Condition::Compare("count".to_owned(), Operator::Less, Value::Integer(10)))?;
    timed("by a prefix", &Condition::Like { column: "id".to_owned(), pattern: "P00000000%".to_owned(), negated: false })?;
    let (begun, mut told) = (Instant::now(), 0_u64);
    copy.each(&Question::default(), &mut |_| {
        told += 1;
        std::ops::ControlFlow::Continue(())
    })?;
    println!("each      {:.0} rows/s", told as f64 / begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let applied = serving::apply(&path, &[], &[batch(rows / 2, rows / 2 + 1000, 100)?, batch(rows, rows + 1000, 0)?], &Mark::default())?;
    println!("apply     {applied:?} in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    println!("again, with one row in a hundred changed:");
    build(&path, rows, 1)?;
    let copy = Copy::open(&path)?;
    println!("feed      {} changes since 0", copy.last()?);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("RssAnon")).for_each(|line| println!("memory    {line}"));
    }
    drop(copy);
    serving::remove(&path)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
