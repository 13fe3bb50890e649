//! Corrections taken back: written down before the corrected rows leave the standard layer, ended together with the
//! opening of the refused rows.

use std::collections::HashMap;

use kernel::Moment;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::{Cells, signed};
use crate::correction::{CorrectedRow, read_row};
use crate::quarantine::uncount;
use crate::{Store, StoreError};

const BEGIN: &str = "INSERT INTO undoing (id, correction, resource, who, batch, begun) VALUES ($1, $2, $3, $4, $5, $6)";
const CLAIM: &str = "UPDATE corrected_row SET undoing = $1 WHERE correction = $2 AND batch = $3 AND row = $4 AND undone IS NULL";
const ONE: &str = "SELECT * FROM undoing WHERE id = $1";
const OPEN: &str = "SELECT * FROM undoing WHERE resource = $1 AND ended IS NULL ORDER BY begun, id";
const OF: &str = "SELECT * FROM undoing WHERE correction = $1 AND ended IS NOT NULL ORDER BY begun, id";
const END: &str = "UPDATE undoing SET ended = $1 WHERE id = $2 AND ended IS NULL";
const ROWS: &str = "SELECT * FROM corrected_row WHERE correction = $1 AND undoing = $2 AND undone IS NULL";
const MARK: &str = "UPDATE corrected_row SET undone = $1 WHERE correction = $2 AND undoing = $3 AND undone IS NULL";
const REOPEN: &str = "UPDATE quarantine SET settled = NULL, correction = NULL
    WHERE resource = $1 AND batch = $2 AND row = $3 AND correction = $4 RETURNING code, item, run";
const INHERIT: &str = "UPDATE corrected_row SET landed = 1, displaced = COALESCE(displaced, $1)
    WHERE resource = $2 AND new_hash = $3 AND undone IS NULL AND landed = 0";
const WHOLE: &str = "UPDATE correction SET undone = $1, undone_by = $2 WHERE id = $3
    AND NOT EXISTS (SELECT 1 FROM corrected_row WHERE correction = $3 AND undone IS NULL)";
const RELEASE: &str = "UPDATE corrected_row SET undoing = NULL WHERE undoing = $1 AND undone IS NULL";
const WITHDRAW: &str = "DELETE FROM undoing WHERE id = $1 AND ended IS NULL";
const SAME: &str = "SELECT c.* FROM corrected_row c JOIN correction o ON o.id = c.correction
    WHERE c.resource = $1 AND c.new_hash = $2 AND c.undone IS NULL AND c.gave_way IS NULL AND o.ended IS NOT NULL";

/// A correction taken back, as a whole or some rows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    pub id: String,
    pub correction: String,
    pub resource: String,
    /// Name of the member of staff.
    pub who: String,
    /// Number of the batch by which the corrected rows leave.
    pub batch: i64,
    pub begun: Moment,
    pub ended: Option<Moment>,
}

impl Store {
    /// Writes it down, with the places of the refused rows, before the corrected ones leave.
    pub async fn begin_undoing(&self, undoing: Undoing, places: Vec<(i64, u64)>) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(begin(connection, undoing, places))).await
    }

    /// The rows have left: the refused ones are open as before, in one transaction. Answers how many.
    pub async fn end_undoing(&self, id: &str, now: Moment) -> Result<u64, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(end(connection, id, now))).await
    }

    /// The rows never left.
    pub async fn withdraw_undoing(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(RELEASE).bind(&id).execute(&mut *connection).await?;
                sqlx::query(WITHDRAW).bind(&id).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Those that were begun and not ended.
    pub async fn open_undoings(&self, resource: &str) -> Result<Vec<Undoing>, StoreError> {
        let rows = sqlx::query(OPEN).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// Those of a correction, the first first.
    pub async fn undoings(&self, correction: &str) -> Result<Vec<Undoing>, StoreError> {
        let rows = sqlx::query(OF).bind(correction).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// Corrected rows that stand and are the same row: (correction, row).
    pub async fn standing_as(&self, resource: &str, new_hash: [u8; 16]) -> Result<Vec<(String, CorrectedRow)>, StoreError> {
        let rows = sqlx::query(SAME).bind(resource).bind(new_hash.to_vec()).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("correction")?, read_row(row)?))).collect()
    }
}

async fn begin(connection: &mut SqliteConnection, undoing: Undoing, places: Vec<(i64, u64)>) -> Result<(), StoreError> {
    sqlx::query(BEGIN)
        .bind(&undoing.id)
        .bind(&undoing.correction)
        .bind(&undoing.resource)
        .bind(&undoing.who)
        .bind(undoing.batch)
        .bind(undoing.begun.0)
        .execute(&mut *connection)
        .await?;
    for (batch, row) in places {
        let claim = sqlx::query(CLAIM).bind(&undoing.id).bind(&undoing.correction).bind(batch).bind(signed(row));
        claim.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn end(connection: &mut SqliteConnection, id: String, now: Moment) -> Result<u64, StoreError> {
    let Some(undoing) = sqlx::query(ONE).bind(&id).fetch_optional(&mut *connection).await? else { return Ok(0) };
    let undoing = read(&undoing)?;
    sqlx::query(END).bind(now.0).bind(&id).execute(&mut *connection).await?;
    let rows = sqlx::query(ROWS).bind(&undoing.correction).bind(&id).fetch_all(&mut *connection).await?;
    let rows = rows.iter().map(read_row).collect::<Result<Vec<_>, _>>()?;
    sqlx::query(MARK).bind(now.0).bind(&undoing.correction).bind(&id).execute(&mut *connection).await?;
    let mut opened: HashMap<(String, String, String), i64> = HashMap::new();
    for row in &rows {
        let reopen = sqlx::query(REOPEN).bind(&undoing.resource).bind(row.batch).bind(signed(row.row)).bind(&undoing.correction);
        for open in reopen.fetch_all(&mut *connection).await? {
            *opened.entry((open.text("code")?, open.text("item")?, open.text("run")?)).or_default() -= 1;
        }
        // Another correction had come to the same row: now that row is there by it.
        if row.landed {
            let displaced = row.displaced.map(|hash| hash.to_vec());
            let inherit = sqlx::query(INHERIT).bind(displaced).bind(&undoing.resource).bind(row.new_hash.to_vec());
            inherit.execute(&mut *connection).await?;
        }
    }
    uncount(connection, &undoing.resource, opened).await?;
    sqlx::query(WHOLE).bind(now.0).bind(&undoing.who).bind(&undoing.correction).execute(connection).await?;
    Ok(rows.len() as u64)
}

fn read(row: &SqliteRow) -> Result<Undoing, StoreError> {
    Ok(Undoing {
        id: row.text("id")?,
        correction: row.text("correction")?,
        resource: row.text("resource")?,
        who: row.text("who")?,
        batch: row.try_get("batch")?,
        begun: row.moment("begun")?,
        ended: row.moment_maybe("ended")?,
    })
}
