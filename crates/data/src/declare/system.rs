use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schedule::Schedule;

/// `systems/<id>.toml`: an information system that data comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// From the file name; not written in the file.
    #[serde(skip)]
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Id of the department that owns it.
    pub department: String,
    /// How its data is reached.
    pub connector: Connector,
    /// When its data is collected, and when the system must be left alone.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// What it is and is not, in a sentence or two.
    #[serde(default)]
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
}

/// How a system is reached. Relative paths start at the city folder; `${NAME}` is replaced from the
/// environment, so that no password stands in a declaration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Connector {
    /// Files in a folder that the department delivers to.
    Files {
        /// The folder.
        path: String,
    },
    /// A SQLite database file.
    Sqlite { path: String },
    /// A PostgreSQL database.
    Postgres {
        /// `postgres://user:${PASSWORD}@host:5432/database`
        url: String,
    },
    /// The system sends its rows itself, to `POST /api/v1/resources/<id>/rows`, with a key that
    /// `sanjiang key add` made.
    Push {},
    /// An HTTP API that returns JSON or CSV.
    Http {
        /// Base address; a resource's `from` is joined to it.
        url: String,
        /// Headers sent with each request.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        #[serde(default)]
        auth: Option<HttpAuth>,
        /// Attempts for one page before the run fails (1 to 10).
        #[serde(default = "five")]
        retries: u32,
        /// Longest wait for one answer, in seconds (1 to 600).
        #[serde(default = "thirty")]
        timeout_seconds: u32,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HttpAuth {
    Bearer { token: String },
    Basic { user: String, password: String },
}

/// The form of a file or of an answer. Absent: told from the name and the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text (CSV, TSV, `;`, `|`…).
    Delimited,
    /// .xls or .xlsx.
    Excel,
    /// One JSON document holding records.
    Json,
    /// One JSON record a line.
    Ndjson,
    Geojson,
    Parquet,
    /// Arrow IPC, stream or file.
    Arrow,
    /// INSERT statements, as MySQL and others dump them.
    SqlDump,
    /// A SQLite database file.
    Sqlite,
}

/// How a paged API is walked.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// `?page=1&size=500` until a page has fewer rows than asked for.
    Page {
        #[serde(default = "page_word")]
        parameter: String,
        #[serde(default = "size_word")]
        size_parameter: String,
        #[serde(default = "five_hundred")]
        size: u32,
        #[serde(default = "one")]
        first: u32,
    },
    /// `?offset=0&limit=500`.
    Offset {
        #[serde(default = "offset_word")]
        parameter: String,
        #[serde(default = "limit_word")]
        size_parameter: String,
        #[serde(default = "five_hundred")]
        size: u32,
    },
    /// The answer names the next page: a cursor value or an address at `next` (JSON pointer).
    Next {
        /// JSON pointer into the answer, e.g. `/next`.
        next: String,
        /// Query parameter that takes the cursor; absent when `next` is an address.
        #[serde(default)]
        parameter: Option<String>,
    },
}

fn one() -> u32 {
    1
}
fn five() -> u32 {
    5
}
fn thirty() -> u32 {
    30
}
fn five_hundred() -> u32 {
    500
}
fn page_word() -> String {
    "page".to_owned()
}
fn size_word() -> String {
    "size".to_owned()
}
fn offset_word() -> String {
    "offset".to_owned()
}
fn limit_word() -> String {
    "limit".to_owned()
}
