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
    /// `division`: the first column of every panel's SELECT, and the first that a panel's figure can be broken down by, is a
    /// six-digit division code, and each district's page shows its own rows (label and value then come second and third).
    /// Absent: one screen for the whole city.
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
    /// Name in Chinese. Absent: the name of its figure.
    #[serde(default)]
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What it is drawn or checked as.
    pub kind: PanelKind,
    /// Id of a declared figure (`figures/<id>.toml`), whose latest values are shown: as one number, over its periods (line), or broken down (bar, map, table).
    #[serde(default)]
    pub figure: Option<String>,
    /// With `figure`: the column by which it is broken down. Absent on a bar, map or table: the first that the figure names.
    #[serde(default)]
    pub by: Option<String>,
    /// Without `figure`: one SELECT. Figure: first column of the first row. Bar and line: label, value. Map: six-digit division code, value.
    #[serde(default)]
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

impl Panel {
    /// The columns by which its figure is broken down on its board: first the division on a board that is divided, then its own.
    pub fn cut(&self, board: &Board, figure: &super::Figure) -> Vec<String> {
        let own = match self.kind {
            PanelKind::Bar | PanelKind::Map | PanelKind::Table => self.by.as_ref().or(figure.by.first()),
            PanelKind::Figure | PanelKind::Line => None,
        };
        let division = figure.by.first().filter(|_| board.by.is_some());
        division.into_iter().chain(own.filter(|own| Some(*own) != division)).cloned().collect()
    }
}
