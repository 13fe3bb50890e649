//! What only HTTP connectors declare: how to log in, and how an API's pages follow each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an API wants to be logged in to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HttpAuth {
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token, as `${NAME}`.
        token: String,
    },
    /// `Authorization: Basic …`.
    Basic { user: String, password: String },
    /// A key in a header or in the query.
    ApiKey {
        /// Name of the header or query parameter.
        name: String,
        /// The key, as `${NAME}`.
        value: String,
        /// Where the key goes.
        #[serde(default)]
        place: KeyPlace,
    },
    /// OAuth 2 client credentials: a token is fetched, kept until shortly before it expires, and fetched anew when refused.
    Oauth2 {
        /// Where tokens are given out.
        token_url: String,
        client_id: String,
        /// The secret, as `${NAME}`.
        client_secret: String,
        /// Scopes, separated by blanks.
        #[serde(default)]
        scope: String,
        /// For whom the token is, where the server wants to know.
        #[serde(default)]
        audience: String,
        /// How id and secret are sent to the token's address.
        #[serde(default)]
        credentials: CredentialsPlace,
    },
}

/// Where an API key goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    #[default]
    Header,
    /// Shows up in logs of servers on the way: only where the API takes it nowhere else.
    Query,
}

/// How a client says who it is when it asks for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsPlace {
    /// `Authorization: Basic …`, which every server must know.
    #[default]
    Header,
    /// `client_id` and `client_secret` in the form.
    Body,
}

/// A request that is sent with a body instead of being asked by address alone.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// JSON that is sent as the request's body. Paging and cursor parameters that begin with `/` are places in it
    /// (JSON pointers); others go into the query.
    pub body: String,
}

/// How a paged API is walked.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// `?page=1&size=500` until a page has fewer rows than asked for.
    Page {
        #[serde(default = "page_word")]
        parameter: String,
        #[serde(default = "size_word")]
        size_parameter: String,
        #[serde(default = "five_hundred")]
        size: u32,
        #[serde(default = "one")]
        first: u32,
    },
    /// `?offset=0&limit=500`.
    Offset {
        #[serde(default = "offset_word")]
        parameter: String,
        #[serde(default = "limit_word")]
        size_parameter: String,
        #[serde(default = "five_hundred")]
        size: u32,
    },
    /// The answer names the next page: a cursor value or an address at `next` (JSON pointer).
    Next {
        /// JSON pointer into the answer, e.g. `/next`.
        next: String,
        /// Query parameter that takes the cursor; absent when `next` is an address.
        #[serde(default)]
        parameter: Option<String>,
    },
    /// The answer's `Link` header names the next page (RFC 8288, `rel="next"`).
    Link {},
    /// A header of the answer holds the token of the next page.
    Header {
        /// Name of the header, e.g. `X-Next-Token`.
        name: String,
        /// Parameter that takes the token.
        parameter: String,
    },
    /// Each page is asked for by the last row of the one before: `?after=…&limit=500`.
    Keyset {
        /// Field of the answer, as the source names it, by which the API sorts its rows.
        field: String,
        /// Parameter that takes the last row's value.
        parameter: String,
        #[serde(default = "limit_word")]
        size_parameter: String,
        #[serde(default = "five_hundred")]
        size: u32,
    },
}

fn one() -> u32 {
    1
}
fn five_hundred() -> u32 {
    500
}
fn page_word() -> String {
    "page".to_owned()
}
fn size_word() -> String {
    "size".to_owned()
}
fn offset_word() -> String {
    "offset".to_owned()
}
fn limit_word() -> String {
    "limit".to_owned()
}
