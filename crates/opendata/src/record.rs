//! What a catalogue knows of one dataset, whoever opened it: the common ground of DCAT-AP 3 and of CKAN's packages.

use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};

/// A dataset of ours or of another catalogue. Texts of others that exist in one language stand in both fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Its name in addresses, unique in our portal.
    pub id: String,
    /// What it is called elsewhere: URIs, DOIs, ids in the catalogue that it was harvested from.
    pub identifiers: Vec<String>,
    pub title: Text,
    pub summary: Text,
    pub publisher: Publisher,
    pub contact: Option<Contact>,
    pub themes: Vec<Concept>,
    pub keywords: Vec<Text>,
    pub rights: Option<Rights>,
    /// Languages of its contents, as BCP 47 tags.
    pub languages: Vec<String>,
    pub issued: Option<Moment>,
    pub modified: Option<Moment>,
    /// How often it is brought up to date: a code of the Publications Office's table of frequencies, such as `MONTHLY`.
    pub frequency: Option<String>,
    /// Where it is about.
    pub places: Vec<Concept>,
    /// West, south, east, north in degrees.
    pub bounds: Option<[f64; 4]>,
    /// When it is about.
    pub period: Option<Period>,
    pub version: Option<String>,
    /// The page for people.
    pub page: Option<String>,
    pub documentation: Vec<String>,
    /// What it was made from.
    pub provenance: Text,
    /// Standards that it keeps to.
    pub standards: Vec<Concept>,
    pub distributions: Vec<Distribution>,
}

/// Who answers for a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Publisher {
    /// Its name in addresses: a department's id.
    pub id: String,
    pub name: Text,
    pub homepage: Option<String>,
}

/// Whom to ask.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    pub name: Text,
    pub email: Option<String>,
    pub telephone: Option<String>,
    pub url: Option<String>,
}

/// An entry of a list that others keep: a theme, a place, a standard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Concept {
    /// Its code in the list.
    pub code: String,
    pub title: Text,
    /// What names it in the world.
    pub uri: Option<String>,
}

/// Under which licence, and who may have it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rights {
    /// Name in the SPDX list, or what the catalogue calls it.
    pub id: String,
    pub title: Text,
    pub url: Option<String>,
    /// Whether an application has to be made first (受限开放).
    pub restricted: bool,
    pub condition: Text,
}

/// From when to when; either may be open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Period {
    pub start: Option<Moment>,
    pub end: Option<Moment>,
}

/// A file or a service through which the dataset is had.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Distribution {
    /// Unique in the portal.
    pub id: String,
    pub title: Text,
    pub summary: Text,
    /// As people call it: `CSV`, `GeoJSON`, `API`.
    pub format: String,
    /// IANA media type.
    pub media_type: Option<String>,
    /// A page or a service's address.
    pub access_url: String,
    /// The file itself.
    pub download_url: Option<String>,
    pub bytes: Option<u64>,
    /// SHA-256 in hexadecimal.
    pub sha256: Option<String>,
    /// Where a service describes itself: OpenAPI, OGC.
    pub description_url: Option<String>,
    pub issued: Option<Moment>,
    pub modified: Option<Moment>,
}
