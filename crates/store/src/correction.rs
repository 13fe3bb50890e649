//! Corrections of refused rows: written down before their rows are committed, ended together with the settlement of the
//! refused rows.

use std::collections::HashMap;

use kernel::Moment;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::{Cells, signed};
use crate::quarantine::uncount;
use crate::{Store, StoreError};

const BEGIN: &str = "INSERT INTO correction (id, resource, who, reason, origin, batch, begun) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ADD_ROW: &str = "INSERT INTO corrected_row (correction, resource, batch, row, hash, new_hash, new_key, before, after)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const ONE: &str = "SELECT * FROM correction WHERE id = $1";
const OPEN: &str = "SELECT * FROM correction WHERE resource = $1 AND ended IS NULL ORDER BY begun, id";
const NEWEST: &str = "SELECT * FROM correction WHERE resource = $1 AND ended IS NOT NULL ORDER BY begun DESC, id DESC LIMIT $2";
const ROWS: &str = "SELECT * FROM corrected_row WHERE correction = $1 ORDER BY batch, row";
const END: &str = "UPDATE correction SET ended = $1 WHERE id = $2 AND ended IS NULL";
const SETTLE: &str = "UPDATE quarantine SET settled = $1, correction = $2
    WHERE resource = $3 AND batch = $4 AND row = $5 AND settled IS NULL RETURNING code, item, run";
const WITHDRAW_ROWS: &str = "DELETE FROM corrected_row WHERE correction = $1";
const WITHDRAW: &str = "DELETE FROM correction WHERE id = $1 AND ended IS NULL";
const STANDING: &str = "SELECT c.hash, c.new_key FROM corrected_row c JOIN correction o ON o.id = c.correction
    WHERE o.resource = $1 AND o.ended IS NOT NULL AND o.undone IS NULL";
const UNDO: &str = "UPDATE correction SET undone = $1, undone_by = $2 WHERE id = $3 AND ended IS NOT NULL AND undone IS NULL";
const REOPEN: &str = "UPDATE quarantine SET settled = NULL, correction = NULL WHERE correction = $1 RETURNING code, item, run";

/// A correction of one or more refused rows of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub id: String,
    pub resource: String,
    /// Name of the member of staff.
    pub who: String,
    pub reason: String,
    /// `page`, `bulk`, `upload`.
    pub origin: String,
    /// Number of the batch in which the corrected rows stand.
    pub batch: i64,
    pub begun: Moment,
    pub ended: Option<Moment>,
    pub undone: Option<Moment>,
    pub undone_by: Option<String>,
}

/// One row of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectedRow {
    /// (batch, row) names the refused row in the quarantine of the resource.
    pub batch: i64,
    pub row: u64,
    pub hash: [u8; 16],
    pub new_hash: [u8; 16],
    /// Hash of the corrected row's key; `None` where the resource has none.
    pub new_key: Option<[u8; 16]>,
    /// JSON objects of the fields.
    pub before: String,
    pub after: String,
}

impl Store {
    /// Writes a correction down before its rows are committed.
    pub async fn begin_correction(&self, correction: Correction, rows: Vec<CorrectedRow>) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(begin(connection, correction, rows))).await
    }

    /// Its rows are durable: the refused rows are settled with it, in one transaction.
    pub async fn end_correction(&self, id: &str, now: Moment) -> Result<u64, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(end(connection, id, now))).await
    }

    /// Its rows never came to be.
    pub async fn withdraw_correction(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(WITHDRAW_ROWS).bind(&id).execute(&mut *connection).await?;
                sqlx::query(WITHDRAW).bind(&id).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Its rows were taken out again: the refused rows are open as before. `false`: it was undone already.
    pub async fn undo_correction(&self, id: &str, who: &str, now: Moment) -> Result<bool, StoreError> {
        let (id, who) = (id.to_owned(), who.to_owned());
        self.write(move |connection| Box::pin(undo(connection, id, who, now))).await
    }

    pub async fn correction(&self, id: &str) -> Result<Option<Correction>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// Those that were begun and not ended.
    pub async fn open_corrections(&self, resource: &str) -> Result<Vec<Correction>, StoreError> {
        let rows = sqlx::query(OPEN).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// The newest of a resource.
    pub async fn corrections(&self, resource: &str, most: u64) -> Result<Vec<Correction>, StoreError> {
        let rows = sqlx::query(NEWEST).bind(resource).bind(signed(most)).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    pub async fn corrected_rows(&self, correction: &str) -> Result<Vec<CorrectedRow>, StoreError> {
        let rows = sqlx::query(ROWS).bind(correction).fetch_all(&self.readers).await?;
        rows.iter().map(read_row).collect()
    }

    /// The refused rows on whose correction something stands: (hash, key of the corrected row).
    pub async fn standing_corrections(&self, resource: &str) -> Result<Vec<([u8; 16], Option<[u8; 16]>)>, StoreError> {
        let rows = sqlx::query(STANDING).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((hash(row, "hash")?, hash_maybe(row, "new_key")?))).collect()
    }
}

async fn begin(connection: &mut SqliteConnection, correction: Correction, rows: Vec<CorrectedRow>) -> Result<(), StoreError> {
    sqlx::query(BEGIN)
        .bind(&correction.id)
        .bind(&correction.resource)
        .bind(&correction.who)
        .bind(&correction.reason)
        .bind(&correction.origin)
        .bind(correction.batch)
        .bind(correction.begun.0)
        .execute(&mut *connection)
        .await?;
    for row in rows {
        sqlx::query(ADD_ROW)
            .bind(&correction.id)
            .bind(&correction.resource)
            .bind(row.batch)
            .bind(signed(row.row))
            .bind(row.hash.to_vec())
            .bind(row.new_hash.to_vec())
            .bind(row.new_key.map(|key| key.to_vec()))
            .bind(row.before)
            .bind(row.after)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn end(connection: &mut SqliteConnection, id: String, now: Moment) -> Result<u64, StoreError> {
    let Some(correction) = sqlx::query(ONE).bind(&id).fetch_optional(&mut *connection).await? else { return Ok(0) };
    let correction = read(&correction)?;
    sqlx::query(END).bind(now.0).bind(&id).execute(&mut *connection).await?;
    let rows = sqlx::query(ROWS).bind(&id).fetch_all(&mut *connection).await?;
    let mut closed: HashMap<(String, String, String), i64> = HashMap::new();
    for row in rows.iter().map(read_row) {
        let row = row?;
        let settle = sqlx::query(SETTLE).bind(now.0).bind(&id).bind(&correction.resource).bind(row.batch).bind(signed(row.row));
        for settled in settle.fetch_all(&mut *connection).await? {
            *closed.entry((settled.text("code")?, settled.text("item")?, settled.text("run")?)).or_default() += 1;
        }
    }
    let total: i64 = closed.values().sum();
    uncount(connection, &correction.resource, closed).await?;
    Ok(total.unsigned_abs())
}

async fn undo(connection: &mut SqliteConnection, id: String, who: String, now: Moment) -> Result<bool, StoreError> {
    let done = sqlx::query(UNDO).bind(now.0).bind(who).bind(&id).execute(&mut *connection).await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let Some(correction) = sqlx::query(ONE).bind(&id).fetch_optional(&mut *connection).await? else { return Ok(false) };
    let resource = read(&correction)?.resource;
    let mut opened: HashMap<(String, String, String), i64> = HashMap::new();
    for row in sqlx::query(REOPEN).bind(&id).fetch_all(&mut *connection).await? {
        *opened.entry((row.text("code")?, row.text("item")?, row.text("run")?)).or_default() -= 1;
    }
    uncount(connection, &resource, opened).await?;
    Ok(true)
}

fn hash(row: &SqliteRow, column: &str) -> Result<[u8; 16], StoreError> {
    hash_maybe(row, column)?.ok_or_else(|| StoreError::Unreadable(format!("corrected_row.{column}")))
}

fn hash_maybe(row: &SqliteRow, column: &str) -> Result<Option<[u8; 16]>, StoreError> {
    let found: Option<&[u8]> = row.try_get(column)?;
    found.map(|bytes| bytes.try_into().map_err(|_| StoreError::Unreadable(format!("corrected_row.{column}")))).transpose()
}

fn read(row: &SqliteRow) -> Result<Correction, StoreError> {
    Ok(Correction {
        id: row.text("id")?,
        resource: row.text("resource")?,
        who: row.text("who")?,
        reason: row.text("reason")?,
        origin: row.text("origin")?,
        batch: row.try_get("batch")?,
        begun: row.moment("begun")?,
        ended: row.moment_maybe("ended")?,
        undone: row.moment_maybe("undone")?,
        undone_by: row.text_maybe("undone_by")?,
    })
}

fn read_row(row: &SqliteRow) -> Result<CorrectedRow, StoreError> {
    Ok(CorrectedRow {
        batch: row.try_get("batch")?,
        row: row.count("row")?,
        hash: hash(row, "hash")?,
        new_hash: hash(row, "new_hash")?,
        new_key: hash_maybe(row, "new_key")?,
        before: row.text("before")?,
        after: row.text("after")?,
    })
}
