//! What only a resource has that is lent in real time: the operations of its system's service, by which it is asked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[[operation]]`: an operation of the service (its OpenAPI document has it) that the resource is asked by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// `operationId` in the OpenAPI document.
    pub id: String,
    /// Name in Chinese. Absent: what the OpenAPI document calls it.
    #[serde(default)]
    pub title: String,
    /// Name in English.
    #[serde(default)]
    pub title_en: String,
    /// Where the records are in the answer: `data`, `data.rows[*]`. Absent: the answer is one record, or a list of them.
    #[serde(default)]
    pub records: String,
    /// Where items stand in a record, for this operation alone: item = `"path"`. An item's `source` says it for all operations.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// What the operation is asked with. Parameters that are not here are never sent.
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
}

/// `[[operation.parameter]]`: a parameter that callers give, or one that is always the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in the OpenAPI document; of a field of the JSON body its place, `/person/id`.
    pub name: String,
    /// The item whose value it carries: callers give it under the item's name, it is checked as the item is, and can be a key of
    /// grants. Absent: it tells of nobody (a page number).
    #[serde(default)]
    pub item: Option<String>,
    /// Always this value; callers neither see nor set it.
    #[serde(default)]
    pub value: Option<String>,
    /// Calls must give it.
    #[serde(default)]
    pub required: bool,
}

impl Operation {
    /// The path of an item in a record: of this operation, else the item's own, else its name.
    pub fn path<'a>(&'a self, item: &'a super::Item) -> &'a str {
        let own = self.fields.get(&item.name).map(String::as_str);
        own.or(item.source.as_deref()).unwrap_or(&item.name)
    }

    /// The parameter that carries an item.
    pub fn carries(&self, item: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.item.as_deref() == Some(item))
    }
}

impl Parameter {
    /// Under what callers give it: the item's name, else its own. `None` where it is always the same.
    pub fn given(&self) -> Option<&str> {
        match self.value {
            Some(_) => None,
            None => Some(self.item.as_deref().unwrap_or(&self.name)),
        }
    }
}
