//! Collection runs: one row each, counted while it is under way and closed once.

use kernel::{Moment, Text};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const RUNNING: &str = "running";
const INTERRUPTED: &str = "interrupted";

const INSERT: &str =
    "INSERT INTO run (id, resource, system, started_by, owner, state, started) VALUES ($1, $2, $3, $4, $5, 'running', $6)";
const PROGRESS: &str = "UPDATE run SET source_rows = $1, landed = $2, quarantined = $3, unchanged = $4, corrected = $5,
    bytes = $6, bytes_total = $7, rows_total = $8, removed = $9, missing = $10 WHERE id = $11 AND state = 'running'";
const FINISH: &str = "UPDATE run SET source_rows = $1, landed = $2, quarantined = $3, unchanged = $4, corrected = $5,
    bytes = $6, bytes_total = $7, rows_total = $8, removed = $9, missing = $10, state = $12, ended = $13, error_zh = $14,
    error_en = $15, decisions = $16 WHERE id = $11 AND state = 'running'";
const ONE: &str = "SELECT * FROM run WHERE id = $1";
const LAST: &str = "SELECT * FROM run ORDER BY started DESC, id DESC LIMIT 1";
const OWNERS: &str = "SELECT owner FROM run WHERE state = 'running' UNION SELECT owner FROM model_run WHERE state = 'running'";
const INTERRUPT: &str = "UPDATE run SET state = $1, ended = $2 WHERE owner = $3 AND state = 'running'";
const INTERRUPT_MODELS: &str = "UPDATE model_run SET state = $1, ended = $2 WHERE owner = $3 AND state = 'running'";
const STATES_SINCE: &str = "SELECT state, COUNT(*) AS total FROM run WHERE started >= $1 GROUP BY state ORDER BY state";
const LANDED_SINCE: &str =
    "SELECT CAST(COALESCE(SUM(landed), 0) AS BIGINT) AS total FROM run WHERE ended >= $1 OR ended IS NULL";
const FAILING_SINCE: &str = "SELECT resource, MIN(started) AS since FROM run WHERE state = 'failed' AND started > COALESCE((
        SELECT MAX(good.started) FROM run AS good WHERE good.resource = run.resource AND good.state IN ('done', 'partial')), 0)
    GROUP BY resource";
const LANDED_BY_DAY: &str = "SELECT (COALESCE(ended, $1) / 1000000 + $2) / 86400 AS day, CAST(SUM(landed) AS BIGINT) AS total
    FROM run WHERE ended >= $3 OR ended IS NULL GROUP BY 1";

/// A run that begins now.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub id: String,
    pub resource: String,
    pub system: String,
    /// `schedule`, `person`, `command`, `demo`.
    pub trigger: String,
    pub started: Moment,
}

/// source_rows = landed + removed + quarantined + unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounters {
    pub source_rows: u64,
    pub landed: u64,
    pub quarantined: u64,
    pub unchanged: u64,
    /// Of the landed rows, those that replaced an older row of the same key.
    pub corrected: u64,
    /// Rows that the source removed.
    pub removed: u64,
    /// Rows that a complete delivery lacked and that were removed for it; they are none of the source's rows.
    pub missing: u64,
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    pub rows_total: Option<u64>,
}

impl RunCounters {
    /// The rows of both; sizes and totals are those of the second.
    pub fn and(self, more: RunCounters) -> RunCounters {
        RunCounters {
            source_rows: self.source_rows + more.source_rows,
            landed: self.landed + more.landed,
            removed: self.removed + more.removed,
            quarantined: self.quarantined + more.quarantined,
            unchanged: self.unchanged + more.unchanged,
            corrected: self.corrected + more.corrected,
            ..more
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    pub id: String,
    pub resource: String,
    pub system: String,
    pub trigger: String,
    /// `running`, or the word it was finished with, or `interrupted`.
    pub state: String,
    pub started: Moment,
    pub ended: Option<Moment>,
    pub counters: RunCounters,
    pub error: Option<Text>,
    /// JSON: what was decided while reading.
    pub decisions: String,
}

#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub system: Option<String>,
    pub resource: Option<String>,
    pub state: Option<String>,
}

/// Runs since a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Runs that began since then, by state.
    pub by_state: Vec<(String, u64)>,
    /// Rows landed by runs that ended since then or are under way.
    pub landed: u64,
}

impl RunCounts {
    pub fn total(&self) -> u64 {
        self.by_state.iter().map(|(_, runs)| runs).sum()
    }

    pub fn of(&self, state: &str) -> u64 {
        self.by_state.iter().filter(|(found, _)| found == state).map(|(_, runs)| runs).sum()
    }
}

impl Store {
    /// Begins a run that belongs to this process.
    pub async fn start_run(&self, run: NewRun) -> Result<(), StoreError> {
        let owner = self.owner.id.clone();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(INSERT)
                    .bind(run.id)
                    .bind(run.resource)
                    .bind(run.system)
                    .bind(run.trigger)
                    .bind(owner)
                    .bind(run.started.0)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Keeps the counters of a running run; `Missing` when it no longer runs.
    pub async fn progress_run(&self, id: &str, counters: RunCounters) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let update = bind_counters(sqlx::query(PROGRESS), counters).bind(id.clone());
                found(update.execute(connection).await?.rows_affected(), id)
            })
        })
        .await
    }

    /// Ends a running run with the word `state`; `Missing` when it no longer runs. `decisions` is JSON.
    pub async fn finish_run(
        &self,
        id: &str,
        state: &str,
        counters: RunCounters,
        ended: Moment,
        error: Option<Text>,
        decisions: &str,
    ) -> Result<(), StoreError> {
        let (id, state, decisions) = (id.to_owned(), state.to_owned(), decisions.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let (zh, en) = error.map(|error| (error.zh, error.en)).unzip();
                let update = bind_counters(sqlx::query(FINISH), counters)
                    .bind(id.clone())
                    .bind(state)
                    .bind(ended.0)
                    .bind(zh)
                    .bind(en)
                    .bind(decisions);
                found(update.execute(connection).await?.rows_affected(), id)
            })
        })
        .await
    }

    /// Marks runs whose process is gone as interrupted; answers how many. Runs of live processes are left alone.
    pub async fn interrupt_running(&self, now: Moment) -> Result<u64, StoreError> {
        let rows = sqlx::query(OWNERS).fetch_all(&self.readers).await?;
        let owners = rows.iter().map(|row| row.text("owner")).collect::<Result<Vec<_>, _>>()?;
        let gone: Vec<String> = owners.into_iter().filter(|owner| !self.owner.is_alive(owner)).collect();
        if gone.is_empty() {
            return Ok(0);
        }
        self.write(move |connection| {
            Box::pin(async move {
                let mut runs = 0;
                for owner in gone {
                    let update = sqlx::query(INTERRUPT).bind(INTERRUPTED).bind(now.0).bind(owner.clone());
                    runs += update.execute(&mut *connection).await?.rows_affected();
                    sqlx::query(INTERRUPT_MODELS).bind(INTERRUPTED).bind(now.0).bind(owner).execute(&mut *connection).await?;
                }
                Ok(runs)
            })
        })
        .await
    }

    pub async fn run(&self, id: &str) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// The run that began last.
    pub async fn last_run(&self) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query(LAST).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// Newest first; `page` is 1-based.
    pub async fn runs(&self, filter: &RunFilter, page: u64, size: u64) -> Result<Rows<RunRow>, StoreError> {
        let (limit, offset) = window(page, size);
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM run");
        push_filter(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut list = QueryBuilder::new("SELECT * FROM run");
        push_filter(&mut list, filter);
        list.push(" ORDER BY started DESC, id DESC LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = list.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    pub async fn runs_since(&self, since: Moment) -> Result<RunCounts, StoreError> {
        let states = sqlx::query(STATES_SINCE).bind(since.0).fetch_all(&self.readers).await?;
        let landed = sqlx::query(LANDED_SINCE).bind(since.0).fetch_one(&self.readers).await?;
        Ok(RunCounts {
            by_state: states.iter().map(|row| Ok((row.text("state")?, row.count("total")?))).collect::<Result<_, StoreError>>()?,
            landed: landed.count("total")?,
        })
    }

    /// For each resource whose runs have failed since the last good one, when the first of them began.
    pub async fn failing_since(&self) -> Result<Vec<(String, Moment)>, StoreError> {
        let rows = sqlx::query(FAILING_SINCE).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("resource")?, row.moment("since")?))).collect()
    }

    /// How many runs are under way now, in any process.
    pub async fn running_runs(&self) -> Result<u64, StoreError> {
        let filter = RunFilter { state: Some(RUNNING.to_owned()), ..RunFilter::default() };
        Ok(self.runs(&filter, 1, 1).await?.total)
    }

    /// Rows landed on each of the last 14 days up to `now`, oldest first: (`2026-11-24`, rows).
    /// Days begin at midnight `offset` seconds east of UTC; a run counts on the day it ended.
    pub async fn landed_by_day(&self, now: Moment, offset: i32) -> Result<Vec<(String, u64)>, StoreError> {
        let offset = i64::from(offset);
        let today = (now.0.div_euclid(1_000_000) + offset).div_euclid(DAY);
        let first = today - (DAYS - 1);
        let since = (first * DAY - offset).saturating_mul(1_000_000);
        let rows = sqlx::query(LANDED_BY_DAY).bind(now.0).bind(offset).bind(since).fetch_all(&self.readers).await?;
        let found = rows
            .iter()
            .map(|row| Ok((row.count("day")?, row.count("total")?)))
            .collect::<Result<Vec<(u64, u64)>, StoreError>>()?;
        Ok((first..=today)
            .map(|day| {
                let landed = found.iter().filter(|(that, _)| signed(*that) == day).map(|(_, rows)| rows).sum();
                (date(day), landed)
            })
            .collect())
    }
}

const DAYS: i64 = 14;
const DAY: i64 = 86_400;

/// `2026-11-24` from days since 1970-01-01.
fn date(day: i64) -> String {
    let mut text = Moment(day.saturating_mul(DAY * 1_000_000)).rfc3339();
    text.truncate(10);
    text
}

fn found(rows: u64, id: String) -> Result<(), StoreError> {
    match rows {
        0 => Err(StoreError::Missing(id)),
        _ => Ok(()),
    }
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds $1 to $10.
fn bind_counters(query: Query<'_>, counters: RunCounters) -> Query<'_> {
    query
        .bind(signed(counters.source_rows))
        .bind(signed(counters.landed))
        .bind(signed(counters.quarantined))
        .bind(signed(counters.unchanged))
        .bind(signed(counters.corrected))
        .bind(signed(counters.bytes))
        .bind(counters.bytes_total.map(signed))
        .bind(counters.rows_total.map(signed))
        .bind(signed(counters.removed))
        .bind(signed(counters.missing))
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &RunFilter) {
    query.push(" WHERE 1 = 1");
    let parts = [(" AND system = ", &filter.system), (" AND resource = ", &filter.resource), (" AND state = ", &filter.state)];
    for (condition, value) in parts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone());
        }
    }
}

fn read(row: &SqliteRow) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: row.text("id")?,
        resource: row.text("resource")?,
        system: row.text("system")?,
        trigger: row.text("started_by")?,
        state: row.text("state")?,
        started: row.moment("started")?,
        ended: row.moment_maybe("ended")?,
        counters: RunCounters {
            source_rows: row.count("source_rows")?,
            landed: row.count("landed")?,
            quarantined: row.count("quarantined")?,
            unchanged: row.count("unchanged")?,
            corrected: row.count("corrected")?,
            removed: row.count("removed")?,
            missing: row.count("missing")?,
            bytes: row.count("bytes")?,
            bytes_total: row.count_maybe("bytes_total")?,
            rows_total: row.count_maybe("rows_total")?,
        },
        error: row.both("error_zh", "error_en")?,
        decisions: row.text("decisions")?,
    })
}
