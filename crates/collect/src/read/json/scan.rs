//! Reads JSON text from a stream value by value, holding no more than the value asked for.

use std::io::{self, Read};

use super::super::limits;

/// What stopped the reading.
#[derive(Debug)]
pub(crate) enum Stop {
    Io(io::Error),
    /// Not JSON, or cut off: what was expected.
    Broken(&'static str),
    /// One value is larger than it may be.
    TooLarge,
    /// One object has more keys than a table may have fields.
    TooManyNames,
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Stop {
        Stop::Io(e)
    }
}

pub(crate) struct Scan {
    source: Box<dyn Read + Send>,
    window: Vec<u8>,
    at: usize,
    filled: usize,
    /// 1-based line of the next byte.
    pub line: u64,
}

impl Scan {
    pub fn new(source: Box<dyn Read + Send>) -> Scan {
        Scan { source, window: vec![0; 1 << 16], at: 0, filled: 0, line: 1 }
    }

    fn rest(&self) -> &[u8] {
        self.window.get(self.at..self.filled).unwrap_or_default()
    }

    /// Makes sure that there is a next byte; false at the end.
    fn ready(&mut self) -> Result<bool, Stop> {
        while self.at == self.filled {
            match self.source.read(&mut self.window) {
                Ok(0) => return Ok(false),
                Ok(n) => (self.at, self.filled) = (0, n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Stop::Io(e)),
            }
        }
        Ok(true)
    }

    /// The next byte that is no blank, left in place; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            if !self.ready()? {
                return Ok(None);
            }
            match self.rest().first().copied() {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r') => {}
                other => return Ok(other),
            }
            self.at += 1;
        }
    }

    /// Whether another document follows, behind a byte order mark or not: files of one document each are glued together.
    pub fn another(&mut self) -> Result<bool, Stop> {
        while self.eat(0xEF)? {
            self.expect(0xBB, "a document")?;
            self.expect(0xBF, "a document")?;
        }
        Ok(self.peek()?.is_some())
    }

    /// Takes the next byte that is no blank when it is `wanted`.
    pub fn eat(&mut self, wanted: u8) -> Result<bool, Stop> {
        let found = self.peek()? == Some(wanted);
        self.at += usize::from(found);
        Ok(found)
    }

    pub fn expect(&mut self, wanted: u8, what: &'static str) -> Result<(), Stop> {
        if self.eat(wanted)? { Ok(()) } else { Err(Stop::Broken(what)) }
    }

    /// The key of the next member and its colon.
    pub fn key(&mut self) -> Result<String, Stop> {
        if self.peek()? != Some(b'"') {
            return Err(Stop::Broken("a key in quotes"));
        }
        let mut raw = Vec::new();
        self.value(Some(&mut raw), limits::NAME)?;
        self.expect(b':', ": after a key")?;
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        super::value::unescape(inner).map(std::borrow::Cow::into_owned).ok_or(Stop::Broken("a key in UTF-8"))
    }

    /// Copies the next value, or skips it. Only its brackets and quotes are checked.
    pub fn value(&mut self, mut into: Option<&mut Vec<u8>>, limit: usize) -> Result<(), Stop> {
        let first = self.peek()?.ok_or(Stop::Broken("a value"))?;
        if !matches!(first, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') {
            return Err(Stop::Broken("a value"));
        }
        let mut state = State { depth: 0, quoted: false, escaped: false, scalar: !matches!(first, b'{' | b'[' | b'"') };
        let mut taken = 0;
        loop {
            if !self.ready()? {
                let complete = state.scalar && state.depth == 0;
                return if complete { Ok(()) } else { Err(Stop::Broken("the end of a value; the file is cut off")) };
            }
            let rest = self.window.get(self.at..self.filled).unwrap_or_default();
            let (used, done) = state.run(rest);
            let part = rest.get(..used).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', part).count() as u64;
            taken += used;
            if let Some(into) = &mut into {
                if taken > limit {
                    return Err(Stop::TooLarge);
                }
                into.extend_from_slice(part);
            }
            self.at += used;
            if done {
                return Ok(());
            }
        }
    }
}

/// Where inside a value the reading is, so that it can go on in the next window.
struct State {
    depth: usize,
    quoted: bool,
    escaped: bool,
    scalar: bool,
}

impl State {
    /// Bytes of the value in `rest`, and whether it ends with them.
    fn run(&mut self, rest: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(&byte) = rest.get(at) {
            if self.quoted {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                match memchr::memchr2(b'"', b'\\', rest.get(at..).unwrap_or_default()) {
                    None => return (rest.len(), false),
                    Some(found) => at += found,
                }
                self.escaped = rest.get(at) == Some(&b'\\');
                self.quoted = self.escaped;
                at += 1;
                if !self.quoted && self.depth == 0 {
                    return (at, true);
                }
                continue;
            }
            match byte {
                b'"' => self.quoted = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.scalar => return (at, true),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (at + 1, true);
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.scalar => return (at, true),
                _ => {}
            }
            at += 1;
        }
        (rest.len(), false)
    }
}
