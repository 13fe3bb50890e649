//! The process in which one SELECT runs: limited, killable, without environment, network or files beyond the lake.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use desk::view::{SqlAnswer, SqlColumn, SqlError};
use futures::TryStreamExt;
use kernel::Text;

use crate::confine::{Kept, attempts, confine};
use crate::ports::{Question, Reply};
use crate::worker;

/// Address space of a worker. The engine's own pool is a part of it; the rest is for what the pool does not count.
const ADDRESS_SPACE: u64 = 4 << 30;
/// For the statements of readers, which may ask for anything.
const ADDRESS_SPACE_READER: u64 = 2 << 30;
const ENGINE_MEMORY: u64 = 512 << 20;
/// On the disk, beyond memory.
const SPILL: u64 = 2 << 30;
/// An answer holds no more cells, and no more bytes of text: the server holds it whole, many times as large as it is written.
const CELLS_MAX: usize = 500_000;
const TEXT_MAX: usize = 16 << 20;
/// Characters of what is said of a mistake. The engine may quote a value of any length.
const SAID_MAX: usize = 1_000;

#[derive(Args)]
pub struct SqlWorker {
    #[arg(long)]
    data: PathBuf,
    /// Runs nothing, and tells what a worker could do here that it should not.
    #[arg(long)]
    try_out: bool,
}

impl SqlWorker {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let lake = self.data.join("lake");
        if self.try_out {
            let confined = confine(&Kept { reads: &[&lake], writes: &[&lake.join("readers")] });
            worker::answer(&serde_json::json!({ "confined": confined, "could": attempts(&self.data) }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let question: Question = worker::question()?;
        let space = if question.masks.is_some() { ADDRESS_SPACE_READER } else { ADDRESS_SPACE };
        worker::limit(space, question.deadline_ms.div_ceil(1000) * 2 + 2);
        let secret = crate::wire::mask_secret(&self.data);
        confine(&Kept { reads: &[&lake], writes: &[&lake.join("readers"), &question.spill] });
        let runtime = worker::runtime()?;
        let reply = match secret {
            Ok(secret) => runtime.block_on(answer(&lake, secret, &question)).unwrap_or_else(|error| Reply::Error(short(error, &self.data))),
            Err(text) => Reply::Error(crate::show::plain_sql_error(text)),
        };
        worker::answer(&reply)?;
        // What still runs after a deadline is of no use to anybody.
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }
}

async fn answer(folder: &Path, secret: lake::Secret, question: &Question) -> Result<Reply, SqlError> {
    let began = Instant::now();
    let lake = lake::Lake::open_spilling(folder, &question.spill, SPILL).await;
    let lake = lake.map_err(|error| crate::show::plain_sql_error(error.text()))?.keyed(secret);
    let lake = match &question.masks {
        Some(masks) => lake.masked(seen(masks)),
        None => lake,
    };
    if question.plan_only {
        let (logical, physical) = lake.plan(&question.sql).await.map_err(crate::show::sql_error)?;
        return Ok(Reply::Plan(logical, physical));
    }
    rows(&lake, question, began).await
}

async fn rows(lake: &lake::Lake, question: &Question, began: Instant) -> Result<Reply, SqlError> {
    let limits = lake::Limits {
        max_rows: Some(question.max_rows + 1),
        deadline: Duration::from_millis(question.deadline_ms),
        memory_bytes: ENGINE_MEMORY,
        ..lake::Limits::default()
    };
    let mut answer = lake.query(&question.sql, &limits).await.map_err(crate::show::sql_error)?;
    let columns: Vec<_> = answer.schema.fields().iter().map(|f| SqlColumn { name: f.name().clone(), kind: f.data_type().to_string() }).collect();
    let mut rows: Vec<Vec<serde_json::Value>> = Vec::new();
    let (mut text, mut full) = (0, false);
    while let Some(batch) = answer.batches.try_next().await.map_err(crate::show::sql_error)? {
        for at in 0..batch.num_rows() {
            let row = crate::show::json_rows(&batch.slice(at, 1)).map_err(crate::show::plain_sql_error)?.pop().unwrap_or_default();
            text += row.iter().map(|cell| cell.as_str().map_or(8, str::len)).sum::<usize>();
            full = text > TEXT_MAX || (rows.len() + 1) * columns.len() > CELLS_MAX;
            if full {
                break;
            }
            rows.push(row);
        }
        if full {
            break;
        }
    }
    if full && rows.is_empty() {
        return Err(crate::show::plain_sql_error(Text::new("结果的一行太大，请少选几列", "one row of the answer is too large: select fewer columns")));
    }
    let truncated = full || rows.len() as u64 > question.max_rows;
    rows.truncate(question.max_rows as usize);
    Ok(Reply::Answer(SqlAnswer { columns, rows, truncated, elapsed_ms: began.elapsed().as_millis() as u64 }))
}

/// What is said of a mistake, of a length to read and without our folders.
fn short(mut error: SqlError, data: &Path) -> SqlError {
    let whole = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let folder = whole.to_string_lossy().into_owned();
    for text in [&mut error.message.zh, &mut error.message.en] {
        *text = text.replace(&folder, "").replace(folder.trim_start_matches('/'), "");
        if text.chars().count() > SAID_MAX {
            *text = text.chars().take(SAID_MAX).chain("…".chars()).collect();
        }
    }
    error
}

/// What the reader sees, in the lake's own words.
fn seen(masks: &desk::port::Masks) -> lake::Masks {
    let table = |(name, shown): &(String, desk::port::Shown)| {
        let name = crate::ports::name(&desk::port::TableName::read(name)?);
        Some((name, lake::Shown { plain: shown.plain.clone(), masked: shown.masked.clone(), rest: shown.rest }))
    };
    lake::Masks(masks.0.iter().filter_map(table).collect())
}
