//! What a client asks: from the address, a form or JSON, as CKAN takes it.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::told::Refused;
use crate::frame::Visit;
use crate::link;

/// Parameters by name.
pub(super) struct Asked(Map<String, Value>);

impl Asked {
    /// Reads the parameters of the address and of the body; the body's come first.
    pub fn read(visit: &Visit, headers: &HeaderMap, body: &[u8]) -> Result<Asked, Refused> {
        let mut all = Map::new();
        for (name, value) in visit.query.iter().filter(|(name, _)| name != "lang" && name != "mode") {
            put(&mut all, name, value);
        }
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/") {
            return Err(Refused::Validation([("upload".to_owned(), vec!["Files are not taken here: give their address as url".to_owned()])].into()));
        }
        let text = std::str::from_utf8(body).map_err(|_| bad("the body is not UTF-8"))?.trim();
        if text.is_empty() {
            return Ok(Asked(all));
        }
        let mut json = text.to_owned();
        if kind.starts_with("application/x-www-form-urlencoded") {
            let pairs = link::pairs(text);
            match pairs.as_slice() {
                // Some clients send JSON and call it a form.
                [(only, value)] if value.is_empty() || only.starts_with('{') => {
                    json = if text.starts_with('{') { text.to_owned() } else { only.clone() };
                }
                _ => {
                    for (name, value) in &pairs {
                        put(&mut all, name, value);
                    }
                    return Ok(Asked(all));
                }
            }
        }
        match serde_json::from_str::<Value>(&json) {
            Ok(Value::Object(of)) => all.extend(of),
            Ok(_) => return Err(bad("Request data JSON decoded to a value that is no dictionary")),
            Err(error) => return Err(bad(&format!("Error decoding JSON data: {error}"))),
        }
        Ok(Asked(all))
    }

    /// Nothing is asked.
    pub fn none() -> Asked {
        Asked(Map::new())
    }

    pub fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// What has to be there.
    pub fn id(&self) -> Result<&str, Refused> {
        let told = ["id", "name_or_id", "resource_id"].into_iter().find_map(|name| self.text(name)).filter(|id| !id.is_empty());
        told.ok_or_else(|| Refused::Validation([("id".to_owned(), vec!["Missing value".to_owned()])].into()))
    }

    /// A number from `least` to `most`; a greater one is `most`, as CKAN has it.
    pub fn number(&self, name: &str, usual: u64, most: u64) -> Result<u64, Refused> {
        let wrong = || Refused::Validation([(name.to_owned(), vec!["Invalid integer".to_owned()])].into());
        match self.get(name) {
            None => Ok(usual.min(most)),
            Some(Value::Number(number)) => number.as_u64().map(|number| number.min(most)).ok_or_else(wrong),
            Some(Value::String(text)) if text.is_empty() => Ok(usual.min(most)),
            Some(Value::String(text)) => text.parse::<u64>().map(|number| number.min(most)).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }

    pub fn yes(&self, name: &str, usual: bool) -> bool {
        match self.get(name) {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(text)) => matches!(text.to_ascii_lowercase().as_str(), "true" | "t" | "yes" | "y" | "1" | "on"),
            Some(Value::Number(number)) => number.as_u64() == Some(1),
            _ => usual,
        }
    }

    /// A list: as one, as the text of a JSON list, or with commas.
    pub fn list(&self, name: &str) -> Vec<String> {
        let texts = |all: &Vec<Value>| all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        match self.get(name) {
            Some(Value::Array(all)) => texts(all),
            Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
                Ok(Value::Array(all)) => texts(&all),
                _ => text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            },
            _ => Vec::new(),
        }
    }

    /// A dictionary: as one, or as the text of one.
    pub fn dictionary(&self, name: &str) -> Result<Option<Map<String, Value>>, Refused> {
        let wrong = || Refused::Validation([(name.to_owned(), vec!["Must be a dictionary, or the JSON text of one".to_owned()])].into());
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(of)) => Ok(Some(of.clone())),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }
}

/// What is named again becomes a list.
fn put(all: &mut Map<String, Value>, name: &str, value: &str) {
    match all.get_mut(name) {
        Some(Value::Array(list)) => list.push(value.into()),
        Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
        None => drop(all.insert(name.to_owned(), value.into())),
    }
}

fn bad(why: &str) -> Refused {
    Refused::Bad(format!("Bad request - JSON Error: {why}"))
}
