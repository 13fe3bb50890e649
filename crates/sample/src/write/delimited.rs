//! Delimited text in the encodings that departments use.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{create, Cells, Damage, Sink};
use crate::error::SampleError;
use crate::spec::{Delivery, Encoding, Table};

pub struct Delimited {
    out: BufWriter<File>,
    path: PathBuf,
    encoding: Encoding,
    delimiter: char,
    note: Option<String>,
    line: String,
    lines: u64,
}

impl Delimited {
    pub fn create(table: &Table, path: &Path) -> Result<Delimited, SampleError> {
        let Delivery::Csv { encoding, delimiter, titled, noted, .. } = table.delivery else {
            return Err(SampleError::Format { path: path.to_owned(), message: "not delimited text".to_owned() });
        };
        let note = noted.then(|| format!("注：数据截至2026年11月20日，由{}提供，仅供参考", table.office));
        let mut sink = Delimited { out: create(path)?, path: path.to_owned(), encoding, delimiter, note, line: String::new(), lines: 0 };
        if encoding == Encoding::Utf8Bom {
            sink.out.write_all(b"\xEF\xBB\xBF").map_err(SampleError::file(path))?;
        }
        if titled {
            sink.line.push_str("宁波市");
            sink.line.push_str(table.title);
            sink.line.push_str("（2026年11月）");
            sink.end(false)?;
        }
        for (position, column) in table.columns.iter().enumerate() {
            sink.field(position, column.source);
        }
        sink.end(false)?;
        Ok(sink)
    }

    fn field(&mut self, position: usize, value: &str) {
        if position > 0 {
            self.line.push(self.delimiter);
        }
        if value.contains(['"', '\n', self.delimiter]) {
            self.line.push('"');
            self.line.push_str(&value.replace('"', "\"\""));
            self.line.push('"');
        } else {
            self.line.push_str(value);
        }
    }

    /// Ends the line, encodes and writes it.
    fn end(&mut self, broken: bool) -> Result<(), SampleError> {
        let failed = |source| SampleError::File { path: self.path.clone(), source };
        let ending: &[u8] = if self.encoding == Encoding::Utf8 { b"\n" } else { b"\r\n" };
        match self.encoding {
            Encoding::Gbk | Encoding::Gb18030 => {
                let codec = if self.encoding == Encoding::Gbk { encoding_rs::GBK } else { encoding_rs::GB18030 };
                self.out.write_all(&codec.encode(&self.line).0).map_err(failed)?;
            }
            Encoding::Utf8 | Encoding::Utf8Bom => self.out.write_all(self.line.as_bytes()).map_err(failed)?,
        }
        if broken {
            self.out.write_all(b"\xFF").map_err(failed)?;
        }
        self.out.write_all(ending).map_err(failed)?;
        self.line.clear();
        self.lines += 1;
        Ok(())
    }
}

impl Sink for Delimited {
    fn write(&mut self, cells: &Cells, damage: Damage) -> Result<u64, SampleError> {
        let width = if damage == Damage::Short { cells.len().saturating_sub(2) } else { cells.len() };
        for position in 0..width {
            self.field(position, cells.get(position));
        }
        self.end(damage == Damage::Byte)?;
        Ok(self.lines)
    }

    fn finish(mut self: Box<Self>) -> Result<(), SampleError> {
        if let Some(note) = self.note.take() {
            self.line.push_str(&note);
            self.end(false)?;
        }
        self.out.flush().map_err(SampleError::file(&self.path))
    }
}
