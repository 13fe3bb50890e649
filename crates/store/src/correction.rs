//! Corrections of refused rows, and edits of rows that had landed: written down before their rows are committed, ended together with the settlement of the
//! refused rows.

use std::collections::{HashMap, HashSet};

use kernel::Moment;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row};

use crate::cells::{Cells, push_among, signed, window};
use crate::quarantine::uncount;
use crate::{Store, StoreError};

const BEGIN: &str = "INSERT INTO correction (id, resource, who, reason, origin, batch, begun, edits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const ADD_ROW: &str = "INSERT INTO corrected_row (correction, resource, batch, row, hash, new_hash, new_key, before, after, landed, displaced)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const ONE: &str = "SELECT * FROM correction WHERE id = $1";
const OPEN: &str = "SELECT * FROM correction WHERE resource = $1 AND ended IS NULL ORDER BY begun, id";
const ROWS: &str = "SELECT * FROM corrected_row WHERE correction = $1 ORDER BY batch, row";
const END: &str = "UPDATE correction SET ended = $1 WHERE id = $2 AND ended IS NULL";
const SETTLE: &str = "UPDATE quarantine SET settled = $1, correction = $2
    WHERE resource = $3 AND batch = $4 AND row = $5 AND settled IS NULL RETURNING code, item, run";
const WITHDRAW_ROWS: &str = "DELETE FROM corrected_row WHERE correction = $1";
const WITHDRAW: &str = "DELETE FROM correction WHERE id = $1 AND ended IS NULL";
// An edit is over once the source has told anything else of its key, were it what the edit says itself.
const STANDING: &str = "SELECT c.hash, c.new_hash, c.new_key, o.edits FROM corrected_row c JOIN correction o ON o.id = c.correction
    WHERE o.resource = $1 AND o.ended IS NOT NULL AND c.undone IS NULL AND (NOT o.edits OR (c.confirmed IS NULL AND c.gave_way IS NULL))";
const CONFIRM: &str = "UPDATE corrected_row SET confirmed = $1
    WHERE resource = $2 AND new_hash = $3 AND undone IS NULL AND confirmed IS NULL AND gave_way IS NULL";
const OVERLAYS: &str = "SELECT new_hash FROM corrected_row WHERE resource = $1 AND batch = 0 AND undone IS NULL AND gave_way IS NULL";
const GIVE_WAY: &str = "UPDATE corrected_row SET gave_way = $1
    WHERE resource = $2 AND new_hash = $3 AND batch = 0 AND undone IS NULL AND gave_way IS NULL";
const OF_ROW: &str = "SELECT o.* FROM correction o JOIN quarantine q ON q.correction = o.id
    WHERE q.resource = $1 AND q.batch = $2 AND q.row = $3";
const COUNTED: &str = "SELECT o.*, (SELECT COUNT(*) FROM corrected_row c WHERE c.correction = o.id) AS rows,
    (SELECT COUNT(*) FROM corrected_row c WHERE c.correction = o.id AND c.undone IS NOT NULL) AS taken_back
    FROM correction o WHERE o.ended IS NOT NULL";

/// A correction of one or more rows of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub id: String,
    pub resource: String,
    /// Name of the member of staff.
    pub who: String,
    pub reason: String,
    /// `page`, `bulk`, `upload`, `command`, `api`.
    pub origin: String,
    /// Whether its rows had landed before; else they had been refused.
    pub edits: bool,
    /// Number of the batch in which the corrected rows stand.
    pub batch: i64,
    pub begun: Moment,
    pub ended: Option<Moment>,
    /// When, and by whom, all that it had corrected was taken back.
    pub undone: Option<Moment>,
    pub undone_by: Option<String>,
}

/// A correction with its rows counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub correction: Correction,
    pub rows: u64,
    /// Of them, taken back.
    pub undone: u64,
}

/// Which corrections.
#[derive(Clone, Debug, Default)]
pub struct CorrectionFilter {
    pub resource: Option<String>,
    /// With a row that was refused for this.
    pub code: Option<String>,
    pub item: Option<String>,
    /// Only those of these resources.
    pub among: Option<Vec<String>>,
}

/// One row of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectedRow {
    /// (batch, row) names the refused row in the quarantine of the resource; of an edit the batch is 0, which no other has.
    pub batch: i64,
    pub row: u64,
    pub hash: [u8; 16],
    pub new_hash: [u8; 16],
    /// Hash of the corrected row's key; `None` where the resource has none.
    pub new_key: Option<[u8; 16]>,
    /// JSON objects of the fields.
    pub before: String,
    pub after: String,
    /// Whether the corrected row came into the standard layer by this; else it was there already.
    pub landed: bool,
    /// Hash of the current row whose place it took.
    pub displaced: Option<[u8; 16]>,
    /// When the source was seen to deliver the same row.
    pub confirmed: Option<Moment>,
    /// When another row took its place, of an edit.
    pub gave_way: Option<Moment>,
    /// When it was taken back.
    pub undone: Option<Moment>,
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

    pub async fn correction(&self, id: &str) -> Result<Option<Correction>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// Those that were begun and not ended.
    pub async fn open_corrections(&self, resource: &str) -> Result<Vec<Correction>, StoreError> {
        let rows = sqlx::query(OPEN).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// The newest, with their rows counted; `page` is 1-based.
    pub async fn corrections(&self, filter: &CorrectionFilter, page: u64, size: u64) -> Result<Vec<Counted>, StoreError> {
        let (limit, offset) = window(page, size);
        let mut query = QueryBuilder::<Sqlite>::new(COUNTED);
        if let Some(resource) = &filter.resource {
            query.push(" AND o.resource = ").push_bind(resource.clone());
        }
        push_among(&mut query, "o.resource", filter.among.as_deref());
        if filter.code.is_some() || filter.item.is_some() {
            query.push(" AND EXISTS (SELECT 1 FROM corrected_row c JOIN quarantine q ON q.resource = c.resource AND q.batch = c.batch AND q.row = c.row WHERE c.correction = o.id");
            for (condition, value) in [(" AND q.code = ", &filter.code), (" AND q.item = ", &filter.item)] {
                if let Some(value) = value {
                    query.push(condition).push_bind(value.clone());
                }
            }
            query.push(")");
        }
        query.push(" ORDER BY o.begun DESC, o.id DESC LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(Counted { correction: read(row)?, rows: row.count("rows")?, undone: row.count("taken_back")? })).collect()
    }

    /// The correction by which a refused row is settled.
    pub async fn correction_of(&self, resource: &str, batch: i64, row: u64) -> Result<Option<Correction>, StoreError> {
        let found = sqlx::query(OF_ROW).bind(resource).bind(batch).bind(signed(row)).fetch_optional(&self.readers).await?;
        found.as_ref().map(read).transpose()
    }

    pub async fn corrected_rows(&self, correction: &str) -> Result<Vec<CorrectedRow>, StoreError> {
        let rows = sqlx::query(ROWS).bind(correction).fetch_all(&self.readers).await?;
        rows.iter().map(read_row).collect()
    }

    /// Corrected rows that stand.
    pub async fn standing_corrections(&self, resource: &str) -> Result<Vec<Standing>, StoreError> {
        let rows = sqlx::query(STANDING).bind(resource).fetch_all(&self.readers).await?;
        let standing = |row: &SqliteRow| Ok(Standing { refused: hash(row, "hash")?, hash: hash(row, "new_hash")?, key: hash_maybe(row, "new_key")?, edits: row.try_get("edits")? });
        rows.iter().map(standing).collect()
    }

    /// The source has delivered rows with these hashes, as they had been corrected.
    pub async fn confirm_corrections(&self, resource: &str, hashes: Vec<[u8; 16]>, now: Moment) -> Result<(), StoreError> {
        let resource = resource.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                for hash in hashes {
                    sqlx::query(CONFIRM).bind(now.0).bind(&resource).bind(hash.to_vec()).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Rows with these hashes leave the standard layer: edits that are among them are over.
    pub async fn edits_give_way(&self, resource: &str, leaving: &[[u8; 16]], now: Moment) -> Result<(), StoreError> {
        if leaving.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query(OVERLAYS).bind(resource).fetch_all(&self.readers).await?;
        let edits = rows.iter().map(|row| hash(row, "new_hash")).collect::<Result<HashSet<_>, _>>()?;
        let over: Vec<[u8; 16]> = leaving.iter().filter(|hash| edits.contains(*hash)).copied().collect();
        if over.is_empty() {
            return Ok(());
        }
        let resource = resource.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                for hash in over {
                    sqlx::query(GIVE_WAY).bind(now.0).bind(&resource).bind(hash.to_vec()).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// A corrected row that stands: the hash of the record that the source brings, and hash and key of what stands in its stead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub refused: [u8; 16],
    pub hash: [u8; 16],
    pub key: Option<[u8; 16]>,
    /// Whether the record had not been refused, but landed.
    pub edits: bool,
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
        .bind(correction.edits)
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
            .bind(row.landed)
            .bind(row.displaced.map(|hash| hash.to_vec()))
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

pub(crate) fn hash(row: &SqliteRow, column: &str) -> Result<[u8; 16], StoreError> {
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
        edits: row.try_get("edits")?,
        batch: row.try_get("batch")?,
        begun: row.moment("begun")?,
        ended: row.moment_maybe("ended")?,
        undone: row.moment_maybe("undone")?,
        undone_by: row.text_maybe("undone_by")?,
    })
}

pub(crate) fn read_row(row: &SqliteRow) -> Result<CorrectedRow, StoreError> {
    Ok(CorrectedRow {
        batch: row.try_get("batch")?,
        row: row.count("row")?,
        hash: hash(row, "hash")?,
        new_hash: hash(row, "new_hash")?,
        new_key: hash_maybe(row, "new_key")?,
        before: row.text("before")?,
        after: row.text("after")?,
        landed: row.try_get("landed")?,
        displaced: hash_maybe(row, "displaced")?,
        confirmed: row.moment_maybe("confirmed")?,
        gave_way: row.moment_maybe("gave_way")?,
        undone: row.moment_maybe("undone")?,
    })
}
