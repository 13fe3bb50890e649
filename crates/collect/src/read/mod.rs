//! Files of any form → raw batches. What a file is, is told from its content; what was told is recorded as
//! decisions. No reader holds a file in memory, except workbooks, which are bounded before they are parsed.

mod archive;
mod arrow;
mod decide;
mod encoding;
mod excel;
mod input;
mod json;
mod limits;
mod parquet;
mod rows;
mod shape;
mod sniff;
mod sql;
mod text;

use std::path::Path;
use std::sync::Arc;

use data::declare::{Collection, Format};

use crate::position::FileMark;
use crate::{CollectError, Position, Progress, RawBatch, Source, source::Decision};

pub use archive::{Member, members};
pub use input::{Fingerprint, fingerprint};
pub use sniff::{Compression, Sniffed, sniff};

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
    /// Sheet of a workbook, table of a dump, member of a zip (may be a glob).
    pub table: Option<String>,
    /// Where the records are in JSON, e.g. `data.rows[*]`.
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
    let (input, format, opening) = choose(path, name, options)?;
    let consumed = input.consumed();
    let records: Box<dyn Records> = match format {
        Format::Delimited => Box::new(text::open(&input, options)?),
        Format::Excel => Box::new(excel::open(&input, options)?),
        Format::Json => json::open_document(&input, options)?,
        Format::Geojson => json::open_geojson(&input, options)?,
        Format::Ndjson => Box::new(json::open_lines(&input, options)?),
        Format::Parquet => Box::new(parquet::open(&input)?),
        Format::Arrow => Box::new(arrow::open(&input)?),
        Format::SqlDump => Box::new(sql::open(&input, options)?),
        Format::Sqlite => {
            return Err(CollectError::new(
                "file.database",
                name,
                "这是 SQLite 数据库，不是数据文件；请把系统的连接方式声明为 sqlite",
                "this is a SQLite database, not a data file; declare the system's connector as sqlite",
            ));
        }
    };
    Ok(FileSource { name: name.to_owned(), print, records, consumed, opening, rows: 0, complete: false })
}

/// Looks through compression and archive at what is to be read.
fn choose(
    path: &Path,
    name: &str,
    options: &ReadOptions,
) -> Result<(Input, Format, Vec<Decision>), CollectError> {
    let outer = sniff::outer(path, name)?;
    let (input, mut decisions) = match outer {
        sniff::Outer::Zip => archive::choose(path, name, options.table.as_deref())?,
        sniff::Outer::Plain(compression) => (Input::new(path, name, compression), Vec::new()),
    };
    let format = match options.format {
        Some(format) => {
            sniff::refuse_other(&input)?;
            format
        }
        None => {
            let told = sniff::format_of(&input)?;
            decisions.push(decide::format(input.shown(), told.0, told.1));
            told.0
        }
    };
    Ok((input, format, decisions))
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
