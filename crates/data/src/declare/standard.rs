use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// `standards/<id>.toml`: a named type with checks (数据元). Each built-in kind is also usable by its own name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What it is drawn or checked as.
    pub kind: Kind,
    /// Code list (id) of the allowed values, for kind `code`.
    #[serde(default)]
    pub codes: Option<String>,
    /// Regular expression that the whole value must match.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Fewest characters.
    #[serde(default)]
    pub min_length: Option<u32>,
    /// Most characters.
    #[serde(default)]
    pub max_length: Option<u32>,
    /// Smallest value, for numbers, money and coordinates.
    #[serde(default)]
    pub minimum: Option<f64>,
    /// Largest value, for numbers, money and coordinates.
    #[serde(default)]
    pub maximum: Option<f64>,
    /// Earliest date, `1900-01-01`.
    #[serde(default)]
    pub earliest: Option<String>,
    /// Latest date, `2030-12-31`.
    #[serde(default)]
    pub latest: Option<String>,
    /// Unit of measurement.
    #[serde(default)]
    pub unit: String,
    /// Kind `datetime` only: values are Unix times in this unit. Absent: Unix times are refused.
    #[serde(default)]
    pub epoch: Option<Epoch>,
    /// Kind `time_of_day` only: bare digits are read as `hhmm` (`600` is 06:00) or `hhmmss`. Absent: they are refused.
    #[serde(default)]
    pub clock: Option<ClockDigits>,
    /// Coordinates only: the system they are delivered in, `gcj02`, `bd09`, `cgcs2000`, `wgs84`, or an EPSG code of
    /// CGCS2000 Gauss-Kruger or Web Mercator (`EPSG:4549`). They are kept in WGS 84. Absent: they are WGS 84.
    #[serde(default)]
    pub crs: Option<String>,
    /// The norm it follows, e.g. `GB 11643-1999`.
    #[serde(default)]
    pub norm: String,
    /// What it is and is not, in a sentence or two.
    #[serde(default)]
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
}

/// Unit of Unix times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Epoch {
    Seconds,
    Milliseconds,
}

/// How many digits a time without separators has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClockDigits {
    /// `600` is 06:00, `1815` is 18:15.
    Hhmm,
    /// `60000` is 06:00:00.
    Hhmmss,
}
