//! RFC 4180, with LF for line ends and quotes only where they are needed.

use std::io::{self, Write};

use super::Writer;

pub(super) struct Csv {
    /// Cells of the header; shorter records are filled up to it.
    width: usize,
    line: Vec<u8>,
}

impl Csv {
    pub fn new(width: usize) -> Csv {
        Csv { width, line: Vec::new() }
    }

    fn write(&mut self, out: &mut dyn Write, cells: &mut dyn Iterator<Item = Option<&str>>) -> io::Result<()> {
        self.line.clear();
        let mut count = 0;
        for cell in cells {
            if count > 0 {
                self.line.push(b',');
            }
            count += 1;
            cell_into(&mut self.line, cell.unwrap_or_default());
        }
        for _ in count.max(1)..self.width {
            self.line.push(b',');
        }
        // An empty line would be no record to most readers.
        if self.line.is_empty() {
            self.line.extend_from_slice(b"\"\"");
        }
        self.line.push(b'\n');
        out.write_all(&self.line)
    }
}

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write, header: &[String]) -> io::Result<()> {
        if header.is_empty() {
            return Ok(());
        }
        self.write(out, &mut header.iter().map(|name| Some(name.as_str())))
    }

    fn record(&mut self, out: &mut dyn Write, _: &[String], cells: &mut dyn Iterator<Item = Option<&str>>) -> io::Result<()> {
        self.write(out, cells)
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn cell_into(line: &mut Vec<u8>, cell: &str) {
    let bytes = cell.as_bytes();
    if memchr::memchr3(b',', b'"', b'\n', bytes).is_none() && memchr::memchr(b'\r', bytes).is_none() {
        line.extend_from_slice(bytes);
        return;
    }
    line.push(b'"');
    for part in bytes.split_inclusive(|byte| *byte == b'"') {
        line.extend_from_slice(part);
        if part.last() == Some(&b'"') {
            line.push(b'"');
        }
    }
    line.push(b'"');
}
