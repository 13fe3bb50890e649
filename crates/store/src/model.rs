//! Runs of models: one row each, written down before the run begins and closed once.

use kernel::{Moment, Text};
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const INSERT: &str = "INSERT INTO model_run (id, model, started_by, owner, state, made_from, started)
    VALUES ($1, $2, $3, $4, 'running', $5, $6)";
const FINISH: &str = "UPDATE model_run SET state = $1, ended = $2, given = $3, rows = $4, added = $5, version = $6, error_zh = $7,
    error_en = $8 WHERE id = $9 AND state = 'running'";
const COUNT: &str = "SELECT COUNT(*) AS total FROM model_run WHERE model = $1";
const OF: &str = "SELECT * FROM model_run WHERE model = $1 ORDER BY started DESC, id DESC LIMIT $2 OFFSET $3";
const NEWEST: &str = "SELECT r.* FROM model_run r WHERE r.id = (SELECT l.id FROM model_run l WHERE l.model = r.model
    ORDER BY l.started DESC, l.id DESC LIMIT 1) ORDER BY r.model";
const LAST_GOOD: &str =
    "SELECT r.* FROM model_run r WHERE r.id = (SELECT l.id FROM model_run l WHERE l.model = r.model AND l.state = 'done'
    ORDER BY l.started DESC, l.id DESC LIMIT 1) ORDER BY r.model";

/// A run that begins now.
#[derive(Clone, Debug)]
pub struct NewModelRun {
    pub id: String,
    /// `topic.air_month`
    pub model: String,
    /// `collection`, `schedule`, `person`, `command`.
    pub trigger: String,
    /// JSON: the text and the versions it is made from.
    pub made_from: String,
    pub started: Moment,
}

/// What a run that went well gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelRunOutcome {
    /// Rows that the SELECT gave.
    pub given: u64,
    /// Rows of the table after it.
    pub rows: u64,
    /// Rows were added to what was there, rather than all made anew.
    pub added: bool,
    /// Version of the table.
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRunRow {
    pub id: String,
    pub model: String,
    pub trigger: String,
    /// `running`, `done`, `failed`, `interrupted`.
    pub state: String,
    pub made_from: String,
    pub started: Moment,
    pub ended: Option<Moment>,
    /// All zero unless `done`.
    pub outcome: ModelRunOutcome,
    pub error: Option<Text>,
}

impl Store {
    /// Begins a run that belongs to this process.
    pub async fn start_model_run(&self, run: NewModelRun) -> Result<(), StoreError> {
        let owner = self.owner.id.clone();
        self.write(move |connection| {
            Box::pin(async move {
                let insert = sqlx::query(INSERT).bind(run.id).bind(run.model).bind(run.trigger).bind(owner);
                insert.bind(run.made_from).bind(run.started.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a running run; `Missing` when it no longer runs.
    pub async fn finish_model_run(&self, id: &str, ended: Moment, done: Result<ModelRunOutcome, Text>) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let (outcome, error) = match done {
                    Ok(outcome) => (Some(outcome), None),
                    Err(error) => (None, Some(error)),
                };
                let count = |of: fn(&ModelRunOutcome) -> u64| outcome.as_ref().map_or(0, |outcome| signed(of(outcome)));
                let (zh, en) = error.map(|error| (error.zh, error.en)).unzip();
                let update = sqlx::query(FINISH)
                    .bind(if outcome.is_some() { "done" } else { "failed" })
                    .bind(ended.0)
                    .bind(count(|outcome| outcome.given))
                    .bind(count(|outcome| outcome.rows))
                    .bind(count(|outcome| u64::from(outcome.added)))
                    .bind(outcome.map(|outcome| outcome.version))
                    .bind(zh)
                    .bind(en)
                    .bind(id.clone());
                match update.execute(connection).await?.rows_affected() {
                    0 => Err(StoreError::Missing(id)),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// Runs of one model, newest first; `page` is 1-based.
    pub async fn model_runs(&self, model: &str, page: u64, size: u64) -> Result<Rows<ModelRunRow>, StoreError> {
        let (limit, offset) = window(page, size);
        let total = sqlx::query(COUNT).bind(model).fetch_one(&self.readers).await?.count("total")?;
        let rows = sqlx::query(OF)
            .bind(model)
            .bind(limit)
            .bind(offset)
            .fetch_all(&self.readers)
            .await?;
        Ok(Rows {
            entries: rows.iter().map(read).collect::<Result<_, _>>()?,
            total,
        })
    }

    /// The newest run of each model.
    pub async fn newest_model_runs(&self) -> Result<Vec<ModelRunRow>, StoreError> {
        let rows = sqlx::query(NEWEST).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// The newest run of each model that went well.
    pub async fn last_good_model_runs(&self) -> Result<Vec<ModelRunRow>, StoreError> {
        let rows = sqlx::query(LAST_GOOD).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<ModelRunRow, StoreError> {
    use sqlx::Row;
    Ok(ModelRunRow {
        id: row.text("id")?,
        model: row.text("model")?,
        trigger: row.text("started_by")?,
        state: row.text("state")?,
        made_from: row.text("made_from")?,
        started: row.moment("started")?,
        ended: row.moment_maybe("ended")?,
        outcome: ModelRunOutcome {
            given: row.count("given")?,
            rows: row.count("rows")?,
            added: row.count("added")? > 0,
            version: row.try_get::<Option<i64>, _>("version")?.unwrap_or(0),
        },
        error: row.both("error_zh", "error_en")?,
    })
}
