//! The directory of a zip, and its members as streams.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use zip::{CompressionMethod, ZipArchive};

use super::super::input::{self, Counted};
use super::super::limits;
use super::{Entry, Place, damaged, decode_name, ratio, refuse_path, too_many_entries};
use crate::CollectError;

/// Reads the directory of an archive after making sure that it is harmless.
pub(crate) fn entries(path: &Path, name: &str) -> Result<Vec<Entry>, CollectError> {
    let mut file = File::open(path).map_err(|e| input::failure(name, &e))?;
    if declared_entries(&mut file).map_err(|e| input::failure(name, &e))? > limits::ENTRIES {
        return Err(too_many_entries(name));
    }
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(name, &e.to_string()))?;
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|e| damaged(name, &e.to_string()))?;
        if entry.is_dir() {
            continue;
        }
        let shown = decode_name(entry.name_raw());
        let deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => continue,
        };
        if entry.encrypted() {
            return Err(CollectError::new(
                "archive.encrypted",
                name,
                format!("压缩包有密码（{shown}），请去掉密码后重新送达"),
                format!("the archive is protected by a password ({shown}); deliver it without one"),
            ));
        }
        refuse_path(name, &shown)?;
        let (size, packed, header, crc) = (entry.size(), entry.compressed_size(), entry.header_start(), entry.crc32());
        if size > limits::RATIO_FROM && size / packed.max(1) > limits::RATIO {
            return Err(ratio(name));
        }
        found.push(Entry { name: shown, size, place: Place::Zip { packed, start: header, deflated, crc } });
    }
    let mut file = archive.into_inner();
    for entry in &mut found {
        if let Place::Zip { start, .. } = &mut entry.place {
            *start = data_start(&mut file, *start).map_err(|e| damaged(name, &e.to_string()))?;
        }
    }
    Ok(found)
}

/// The number of entries that the archive's last record states, before anything is allocated for them.
fn declared_entries(file: &mut File) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = length.min(66_000);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut end = Vec::new();
    file.take(tail).read_to_end(&mut end)?;
    file.seek(SeekFrom::Start(0))?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06");
    let count = at.and_then(|at| end.get(at + 10..at + 12)).and_then(|b| <[u8; 2]>::try_from(b).ok());
    Ok(count.map_or(0, |b| u64::from(u16::from_le_bytes(b))))
}

/// Skips the local header, whose lengths may differ from those in the directory.
fn data_start(file: &mut (impl Read + Seek), header: u64) -> io::Result<u64> {
    let mut fixed = [0; 30];
    file.seek(SeekFrom::Start(header))?;
    file.read_exact(&mut fixed)?;
    let [.., n0, n1, e0, e1] = fixed;
    Ok(header + 30 + u64::from(u16::from_le_bytes([n0, n1])) + u64::from(u16::from_le_bytes([e0, e1])))
}

/// A member as a stream; its length and checksum are compared at the end.
pub(crate) fn open_entry(
    path: &Path,
    name: &str,
    entry: &Entry,
    consumed: Arc<AtomicU64>,
) -> Result<Box<dyn Read + Send>, CollectError> {
    let mut file = File::open(path).map_err(|e| input::failure(name, &e))?;
    let (start, length) = match entry.place {
        Place::Zip { start, packed, .. } => (start, packed),
        Place::Tar { start, .. } => (start, entry.size),
    };
    file.seek(SeekFrom::Start(start)).map_err(|e| input::failure(name, &e))?;
    let stored = BufReader::with_capacity(1 << 16, Counted { inner: file.take(length), count: consumed });
    let (deflated, expected) = match entry.place {
        Place::Zip { deflated, crc, .. } => (deflated, Some(crc)),
        Place::Tar { .. } => (false, None),
    };
    let inner: Box<dyn Read + Send> =
        if deflated { Box::new(flate2::bufread::DeflateDecoder::new(stored)) } else { Box::new(stored) };
    Ok(Box::new(Checked { inner, name: name.to_owned(), left: entry.size, expected, crc: flate2::Crc::new() }))
}

struct Checked {
    inner: Box<dyn Read + Send>,
    name: String,
    left: u64,
    /// A tar has no checksum of contents.
    expected: Option<u32>,
    crc: flate2::Crc,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if n == 0 && !buffer.is_empty() {
            if self.left > 0 || self.expected.is_some_and(|sum| sum != self.crc.sum()) {
                return Err(io::Error::other(damaged(&self.name, "CRC-32")));
            }
            return Ok(0);
        }
        self.left = match self.left.checked_sub(n as u64) {
            Some(left) => left,
            None => return Err(io::Error::other(damaged(&self.name, "size"))),
        };
        self.crc.update(buffer.get(..n).unwrap_or_default());
        Ok(n)
    }
}
