//! Refused rows, byte for byte, with their reasons; and how many are open by cause.

use std::collections::HashMap;

use data::standard::Fault;
use futures::TryStreamExt;
use kernel::{Moment, Text};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row};

use crate::cells::{Cells, push_among, signed, window};
use crate::{Rows, Store, StoreError};

const INSERT: &str =
    "INSERT INTO quarantine (resource, batch, row, system, run, file, line, hash, bytes, faults, code, item, time) ";
const COUNT_CAUSE: &str = "INSERT INTO quarantine_cause (resource, code, item, run, system, open_rows, example, message_zh, message_en)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (resource, code, item, run) DO UPDATE SET open_rows = quarantine_cause.open_rows + excluded.open_rows";
const SETTLE: &str = "UPDATE quarantine SET settled = $1 WHERE resource = $2 AND hash = $3 AND settled IS NULL RETURNING code, item, run";
const UNCOUNT_CAUSE: &str = "UPDATE quarantine_cause SET open_rows = open_rows - $1
    WHERE resource = $2 AND code = $3 AND item = $4 AND run = $5";
const HASHES: &str = "SELECT hash FROM quarantine WHERE resource = $1 AND settled IS NULL";
const ONE: &str = "SELECT * FROM quarantine WHERE resource = $1 AND batch = $2 AND row = $3 AND settled IS NULL";
const EVER: &str = "SELECT hash FROM quarantine WHERE resource = $1";
const OPEN_ROWS: &str = "SELECT CAST(COALESCE(SUM(open_rows), 0) AS BIGINT) AS total FROM quarantine_cause";

/// Rows in one INSERT, and acts in one turn of the writer: others get their turn in between.
const ROWS_AT_ONCE: usize = 200;
const ROWS_A_TURN: usize = 2_000;
/// Causes that are listed at most.
const CAUSES: i64 = 1_000;

/// One refused record. (`resource`, `batch`, `row`) names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    pub resource: String,
    pub system: String,
    pub run: String,
    pub batch: i64,
    /// 0-based place in the batch.
    pub row: u64,
    pub file: String,
    pub line: u64,
    pub hash: [u8; 16],
    /// The original record.
    pub bytes: Vec<u8>,
    /// JSON array of [`Fault`], the first of which decides `code` and `item`.
    pub faults: String,
    pub code: String,
    pub item: String,
    pub time: Moment,
}

#[derive(Clone, Debug, Default)]
pub struct QuarantineFilter {
    pub resource: Option<String>,
    pub system: Option<String>,
    pub code: Option<String>,
    pub item: Option<String>,
    pub run: Option<String>,
    /// Only those of these resources.
    pub among: Option<Vec<String>>,
}

/// Open rows that share a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseRow {
    pub resource: String,
    pub system: String,
    pub code: String,
    pub item: String,
    pub rows: u64,
    /// One value as found.
    pub example: String,
    pub message: Text,
}

impl Store {
    /// Keeps refused rows. Rows that are there already are left as they are, so that a batch may be given again.
    pub async fn add_quarantine(&self, rows: Vec<QuarantineRow>) -> Result<(), StoreError> {
        let mut rest = rows;
        while !rest.is_empty() {
            let later = rest.split_off(rest.len().min(ROWS_A_TURN));
            let now = std::mem::replace(&mut rest, later);
            self.write(move |connection| Box::pin(add(connection, now))).await?;
        }
        Ok(())
    }

    /// Closes the open rows with these hashes, because the source no longer has them; answers how many were closed.
    pub async fn settle_quarantine(&self, resource: &str, hashes: Vec<[u8; 16]>, now: Moment) -> Result<u64, StoreError> {
        let mut settled = 0;
        for turn in hashes.chunks(ROWS_A_TURN) {
            let (resource, turn) = (resource.to_owned(), turn.to_vec());
            settled += self.write(move |connection| Box::pin(settle(connection, resource, turn, now))).await?;
        }
        Ok(settled)
    }

    /// The hashes of all open rows of a resource, in no order.
    pub async fn quarantine_hashes(&self, resource: &str) -> Result<Vec<[u8; 16]>, StoreError> {
        let mut rows = sqlx::query(HASHES).bind(resource).fetch(&self.readers);
        let mut hashes = Vec::new();
        while let Some(row) = rows.try_next().await? {
            hashes.push(hash(&row)?);
        }
        Ok(hashes)
    }

    /// An open row by its place.
    pub async fn quarantine_row(&self, resource: &str, batch: i64, row: u64) -> Result<Option<QuarantineRow>, StoreError> {
        let found = sqlx::query(ONE).bind(resource).bind(batch).bind(signed(row)).fetch_optional(&self.readers).await?;
        found.as_ref().map(read).transpose()
    }

    /// The hashes of all rows of a resource that were ever refused, settled or not, in no order.
    pub async fn quarantine_ever(&self, resource: &str) -> Result<Vec<[u8; 16]>, StoreError> {
        let mut rows = sqlx::query(EVER).bind(resource).fetch(&self.readers);
        let mut hashes = Vec::new();
        while let Some(row) = rows.try_next().await? {
            hashes.push(hash(&row)?);
        }
        Ok(hashes)
    }

    /// Open rows of a resource.
    pub async fn quarantine_count(&self, resource: &str) -> Result<u64, StoreError> {
        self.open_rows(&QuarantineFilter { resource: Some(resource.to_owned()), ..QuarantineFilter::default() }).await
    }

    /// Causes of open rows, the commonest first; at most 1,000. The example is from the latest run.
    pub async fn quarantine_causes(&self, filter: &QuarantineFilter) -> Result<Vec<CauseRow>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT resource, system, code, item, total, example, message_zh, message_en FROM (
                SELECT resource, system, code, item, example, message_zh, message_en,
                    CAST(SUM(open_rows) OVER (PARTITION BY resource, code, item) AS BIGINT) AS total,
                    ROW_NUMBER() OVER (PARTITION BY resource, code, item ORDER BY run DESC) AS place
                FROM quarantine_cause WHERE open_rows > 0",
        );
        push_filter(&mut query, filter);
        query.push(") AS causes WHERE place = 1 ORDER BY total DESC, resource, code, item LIMIT ").push_bind(CAUSES);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(read_cause).collect()
    }

    /// Open rows, newest first; `page` is 1-based.
    pub async fn quarantine_rows(&self, filter: &QuarantineFilter, page: u64, size: u64) -> Result<Rows<QuarantineRow>, StoreError> {
        let (limit, offset) = window(page, size);
        let total = self.open_rows(filter).await?;
        let mut query = QueryBuilder::new("SELECT * FROM quarantine WHERE settled IS NULL");
        push_filter(&mut query, filter);
        query.push(" ORDER BY time DESC, resource DESC, batch DESC, row DESC LIMIT ").push_bind(limit);
        query.push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    async fn open_rows(&self, filter: &QuarantineFilter) -> Result<u64, StoreError> {
        let mut query = QueryBuilder::new(OPEN_ROWS);
        query.push(" WHERE 1 = 1");
        push_filter(&mut query, filter);
        query.build().fetch_one(&self.readers).await?.count("total")
    }
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &QuarantineFilter) {
    let parts = [
        (" AND resource = ", &filter.resource),
        (" AND system = ", &filter.system),
        (" AND code = ", &filter.code),
        (" AND item = ", &filter.item),
        (" AND run = ", &filter.run),
    ];
    for (condition, value) in parts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone());
        }
    }
    push_among(query, "resource", filter.among.as_deref());
}

/// (resource, code, item, run), and for each the rows newly counted.
type Counted = HashMap<(String, String, String, String), u64>;

async fn add(connection: &mut SqliteConnection, rows: Vec<QuarantineRow>) -> Result<(), StoreError> {
    let mut counted = Counted::new();
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        let mut query = QueryBuilder::new(INSERT);
        query.push_values(chunk, |mut row, refused| {
            row.push_bind(&refused.resource).push_bind(refused.batch).push_bind(signed(refused.row));
            row.push_bind(&refused.system).push_bind(&refused.run);
            row.push_bind(&refused.file).push_bind(signed(refused.line));
            row.push_bind(refused.hash.as_slice()).push_bind(refused.bytes.as_slice());
            row.push_bind(&refused.faults).push_bind(&refused.code).push_bind(&refused.item).push_bind(refused.time.0);
        });
        query.push(" ON CONFLICT (resource, batch, row) DO NOTHING RETURNING resource, code, item, run");
        for row in query.build().fetch_all(&mut *connection).await? {
            let key = (row.text("resource")?, row.text("code")?, row.text("item")?, row.text("run")?);
            *counted.entry(key).or_default() += 1;
        }
    }
    for row in &rows {
        let key = (row.resource.clone(), row.code.clone(), row.item.clone(), row.run.clone());
        if let Some(new) = counted.remove(&key) {
            count_cause(connection, row, new).await?;
        }
    }
    Ok(())
}

async fn count_cause(connection: &mut SqliteConnection, row: &QuarantineRow, new: u64) -> Result<(), StoreError> {
    let faults: Vec<Fault> =
        serde_json::from_str(&row.faults).map_err(|error| StoreError::Unreadable(format!("faults of {}: {error}", row.resource)))?;
    let (example, message) = faults.into_iter().next().map(|first| (first.found, first.message)).unwrap_or_default();
    sqlx::query(COUNT_CAUSE)
        .bind(&row.resource)
        .bind(&row.code)
        .bind(&row.item)
        .bind(&row.run)
        .bind(&row.system)
        .bind(signed(new))
        .bind(example)
        .bind(message.zh)
        .bind(message.en)
        .execute(connection)
        .await?;
    Ok(())
}

async fn settle(connection: &mut SqliteConnection, resource: String, hashes: Vec<[u8; 16]>, now: Moment) -> Result<u64, StoreError> {
    let mut closed: HashMap<(String, String, String), i64> = HashMap::new();
    for hash in hashes {
        let update = sqlx::query(SETTLE).bind(now.0).bind(&resource).bind(hash.to_vec());
        for row in update.fetch_all(&mut *connection).await? {
            *closed.entry((row.text("code")?, row.text("item")?, row.text("run")?)).or_default() += 1;
        }
    }
    let total: i64 = closed.values().sum();
    uncount(connection, &resource, closed).await?;
    Ok(total.unsigned_abs())
}

/// Takes rows off the counts of their causes: (code, item, run) and how many; fewer than none puts them back. Counts of
/// none are kept, as their rows may be opened again.
pub(crate) async fn uncount(
    connection: &mut SqliteConnection,
    resource: &str,
    closed: HashMap<(String, String, String), i64>,
) -> Result<(), StoreError> {
    for ((code, item, run), rows) in closed {
        let update = sqlx::query(UNCOUNT_CAUSE).bind(rows).bind(resource).bind(code).bind(item).bind(run);
        update.execute(&mut *connection).await?;
    }
    Ok(())
}

fn hash(row: &SqliteRow) -> Result<[u8; 16], StoreError> {
    let found: &[u8] = row.try_get("hash")?;
    found.try_into().map_err(|_| StoreError::Unreadable("quarantine.hash".to_owned()))
}

fn read_cause(row: &SqliteRow) -> Result<CauseRow, StoreError> {
    Ok(CauseRow {
        resource: row.text("resource")?,
        system: row.text("system")?,
        code: row.text("code")?,
        item: row.text("item")?,
        rows: row.count("total")?,
        example: row.text("example")?,
        message: Text { zh: row.text("message_zh")?, en: row.text("message_en")? },
    })
}

fn read(row: &SqliteRow) -> Result<QuarantineRow, StoreError> {
    Ok(QuarantineRow {
        resource: row.text("resource")?,
        system: row.text("system")?,
        run: row.text("run")?,
        batch: row.try_get("batch")?,
        row: row.count("row")?,
        file: row.text("file")?,
        line: row.count("line")?,
        hash: hash(row)?,
        bytes: row.bytes("bytes")?,
        faults: row.text("faults")?,
        code: row.text("code")?,
        item: row.text("item")?,
        time: row.moment("time")?,
    })
}
