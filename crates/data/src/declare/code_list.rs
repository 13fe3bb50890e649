use std::collections::BTreeMap;

use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `codes/<id>.toml`: allowed values (代码集).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// The norm it follows, e.g. `GB/T 2261.1`.
    #[serde(default)]
    pub norm: String,
    #[serde(rename = "code")]
    pub codes: Vec<Code>,
}

impl CodeList {
    /// The titles of the codes.
    pub fn titles(&self) -> BTreeMap<String, Text> {
        self.codes.iter().map(|code| (code.value.clone(), Text::new(&code.title, &code.title_en))).collect()
    }
}

/// One allowed value.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The code itself, as it is stored.
    pub value: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Other spellings under which it arrives; each is stored as `value`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Code of the level above, in a tree.
    #[serde(default)]
    pub parent: Option<String>,
}
