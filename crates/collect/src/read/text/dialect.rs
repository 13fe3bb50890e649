//! Tells delimiter, line end and escaping from the first part of a text.

use kernel::Text;

use super::super::shape::usual_width;
use super::split::{Cut, Dialect, Span};

/// Records of the sample that are looked at.
const LOOK: usize = 2000;
/// Likelier delimiters weigh more: a tab is hardly ever part of a value.
const CANDIDATES: [(&str, f64); 11] = [
    ("\t", 1.3), (",", 1.0), (";", 1.0), ("|", 1.0), ("\u{1}", 1.3), ("\u{1f}", 1.3), ("||", 1.1), ("^", 0.8), ("~", 0.6),
    ("，", 0.7), ("#", 0.5),
];

pub(crate) struct Told {
    pub dialect: Dialect,
    pub why: Text,
}

/// One line of the sample: its cells, the physical line it starts at, and where it ends.
pub(crate) struct Line {
    pub cells: Vec<String>,
    pub line: u64,
    /// Offset behind it, in bytes of the sample, and the line ends up to there.
    pub end: usize,
    pub newlines: u64,
}

/// `None` when no delimiter gives a table and the lines are no single column either.
pub(crate) fn tell(text: &str, whole: bool, declared: Option<&str>) -> Option<Told> {
    let newline = newline_of(text);
    let with = |delimiter: &str| {
        let plain = Dialect { delimiter: delimiter.as_bytes().to_vec(), newline, quote: Some(b'"'), backslash: false };
        let backslash = escapes_by_backslash(text, &plain);
        Dialect { backslash, ..plain }
    };
    if let Some(delimiter) = declared {
        return Some(Told { dialect: with(delimiter), why: Text::new("按声明", "as declared") });
    }
    let mut best: Option<(f64, Told)> = None;
    let mut scattered = 0.0f64;
    for (delimiter, weight) in CANDIDATES {
        if !text.contains(delimiter) {
            continue;
        }
        let dialect = with(delimiter);
        let rows: Vec<Vec<String>> = lines(text, whole, &dialect, LOOK).into_iter().map(|l| l.cells).collect();
        let rows: Vec<Vec<String>> = rows.into_iter().filter(|r| r.iter().any(|c| !c.trim().is_empty())).collect();
        let width = usual_width(&rows);
        let (all, usual) = (rows.len(), rows.iter().filter(|r| r.len() == width).count());
        let share = usual as f64 / all.max(1) as f64;
        scattered = scattered.max(rows.iter().filter(|r| r.len() > 1).count() as f64 / all.max(1) as f64);
        let starts = rows.first().is_some_and(|r| r.len() == width);
        if width < 2 || (share < 0.5 && !(starts && all <= 5)) {
            continue;
        }
        let score = share * share * weight * (1.0 + width as f64).ln();
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            let percent = (share * 100.0).floor();
            let why = Text::new(
                format!("以它分隔时，{percent}% 的行都是 {width} 个字段"),
                format!("with it {percent}% of the lines have {width} fields"),
            );
            best = Some((score, Told { dialect, why }));
        }
    }
    best.map(|(_, told)| told).or_else(|| {
        let longest = text.lines().map(str::len).max().unwrap_or(0);
        let small = text.lines().count() <= 2;
        (scattered < 0.1 || small).then_some(()).filter(|()| longest < 1024).map(|()| Told {
            dialect: with(""),
            why: Text::new("没有分隔符，每行是一个值", "no delimiter: each line is one value"),
        })
    })
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

/// Carriage returns alone end the lines when there are more of them than line feeds, outside quotes.
fn newline_of(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let (mut feeds, mut returns, mut quoted) = (0usize, 0usize, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => feeds += 1,
            b'\r' if !quoted && bytes.get(at + 1) != Some(&b'\n') => returns += 1,
            _ => {}
        }
    }
    if returns > feeds { b'\r' } else { b'\n' }
}

/// Read by the standard, closing quotes are followed by a delimiter or a line end. Where they are not, but a
/// backslash stands before them, the backslash was meant to escape them.
fn escapes_by_backslash(text: &str, dialect: &Dialect) -> bool {
    if !text.contains("\\\"") {
        return false;
    }
    let bytes = text.as_bytes();
    let (mut escapes, mut doubled) = (0usize, 0usize);
    for at in memchr::memmem::find_iter(bytes, b"\\\"") {
        let behind = bytes.get(at + 2..).unwrap_or_default();
        let closes = behind.is_empty()
            || behind.starts_with(&dialect.delimiter)
            || matches!(behind.first(), Some(b'\n' | b'\r'));
        match behind.first() {
            Some(b'"') => doubled += 1,
            _ if !closes => escapes += 1,
            _ => {}
        }
    }
    escapes > doubled
}
