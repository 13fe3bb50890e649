//! The words of the lake's face: which table, what is committed to it, what it holds.

use std::fmt;

use kernel::Moment;

use crate::LakeError;

/// Where in the river a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    Raw,
    Standard,
    Master,
    Topic,
    Open,
}

impl Layer {
    pub const ALL: [Layer; 5] = [Layer::Raw, Layer::Standard, Layer::Master, Layer::Topic, Layer::Open];

    /// The folder of the layer and its schema name in SQL.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Raw => "raw",
            Layer::Standard => "standard",
            Layer::Master => "master",
            Layer::Topic => "topic",
            Layer::Open => "open",
        }
    }
}

/// A table: `raw.enterprise`, `standard.enterprise`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    pub layer: Layer,
    pub name: String,
}

impl TableName {
    pub fn new(layer: Layer, name: impl Into<String>) -> TableName {
        TableName { layer, name: name.into() }
    }

    /// A name becomes a folder: letters of any script, digits, `_` and `-`, at most 100 characters.
    pub(crate) fn check(&self) -> Result<(), LakeError> {
        let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let good = !self.name.is_empty() && self.name.len() <= 200 && self.name.chars().count() <= 100 && self.name.chars().all(fits);
        if good { Ok(()) } else { Err(LakeError::Name(self.name.clone())) }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.layer.word(), self.name)
    }
}

/// One atomic, durable addition. `seq` grows with each batch of a table; a replay is recognised by it.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    pub seq: i64,
    /// JSON kept with the commit: position at the source and counts.
    pub note: String,
    /// `_hash` values whose older rows this commit takes away.
    pub replaces: Vec<[u8; 16]>,
}

/// What became of an addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    Done {
        version: i64,
    },
    /// This batch, or a later one, is in the table already; nothing was written.
    AlreadyThere,
}

/// The newest batch a table has. `version` is the table version that brought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCommit {
    pub seq: i64,
    pub note: String,
    pub version: i64,
}

/// How large a table is now: active rows, bytes and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableInfo {
    pub table: TableName,
    pub rows: u64,
    pub bytes: u64,
    pub files: u64,
    pub version: i64,
    pub modified: Moment,
}

/// How files of a table are put together.
#[derive(Clone, Debug, Default)]
pub struct Compaction {
    /// Small files may number so many before it is worth it.
    pub many: usize,
    /// Columns to sort by; as they arrived when empty. Columns the table lacks are passed over.
    pub order: Vec<String>,
    /// All files, not only the small ones.
    pub whole: bool,
}

/// A table as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    Version(i64),
    /// After the newest commit at this moment or before.
    Moment(Moment),
}
