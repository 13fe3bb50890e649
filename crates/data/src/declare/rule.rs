use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[[rule]]` of a resource or a model (质量规则): what its rows must satisfy. Exactly one of `expression`, `unique`, `references`
/// and `fresh` says what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Names the rule within its resource: lower-case letters, digits, `_`.
    pub name: String,
    /// What must hold, in Chinese, e.g. 结束日期不早于开始日期.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// Which side of quality it looks at (GB/T 36344-2018).
    pub dimension: Dimension,
    /// SQL boolean expression over the items of a row, e.g. `ended is null or ended >= begun`.
    #[serde(default)]
    pub expression: Option<String>,
    /// What it counts when the expression is null because an item is empty.
    #[serde(default)]
    pub when_null: WhenNull,
    /// Items that together stand in one row only. Rows where one of them is empty are left out.
    #[serde(default)]
    pub unique: Vec<String>,
    /// Rows of another resource that must exist.
    #[serde(default)]
    pub references: Option<Reference>,
    /// How old the newest row may be.
    #[serde(default)]
    pub fresh: Option<Fresh>,
    /// How grave a failure is: its weight in the score, and how soon it must be mended.
    #[serde(default)]
    pub severity: RuleSeverity,
    /// Share of the rows (0 to 1) that may fail.
    #[serde(default)]
    pub allowed: f64,
    /// Working days in which the department must mend it. Absent: by severity.
    #[serde(default)]
    pub days: Option<u32>,
    /// Only in models: a run whose rows fail it is not published, and the last good version stays.
    #[serde(default)]
    pub holds: bool,
}

/// Sides of data quality, as GB/T 36344-2018 and ISO/IEC 25012 name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// 完整性
    Completeness,
    /// 有效性
    Validity,
    /// 唯一性
    Uniqueness,
    /// 一致性
    Consistency,
    /// 及时性
    Timeliness,
    /// 关联性
    Referential,
}

/// What an expression counts that is null because an item is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenNull {
    /// 通过: nothing is said of the row.
    #[default]
    Pass,
    /// 不通过
    Fail,
}

/// How grave a failure is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleSeverity {
    /// 提示: counted and shown; no defect is opened.
    Info,
    /// 一般
    Warning,
    /// 严重
    #[default]
    Error,
}

/// `references = { items = ["person"], resource = "people", to = ["id"] }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Items of this resource. Rows where one of them is empty are left out.
    pub items: Vec<String>,
    /// The other resource.
    pub resource: String,
    /// Its items, in the same order.
    pub to: Vec<String>,
}

/// `fresh = { item = "day", within = "P2D" }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fresh {
    /// An item that is a date, or a date and time.
    pub item: String,
    /// How old its largest value may be when the rule is measured (ISO 8601): `P2D`, `P1W`, or `PT6H`.
    pub within: String,
}

impl Dimension {
    pub const ALL: [Dimension; 6] = [
        Dimension::Completeness,
        Dimension::Validity,
        Dimension::Uniqueness,
        Dimension::Consistency,
        Dimension::Timeliness,
        Dimension::Referential,
    ];

    /// The word in declarations and records.
    pub fn word(self) -> &'static str {
        match self {
            Dimension::Completeness => "completeness",
            Dimension::Validity => "validity",
            Dimension::Uniqueness => "uniqueness",
            Dimension::Consistency => "consistency",
            Dimension::Timeliness => "timeliness",
            Dimension::Referential => "referential",
        }
    }

    pub fn of(word: &str) -> Option<Dimension> {
        Dimension::ALL.into_iter().find(|one| one.word() == word)
    }
}

impl RuleSeverity {
    pub const ALL: [RuleSeverity; 3] = [RuleSeverity::Error, RuleSeverity::Warning, RuleSeverity::Info];

    /// The word in declarations and records.
    pub fn word(self) -> &'static str {
        match self {
            RuleSeverity::Info => "info",
            RuleSeverity::Warning => "warning",
            RuleSeverity::Error => "error",
        }
    }

    pub fn of(word: &str) -> Option<RuleSeverity> {
        RuleSeverity::ALL.into_iter().find(|one| one.word() == word)
    }

    /// Weight in the score of a resource.
    pub fn weight(self) -> f64 {
        match self {
            RuleSeverity::Error => 5.0,
            RuleSeverity::Warning => 2.0,
            RuleSeverity::Info => 1.0,
        }
    }

    /// Working days in which a failure must be mended; `None` where no defect is opened.
    pub fn days(self) -> Option<u32> {
        match self {
            RuleSeverity::Error => Some(5),
            RuleSeverity::Warning => Some(10),
            RuleSeverity::Info => None,
        }
    }
}

impl Rule {
    /// Working days in which a failure must be mended; `None` where no defect is opened.
    pub fn clock(&self) -> Option<u32> {
        self.severity.days().map(|usual| self.days.unwrap_or(usual))
    }
}
