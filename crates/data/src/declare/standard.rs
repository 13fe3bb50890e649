use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `standards/<id>.toml`: a named type with checks (数据元). Each built-in kind is also usable by its own name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub title_en: String,
    pub kind: Kind,
    /// Code list (id) of the allowed values, for kind `code`.
    #[serde(default)]
    pub codes: Option<String>,
    /// Regular expression that the whole value must match.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Fewest and most characters.
    #[serde(default)]
    pub min_length: Option<u32>,
    #[serde(default)]
    pub max_length: Option<u32>,
    /// Smallest and largest value, for numbers and money.
    #[serde(default)]
    pub minimum: Option<f64>,
    #[serde(default)]
    pub maximum: Option<f64>,
    /// Earliest and latest date, `1900-01-01`.
    #[serde(default)]
    pub earliest: Option<String>,
    #[serde(default)]
    pub latest: Option<String>,
    /// Unit of measurement.
    #[serde(default)]
    pub unit: String,
    /// The norm it follows, e.g. `GB 11643-1999`.
    #[serde(default)]
    pub norm: String,
    #[serde(default)]
    pub summary: String,
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
