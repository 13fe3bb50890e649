//! The catalogue of another portal, whose datasets are shown beside our own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Schedule, UpdatePeriod};

/// `catalogs/<id>.toml`: a catalogue that is harvested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// What the portal is called, in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// What it speaks: `ckan` (its Action API) or `dcat` (RDF).
    pub kind: CatalogueKind,
    /// Where it is: for `ckan` the site, `https://catalog.example.org`; for `dcat` the document, `https://data.example.org/catalog.ttl`.
    /// What lies inside the city's network must stand in `[network] allow`, as for connectors.
    #[serde(default)]
    pub url: Option<String>,
    /// Instead of `url`, a file inside the city's folder: RDF, or one answer of CKAN's `package_search`.
    #[serde(default)]
    pub file: Option<String>,
    /// The department that answers for what is harvested.
    pub department: String,
    /// In which language its texts are that do not say so themselves, as a BCP 47 tag: `zh`, `en`, `ja`.
    #[serde(default)]
    pub language: String,
    /// How often it is harvested.
    #[serde(default = "daily")]
    pub period: UpdatePeriod,
    /// When it is harvested, where the period does not say enough.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// Datasets at most; of a catalogue with more none is taken.
    #[serde(default = "datasets")]
    pub datasets: u32,
    /// MiB of one answer at most.
    #[serde(default = "largest")]
    pub largest_mib: u32,
}

/// The languages of catalogues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatalogueKind {
    /// `package_search` of CKAN's Action API, page after page.
    Ckan,
    /// RDF as Turtle, RDF/XML or JSON-LD, with its further pages.
    Dcat,
}

impl CatalogueKind {
    pub fn word(self) -> &'static str {
        match self {
            CatalogueKind::Ckan => "ckan",
            CatalogueKind::Dcat => "dcat",
        }
    }
}

fn daily() -> UpdatePeriod {
    UpdatePeriod::Daily
}

fn datasets() -> u32 {
    50_000
}

fn largest() -> u32 {
    64
}
