//! One value out of a JSON document by its pointer (RFC 6901), without keeping the rest of the document.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The string or number at a pointer. `Ok(None)` when nothing, null, false or an empty string is there;
/// an error when the text is not JSON.
pub fn find(json: impl Read, pointer: &str) -> Result<Option<String>, serde_json::Error> {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut deserializer = serde_json::Deserializer::from_reader(json);
    let found = Walk { steps: &steps }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found.filter(|text| !text.is_empty()))
}

struct Walk<'a> {
    steps: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.steps.is_empty().then(|| text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(self.steps.is_empty().then(|| number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(self.steps.is_empty().then(|| number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(self.steps.is_empty().then(|| number.to_string()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            match self.steps.split_first() {
                Some((step, rest)) if *step == key => found = map.next_value_seed(Walk { steps: rest })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let wanted = self.steps.split_first().and_then(|(step, rest)| Some((step.parse::<usize>().ok()?, rest)));
        let mut found = None;
        for index in 0usize.. {
            let more = match wanted {
                Some((place, rest)) if place == index => match seq.next_element_seed(Walk { steps: rest })? {
                    Some(value) => {
                        found = value;
                        true
                    }
                    None => false,
                },
                _ => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn agrees_with_serde_json() {
        let json =
            br#"{"a":{"b":[1,{"next":"x"},2.5]},"n":null,"e":"","f":false,"c/d":{"~":7},"big":18446744073709551615}"#;
        let value: serde_json::Value = serde_json::from_slice(json).unwrap();
        for pointer in
            ["/a/b/0", "/a/b/1/next", "/a/b/2", "/a/b/3", "/n", "/e", "/f", "/c~1d/~0", "/big", "/a", "/x/y", "/a/b/x"]
        {
            let expected = match value.pointer(pointer) {
                Some(serde_json::Value::String(text)) if !text.is_empty() => Some(text.clone()),
                Some(serde_json::Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            assert_eq!(find(&json[..], pointer).unwrap(), expected, "{pointer}");
        }
        assert!(find(&b"{\"a\":"[..], "/a").is_err());
    }
}
