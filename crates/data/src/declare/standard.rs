use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// What a value is at heart, and the column type it gets in the standard layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text, as found, with outer blanks removed. → Utf8
    Text,
    /// Whole number. → Int64
    Integer,
    /// Measured number. → Float64
    Number,
    /// Money in yuan, exact to fen. → Decimal128(18, 2)
    Money,
    /// 是/否, true/false, 1/0, Y/N. → Boolean
    Boolean,
    /// Date in Chinese or Western form. → Date32
    Date,
    /// Date and time, in the city's time zone unless it says otherwise. → Timestamp(µs, UTC)
    Datetime,
    /// Citizen id number (GB 11643). → Utf8, 18 places
    CitizenId,
    /// Unified social credit code (GB 32100). → Utf8, 18 places
    Uscc,
    /// Division code (GB/T 2260, with towns and villages: 2, 4, 6, 9 or 12 digits). → Utf8
    DivisionCode,
    /// Industry code (GB/T 4754-2017). → Utf8
    IndustryCode,
    /// Mobile or fixed telephone number. → Utf8
    Phone,
    /// Longitude in degrees. → Float64
    Longitude,
    /// Latitude in degrees. → Float64
    Latitude,
    /// A value of a code list. → Utf8 (the code)
    Code,
    /// A GeoJSON geometry. → Utf8
    Geometry,
}

/// Unit of Unix times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Epoch {
    Seconds,
    Milliseconds,
}

impl Kind {
    pub const ALL: [Kind; 16] = [
        Kind::Text,
        Kind::Integer,
        Kind::Number,
        Kind::Money,
        Kind::Boolean,
        Kind::Date,
        Kind::Datetime,
        Kind::CitizenId,
        Kind::Uscc,
        Kind::DivisionCode,
        Kind::IndustryCode,
        Kind::Phone,
        Kind::Longitude,
        Kind::Latitude,
        Kind::Code,
        Kind::Geometry,
    ];

    /// The word for it in declarations and fault codes.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Money => "money",
            Kind::Boolean => "boolean",
            Kind::Date => "date",
            Kind::Datetime => "datetime",
            Kind::CitizenId => "citizen_id",
            Kind::Uscc => "uscc",
            Kind::DivisionCode => "division_code",
            Kind::IndustryCode => "industry_code",
            Kind::Phone => "phone",
            Kind::Longitude => "longitude",
            Kind::Latitude => "latitude",
            Kind::Code => "code",
            Kind::Geometry => "geometry",
        }
    }

    /// What people call it.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Kind::Text => ("文字", "Text"),
            Kind::Integer => ("整数", "Whole number"),
            Kind::Number => ("数值", "Number"),
            Kind::Money => ("金额", "Money"),
            Kind::Boolean => ("是否", "Yes or no"),
            Kind::Date => ("日期", "Date"),
            Kind::Datetime => ("日期时间", "Date and time"),
            Kind::CitizenId => ("公民身份号码", "Citizen id number"),
            Kind::Uscc => ("统一社会信用代码", "Unified social credit code"),
            Kind::DivisionCode => ("行政区划代码", "Division code"),
            Kind::IndustryCode => ("行业代码", "Industry code"),
            Kind::Phone => ("电话号码", "Telephone number"),
            Kind::Longitude => ("经度", "Longitude"),
            Kind::Latitude => ("纬度", "Latitude"),
            Kind::Code => ("代码", "Code"),
            Kind::Geometry => ("几何图形", "Geometry"),
        };
        Text::new(zh, en)
    }

    /// The built-in kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
