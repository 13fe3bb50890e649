//! Readings under grants, as they were written down with their leaves before their answers were given.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, signed};
use crate::{Store, StoreError};

const NEWEST: &str = "SELECT * FROM share_read WHERE lent = $1 ORDER BY leaf DESC LIMIT $2";
const ONE: &str = "SELECT * FROM share_read WHERE leaf = $1";
const USAGE: &str = "SELECT * FROM share_usage WHERE lent = $1 AND day >= $2 ORDER BY day, channel";
const FILES: &str = "SELECT * FROM share_read WHERE channel = 'batch' ORDER BY leaf DESC LIMIT $1";
const ABOUT_COUNT: &str = "SELECT COUNT(*) AS total FROM share_subject WHERE digest = $1";
const ABOUT_ONE: &str = "SELECT r.* FROM share_subject s JOIN share_read r ON r.leaf = s.leaf WHERE s.digest = $1
    ORDER BY s.leaf DESC LIMIT $2 OFFSET $3";

/// A reading that is about to be answered.
#[derive(Clone, Debug)]
pub struct NewRead {
    /// Id of the grant.
    pub lent: String,
    pub channel: &'static str,
    /// Who reads, as the log names it.
    pub caller: String,
    pub rows: u64,
    /// The day in the city, `2026-01-31`.
    pub day: String,
    /// The case that the caller knows it by.
    pub case: Option<String>,
    /// From when on those whom it is about may be told; at once when `None`.
    pub told: Option<Moment>,
    /// A file of all rows: the how manieth of its grant. Whom it is about was noted before, by [`Store::note_within`].
    pub file: Option<u64>,
    /// Keyed hashes of the ids that its rows are about, with how many rows; 0 where one was asked for in vain.
    pub subjects: Vec<([u8; 16], u64)>,
    /// Keyed hashes of the ids that its rows are about.
    pub subjects: Vec<[u8; 16]>,
    /// Calls and rows of the day, this reading among them, that are allowed; beyond, it does not happen.
    pub calls_most: Option<u64>,
    pub rows_most: Option<u64>,
    /// A service was asked and gave no answer: it is told, and counts as an error.
    pub failed: bool,
    /// How long a service took, in milliseconds.
    pub millis: Option<u64>,
}

/// A reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRow {
    /// Its place in the log.
    pub leaf: u64,
    pub lent: String,
    pub channel: String,
    pub caller: String,
    pub rows: u64,
    pub time: Moment,
    pub case: Option<String>,
    /// From when on those whom it is about may be told.
    pub told: Option<Moment>,
}

/// What a grant was used for on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    pub day: String,
    pub channel: String,
    pub calls: u64,
    pub rows: u64,
    /// A service was asked and gave no answer.
    pub failed: bool,
}

impl Store {
    /// The newest readings under a grant.
    pub async fn newest_reads(&self, lent: &str, most: u64) -> Result<Vec<ReadRow>, StoreError> {
        sqlx::query(NEWEST).bind(lent).bind(signed(most)).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// The reading that a leaf tells of.
    pub async fn read_of(&self, leaf: u64) -> Result<Option<ReadRow>, StoreError> {
        sqlx::query(ONE).bind(signed(leaf)).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// What a grant was used for from a day on, by day and channel.
    pub async fn usage(&self, lent: &str, from: &str) -> Result<Vec<UsageRow>, StoreError> {
        let rows = sqlx::query(USAGE).bind(lent).bind(from).fetch_all(&self.readers).await?;
        let read = |row: &SqliteRow| {
            Ok(UsageRow { day: row.text("day")?, channel: row.text("channel")?, calls: row.count("calls")?, rows: row.count("rows")? })
        };
        rows.iter().map(read).collect()
    /// Readings whose rows were about somebody, the newest first.
    pub async fn reads_about(&self, digest: [u8; 16], page: u64, size: u64) -> Result<Rows<ReadRow>, StoreError> {
        let total = sqlx::query(ABOUT_COUNT).bind(digest.to_vec()).fetch_one(&self.readers).await?.count("total")?;
        let (limit, offset) = window(page, size);
        let rows = sqlx::query(ABOUT_ONE).bind(digest.to_vec()).bind(limit).bind(offset).fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

pub(super) fn read(row: &SqliteRow) -> Result<ReadRow, StoreError> {
    Ok(ReadRow {
        leaf: row.count("leaf")?,
        lent: row.text("lent")?,
        channel: row.text("channel")?,
        caller: row.text("caller")?,
        rows: row.count("rows")?,
        time: row.moment("time")?,
        case: row.text_maybe("case_no")?,
        told: row.moment_maybe("told")?,
        failed: row.count("failed")? > 0,
    })
}
