//! Where each resource stands: rows by layer, and how its last collection went.

use kernel::{Moment, Text};
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, micros, signed};
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO resource_state (resource, raw_rows, standard_rows, quarantined_rows, raw_bytes, last_started,
        last_success, last_change, last_state, last_run, last_error_zh, last_error_en, decisions)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT (resource) DO UPDATE SET raw_rows = excluded.raw_rows, standard_rows = excluded.standard_rows,
        quarantined_rows = excluded.quarantined_rows, raw_bytes = excluded.raw_bytes, last_started = excluded.last_started,
        last_success = excluded.last_success, last_change = excluded.last_change, last_state = excluded.last_state,
        last_run = excluded.last_run, last_error_zh = excluded.last_error_zh, last_error_en = excluded.last_error_en,
        decisions = excluded.decisions";
const ALL: &str = "SELECT * FROM resource_state ORDER BY resource";
const ONE: &str = "SELECT * FROM resource_state WHERE resource = $1";

/// Where one resource stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceState {
    pub resource: String,
    pub raw_rows: u64,
    pub standard_rows: u64,
    /// Refused rows that are still open.
    pub quarantined_rows: u64,
    pub raw_bytes: u64,
    /// When its last run began.
    pub last_started: Option<Moment>,
    /// When a run last ended well (done or partial).
    pub last_success: Option<Moment>,
    /// When a run last landed a row.
    pub last_change: Option<Moment>,
    /// The stable word of the last run's state.
    pub last_state: Option<String>,
    pub last_run: Option<String>,
    pub last_error: Option<Text>,
    /// JSON: what was decided while reading it last.
    pub decisions: String,
}

impl Store {
    /// Keeps the state in place of the older one.
    pub async fn put_resource_state(&self, state: ResourceState) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let (zh, en) = state.last_error.map(|error| (error.zh, error.en)).unzip();
                sqlx::query(PUT)
                    .bind(state.resource)
                    .bind(signed(state.raw_rows))
                    .bind(signed(state.standard_rows))
                    .bind(signed(state.quarantined_rows))
                    .bind(signed(state.raw_bytes))
                    .bind(micros(state.last_started))
                    .bind(micros(state.last_success))
                    .bind(micros(state.last_change))
                    .bind(state.last_state)
                    .bind(state.last_run)
                    .bind(zh)
                    .bind(en)
                    .bind(state.decisions)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Every resource that has a state, by id.
    pub async fn resource_states(&self) -> Result<Vec<ResourceState>, StoreError> {
        let rows = sqlx::query(ALL).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    pub async fn resource_state(&self, resource: &str) -> Result<Option<ResourceState>, StoreError> {
        let row = sqlx::query(ONE).bind(resource).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<ResourceState, StoreError> {
    Ok(ResourceState {
        resource: row.text("resource")?,
        raw_rows: row.count("raw_rows")?,
        standard_rows: row.count("standard_rows")?,
        quarantined_rows: row.count("quarantined_rows")?,
        raw_bytes: row.count("raw_bytes")?,
        last_started: row.moment_maybe("last_started")?,
        last_success: row.moment_maybe("last_success")?,
        last_change: row.moment_maybe("last_change")?,
        last_state: row.text_maybe("last_state")?,
        last_run: row.text_maybe("last_run")?,
        last_error: row.both("last_error_zh", "last_error_en")?,
        decisions: row.text("decisions")?,
    })
}
