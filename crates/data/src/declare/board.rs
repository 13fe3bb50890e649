use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `boards/<id>.toml`: a declared screen of figures, charts and maps. `boards/home.toml` stands on the home page.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// `division`: the first column of every panel's SELECT is a six-digit division code, and each district's page
    /// shows its own rows (label and value then come second and third). Absent: one screen for the whole city.
    #[serde(default)]
    pub by: Option<String>,
    #[serde(rename = "panel")]
    pub panels: Vec<Panel>,
}

/// One figure, chart, table or map, computed by a SELECT over the lake after its resources were collected.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Unique in the board.
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What it is drawn or checked as.
    pub kind: PanelKind,
    /// One SELECT. Figure: first column of the first row. Bar and line: label, value. Map: six-digit division code, value.
    pub sql: String,
    /// Unit of the value, e.g. `人`.
    #[serde(default)]
    pub unit: String,
    /// The unit in English.
    #[serde(default)]
    pub unit_en: String,
    /// What the figure is and is not.
    #[serde(default)]
    pub summary: String,
    /// The summary in English.
    #[serde(default)]
    pub summary_en: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PanelKind {
    Figure,
    Bar,
    Line,
    Map,
    Table,
}
