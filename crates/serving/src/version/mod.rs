//! Published versions of a table in one file: the newest as rows with indexes, earlier ones as what has gone since. Rows at
//! any version, and what differs between two.
//!
//! `held` has the newest version's rows, numbered 1 to their count without a gap, so that a page deep inside is found at once;
//! `gone` those of earlier versions that are not rows any more, with the version that took them away. Each row has a number
//! `n` of its own, which it keeps when its values change under the same key, and which is never given to another.

mod delta;
mod publish;
mod read;

use serde::{Deserialize, Serialize};

pub use delta::Delta;
pub use publish::Publishing;
pub use read::Versions;

use crate::{Shape, file};

/// Notes that are numbers: the newest version, and the row number that is given out next.
const NEWEST: &str = "newest";
const NEXT: &str = "next";

/// One version, and how it differs from the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// From 1.
    pub number: u64,
    pub rows: u64,
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    /// What the caller keeps with it.
    pub note: String,
}

/// What came of publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    Made(Version),
    /// The rows are those of this version, the newest.
    Unchanged(Version),
}

/// The tables, empty.
fn tables(shape: &Shape) -> String {
    let (columns, print) = (file::columns(shape), file::print(shape));
    format!(
        "CREATE TABLE note (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
         CREATE TABLE version (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, added INTEGER NOT NULL,
            changed INTEGER NOT NULL, removed INTEGER NOT NULL, note TEXT NOT NULL);
         CREATE TABLE held ({columns}{print}, n INTEGER NOT NULL, since INTEGER NOT NULL);
         CREATE TABLE gone ({columns}, n INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL);"
    )
}

/// The indexes, made when the first rows are in. Most rows are there since the first version, and their numbers need no index:
/// what took another's place came later.
fn indexes(shape: &Shape) -> Vec<String> {
    let mut made = file::indexes(shape);
    made.extend(
        [
            "CREATE INDEX held_n ON held (n) WHERE since > 1",
            "CREATE INDEX held_since ON held (since) WHERE since > 1",
            NUMBERED,
            "CREATE INDEX gone_n ON gone (n, since)",
            "CREATE INDEX gone_since ON gone (since)",
            "CREATE INDEX gone_until ON gone (until)",
        ]
        .map(str::to_owned),
    );
    made
}

/// Finds a row by its number, in whatever place it stands.
const NUMBERED: &str = "CREATE INDEX IF NOT EXISTS held_number ON held (n)";

/// `c0, c1, …`
fn columns(shape: &Shape) -> String {
    (0..shape.columns.len()).map(|place| format!("c{place}")).collect::<Vec<_>>().join(", ")
}
