use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Grade, Identity, Log, Notify, OpenData, Sharing};
use crate::mask::SMALLEST_GROUP;
use crate::workday::ExtraDays;

/// `city.toml`: the city itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CityInfo {
    /// Name in Chinese, as on the home page.
    pub title: String,
    /// Name in English.
    #[serde(default)]
    pub title_en: String,
    /// Six-digit division code (GB/T 2260) of the city.
    pub division: String,
    /// IANA time zone in which dates are read and shown.
    #[serde(default = "shanghai")]
    pub time_zone: String,
    /// One or two sentences for the home page.
    #[serde(default)]
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
    /// Path of a GeoJSON file inside the city folder with the outlines of the districts (properties `code`, `name`).
    #[serde(default)]
    pub districts: Option<String>,
    /// Resource whose rows are the division tree, or the code list of districts and towns.
    #[serde(default)]
    pub divisions: Option<String>,
    /// Shown on every page while set, e.g. that all data is invented.
    #[serde(default)]
    pub notice: String,
    /// The notice in English.
    #[serde(default)]
    pub notice_en: String,
    /// What connectors may reach besides the open internet.
    #[serde(default)]
    pub network: Network,
    /// Who is told of defects, and where.
    #[serde(default)]
    pub notify: Option<Notify>,
    /// How the log of acts is signed, and who watches over it.
    #[serde(default)]
    pub log: Log,
    /// Working days that the State Council's notices do not tell.
    #[serde(default)]
    pub calendar: OwnCalendar,
    /// Who sees what of graded data, and which figures tell of nobody.
    #[serde(default)]
    pub grading: Grading,
    /// Clocks and bounds of lending data between departments.
    #[serde(default)]
    pub share: Sharing,
    /// What holds for data that is opened.
    #[serde(default)]
    pub open: OpenData,
    /// The identity provider with which staff may log in, besides their passwords here.
    #[serde(default)]
    pub identity: Option<Identity>,
}

/// `[grading]`: what holds where nothing else is said.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grading {
    /// The highest grade that an officer sees unmasked outside the own department, where the account says nothing else.
    #[serde(default = "low")]
    pub clearance: Grade,
    /// Figures over groups of at least so many rows lower the grade of what they are made from.
    #[serde(default = "group")]
    pub smallest_group: u64,
}

impl Default for Grading {
    fn default() -> Grading {
        Grading { clearance: low(), smallest_group: group() }
    }
}

fn low() -> Grade {
    Grade::L2
}

fn group() -> u64 {
    SMALLEST_GROUP
}

/// `[calendar]`: days of the city's own, and notices newer than this program.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnCalendar {
    /// Years whose notice the days below hold in full, e.g. `[2027]`.
    #[serde(default)]
    pub years: Vec<i16>,
    /// `[[calendar.days]]`: holidays, days of a typhoon, working days of a weekend.
    #[serde(default)]
    pub days: Vec<ExtraDays>,
}

/// `[network]`: connectors reach the open internet, but nothing inside it, unless the city says so here.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Ranges (`10.20.0.0/16`), addresses (`10.20.0.7`), and host names (`api.example.gov.cn`, `*.example.gov.cn`)
    /// that lie in private networks. This machine and the local link must be given as addresses, not as names.
    #[serde(default)]
    pub allow: Vec<String>,
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}
