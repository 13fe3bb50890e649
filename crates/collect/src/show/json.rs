//! An array of objects, one to a line, so that both a JSON parser and a line reader can follow it.

use std::io::{self, Write};

use super::Writer;

#[derive(Default)]
pub(super) struct Json {
    begun: bool,
}

impl Writer for Json {
    fn begin(&mut self, out: &mut dyn Write, _: &[String]) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn record(&mut self, out: &mut dyn Write, fields: &[String], cells: &mut dyn Iterator<Item = Option<&str>>) -> io::Result<()> {
        out.write_all(if self.begun { b",\n{" } else { b"\n{" })?;
        self.begun = true;
        let mut place = 0;
        for cell in cells {
            place += 1;
            if place > 1 {
                out.write_all(b",")?;
            }
            // Cells beyond the last field have no name but their place.
            match fields.get(place - 1) {
                Some(field) => serde_json::to_writer(&mut *out, field)?,
                None => serde_json::to_writer(&mut *out, &format!("column_{place}"))?,
            }
            out.write_all(b":")?;
            serde_json::to_writer(&mut *out, &cell)?;
        }
        for (index, field) in fields.iter().enumerate().skip(place) {
            if index > 0 {
                out.write_all(b",")?;
            }
            serde_json::to_writer(&mut *out, field)?;
            out.write_all(b":null")?;
        }
        out.write_all(b"}")
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.begun { b"\n]\n" } else { b"]\n" })
    }
}
