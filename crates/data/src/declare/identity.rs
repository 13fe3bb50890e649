//! The identity provider of a city, with which its staff may log in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[identity]`: the city's own identity provider (OpenID Connect). It says who somebody is, and nothing of what they may do:
/// rights are given here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The provider, as it names itself: `https://id.example.gov.cn`. What lies inside the city's network must stand in
    /// `[network] allow`, as for connectors.
    pub issuer: String,
    /// What the provider knows this site by.
    pub client_id: String,
    /// Its secret, as `${NAME}` from the environment; none where the provider asks for none.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// What the provider is asked to tell; `openid` is always among it.
    #[serde(default = "openid")]
    pub scopes: Vec<String>,
    /// What the provider is called on the login page.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// The claim by which a linked person is shown. It is shown only: who it is, `sub` says.
    #[serde(default = "name")]
    pub name_claim: String,
}

fn openid() -> Vec<String> {
    vec!["openid".to_owned(), "profile".to_owned()]
}

fn name() -> String {
    "preferred_username".to_owned()
}
