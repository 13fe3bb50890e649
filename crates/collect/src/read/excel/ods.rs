//! OpenDocument spreadsheets (.ods), streamed: cells and rows that repeat are counted before they are written out.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::archive;
use super::super::input::Input;
use super::super::xml::{Events, Part, Stop};
use super::book::broken;
use super::sheet::{Kind, Merged, Sheet, TooLarge};
use crate::CollectError;

pub(super) struct Ods {
    shown: String,
    path: PathBuf,
    /// Holds what an archive or compression hid.
    _unpacked: Option<tempfile::TempPath>,
}

/// One cell being read.
#[derive(Default)]
struct Open {
    kind: String,
    value: Option<String>,
    text: String,
    paragraphs: usize,
    repeat: u32,
    span: (u32, u32),
}

/// A row's cells: column, how often, kind, text.
type Row = Vec<(u32, u32, Kind, String)>;

impl Ods {
    pub fn open(input: &Input) -> Result<Ods, CollectError> {
        let shown = input.shown().to_owned();
        if input.is_plain() {
            return Ok(Ods { shown, path: input.path().to_owned(), _unpacked: None });
        }
        let failed = |e: std::io::Error| input.failure(&e);
        let mut spool = tempfile::NamedTempFile::new().map_err(failed)?;
        spool.write_all(&input.whole()?).and_then(|()| spool.flush()).map_err(failed)?;
        let path = spool.into_temp_path();
        Ok(Ods { shown, path: path.to_path_buf(), _unpacked: Some(path) })
    }

    fn events(&self) -> Result<Events, CollectError> {
        let entries = archive::zip_entries(&self.path, &self.shown)?;
        let content = entries.iter().find(|e| e.name == "content.xml").ok_or_else(|| broken(&self.shown, "content.xml"))?;
        Ok(Events::new(archive::open_entry(&self.path, &self.shown, content, Arc::default())?))
    }

    fn failed(&self, stop: Stop) -> CollectError {
        match stop {
            Stop::Io(e) => super::super::input::failure(&self.shown, &e),
            Stop::Broken(why) => broken(&self.shown, &why),
            Stop::TooLarge | Stop::TooDeep | Stop::TooManyNames => super::guard::too_many_cells(&self.shown, ""),
        }
    }

    /// The sheets' names, all of them shown, and how many rows are hidden.
    pub fn sheets(&self) -> Result<(Vec<(String, bool)>, u64), CollectError> {
        let mut events = self.events()?;
        let (mut names, mut hidden) = (Vec::new(), 0);
        while let Some(part) = events.next().map_err(|e| self.failed(e))? {
            if let Part::Start(name, attributes) = part {
                match name.as_str() {
                    "table:table" => names.push((get(&attributes, "table:name").unwrap_or_default().to_owned(), true)),
                    "table:table-row" if matches!(get(&attributes, "table:visibility"), Some("collapse" | "filter")) => {
                        hidden += u64::from(repeat(&attributes, "table:number-rows-repeated"));
                    }
                    _ => {}
                }
            }
        }
        Ok((names, hidden))
    }

    /// Reads the cells of one sheet, and which of them are merged.
    pub fn fill(&self, wanted: &str, sheet: &mut Sheet) -> Result<(Result<(), TooLarge>, Vec<Merged>), CollectError> {
        let mut events = self.events()?;
        let mut reading = Reading::default();
        loop {
            let Some(part) = events.next().map_err(|e| self.failed(e))? else { break };
            let ended = match part {
                Part::Start(name, attributes) => reading.start(name, &attributes, wanted),
                Part::Text(text) => reading.text(&text),
                Part::End => match reading.end(sheet) {
                    Ok(ended) => ended,
                    Err(TooLarge) => return Ok((Err(TooLarge), Vec::new())),
                },
                Part::Unknown(_) => false,
            };
            if ended {
                break;
            }
        }
        Ok((Ok(()), reading.merged))
    }
}

/// Where the reading of one sheet is.
#[derive(Default)]
struct Reading {
    path: Vec<String>,
    /// Depth of the wanted sheet's element.
    inside: Option<usize>,
    row: u32,
    column: u32,
    row_repeat: u32,
    cells: Row,
    cell: Option<Open>,
    /// Depth of a remark on a cell, which is not its content.
    remark: Option<usize>,
    merged: Vec<Merged>,
}

impl Reading {
    fn start(&mut self, name: String, attributes: &[(String, String)], wanted: &str) -> bool {
        let depth = self.path.len();
        match name.as_str() {
            "table:table" if self.inside.is_none() && get(attributes, "table:name") == Some(wanted) => self.inside = Some(depth),
            _ if self.inside.is_none() || self.remark.is_some() => {}
            "office:annotation" => self.remark = Some(depth),
            "table:table-row" => {
                self.row_repeat = repeat(attributes, "table:number-rows-repeated");
                self.column = 0;
                self.cells.clear();
            }
            "table:table-cell" | "table:covered-table-cell" => self.cell = Some(Open::new(attributes)),
            "text:p" => {
                if let Some(cell) = &mut self.cell {
                    if cell.paragraphs > 0 {
                        cell.text.push('\n');
                    }
                    cell.paragraphs += 1;
                }
            }
            "text:s" => {
                let n = get(attributes, "text:c").and_then(|c| c.parse().ok()).unwrap_or(1usize).min(1000);
                self.text(&" ".repeat(n));
            }
            "text:tab" => drop(self.text("\t")),
            "text:line-break" => drop(self.text("\n")),
            _ => {}
        }
        self.path.push(name);
        false
    }

    fn text(&mut self, text: &str) -> bool {
        let within = self.path.iter().any(|name| name == "text:p");
        if let (Some(cell), None, true) = (&mut self.cell, self.remark, within) {
            cell.text.push_str(text);
        }
        false
    }

    /// Closes an element; true when the sheet has ended.
    fn end(&mut self, sheet: &mut Sheet) -> Result<bool, TooLarge> {
        let name = self.path.pop().unwrap_or_default();
        let depth = self.path.len();
        if self.remark == Some(depth) {
            self.remark = None;
        }
        if self.inside.is_none() || self.remark.is_some() {
            return Ok(false);
        }
        match name.as_str() {
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(cell) = self.cell.take() {
                    self.keep(cell);
                }
            }
            "table:table-row" => self.write_row(sheet)?,
            "table:table" => return Ok(self.inside == Some(depth)),
            _ => {}
        }
        Ok(false)
    }

    fn keep(&mut self, cell: Open) {
        let (repeat, span) = (cell.repeat, cell.span);
        if span != (1, 1) {
            let rows = (self.row, self.row.saturating_add(span.0 - 1));
            self.merged.push(Merged { rows, columns: (self.column, self.column.saturating_add(span.1 - 1)) });
        }
        let (kind, text) = cell.finish();
        if !text.is_empty() {
            self.cells.push((self.column, repeat, kind, text));
        }
        self.column = self.column.saturating_add(repeat);
    }

    fn write_row(&mut self, sheet: &mut Sheet) -> Result<(), TooLarge> {
        if !self.cells.is_empty() {
            for row in 0..self.row_repeat {
                for (column, times, kind, text) in &self.cells {
                    for n in 0..*times {
                        let place = (self.row.checked_add(row).ok_or(TooLarge)?, column.checked_add(n).ok_or(TooLarge)?);
                        sheet.push(place.0, place.1, *kind, |into| into.push_str(text))?;
                    }
                }
            }
        }
        self.row = self.row.saturating_add(self.row_repeat);
        Ok(())
    }
}

fn get<'a>(attributes: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
}

fn repeat(attributes: &[(String, String)], key: &str) -> u32 {
    get(attributes, key).and_then(|n| n.parse().ok()).unwrap_or(1).max(1)
}

impl Open {
    fn new(attributes: &[(String, String)]) -> Open {
        let kind = get(attributes, "office:value-type").or(get(attributes, "calcext:value-type")).unwrap_or_default();
        let value = ["office:value", "office:date-value", "office:time-value", "office:boolean-value", "office:string-value"];
        Open {
            kind: kind.to_owned(),
            value: value.iter().find_map(|key| get(attributes, key)).map(str::to_owned),
            text: String::new(),
            paragraphs: 0,
            repeat: repeat(attributes, "table:number-columns-repeated"),
            span: (repeat(attributes, "table:number-rows-spanned"), repeat(attributes, "table:number-columns-spanned")),
        }
    }

    /// The value held, exactly as written; for texts and errors what is shown.
    fn finish(self) -> (Kind, String) {
        match (self.kind.as_str(), self.value) {
            ("float" | "percentage" | "currency", Some(value)) => (Kind::Number, value),
            ("date", Some(value)) => (Kind::Date, date(&value)),
            ("time", Some(value)) => (Kind::Text, time(&value).unwrap_or(self.text)),
            ("boolean", Some(value)) => (Kind::Text, value.to_ascii_uppercase()),
            ("error", _) => (Kind::Error, self.text),
            (_, Some(value)) if self.text.is_empty() => (Kind::Text, value),
            _ if self.text.starts_with('#') && self.text.ends_with(['!', '?', 'A']) => (Kind::Error, self.text),
            _ => (Kind::Text, self.text),
        }
    }
}

/// `2020-01-05T12:00:00` → `2020-01-05 12:00:00`; midnight is the day alone.
fn date(value: &str) -> String {
    match value.split_once('T') {
        Some((day, "00:00:00")) => day.to_owned(),
        Some((day, clock)) => format!("{day} {clock}"),
        None => value.to_owned(),
    }
}

/// `PT12H30M00S` → `12:30:00`.
fn time(value: &str) -> Option<String> {
    let (sign, rest) = match value.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", value),
    };
    let (hours, rest) = rest.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?;
    let hours: u64 = hours.parse().ok()?;
    let minutes: u8 = minutes.parse().ok()?;
    Some(format!("{sign}{hours:02}:{minutes:02}:{seconds:0>2}"))
}
