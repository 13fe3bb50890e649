//! Models: a SELECT that makes a table, with a head that says what the table is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Opening, Rule, RunDays};

/// `models/<layer>/<id>.sql`: one SELECT that makes a table of the layer `master`, `topic` or `open`. The file begins with a
/// comment, `/* … */`, whose text is TOML with these keys; the SELECT follows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Layer and file name, as the table is called in SQL: `topic.air_month`.
    #[serde(skip)]
    pub id: String,
    /// From the folder.
    #[serde(skip)]
    pub layer: ModelLayer,
    /// The file with its head blanked out, so that places in it are places in the file.
    #[serde(skip)]
    pub sql: String,
    /// The head alone, everything else blanked out.
    #[serde(skip)]
    pub head: String,
    /// The file, inside the city folder.
    #[serde(skip)]
    pub path: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What one row is, what the table is for, and what it is not.
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
    /// Id of the department that answers for it.
    pub department: String,
    /// How a run makes the table.
    #[serde(default)]
    pub mode: ModelMode,
    /// Columns that together name one row; no two rows may agree in them. Needed for mode `incremental`.
    #[serde(default)]
    pub key: Vec<String>,
    /// Mode `incremental`: the column (number, date or time) that only grows. A run takes the rows at or beyond the greatest value so far.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Five cron fields (minute, hour, day, month, weekday). Absent: after every collection that changed what it reads.
    #[serde(default)]
    pub cron: Option<String>,
    /// With `cron`: on which days it counts.
    #[serde(default)]
    pub days: RunDays,
    /// What a run may use.
    #[serde(default)]
    pub limits: ModelLimits,
    /// What columns are called on pages; a column that is copied from one item has that item's name without being told.
    #[serde(default, rename = "column")]
    pub columns: Vec<ModelColumn>,
    /// What the rows of the table must satisfy, measured after each run.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// How the table is given to the public; in the layer `open` only.
    #[serde(default)]
    pub open: Option<Opening>,
}

/// Where in the river a model's table stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelLayer {
    /// 基础库: master lists of persons, companies, places.
    Master,
    /// 专题库: tables for a purpose.
    #[default]
    Topic,
    /// 开放库: tables for the public.
    Open,
}

impl ModelLayer {
    pub const ALL: [ModelLayer; 3] = [ModelLayer::Master, ModelLayer::Topic, ModelLayer::Open];

    /// Folder, and schema name in SQL.
    pub fn word(self) -> &'static str {
        match self {
            ModelLayer::Master => "master",
            ModelLayer::Topic => "topic",
            ModelLayer::Open => "open",
        }
    }
}

/// How a run makes the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelMode {
    /// The whole table anew, in one commit.
    #[default]
    Full,
    /// New rows are added, rows of the same key replaced.
    Incremental,
}

/// `[limits]`: what one run may use. Beyond them it is stopped, and the last good version stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelLimits {
    /// Rows at most (1 to 1000000000).
    #[serde(default = "ten_million")]
    pub rows: u64,
    /// MiB that the engine's operators may hold, 16 to 2048; beyond, they go to disk or stop.
    #[serde(default = "half_a_gibibyte")]
    pub memory_mib: u64,
    /// Minutes of the clock, 1 to 720.
    #[serde(default = "ten")]
    pub minutes: u64,
}

impl Default for ModelLimits {
    fn default() -> ModelLimits {
        ModelLimits {
            rows: ten_million(),
            memory_mib: half_a_gibibyte(),
            minutes: ten(),
        }
    }
}

fn ten_million() -> u64 {
    10_000_000
}

fn half_a_gibibyte() -> u64 {
    512
}

fn ten() -> u64 {
    10
}

/// `[[column]]`: what a column of the table is called on pages.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelColumn {
    /// As the SELECT names it.
    pub name: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Unit of its values.
    #[serde(default)]
    pub unit: String,
}

/// The bytes of the leading comment of a model's file: (the text inside, the whole comment). `None`: there is no such comment.
pub(super) fn head(text: &str) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let trimmed = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let start = text.len() - trimmed.len();
    trimmed.strip_prefix("/*")?;
    let inside = start + 2;
    let end = inside + text.get(inside..)?.find("*/")?;
    Some((inside..end, start..end + 2))
}

/// The text with everything outside (or inside) of a range made blank, byte for byte, line ends kept.
pub(super) fn blank(text: &str, range: std::ops::Range<usize>, inside: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            c if range.contains(&at) != inside => out.push(c),
            '\n' | '\r' => out.push(c),
            c => out.extend(std::iter::repeat_n(' ', c.len_utf8())),
        }
    }
    out
}
