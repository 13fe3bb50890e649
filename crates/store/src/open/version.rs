//! Versions of datasets that were published, and what keeps the next one back.

use kernel::{Moment, Text};
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO open_version (dataset, number, proposal, series, place, batch, columns, rows, added, changed, removed, time)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
pub(super) const FREE: &str = "DELETE FROM open_held WHERE dataset = $1";
const HOLD: &str = "INSERT INTO open_held (dataset, batch, why_zh, why_en, time) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (dataset) DO UPDATE SET batch = excluded.batch, why_zh = excluded.why_zh, why_en = excluded.why_en, time = excluded.time";
const HELD: &str = "SELECT * FROM open_held";
const NEWEST: &str = "SELECT * FROM open_version AS v WHERE number = (SELECT MAX(number) FROM open_version WHERE dataset = v.dataset)";
const FIRST: &str = "SELECT dataset, time FROM open_version WHERE number = 1";
const ONE: &str = "SELECT * FROM open_version WHERE dataset = $1 AND number = $2";
const COUNT: &str = "SELECT COUNT(*) AS total FROM open_version WHERE dataset = $1";
const PAGE: &str = "SELECT * FROM open_version WHERE dataset = $1 ORDER BY number DESC LIMIT $2 OFFSET $3";

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenVersionRow {
    pub dataset: String,
    /// From 1.
    pub number: u64,
    /// The approval that it stands on.
    pub proposal: String,
    /// The file that has it, and its number there.
    pub series: u64,
    pub place: u64,
    /// The batch of the table that it shows.
    pub batch: i64,
    /// JSON.
    pub columns: String,
    pub rows: u64,
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    pub time: Moment,
}

/// Why the newest rows of a dataset are not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    pub dataset: String,
    pub batch: i64,
    pub why: Text,
    pub time: Moment,
}

impl Store {
    /// Writes down a version, which nothing holds back any more.
    pub async fn add_open_version(&self, row: OpenVersionRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FREE).bind(&row.dataset).execute(&mut *connection).await?;
                sqlx::query(ADD)
                    .bind(row.dataset)
                    .bind(signed(row.number))
                    .bind(row.proposal)
                    .bind(signed(row.series))
                    .bind(signed(row.place))
                    .bind(row.batch)
                    .bind(row.columns)
                    .bind(signed(row.rows))
                    .bind(signed(row.added))
                    .bind(signed(row.changed))
                    .bind(signed(row.removed))
                    .bind(row.time.0)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Writes down why a dataset's newest rows are not published.
    pub async fn hold_open_version(&self, row: HeldRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(HOLD).bind(row.dataset).bind(row.batch).bind(row.why.zh).bind(row.why.en).bind(row.time.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    pub async fn held_open_versions(&self) -> Result<Vec<HeldRow>, StoreError> {
        let read = |row: &SqliteRow| {
            let batch = i64::try_from(row.count("batch")?).unwrap_or(i64::MAX);
            Ok(HeldRow { dataset: row.text("dataset")?, batch, why: row.both("why_zh", "why_en")?.unwrap_or_default(), time: row.moment("time")? })
        };
        sqlx::query(HELD).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// The newest version of each dataset.
    pub async fn newest_open_versions(&self) -> Result<Vec<OpenVersionRow>, StoreError> {
        sqlx::query(NEWEST).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// When each dataset was first published.
    pub async fn first_open_versions(&self) -> Result<Vec<(String, Moment)>, StoreError> {
        sqlx::query(FIRST).fetch_all(&self.readers).await?.iter().map(|row| Ok((row.text("dataset")?, row.moment("time")?))).collect()
    }

    pub async fn open_version(&self, dataset: &str, number: u64) -> Result<Option<OpenVersionRow>, StoreError> {
        sqlx::query(ONE).bind(dataset).bind(signed(number)).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The newest first.
    pub async fn open_versions(&self, dataset: &str, page: u64, size: u64) -> Result<Rows<OpenVersionRow>, StoreError> {
        let total = sqlx::query(COUNT).bind(dataset).fetch_one(&self.readers).await?.count("total")?;
        let (limit, offset) = window(page, size);
        let rows = sqlx::query(PAGE).bind(dataset).bind(limit).bind(offset).fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

fn read(row: &SqliteRow) -> Result<OpenVersionRow, StoreError> {
    Ok(OpenVersionRow {
        dataset: row.text("dataset")?,
        number: row.count("number")?,
        proposal: row.text("proposal")?,
        series: row.count("series")?,
        place: row.count("place")?,
        batch: i64::try_from(row.count("batch")?).unwrap_or(i64::MAX),
        columns: row.text("columns")?,
        rows: row.count("rows")?,
        added: row.count("added")?,
        changed: row.count("changed")?,
        removed: row.count("removed")?,
        time: row.moment("time")?,
    })
}
