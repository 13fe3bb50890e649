//! History: what changed between two deliveries, every version of one row, and a table as of a moment.
//!
//! All of it is told from the raw layer, which keeps every version of every row and the record of each removal, so
//! that it stays true whatever becomes of the tables made from it. Rows are put together by their key as it is
//! declared now; what was refused then is no version of a row.

mod batches;
mod changes;
mod row;
mod table;
mod texts;
mod walk;

use kernel::{Moment, Text};
use serde::Serialize;

use crate::DeskError;

pub use changes::CHANGES_MAX;
pub use row::RowVersion;
pub use table::AsOf;
pub use texts::texts;

/// One batch of the raw layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    pub seq: i64,
    pub run: String,
    pub rows: u64,
    pub time: Moment,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Added,
    Removed,
    Corrected,
}

/// One row that changed, with both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowChange {
    pub change: Change,
    /// The values of the key, as found. Empty without a key.
    pub key: Vec<(String, String)>,
    pub before: Option<Version>,
    pub now: Option<Version>,
    /// The cells that differ: (column, before, now). All of the row where it was added or removed.
    pub cells: Vec<(String, Option<String>, Option<String>)>,
}

/// A row as one batch brought it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    pub batch: i64,
    pub run: String,
    pub file: String,
    pub line: u64,
    /// When its batch was acknowledged.
    pub time: Moment,
    /// The source removed the row with this record; of its fields only those of the key are certain.
    pub removed: bool,
    /// It was refused and never became current.
    pub refused: bool,
    /// (column of the raw table, text as found).
    pub cells: Vec<(String, Option<String>)>,
}

/// Some changes, in the order of the batches that brought them.
#[derive(Clone, Debug, Serialize)]
pub struct Changes {
    /// Changes after this batch…
    pub from: i64,
    /// …up to this one.
    pub to: i64,
    pub entries: Vec<RowChange>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
}

/// A point in the history of a resource: a batch, a run (its last batch), a day (its end in the city's zone), or a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    Start,
    Batch(i64),
    Run(String),
    /// Before the first batch of a run.
    Before(String),
    Moment(Moment),
}

fn no_such_point(what: &str) -> DeskError {
    DeskError::Invalid(Text::new(
        format!("不认识的时间点“{what}”：可写日期 2026-01-31、时刻、归集任务编号或批次号。"),
        format!("\"{what}\" is no point in time: write a day (2026-01-31), a moment, the id of a run, or the number of a batch."),
    ))
}
