//! How far the collection of one resource has come. Committed to the lake together with the rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What has been read so far. Serialised as JSON into each commit of the raw layer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Per file (or table, or API path) of the source.
    #[serde(default)]
    pub files: BTreeMap<String, FileMark>,
    /// Greatest cursor value seen, as text (mode `incremental`).
    #[serde(default)]
    pub cursor: Option<String>,
}

/// How much of one file has been read, and which content it had then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    /// XXH3-128 of the content in hex; empty for databases and APIs.
    pub hash: String,
    /// Bytes.
    pub length: u64,
    /// Records read so far.
    pub rows: u64,
    /// Read to the end.
    pub complete: bool,
    /// By what the source itself tells versions of it apart, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the source says it was last changed, in the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
}
