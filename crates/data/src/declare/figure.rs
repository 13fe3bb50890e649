//! Figures: numbers that the city goes by, each declared once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `figures/<id>.toml`: a figure (指标). Boards and the API name it; how it is worked out stands here alone.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// The file, inside the city folder.
    #[serde(skip)]
    pub path: String,
    /// Its text, for places in it.
    #[serde(skip)]
    pub text: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What is counted and what is not.
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
    /// Id of the department that answers for it.
    pub department: String,
    /// The table whose rows are counted, as in SQL: `hotline_calls`, `topic.air_by_month`, `master.persons`. What needs several tables is a model first.
    pub from: String,
    /// SQL aggregate over the columns of that table: `count(*)`, `sum(amount)`, `100.0 * count(done_at) / count(*)`.
    pub value: String,
    /// SQL condition: rows for which it is not true are left out.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// Unit of the value, e.g. `人`.
    #[serde(default)]
    pub unit: String,
    /// The unit in English.
    #[serde(default)]
    pub unit_en: String,
    /// Digits behind the point to which the value is rounded, 0 to 6.
    #[serde(default)]
    pub decimals: u8,
    /// The time for which one value stands: each day, month, … has a value of its own. Absent: the value is that of all rows as they are now.
    #[serde(default)]
    pub period: Option<Period>,
    /// With `period`: the column, a date or a date and time, that tells to which day, month, … a row belongs.
    #[serde(default)]
    pub time: Option<String>,
    /// Columns by whose values it can be broken down, e.g. the column of the district.
    #[serde(default)]
    pub by: Vec<String>,
    /// Which way is good; absent, neither is.
    #[serde(default)]
    pub better: Option<Better>,
}

/// The time for which one value of a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    /// Monday to Sunday.
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    pub const ALL: [Period; 5] = [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year];

    /// The word in declarations, answers and SQL.
    pub fn word(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Quarter => "quarter",
            Period::Year => "year",
        }
    }
}

/// Which way of a figure is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    Higher,
    Lower,
}
