//! The agreement with another city's node.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Resource, ShareType};
use crate::City;
use crate::share::{Channel, Purpose};

/// What stands before the id of a neighbour where departments are named: `node:taizhou` asks as a department does.
pub const AGREED: &str = "node:";

/// `nodes/<id>.toml`: the node of another city, and the agreement under which data is exchanged with it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// From the file name.
    #[serde(skip)]
    pub id: String,
    /// Name of the city in Chinese.
    pub title: String,
    /// Name in English, for the English pages.
    #[serde(default)]
    pub title_en: String,
    /// Six-digit division code (GB/T 2260) of that city: envelopes name sender and receiver by it.
    pub division: String,
    /// Where the node is reached, such as `https://brain.example.gov.cn`. What lies inside the city's network must stand in
    /// `[network] allow`, as for connectors.
    pub url: String,
    /// What the agreement is called, with its number.
    pub agreement: String,
    /// Office and telephone that answers for the agreement.
    #[serde(default)]
    pub contact: String,
    /// First day of the agreement, `2026-01-01`.
    pub from: String,
    /// Last day of the agreement.
    pub until: String,
    /// Departments of this city whose resources it may ask for.
    #[serde(default)]
    pub departments: Vec<String>,
    /// Single resources that it may ask for besides.
    #[serde(default)]
    pub resources: Vec<String>,
    /// How rows may be used: `query`, `verify`, `batch`.
    pub channels: BTreeSet<Channel>,
    /// What rows may be used for: `service`, `supervision`, `emergency`, `decision`, `statistics`.
    pub purposes: BTreeSet<Purpose>,
    /// The keys that it signs with, as `sanjiang node show` prints them there: one, and while it changes its key two.
    #[serde(rename = "key")]
    pub keys: Vec<Jwk>,
}

/// A public key as a JSON Web Key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key in base64url, 43 letters.
    pub x: String,
}

impl Neighbour {
    /// What stands for it where departments are named.
    pub fn department(&self) -> String {
        format!("{AGREED}{}", self.id)
    }

    /// Whether the agreement holds on a day, `2026-05-01`.
    pub fn holds(&self, day: &str) -> bool {
        self.from.as_str() <= day && day <= self.until.as_str()
    }

    /// Whether it may ask for a resource of ours.
    pub fn offers(&self, city: &City, resource: &Resource) -> bool {
        let named = self.resources.contains(&resource.id);
        let lent = city.provider(resource).is_some_and(|provider| self.departments.contains(&provider.id));
        (named || lent) && resource.share != ShareType::None
    }
}

impl City {
    /// The neighbour that a department's name stands for.
    pub fn neighbour(&self, department: &str) -> Option<&Neighbour> {
        self.nodes.get(department.strip_prefix(AGREED)?)
    }
}
