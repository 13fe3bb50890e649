//! One request: its address and, where the API wants one, its JSON body. Parameters go to either.

use serde_json::Value;
use url::Url;

use super::address;

#[derive(Clone, Debug)]
pub struct Ask {
    pub url: Url,
    pub body: Option<Value>,
}

impl Ask {
    /// Sets a parameter: one that begins with `/` in the body, any other in the query.
    pub fn set(&mut self, name: &str, value: &str) {
        match (&mut self.body, name.rsplit_once('/')) {
            (Some(body), Some((parent, key))) if name.starts_with('/') => set_in(body, parent, key, value),
            _ => address::set(&mut self.url, name, value),
        }
    }

    /// The same request with a parameter.
    pub fn with(&self, name: &str, value: &str) -> Ask {
        let mut ask = self.clone();
        ask.set(name, value);
        ask
    }

    /// The same request at another address.
    pub fn at(&self, url: Url) -> Ask {
        Ask { url, body: self.body.clone() }
    }
}

/// A whole number is sent as one, unless a text stands in its place.
fn set_in(body: &mut Value, parent: &str, key: &str, value: &str) {
    let Some(Value::Object(object)) = body.pointer_mut(parent) else { return };
    let key = key.replace("~1", "/").replace("~0", "~");
    let text = matches!(object.get(&key), Some(Value::String(_)));
    let number = value.parse::<i64>().ok().filter(|number| !text && number.to_string() == value);
    object.insert(key, number.map_or_else(|| Value::from(value), Value::from));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_go_where_they_belong() {
        let body = serde_json::json!({ "query": { "page": 1, "since": "0" } });
        let ask = Ask { url: Url::parse("http://h/a?x=1").unwrap(), body: Some(body) };
        let ask = ask.with("/query/page", "2").with("/query/since", "2026").with("/query/after", "a").with("size", "9");
        assert_eq!(ask.body.unwrap().to_string(), r#"{"query":{"page":2,"since":"2026","after":"a"}}"#);
        assert_eq!(ask.url.as_str(), "http://h/a?x=1&size=9");
    }
}
