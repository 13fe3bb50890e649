//! JSON lines: one record a line; a broken line is a fault and the next one is read.

use std::io::{BufRead, BufReader, Read};

use super::super::input::{self, Input};
use super::super::{ReadOptions, Records, encoding, limits};
use super::path::Above;
use super::table::Table;
use crate::source::Decision;
use crate::{CollectError, RawBatch};

pub(crate) struct JsonLines {
    reader: BufReader<Box<dyn Read + Send>>,
    table: Table,
    shown: String,
    line: u64,
    buffer: Vec<u8>,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<JsonLines, CollectError> {
    let mut source = input.open()?;
    let head = encoding::sample(&mut *source, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let coded = encoding::choose(options.encoding.as_deref(), &head, input.shown())?;
    let body = head.get(coded.bom..).unwrap_or_default().to_vec();
    let stream: Box<dyn Read + Send> = Box::new(encoding::Utf8Stream::new(coded.encoding, body, source));
    Ok(JsonLines {
        reader: BufReader::with_capacity(1 << 16, stream),
        table: Table::new(input.shown()),
        shown: input.shown().to_owned(),
        line: 0,
        buffer: Vec::new(),
    })
}

impl JsonLines {
    /// Reads one line of bounded length; what is beyond the bound is left behind. `None` at the end.
    fn read_line(&mut self) -> std::io::Result<Option<bool>> {
        self.buffer.clear();
        let limit = limits::RECORD as u64;
        let mut n = (&mut self.reader).take(limit).read_until(b'\n', &mut self.buffer)?;
        if n == 0 {
            return Ok(None);
        }
        self.line += 1;
        let fits = self.buffer.ends_with(b"\n") || (n as u64) < limit;
        let mut rest = Vec::new();
        while !fits && n > 0 && !rest.ends_with(b"\n") {
            rest.clear();
            n = (&mut self.reader).take(limits::CHUNK as u64).read_until(b'\n', &mut rest)?;
        }
        Ok(Some(fits))
    }
}

impl Records for JsonLines {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        while !self.table.is_full(max_rows) {
            let fits = match self.read_line() {
                Ok(Some(fits)) => fits,
                Ok(None) => break,
                Err(e) => return Err(input::failure(&self.shown, &e)),
            };
            let raw = self.buffer.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.buffer);
            if raw.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if fits {
                self.table.push(self.line, raw, &Above::new());
            } else {
                self.table.refused(self.line, raw.get(..limits::TEXT_RECORD).unwrap_or(raw), "row.too_long", "这一行超过 16 MiB", "the line is over 16 MiB");
            }
        }
        Ok(self.table.finish())
    }

    fn decisions(&self) -> Vec<Decision> {
        Vec::new()
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions::default()
    }
}
