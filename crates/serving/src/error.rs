//! Why a copy was not read or written.

use std::path::{Path, PathBuf};

/// Why nothing was done. A copy that was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// There is no copy.
    #[error("{}: there is no serving copy", .0.display())]
    Missing(PathBuf),
    /// The file is not what we wrote. Building it again mends it.
    #[error("{}: the serving copy is damaged: {}", .0.display(), .1)]
    Damaged(PathBuf, String),
    /// Another is building or writing this copy.
    #[error("{}: the serving copy is being written by another", .0.display())]
    Busy(PathBuf),
    /// A newer copy took this one's place: open it.
    #[error("{}: the serving copy was replaced by a newer one", .0.display())]
    Replaced(PathBuf),
    /// A column's type cannot be kept.
    #[error("column {column}: values of type {found} cannot be served")]
    Kind { column: String, found: String },
    /// The shape contradicts itself, or a batch does not have it.
    #[error("{0}")]
    Shape(String),
    /// No such column.
    #[error("there is no column {0}")]
    Column(String),
    /// A value that the column cannot have or be compared with.
    #[error("column {column}: {given} is not {expected}")]
    Value { column: String, expected: &'static str, given: String },
    /// A part of the key is empty.
    #[error("column {0}: a row has no value here, and this is part of the key")]
    NoKey(String),
    /// Two rows have the same key.
    #[error("two rows have the same key ({0})")]
    Twice(String),
    /// Told of a group, without being what it is grouped by or reckoned over its rows.
    #[error("column {0} is neither grouped by nor aggregated")]
    Grouped(String),
    /// An expression of another kind than what it is given to takes.
    #[error("{of} takes {expected}")]
    Operand { of: &'static str, expected: &'static str },
    /// More was asked for than is given.
    #[error("{0}")]
    Limit(String),
    /// The time that was given ran out.
    #[error("the read took longer than it may")]
    TooLong,
    /// The feed does not reach back to this number, or has not come so far: take the rows again from the beginning.
    #[error("the feed tells changes from {oldest} to {last}, not those since {since}")]
    Gone { since: u64, oldest: u64, last: u64 },
    /// The file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, std::io::Error),
    /// SQLite cannot do it.
    #[error("serving copy: {0}")]
    File(#[from] rusqlite::Error),
}

impl ServingError {
    /// The same, with what SQLite says about damage, interruption and keys in our words.
    pub(crate) fn at(self, path: &Path) -> ServingError {
        use rusqlite::{Error, ErrorCode};
        let ServingError::File(error) = self else { return self };
        match &error {
            Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => ServingError::Damaged(path.into(), error.to_string()),
                // Statements of ours are right for the tables that we made.
                ErrorCode::Unknown if failure.extended_code == 1 => ServingError::Damaged(path.into(), error.to_string()),
                ErrorCode::OperationInterrupted => ServingError::TooLong,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => ServingError::Busy(path.into()),
                _ => ServingError::File(error),
            },
            // A statement of ours that does not fit the tables, or values of another type.
            Error::SqlInputError { .. }
            | Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::QueryReturnedNoRows
            | Error::Utf8Error(..) => ServingError::Damaged(path.into(), error.to_string()),
            _ => ServingError::File(error),
        }
    }

    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, ServingError::Damaged(..) | ServingError::Missing(_))
    }
}
