//! The process in which one SELECT runs: limited, killable, without network or environment.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use desk::view::{SqlAnswer, SqlColumn, SqlError};
use futures::TryStreamExt;

use crate::ports::{Question, Reply};
use crate::worker;

/// Address space of a worker. The engine's own pool is a quarter of it; the rest is for what the pool does not count.
const ADDRESS_SPACE: u64 = 4 << 30;
const ENGINE_MEMORY: u64 = 512 << 20;

#[derive(Args)]
pub struct SqlWorker {
    #[arg(long)]
    data: std::path::PathBuf,
}

impl SqlWorker {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let question: Question = worker::question()?;
        worker::limit(ADDRESS_SPACE, question.deadline_ms.div_ceil(1000) * 2 + 2);
        let runtime = worker::runtime()?;
        let reply = runtime.block_on(answer(&self.data, question));
        worker::answer(&reply)?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn answer(data: &std::path::Path, question: Question) -> Reply {
    let done = if question.plan_only { plan(data, &question).await } else { rows(data, &question).await };
    done.unwrap_or_else(Reply::Error)
}

async fn plan(data: &std::path::Path, question: &Question) -> Result<Reply, SqlError> {
    let lake = open(data).await?;
    let (logical, physical) = lake.plan(&question.sql).await.map_err(crate::show::sql_error)?;
    Ok(Reply::Plan(logical, physical))
}

async fn rows(data: &std::path::Path, question: &Question) -> Result<Reply, SqlError> {
    let began = Instant::now();
    let lake = open(data).await?;
    let lake = match &question.masks {
        Some(masks) => lake.masked(seen(masks)),
        None => lake,
    };
    let limits = lake::Limits {
        max_rows: Some(question.max_rows + 1),
        deadline: Duration::from_millis(question.deadline_ms),
        memory_bytes: ENGINE_MEMORY,
        ..lake::Limits::default()
    };
    let answer = lake.query(&question.sql, &limits).await.map_err(crate::show::sql_error)?;
    let columns = answer.schema.fields().iter().map(|f| SqlColumn { name: f.name().clone(), kind: f.data_type().to_string() }).collect();
    let batches: Vec<_> = answer.batches.try_collect().await.map_err(crate::show::sql_error)?;
    let mut rows = Vec::new();
    for batch in &batches {
        rows.extend(crate::show::json_rows(batch).map_err(crate::show::plain_sql_error)?);
    }
    let truncated = rows.len() as u64 > question.max_rows;
    rows.truncate(question.max_rows as usize);
    Ok(Reply::Answer(SqlAnswer { columns, rows, truncated, elapsed_ms: began.elapsed().as_millis() as u64 }))
}

async fn open(data: &std::path::Path) -> Result<lake::Lake, SqlError> {
    crate::wire::open_lake(data).await.map_err(crate::show::plain_sql_error)
}

/// What the reader sees, in the lake's own words.
fn seen(masks: &desk::port::Masks) -> lake::Masks {
    let table = |(name, shown): &(String, desk::port::Shown)| {
        let name = crate::ports::name(&desk::port::TableName::read(name)?);
        Some((name, lake::Shown { plain: shown.plain.clone(), masked: shown.masked.clone(), rest: shown.rest }))
    };
    lake::Masks(masks.0.iter().filter_map(table).collect())
}
