//! An answer as people and programs take it away: a table to look at, CSV, JSON, Parquet.

use std::io::Write;

use arrow_array::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use futures::TryStreamExt;
use futures::future::BoxFuture;
use kernel::Text;

use crate::{Answer, SqlError};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Ruled columns, for a terminal.
    Table,
    /// RFC 4180 with a header; dates ISO 8601.
    Csv,
    /// One array of objects; a null is written as null.
    Json,
    /// One object a line.
    Ndjson,
    Parquet,
}

/// Rows at which a terminal table is drawn and a new one begun.
const DRAWN: usize = 1000;

/// Writes all rows; gives their number. Memory stays at a batch or two, whatever the length.
pub fn write<'a>(format: Format, answer: Answer, out: &'a mut (dyn Write + Send)) -> BoxFuture<'a, Result<u64, SqlError>> {
    Box::pin(write_all(format, answer, out))
}

async fn write_all(format: Format, mut answer: Answer, out: &mut (dyn Write + Send)) -> Result<u64, SqlError> {
    let mut rows = 0;
    let mut sink = Sink::open(format, &answer, out)?;
    while let Some(batch) = answer.batches.try_next().await? {
        rows += batch.num_rows() as u64;
        sink.put(batch)?;
    }
    sink.close()?;
    Ok(rows)
}

fn failed(error: impl std::fmt::Display) -> SqlError {
    let text = Text::new(format!("结果写不出去：{error}"), format!("the answer cannot be written: {error}"));
    SqlError { message: text, line: 0, column: 0, length: 0, suggestion: None }
}

type Out<'a> = &'a mut (dyn Write + Send);

enum Sink<'a> {
    Table { out: Out<'a>, held: Vec<RecordBatch>, empty: RecordBatch, drawn: bool },
    Csv(arrow_csv::Writer<Out<'a>>),
    Json(arrow_json::Writer<Out<'a>, arrow_json::writer::JsonArray>),
    Ndjson(arrow_json::Writer<Out<'a>, arrow_json::writer::LineDelimited>),
    Parquet(Box<ArrowWriter<Out<'a>>>),
}

impl<'a> Sink<'a> {
    fn open(format: Format, answer: &Answer, out: Out<'a>) -> Result<Sink<'a>, SqlError> {
        let empty = RecordBatch::new_empty(answer.schema.clone());
        Ok(match format {
            Format::Table => Sink::Table { out, held: Vec::new(), empty, drawn: false },
            Format::Csv => {
                let mut writer = arrow_csv::WriterBuilder::new().with_header(true).build(out);
                writer.write(&empty).map_err(failed)?;
                Sink::Csv(writer)
            }
            Format::Json => Sink::Json(arrow_json::WriterBuilder::new().with_explicit_nulls(true).build(out)),
            Format::Ndjson => Sink::Ndjson(arrow_json::WriterBuilder::new().with_explicit_nulls(true).build(out)),
            Format::Parquet => Sink::Parquet(Box::new(ArrowWriter::try_new(out, answer.schema.clone(), None).map_err(failed)?)),
        })
    }

    fn put(&mut self, batch: RecordBatch) -> Result<(), SqlError> {
        match self {
            Sink::Table { held, .. } => {
                held.push(batch);
                if held.iter().map(RecordBatch::num_rows).sum::<usize>() >= DRAWN { self.draw() } else { Ok(()) }
            }
            Sink::Csv(writer) => writer.write(&batch).map_err(failed),
            Sink::Json(writer) => writer.write(&batch).map_err(failed),
            Sink::Ndjson(writer) => writer.write(&batch).map_err(failed),
            Sink::Parquet(writer) => writer.write(&batch).map_err(failed),
        }
    }

    fn draw(&mut self) -> Result<(), SqlError> {
        if let Sink::Table { out, held, empty, drawn } = self {
            *drawn = true;
            let rows = if held.is_empty() { vec![empty.clone()] } else { std::mem::take(held) };
            let text = arrow_cast::pretty::pretty_format_batches(&rows).map_err(failed)?;
            writeln!(out, "{text}").map_err(failed)?;
        }
        Ok(())
    }

    fn close(mut self) -> Result<(), SqlError> {
        if matches!(&self, Sink::Table { held, drawn, .. } if !held.is_empty() || !drawn) {
            self.draw()?;
        }
        match self {
            Sink::Table { out, .. } => out.flush().map_err(failed),
            Sink::Csv(writer) => writer.into_inner().flush().map_err(failed),
            Sink::Json(mut writer) => {
                writer.finish().map_err(failed)?;
                writer.into_inner().flush().map_err(failed)
            }
            Sink::Ndjson(mut writer) => {
                writer.finish().map_err(failed)?;
                writer.into_inner().flush().map_err(failed)
            }
            Sink::Parquet(writer) => writer.close().map(|_| ()).map_err(failed),
        }
    }
}
