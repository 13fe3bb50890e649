//! Tells delimiter, quotes, line end and escaping from the first part of a text.

use kernel::Text;

use super::super::shape::usual_width;
use super::lines::{Line, first_block, lines};
use super::split::Dialect;

/// Records of the sample that are looked at.
const LOOK: usize = 2000;
/// Likelier delimiters weigh more: a tab is hardly ever part of a value.
const CANDIDATES: [(&str, f64); 18] = [
    ("\t", 1.3), (",", 1.0), (", ", 1.05), (";", 1.0), ("; ", 1.05), ("|", 1.0), (" | ", 1.05), ("\u{1}", 1.3), ("\u{1f}", 1.3),
    ("||", 1.1), ("\t\t", 1.3), ("^", 0.8), ("~", 0.6), ("，", 0.7), ("#", 0.5), ("::", 0.9), ("@@", 0.9), ("\\t", 1.2),
];
/// Characters that set words and figures apart as well: only taken when nothing else gives a table.
const LAST: [(&str, f64); 2] = [(":", 0.5), (" ", 0.4)];
/// A cell with one of these or a quote in it was more likely not cut where it should have been.
const STRONG: [char; 6] = ['\t', ';', '|', '\u{1}', '\u{1f}', '^'];

pub(crate) struct Told {
    pub dialect: Dialect,
    pub why: Text,
}

/// How well a dialect fits.
struct Fit {
    score: f64,
    /// Share of the lines that have the usual number of fields.
    share: f64,
    /// Share of the cells in which nothing else looks like a delimiter or a quote.
    clean: f64,
    width: usize,
    /// Lines with more than one field.
    several: usize,
    all: usize,
    /// The first of them has the usual width.
    starts: bool,
}

/// `None` when no delimiter gives a table and the lines are no single column either.
pub(crate) fn tell(text: &str, whole: bool, declared: Option<&str>) -> Option<Told> {
    let newline = newline_of(text);
    let with = |delimiter: &str| {
        let plain = Dialect { delimiter: delimiter.as_bytes().to_vec(), newline, quote: Some(b'"'), backslash: false };
        let plain = Dialect { quote: Some(quote_of(text, whole, &plain)), ..plain };
        Dialect { backslash: escapes_by_backslash(text, &plain), ..plain }
    };
    if let Some(delimiter) = declared {
        return Some(Told { dialect: with(delimiter), why: Text::new("按声明", "as declared") });
    }
    let mut scattered = 0.0f64;
    let mut best: Option<(Fit, Dialect)> = None;
    for (delimiter, weight) in CANDIDATES.iter().chain(&LAST) {
        let last = LAST.iter().any(|(other, _)| other == delimiter);
        if !text.contains(delimiter) || is_half(text, delimiter) || is_blank_before(text, delimiter) || (last && best.is_some()) {
            continue;
        }
        let dialect = with(delimiter);
        let fit = fit(text, whole, &dialect, *weight);
        if !last {
            scattered = scattered.max(fit.several as f64 / fit.all.max(1) as f64);
        }
        let quoted = || quoted_fields(text, delimiter, b'"') * 2 >= fit.all;
        let regular = match last {
            true => fit.width >= 3 && (fit.share >= 0.9 && fit.all >= 3 || fit.share >= 0.3 && fit.starts && quoted()),
            false => fit.width >= 2 && fit.clean >= 0.5 && fit.several * 4 >= fit.all && (fit.share >= 0.4 || (fit.starts && fit.all <= 5)),
        };
        if regular && best.as_ref().is_none_or(|(other, _)| fit.score > other.score) {
            best = Some((fit, dialect));
        }
    }
    best.map(|(fit, dialect)| Told { why: reason(&fit), dialect }).or_else(|| single_column(text, scattered, with("")))
}

fn fit(text: &str, whole: bool, dialect: &Dialect, weight: f64) -> Fit {
    let lines = lines(text, whole, dialect, LOOK);
    let rows: Vec<Vec<String>> = first_block(&lines).iter().map(|line| line.cells.clone()).collect();
    let rows: Vec<Vec<String>> = rows.into_iter().filter(|r| r.iter().any(|c| !c.trim().is_empty())).collect();
    let width = usual_width(&rows);
    let is_title = |r: &Vec<String>| r.len() < 2;
    let several = rows.iter().filter(|r| !is_title(r)).count();
    let usual = rows.iter().filter(|r| r.len() == width).count();
    // Titles and notes are lines of one field at the ends; they cost little as long as the others agree.
    let above = rows.iter().take_while(|r| is_title(r)).count();
    let below = rows.iter().rev().take_while(|r| is_title(r)).count();
    let between = rows.len().saturating_sub(above + below).max(1);
    let share = (usual as f64 / between as f64).min(1.0) * (0.4 + 0.6 * between as f64 / rows.len().max(1) as f64);
    let own = |c: &char| !dialect.delimiter.contains(&(*c as u8));
    let odd: Vec<char> = STRONG.into_iter().filter(own).chain(dialect.quote.map(char::from)).collect();
    let cells = || rows.iter().flatten();
    let clean = cells().filter(|cell| !cell.contains(odd.as_slice())).count() as f64 / cells().count().max(1) as f64;
    let score = share * share * weight * (1.0 + width as f64).ln() * (0.3 + 0.7 * clean);
    let starts = rows.first().is_some_and(|r| r.len() == width);
    Fit { score, share, clean, width, several, all: rows.len(), starts }
}

fn reason(fit: &Fit) -> Text {
    let (percent, width) = ((fit.share * 100.0).floor(), fit.width);
    Text::new(
        format!("以它分隔时，{percent}% 的行都是 {width} 个字段"),
        format!("with it {percent}% of the lines have {width} fields"),
    )
}

/// Lines that no delimiter cuts, as long as they are values rather than prose.
fn single_column(text: &str, scattered: f64, dialect: Dialect) -> Option<Told> {
    let longest = text.lines().map(str::len).max().unwrap_or(0);
    let small = text.lines().count() <= 2;
    ((scattered < 0.1 || small) && longest < 1024)
        .then(|| Told { dialect, why: Text::new("没有分隔符，每行是一个值", "no delimiter: each line is one value") })
}

/// Whether a delimiter only ever comes doubled: then the pair is the delimiter. Two commas are an empty field.
fn is_half(text: &str, delimiter: &str) -> bool {
    let doubled = delimiter.repeat(2);
    CANDIDATES.iter().any(|(other, _)| *other == doubled)
        && text.contains(&doubled)
        && text.matches(delimiter).count() == 2 * text.matches(&doubled).count()
}

/// Whether the blank of a delimiter belongs to the values: only quotes behind it tell that it does not.
fn is_blank_before(text: &str, delimiter: &str) -> bool {
    let Some(bare) = delimiter.strip_suffix(' ').filter(|bare| !bare.is_empty()) else {
        return false;
    };
    let behind = |delimiter: &str| text.matches(&format!("{delimiter}\"")).count();
    behind(delimiter) <= behind(bare)
}

/// The apostrophe quotes when fields that begin with it end with it too, and the lines agree better for it; where they
/// agree as well without, it must be around every value of some column.
fn quote_of(text: &str, whole: bool, plain: &Dialect) -> u8 {
    let delimiter = String::from_utf8_lossy(&plain.delimiter);
    if !text.contains('\'') || quoted_fields(text, &delimiter, b'\'') < 3 {
        return b'"';
    }
    let standard = lines(text, whole, plain, LOOK);
    let other = lines(text, whole, &Dialect { quote: Some(b'\''), ..plain.clone() }, LOOK);
    let (by_standard, by_other) = (agreement(&standard), agreement(&other));
    let quotes = by_other > by_standard || by_other == by_standard && has_quoted_column(&standard, '\'');
    if quotes { b'\'' } else { b'"' }
}

/// The share of the lines that have the usual number of fields.
fn agreement(lines: &[Line]) -> f64 {
    let rows: Vec<Vec<String>> = first_block(lines).iter().map(|line| line.cells.clone()).collect();
    let width = usual_width(&rows);
    rows.iter().filter(|row| row.len() == width).count() as f64 / rows.len().max(1) as f64
}

/// Whether all that stands in some column below the first line is quoted.
fn has_quoted_column(lines: &[Line], quote: char) -> bool {
    let body = first_block(lines).get(1..).unwrap_or_default();
    let width = body.iter().map(|line| line.cells.len()).max().unwrap_or(0);
    (0..width).any(|column| {
        let mut cells = body.iter().filter_map(|line| line.cells.get(column)).map(|cell| cell.trim()).filter(|c| !c.is_empty()).peekable();
        let inside = |cell: &str| cell.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).map(str::len);
        cells.peek().is_some() && cells.try_fold(0, |filled, cell| inside(cell).map(|length| filled + usize::from(length > 0))).is_some_and(|filled| filled > 1)
    })
}

/// How many fields are quoted; none when a good part of those that begin with the quote go on without an end.
fn quoted_fields(text: &str, delimiter: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let (mut opens, mut closes) = (0usize, 0usize);
    for at in memchr::memchr_iter(quote, bytes) {
        let before = bytes.get(..at).unwrap_or_default();
        let behind = bytes.get(at + 1..).unwrap_or_default();
        let edge = |byte: Option<&u8>| matches!(byte, None | Some(b'\n' | b'\r'));
        let delimited = !delimiter.is_empty();
        let begins = edge(before.last()) || delimited && before.ends_with(delimiter.as_bytes());
        let ends = edge(behind.first()) || delimited && behind.starts_with(delimiter.as_bytes());
        // A quote alone in its field is neither.
        opens += usize::from(begins && !ends);
        closes += usize::from(ends && !begins);
    }
    if closes * 10 >= opens * 8 && opens * 10 >= closes * 5 { opens.min(closes) } else { 0 }
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
    let Some(quote) = dialect.quote else {
        return false;
    };
    let pair = [b'\\', quote];
    let bytes = text.as_bytes();
    let (mut escapes, mut doubled) = (0usize, 0usize);
    for at in memchr::memmem::find_iter(bytes, &pair) {
        let behind = bytes.get(at + 2..).unwrap_or_default();
        let closes = behind.is_empty()
            || behind.starts_with(&dialect.delimiter)
            || matches!(behind.first(), Some(b'\n' | b'\r'));
        match behind.first() {
            Some(byte) if *byte == quote => doubled += 1,
            _ if !closes => escapes += 1,
            _ => {}
        }
    }
    escapes > doubled
}
