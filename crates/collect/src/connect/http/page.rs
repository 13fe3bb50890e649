//! One answer, taken down into a temporary file: however long it is, memory stays small, and a transfer that broke off
//! can go on where it stopped.

use std::fs::File;
use std::io::{self, BufReader, Write};

use reqwest::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED,
};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

/// What a server answered.
pub struct Page {
    pub spool: NamedTempFile,
    pub length: u64,
    /// XXH3-128 of the content, in hex.
    pub hash: String,
    /// Nothing but white space.
    pub blank: bool,
    pub headers: HeaderMap,
}

impl Page {
    pub fn content_type(&self) -> &str {
        header(&self.headers, CONTENT_TYPE).unwrap_or_default()
    }

    pub fn version(&self) -> Version {
        Version::of(&self.headers)
    }

    /// The content once more.
    pub fn reader(&self) -> io::Result<BufReader<File>> {
        Ok(BufReader::new(self.spool.reopen()?))
    }
}

/// By what a server knows one state of a content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    pub etag: Option<String>,
    pub modified: Option<String>,
}

impl Version {
    fn of(headers: &HeaderMap) -> Version {
        let text = |name| header(headers, name).map(str::to_owned);
        Version { etag: text(ETAG), modified: text(LAST_MODIFIED) }
    }
}

/// An answer on its way.
pub struct Arriving {
    spool: NamedTempFile,
    hash: Xxh3,
    pub length: u64,
    blank: bool,
    headers: HeaderMap,
}

impl Arriving {
    pub fn new(headers: &HeaderMap) -> io::Result<Arriving> {
        let spool = NamedTempFile::new()?;
        Ok(Arriving { spool, hash: Xxh3::new(), length: 0, blank: true, headers: headers.clone() })
    }

    pub fn push(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.spool.write_all(chunk)?;
        self.hash.update(chunk);
        self.length += chunk.len() as u64;
        self.blank = self.blank && chunk.iter().all(u8::is_ascii_whitespace);
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<Page> {
        self.spool.flush()?;
        let hash = format!("{:032x}", self.hash.digest128());
        Ok(Page { spool: self.spool, length: self.length, hash, blank: self.blank, headers: self.headers })
    }

    /// The tag under which the rest may be asked for; `None` when the server cannot go on in the middle, or the bytes
    /// that came are not those that it counts (it had compressed them).
    pub fn resumable(&self) -> Option<&str> {
        let counts = self.headers.contains_key(CONTENT_LENGTH) && header(&self.headers, ACCEPT_RANGES) == Some("bytes");
        header(&self.headers, ETAG).filter(|etag| counts && self.length > 0 && !etag.starts_with("W/"))
    }

    /// Whether an answer with status 206 goes on just where this one stopped.
    pub fn goes_on(&self, headers: &HeaderMap) -> bool {
        let range = header(headers, CONTENT_RANGE).and_then(|range| range.strip_prefix("bytes "));
        range.and_then(|range| range.split('-').next()?.parse().ok()) == Some(self.length)
    }
}

pub fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
