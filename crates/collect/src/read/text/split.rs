//! Cuts text into records and records into fields: RFC 4180, and the ways in which files depart from it.

use super::super::limits;
use super::fixed;

/// How fields and records are set apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// One or more bytes of UTF-8.
    pub delimiter: Vec<u8>,
    /// `\n` (with or without `\r` before it), or `\r` alone.
    pub newline: u8,
    /// `"`, or another character that does its work; `None`: quotes are text.
    pub quote: Option<u8>,
    /// `\"` stands for a quote inside quotes, and `\\` for a backslash.
    pub backslash: bool,
    /// Where columns of fixed width begin; empty for delimited text.
    pub columns: Vec<usize>,
}

/// One field of a record: where it lies in the text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
    /// Holds doubled or escaped quotes, which [`Dialect::unescape`] takes away.
    pub escaped: bool,
}

/// What was found at the place asked about. Ends are offsets behind the record and its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A whole record. `newlines`: physical lines it ends or spans.
    Record { end: usize, newlines: u64 },
    /// The text ends before the record does.
    Incomplete,
    /// A quote opens and never closes properly.
    Unclosed,
}

enum Field {
    /// Ends before a delimiter at this offset.
    Delimited(usize),
    /// Ends the record; offset of the line end (or of the end of all text).
    Last(usize),
    Incomplete,
    Unclosed,
}

impl Dialect {
    /// Cuts the record that starts at `start`. `whole`: no text follows after this.
    pub fn cut(&self, text: &[u8], start: usize, whole: bool, spans: &mut Vec<Span>) -> Cut {
        spans.clear();
        let rest = text.get(start..).unwrap_or_default();
        let line_end = memchr::memchr(self.newline, rest);
        let line = match line_end {
            Some(length) => rest.get(..length).unwrap_or_default(),
            None if whole => rest,
            None => return Cut::Incomplete,
        };
        if let Some(quote) = self.quote.filter(|quote| memchr::memchr(*quote, line).is_some()) {
            return self.cut_quoted(quote, text, start, whole, spans);
        }
        let bare = self.without_return(line);
        match self.columns.as_slice() {
            [] => self.split_plain(bare, start, spans),
            columns => fixed::cut(bare, start, columns, spans),
        }
        Cut::Record { end: start + line.len() + usize::from(line_end.is_some()), newlines: u64::from(line_end.is_some()) }
    }

    fn without_return<'t>(&self, line: &'t [u8]) -> &'t [u8] {
        // Some programs write a second one.
        match line.strip_suffix(b"\r") {
            Some(bare) if self.newline == b'\n' => bare.strip_suffix(b"\r").unwrap_or(bare),
            _ => line,
        }
    }

    fn split_plain(&self, line: &[u8], offset: usize, spans: &mut Vec<Span>) {
        let mut from = 0;
        match self.delimiter.as_slice() {
            [byte] => {
                for at in memchr::memchr_iter(*byte, line) {
                    spans.push(Span { start: offset + from, end: offset + at, escaped: false });
                    from = at + 1;
                }
            }
            [] => {}
            long => {
                for at in memchr::memmem::find_iter(line, long) {
                    spans.push(Span { start: offset + from, end: offset + at, escaped: false });
                    from = at + long.len();
                }
            }
        }
        spans.push(Span { start: offset + from, end: offset + line.len(), escaped: false });
    }

    /// Cuts one physical line whatever its quotes do: those that open and never close are text.
    pub fn cut_line(&self, line: &[u8], spans: &mut Vec<Span>) {
        spans.clear();
        if !self.columns.is_empty() {
            return fixed::cut(line, 0, &self.columns, spans);
        }
        let mut at = 0;
        loop {
            let quote = self.quote.filter(|quote| line.get(at) == Some(quote));
            let mut field = match quote {
                Some(quote) => self.quoted_field(quote, line, at, true, spans, &mut 0),
                None => self.plain_field(line, at, true, spans),
            };
            if matches!(field, Field::Unclosed) {
                field = self.plain_field(line, at, true, spans);
            }
            match field {
                Field::Delimited(end) => at = end + self.delimiter.len(),
                _ => return,
            }
        }
    }

    fn cut_quoted(&self, quote: u8, text: &[u8], start: usize, whole: bool, spans: &mut Vec<Span>) -> Cut {
        let mut at = start;
        let mut newlines = 0;
        loop {
            let field = if text.get(at) == Some(&quote) {
                self.quoted_field(quote, text, at, whole, spans, &mut newlines)
            } else {
                self.plain_field(text, at, whole, spans)
            };
            match field {
                Field::Delimited(end) => at = end + self.delimiter.len(),
                Field::Last(end) if end >= text.len() => return Cut::Record { end, newlines },
                Field::Last(end) => return Cut::Record { end: end + 1, newlines: newlines + 1 },
                Field::Incomplete => return Cut::Incomplete,
                Field::Unclosed => return Cut::Unclosed,
            }
        }
    }

    /// The next delimiter or line end from `from` on.
    fn boundary(&self, text: &[u8], from: usize, whole: bool) -> Field {
        let first = self.delimiter.first().copied().unwrap_or(self.newline);
        let mut at = from;
        while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(first, self.newline, rest)) {
            at += found;
            if text.get(at) == Some(&self.newline) {
                return Field::Last(at);
            }
            if text.get(at..).is_some_and(|rest| rest.starts_with(&self.delimiter)) {
                return Field::Delimited(at);
            }
            at += 1;
        }
        if whole { Field::Last(text.len()) } else { Field::Incomplete }
    }

    fn plain_field(&self, text: &[u8], start: usize, whole: bool, spans: &mut Vec<Span>) -> Field {
        let field = self.boundary(text, start, whole);
        match field {
            Field::Delimited(end) => spans.push(Span { start, end, escaped: false }),
            Field::Last(end) => {
                let bare = self.without_return(text.get(start..end).unwrap_or_default()).len();
                spans.push(Span { start, end: start + bare, escaped: false });
            }
            _ => {}
        }
        field
    }

    fn quoted_field(
        &self,
        quote: u8,
        text: &[u8],
        open: usize,
        whole: bool,
        spans: &mut Vec<Span>,
        newlines: &mut u64,
    ) -> Field {
        let mut escaped = false;
        let mut at = open + 1;
        let close = loop {
            let rest = text.get(at..).unwrap_or_default();
            let next = if self.backslash { memchr::memchr2(quote, b'\\', rest) } else { memchr::memchr(quote, rest) };
            let Some(found) = next else {
                let endless = whole || text.len() - open > limits::TEXT_FIELD;
                return if endless { self.loose_field(quote, text, open, whole, spans) } else { Field::Incomplete };
            };
            at += found;
            let follows = text.get(at + 1);
            if text.get(at) == Some(&b'\\') && self.backslash || follows == Some(&quote) {
                escaped = true;
                at += 2;
            } else if follows.is_none() && !whole {
                return Field::Incomplete;
            } else {
                break at;
            }
        };
        let behind = text.get(close + 1..).unwrap_or_default();
        if !whole && behind.len() <= self.delimiter.len().max(2) {
            return Field::Incomplete;
        }
        match self.behind_quote(text, close + 1) {
            Some(field) => {
                let inside = text.get(open + 1..close).unwrap_or_default();
                *newlines += memchr::memchr_iter(self.newline, inside).count() as u64;
                spans.push(Span { start: open + 1, end: close, escaped });
                field
            }
            None => self.loose_field(quote, text, open, whole, spans),
        }
    }

    /// How a field ends whose closing quote lies before `at`; `None` when something else follows.
    fn behind_quote(&self, text: &[u8], at: usize) -> Option<Field> {
        let behind = text.get(at..).unwrap_or_default();
        if behind.starts_with(&self.delimiter) && !self.delimiter.is_empty() {
            return Some(Field::Delimited(at));
        }
        let once = if self.newline == b'\n' { behind.strip_prefix(b"\r").unwrap_or(behind) } else { behind };
        let bare = if once.starts_with(b"\r\n") && self.newline == b'\n' { once.get(1..).unwrap_or(once) } else { once };
        match bare.first() {
            None => Some(Field::Last(text.len())),
            Some(byte) if *byte == self.newline => Some(Field::Last(text.len() - bare.len())),
            Some(_) => None,
        }
    }

    /// A quoted field whose inner quotes are not escaped: it ends at the first quote before a delimiter or the line
    /// end, unless another quoted field begins before that. Without such an end, a quote that has another one on its
    /// line is text; one that has none opens and never closes.
    fn loose_field(&self, quote: u8, text: &[u8], open: usize, whole: bool, spans: &mut Vec<Span>) -> Field {
        let rest = text.get(open + 1..).unwrap_or_default();
        let line_end = match memchr::memchr(self.newline, rest) {
            Some(length) => open + 1 + length,
            None if whole => text.len(),
            None => return Field::Incomplete,
        };
        let line = text.get(..line_end).unwrap_or_default();
        let mut alone = true;
        for found in memchr::memchr_iter(quote, line.get(open + 1..).unwrap_or_default()) {
            let at = open + 1 + found;
            if let Some(field) = self.behind_quote(text, at + 1).filter(|_| at + 1 <= line_end) {
                spans.push(Span { start: open + 1, end: at, escaped: true });
                return field;
            }
            let before = line.get(open + 1..at).unwrap_or_default();
            if !self.delimiter.is_empty() && before.ends_with(&self.delimiter) {
                break;
            }
            alone = false;
        }
        if alone { Field::Unclosed } else { self.plain_field(text, open, whole, spans) }
    }

    /// Takes the escaping of quotes away.
    pub fn unescape(&self, field: &str, into: &mut String) {
        into.clear();
        let mut chars = field.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let quote = self.quote.map(char::from);
            let pair = match c {
                '\\' if self.backslash => next.is_some() && (next == quote || next == Some('\\')),
                _ => Some(c) == quote && next == quote,
            };
            if pair {
                chars.next();
                into.push(next.unwrap_or(c));
            } else {
                into.push(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, newline: u8, backslash: bool) -> Vec<Vec<String>> {
        let dialect = Dialect { delimiter: b",".to_vec(), newline, quote: Some(b'"'), backslash, columns: Vec::new() };
        let (mut at, mut spans, mut out, mut scratch) = (0, Vec::new(), Vec::new(), String::new());
        while at < text.len() {
            match dialect.cut(text.as_bytes(), at, true, &mut spans) {
                Cut::Record { end, .. } => {
                    let record = spans.iter().map(|s| {
                        let raw = &text[s.start..s.end];
                        if s.escaped { dialect.unescape(raw, &mut scratch); scratch.clone() } else { raw.to_owned() }
                    });
                    out.push(record.collect());
                    at = end;
                }
                other => {
                    out.push(vec![format!("{other:?}")]);
                    break;
                }
            }
        }
        out
    }

    #[test]
    fn records_and_fields_are_cut_as_written() {
        for (text, newline, backslash, expected) in [
            ("a,b\r\n1,2", b'\n', false, vec![vec!["a", "b"], vec!["1", "2"]]),
            ("a,\"x,\"\"y\"\"\nz\",c\n1,2,3\n", b'\n', false, vec![vec!["a", "x,\"y\"\nz", "c"], vec!["1", "2", "3"]]),
            ("a,\"x\"\r\n", b'\n', false, vec![vec!["a", "x"]]),
            ("a,b\r\"c\rd\",e\r", b'\r', false, vec![vec!["a", "b"], vec!["c\rd", "e"]]),
            ("\"say \\\"hi\\\"\",b\n", b'\n', true, vec![vec!["say \"hi\"", "b"]]),
            ("\"C:\\\",b\n", b'\n', false, vec![vec!["C:\\", "b"]]),
            ("5\" pipe,b\n", b'\n', false, vec![vec!["5\" pipe", "b"]]),
            ("\"a\" b,c\n", b'\n', false, vec![vec!["\"a\" b", "c"]]),
            ("a,\"b\"\r\r\nc,d\r\r\n", b'\n', false, vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\"\",\n", b'\n', false, vec![vec!["", ""]]),
            ("\"abc,1\n2,3\n", b'\n', false, vec![vec!["Unclosed"]]),
            ("\"abc,1\n2,\"x\"\n", b'\n', false, vec![vec!["Unclosed"]]),
        ] {
            assert_eq!(read(text, newline, backslash), expected, "{text:?}");
        }
    }
}
