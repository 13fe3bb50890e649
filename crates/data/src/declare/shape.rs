//! Walks a file against its JSON Schema and reports every key and value of the wrong shape at once.
//!
//! The walk also answers with a repaired copy of the file, stand-ins put where something was missing
//! or wrong, so that the rules that follow can still judge the rest.

use kernel::nearest;
use serde_json::{Map, Number, Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Document, Note};
use super::schema::resolve;
use super::words;

/// How deep tables and lists may stand in each other; no declaration goes beyond four.
const DEEPEST: usize = 16;

/// Checks the document against `schema` and gives its repaired content.
/// With `lenient`, missing keys are not reported: a syntax error may have swallowed them.
pub(super) fn check(document: &Document<'_>, schema: &Value, lenient: bool) -> Value {
    let walk = Walk { document, whole: schema, lenient };
    match document.root() {
        Some(root) => walk.table(schema, root, "", 0..0, 0),
        None => Value::Null,
    }
}

struct Walk<'d, 'a> {
    document: &'d Document<'a>,
    whole: &'d Value,
    lenient: bool,
}

type Span = std::ops::Range<usize>;

impl<'d> Walk<'d, '_> {
    fn value(&self, schema: &'d Value, found: &Spanned<DeValue<'_>>, path: &str, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if depth > DEEPEST {
            return self.wrong(path, found.span(), Note::error("嵌套太深", "nested too deeply"), schema);
        }
        if let Some(branches) = tagged(schema) {
            return self.tagged(branches, found, path, depth);
        }
        if let Some(words) = enum_words(schema) {
            return self.word(&words, schema, found, path);
        }
        let wanted = schema.get("type").and_then(Value::as_str).unwrap_or("any");
        match (wanted, found.get_ref()) {
            ("string", DeValue::String(text)) => json!(text),
            ("boolean", DeValue::Boolean(flag)) => json!(flag),
            ("integer", DeValue::Integer(_)) | ("number", DeValue::Integer(_) | DeValue::Float(_)) => {
                self.number(schema, found, path)
            }
            ("array", DeValue::Array(list)) => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                let each =
                    list.iter().enumerate().map(|(n, one)| self.value(items, one, &format!("{path}.{n}"), depth + 1));
                Value::Array(each.collect())
            }
            ("object", DeValue::Table(table)) => self.table(schema, table, path, found.span(), depth),
            _ => self.wrong(path, found.span(), words::wrong_type(wanted, found.get_ref(), path), schema),
        }
    }

    fn table(&self, schema: &'d Value, table: &DeTable<'_>, path: &str, span: Span, depth: usize) -> Value {
        let none = Map::new();
        let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let free = schema.get("additionalProperties").filter(|more| more.is_object());
        let mut repaired = Map::new();
        let mut misspelt = Vec::new();
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            if let Some(inner) = known.get(name).or(free) {
                repaired.insert(name.to_owned(), self.value(inner, value, &join(path, name), depth + 1));
            } else {
                misspelt.push((key, value));
            }
        }
        for (key, value) in misspelt {
            let name = key.get_ref().as_ref();
            let absent = known.keys().map(String::as_str).filter(|known| !table.contains_key(*known));
            let meant = nearest(name, absent);
            let any = meant.or_else(|| nearest(name, known.keys().map(String::as_str)));
            self.document.put_at(key.span(), words::unknown_key(name, path, known).suggest(any));
            // A misspelt key is read as the one it was meant to be, so that it is reported once, not twice.
            if let Some((meant, inner)) = meant.and_then(|meant| known.get_key_value(meant)) {
                self.document.mark_broken(&join(path, meant));
                repaired.entry(meant.clone()).or_insert_with(|| self.quietly(inner, value, depth + 1));
            }
        }
        self.missing(schema, known, path, span, &mut repaired);
        Value::Object(repaired)
    }

    fn missing(
        &self,
        schema: &Value,
        known: &'d Map<String, Value>,
        path: &str,
        span: Span,
        repaired: &mut Map<String, Value>,
    ) {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let mut absent = Vec::new();
        for name in required.filter(|name| !repaired.contains_key(*name)).collect::<Vec<_>>() {
            let inner = known.get(name).unwrap_or(&Value::Null);
            self.document.mark_broken(&join(path, name));
            repaired.insert(name.to_owned(), self.blank(inner, 0));
            absent.push((name, self.described(inner)));
        }
        if !absent.is_empty() && !self.lenient {
            let keys: Vec<(&str, &Value)> = absent.iter().map(|(name, schema)| (*name, schema)).collect();
            self.document.put_at(span, words::missing_keys(&keys, path));
        }
    }

    /// A key's schema, followed to its definition but with its own description.
    fn described(&self, schema: &'d Value) -> Value {
        let mut found = resolve(self.whole, schema).clone();
        if let (Some(about), Some(object)) = (schema.get("description"), found.as_object_mut()) {
            object.insert("description".into(), about.clone());
        }
        found
    }

    /// A value under a misspelt key: kept if it fits, without a second report.
    fn quietly(&self, schema: &'d Value, value: &Spanned<DeValue<'_>>, depth: usize) -> Value {
        let aside = Document::new(self.document.path, self.document.text);
        let kept = Walk { document: &aside, whole: self.whole, lenient: true }.value(schema, value, "", depth);
        if aside.into_diagnostics().is_empty() { kept } else { self.blank(schema, 0) }
    }

    fn tagged(&self, branches: &'d [Value], found: &Spanned<DeValue<'_>>, path: &str, depth: usize) -> Value {
        let stand_in = branches.first().unwrap_or(&Value::Null);
        let DeValue::Table(table) = found.get_ref() else {
            return self.wrong(path, found.span(), words::wrong_type("object", found.get_ref(), path), stand_in);
        };
        let kinds: Vec<&str> = branches.iter().filter_map(tag).collect();
        match table.get("kind").map(|kind| (kind, kind.get_ref().as_str())) {
            None => {
                if !self.lenient {
                    let about = json!({ "description": kinds.join(" / ") });
                    self.document.put_at(found.span(), words::missing_keys(&[("kind", &about)], path));
                }
                self.document.mark_broken(path);
                self.blank(stand_in, 0)
            }
            Some((kind, word)) => match branches.iter().find(|branch| word.is_some() && tag(branch) == word) {
                Some(branch) => self.table(branch, table, path, found.span(), depth),
                None => {
                    let note = words::wrong_word(&kinds, kind.get_ref(), &join(path, "kind"), &Value::Null);
                    self.document.put_at(kind.span(), note);
                    self.document.mark_broken(path);
                    self.blank(stand_in, 0)
                }
            },
        }
    }

    fn word(&self, words: &[&str], schema: &'d Value, found: &Spanned<DeValue<'_>>, path: &str) -> Value {
        match found.get_ref().as_str() {
            Some(text) if words.contains(&text) => json!(text),
            _ => self.wrong(path, found.span(), words::wrong_word(words, found.get_ref(), path, schema), schema),
        }
    }

    fn number(&self, schema: &'d Value, found: &Spanned<DeValue<'_>>, path: &str) -> Value {
        let number = match found.get_ref() {
            DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix()).ok().map(Number::from),
            DeValue::Float(float) => float.as_str().parse().ok().and_then(Number::from_f64),
            _ => None,
        };
        let least = schema.get("minimum").and_then(Value::as_f64).unwrap_or(f64::NEG_INFINITY);
        let most = match schema.get("format").and_then(Value::as_str) {
            Some("uint32") => f64::from(u32::MAX),
            _ => f64::INFINITY,
        };
        match number {
            Some(number) if number.as_f64().is_some_and(|value| value >= least && value <= most) => {
                Value::Number(number)
            }
            _ => self.wrong(path, found.span(), words::wrong_number(least, most), schema),
        }
    }

    /// Reports a value and puts a stand-in in its place.
    fn wrong(&self, path: &str, span: Span, note: Note, schema: &'d Value) -> Value {
        self.document.put_at(span, note);
        self.document.mark_broken(path);
        self.blank(schema, 0)
    }

    /// The plainest value that a schema allows.
    fn blank(&self, schema: &'d Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(default) = schema.get("default") {
            return default.clone();
        }
        if let Some(first) = tagged(schema).and_then(<[Value]>::first) {
            return self.blank(first, depth + 1);
        }
        if let Some(word) = schema.get("const") {
            return word.clone();
        }
        if let Some(word) = enum_words(schema).and_then(|words| words.first().copied()) {
            return json!(word);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => json!(""),
            Some("boolean") => json!(false),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
            Some("array") => json!([]),
            Some("object") => self.blank_table(schema, depth),
            _ => Value::Null,
        }
    }

    fn blank_table(&self, schema: &'d Value, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let each = required.map(|name| {
            let inner = schema.get("properties").and_then(|known| known.get(name)).unwrap_or(&Value::Null);
            (name.to_owned(), self.blank(inner, depth + 1))
        });
        Value::Object(each.collect())
    }

    fn resolve(&self, schema: &'d Value) -> &'d Value {
        resolve(self.whole, schema)
    }
}

/// The words of an enumeration of plain words, if the schema is one.
fn enum_words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(word) = schema.get("const").and_then(Value::as_str) {
        return Some(vec![word]);
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return Some(words.iter().filter_map(Value::as_str).collect());
    }
    let branches = schema.get("oneOf").or(schema.get("anyOf")).and_then(Value::as_array)?;
    let words: Option<Vec<Vec<&str>>> = branches.iter().map(enum_words).collect();
    words.map(|words| words.into_iter().flatten().collect())
}

/// The branches of a choice between tables told apart by their key `kind`, if the schema is one.
fn tagged(schema: &Value) -> Option<&[Value]> {
    let branches = schema.get("oneOf").and_then(Value::as_array)?;
    branches.iter().all(|branch| tag(branch).is_some()).then_some(branches.as_slice())
}

fn tag(branch: &Value) -> Option<&str> {
    branch.pointer("/properties/kind/const").and_then(Value::as_str)
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
