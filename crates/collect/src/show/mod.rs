//! What a file says, value by value, as CSV or JSON: nothing lands, nothing is converted, and what landing would
//! refuse is told beside it. It knows neither types nor the lake.

mod csv;
mod json;

use std::io::{self, Write};
use std::path::Path;

use arrow_array::Array;
use data::standard::Fault;

use crate::read::{FileSource, ReadOptions, fingerprint, open_file};
use crate::source::Decision;
use crate::{CollectError, RawBatch, Source};

/// Records written at once.
const BATCH: usize = 4096;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180 with LF: a line of field names as found, where there is one, then a line for each record.
    Csv,
    /// One array of objects, an object to a line; values are text or null.
    Json,
}

/// A record that landing would refuse, and why.
pub struct Refusal<'a> {
    pub file: &'a str,
    pub line: u64,
    pub fault: &'a Fault,
    /// Whether it was written all the same, as the file says it.
    pub shown: bool,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub fields: Vec<String>,
    pub records: u64,
    /// Refused records; those among them that could be read as records were written too.
    pub refused: u64,
    pub decisions: Vec<Decision>,
}

/// Why showing stopped.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    #[error(transparent)]
    Source(#[from] CollectError),
    /// The reader of the output has gone, or its disk is full.
    #[error(transparent)]
    Out(#[from] io::Error),
}

/// Writes the records of a file. Short records are filled up with empty cells; nothing is cut off from long ones.
pub fn show(
    path: &Path,
    name: &str,
    options: &ReadOptions,
    form: Form,
    out: &mut dyn Write,
    told: &mut dyn FnMut(Refusal),
) -> Result<Shown, ShowError> {
    let mut source = open_file(path, name, options, fingerprint(path, name)?)?;
    let header = match source.header() {
        Some(header) => header,
        None => all_fields(path, name, options)?,
    };
    let mut writer: Box<dyn Writer> = match form {
        Form::Csv => Box::new(csv::Csv::new(header.len())),
        Form::Json => Box::new(json::Json::default()),
    };
    let mut shown = Shown::default();
    writer.begin(out, &header)?;
    while let Some(batch) = source.next(BATCH)? {
        write_batch(&batch, &source, &mut *writer, out, told, &mut shown)?;
        shown.fields = batch.fields.to_vec();
    }
    writer.end(out)?;
    out.flush()?;
    shown.decisions = source.decisions();
    Ok(shown)
}

/// The fields of a file whose records each name their own are known only when all have been seen.
fn all_fields(path: &Path, name: &str, options: &ReadOptions) -> Result<Vec<String>, CollectError> {
    let mut source = open_file(path, name, options, fingerprint(path, name)?)?;
    let mut fields = Vec::new();
    while let Some(batch) = source.next(BATCH)? {
        fields = batch.fields.to_vec();
    }
    Ok(fields)
}

fn write_batch(
    batch: &RawBatch,
    source: &FileSource,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    told: &mut dyn FnMut(Refusal),
    shown: &mut Shown,
) -> io::Result<()> {
    let mut faults = batch.faults.iter().peekable();
    let mut torn = source.torn().iter().peekable();
    for (row, line) in batch.lines.iter().enumerate() {
        let Some((_, fault)) = faults.next_if(|(at, _)| *at == row) else {
            let cells = batch.columns.iter().map(|column| column.is_valid(row).then(|| column.value(row)));
            writer.record(out, &batch.fields, &mut { cells })?;
            shown.records += 1;
            continue;
        };
        let cells = torn.next_if(|(at, _)| *at == row).map(|(_, cells)| cells);
        if let Some(cells) = cells {
            writer.record(out, &batch.fields, &mut cells.iter().map(|cell| Some(cell.as_str())))?;
            shown.records += 1;
        }
        shown.refused += 1;
        told(Refusal { file: &batch.file, line: *line, fault, shown: cells.is_some() });
    }
    Ok(())
}

/// One form of output.
trait Writer {
    fn begin(&mut self, out: &mut dyn Write, header: &[String]) -> io::Result<()>;
    fn record(&mut self, out: &mut dyn Write, fields: &[String], cells: &mut dyn Iterator<Item = Option<&str>>) -> io::Result<()>;
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}
