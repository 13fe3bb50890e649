//! Delimited text: CSV, TSV and their kin, in any encoding, with titles, notes and broken lines among the records.

mod buffer;
mod dialect;
mod split;

use std::sync::Arc;

use super::decide::decision;
use super::encoding;
use super::input::Input;
use super::limits;
use super::rows::{Rows, fault};
use super::shape::{self, Shape, Verdict};
use super::{ReadOptions, Records};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

use buffer::Buffer;
use split::{Cut, Dialect, Span};

/// Lines looked at for the header.
const HEADER_LOOK: usize = 500;

pub(crate) struct TextRecords {
    buffer: Buffer,
    dialect: Dialect,
    shape: Shape,
    rows: Rows,
    shown: String,
    /// 1-based physical line that the next record starts at.
    line: u64,
    spans: Vec<Span>,
    scratch: Vec<String>,
    /// A record that is too long has been reported; its line is still being left behind.
    skipping: bool,
    blanks: u64,
    decisions: Vec<Decision>,
    chosen: ReadOptions,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<TextRecords, CollectError> {
    let mut stream = input.open()?;
    let head = encoding::sample(&mut *stream, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let whole = head.len() < limits::SAMPLE;
    let coded = encoding::choose(options.encoding.as_deref(), &head, input.shown())?;
    let body = head.get(coded.bom..).unwrap_or_default().to_vec();
    let text = coded.encoding.decode_without_bom_handling(&body).0.into_owned();
    let told = dialect::tell(&text, whole, options.delimiter.as_deref()).ok_or_else(|| not_a_table(input.shown()))?;
    let lines = dialect::lines(&text, whole, &told.dialect, HEADER_LOOK);
    let sample: Vec<Vec<String>> = lines.iter().map(|l| l.cells.clone()).collect();
    let header = match options.header {
        None => None,
        Some(0) => Some(None),
        Some(line) => Some(Some(header_index(&lines, line, input.shown())?)),
    };
    let found = shape::detect(&sample, header);
    if found.shape.fields.len() > limits::FIELDS {
        return Err(too_wide(input.shown(), found.shape.fields.len()));
    }
    let mut decisions = vec![
        decision("encoding", input.shown(), coded.encoding.name(), coded.why.zh.clone(), coded.why.en.clone()),
        decision("delimiter", input.shown(), show_delimiter(&told.dialect), told.why.zh, told.why.en),
    ];
    decisions.extend(header_decisions(input.shown(), &found, &lines, options.header.is_some()));
    if told.dialect.backslash {
        decisions.push(decision("quote", input.shown(), "\\\"", "引号内用反斜杠转义引号", "quotes are escaped by a backslash"));
    }
    let (skip, newlines) =
        found.first.checked_sub(1).and_then(|i| lines.get(i)).map_or((0, 0), |l| (l.end, l.newlines));
    let chosen = ReadOptions {
        encoding: Some(coded.encoding.name().to_lowercase()),
        delimiter: Some(String::from_utf8_lossy(&told.dialect.delimiter).into_owned()),
        header: Some(found.header.and_then(|h| lines.get(h)).map_or(0, |l| u32::try_from(l.line).unwrap_or(0))),
        ..ReadOptions::default()
    };
    let mut records = TextRecords {
        buffer: Buffer::new(coded.encoding, body, stream),
        rows: Rows::new(Arc::from(input.shown()), found.shape.fields.clone(), true),
        dialect: told.dialect,
        shape: found.shape,
        shown: input.shown().to_owned(),
        line: 1 + newlines,
        spans: Vec::new(),
        scratch: Vec::new(),
        skipping: false,
        blanks: 0,
        decisions,
        chosen,
    };
    records.leave(skip, newlines, input)?;
    Ok(records)
}

/// The line of the sample that starts at, or holds, a declared line number.
fn header_index(lines: &[dialect::Line], line: u32, name: &str) -> Result<usize, CollectError> {
    lines.iter().position(|l| l.line == u64::from(line)).ok_or_else(|| {
        CollectError::new(
            "text.header",
            name,
            format!("声明的表头在第 {line} 行，但该行不是一条记录的开头；请更正 header"),
            format!("the header is declared on line {line}, but no record starts there; correct `header`"),
        )
    })
}

fn header_decisions(about: &str, found: &shape::Found, lines: &[dialect::Line], declared: bool) -> Vec<Decision> {
    let mut out = Vec::new();
    let line = found.header.and_then(|h| lines.get(h)).map(|l| l.line);
    let (zh, en) = match (declared, line) {
        (true, _) => ("按声明".to_owned(), "as declared".to_owned()),
        (_, None) => (
            "第一行已是数据，没有表头；字段名为 column_1、column_2…".to_owned(),
            "the first line is data already: no header; fields are column_1, column_2…".to_owned(),
        ),
        (_, Some(_)) => {
            let titles: Vec<String> = lines.iter().take(found.header.unwrap_or(0)).map(|l| l.cells.join(" ")).collect();
            let titles: Vec<String> = titles.into_iter().map(|t| t.trim().chars().take(60).collect()).collect();
            match titles.iter().any(|t: &String| !t.is_empty()) {
                true => (
                    format!("之前的行是标题：{}", titles.join("；")),
                    format!("the lines before it are titles: {}", titles.join("; ")),
                ),
                false => ("各列名称与其下的值类型不同".to_owned(), "its cells are names above columns of values".to_owned()),
            }
        }
    };
    out.push(decision("header", about, line.map_or("0".to_owned(), |l| l.to_string()), zh, en));
    if found.short {
        out.push(decision(
            "fields",
            about,
            found.shape.fields.len().to_string(),
            "多数记录比表头少末尾的字段，缺少的按空值读取",
            "most records lack the header's last fields; what is missing is read as null",
        ));
    }
    out
}

fn show_delimiter(dialect: &Dialect) -> String {
    match dialect.delimiter.as_slice() {
        b"" => "-".to_owned(),
        b"\t" => "TAB".to_owned(),
        [byte] if *byte < b' ' => format!("0x{byte:02x}"),
        other => String::from_utf8_lossy(other).into_owned(),
    }
}

fn not_a_table(name: &str) -> CollectError {
    CollectError::new(
        "text.not_table",
        name,
        "各行的字段数没有规律，不是每行一条记录的表；请索取 CSV、Excel 或 JSON，或先整理成每行一条记录",
        "its lines have no regular number of fields: not a table of one record a line; ask for CSV, Excel or JSON, or arrange it so first",
    )
}

pub(crate) fn too_wide(name: &str, width: usize) -> CollectError {
    CollectError::new(
        "table.too_wide",
        name,
        format!("有 {width} 个字段，超过 {} 的上限；请核对分隔符", limits::FIELDS),
        format!("{width} fields are over the limit of {}; check the delimiter", limits::FIELDS),
    )
}

/// How the pass over one window of text ended.
enum Pass {
    /// The batch is full, or the text has ended.
    Done,
    /// More text is needed.
    Starved,
}

impl TextRecords {
    /// Goes behind titles and header.
    fn leave(&mut self, length: usize, newlines: u64, input: &Input) -> Result<(), CollectError> {
        while self.buffer.text().len() < length && !self.buffer.ended() {
            self.buffer.fill().map_err(|e| input.failure(&e))?;
        }
        self.buffer.take(length, self.dialect.newline, newlines);
        Ok(())
    }

    fn pass(&mut self, max_rows: usize) -> Pass {
        loop {
            if self.rows.is_full(max_rows) || (self.buffer.ended() && self.buffer.text().is_empty()) {
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
            return self.rows.refused(line, raw, broken);
        };
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
        match self.shape.judge(spans.len(), cell) {
            Verdict::Blank => self.blanks += 1,
            Verdict::Refused(refused) => self.rows.refused(line, raw, refused),
            Verdict::Record if spans.iter().any(|s| s.end - s.start > limits::TEXT_FIELD) => {
                self.rows.refused(line, raw, too_long(cell(0)));
            }
            Verdict::Record => {
                let mut escaped = scratch.iter();
                let cells = spans.iter().map(|span| match span.escaped {
                    true => escaped.next().map(String::as_str),
                    false => text.get(span.start..span.end),
                });
                self.rows.record(line, raw, cells);
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
        while let Pass::Starved = self.pass(max_rows) {
            let shown = self.shown.clone();
            self.buffer.fill().map_err(|e| super::input::failure(&shown, &e))?;
        }
        Ok(self.rows.finish())
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
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
