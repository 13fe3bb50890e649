//! The lake as `bench/sql.py` drives it: `load` makes a table from a Parquet file by the lake's own ways,
//! `run` answers statements from standard input and says after each what it cost.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::TryStreamExt;
use lake::{Commit, Compaction, Lake, Layer, Limits, TableName};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().thread_stack_size(8 << 20).build()?;
    runtime.block_on(async {
        match words.as_slice() {
            ["load", root, name, file, order] => load(root, name, file, order).await,
            ["run", root] => run(root).await,
            _ => anyhow::bail!("bench load ROOT NAME FILE ORDER | bench run ROOT"),
        }
    })
}

/// Rows that become one commit.
const BATCH: usize = 1 << 20;

async fn load(root: &str, name: &str, file: &str, order: &str) -> anyhow::Result<()> {
    let lake = Lake::open(root.as_ref()).await?;
    let table = TableName::new(Layer::Standard, name);
    let file = std::fs::File::open(file).with_context(|| file.to_owned())?;
    let rows = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH).build()?;
    for (seq, batch) in (1..).zip(rows) {
        lake.append(&table, vec![batch?], Commit { seq, ..Commit::default() }).await?;
    }
    // As upkeep leaves a table at rest.
    let order = order.split(',').filter(|column| !column.is_empty()).map(str::to_owned).collect();
    lake.compact(&table, Compaction { order, whole: true, ..Compaction::default() }).await?;
    lake.checkpoint(&table).await?;
    lake.vacuum(&table, Duration::ZERO).await?;
    Ok(())
}

/// One statement a line; the answer is a line of JSON: rows, milliseconds, processor milliseconds.
async fn run(root: &str) -> anyhow::Result<()> {
    let lake = Lake::open(root.as_ref()).await?;
    let limits = Limits { deadline: Duration::from_secs(3600), memory_bytes: 4 << 30, ..Limits::default() };
    for line in std::io::stdin().lock().lines() {
        let sql: String = serde_json::from_str(&line?)?;
        let (began, before) = (Instant::now(), processor_millis()?);
        let answer = match lake.query(&sql, &limits).await {
            Ok(answer) => answer.batches.try_collect::<Vec<_>>().await,
            Err(error) => Err(error),
        };
        let (wall, cpu) = (began.elapsed().as_secs_f64() * 1000.0, processor_millis()? - before);
        let told = match answer {
            Ok(batches) => {
                let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
                serde_json::json!({ "rows": rows, "wall": wall, "cpu": cpu })
            }
            Err(error) => serde_json::json!({ "error": error.message.en }),
        };
        println!("{told}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// User and system time of this process so far.
fn processor_millis() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = text.rsplit(')').next().context("stat")?.split_whitespace().collect();
    let ticks = |at: usize| -> anyhow::Result<f64> { Ok(fields.get(at).context("stat")?.parse::<f64>()?) };
    // A tick is a hundredth of a second on Linux.
    Ok((ticks(11)? + ticks(12)?) * 10.0)
}
