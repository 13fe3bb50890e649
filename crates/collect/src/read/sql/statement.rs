//! The statements of a dump that matter: `CREATE TABLE`, for the columns, `INSERT` and `COPY`, for the rows.

use super::super::limits;
use super::lexer::{Lexer, Stop, Token};

/// What was met in the dump.
pub(crate) enum Event {
    /// A table's columns.
    Table(String, Definition),
    /// Rows of a table follow; the columns are those of the INSERT itself, empty when it names none.
    Insert(String, Vec<String>),
    /// Rows follow line by line in PostgreSQL's own form.
    Copy(String, Vec<String>),
    /// Rows follow in a form that is not read.
    Foreign,
    /// `COMMENT ON COLUMN table.column IS 'text'`
    Comment(String, String, String),
    End,
}

/// What CREATE TABLE says.
#[derive(Default)]
pub(crate) struct Definition {
    pub columns: Vec<String>,
    /// What the comments say of columns.
    pub titles: Vec<(String, String)>,
    /// Columns of the primary key.
    pub key: Vec<String>,
}

/// Goes to the next statement that matters.
pub(crate) fn next(lexer: &mut Lexer) -> Result<Event, Stop> {
    loop {
        let Some(token) = lexer.token()? else {
            return Ok(Event::End);
        };
        let Token::Word(word) = token else {
            if token != Token::Mark(b';') {
                lexer.skip_statement()?;
            }
            continue;
        };
        match word.to_ascii_uppercase().as_str() {
            "CREATE" => {
                if let Some(event) = create(lexer)? {
                    return Ok(event);
                }
            }
            "INSERT" | "REPLACE" => {
                if let Some(event) = insert(lexer)? {
                    return Ok(event);
                }
            }
            "COPY" => {
                if let Some(event) = copy(lexer)? {
                    return Ok(event);
                }
            }
            "COMMENT" => {
                if let Some(event) = comment(lexer)? {
                    return Ok(event);
                }
            }
            _ => lexer.skip_statement()?,
        }
    }
}

/// A name that may have its schema before it, and the token behind it.
fn name(lexer: &mut Lexer) -> Result<(Option<String>, Option<Token>), Stop> {
    let mut found = None;
    loop {
        match lexer.token()? {
            Some(Token::Name(part)) => found = Some(part),
            Some(Token::Word(part)) if found.is_none() || part.starts_with('.') => {
                // `db`.`t` comes as a name, a word `.` and a name; db.t as one word.
                let last = part.rsplit('.').next().unwrap_or_default();
                if !last.is_empty() {
                    found = Some(last.to_owned());
                }
            }
            other => return Ok((found, other)),
        }
    }
}

fn create(lexer: &mut Lexer) -> Result<Option<Event>, Stop> {
    // CREATE [TEMPORARY] TABLE [IF NOT EXISTS] name ( …
    loop {
        match lexer.token()? {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("TABLE") => break,
            Some(Token::Word(word)) if ["TEMPORARY", "TEMP", "UNLOGGED"].iter().any(|w| word.eq_ignore_ascii_case(w)) => {}
            Some(Token::Mark(b';')) | None => return Ok(None),
            _ => {
                lexer.skip_statement()?;
                return Ok(None);
            }
        }
    }
    let (mut table, mut behind) = name(lexer)?;
    while table.as_deref().is_some_and(|t| ["IF", "NOT", "EXISTS"].iter().any(|w| t.eq_ignore_ascii_case(w))) {
        match behind.take() {
            Some(Token::Word(word)) if ["NOT", "EXISTS"].iter().any(|w| word.eq_ignore_ascii_case(w)) => {
                (table, behind) = name(lexer)?;
            }
            Some(Token::Word(word)) => {
                table = Some(word.rsplit('.').next().unwrap_or_default().to_owned());
                behind = lexer.token()?;
            }
            other => {
                behind = other;
                break;
            }
        }
    }
    let Some(table) = table else {
        lexer.skip_statement()?;
        return Ok(None);
    };
    if behind != Some(Token::Mark(b'(')) {
        if behind != Some(Token::Mark(b';')) {
            lexer.skip_statement()?;
        }
        return Ok(None);
    }
    let definition = definition(lexer)?;
    lexer.skip_statement()?;
    Ok(Some(Event::Table(table, definition)))
}

/// `COPY name [(columns)] FROM stdin;` and the rest of its line.
fn copy(lexer: &mut Lexer) -> Result<Option<Event>, Stop> {
    let (table, behind) = name(lexer)?;
    let mut names = Vec::new();
    let mut token = behind;
    if token == Some(Token::Mark(b'(')) {
        loop {
            match lexer.token()? {
                Some(Token::Name(name) | Token::Word(name)) => names.push(name),
                Some(Token::Mark(b',')) => {}
                Some(Token::Mark(b')')) => break,
                None => return Err(Stop::CutOff),
                _ => {}
            }
        }
        token = lexer.token()?;
    }
    let (mut inside, mut foreign) = (false, false);
    while let Some(part) = &token {
        match part {
            Token::Mark(b';') => break,
            Token::Word(word) => {
                inside |= word.eq_ignore_ascii_case("stdin");
                foreign |= ["csv", "binary", "delimiter"].iter().any(|w| word.eq_ignore_ascii_case(w));
            }
            _ => {}
        }
        token = lexer.token()?;
    }
    let Some(table) = table.filter(|_| inside) else {
        return Ok(None);
    };
    lexer.line()?;
    Ok(Some(if foreign { Event::Foreign } else { Event::Copy(table, names) }))
}

/// `COMMENT ON COLUMN [schema.]table.column IS 'text';`
fn comment(lexer: &mut Lexer) -> Result<Option<Event>, Stop> {
    let (mut path, mut text, mut column) = (Vec::new(), None, false);
    loop {
        match lexer.token()? {
            None | Some(Token::Mark(b';')) => break,
            Some(Token::Word(word)) if ["ON", "IS"].iter().any(|w| word.eq_ignore_ascii_case(w)) => {}
            Some(Token::Word(word)) if path.is_empty() && word.eq_ignore_ascii_case("COLUMN") => column = true,
            Some(Token::Word(word)) => path.extend(word.split('.').filter(|p| !p.is_empty()).map(str::to_owned)),
            Some(Token::Name(name)) => path.push(name),
            Some(Token::Text(found)) => text = Some(found),
            Some(_) => {}
        }
    }
    Ok(match (column, text, path.as_slice()) {
        (true, Some(text), [.., table, name]) => Some(Event::Comment(table.clone(), name.clone(), text)),
        _ => None,
    })
}

/// The next row of the COPY being read; `None` behind its last.
pub(crate) fn copy_row(lexer: &mut Lexer) -> Result<Option<Tuple>, Stop> {
    let line = lexer.line;
    match lexer.line()? {
        None => Err(Stop::CutOff),
        Some(raw) if raw == b"\\." => Ok(None),
        Some(raw) => {
            let cells: Vec<Option<String>> = raw.split(|b| *b == b'\t').take(limits::FIELDS + 1).map(copy_cell).collect();
            if cells.len() > limits::FIELDS {
                return Err(Stop::TooLarge);
            }
            Ok(Some(Tuple { line, raw, cells }))
        }
    }
}

/// `\N` is null; a backslash escapes as in C.
fn copy_cell(cell: &[u8]) -> Option<String> {
    if cell == b"\\N" {
        return None;
    }
    let mut out = Vec::with_capacity(cell.len());
    let mut at = 0;
    while let Some(&byte) = cell.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escaped) = cell.get(at) else {
            out.push(byte);
            break;
        };
        at += 1;
        out.push(match escaped {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'0'..=b'7' => {
                let mut value = u32::from(escaped - b'0');
                while let Some(digit @ b'0'..=b'7') = cell.get(at).copied().filter(|_| value < 32) {
                    value = value * 8 + u32::from(digit - b'0');
                    at += 1;
                }
                u8::try_from(value & 0xFF).unwrap_or_default()
            }
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// What a definition says, up to its closing bracket.
fn definition(lexer: &mut Lexer) -> Result<Definition, Stop> {
    const OTHERS: [&str; 12] = [
        "PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL", "EXCLUDE", "LIKE", "PERIOD",
    ];
    let mut found = Definition::default();
    let (mut depth, mut words) = (1usize, Vec::<String>::new());
    // Whether the part being read is a column, and whether its next text is its comment.
    let (mut first, mut column, mut titled) = (true, false, false);
    while depth > 0 {
        let token = lexer.token()?.ok_or(Stop::CutOff)?;
        match token {
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') => depth -= 1,
            Token::Mark(b',') if depth == 1 => {
                first = true;
                words.clear();
                continue;
            }
            Token::Name(name) if first => {
                column = true;
                found.columns.push(name);
            }
            Token::Word(word) if first => {
                column = !OTHERS.iter().any(|o| word.eq_ignore_ascii_case(o));
                if column {
                    found.columns.push(word);
                } else {
                    words.push(word.to_ascii_uppercase());
                }
            }
            Token::Text(text) if titled && column => {
                found.titles.extend(found.columns.last().cloned().map(|name| (name, text)));
            }
            Token::Word(word) => {
                titled = word.eq_ignore_ascii_case("COMMENT");
                words.push(word.to_ascii_uppercase());
                let primary = matches!(words.as_slice(), [.., before, last] if before == "PRIMARY" && last == "KEY");
                if primary && column {
                    found.key.extend(found.columns.last().cloned());
                }
                if !column && depth == 2 && words.iter().any(|w| w == "PRIMARY") {
                    found.key.push(word);
                }
                first = false;
                continue;
            }
            Token::Name(name) if !column && depth == 2 && words.iter().any(|w| w == "PRIMARY") => found.key.push(name),
            _ => {}
        }
        (first, titled) = (false, false);
    }
    Ok(found)
}

fn insert(lexer: &mut Lexer) -> Result<Option<Event>, Stop> {
    // INSERT [LOW_PRIORITY | DELAYED | IGNORE | OR REPLACE…] [INTO] name [(columns)] VALUES
    let mut table = None;
    loop {
        match lexer.token()? {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("INTO") => table = None,
            Some(Token::Word(word)) if table.is_some() && is_values(&word) => return Ok(table.map(|t| Event::Insert(t, Vec::new()))),
            Some(Token::Word(word)) => {
                let last = word.rsplit('.').next().unwrap_or_default();
                if !last.is_empty() {
                    table = Some(last.to_owned());
                }
            }
            Some(Token::Name(name)) => table = Some(name),
            Some(Token::Mark(b'(')) => break,
            None | Some(Token::Mark(b';')) => return Ok(None),
            _ => {
                lexer.skip_statement()?;
                return Ok(None);
            }
        }
    }
    let mut names = Vec::new();
    loop {
        match lexer.token()? {
            Some(Token::Name(name) | Token::Word(name)) => names.push(name),
            Some(Token::Mark(b',')) => {}
            Some(Token::Mark(b')')) => break,
            None => return Err(Stop::CutOff),
            _ => {
                lexer.skip_statement()?;
                return Ok(None);
            }
        }
    }
    match (lexer.token()?, table) {
        (Some(Token::Word(word)), Some(table)) if is_values(&word) => Ok(Some(Event::Insert(table, names))),
        // INSERT … SELECT has no rows in it.
        (Some(Token::Mark(b';')) | None, _) => Ok(None),
        _ => {
            lexer.skip_statement()?;
            Ok(None)
        }
    }
}

fn is_values(word: &str) -> bool {
    word.eq_ignore_ascii_case("VALUES") || word.eq_ignore_ascii_case("VALUE")
}

/// One row of an INSERT.
pub(crate) struct Tuple {
    pub line: u64,
    pub raw: Vec<u8>,
    pub cells: Vec<Option<String>>,
}

/// The next row of the INSERT being read; `None` behind its last. `keep`: fill in cells and raw.
pub(crate) fn tuple(lexer: &mut Lexer, keep: bool) -> Result<Option<Tuple>, Stop> {
    loop {
        match lexer.ahead()? {
            Some(b',') => {
                lexer.token()?;
            }
            Some(b'(') => break,
            Some(b';') => {
                lexer.token()?;
                return Ok(None);
            }
            None => return Ok(None),
            // ON DUPLICATE KEY UPDATE…, or a comment before the next row.
            Some(b'-' | b'/') => {
                if lexer.token()?.is_none() {
                    return Ok(None);
                }
            }
            Some(_) => {
                lexer.skip_statement()?;
                return Ok(None);
            }
        }
    }
    let line = lexer.line;
    lexer.record();
    lexer.token()?;
    let mut cells = Vec::new();
    let (mut cell, mut depth) = (Cell::default(), 1usize);
    loop {
        let token = lexer.token()?.ok_or(Stop::CutOff)?;
        match token {
            Token::Mark(b',') if depth == 1 && cells.len() + 2 > limits::FIELDS => return Err(Stop::TooLarge),
            Token::Mark(b',') if depth == 1 => cells.push(std::mem::take(&mut cell).finish()),
            Token::Mark(b')') if depth == 1 => {
                cells.push(cell.finish());
                break;
            }
            Token::Mark(b'(') => {
                depth += 1;
                cell.push("(");
            }
            Token::Mark(b')') => {
                depth -= 1;
                cell.push(")");
            }
            Token::Mark(mark) => cell.push(&char::from(mark).to_string()),
            Token::Word(word) => cell.word(word),
            // In MySQL a text may stand in double quotes as well.
            Token::Text(text) | Token::Name(text) => cell.text(text),
        }
    }
    let raw = lexer.recorded();
    Ok(Some(if keep { Tuple { line, raw, cells } } else { Tuple { line, raw: Vec::new(), cells: Vec::new() } }))
}

/// One value being put together; an expression stays as written.
#[derive(Default)]
struct Cell {
    parts: Vec<String>,
    null: bool,
    text: bool,
}

impl Cell {
    fn push(&mut self, part: &str) {
        self.parts.push(part.to_owned());
    }

    fn word(&mut self, word: String) {
        self.null = self.parts.is_empty() && word.eq_ignore_ascii_case("NULL");
        self.parts.push(word);
    }

    fn text(&mut self, text: String) {
        // _utf8'…', N'…' and _binary '…' only say how the text is coded.
        let introduced = self.parts.len() == 1
            && self.parts.first().is_some_and(|p| p.starts_with('_') || p.eq_ignore_ascii_case("N") || p.eq_ignore_ascii_case("E"));
        if introduced {
            self.parts.clear();
        }
        self.text = true;
        self.parts.push(text);
    }

    fn finish(mut self) -> Option<String> {
        match (self.parts.len(), self.null && !self.text) {
            (1, true) => None,
            (1, false) => self.parts.pop(),
            _ => Some(self.parts.concat()),
        }
    }
}
