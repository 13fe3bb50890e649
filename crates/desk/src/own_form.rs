//! The form of a department's own file: encoding, delimiter, the lines above its header, its sheet; told from the file that
//! refused rows came in, as far as it is still there, else from what is declared.

use std::io::Read;
use std::path::Path;

use ::collect::read::{self, ReadOptions};
use arrow_array::Array;
use data::declare::{Format, Resource};
use rust_xlsxwriter::Workbook;

use crate::{Answer, internal};

/// Lines above a header that are kept at most.
const LEAD_MAX: u32 = 20;
/// Bytes of a file in which they are looked for.
const LEAD_BYTES: u64 = 64 * 1024;

/// How the department's file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnForm {
    /// The names of its columns, if the file is there.
    pub fields: Option<Vec<String>>,
    /// What stands above them, cell by cell.
    lead: Vec<Vec<String>>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Excel { sheet: Option<String> },
    Delimited { delimiter: char, encoding: &'static str },
}

impl OwnForm {
    /// As the file at `path` has it; `name` is what its rows were said to come from.
    pub fn of(resource: &Resource, path: Option<&Path>, name: &str) -> OwnForm {
        let base = name.split(['#', '!']).next().unwrap_or_default().to_lowercase();
        let sheets = [".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".et"].iter().any(|ending| base.ends_with(ending));
        let excel = resource.collect.format == Some(Format::Excel) || (resource.collect.format.is_none() && sheets);
        let kind = match excel {
            true => Kind::Excel { sheet: resource.collect.table.clone() },
            false => {
                let declared = resource.collect.delimiter.as_deref().and_then(|text| text.chars().next());
                let usual = if base.ends_with(".tsv") || base.ends_with(".txt") { '\t' } else { ',' };
                let encoding = resource.collect.encoding.as_deref().map_or("utf-8", encoding_of);
                Kind::Delimited { delimiter: declared.unwrap_or(usual), encoding }
            }
        };
        let declared = OwnForm { fields: None, lead: Vec::new(), kind };
        path.and_then(|path| declared.clone().seen_in(resource, path, name)).unwrap_or(declared)
    }

    /// What the file itself shows. `None`: it cannot be read any more.
    fn seen_in(mut self, resource: &Resource, path: &Path, name: &str) -> Option<OwnForm> {
        let options = ReadOptions::from_collection(&resource.collect);
        let mut source = read::open(path, name, &options).ok()?;
        self.fields = Some(source.next(1).ok()??.fields.to_vec());
        let decisions = source.decisions();
        let chosen = |what: &str| decisions.iter().find(|decision| decision.what == what).map(|decision| decision.chosen.as_str());
        let header: u32 = chosen("header").and_then(|line| line.parse().ok()).unwrap_or(1);
        let above = header.saturating_sub(1);
        match &mut self.kind {
            Kind::Excel { sheet } => {
                let first = || read::tables(path, name, &options).ok()?.into_iter().next().map(|table| table.name);
                let named = chosen("table").map(str::to_owned).or_else(first);
                *sheet = named.map(|name| name.split('#').next().unwrap_or_default().to_owned()).or(sheet.take());
                self.lead = cells_above(path, name, &options, above);
            }
            Kind::Delimited { delimiter, encoding } => {
                *delimiter = match chosen("delimiter") {
                    Some("TAB") => '\t',
                    Some(text) if text.chars().count() == 1 && text != "-" => text.chars().next()?,
                    _ => *delimiter,
                };
                let label = chosen("encoding").unwrap_or(encoding).to_owned();
                *encoding = encoding_of(&label);
                self.lead = lines_above(path, &label, above).into_iter().map(|line| vec![line]).collect();
            }
        }
        Some(self)
    }

    pub fn ending(&self) -> &'static str {
        match &self.kind {
            Kind::Excel { .. } => "xlsx",
            Kind::Delimited { delimiter: '\t', .. } => "tsv",
            Kind::Delimited { .. } => "csv",
        }
    }

    pub fn media(&self) -> &'static str {
        match &self.kind {
            Kind::Excel { .. } => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Delimited { delimiter: '\t', .. } => "text/tab-separated-values",
            Kind::Delimited { .. } => "text/csv",
        }
    }

    /// Header and rows in this form.
    pub fn write(&self, table: &[Vec<String>]) -> Answer<Vec<u8>> {
        match &self.kind {
            Kind::Excel { sheet } => self.workbook(sheet.as_deref(), table).map_err(internal),
            Kind::Delimited { delimiter, encoding } => {
                let above = self.lead.iter().map(|line| line.concat());
                let rows = table.iter().map(|cells| cells.iter().map(|cell| quoted(cell, *delimiter)).collect::<Vec<_>>().join(&delimiter.to_string()));
                let text: String = above.chain(rows).flat_map(|line| [line, "\r\n".to_owned()]).collect();
                Ok(::collect::encoded(&text, encoding))
            }
        }
    }

    /// Every cell is text, so that leading zeros and long numbers stay what they are.
    fn workbook(&self, name: Option<&str>, table: &[Vec<String>]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        if let Some(name) = name {
            // A name that no sheet may have is not worth losing the file.
            let _ = sheet.set_name(name);
        }
        let text = rust_xlsxwriter::Format::new().set_num_format("@");
        for (row, cells) in (0u32..).zip(self.lead.iter().chain(table)) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
        sheet.set_freeze_panes(self.lead.len() as u32 + 1, 0)?;
        book.save_to_buffer()
    }
}

/// GB18030 holds all that GBK does and every other character as well; what no such encoding is named for goes out as UTF-8.
fn encoding_of(label: &str) -> &'static str {
    match label.to_lowercase().as_str() {
        "gb18030" | "gbk" | "gb2312" | "cp936" => "gb18030",
        _ => "utf-8",
    }
}

/// The first lines of a text.
fn lines_above(path: &Path, label: &str, count: u32) -> Vec<String> {
    if count == 0 || count > LEAD_MAX {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LEAD_BYTES).read_to_end(&mut bytes));
    if read.is_err() {
        return Vec::new();
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = match encoding_of(label) {
        "utf-8" => String::from_utf8_lossy(bytes).into_owned(),
        chinese => ::collect::readable(bytes, Some(chinese)),
    };
    text.lines().take(count as usize).map(str::to_owned).collect()
}

/// The first rows of a sheet, each without the empty cells at its end.
fn cells_above(path: &Path, name: &str, options: &ReadOptions, count: u32) -> Vec<Vec<String>> {
    if count == 0 || count > LEAD_MAX {
        return Vec::new();
    }
    let options = ReadOptions { header: Some(0), ..options.clone() };
    let Ok(mut source) = read::open(path, name, &options) else { return Vec::new() };
    let Ok(Some(batch)) = source.next(count as usize) else { return Vec::new() };
    let above = (0..batch.rows()).filter(|row| batch.lines.get(*row).is_some_and(|line| *line <= u64::from(count)));
    let mut rows = vec![Vec::new(); count as usize];
    for row in above {
        let mut cells: Vec<String> = batch.columns.iter().map(|c| if c.is_valid(row) { c.value(row).to_owned() } else { String::new() }).collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        let place = batch.lines.get(row).and_then(|line| usize::try_from(*line).ok()?.checked_sub(1));
        if let Some(slot) = place.and_then(|place| rows.get_mut(place)) {
            *slot = cells;
        }
    }
    rows
}

fn quoted(cell: &str, delimiter: char) -> String {
    match cell.contains([delimiter, '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}
