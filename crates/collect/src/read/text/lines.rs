//! The first lines of a text, cut for looking at.

use super::split::{Cut, Dialect, Span};

/// One line of the sample: its cells, the physical line it starts at, and where it ends.
pub(crate) struct Line {
    pub cells: Vec<String>,
    pub line: u64,
    /// Offset behind it, in bytes of the sample, and the line ends up to there.
    pub end: usize,
    pub newlines: u64,
}

/// Cuts up to `limit` lines of a sample; an incomplete last one is left out.
pub(crate) fn lines(text: &str, whole: bool, dialect: &Dialect, limit: usize) -> Vec<Line> {
    let (mut at, mut line, mut newlines_before) = (0, 1, 0);
    let (mut out, mut spans, mut scratch) = (Vec::new(), Vec::<Span>::new(), String::new());
    let bytes = text.as_bytes();
    while at < bytes.len() && out.len() < limit {
        let start = if text.get(at..).is_some_and(|r| r.starts_with('\u{feff}')) { at + 3 } else { at };
        let (end, newlines) = match dialect.cut(bytes, start, whole, &mut spans) {
            Cut::Record { end, newlines } => (end, newlines),
            Cut::Incomplete => break,
            Cut::Unclosed => {
                let rest = bytes.get(start..).unwrap_or_default();
                let line_end = memchr::memchr(dialect.newline, rest);
                dialect.cut_line(rest.get(..line_end.unwrap_or(rest.len())).unwrap_or_default(), &mut spans);
                spans.iter_mut().for_each(|span| (span.start, span.end) = (span.start + start, span.end + start));
                (start + line_end.map_or(rest.len(), |length| length + 1), u64::from(line_end.is_some()))
            }
        };
        let cells = spans.iter().map(|span| {
            let raw = text.get(span.start..span.end).unwrap_or_default();
            if span.escaped {
                dialect.unescape(raw, &mut scratch);
                scratch.clone()
            } else {
                raw.to_owned()
            }
        });
        newlines_before += newlines;
        out.push(Line { cells: cells.collect(), line, end, newlines: newlines_before });
        line += newlines;
        at = end;
    }
    out
}

/// The lines up to the first blank one behind some records: what follows it may be another table.
pub(crate) fn first_block(lines: &[Line]) -> &[Line] {
    let filled = |line: &Line| line.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let mut records = 0;
    for (index, line) in lines.iter().enumerate() {
        match filled(line) {
            0 if records >= 3 => return lines.get(..index).unwrap_or(lines),
            0 | 1 => {}
            _ => records += 1,
        }
    }
    lines
}
