//! Registers (基础库): who and what there is, each once. Records of many sources are linked to entities that keep their
//! id for ever; merges and splits are written down and can be taken back; one file of SQLite holds it all, so that what
//! was acknowledged is there after any crash, whole or not at all.
//!
//! The law that everything here keeps: given what was learnt and what people decided, the entities are a function of the
//! records alone. In which order and in how many deliveries records came says nothing.

mod assign;
mod decide;
mod file;
mod learn;
mod look;
mod run;
mod settle;
mod take;
mod values;

use kernel::{Moment, Text};
pub use rusqlite::ErrorCode;

pub use decide::{Decided, Decision};
pub use file::Register;
pub use look::{Change, ChangeKind, Conflict, Doubt, Entity, EntityState, Known, Member, Row, Totals};
pub use run::Run;
pub use take::{Delta, Outcome};

/// Names a record for ever: a hash of its source and its key there.
pub type Identity = [u8; 16];

/// A row of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which source, counted as they are declared.
    pub source: usize,
    /// The values of its key.
    pub key: String,
    /// By which the newest of several records of one source is told; compared as text.
    pub version: Option<String>,
    /// By field of the register.
    pub values: Vec<Option<String>>,
}

/// Why nothing was done. What there was is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The file cannot be read or written.
    #[error("register: {0}")]
    File(#[from] rusqlite::Error),
    #[error("register: {0}")]
    Note(#[from] serde_json::Error),
    /// What was asked cannot be done.
    #[error("{}", .0.en)]
    Refused(Text),
}

/// What the outside gives: the moment, and new ids.
pub struct Now<'m> {
    pub moment: Moment,
    pub mint: &'m mut dyn FnMut() -> String,
}

/// The identity of a record: the same source and key are the same record whenever they come.
pub fn identity(source: &str, key: &str) -> Identity {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    hash.update(&(source.len() as u64).to_le_bytes());
    hash.update(source.as_bytes());
    hash.update(key.as_bytes());
    hash.digest128().to_be_bytes()
}
