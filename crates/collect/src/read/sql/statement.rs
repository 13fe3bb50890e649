//! The two statements of a dump that matter: `CREATE TABLE`, for the columns, and `INSERT`, for the rows.

use super::lexer::{Lexer, Stop, Token};

/// What was met in the dump.
pub(crate) enum Event {
    /// A table's columns.
    Table(String, Vec<String>),
    /// Rows of a table follow; the columns are those of the INSERT itself, empty when it names none.
    Insert(String, Vec<String>),
    /// Rows follow in PostgreSQL's own form.
    Copy,
    End,
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
                name(lexer)?;
                return Ok(Event::Copy);
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
    let columns = columns(lexer)?;
    lexer.skip_statement()?;
    Ok(Some(Event::Table(table, columns)))
}

/// The column names of a definition, up to its closing bracket.
fn columns(lexer: &mut Lexer) -> Result<Vec<String>, Stop> {
    const OTHERS: [&str; 12] = [
        "PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL", "EXCLUDE", "LIKE", "PERIOD",
    ];
    let (mut columns, mut depth, mut first) = (Vec::new(), 1usize, true);
    while depth > 0 {
        match lexer.token()? {
            None => return Err(Stop::CutOff),
            Some(Token::Mark(b'(')) => depth += 1,
            Some(Token::Mark(b')')) => depth -= 1,
            Some(Token::Mark(b',')) if depth == 1 => {
                first = true;
                continue;
            }
            Some(Token::Name(name)) if first => columns.push(name),
            Some(Token::Word(word)) if first && !OTHERS.iter().any(|o| word.eq_ignore_ascii_case(o)) => columns.push(word),
            _ => {}
        }
        first = false;
    }
    Ok(columns)
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
