//! What rules found, measurement by measurement. A measurement, its results, the score of its day and what it does to
//! defects are one transaction.

use std::collections::HashMap;

use kernel::{Moment, Text};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::{Cells, signed};
use crate::defect::{self, Verdict};
use crate::{Store, StoreError};

const INSERT: &str = "INSERT INTO quality_run (id, resource, department, started_by, started, ended, rows, score, error_zh, error_en)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const RESULT: &str =
    "INSERT INTO quality_result (quality_run, rule, state, checked, failed, newest, declared) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DAY: &str = "INSERT INTO quality_day (resource, day, department, rows, score) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (resource, day) DO UPDATE SET department = excluded.department, rows = excluded.rows, score = excluded.score";
const PRUNE: &str = "DELETE FROM quality_run WHERE resource = $1
    AND id < COALESCE((SELECT id FROM quality_run WHERE resource = $1 ORDER BY id DESC LIMIT 1 OFFSET $2), '')";
const LATEST: &str = "SELECT * FROM quality_run WHERE id IN (SELECT MAX(id) FROM quality_run WHERE error_zh IS NULL GROUP BY resource)";
const LATEST_COUNTS: &str = "SELECT quality_run, COUNT(*) AS rules, SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS failing
    FROM quality_result WHERE quality_run IN (SELECT MAX(id) FROM quality_run WHERE error_zh IS NULL GROUP BY resource)
    GROUP BY quality_run";
const OF: &str = "SELECT * FROM quality_run WHERE resource = $1 ORDER BY id DESC LIMIT $2";
const RESULTS: &str = "SELECT * FROM quality_result WHERE quality_run = $1";
const DAYS: &str = "SELECT * FROM quality_day WHERE day >= $1 ORDER BY day, resource";
const DAYS_OF: &str = "SELECT * FROM quality_day WHERE resource = $1 AND day >= $2 ORDER BY day";

/// Measurements kept of a resource.
const KEPT: i64 = 500;

/// One measurement of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityRun {
    pub id: String,
    pub resource: String,
    pub department: String,
    /// `collection`, `person`, `command`.
    pub started_by: String,
    pub started: Moment,
    pub ended: Moment,
    pub rows: u64,
    /// 0 to 100; `None` when nothing could be measured.
    pub score: Option<f64>,
    /// Why it could not be measured.
    pub error: Option<Text>,
}

/// What one rule found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityResult {
    pub rule: String,
    /// `passed`, `failed`, or `unmeasured`: a table it needs is not there.
    pub state: String,
    pub checked: u64,
    pub failed: u64,
    /// The largest date, of a rule on freshness.
    pub newest: Option<Moment>,
    /// The rule as it was measured, as JSON.
    pub declared: String,
}

/// The last score of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityDay {
    pub resource: String,
    pub department: String,
    /// `2026-01-31`
    pub day: String,
    pub rows: u64,
    pub score: f64,
}

impl Store {
    /// Keeps a measurement of that day with what each rule found, opens, rechecks and closes defects accordingly.
    /// `verdicts` has one entry for each rule that was measured; open defects of rules that are not `declared` any more close.
    pub async fn add_quality(
        &self,
        run: QualityRun,
        day: String,
        results: Vec<QualityResult>,
        verdicts: Vec<Verdict>,
        declared: Vec<String>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(add(connection, run, day, results, verdicts, declared)))
            .await
    }

    /// The last measurement of each resource that did not fail.
    pub async fn latest_quality(&self) -> Result<Vec<QualityRun>, StoreError> {
        let rows = sqlx::query(LATEST).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// How many rules the last measurement of each resource measured, and how many of them failed, by its id.
    pub async fn latest_quality_counts(&self) -> Result<HashMap<String, (u64, u64)>, StoreError> {
        let rows = sqlx::query(LATEST_COUNTS).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("quality_run")?, (row.count("rules")?, row.count("failing")?)))).collect()
    }

    /// Measurements of a resource, newest first.
    pub async fn quality_runs(&self, resource: &str, most: u64) -> Result<Vec<QualityRun>, StoreError> {
        let rows = sqlx::query(OF)
            .bind(resource)
            .bind(signed(most.clamp(1, 1_000)))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    pub async fn quality_results(&self, run: &str) -> Result<Vec<QualityResult>, StoreError> {
        let rows = sqlx::query(RESULTS).bind(run).fetch_all(&self.readers).await?;
        let result = |row: &SqliteRow| {
            Ok(QualityResult {
                rule: row.text("rule")?,
                state: row.text("state")?,
                checked: row.count("checked")?,
                failed: row.count("failed")?,
                newest: row.moment_maybe("newest")?,
                declared: row.text("declared")?,
            })
        };
        rows.iter().map(result).collect()
    }

    /// Scores by day since that day (`2026-01-31`), of one resource or of all, oldest first.
    pub async fn quality_days(&self, resource: Option<&str>, since: &str) -> Result<Vec<QualityDay>, StoreError> {
        let query = match resource {
            Some(resource) => sqlx::query(DAYS_OF).bind(resource).bind(since),
            None => sqlx::query(DAYS).bind(since),
        };
        let day = |row: &SqliteRow| {
            Ok(QualityDay {
                resource: row.text("resource")?,
                department: row.text("department")?,
                day: row.text("day")?,
                rows: row.count("rows")?,
                score: row.try_get("score")?,
            })
        };
        query.fetch_all(&self.readers).await?.iter().map(day).collect()
    }
}

async fn add(
    connection: &mut SqliteConnection,
    run: QualityRun,
    day: String,
    results: Vec<QualityResult>,
    verdicts: Vec<Verdict>,
    declared: Vec<String>,
) -> Result<(), StoreError> {
    let error = run.error.as_ref();
    sqlx::query(INSERT)
        .bind(&run.id)
        .bind(&run.resource)
        .bind(&run.department)
        .bind(&run.started_by)
        .bind(run.started.0)
        .bind(run.ended.0)
        .bind(signed(run.rows))
        .bind(run.score)
        .bind(error.map(|text| text.zh.clone()))
        .bind(error.map(|text| text.en.clone()))
        .execute(&mut *connection)
        .await?;
    for result in results {
        sqlx::query(RESULT)
            .bind(&run.id)
            .bind(result.rule)
            .bind(result.state)
            .bind(signed(result.checked))
            .bind(signed(result.failed))
            .bind(result.newest.map(|newest| newest.0))
            .bind(result.declared)
            .execute(&mut *connection)
            .await?;
    }
    if let Some(score) = run.score {
        let put = sqlx::query(DAY)
            .bind(&run.resource)
            .bind(day)
            .bind(&run.department)
            .bind(signed(run.rows))
            .bind(score);
        put.execute(&mut *connection).await?;
    }
    sqlx::query(PRUNE).bind(&run.resource).bind(KEPT).execute(&mut *connection).await?;
    if run.error.is_some() {
        return Ok(());
    }
    defect::drop_undeclared(connection, &run.resource, &declared, run.ended).await?;
    for verdict in verdicts {
        defect::judge(connection, &run, verdict).await?;
    }
    Ok(())
}

fn read(row: &SqliteRow) -> Result<QualityRun, StoreError> {
    Ok(QualityRun {
        id: row.text("id")?,
        resource: row.text("resource")?,
        department: row.text("department")?,
        started_by: row.text("started_by")?,
        started: row.moment("started")?,
        ended: row.moment("ended")?,
        rows: row.count("rows")?,
        score: row.try_get("score")?,
        error: row.both("error_zh", "error_en")?,
    })
}
