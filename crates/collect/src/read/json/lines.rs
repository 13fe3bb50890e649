//! JSON lines: one record a line; a broken line is a fault and the next one is read.

use std::io::{BufRead, BufReader, Read};

use super::super::input::{self, Input};
use super::super::{ReadOptions, Records, encoding, limits};
use super::path::{self, Above, Step};
use super::table::{self, Table};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

pub(crate) struct JsonLines {
    reader: BufReader<Box<dyn Read + Send>>,
    table: Table,
    shown: String,
    line: u64,
    buffer: Vec<u8>,
    /// Where the records are inside each line; empty when the lines are the records.
    inner: Vec<Step>,
    counts: Vec<u64>,
    path: String,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<JsonLines, CollectError> {
    let mut source = input.open()?;
    let head = encoding::sample(&mut *source, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let coded = encoding::choose(options.encoding.as_deref(), &head, input.shown())?;
    let body = head.get(coded.bom..).unwrap_or_default().to_vec();
    let path = options.records.clone().unwrap_or_default();
    let mut inner = if path.is_empty() { Vec::new() } else { path::parse(&path).ok_or_else(|| super::bad_path(input.shown(), &path))? };
    // The lines themselves are an array without brackets.
    if inner.first() == Some(&Step::Each) {
        inner.remove(0);
    }
    let stream: Box<dyn Read + Send> = Box::new(encoding::Utf8Stream::new(coded.encoding, body, source));
    Ok(JsonLines {
        reader: BufReader::with_capacity(1 << 16, stream),
        table: Table::new(input.shown()),
        shown: input.shown().to_owned(),
        line: 0,
        buffer: Vec::new(),
        inner,
        counts: Vec::new(),
        path: if path.is_empty() { "[*]".to_owned() } else { path },
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
            if fits && self.inner.is_empty() {
                self.table.push(self.line, raw, &Above::new());
            } else if fits {
                let (table, line) = (&mut self.table, self.line);
                let mut give = |inner: &[u8], above: &Above| table.push(line, inner, above);
                if path::expand(raw, &self.inner, &mut self.counts, &mut give).is_err() {
                    self.table.refused(self.line, raw, "row.json", "不是有效的 JSON 记录", "not a valid JSON record");
                }
            } else {
                self.table.refused(self.line, raw.get(..limits::TEXT_RECORD).unwrap_or(raw), "row.too_long", "这一行超过 16 MiB", "the line is over 16 MiB");
            }
        }
        Ok(self.table.finish())
    }

    fn decisions(&self) -> Vec<Decision> {
        table::decisions(&self.table, &self.path)
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions { records: (!self.inner.is_empty()).then(|| self.path.clone()), ..ReadOptions::default() }
    }
}
