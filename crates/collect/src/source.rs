//! The one small trait behind which every connector stands.

use crate::{CollectError, Position, RawBatch};

/// Rows of one resource, in the source's own order. Blocking: it runs on a thread of its own.
pub trait Source: Send {
    /// The next records (at most `max_rows`), or `None` at the end. Field names may differ from batch to batch
    /// (a new file begins); they never differ inside one.
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError>;

    /// Where to go on after the batch last returned.
    fn position(&self) -> Position;

    /// What was decided while reading (encoding, delimiter, header, table…) and why, for people.
    fn decisions(&self) -> Vec<Decision> {
        Vec::new()
    }

    /// How far it has come, for progress bars.
    fn progress(&self) -> Progress;

    /// Number of the delivery that the batch last returned belongs to. A delivery is one file, one snapshot of a
    /// table, or one walk through an API; when the number changes, a new one has begun at its start.
    fn delivery(&self) -> u64 {
        1
    }

    /// Whether the delivery is the whole table and takes the place of what is here: rows that it lacks are gone.
    fn renews(&self) -> bool {
        false
    }

    /// Whether, at the end, more lies ready that a run begun at once would get.
    fn more(&self) -> bool {
        false
    }

    /// Records skipped without reading because their file is byte for byte the one read before: they count as unchanged.
    fn skipped(&self) -> u64 {
        0
    }
}

/// How far a source has been read. Totals are `None` while unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    pub rows: u64,
    pub rows_total: Option<u64>,
    pub bytes: u64,
    pub bytes_total: Option<u64>,
}

/// One thing that was told from the content rather than declared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Decision {
    /// `encoding`, `delimiter`, `header`, `records`, `table`, `null`, `standard`…
    pub what: String,
    /// The item or file it is about; empty for the whole.
    pub about: String,
    /// What was chosen.
    pub chosen: String,
    pub why: kernel::Text,
}
