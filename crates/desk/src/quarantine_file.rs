//! Refused rows as a file in the form of the department's own, with a column of reasons; and the mended file coming back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ::collect::check::raw_names;
use ::collect::read::{self, ReadOptions};
use ::collect::{CollectError, Source};
use data::declare::{Connector, Resource};
use data::standard::Fault;
use kernel::{Lang, Text};
use serde_json::json;
use store::quarantine::QuarantineRow;

use crate::collect::{ROWS_MAX, Record};
use crate::correct::{Corrected, Mended, RowPlace};
use crate::own_form::OwnForm;
use crate::view::{Account, QuarantineFilter};
use crate::{Answer, Desk, DeskError, internal};

/// Rows of one file at most; the rest comes with the next one, when these are mended.
pub const EXPORT_MAX: usize = 50_000;
/// Bytes of a file that comes back.
pub const UPLOAD_MAX: u64 = 32 * 1024 * 1024;
const PAGE: u64 = 1_000;
/// Lines at which a header is looked for.
const HEADER_LOOK: u32 = 21;

/// The columns that we add; by the second a row is known again.
const REASONS: &str = "问题原因";
const PLACE: &str = "问题编号";
const AS_FOUND: &str = "原始记录";

/// A finished file.
pub struct Exported {
    pub name: String,
    pub media: &'static str,
    pub bytes: Vec<u8>,
    pub rows: usize,
    /// Whether there are more rows than the file holds.
    pub more: bool,
}

/// What became of an uploaded file.
#[derive(Clone, Debug, Default)]
pub struct Uploaded {
    pub rows: u64,
    pub corrected: Corrected,
    /// Lines whose 问题编号 is missing or unreadable: nothing was done with them.
    pub unknown: Vec<u64>,
    /// Line of each row in the file.
    pub lines: HashMap<RowPlace, u64>,
}

/// The file's own columns, and the raw columns behind them.
struct Columns(Vec<(String, String)>);

impl Desk {
    /// Staff: the open refused rows of one resource that a filter leaves, as a file like the one they came in.
    pub async fn export_quarantine(&self, who: &Account, filter: &QuarantineFilter, lang: Lang) -> Answer<Exported> {
        self.may(who, "read.quarantine", &self.filter_object(who, filter)).await?;
        let city = self.city();
        let resource = filter.resource.as_ref().and_then(|id| city.resources.get(id)).ok_or(DeskError::NotFound)?.clone();
        self.must_see_whole(who, &resource)?;
        let (rows, more) = self.rows_to_export(filter).await?;
        let records = self.records_of(&resource.id, &rows).await.map_err(internal)?;
        self.log(who, "read.quarantine", &self.resource_object(&resource.id), json!({ "file": true, "rows": rows.len() })).await?;
        let first = rows.first().map(|row| row.file.clone()).unwrap_or_default();
        let desk = self.clone();
        let make = move || {
            let form = OwnForm::of(&resource, desk.file_of(&resource, &first).as_deref(), &first);
            let columns = columns_of(&resource, form.fields.clone());
            let bytes = form.write(&table(&resource, &columns, &rows, &records, lang))?;
            Ok(Exported { name: format!("{}-问题数据.{}", resource.id, form.ending()), media: form.media(), bytes, rows: rows.len(), more })
        };
        tokio::task::spawn_blocking(make).await.map_err(internal)?
    }

    async fn rows_to_export(&self, filter: &QuarantineFilter) -> Answer<(Vec<QuarantineRow>, bool)> {
        let query = self.query(None, filter);
        let mut rows = Vec::new();
        for page in 1.. {
            let found = self.store().quarantine_rows(&query, page, PAGE).await.map_err(internal)?;
            let last = (found.entries.len() as u64) < PAGE;
            rows.extend(found.entries);
            if rows.len() >= EXPORT_MAX || last {
                let more = found.total > EXPORT_MAX as u64;
                rows.truncate(EXPORT_MAX);
                rows.sort_by(|a, b| (&a.file, a.line, a.batch, a.row).cmp(&(&b.file, b.line, b.batch, b.row)));
                return Ok((rows, more));
            }
        }
        Ok((rows, false))
    }

    /// Where the file lies that rows came in, if it lies anywhere.
    fn file_of(&self, resource: &Resource, file: &str) -> Option<PathBuf> {
        let city = self.city();
        let Connector::Files { path, .. } = &city.systems.get(&resource.system)?.connector else { return None };
        let folder = self.0.sources.path(&resource.system, path).ok()?;
        let name = file.split(['#', '!']).next().filter(|name| !name.is_empty() && !name.contains(".."))?;
        Some(folder.join(name)).filter(|path| path.is_file())
    }

    /// Whether a person may give mended rows of a resource, before a file is taken in.
    pub async fn may_mend(&self, who: &Account, resource: &str) -> Answer<()> {
        self.may(who, "row.correct", &self.resource_object(resource)).await
    }

    /// Staff: takes a file back that was exported and mended. Its rows are known by 问题编号; only those are taken, and
    /// what is still wrong stays as it was. Giving the same file again changes nothing.
    pub async fn upload_corrections(&self, who: &Account, resource: &str, path: &Path, name: &str, reason: &str, origin: &'static str) -> Answer<Uploaded> {
        self.may_and_can_log(who, "row.correct", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?.clone();
        self.must_see_whole(who, &declared)?;
        let (path, name) = (path.to_owned(), name.to_owned());
        let read = move || read_mended(&path, &name, &declared);
        let (mended, mut uploaded) = tokio::task::spawn_blocking(read).await.map_err(internal)??;
        if mended.is_empty() {
            return Err(DeskError::Invalid(Text::new(
                format!("文件里没有可识别的行：请保留导出时的「{PLACE}」一列。"),
                format!("No row of the file is known: keep the column “{PLACE}” of the exported file."),
            )));
        }
        uploaded.corrected = self.correct(who, resource, mended, reason, origin).await?;
        Ok(uploaded)
    }
}

/// The columns of the file that the rows came in, else those that are declared; with the raw columns behind them.
fn columns_of(resource: &Resource, fields: Option<Vec<String>>) -> Columns {
    let declared = || resource.items.iter().map(|item| item.source.clone().unwrap_or_else(|| item.name.clone())).collect();
    let fields = fields.unwrap_or_else(declared);
    let raw = raw_names(&fields, resource);
    Columns(fields.into_iter().zip(raw).collect())
}

/// Header and rows, as text.
fn table(resource: &Resource, columns: &Columns, rows: &[QuarantineRow], records: &[Record], lang: Lang) -> Vec<Vec<String>> {
    let unreadable = |record: &Record| record.values().all(Option::is_none);
    let as_found = records.iter().any(unreadable);
    let mut header: Vec<String> = columns.0.iter().map(|(field, _)| field.clone()).collect();
    header.extend(as_found.then(|| AS_FOUND.to_owned()));
    header.extend([REASONS.to_owned(), PLACE.to_owned()]);
    let mut out = vec![header];
    for (row, record) in rows.iter().zip(records) {
        let mut cells: Vec<String> = columns.0.iter().map(|(_, raw)| record.get(raw).cloned().flatten().unwrap_or_default()).collect();
        if as_found {
            let text = ::collect::readable(&row.bytes, resource.collect.encoding.as_deref());
            cells.push(if unreadable(record) { plain(text.trim_end()) } else { String::new() });
        }
        cells.push(plain(&reasons(resource, row, lang)));
        cells.push(RowPlace::from(row).to_string());
        out.push(cells);
    }
    out
}

fn reasons(resource: &Resource, row: &QuarantineRow, lang: Lang) -> String {
    let faults: Vec<Fault> = serde_json::from_str(&row.faults).unwrap_or_default();
    let said = faults.iter().map(|fault| {
        let item = resource.items.iter().find(|item| item.name == fault.item);
        let title = item.map(|item| if lang == Lang::En && !item.title_en.is_empty() { &item.title_en } else { &item.title });
        title.map_or_else(|| fault.message.get(lang).to_owned(), |title| format!("{title}：{}", fault.message.get(lang)))
    });
    said.collect::<Vec<_>>().join("；")
}

/// Text of ours that no spreadsheet takes for a formula.
pub(crate) fn plain(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

/// The file with its header wherever the column of numbers is named: titles may stand above it.
fn open_mended(path: &Path, name: &str, resource: &Resource) -> Result<Box<dyn Source>, CollectError> {
    let lines = [None, resource.collect.header].into_iter().chain((1..=HEADER_LOOK).map(Some));
    for header in lines {
        let options = ReadOptions { header, ..ReadOptions::default() };
        let names = |mut source: Box<dyn Source>| Some(source.next(1).ok()??.fields.iter().any(|field| field.trim() == PLACE));
        if read::open(path, name, &options).ok().and_then(names) == Some(true) {
            return read::open(path, name, &options);
        }
    }
    read::open(path, name, &ReadOptions::default())
}

fn read_mended(path: &Path, name: &str, resource: &Resource) -> Answer<(Vec<Mended>, Uploaded)> {
    let refused = |error: CollectError| DeskError::Invalid(error.message);
    let mut source = open_mended(path, name, resource).map_err(refused)?;
    let (mut mended, mut uploaded) = (Vec::new(), Uploaded::default());
    while let Some(batch) = source.next(ROWS_MAX).map_err(refused)? {
        let raw = raw_names(&batch.fields, resource);
        let own = |field: &str| [REASONS, PLACE, AS_FOUND].contains(&field.trim());
        let place = batch.fields.iter().position(|field| field.trim() == PLACE);
        for row in 0..batch.rows() {
            let cell = |column: usize| batch.columns.get(column).filter(|c| arrow_array::Array::is_valid(*c, row)).map(|c| c.value(row));
            let line = batch.lines.get(row).copied().unwrap_or_default();
            uploaded.rows += 1;
            let Some(at) = place.and_then(cell).and_then(|text| text.parse::<RowPlace>().ok()) else {
                uploaded.unknown.push(line);
                continue;
            };
            uploaded.lines.insert(at, line);
            let named = batch.fields.iter().zip(&raw).enumerate().filter(|(_, (field, _))| !own(field));
            let values = named.map(|(column, (_, raw))| (raw.clone(), cell(column).filter(|text| !text.is_empty()).map(str::to_owned)));
            mended.push(Mended { place: at, values: values.collect() });
            if mended.len() > ROWS_MAX {
                return Err(DeskError::Invalid(Text::new(
                    format!("一个文件至多 {ROWS_MAX} 行，请分成几个。"),
                    format!("A file holds {ROWS_MAX} rows at most; send it in parts."),
                )));
            }
        }
    }
    Ok((mended, uploaded))
}
