//! Texts by which rows tell their versions: appended, never changed; most of them lie in a file.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes in memory before they go to the file.
const IN_MEMORY: usize = 8 << 20;

/// All texts in a row, each behind its length.
pub struct Texts {
    path: Option<PathBuf>,
    file: Option<File>,
    /// Bytes in the file; what follows is in memory.
    written: u64,
    tail: Vec<u8>,
}

impl Texts {
    pub fn new() -> Texts {
        Texts { path: None, file: None, written: 0, tail: Vec::new() }
    }

    pub fn spill(&mut self, folder: &Path) {
        self.path = Some(folder.join("texts"));
    }

    /// Keeps a text; gives the place where it is found again.
    pub fn push(&mut self, text: &str) -> io::Result<i64> {
        if self.tail.len() > IN_MEMORY {
            self.to_disk()?;
        }
        let place = self.written + self.tail.len() as u64;
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.tail.extend_from_slice(&length.to_le_bytes());
        self.tail.extend_from_slice(text.as_bytes());
        i64::try_from(place).map_err(io::Error::other)
    }

    pub fn get(&self, place: i64) -> io::Result<String> {
        let place = u64::try_from(place).map_err(io::Error::other)?;
        let mut length = [0; 4];
        self.read(place, &mut length)?;
        let mut text = vec![0; u32::from_le_bytes(length) as usize];
        self.read(place + 4, &mut text)?;
        String::from_utf8(text).map_err(io::Error::other)
    }

    fn read(&self, place: u64, into: &mut [u8]) -> io::Result<()> {
        if let Some(start) = place.checked_sub(self.written) {
            let start = usize::try_from(start).map_err(io::Error::other)?;
            let found = self.tail.get(start..start + into.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            into.copy_from_slice(found);
            return Ok(());
        }
        self.file.as_ref().ok_or(io::ErrorKind::NotFound)?.read_exact_at(into, place)
    }

    fn to_disk(&mut self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        if self.file.is_none() {
            self.file = Some(File::options().read(true).append(true).create(true).open(path)?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.tail)?;
            self.written += self.tail.len() as u64;
            self.tail.clear();
        }
        Ok(())
    }

    /// Brings everything to disk, durable. Gives the length.
    pub fn close(&mut self) -> io::Result<u64> {
        self.to_disk()?;
        if let Some(file) = &self.file {
            file.sync_all()?;
        }
        Ok(self.written)
    }

    /// Takes up what [`Texts::close`] left.
    pub fn reopen(&mut self, length: u64) -> io::Result<()> {
        let Some(path) = self.path.as_ref().filter(|_| length > 0) else { return Ok(()) };
        let file = File::options().read(true).append(true).open(path)?;
        if file.metadata()?.len() != length {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.written = length;
        self.file = Some(file);
        Ok(())
    }
}
