//! The process in which one SELECT runs: limited, killable, without network or environment.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use desk::view::{SqlAnswer, SqlColumn, SqlError};
use futures::TryStreamExt;

use crate::ports::{Question, Reply};

/// Address space of a worker. The engine's own pool is a quarter of it; the rest is for what the pool does not count.
const ADDRESS_SPACE: u64 = 4 << 30;
const ENGINE_MEMORY: u64 = 512 << 20;
const QUESTION_MAX: u64 = 1 << 20;

#[derive(Args)]
pub struct SqlWorker {
    #[arg(long)]
    data: std::path::PathBuf,
}

impl SqlWorker {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut text = Vec::new();
        std::io::stdin().take(QUESTION_MAX).read_to_end(&mut text)?;
        let question: Question = serde_json::from_slice(&text)?;
        limit(&question);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().thread_stack_size(16 << 20).build()?;
        let reply = runtime.block_on(answer(&self.data, question));
        std::io::stdout().write_all(&serde_json::to_vec(&reply)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Memory and processor time end with the process, whatever the query does.
fn limit(question: &Question) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let both = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    let cpu_seconds = question.deadline_ms.div_ceil(1000) * 2 + 2;
    for (resource, value) in [(Resource::As, ADDRESS_SPACE), (Resource::Cpu, cpu_seconds), (Resource::Core, 0)] {
        let _ = setrlimit(resource, both(value));
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
    lake::Lake::open(&data.join("lake")).await.map_err(|e| crate::show::plain_sql_error(e.text()))
}
