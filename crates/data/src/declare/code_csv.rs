//! Code lists written as CSV: `value,title[,title_en][,parent][,aliases]`, aliases separated by `|`.
//! The title is the id, unless the first line is `# title`.

use std::ops::Range;

use kernel::nearest;

use super::document::{Document, Note};
use super::read::Declared;
use super::{Code, CodeList};

const COLUMNS: [&str; 5] = ["value", "title", "title_en", "parent", "aliases"];

/// Reads a code list; mistakes go to the document, each at its line.
pub(super) fn read<'a>(mut document: Document<'a>, id: &str) -> Declared<'a, CodeList> {
    let text = document.text;
    let mut list = CodeList {
        id: id.to_owned(),
        title: id.to_owned(),
        title_en: String::new(),
        norm: String::new(),
        codes: Vec::new(),
    };
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    if let Some(line) = text.get(at..).and_then(|rest| rest.lines().next())
        && let Some(title) = line.strip_prefix('#')
    {
        list.title = title.trim().to_owned();
        at += line.len();
    }
    let mut records = Records { text, at };
    let Some(header) = records.next() else {
        document.put_at(0..0, Note::error("文件是空的", "the file is empty").help(HEADER.0, HEADER.1));
        return Declared { document, value: list };
    };
    let columns = columns(&document, &header);
    let mut rows = Vec::new();
    for record in records {
        if let Some(fault) = record.unclosed.clone() {
            document.put_at(fault, Note::error("引号没有配对", "a quotation mark is not closed"));
        }
        if record.fields.len() > header.fields.len() {
            let (found, wanted) = (record.fields.len(), header.fields.len());
            document.put_at(
                record.span.clone(),
                Note::error(
                    format!("这一行有 {found} 列，表头只有 {wanted} 列"),
                    format!("this line has {found} columns, the header {wanted}"),
                )
                .help("含逗号的文字要加双引号", "put text with commas in quotation marks"),
            );
        }
        for needed in ["value", "title"] {
            if !columns.contains(&Some(needed)) {
                document.mark_broken(&format!("code.{}.{needed}", rows.len()));
            }
        }
        list.codes.push(code(&record, &columns));
        rows.push(record.span);
    }
    document.set_rows(rows);
    Declared { document, value: list }
}

const HEADER: (&str, &str) = (
    "表头应为 `value,title`，其后可有 `title_en`、`parent`、`aliases`",
    "the header should be `value,title`, then perhaps `title_en`, `parent`, `aliases`",
);

/// Which column of the file holds which field. A misspelt column is read as the one it was meant to be.
fn columns(document: &Document<'_>, header: &Record) -> Vec<Option<&'static str>> {
    let written = |known: &str| header.fields.iter().any(|(name, _)| name == known);
    let mut found = Vec::new();
    for (name, span) in &header.fields {
        let exact = COLUMNS.into_iter().find(|known| known == name);
        let meant = exact.or_else(|| nearest(name, COLUMNS.into_iter().filter(|known| !written(known))));
        if exact.is_none() {
            let note = Note::error(format!("表头没有 `{name}` 这一列"), format!("the header has no column `{name}`"));
            document.put_at(span.clone(), note.help(HEADER.0, HEADER.1).suggest(meant));
        }
        found.push(meant);
    }
    for needed in ["value", "title"] {
        if !found.contains(&Some(needed)) {
            let note =
                Note::error(format!("表头缺少 `{needed}` 列"), format!("the header lacks the column `{needed}`"));
            document.put_at(header.span.clone(), note.help(HEADER.0, HEADER.1));
        }
    }
    found
}

fn code(record: &Record, columns: &[Option<&'static str>]) -> Code {
    let mut code =
        Code { value: String::new(), title: String::new(), title_en: String::new(), aliases: Vec::new(), parent: None };
    for ((text, _), column) in record.fields.iter().zip(columns) {
        match *column {
            Some("value") => code.value.clone_from(text),
            Some("title") => code.title.clone_from(text),
            Some("title_en") => code.title_en.clone_from(text),
            Some("parent") if !text.is_empty() => code.parent = Some(text.clone()),
            Some("aliases") => {
                let each = text.split('|').map(str::trim).filter(|alias| !alias.is_empty());
                code.aliases = each.map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    code
}

struct Record {
    span: Range<usize>,
    fields: Vec<(String, Range<usize>)>,
    unclosed: Option<Range<usize>>,
}

/// The records of a comma-separated text (RFC 4180), blank lines left out.
struct Records<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            self.at += 1;
        }
        if self.at >= bytes.len() {
            return None;
        }
        let start = self.at;
        let mut record = Record { span: start..start, fields: Vec::new(), unclosed: None };
        loop {
            let from = self.at;
            let (field, closed) = self.field();
            if !closed {
                record.unclosed = Some(from..from + 1);
            }
            record.fields.push((field, from..self.at));
            if bytes.get(self.at) != Some(&b',') {
                break;
            }
            self.at += 1;
        }
        record.span = start..self.at;
        Some(record)
    }
}

impl Records<'_> {
    /// One field and whether its quotation marks are paired; stops at the comma or the line's end.
    fn field(&mut self) -> (String, bool) {
        let rest = self.text.get(self.at..).unwrap_or("");
        let Some(quoted) = rest.strip_prefix('"') else {
            let end = rest.find([',', '\n', '\r']).unwrap_or(rest.len());
            self.at += end;
            return (rest.get(..end).unwrap_or("").trim().to_owned(), true);
        };
        let mut field = String::new();
        let mut marks = quoted.char_indices().peekable();
        while let Some((at, c)) = marks.next() {
            if c != '"' {
                field.push(c);
            } else if marks.peek().is_some_and(|(_, next)| *next == '"') {
                field.push('"');
                marks.next();
            } else {
                let after = quoted.get(at + 1..).unwrap_or("");
                let tail = after.find([',', '\n', '\r']).unwrap_or(after.len());
                self.at += 1 + at + 1 + tail;
                return (field, after.get(..tail).unwrap_or("").trim().is_empty());
            }
        }
        self.at = self.text.len();
        (field, false)
    }
}
