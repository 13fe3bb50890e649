//! One file of a city folder with the place of each of its values, so that every mistake can be pointed at.
//!
//! A value's place is written as a dotted path: `collect.mode`, `item.3.standard`.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

use kernel::Text;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Severity};

/// A mistake without its place yet.
pub(super) struct Note {
    severity: Severity,
    message: Text,
    help: Option<Text>,
    suggestion: Option<String>,
}

impl Note {
    pub fn error(zh: impl Into<String>, en: impl Into<String>) -> Note {
        Note { severity: Severity::Error, message: Text::new(zh, en), help: None, suggestion: None }
    }

    pub fn warning(zh: impl Into<String>, en: impl Into<String>) -> Note {
        Note { severity: Severity::Warning, ..Note::error(zh, en) }
    }

    pub fn help(self, zh: impl Into<String>, en: impl Into<String>) -> Note {
        Note { help: Some(Text::new(zh, en)), ..self }
    }

    /// Adds the name the writer probably meant.
    pub fn suggest(self, name: Option<&str>) -> Note {
        Note { suggestion: name.map(str::to_owned), ..self }
    }
}

/// Where the values of a file stand.
enum Places<'a> {
    Toml(Spanned<DeTable<'a>>),
    /// A code list in CSV: row `n` is the place of `code.n`.
    Rows(Vec<Range<usize>>),
    /// No structure known.
    Nothing,
}

/// So many mistakes of one file are told; who has mended them checks again.
const MOST: usize = 500;

/// A file being checked; collects its diagnostics.
pub(super) struct Document<'a> {
    pub path: &'a str,
    pub text: &'a str,
    line_starts: Vec<usize>,
    places: Places<'a>,
    /// Paths already reported as wrong in shape: what stands there is a stand-in, nobody's mistake.
    broken: RefCell<HashSet<String>>,
    found: RefCell<Vec<Diagnostic>>,
}

impl<'a> Document<'a> {
    pub fn new(path: &'a str, text: &'a str) -> Document<'a> {
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        Document {
            path,
            text,
            line_starts,
            places: Places::Nothing,
            broken: RefCell::default(),
            found: RefCell::default(),
        }
    }

    /// Reads the text as TOML, as much of it as can be read; answers with the syntax errors.
    pub fn parse_toml(&mut self) -> Vec<toml::de::Error> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        self.places = Places::Toml(root);
        errors
    }

    /// Reads the text inside a leading comment as TOML, the rest of the file being something else.
    pub fn parse_head(&mut self, head: &'a str) -> Vec<toml::de::Error> {
        let (root, errors) = DeTable::parse_recoverable(head);
        self.places = Places::Toml(root);
        errors
    }

    pub fn set_rows(&mut self, rows: Vec<Range<usize>>) {
        self.places = Places::Rows(rows);
    }

    pub fn root(&self) -> Option<&DeTable<'a>> {
        match &self.places {
            Places::Toml(root) => Some(root.get_ref()),
            _ => None,
        }
    }

    /// Puts a mistake at the value of `path`, or at the nearest thing around it that exists.
    pub fn put(&self, path: &str, note: Note) {
        if !self.is_broken(path) {
            self.put_at(self.span(path), note);
        }
    }

    /// Puts a mistake at a part, in bytes, of the text `value` that stands at `path`. Where the file writes the value in
    /// another way than letter by letter, all of it is meant.
    pub fn put_inside(&self, path: &str, value: &str, part: Range<usize>, note: Note) {
        if self.is_broken(path) {
            return;
        }
        let span = self.span(path);
        let inside = self.text.get(span.clone()).and_then(|raw| raw.find(value)).filter(|_| !value.is_empty());
        match inside {
            Some(at) => self.put_at(span.start + at + part.start..span.start + at + part.end, note),
            None => self.put_at(span, note),
        }
    }

    /// Puts a mistake at a byte range of the text.
    pub fn put_at(&self, span: Range<usize>, note: Note) {
        if !self.is_full() {
            self.found.borrow_mut().push(self.locate(span, note));
        }
    }

    /// Whether no more mistakes are taken.
    pub fn is_full(&self) -> bool {
        self.found.borrow().len() >= MOST
    }

    /// Marks a path as reported, so that the rules do not complain about the same thing again.
    pub fn mark_broken(&self, path: &str) {
        self.broken.borrow_mut().insert(path.to_owned());
    }

    /// Whether what stands at a path is a stand-in.
    pub fn is_broken(&self, path: &str) -> bool {
        let broken = self.broken.borrow();
        let mut head = path;
        loop {
            if broken.contains(head) {
                return true;
            }
            match head.rfind('.') {
                Some(at) => head = head.get(..at).unwrap_or(""),
                None => return false,
            }
        }
    }

    /// The byte at a line and column (1-based, the column in bytes).
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        (start + column.saturating_sub(1)).min(self.text.len())
    }

    /// All diagnostics, in the order of the file.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|d| (d.line, d.column, d.severity));
        found
    }

    fn span(&self, path: &str) -> Range<usize> {
        match &self.places {
            Places::Nothing => 0..0,
            Places::Rows(rows) => row_of(path).and_then(|n| rows.get(n)).cloned().unwrap_or(0..0),
            Places::Toml(root) => toml_span(root.get_ref(), path),
        }
    }

    fn locate(&self, span: Range<usize>, note: Note) -> Diagnostic {
        let start = self.boundary(span.start);
        let line = self.line_starts.partition_point(|at| *at <= start).max(1);
        let line_start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let line_end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        let excerpt = self.text.get(line_start..line_end).unwrap_or("").trim_end_matches('\r');
        // A mistake past the last visible character is shown right after it.
        let visible = line_start + excerpt.len();
        let start = start.min(visible);
        let count = |range: Range<usize>| self.text.get(range).map_or(0, |text| text.chars().count());
        let end = self.boundary(span.end).min(visible).max(start);
        Diagnostic {
            severity: note.severity,
            file: self.path.to_owned(),
            line,
            column: count(line_start..start) + 1,
            excerpt: excerpt.chars().take(2000).collect(),
            length: count(start..end),
            message: note.message,
            help: note.help,
            suggestion: note.suggestion,
        }
    }

    /// The nearest character boundary at or before a byte.
    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn row_of(path: &str) -> Option<usize> {
    path.strip_prefix("code.")?.split('.').next()?.parse().ok()
}

/// Where a path's value stands; a path that ends early gives the last thing that exists.
fn toml_span(root: &DeTable<'_>, path: &str) -> Range<usize> {
    let mut span = 0..0;
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    let Some((key, value)) = steps.next().and_then(|step| root.get_key_value(step)) else { return span };
    let mut here = value;
    span = place(key, value);
    for step in steps {
        match here.get_ref() {
            DeValue::Table(table) => match table.get_key_value(step) {
                Some((key, value)) => (here, span) = (value, place(key, value)),
                None => break,
            },
            DeValue::Array(array) => match step.parse().ok().and_then(|n: usize| array.get(n)) {
                Some(value) => (here, span) = (value, value.span()),
                None => break,
            },
            _ => break,
        }
    }
    span
}

/// A plain value is pointed at itself; a table or list by its key, since it may run over many lines.
fn place<K>(key: &Spanned<K>, value: &Spanned<DeValue<'_>>) -> Range<usize> {
    match value.get_ref() {
        DeValue::Table(_) | DeValue::Array(_) => key.span(),
        _ => value.span(),
    }
}
