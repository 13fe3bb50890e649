//! JSON records into batches. Fields come as they are met: a record with a new one adds it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::super::limits;
use super::super::rows::{Rows, fault};
use super::path::Above;
use super::value::{Broken, Walk};
use super::super::decide::decision;
use crate::RawBatch;
use crate::source::Decision;

pub(crate) struct Table {
    rows: Rows,
    places: HashMap<String, usize>,
    cells: Vec<Option<String>>,
    /// The properties of a GeoJSON feature are its fields.
    pub geojson: bool,
    /// Fields that hold arrays of objects: they could be had as rows.
    pub nested: Vec<String>,
    /// Fields that came twice in one record.
    pub repeated: Vec<String>,
}

/// The number of the record around a record, in that record's own table.
pub(crate) const PARENT: &str = "_parent";


impl Table {
    pub fn new(file: &str) -> Table {
        Table {
            rows: Rows::new(Arc::from(file), Arc::from([]), true),
            places: HashMap::new(),
            cells: Vec::new(),
            geojson: false,
            nested: Vec::new(),
            repeated: Vec::new(),
        }
    }

    pub fn is_full(&self, max_rows: usize) -> bool {
        self.rows.is_full(max_rows)
    }

    pub fn finish(&mut self) -> Option<RawBatch> {
        self.rows.finish()
    }

    pub fn refused(&mut self, line: u64, raw: &[u8], code: &str, zh: &str, en: &str) {
        let shown = String::from_utf8_lossy(raw.get(..raw.len().min(2000)).unwrap_or_default());
        self.rows.refused(line, raw, fault(code, shown.trim_end(), zh, en));
    }

    /// Adds one record; one that is not valid JSON becomes a fault.
    pub fn push(&mut self, line: u64, raw: &[u8], above: &Above) {
        self.push_as(line, raw, raw, above);
    }

    /// Adds one record whose original was written otherwise.
    pub fn push_as(&mut self, line: u64, json: &[u8], raw: &[u8], above: &Above) {
        match self.read(json, above) {
            Ok(true) => self.rows.record(line, raw, self.cells.iter().map(Option::as_deref)),
            Ok(false) => self.refused(
                line,
                raw,
                "row.fields",
                "字段超过 10,000 个，疑似把数据当成了键名",
                "more than 10,000 fields; data seem to be used as keys",
            ),
            Err(Broken) => self.refused(line, raw, "row.json", "不是有效的 JSON 记录", "not a valid JSON record"),
        }
    }

    /// Puts a record's fields in their places; false when there are too many of them.
    fn read(&mut self, raw: &[u8], above: &Above) -> Result<bool, Broken> {
        self.cells.iter_mut().for_each(|c| *c = None);
        let mut set = Vec::new();
        let mut fields: Vec<(Cow<'_, str>, Option<Cow<'_, str>>)> = Vec::new();
        let mut walk = Walk::new(raw);
        match walk.peek() {
            Some(b'{') if self.geojson => feature(raw, &mut fields)?,
            Some(b'{') => {
                walk.flatten("", 0, true, &mut |key, value| fields.push((Cow::Owned(key.into_owned()), value)))?;
                if !walk.ended() {
                    return Err(Broken);
                }
            }
            Some(b'[') => {
                let mut n = 0;
                walk.elements(|walk| {
                    n += 1;
                    fields.push((Cow::Owned(format!("column_{n}")), walk.field()?));
                    Ok(())
                })?;
            }
            _ => {
                fields.push((Cow::Borrowed("value"), walk.field()?));
                if !walk.ended() {
                    return Err(Broken);
                }
            }
        }
        let mut up = String::new();
        if let Some(parent) = above.first() {
            fields.push((Cow::Borrowed(PARENT), Some(Cow::Owned(parent.number.to_string()))));
        }
        for level in above {
            up.push_str("^.");
            fields.extend(level.fields.iter().map(|(key, value)| (Cow::Owned(format!("{up}{key}")), value.as_deref().map(Cow::Borrowed))));
        }
        // A record that is refused for its fields adds none.
        if fields.len() + self.cells.len() > limits::FIELDS {
            let new = fields.iter().filter(|(name, _)| !self.places.contains_key(name.as_ref())).count();
            if new + self.cells.len() > limits::FIELDS {
                return Ok(false);
            }
        }
        for (name, value) in fields {
            let Some(place) = self.place(&name, &set) else {
                return Ok(false);
            };
            set.push(place);
            if value.as_deref().is_some_and(|v| v.starts_with("[{")) && !self.nested.iter().any(|n| *n == name) {
                self.nested.push(name.into_owned());
            }
            if let Some(cell) = self.cells.get_mut(place) {
                *cell = value.map(Cow::into_owned);
            }
        }
        Ok(true)
    }

    /// The column of a field; a second one of the same name in one record gets a column of its own.
    fn place(&mut self, name: &str, set: &[usize]) -> Option<usize> {
        let mut shown = Cow::Borrowed(name);
        let mut again = 2;
        loop {
            match self.places.get(shown.as_ref()) {
                Some(place) if set.contains(place) => {
                    if self.repeated.len() < 100 && !self.repeated.iter().any(|r| r == name) {
                        self.repeated.push(name.to_owned());
                    }
                    shown = Cow::Owned(format!("{name}_{again}"));
                    again += 1;
                }
                Some(place) => return Some(*place),
                None if self.cells.len() >= limits::FIELDS => return None,
                None => {
                    let place = self.rows.add_field(shown.clone().into_owned());
                    self.places.insert(shown.into_owned(), place);
                    self.cells.push(None);
                    return Some(place);
                }
            }
        }
    }
}

/// What the records show: fields that could be tables of their own, and keys that came twice.
pub(crate) fn decisions(table: &Table, path: &str) -> Vec<Decision> {
    let nested = table.nested.iter().map(|field| {
        let inner = format!("{path}.{field}[*]").trim_start_matches('.').to_owned();
        decision(
            "nested",
            field,
            inner.clone(),
            format!("字段“{field}”里是一组对象，保留为 JSON 文本；若要每个成一行，声明 records = \"{inner}\"，上层字段用 ^. 引用，{PARENT} 是上层记录的序号"),
            format!("field `{field}` holds an array of objects and stays JSON text; to have each as a row declare records = \"{inner}\", reach the fields above with ^., and the record above by its number {PARENT}"),
        )
    });
    let repeated = table.repeated.iter().map(|field| {
        decision(
            "duplicate_key",
            field,
            format!("{field}_2"),
            format!("同一条记录里“{field}”出现多次；后面的值放在 {field}_2 等字段，一个也不丢"),
            format!("`{field}` comes more than once in one record; later values stand in {field}_2 and so on, none is lost"),
        )
    });
    nested.chain(repeated).collect()
}

/// A GeoJSON feature: its id, its properties without a prefix, its geometry as GeoJSON.
fn feature<'j>(raw: &'j [u8], fields: &mut Vec<(Cow<'j, str>, Option<Cow<'j, str>>)>) -> Result<(), Broken> {
    let mut walk = Walk::new(raw);
    let mut geometry = None;
    walk.members(|walk, key| {
        match (key.as_ref(), walk.peek()) {
            ("type", _) => {
                walk.value()?;
            }
            ("properties", Some(b'{')) => {
                walk.flatten("", 0, true, &mut |key, value| fields.push((Cow::Owned(key.into_owned()), value)))?;
            }
            ("properties", _) => {
                walk.value()?;
            }
            ("geometry", _) => geometry = Some(walk.field()?),
            _ => fields.push((key, walk.field()?)),
        }
        Ok(())
    })?;
    fields.push((Cow::Borrowed("geometry"), geometry.flatten()));
    if walk.ended() { Ok(()) } else { Err(Broken) }
}
