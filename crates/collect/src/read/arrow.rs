//! Arrow IPC, as a stream or a file: every column as text, without loss.

mod framed;

use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;

use framed::Framed;

use super::input::Input;
use super::parquet::{cut, text};
use super::{ReadOptions, Records};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

/// How an Arrow file begins, and how a stream does: with its continuation mark.
pub(crate) const FILE_MAGIC: &[u8] = b"ARROW1";

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, arrow_schema::ArrowError>> + Send>;

pub(crate) struct ArrowRecords {
    batches: Batches,
    left: Option<RecordBatch>,
    fields: Arc<[String]>,
    file: Arc<str>,
    rows: u64,
}

pub(crate) fn open(input: &Input) -> Result<ArrowRecords, CollectError> {
    let file: Arc<str> = Arc::from(input.shown());
    let (schema, batches) = guarded(&file, || begin(input))?;
    let names = super::rows::unique_names(schema.fields().iter().map(|field| field.name().as_str()));
    Ok(ArrowRecords { batches, left: None, fields: names.into(), file, rows: 0 })
}

fn begin(input: &Input) -> Result<(arrow_schema::SchemaRef, Batches), CollectError> {
    let mut source = input.open()?;
    let mut head = [0u8; 8];
    let short = |source: &mut dyn Read, head: &mut [u8]| source.read_exact(head).map_err(|_| broken(input.shown(), &"too short"));
    short(&mut source, &mut head)?;
    if head.starts_with(FILE_MAGIC) {
        // A file is its magic, padded with zeros to a multiple of eight, and then a stream (and an index, which nobody
        // needs who reads it all).
        head = [0; 8];
        while head == [0; 8] {
            short(&mut source, &mut head)?;
        }
    }
    let stream = std::io::Cursor::new(head).chain(source);
    let reader = StreamReader::try_new(Framed::new(BufReader::new(stream)), None).map_err(|e| broken(input.shown(), &e))?;
    Ok((reader.schema(), Box::new(reader)))
}

impl Records for ArrowRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        let batch = match self.left.take() {
            Some(batch) => batch,
            None => {
                let batches = &mut self.batches;
                match guarded(&self.file, || batches.next().transpose().map_err(|e| broken(&self.file, &e)))? {
                    Some(batch) => batch,
                    None => return Ok(None),
                }
            }
        };
        let batch = cut(batch, max_rows, &mut self.left);
        let rows = batch.num_rows();
        let columns = guarded(&self.file, || {
            batch.columns().iter().map(text).collect::<Result<Vec<_>, _>>().map_err(|e| broken(&self.file, &e))
        })?;
        let first = self.rows + 1;
        self.rows += rows as u64;
        Ok(Some(RawBatch {
            fields: self.fields.clone(),
            columns,
            file: self.file.clone(),
            lines: (first..first + rows as u64).collect(),
            bytes: None,
            faults: Vec::new(),
        }))
    }

    fn decisions(&self) -> Vec<Decision> {
        Vec::new()
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions::default()
    }
}

/// The decoder may panic on bytes that lie about their lengths; to the sender that is broken data like any other.
fn guarded<T>(file: &str, read: impl FnOnce() -> Result<T, CollectError>) -> Result<T, CollectError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(broken(file, &"damaged")))
}

fn broken(name: &str, why: &dyn std::fmt::Display) -> CollectError {
    CollectError::new(
        "arrow.broken",
        name,
        format!("不是完整的 Arrow IPC 流（{why}）；请不压缩地重新写出"),
        format!("this is not a whole Arrow IPC stream ({why}); write it again, without compression"),
    )
}
