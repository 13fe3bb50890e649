//! Files of text: CSV in two encodings, JSON, NDJSON, XML, GeoJSON.

use std::fs::File;
use std::io::{BufWriter, Write};

use encoding_rs::GB18030;
use serde_json::{Map, Value as Json, json};
use serving::{Kind, Value};

use super::{OpenForm, Rows, failed, flush};
use crate::open::live::OpenColumn;
use crate::quarantine_file::plain;
use crate::{Answer, internal};

pub(super) struct Lines {
    file: BufWriter<File>,
    form: OpenForm,
    columns: Vec<OpenColumn>,
    /// Where longitude and latitude stand.
    position: Option<(usize, usize)>,
    count: u64,
}

impl Lines {
    pub fn begin(file: BufWriter<File>, form: OpenForm, columns: &[OpenColumn], position: Option<&[String; 2]>) -> Answer<Lines> {
        let place = |name: &String| columns.iter().position(|column| column.name == *name);
        let position = position.and_then(|[longitude, latitude]| Some((place(longitude)?, place(latitude)?)));
        let mut lines = Lines { file, form, columns: columns.to_vec(), position, count: 0 };
        match form {
            OpenForm::Csv => {
                lines.write("\u{feff}")?;
                lines.csv(lines.columns.iter().map(|column| column.name.clone()).collect())?;
            }
            OpenForm::CsvGb18030 => lines.csv(lines.columns.iter().map(|column| column.name.clone()).collect())?,
            OpenForm::Json => lines.write("[")?,
            OpenForm::Xml => lines.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rows>\n")?,
            OpenForm::Geojson => lines.write("{\"type\":\"FeatureCollection\",\"features\":[")?,
            OpenForm::Ndjson | OpenForm::Xlsx | OpenForm::Parquet => {}
        }
        Ok(lines)
    }

    fn write(&mut self, text: &str) -> Answer<()> {
        let written = match self.form {
            OpenForm::CsvGb18030 => self.file.write_all(&GB18030.encode(text).0),
            _ => self.file.write_all(text.as_bytes()),
        };
        written.map_err(|error| failed(&error))
    }

    fn csv(&mut self, cells: Vec<String>) -> Answer<()> {
        self.write(&crate::csv::line(cells.into_iter()))
    }

    fn object(&self, row: &[Value]) -> Map<String, Json> {
        let cells = row.iter().map(|value| serde_json::to_value(value).unwrap_or_default());
        self.columns.iter().map(|column| column.name.clone()).zip(cells).collect()
    }

    fn json(&mut self, value: &Json, between: &str) -> Answer<()> {
        let text = serde_json::to_string(value).map_err(internal)?;
        let before = if self.count > 0 { between } else { "\n" };
        self.write(&format!("{before}{text}"))
    }

    fn xml(&mut self, row: &[Value]) -> Answer<()> {
        let cells = self.columns.iter().zip(row).filter(|(_, value)| !value.is_null());
        let cells: String = cells.map(|(column, value)| format!("<{0}>{1}</{0}>", column.name, escaped(&value.text()))).collect();
        self.write(&format!("<row>{cells}</row>\n"))
    }

    fn feature(&self, row: &[Value]) -> Json {
        let degrees = |place: usize| match row.get(place) {
            Some(Value::Number(degrees)) => Some(*degrees),
            Some(value) => value.text().parse().ok(),
            None => None,
        };
        let point = self.position.and_then(|(longitude, latitude)| Some([degrees(longitude)?, degrees(latitude)?]));
        let geometry = point.map(|point| json!({ "type": "Point", "coordinates": point }));
        json!({ "type": "Feature", "geometry": geometry, "properties": self.object(row) })
    }
}

impl Rows for Lines {
    fn row(&mut self, row: &[Value]) -> Answer<()> {
        match self.form {
            OpenForm::Csv | OpenForm::CsvGb18030 => self.csv(self.columns.iter().zip(row).map(|(column, value)| cell(column.kind, value)).collect())?,
            OpenForm::Ndjson => {
                let line = serde_json::to_string(&self.object(row)).map_err(internal)? + "\n";
                self.write(&line)?;
            }
            OpenForm::Xml => self.xml(row)?,
            OpenForm::Geojson => self.json(&self.feature(row), ",\n")?,
            OpenForm::Json | OpenForm::Xlsx | OpenForm::Parquet => self.json(&Json::Object(self.object(row)), ",\n")?,
        }
        self.count += 1;
        Ok(())
    }

    fn end(mut self: Box<Self>) -> Answer<()> {
        match self.form {
            OpenForm::Json => self.write("\n]\n")?,
            OpenForm::Geojson => self.write("\n]}\n")?,
            OpenForm::Xml => self.write("</rows>\n")?,
            _ => {}
        }
        flush(self.file)
    }
}

/// A cell of a CSV file; what a spreadsheet would run is made plain.
fn cell(kind: Kind, value: &Value) -> String {
    match kind {
        Kind::Text => plain(&value.text()),
        _ => value.text(),
    }
}

/// Text inside an element. Characters that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(letter),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {}
            letter => out.push(letter),
        }
    }
    out
}
