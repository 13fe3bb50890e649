//! Open data: what the head of a model in the layer `open` says besides, and what holds for a city's openings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UpdatePeriod;

/// `[open]` of `models/open/<id>.sql`: how the table is given to the public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Who may have it. Absent: everybody.
    #[serde(default)]
    pub to: OpenTo,
    /// For restricted data: what whoever wants it has to fulfil or agree to.
    #[serde(default)]
    pub condition: String,
    /// The condition in English.
    #[serde(default)]
    pub condition_en: String,
    /// Under which licence: `CC-BY-4.0`, `CC0-1.0`, `ODC-By-1.0`, `ODbL-1.0`, `PDDL-1.0`.
    pub licence: String,
    /// Theme (主题), as the portal sorts by: `transport`, `environment`, …
    pub theme: Theme,
    /// Words by which it is found, in Chinese.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The same in English.
    #[serde(default)]
    pub keywords_en: Vec<String>,
    /// How often new versions are to be expected.
    pub period: UpdatePeriod,
    /// Columns by which somebody could be recognised who is known from elsewhere: age, district, occupation. Absent: told
    /// from what the columns hold.
    #[serde(default)]
    pub quasi: Option<Vec<String>>,
    /// Columns that must not be learnt of anybody.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// The column that tells whom a row is about; it begins with `_` and is not published. By it the rows are compared with what
    /// is open already.
    #[serde(default)]
    pub entity: Option<String>,
    /// Rows that are alike in all columns of `quasi`, at least. Absent: the city's.
    #[serde(default)]
    pub k: Option<u32>,
    /// Different values of each sensitive column among them, at least. Absent: the city's.
    #[serde(default)]
    pub l: Option<u32>,
    /// Columns with longitude and latitude in degrees, for maps: `["longitude", "latitude"]`.
    #[serde(default)]
    pub position: Option<[String; 2]>,
    /// For restricted data: columns of which each question has to name one. Absent: none need be named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask_by: Vec<String>,
    /// For restricted data: rows of one answer at most. Absent: the city's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// For restricted data: rows a day that one applicant may read. Absent: the city's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_day: Option<u32>,
    /// For restricted data: how many days it is lent for. Absent: the city's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// 开放对象.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenTo {
    /// 无条件开放
    #[default]
    Everybody,
    /// 受限开放: who has applied and signed the agreement.
    Applicants,
}

/// Themes of open data, as Chinese portals sort by; the European portal's theme is the nearest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// 交通运输
    Transport,
    /// 生态环境
    Environment,
    /// 医疗健康
    Health,
    /// 教育科技
    Education,
    /// 社保就业
    Employment,
    /// 经济建设
    Economy,
    /// 城建住房
    Housing,
    /// 公共安全
    Safety,
    /// 文化休闲
    Culture,
    /// 农业农村
    Agriculture,
    /// 法律服务
    Justice,
    /// 财税金融
    Finance,
    /// 信用服务
    Credit,
    /// 机构团体
    Government,
    /// 地理空间
    Geography,
    /// 生活服务
    Living,
}

/// `[open]` of city.toml: what holds for all openings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpenData {
    /// Rows about persons that must be alike in what they could be recognised by, at least.
    pub k: u32,
    /// Different values of a sensitive column among them, at least.
    pub l: u32,
    /// Rows of one answer at most.
    pub rows: u32,
    /// Calls a minute from one network address; more are put off. Whoever needs more registers an application.
    pub per_minute: u32,
    /// Calls a minute of one registered application.
    pub application_per_minute: u32,
    /// Calls a day of one registered application.
    pub application_per_day: u32,
    /// Where registered applications may live besides the open internet, to be looked at every night: host names and ranges of
    /// addresses, as in `[network] allow`.
    pub allow: Vec<String>,
    /// Restricted data: the agreement that whoever applies has to sign, besides the dataset's own condition. Absent: a general one.
    pub agreement: String,
    /// The agreement in English.
    pub agreement_en: String,
    /// Restricted data: working days within which an application is to be decided.
    pub restricted_within: u32,
    /// Restricted data: days that it is lent for.
    pub restricted_days: u32,
    /// Restricted data: rows of one answer at most.
    pub restricted_rows: u32,
    /// Restricted data: rows a day that one applicant may read.
    pub restricted_rows_per_day: u32,
    /// Where the portal is reached from outside, for addresses in catalogues: `https://data.example.gov.cn`.
    pub address: String,
    /// Who answers for open data: a name, shown on the portal.
    pub publisher: String,
    /// The name in English.
    pub publisher_en: String,
    /// Where to write to: an e-mail address.
    pub contact: String,
}

impl Default for OpenData {
    fn default() -> OpenData {
        OpenData {
            k: 5,
            l: 2,
            rows: 10_000,
            per_minute: 3_000,
            application_per_minute: 6_000,
            application_per_day: 1_000_000,
            allow: Vec::new(),
            agreement: String::new(),
            agreement_en: String::new(),
            restricted_within: 10,
            restricted_days: 365,
            restricted_rows: 1_000,
            restricted_rows_per_day: 50_000,
            address: String::new(),
            publisher: String::new(),
            publisher_en: String::new(),
            contact: String::new(),
        }
    }
}
