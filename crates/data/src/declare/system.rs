use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::http::HttpAuth;
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
        /// A file whose size or time changed within so many seconds may still be being written: a scheduled run looks
        /// at it again after them, and leaves it for the next run if it changed (0 to 3600).
        #[serde(default = "two")]
        settle_seconds: u32,
        /// What tells that a file has arrived whole. Absent: its size and time stay as they are.
        #[serde(default)]
        complete: Option<Complete>,
        /// Whether a file that is new, changed or gone makes its resource due at once, before its period is over.
        #[serde(default = "yes")]
        watch: bool,
    },
    /// A SQLite database file.
    Sqlite { path: String },
    /// A PostgreSQL database, or one that speaks its protocol (KingbaseES, openGauss…).
    Postgres {
        /// `postgres://user:${PASSWORD}@host:5432/database`
        url: String,
    },
    /// The system sends its rows itself, to `POST /api/v1/resources/<id>/rows`, with a key that
    /// `sanjiang key add` made.
    Push {},
    /// A MySQL or MariaDB database, or one that speaks their protocol (OceanBase, TiDB, GoldenDB…).
    Mysql {
        /// `mysql://user:${PASSWORD}@host:3306/database`; `?ssl-mode=VERIFY_IDENTITY&ssl-ca=/path/ca.pem` for a
        /// checked TLS connection.
        url: String,
    },
    /// An HTTP API.
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
        /// Longest time for all pages of one resource, in minutes (1 to 10080).
        #[serde(default = "six_hours")]
        deadline_minutes: u32,
        /// Requests per second that the API bears, all resources together (0.01 to 1000). Absent: one after the other,
        /// and as slow as its answers ask for.
        #[serde(default)]
        requests_per_second: Option<f64>,
        /// Largest answer in MiB, expanded (1 to 65536).
        #[serde(default = "one_gib")]
        largest_mib: u32,
        /// Other hosts that may be redirected to, e.g. where downloads lie. They get no credentials.
        #[serde(default)]
        redirect_hosts: Vec<String>,
    },
    /// An HTTP service that is asked at the moment of each call: what it answers is lent on, never kept.
    Service {
        /// Base address; the paths of its OpenAPI document are joined to it.
        url: String,
        /// Its OpenAPI 3 document in JSON, a file in the city's folder `services`, e.g. `services/company.json`.
        openapi: String,
        /// Headers sent with each call.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// How we log in there. Callers' own credentials never go on.
        #[serde(default)]
        auth: Option<HttpAuth>,
        /// Longest time for one answer, in seconds (1 to 60).
        #[serde(default = "ten")]
        deadline_seconds: u32,
        /// Largest answer in KiB, expanded (1 to 65536).
        #[serde(default = "one_mib")]
        largest_kib: u32,
        /// Calls that it bears at the same time (1 to 1000); more are put off.
        #[serde(default = "sixteen")]
        at_once: u32,
        /// Calls a minute that it bears, of all grants together (1 to 600000). Absent: as the grants say.
        #[serde(default)]
        per_minute: Option<u32>,
        /// After so many failures within the window it is left alone (1 to 1000).
        #[serde(default = "five")]
        failures: u32,
        /// The window in which failures are counted, in seconds (1 to 3600).
        #[serde(default = "sixty")]
        window_seconds: u32,
        /// How long it is left alone before one call tries it again, in seconds (1 to 3600); twice as long after each try that fails,
        /// up to eight times.
        #[serde(default = "thirty")]
        pause_seconds: u32,
    },
    /// Objects in an S3-compatible bucket; a resource's `from` names keys below the prefix, or a pattern of them.
    S3 {
        /// Address of the service, e.g. `https://oss.example.gov.cn`.
        endpoint: String,
        bucket: String,
        /// Part that all keys begin with, e.g. `deliveries/`.
        #[serde(default)]
        prefix: String,
        /// Region that requests are signed for.
        #[serde(default = "first_region")]
        region: String,
        /// Whether the bucket stands in the path (`https://host/bucket/key`) or before the host (`https://bucket.host/key`).
        #[serde(default = "yes")]
        path_style: bool,
        /// Access key, as `${NAME}`. Absent: requests are not signed, for a public bucket.
        #[serde(default)]
        access_key: Option<String>,
        /// Secret key, as `${NAME}`.
        #[serde(default)]
        secret_key: Option<String>,
        /// Token of temporary keys, as `${NAME}`.
        #[serde(default)]
        session_token: Option<String>,
        /// Attempts for one request before the run fails (1 to 10).
        #[serde(default = "five")]
        retries: u32,
        /// Longest time in which nothing of an object arrives, in seconds (1 to 600).
        #[serde(default = "thirty")]
        timeout_seconds: u32,
        /// Longest time for one object, in minutes (1 to 10080).
        #[serde(default = "six_hours")]
        deadline_minutes: u32,
        /// Largest object in MiB (1 to 1048576).
        #[serde(default = "sixteen_gib")]
        largest_mib: u32,
    },
}

/// What tells that a file has arrived whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Complete {
    /// An empty file beside it, with this ending after the whole name (`people.csv.ok`).
    Marker {
        /// The ending, e.g. `.ok` or `.done`.
        ending: String,
    },
    /// A checksum beside it (`people.csv.sha256`), which its content must match.
    Checksum {
        /// How it is computed; also the ending.
        algorithm: Checksum,
    },
}

/// How a checksum is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Checksum {
    Md5,
    Sha256,
}

/// The form of a file or of an answer. Absent: told from the name and the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text (CSV, TSV, `;`, `|`…).
    Delimited,
    /// A workbook: .xls, .xlsx, .xlsb or .ods.
    Excel,
    /// One JSON document holding records.
    Json,
    /// One JSON record a line.
    Ndjson,
    Geojson,
    /// An XML document whose repeated elements are records.
    Xml,
    Parquet,
    /// Arrow IPC, stream or file.
    Arrow,
    /// A dBASE table.
    Dbf,
    /// INSERT statements, as MySQL and others dump them, or COPY blocks of PostgreSQL.
    SqlDump,
    /// A SQLite database file.
    Sqlite,
}

fn ten() -> u32 {
    10
}
fn sixteen() -> u32 {
    16
}
fn sixty() -> u32 {
    60
}
fn one_mib() -> u32 {
    1024
}
fn five() -> u32 {
    5
}
fn thirty() -> u32 {
    30
}
fn two() -> u32 {
    2
}
fn six_hours() -> u32 {
    360
}
fn one_gib() -> u32 {
    1024
}
fn sixteen_gib() -> u32 {
    16 * 1024
}
fn yes() -> bool {
    true
}
fn first_region() -> String {
    "us-east-1".to_owned()
}
