//! JSON in its kinds: one document, nested documents, one record a line, GeoJSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use data::declare::Kind;

use super::{create, fields, Cells, Damage, Field, Sink};
use crate::error::SampleError;
use crate::spec::{Delivery, Table};

pub struct Records {
    out: BufWriter<File>,
    path: PathBuf,
    fields: Vec<Field>,
    delivery: Delivery,
    line: String,
    /// Of a nested document: the parent object that is open.
    parent: String,
    count: u64,
}

impl Records {
    pub fn create(table: &Table, path: &Path) -> Result<Records, SampleError> {
        let mut out = create(path)?;
        let head = match table.delivery {
            Delivery::Json => "{\"code\":0,\"msg\":\"success\",\"data\":{\"rows\":[\n",
            Delivery::Geojson => "{\"type\":\"FeatureCollection\",\"features\":[\n",
            Delivery::Nested(_) => "[\n",
            _ => "",
        };
        out.write_all(head.as_bytes()).map_err(SampleError::file(path))?;
        let delivery = table.delivery;
        Ok(Records { out, path: path.to_owned(), fields: fields(table), delivery, line: String::new(), parent: String::new(), count: 0 })
    }

    /// Opens the parent object when it is another than that of the row before; tells whether the row is its first.
    fn open_parent(&mut self, cells: &Cells, children: &str) -> bool {
        let mut parent = String::new();
        let own = self.fields.iter().enumerate().filter(|(_, field)| field.source.starts_with("^."));
        for (position, field) in own {
            let name = field.source.trim_start_matches("^.");
            member(&mut parent, name, *field, cells.get(position));
        }
        if parent == self.parent && self.count > 0 {
            return false;
        }
        if self.count > 0 {
            self.line.push_str("\n]},\n");
        }
        self.line.push('{');
        self.line.push_str(&parent);
        self.line.push_str(",\"");
        self.line.push_str(children);
        self.line.push_str("\":[\n");
        self.parent = parent;
        true
    }
}

impl Sink for Records {
    fn write(&mut self, cells: &Cells, _damage: Damage) -> Result<u64, SampleError> {
        self.line.clear();
        let first = match self.delivery {
            Delivery::Nested(children) => self.open_parent(cells, children),
            Delivery::Ndjson | Delivery::Api(_) => true,
            _ => self.count == 0,
        };
        if !first {
            self.line.push_str(",\n");
        }
        let geojson = self.delivery == Delivery::Geojson;
        self.line.push_str(if geojson { "{\"type\":\"Feature\",\"properties\":{" } else { "{" });
        let start = self.line.len();
        for (position, field) in self.fields.iter().enumerate() {
            let apart = field.source.starts_with("^.") || (geojson && field.kind == Kind::Geometry);
            if !apart {
                if self.line.len() > start {
                    self.line.push(',');
                }
                let mut text = std::mem::take(&mut self.line);
                member(&mut text, field.source, *field, cells.get(position));
                self.line = text;
            }
        }
        self.line.push('}');
        if geojson {
            let place = self.fields.iter().position(|field| field.kind == Kind::Geometry).unwrap_or(0);
            self.line.push_str(",\"geometry\":");
            self.line.push_str(cells.get(place));
            self.line.push('}');
        }
        if matches!(self.delivery, Delivery::Ndjson | Delivery::Api(_)) {
            self.line.push('\n');
        }
        self.count += 1;
        self.out.write_all(self.line.as_bytes()).map_err(SampleError::file(&self.path))?;
        Ok(self.count)
    }

    fn finish(mut self: Box<Self>) -> Result<(), SampleError> {
        let tail = match self.delivery {
            Delivery::Json => "\n]}}\n",
            Delivery::Geojson => "\n]}\n",
            Delivery::Nested(_) if self.count > 0 => "\n]}\n]\n",
            Delivery::Nested(_) => "]\n",
            _ => "",
        };
        self.out.write_all(tail.as_bytes()).and_then(|()| self.out.flush()).map_err(SampleError::file(&self.path))
    }
}

/// `"name":value` with the JSON type that the value has at heart.
fn member(out: &mut String, name: &str, field: Field, value: &str) {
    string(out, name);
    out.push(':');
    match value {
        "" => out.push_str("null"),
        "是" if field.kind == Kind::Boolean => out.push_str("true"),
        "否" if field.kind == Kind::Boolean => out.push_str("false"),
        number if field.numeric && is_number(number) => out.push_str(number),
        text => string(out, text),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split('.').next().unwrap_or("");
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !whole.is_empty();
    plain && (whole == "0" || !whole.starts_with('0')) && digits.matches('.').count() <= 1 && !digits.ends_with('.')
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}
