//! The window over a text file: UTF-8 text to cut, and beside it the original bytes that it came from.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::super::limits;

pub(crate) struct Buffer {
    source: Box<dyn Read + Send>,
    encoding: &'static Encoding,
    /// Absent when the file is UTF-8 itself: then the text is the original.
    decoder: Option<Decoder>,
    text: Vec<u8>,
    at: usize,
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
}

impl Buffer {
    /// `head`: bytes already taken from the stream, without the byte order mark.
    pub fn new(encoding: &'static Encoding, head: Vec<u8>, source: Box<dyn Read + Send>) -> Buffer {
        Buffer {
            source: Box::new(io::Cursor::new(head).chain(source)),
            encoding,
            decoder: (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling()),
            text: Vec::new(),
            at: 0,
            raw: Vec::new(),
            raw_at: 0,
            ended: false,
        }
    }

    /// The text not yet taken.
    pub fn text(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// No more text follows than [`Buffer::text`].
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Reads one chunk more behind what is there.
    pub fn fill(&mut self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        self.text.drain(..self.at);
        self.at = 0;
        self.raw.drain(..self.raw_at);
        self.raw_at = 0;
        let into = if self.decoder.is_some() { &mut self.raw } else { &mut self.text };
        let before = into.len();
        let read = (&mut self.source).take(limits::CHUNK as u64).read_to_end(into)?;
        self.ended = read == 0;
        if let Some(decoder) = &mut self.decoder {
            let new = self.raw.get(before..).unwrap_or_default();
            let mut decoded = String::with_capacity(decoder.max_utf8_buffer_length(new.len()).unwrap_or(new.len() * 3 + 16));
            let _ = decoder.decode_to_string(new, &mut decoded, self.ended);
            self.text.extend_from_slice(decoded.as_bytes());
        }
        Ok(())
    }

    /// Takes `length` bytes of text that end `newlines` lines; [`Buffer::original`] gives the bytes they came from.
    pub fn take(&mut self, length: usize, newline: u8, newlines: u64) -> Taken {
        let start = self.at;
        self.at = (self.at + length).min(self.text.len());
        if self.decoder.is_none() {
            return Taken { start, end: self.at, raw: false };
        }
        let raw_start = self.raw_at;
        // A line without an end is only ever taken together with all that is there.
        let last = newlines == 0 || (self.ended && self.at == self.text.len());
        self.raw_at = if last { self.raw.len() } else { self.raw_lines(newline, newlines) };
        Taken { start: raw_start, end: self.raw_at, raw: true }
    }

    /// The text of the `length` bytes taken last.
    pub fn behind(&self, length: usize) -> &[u8] {
        self.text.get(self.at.saturating_sub(length)..self.at).unwrap_or_default()
    }

    /// The original bytes of what was taken last.
    pub fn original(&self, taken: Taken) -> &[u8] {
        let from = if taken.raw { &self.raw } else { &self.text };
        from.get(taken.start..taken.end).unwrap_or_default()
    }

    /// The text as such, unless some of its original bytes could not be decoded.
    pub fn readable<'t>(&self, text: &'t [u8], raw: &[u8]) -> Option<&'t str> {
        let text = std::str::from_utf8(text).ok()?;
        let doubtful = self.decoder.is_some() && memchr::memmem::find(text.as_bytes(), "\u{fffd}".as_bytes()).is_some();
        // The replacement character may stand in the source itself; only decoding it again tells.
        let decodes = || self.encoding.decode_without_bom_handling_and_without_replacement(raw).is_some();
        (!doubtful || decodes()).then_some(text)
    }

    /// Where the `lines`-th line end from here lies in the original bytes. A line end is the same byte in every
    /// encoding but UTF-16, and never part of another character.
    fn raw_lines(&self, newline: u8, lines: u64) -> usize {
        let rest = self.raw.get(self.raw_at..).unwrap_or_default();
        let Some(nth) = usize::try_from(lines).ok().and_then(|n| n.checked_sub(1)) else {
            return self.raw_at;
        };
        let found = match self.encoding {
            e if e == UTF_16LE => wide_lines(rest, [newline, 0]).nth(nth).map(|at| at + 2),
            e if e == UTF_16BE => wide_lines(rest, [0, newline]).nth(nth).map(|at| at + 2),
            _ => memchr::memchr_iter(newline, rest).nth(nth).map(|at| at + 1),
        };
        self.raw_at + found.unwrap_or(rest.len())
    }
}

fn wide_lines(raw: &[u8], unit: [u8; 2]) -> impl Iterator<Item = usize> + '_ {
    raw.chunks_exact(2).enumerate().filter(move |(_, pair)| *pair == unit).map(|(i, _)| i * 2)
}

/// A stretch of the window.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    start: usize,
    end: usize,
    raw: bool,
}
