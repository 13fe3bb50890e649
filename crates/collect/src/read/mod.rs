//! Files of any form → raw batches. What a file is, is told from its content; what was told is recorded as
//! decisions. No reader holds a file in memory, except workbooks, which are bounded before they are parsed.

mod archive;
mod arrow;
mod dbf;
mod decide;
mod encoding;
mod excel;
mod input;
mod json;
mod limits;
mod listed;
mod members;
mod parquet;
pub(crate) mod rows;
mod shape;
mod sniff;
mod sql;
mod text;
mod xml;

use std::path::Path;
use std::sync::Arc;

use data::declare::{Collection, Format};

use crate::position::FileMark;
use crate::{CollectError, Position, Progress, RawBatch, Source, source::Decision};

pub use archive::{Member, members};
pub use input::{Fingerprint, fingerprint};
#[cfg(feature = "connect")]
pub(crate) use input::failure;
pub use listed::{Listed, tables};
pub use sniff::{Compression, Sniffed, sniff};

pub(crate) use json::PARENT;
pub(crate) use shape::{SECTION, UNITS};

use input::Input;

/// Rows dropped at once while going to where an earlier run stopped.
const SKIP_AT_ONCE: u64 = 8192;

/// What is declared about the form of a file; everything absent is told from the content.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    pub format: Option<Format>,
    pub encoding: Option<String>,
    pub delimiter: Option<String>,
    /// Line (or sheet row) of the header, 1-based; 0 when there is none.
    pub header: Option<u32>,
    /// Sheet of a workbook, table of a dump, member of an archive (may be a glob; `member#sheet` names a table inside
    /// one), or the number of the table, from 1.
    pub table: Option<String>,
    /// Where the records are in JSON or XML, e.g. `data.rows[*]`.
    pub records: Option<String>,
}

impl ReadOptions {
    pub fn from_collection(collection: &Collection) -> ReadOptions {
        ReadOptions {
            format: collection.format,
            encoding: collection.encoding.clone(),
            delimiter: collection.delimiter.clone(),
            header: collection.header,
            table: collection.table.clone(),
            records: collection.records.clone(),
        }
    }
}

/// Opens one file at its first record. `name` is what people see: batches, positions and messages carry it.
pub fn open(path: &Path, name: &str, options: &ReadOptions) -> Result<Box<dyn Source>, CollectError> {
    open_at(path, name, options, 0)
}

/// Opens one file behind the `rows_done` records that were read before.
pub fn open_at(path: &Path, name: &str, options: &ReadOptions, rows_done: u64) -> Result<Box<dyn Source>, CollectError> {
    let print = fingerprint(path, name)?;
    open_known(path, name, options, rows_done, print)
}

/// As [`open_at`], for a caller that has the content's fingerprint already.
pub fn open_known(
    path: &Path,
    name: &str,
    options: &ReadOptions,
    rows_done: u64,
    print: Fingerprint,
) -> Result<Box<dyn Source>, CollectError> {
    let mut source = open_file(path, name, options, print)?;
    source.skip(rows_done)?;
    Ok(Box::new(source))
}

/// One form's records, without the book-keeping that all forms share.
pub(crate) trait Records: Send {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError>;
    fn decisions(&self) -> Vec<Decision>;
    /// The options that make the next reading the same without guessing.
    fn chosen(&self) -> ReadOptions;
    fn rows_total(&self) -> Option<u64> {
        None
    }
    /// The header's cells as found, where there is one and fields are told by place.
    fn header(&self) -> Option<Vec<String>> {
        None
    }
    /// Refused records of the batch last returned that can be shown all the same: (row, cells), ascending.
    fn torn(&self) -> &[(usize, Vec<String>)] {
        &[]
    }
    /// What the file itself says of its fields; empty for most forms.
    fn known(&self) -> Vec<Known> {
        Vec::new()
    }
}

/// What a file says of one of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub field: String,
    /// In words.
    pub title: Option<String>,
    /// Part of the primary key.
    pub key: bool,
}

/// A file being read: records of its form, and how far it has come.
pub(crate) struct FileSource {
    name: String,
    print: Fingerprint,
    records: Box<dyn Records>,
    consumed: Arc<std::sync::atomic::AtomicU64>,
    opening: Vec<Decision>,
    rows: u64,
    complete: bool,
}

pub(crate) fn open_file(
    path: &Path,
    name: &str,
    options: &ReadOptions,
    print: Fingerprint,
) -> Result<FileSource, CollectError> {
    let outer = sniff::outer(path, name)?;
    let (inputs, inner, mut opening) = match outer {
        sniff::Outer::Plain(compression) => (vec![Input::new(path, name, compression)], options.table.clone(), Vec::new()),
        _ => {
            let picked = archive::pick(path, name, outer, options.table.as_deref())?;
            (picked.inputs, picked.inner, picked.decisions)
        }
    };
    if let Some(input) = inputs.first() {
        input.try_beginning()?;
    }
    let options = ReadOptions { table: inner, ..options.clone() };
    let consumed = inputs.first().map(Input::consumed).unwrap_or_default();
    let (records, told) = members::open(inputs, options)?;
    opening.extend(told);
    Ok(FileSource { name: name.to_owned(), print, records, consumed, opening, rows: 0, complete: false })
}

/// What form a file has once it is out of all wrapping: as declared, else as told from its content.
fn format(input: &Input, options: &ReadOptions) -> Result<(Format, Option<Decision>), CollectError> {
    match options.format {
        Some(format) => {
            sniff::refuse_other(input)?;
            Ok((format, None))
        }
        None => {
            let told = sniff::format_of(input)?;
            Ok((told.0, Some(decide::format(input.shown(), told.0, told.1))))
        }
    }
}

/// The records of one file, and what was told to open it.
fn open_records(input: &Input, options: &ReadOptions) -> Result<(Box<dyn Records>, Option<Decision>), CollectError> {
    let (format, told) = format(input, options)?;
    let records: Box<dyn Records> = match format {
        Format::Delimited => Box::new(text::open(input, options)?),
        Format::Excel => Box::new(excel::open(input, options)?),
        Format::Json => json::open_document(input, options)?,
        Format::Geojson => json::open_geojson(input, options)?,
        Format::Ndjson => Box::new(json::open_lines(input, options)?),
        Format::Xml => Box::new(xml::open(input, options)?),
        Format::Parquet => Box::new(parquet::open(input)?),
        Format::Arrow => Box::new(arrow::open(input)?),
        Format::Dbf => Box::new(dbf::open(input, options)?),
        Format::SqlDump => Box::new(sql::open(input, options)?),
        Format::Sqlite => {
            return Err(CollectError::new(
                "file.database",
                input.shown(),
                "这是 SQLite 数据库，不是数据文件；请把系统的连接方式声明为 sqlite",
                "this is a SQLite database, not a data file; declare the system's connector as sqlite",
            ));
        }
    };
    Ok((records, told))
}

impl FileSource {
    /// Goes behind the first `rows` records; the file is complete when it has no more than that.
    pub(crate) fn skip(&mut self, rows: u64) -> Result<(), CollectError> {
        while self.rows < rows {
            let step = (rows - self.rows).min(SKIP_AT_ONCE);
            if self.next(step as usize)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn chosen(&self) -> ReadOptions {
        self.records.chosen()
    }

    pub(crate) fn known(&self) -> Vec<Known> {
        self.records.known()
    }

    pub(crate) fn header(&self) -> Option<Vec<String>> {
        self.records.header()
    }

    pub(crate) fn torn(&self) -> &[(usize, Vec<String>)] {
        self.records.torn()
    }
}

impl Source for FileSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        if self.complete {
            return Ok(None);
        }
        let batch = self.records.next(max_rows.max(1))?;
        match &batch {
            Some(batch) => self.rows += batch.rows() as u64,
            None => self.complete = true,
        }
        Ok(batch)
    }

    fn position(&self) -> Position {
        let mark = FileMark {
            hash: self.print.hash.clone(),
            length: self.print.length,
            rows: self.rows,
            complete: self.complete,
            ..FileMark::default()
        };
        Position { files: [(self.name.clone(), mark)].into(), cursor: None }
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.opening.clone();
        all.extend(self.records.decisions());
        all
    }

    fn progress(&self) -> Progress {
        let bytes = self.consumed.load(std::sync::atomic::Ordering::Relaxed).min(self.print.length);
        Progress {
            rows: self.rows,
            rows_total: self.records.rows_total(),
            bytes: if self.complete { self.print.length } else { bytes },
            bytes_total: Some(self.print.length),
        }
    }
}
