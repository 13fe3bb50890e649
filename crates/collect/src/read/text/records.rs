//! Records of delimited text, cut and judged one after the other.

use std::io;
use std::sync::Arc;

use super::super::decide::decision;
use super::super::limits;
use super::super::rows::{Rows, fault};
use super::super::shape::{self, Found, Shape, Verdict};
use super::super::{ReadOptions, Records, input};
use super::buffer::Buffer;
use super::lines::{self, Line};
use super::mend;
use super::split::{Cut, Dialect, Span};
use super::tables::{Tables, Wanted};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

pub(crate) struct TextRecords {
    buffer: Buffer,
    dialect: Dialect,
    shape: Shape,
    /// The header's cells of the wanted table, as found.
    header: Option<Vec<String>>,
    rows: Rows,
    tables: Tables,
    /// The title that the records stand under, when the table has such titles.
    section: Option<String>,
    shown: String,
    /// 1-based physical line that the next record starts at.
    line: u64,
    spans: Vec<Span>,
    scratch: Vec<String>,
    /// Cells of the batch's refused records.
    torn: Vec<(usize, Vec<String>)>,
    /// A record that is too long has been reported; its line is still being left behind.
    skipping: bool,
    blanks: u64,
    decisions: Vec<Decision>,
    chosen: ReadOptions,
}

/// How the pass over one window of text ended.
enum Pass {
    /// The batch is full, or the text has ended.
    Done,
    /// Another table begins here.
    Table,
    /// More text is needed.
    Starved,
}

impl TextRecords {
    /// At the first line of the file, whose first lines are `lines`.
    pub fn new(
        buffer: Buffer,
        dialect: Dialect,
        (found, lines): (Found, &[Line]),
        wanted: Wanted,
        shown: &str,
        (decisions, chosen): (Vec<Decision>, ReadOptions),
    ) -> TextRecords {
        let title = title_above(lines, found.header.unwrap_or(0));
        let mut records = TextRecords {
            rows: Rows::new(Arc::from(shown), Arc::from([]), true),
            header: None,
            section: None,
            shape: found.shape.clone(),
            tables: Tables::new(wanted, title.clone()),
            shown: shown.to_owned(),
            line: 1,
            spans: Vec::new(),
            scratch: Vec::new(),
            torn: Vec::new(),
            skipping: false,
            blanks: 0,
            buffer,
            dialect,
            decisions,
            chosen,
        };
        if records.tables.here() {
            records.take_table(found, lines, title);
        }
        records
    }

    /// The table that begins here is the wanted one: its fields are those of the records.
    fn take_table(&mut self, found: Found, lines: &[Line], title: String) {
        let body: Vec<&[String]> = lines.iter().skip(found.first).map(|line| line.cells.as_slice()).collect();
        let mut fields = found.shape.fields.to_vec();
        let mut found = found;
        if found.shape.look_for_sections(&body) {
            fields.push(shape::SECTION.to_owned());
            self.section = Some(title);
        }
        let section = self.section.iter().map(|_| shape::SECTION.to_owned());
        self.header = found.header.map(|_| found.names.into_iter().chain(section).collect());
        self.rows = Rows::new(Arc::from(self.shown.as_str()), fields.into(), true);
        self.shape = found.shape;
    }

    /// Goes behind titles and header.
    pub fn leave(&mut self, length: usize, newlines: u64) -> io::Result<()> {
        while self.buffer.text().len() < length && !self.buffer.ended() {
            self.buffer.fill()?;
        }
        self.buffer.take(length, self.dialect.newline, newlines);
        self.line += newlines;
        Ok(())
    }

    /// Goes to where the declared table begins.
    pub fn go_to_table(&mut self) -> Result<(), CollectError> {
        while !self.tables.here() {
            match self.pass(usize::MAX) {
                Pass::Starved => self.fill()?,
                Pass::Table => self.enter_table()?,
                Pass::Done => return Err(self.tables.missing(&self.shown)),
            }
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<(), CollectError> {
        self.buffer.fill().map_err(|e| input::failure(&self.shown, &e))
    }

    /// Looks at the first lines of the table that begins here, and goes behind its header.
    fn enter_table(&mut self) -> Result<(), CollectError> {
        while self.buffer.text().len() < limits::TABLE_SAMPLE && !self.buffer.ended() {
            self.fill()?;
        }
        let text = self.buffer.text();
        let whole = self.buffer.ended() && text.len() <= limits::TABLE_SAMPLE;
        let text = String::from_utf8_lossy(text.get(..limits::TABLE_SAMPLE).unwrap_or(text)).into_owned();
        let lines = lines::lines(&text, whole, &self.dialect, super::HEADER_LOOK);
        let lines = lines::first_block(&lines);
        let sample: Vec<Vec<String>> = lines.iter().map(|line| line.cells.clone()).collect();
        let found = shape::detect(&sample, None);
        let behind = found.first.checked_sub(1).and_then(|i| lines.get(i)).map_or((0, 0), |l| (l.end, l.newlines));
        let title = self.tables.begin();
        if self.tables.here() {
            self.take_table(found, lines, title);
        } else {
            self.shape = found.shape;
        }
        self.leave(behind.0, behind.1).map_err(|e| input::failure(&self.shown, &e))
    }

    /// Whether the line just cut is the header of another table.
    fn begins_table(&self) -> bool {
        let (apart, titled) = (self.tables.is_apart(), self.tables.is_titled());
        if !apart && self.spans.len() == self.shape.width {
            return false;
        }
        let text = self.buffer.text();
        let cell = |index: usize| {
            let bytes = self.spans.get(index).and_then(|span| text.get(span.start..span.end)).unwrap_or_default();
            std::str::from_utf8(bytes).unwrap_or_default()
        };
        self.shape.is_other_header(self.spans.len(), apart, titled, cell)
    }

    fn pass(&mut self, max_rows: usize) -> Pass {
        loop {
            let ended = self.buffer.ended() && self.buffer.text().is_empty();
            if self.rows.is_full(max_rows) || ended || self.tables.over() {
                return Pass::Done;
            }
            if self.skipping {
                if !self.skip_line() {
                    return Pass::Starved;
                }
                continue;
            }
            let text = self.buffer.text();
            let mark = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
            match self.dialect.cut(text, mark, self.buffer.ended(), &mut self.spans) {
                Cut::Record { .. } if self.begins_table() => return Pass::Table,
                Cut::Record { end, newlines } => self.record(end, newlines),
                Cut::Unclosed => self.refuse_line("row.quote"),
                Cut::Incomplete if text.len() > limits::TEXT_RECORD => self.refuse_line("row.too_long"),
                Cut::Incomplete => return Pass::Starved,
            }
        }
    }

    fn record(&mut self, length: usize, newlines: u64) {
        let line = self.line;
        self.line += newlines;
        let (spans, scratch) = (&self.spans, &mut self.scratch);
        let taken = self.buffer.take(length, self.dialect.newline, newlines);
        let raw = self.buffer.original(taken);
        let text = self.buffer.behind(length);
        let Some(text) = self.buffer.readable(text, raw) else {
            let shown = String::from_utf8_lossy(text);
            let broken = fault(
                "row.encoding",
                shown.trim_end(),
                "有无法解码的字节；请核对编码，或请部门重新导出",
                "some bytes cannot be decoded; check the encoding, or ask for a new export",
            );
            if self.tables.here() {
                self.torn.push((self.rows.len(), mend::cells(&self.dialect, &shown, self.shape.width)));
            }
            return self.rows.refused(line, raw, broken);
        };
        if !self.tables.here() {
            let filled = |span: &&Span| text.get(span.start..span.end).is_some_and(|cell| !cell.trim().is_empty());
            match spans.iter().filter(filled).count() {
                0 => return self.tables.blank(),
                1 => self.tables.titled(text),
                _ => self.tables.record(),
            }
            if let Some(refused) = self.tables.refuse(text) {
                self.rows.refused(line, raw, refused);
            }
            return;
        }
        let mut used = 0;
        for span in spans.iter().filter(|s| s.escaped) {
            if scratch.len() == used {
                scratch.push(String::new());
            }
            if let Some(into) = scratch.get_mut(used) {
                self.dialect.unescape(text.get(span.start..span.end).unwrap_or_default(), into);
            }
            used += 1;
        }
        let cell = |index: usize| spans.get(index).and_then(|s| text.get(s.start..s.end)).unwrap_or_default();
        match self.shape.judge(spans.len(), self.tables.is_apart(), cell) {
            Verdict::Blank => {
                self.blanks += 1;
                self.tables.blank();
            }
            Verdict::Refused(refused) => {
                match refused.code.as_str() {
                    "row.fields" => {
                        let width = self.shape.width.max(self.shape.fields.len());
                        self.torn.push((self.rows.len(), mend::cells(&self.dialect, text, width)));
                        self.tables.record();
                    }
                    "row.section" => {
                        // Cells enough for a record, and no titles known: it is shown, but not taken for one.
                        let short = cell(0).chars().count() <= 40 && !cell(0).contains([':', '：']);
                        if self.section.is_none() && !self.tables.is_apart() && spans.len() > 1 && short {
                            self.torn.push((self.rows.len(), mend::cells(&self.dialect, text, self.shape.fields.len())));
                        }
                        self.tables.titled(cell(0));
                        self.section = self.section.is_some().then(|| cell(0).trim().to_owned());
                    }
                    _ => self.tables.titled(cell(0)),
                }
                self.rows.refused(line, raw, refused);
            }
            Verdict::Record if spans.iter().any(|s| s.end - s.start > limits::TEXT_FIELD) => {
                self.rows.refused(line, raw, too_long(cell(0)));
            }
            Verdict::Record => {
                let mut escaped = scratch.iter();
                let cells = spans.iter().map(|span| match span.escaped {
                    true => escaped.next().map(String::as_str),
                    false => text.get(span.start..span.end),
                });
                self.tables.record();
                match &self.section {
                    None => self.rows.record(line, raw, cells),
                    Some(section) => {
                        let cells = cells.chain(std::iter::repeat(None)).take(self.shape.fields.len());
                        self.rows.record(line, raw, cells.chain([Some(section.as_str())]));
                    }
                }
            }
        }
    }

    /// Gives up the record that starts here and goes on at the next line.
    fn refuse_line(&mut self, code: &str) {
        let text = self.buffer.text();
        let line_end = memchr::memchr(self.dialect.newline, text);
        let length = line_end.map_or(text.len(), |at| at + 1);
        let ends = line_end.is_some();
        let shown = String::from_utf8_lossy(text.get(..length.min(2000)).unwrap_or_default()).into_owned();
        let refused = match code {
            "row.quote" => fault(
                code,
                shown.trim_end(),
                "引号没有正确闭合，从下一行重新读起；请把值里的引号写成两个",
                "a quote opens and does not close properly; reading goes on at the next line. Write quotes inside values twice",
            ),
            _ => too_long(shown.trim_end()),
        };
        let taken = self.buffer.take(length, self.dialect.newline, u64::from(ends));
        let raw = self.buffer.original(taken);
        if code == "row.quote" && self.tables.here() {
            let text = String::from_utf8_lossy(self.buffer.behind(length));
            self.torn.push((self.rows.len(), mend::cells(&self.dialect, &text, self.shape.width)));
        }
        self.rows.refused(self.line, raw.get(..limits::TEXT_RECORD).unwrap_or(raw), refused);
        self.skipping = !ends && !(self.buffer.ended() && self.buffer.text().is_empty());
        self.line += u64::from(ends);
    }

    /// Leaves the rest of an endless line behind; false when more text is needed for it.
    fn skip_line(&mut self) -> bool {
        let text = self.buffer.text();
        let line_end = memchr::memchr(self.dialect.newline, text);
        let length = line_end.map_or(text.len(), |at| at + 1);
        self.buffer.take(length, self.dialect.newline, u64::from(line_end.is_some()));
        self.line += u64::from(line_end.is_some());
        self.skipping = line_end.is_none();
        !self.skipping
    }
}

fn too_long(found: &str) -> data::standard::Fault {
    fault(
        "row.too_long",
        found,
        "记录超过 1 MiB 或字段超过 256 KiB，多半是引号没有闭合；从下一行重新读起",
        "a record over 1 MiB or a field over 256 KiB, most likely for an unclosed quote; reading goes on at the next line",
    )
}

impl Records for TextRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        self.torn.clear();
        loop {
            match self.pass(max_rows) {
                Pass::Done => return Ok(self.rows.finish()),
                Pass::Starved => self.fill()?,
                Pass::Table => self.enter_table()?,
            }
        }
    }

    fn header(&self) -> Option<Vec<String>> {
        Some(self.header.clone().unwrap_or_default())
    }

    fn torn(&self) -> &[(usize, Vec<String>)] {
        &self.torn
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
        all.extend(self.tables.decision(&self.shown));
        if self.blanks > 0 {
            let n = self.blanks;
            all.push(decision("blank", &self.shown, n.to_string(), format!("跳过 {n} 个空行"), format!("{n} blank lines were left out")));
        }
        all
    }

    fn chosen(&self) -> ReadOptions {
        self.chosen.clone()
    }
}

/// The last line above the header with anything in it.
fn title_above(lines: &[Line], header: usize) -> String {
    let above = lines.get(..header).unwrap_or_default().iter().rev();
    above.map(|line| line.cells.join(" ").trim().to_owned()).find(|title| !title.is_empty()).unwrap_or_default()
}
