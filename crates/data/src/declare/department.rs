use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `departments/<id>.toml`: who holds data.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// From the file name; not written in the file.
    #[serde(skip)]
    pub id: String,
    /// Full name in Chinese (信息资源提供方).
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Short form in Chinese for lists and maps.
    #[serde(default)]
    pub short: String,
    /// Unified social credit code (提供方代码, GB 32100).
    pub uscc: String,
    /// Division code (GB/T 2260) of the area it serves; the city's own if absent.
    #[serde(default)]
    pub division: Option<String>,
    /// Office and telephone that answers questions about its data.
    #[serde(default)]
    pub contact: String,
    /// What it is and is not, in a sentence or two.
    #[serde(default)]
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
}
