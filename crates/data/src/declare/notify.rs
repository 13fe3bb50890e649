//! Whom a city tells of what happens in it: an address that messages are posted to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[notify]`: messages (CloudEvents 1.0, structured JSON) posted to one address, again and again until it takes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Address that messages are posted to. `${NAME}` comes from the environment. What lies inside the city's network must
    /// stand in `[network] allow`, as for connectors.
    pub url: String,
    /// Headers sent along, such as `Authorization = "Bearer ${NAME}"`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What is told; all of it when absent.
    #[serde(default = "all")]
    pub events: Vec<Told>,
}

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Told {
    /// A defect was opened: a rule fails, or somebody objects.
    #[serde(rename = "defect.opened")]
    Opened,
    /// A defect was not mended in time.
    #[serde(rename = "defect.escalated")]
    Escalated,
    /// A service has failed again and again, and is left alone.
    #[serde(rename = "service.away")]
    Away,
    /// A service that was left alone answers again.
    #[serde(rename = "service.back")]
    Back,
}

impl Told {
    pub const ALL: [Told; 4] = [Told::Opened, Told::Escalated, Told::Away, Told::Back];

    /// The word in declarations, records and messages.
    pub fn word(self) -> &'static str {
        match self {
            Told::Opened => "defect.opened",
            Told::Escalated => "defect.escalated",
            Told::Away => "service.away",
            Told::Back => "service.back",
        }
    }

    /// What a word means.
    pub fn of(word: &str) -> Option<Told> {
        Told::ALL.into_iter().find(|told| told.word() == word)
    }
}

fn all() -> Vec<Told> {
    Told::ALL.to_vec()
}
