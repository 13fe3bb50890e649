//! Readings under grants, as they were written down with their leaves before their answers were given.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, signed};
use crate::{Store, StoreError};

const NEWEST: &str = "SELECT * FROM share_read WHERE lent = $1 ORDER BY leaf DESC LIMIT $2";
const ONE: &str = "SELECT * FROM share_read WHERE leaf = $1";

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
