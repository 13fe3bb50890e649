//! Text that was encoded twice: UTF-8 that some program read as GBK or Latin and wrote as UTF-8 again (浣犲ソ, Ã©).
//! It is told from its form and restored when a declaration says so.

use std::io::{self, Read};

use encoding_rs::{Encoding, GB18030, WINDOWS_1252};

/// Characters beyond ASCII that must be there before anything is said.
const ENOUGH: usize = 6;
/// Characters looked at.
const LOOK: usize = 20_000;
/// Bytes read at once.
const CHUNK: usize = 1 << 16;

/// The encoding in between, from a declaration such as `utf-8 via gb18030`.
pub(super) fn declared(label: &str) -> Option<&'static Encoding> {
    let (inner, via) = label.split_once(" via ")?;
    let utf8 = Encoding::for_label(inner.trim().as_bytes()) == Some(encoding_rs::UTF_8);
    let via = Encoding::for_label(via.trim().as_bytes()).filter(|_| utf8)?;
    match via {
        _ if via == encoding_rs::GBK || via == GB18030 => Some(GB18030),
        _ if via == WINDOWS_1252 => Some(WINDOWS_1252),
        _ => None,
    }
}

/// The encoding that text seems to have gone through: written in it, nearly all of the text is UTF-8 again. Text that
/// is right hardly ever is, but for single characters.
pub(crate) fn suspected(text: &str) -> Option<&'static Encoding> {
    let beyond = || text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').take(LOOK);
    if beyond().count() < ENOUGH {
        return None;
    }
    [GB18030, WINDOWS_1252].into_iter().find(|via| {
        let mut bytes = Vec::new();
        if !beyond().all(|c| encode(c, via, &mut bytes)) {
            return false;
        }
        // Two Chinese bytes may be a Latin letter by chance; three in a row hardly ever are a character.
        let least = if *via == GB18030 { '\u{800}' } else { '\u{80}' };
        let letters = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars()).filter(|c| *c >= least);
        let valid: usize = letters.map(char::len_utf8).sum();
        valid * 10 >= bytes.len() * 7
    })
}

/// The bytes that a character came from.
fn encode(c: char, via: &'static Encoding, into: &mut Vec<u8>) -> bool {
    // It stands for bytes that were lost, although GB 18030 has a code for it.
    if c == '\u{fffd}' {
        return false;
    }
    let mut text = [0; 4];
    let (bytes, _, unknown) = via.encode(c.encode_utf8(&mut text));
    if !unknown {
        into.extend_from_slice(&bytes);
        return true;
    }
    // Programs that read as Latin 1 leave the codes unassigned in Windows' page as they are.
    let low = u8::try_from(u32::from(c)).ok().filter(|_| via == WINDOWS_1252);
    into.extend(low);
    low.is_some()
}

/// A stream of text encoded twice as the UTF-8 it was. What cannot be restored becomes a byte that is no UTF-8.
pub(crate) struct Restored {
    source: Box<dyn Read + Send>,
    via: &'static Encoding,
    /// The beginning of a character whose end has not been read.
    held: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
}

impl Restored {
    /// `source` gives UTF-8.
    pub fn new(source: Box<dyn Read + Send>, via: &'static Encoding) -> Restored {
        Restored { source, via, held: Vec::new(), ready: Vec::new(), given: 0 }
    }

    /// Restores one chunk more; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        let before = self.held.len();
        (&mut self.source).take(CHUNK as u64).read_to_end(&mut self.held)?;
        let ended = self.held.len() == before;
        self.ready.clear();
        self.given = 0;
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_slice();
        loop {
            let (text, error) = match std::str::from_utf8(rest) {
                Ok(text) => (text, None),
                Err(error) => (std::str::from_utf8(rest.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(), Some(error)),
            };
            self.restore(text);
            rest = rest.get(text.len()..).unwrap_or_default();
            match error.map(|error| error.error_len()) {
                None => break,
                Some(None) if !ended => {
                    self.held = rest.to_vec();
                    break;
                }
                Some(length) => {
                    self.ready.push(0xFF);
                    rest = rest.get(length.unwrap_or(rest.len())..).unwrap_or_default();
                }
            }
        }
        Ok(!ended)
    }

    fn restore(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_ascii() {
                self.ready.push(c as u8);
            } else if !encode(c, self.via, &mut self.ready) {
                self.ready.push(0xFF);
            }
        }
    }
}

impl Read for Restored {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if !self.more()? && self.ready.is_empty() {
                return Ok(0);
            }
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}
