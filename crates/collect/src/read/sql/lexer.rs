//! Reads a dump token by token from a stream. Nothing is ever executed.

use std::io::{self, Read};

use super::super::limits;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare word or number: `INSERT`, `NULL`, `-3.5`.
    Word(String),
    /// A name in backticks, double quotes or brackets.
    Name(String),
    /// A text in single quotes, unescaped.
    Text(String),
    /// `( ) , ; = …`
    Mark(u8),
}

#[derive(Debug)]
pub(crate) enum Stop {
    Io(io::Error),
    /// The dump ends inside a quote or a comment.
    CutOff,
    /// One row is larger than it may be.
    TooLarge,
}

pub(crate) struct Lexer {
    source: Box<dyn Read + Send>,
    window: Vec<u8>,
    at: usize,
    filled: usize,
    /// 1-based line of the next byte.
    pub line: u64,
    /// Backslashes escape inside texts, as in MySQL.
    backslash: bool,
    /// The original bytes since [`Lexer::record`].
    recorded: Option<Vec<u8>>,
}

impl Lexer {
    pub fn new(source: Box<dyn Read + Send>, backslash: bool) -> Lexer {
        Lexer { source, window: vec![0; 1 << 16], at: 0, filled: 0, line: 1, backslash, recorded: None }
    }

    /// Starts keeping the bytes read, from the next one on.
    pub fn record(&mut self) {
        self.recorded = Some(Vec::new());
    }

    /// The bytes since [`Lexer::record`].
    pub fn recorded(&mut self) -> Vec<u8> {
        self.recorded.take().unwrap_or_default()
    }

    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        while self.at == self.filled {
            match self.source.read(&mut self.window) {
                Ok(0) => return Ok(None),
                Ok(n) => (self.at, self.filled) = (0, n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Stop::Io(e)),
            }
        }
        Ok(self.window.get(self.at).copied())
    }

    fn next_byte(&mut self) -> Result<Option<u8>, Stop> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.at += 1;
            self.line += u64::from(byte == b'\n');
            if let Some(kept) = &mut self.recorded {
                if kept.len() >= limits::RECORD {
                    return Err(Stop::TooLarge);
                }
                kept.push(byte);
            }
        }
        Ok(byte)
    }

    /// The rest of the line, without its end; `None` at the end of the dump.
    pub fn line(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        if self.peek()?.is_none() {
            return Ok(None);
        }
        let mut line = Vec::new();
        loop {
            match self.next_byte()? {
                None | Some(b'\n') => break,
                Some(byte) => line.push(byte),
            }
            if line.len() > limits::RECORD {
                return Err(Stop::TooLarge);
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    fn skip_line(&mut self) -> Result<(), Stop> {
        while !matches!(self.next_byte()?, None | Some(b'\n')) {}
        Ok(())
    }

    fn skip_comment(&mut self) -> Result<(), Stop> {
        let mut before = 0;
        loop {
            match self.next_byte()? {
                None => return Err(Stop::CutOff),
                Some(b'/') if before == b'*' => return Ok(()),
                Some(byte) => before = byte,
            }
        }
    }

    /// Looks at the next token's first byte, behind blanks and comments.
    pub fn ahead(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.next_byte()?;
                }
                Some(b'#') => self.skip_line()?,
                other => return Ok(other),
            }
        }
    }

    /// The next token; `None` at the end. Comments are left out.
    pub fn token(&mut self) -> Result<Option<Token>, Stop> {
        loop {
            let Some(byte) = self.ahead()? else {
                return Ok(None);
            };
            self.next_byte()?;
            return Ok(Some(match byte {
                b'-' if self.peek()? == Some(b'-') => {
                    self.skip_line()?;
                    continue;
                }
                b'/' if self.peek()? == Some(b'*') => {
                    self.next_byte()?;
                    self.skip_comment()?;
                    continue;
                }
                b'\'' => Token::Text(self.quoted(b'\'', self.backslash)?),
                b'`' => Token::Name(self.quoted(b'`', false)?),
                b'"' => Token::Name(self.quoted(b'"', self.backslash)?),
                b'[' => Token::Name(self.quoted(b']', false)?),
                b if is_word(b) || b == b'-' || b == b'+' => Token::Word(self.word(b)?),
                other => Token::Mark(other),
            }));
        }
    }

    fn word(&mut self, first: u8) -> Result<String, Stop> {
        let mut word = vec![first];
        while let Some(byte) = self.peek()? {
            // A sign belongs to a number's exponent only.
            let exponent = matches!(byte, b'-' | b'+')
                && matches!(word.last(), Some(b'e' | b'E'))
                && word.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'));
            if !is_word(byte) && !exponent || word.len() >= limits::NAME {
                break;
            }
            word.push(byte);
            self.next_byte()?;
        }
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    fn quoted(&mut self, close: u8, backslash: bool) -> Result<String, Stop> {
        let mut text = Vec::new();
        loop {
            let byte = self.next_byte()?.ok_or(Stop::CutOff)?;
            if text.len() > limits::RECORD {
                return Err(Stop::TooLarge);
            }
            if byte == b'\\' && backslash {
                let escaped = self.next_byte()?.ok_or(Stop::CutOff)?;
                match escaped {
                    b'n' => text.push(b'\n'),
                    b'r' => text.push(b'\r'),
                    b't' => text.push(b'\t'),
                    b'0' => text.push(0),
                    b'b' => text.push(8),
                    b'Z' => text.push(26),
                    b'%' | b'_' => text.extend([b'\\', escaped]),
                    other => text.push(other),
                }
            } else if byte == close {
                if self.peek()? != Some(close) {
                    return Ok(String::from_utf8_lossy(&text).into_owned());
                }
                self.next_byte()?;
                text.push(close);
            } else {
                text.push(byte);
            }
        }
    }

    /// Goes behind the end of the statement.
    pub fn skip_statement(&mut self) -> Result<(), Stop> {
        while !matches!(self.token()?, None | Some(Token::Mark(b';'))) {}
        Ok(())
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'@') || byte >= 0x80
}
