//! What the acts answer with: plain values that pages, the API and the command line show.

use data::declare::{Better, Department, Grade, Item, OpenType, PanelKind, Period, Resource, ResourceClass, ShareType, System, UpdatePeriod};
use crate::figure::Headline;
use crate::authority::Roles;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};

pub use crate::sight::{MaskedColumn, Seen};

/// Rows by layer. `raw`: every record kept as found; `standard`: current, typed rows; `quarantined`: refused and not yet repaired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    pub raw: u64,
    pub standard: u64,
    pub quarantined: u64,
}

/// How a resource stands against its declared update period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Never collected.
    Never,
    /// Collected within its period.
    Fresh,
    /// Older than promised.
    Stale,
    /// Its last run failed.
    Failed,
}

/// The home of the brain.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    pub city: Text,
    pub summary: Text,
    pub departments: u64,
    pub systems: u64,
    pub resources: u64,
    pub items: u64,
    pub rows: Rows,
    /// Rows landed since midnight in the city's time zone.
    pub landed_today: u64,
    pub runs_today: u64,
    pub failed_today: u64,
    /// Resources without data, or without fresh data.
    pub gaps: u64,
    /// Resources by freshness: never, fresh, stale, failed.
    pub freshness: Vec<(Freshness, u64)>,
    /// Rows landed per day, oldest first, for the last 14 days: (`2026-11-24`, rows).
    pub trend: Vec<(String, u64)>,
    pub last_run: Option<RunView>,
    /// Runs under way now.
    pub running: u64,
    /// When this was computed.
    pub as_of: Moment,
    pub by_department: Vec<DepartmentSummary>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DepartmentSummary {
    pub id: String,
    pub title: Text,
    pub systems: u64,
    pub resources: u64,
    pub rows: Rows,
    pub worst: Freshness,
    pub last_collected: Option<Moment>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SystemSummary {
    pub id: String,
    pub title: Text,
    pub department: String,
    pub department_title: Text,
    /// `files`, `sqlite`, `postgres`, `http`, `s3`.
    pub connector: &'static str,
    /// Where it is, with secrets removed.
    pub address: String,
    pub resources: u64,
    pub rows: Rows,
    pub worst: Freshness,
    pub last_collected: Option<Moment>,
    /// Whether a run of it is under way.
    pub running: bool,
}

#[derive(Clone, Debug)]
pub struct SystemDetail {
    pub system: System,
    pub department: Department,
    pub summary: SystemSummary,
    pub resources: Vec<ResourceSummary>,
    pub runs: Vec<RunView>,
    /// How it answered over the network; `None` when it was not asked since the start.
    pub contact: Option<ContactView>,
}

/// How a system answered lately.
#[derive(Clone, Debug)]
pub struct ContactView {
    pub requests: u64,
    pub last_answer: Option<Moment>,
    pub latency_ms: Option<u64>,
    /// Why the last request failed.
    pub last_error: Option<Text>,
    /// It is not to be asked before: by its own rule, or the declared rate.
    pub held_until: Option<Moment>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ResourceSummary {
    pub id: String,
    pub title: Text,
    pub summary: Text,
    pub code: String,
    pub department: String,
    pub department_title: Text,
    pub system: String,
    pub system_title: Text,
    pub class: ResourceClass,
    pub grade: Grade,
    pub share: ShareType,
    pub open: OpenType,
    pub period: UpdatePeriod,
    pub items: u64,
    pub rows: Rows,
    pub freshness: Freshness,
    pub last_collected: Option<Moment>,
    /// It is asked at its system at each call; nothing of it is kept here.
    pub service: bool,
}

#[derive(Clone, Debug)]
pub struct ResourceDetail {
    pub resource: Resource,
    pub summary: ResourceSummary,
    pub department: Department,
    pub system: SystemSummary,
    /// Per item, in order; `None` until first profiled, or where the reader may not see values.
    pub profile: Option<Profile>,
    /// First rows of the standard layer, or why they are not shown.
    pub preview: Preview,
    /// Which of its columns the reader sees masked, and why.
    pub seen: Seen,
    pub runs: Vec<RunView>,
    /// Related resources that exist in the city: (id, title).
    pub related: Vec<(String, Text)>,
    /// Quarantined rows by cause.
    pub causes: Vec<Cause>,
    /// How its service does, where it is asked at each call, and what it can be asked.
    pub service: Option<crate::share::ServiceView>,
    pub operations: Vec<crate::share::OperationView>,
}

/// First rows of a table.
#[derive(Clone, Debug)]
pub enum Preview {
    Rows { columns: Vec<String>, rows: Vec<Vec<Option<String>>> },
    /// Nothing collected yet.
    Empty,
    /// The reader must log in as staff: values above L1, or not opened.
    Closed,
}

/// Shape of the values of a table at one version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    pub rows: u64,
    pub as_of: Moment,
    pub columns: Vec<ColumnProfile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ColumnProfile {
    pub name: String,
    pub nulls: u64,
    /// Number of different values (approximate above 10,000: HyperLogLog).
    pub distinct: u64,
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    /// Arithmetic mean, for numbers.
    pub mean: Option<f64>,
    /// Equal-width bins for numbers and dates (label of the lower edge, rows), or the most frequent values for the rest.
    pub histogram: Vec<(String, u64)>,
    /// Whether `histogram` holds bins (true) or frequent values (false).
    pub binned: bool,
}

/// How a run ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Done,
    /// Done, with rows in quarantine.
    Partial,
    Failed,
    /// The delivery differs from what was agreed; an officer decides whether it lands.
    Held,
    /// The process ended during the run; the next run goes on from there.
    Interrupted,
}

/// One collection of one resource.
#[derive(Clone, Debug, Serialize)]
pub struct RunView {
    pub id: String,
    pub resource: String,
    pub resource_title: Text,
    pub system: String,
    pub system_title: Text,
    pub department_title: Text,
    pub state: RunState,
    pub started: Moment,
    pub ended: Option<Moment>,
    /// Reconciliation: source_rows = landed + removed + quarantined + unchanged.
    pub source_rows: u64,
    pub landed: u64,
    pub quarantined: u64,
    pub unchanged: u64,
    /// Of the landed rows, how many replaced an older row of the same key.
    pub corrected: u64,
    /// Rows that the source removed.
    pub removed: u64,
    /// Rows that a complete delivery lacked and that were removed for it; they are none of the source's rows.
    pub missing: u64,
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    pub rows_total: Option<u64>,
    /// `schedule`, `person`, `command`, `demo`.
    pub trigger: String,
    /// What was decided while reading.
    pub decisions: Vec<(String, Text)>,
    /// Why it failed, and what to do.
    pub error: Option<Text>,
}

#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub system: Option<String>,
    pub resource: Option<String>,
    pub state: Option<RunState>,
}

/// One page of a list; `total` counts all.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    pub entries: Vec<T>,
    pub total: u64,
    /// 1-based.
    pub page: u64,
    pub size: u64,
}

#[derive(Clone, Debug, Default)]
pub struct QuarantineFilter {
    pub resource: Option<String>,
    pub system: Option<String>,
    /// Stable fault code.
    pub code: Option<String>,
    pub item: Option<String>,
    pub run: Option<String>,
}

/// Refused rows that share a reason.
#[derive(Clone, Debug, Serialize)]
pub struct Cause {
    pub resource: String,
    pub resource_title: Text,
    pub code: String,
    pub item: String,
    pub item_title: Text,
    pub message: Text,
    pub rows: u64,
    /// One value as found.
    pub example: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct QuarantineRow {
    pub resource: String,
    pub resource_title: Text,
    pub run: String,
    /// (batch, row) names it in the quarantine of its resource.
    pub batch: i64,
    pub row: u64,
    pub file: String,
    pub line: u64,
    pub faults: Vec<data::standard::Fault>,
    /// The original record, decoded for reading; `bytes_hex` has it byte for byte.
    pub text: String,
    pub bytes_hex: String,
    pub time: Moment,
}

#[derive(Clone, Debug, Serialize)]
pub struct QuarantineView {
    pub causes: Vec<Cause>,
    pub rows: Page<QuarantineRow>,
    /// Why the reader does not see the values of some of them.
    pub hidden: Option<Text>,
}

#[derive(Clone, Debug, Default)]
pub struct CatalogFilter {
    pub query: String,
    pub department: Vec<String>,
    pub class: Vec<ResourceClass>,
    pub grade: Vec<Grade>,
    pub share: Vec<ShareType>,
    pub open: Vec<OpenType>,
}

/// A facet value with the number of hits it would leave.
#[derive(Clone, Debug, Serialize)]
pub struct FacetValue {
    pub value: String,
    pub count: u64,
    pub chosen: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct CatalogHit {
    pub resource: ResourceSummary,
    /// Items that matched the query: (name, title).
    pub items: Vec<(String, Text)>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CatalogView {
    pub hits: Page<CatalogHit>,
    pub departments: Vec<FacetValue>,
    pub classes: Vec<FacetValue>,
    pub grades: Vec<FacetValue>,
    pub shares: Vec<FacetValue>,
    pub opens: Vec<FacetValue>,
    /// A better spelling, when nothing was found.
    pub suggestion: Option<String>,
    pub elapsed_us: u64,
}

/// The answer of a SELECT.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SqlAnswer {
    pub columns: Vec<SqlColumn>,
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether more rows existed than were asked for.
    pub truncated: bool,
    pub elapsed_ms: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SqlColumn {
    pub name: String,
    /// Arrow type, e.g. `Utf8`, `Int64`, `Date32`.
    pub kind: String,
}

/// Why a statement could not be planned or run; points at the word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SqlError {
    pub message: Text,
    /// 1-based; 0 when the place is unknown.
    pub line: u64,
    pub column: u64,
    /// Characters meant.
    pub length: u64,
    pub suggestion: Option<String>,
}

/// A board panel with its latest result.
#[derive(Clone, Debug, Serialize)]
pub struct PanelView {
    pub board: String,
    pub id: String,
    pub title: Text,
    pub kind: PanelKind,
    /// The declared figure that it shows; `None`: it brings a SELECT of its own.
    pub figure: Option<String>,
    /// Of a figure that is shown as one number: its value now, beside earlier ones.
    pub headline: Option<Headline>,
    /// Of a figure: the time for which one value stands, and which way is good.
    pub period: Option<Period>,
    pub better: Option<Better>,
    pub unit: Text,
    pub summary: Text,
    pub sql: String,
    /// Resources it reads.
    pub sources: Vec<String>,
    pub columns: Vec<String>,
    /// Titles of the label column's codes, where its values follow a code list.
    pub labels: std::collections::BTreeMap<String, Text>,
    /// At most 2,000 rows.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// When it was computed; `None` before the first time.
    pub as_of: Option<Moment>,
    /// Why it could not be computed.
    pub error: Option<Text>,
}

/// Who is logged in: a member of staff; or a citizen or a company, who have no roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Empty for whoever works on the server itself.
    pub id: String,
    pub name: String,
    pub display: String,
    pub roles: Roles,
    /// The department whose data it sees whole.
    pub department: Option<String>,
    /// The highest grade of other departments' data that it sees whole; the city's when `None`.
    pub clearance: Option<Grade>,
    /// Id of the session.
    pub session: String,
    /// Whether the session began with the second factor.
    pub second: bool,
    /// Until when it has the rights of an emergency in place of its own.
    pub emergency: Option<Moment>,
    /// Whom it stands for, where it is no member of staff's.
    pub person: Option<crate::account::Person>,
}

/// A table and its columns, for completion in the SQL console.
#[derive(Clone, Debug, Serialize)]
pub struct SqlTable {
    /// `standard.person`
    pub name: String,
    pub title: Text,
    pub columns: Vec<SqlTableColumn>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SqlTableColumn {
    pub name: String,
    pub title: Text,
    pub kind: String,
}

/// A column title for pages: where an item is shown with its standard.
pub fn item_title(item: &Item) -> Text {
    Text::new(&item.title, &item.title_en)
}

/// The form of a file of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180 in UTF-8 with a byte order mark; the first line has the names of the columns.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Form {
    pub fn of(word: &str) -> Option<Form> {
        [Form::Csv, Form::Ndjson].into_iter().find(|form| form.word() == word)
    }

    /// The word in addresses, and the ending of file names.
    pub fn word(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Ndjson => "ndjson",
        }
    }
}
