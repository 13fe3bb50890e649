//! Entries on disk: one sorted file, found through a filter and the first hash of each block.
//!
//! Layout: blocks of [`BLOCK`] entries, each followed by its checksum; then the first hashes, the filter, and a trailer.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::filter::Filter;
use crate::check::Hash;

/// Entries read at once: about a page.
const BLOCK: usize = 64;
const CHECKSUM: usize = 8;
const TRAILER: usize = 40;
const MAGIC: u64 = 0x3147_4c44_524a_4e53;

/// What a ledger keeps of one row, in a fixed number of bytes.
pub trait Entry: Clone {
    const SIZE: usize;
    /// By which it is found and sorted.
    fn id(&self) -> &Hash;
    /// Appends exactly [`Entry::SIZE`] bytes.
    fn write(&self, to: &mut Vec<u8>);
    fn read(from: &[u8]) -> Option<Self>;
}

/// One sorted file.
pub struct Shelf<E> {
    file: File,
    path: PathBuf,
    entries: u64,
    firsts: Vec<u64>,
    filter: Filter,
    kind: PhantomData<E>,
}

/// The part of a hash that blocks are found by.
pub fn leading(id: &Hash) -> u64 {
    u64::from_be_bytes(*id.first_chunk::<8>().unwrap_or(&[0; 8]))
}

impl<E: Entry> Shelf<E> {
    const FULL: usize = BLOCK * E::SIZE + CHECKSUM;

    pub fn len(&self) -> u64 {
        self.entries
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn may_hold(&self, id: &Hash) -> bool {
        self.filter.may_hold(id)
    }

    /// Finds entries. The ids come sorted, so that neighbours share the reading of a block.
    pub fn find<'a>(&self, ids: impl Iterator<Item = &'a Hash>, mut found: impl FnMut(E)) -> io::Result<()> {
        let (mut block, mut held) = (Vec::new(), None);
        for id in ids {
            let mut at = self.firsts.partition_point(|first| *first < leading(id)).saturating_sub(1);
            while self.firsts.get(at).is_some_and(|first| *first <= leading(id)) {
                if held != Some(at) {
                    self.read_blocks(at, 1, &mut block)?;
                    held = Some(at);
                }
                let entries = block.chunks_exact(E::SIZE).take(self.in_block(at));
                if let Some(entry) = entries.filter_map(E::read).find(|entry| entry.id() == id) {
                    found(entry);
                    break;
                }
                at += 1;
            }
        }
        Ok(())
    }

    fn in_block(&self, at: usize) -> usize {
        usize::try_from(self.entries.saturating_sub((at * BLOCK) as u64)).unwrap_or(BLOCK).min(BLOCK)
    }

    /// Reads and proves blocks; only their entries stay in `into`.
    fn read_blocks(&self, at: usize, count: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let entries: usize = (at..at + count).map(|block| self.in_block(block)).sum();
        let length = entries * E::SIZE + entries.div_ceil(BLOCK) * CHECKSUM;
        into.resize(length, 0);
        self.file.read_exact_at(into, (at * Self::FULL) as u64)?;
        let mut from = 0;
        let mut to = 0;
        while from < length {
            let size = (length - from).min(Self::FULL) - CHECKSUM;
            let body = into.get(from..from + size).unwrap_or_default();
            let sum = into.get(from + size..from + size + CHECKSUM).and_then(<[u8]>::first_chunk::<8>);
            if sum.is_none_or(|sum| u64::from_le_bytes(*sum) != xxh3_64(body)) {
                return Err(damaged(&self.path));
            }
            into.copy_within(from..from + size, to);
            from += size + CHECKSUM;
            to += size;
        }
        into.truncate(to);
        Ok(())
    }

    /// All entries in their order.
    pub fn entries(&self) -> Entries<'_, E> {
        Entries { shelf: self, block: 0, bytes: Vec::new(), at: 0 }
    }

    /// Opens a file that [`Writer::finish`] left.
    pub fn open(path: &Path) -> io::Result<Shelf<E>> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let bad = || damaged(path);
        let mut trailer = [0; TRAILER];
        file.read_exact_at(&mut trailer, length.checked_sub(TRAILER as u64).ok_or_else(bad)?)?;
        let mut words = trailer.chunks_exact(8).filter_map(<[u8]>::first_chunk::<8>).map(|word| u64::from_le_bytes(*word));
        let mut word = || words.next().unwrap_or(0);
        let (entries, size, tail, sum, magic) = (word(), word(), word(), word(), word());
        let blocks = entries.div_ceil(BLOCK as u64);
        let body = entries.checked_mul(E::SIZE as u64).and_then(|bytes| bytes.checked_add(blocks * CHECKSUM as u64));
        let whole = body.and_then(|body| body.checked_add(tail)).and_then(|sum| sum.checked_add(TRAILER as u64));
        if magic != MAGIC || size != E::SIZE as u64 || whole != Some(length) || tail < blocks * 8 {
            return Err(bad());
        }
        let mut bytes = vec![0; usize::try_from(tail).map_err(|_| bad())?];
        file.read_exact_at(&mut bytes, body.unwrap_or(0))?;
        if xxh3_64(&bytes) != sum {
            return Err(bad());
        }
        let (firsts, filter) = bytes.split_at_checked(blocks as usize * 8).ok_or_else(bad)?;
        let firsts = firsts.chunks_exact(8).filter_map(<[u8]>::first_chunk::<8>).map(|word| u64::from_le_bytes(*word));
        Ok(Shelf {
            file,
            path: path.to_owned(),
            entries,
            firsts: firsts.collect(),
            filter: Filter::from_bytes(filter),
            kind: PhantomData,
        })
    }

    /// Lets go of the filter: without it, any id may be held.
    pub fn forget(&mut self) {
        self.filter = Filter::from_bytes(&[]);
    }

    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

fn damaged(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} has changed", path.display()))
}

/// Walks through a shelf in large steps.
pub struct Entries<'s, E> {
    shelf: &'s Shelf<E>,
    block: usize,
    bytes: Vec<u8>,
    at: usize,
}

impl<E: Entry> Entries<'_, E> {
    const STEP: usize = 256;
}

impl<E: Entry> Iterator for Entries<'_, E> {
    type Item = io::Result<E>;

    fn next(&mut self) -> Option<io::Result<E>> {
        if self.at >= self.bytes.len() {
            let left = self.shelf.firsts.len().saturating_sub(self.block).min(Self::STEP);
            if left == 0 {
                return None;
            }
            let read = self.shelf.read_blocks(self.block, left, &mut self.bytes);
            self.block += left;
            self.at = 0;
            if let Err(error) = read {
                self.block = self.shelf.firsts.len();
                self.bytes.clear();
                return Some(Err(error));
            }
        }
        let entry = self.bytes.get(self.at..self.at + E::SIZE).and_then(E::read);
        self.at += E::SIZE;
        entry.map(Ok)
    }
}

/// Writes a shelf; entries come in ascending order of their ids.
pub struct Writer<E> {
    out: BufWriter<File>,
    path: PathBuf,
    block: Vec<u8>,
    entries: u64,
    firsts: Vec<u64>,
    filter: Filter,
    kind: PhantomData<E>,
}

impl<E: Entry> Writer<E> {
    /// `room`: at most so many entries will come.
    pub fn create(path: &Path, room: u64) -> io::Result<Writer<E>> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        Ok(Writer {
            out: BufWriter::with_capacity(1 << 20, file),
            path: path.to_owned(),
            block: Vec::with_capacity(BLOCK * E::SIZE),
            entries: 0,
            firsts: Vec::new(),
            filter: Filter::with_room(room),
            kind: PhantomData,
        })
    }

    pub fn push(&mut self, entry: &E) -> io::Result<()> {
        if self.block.is_empty() {
            self.firsts.push(leading(entry.id()));
        }
        self.filter.add(entry.id());
        entry.write(&mut self.block);
        self.entries += 1;
        if self.block.len() == BLOCK * E::SIZE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.block)?;
        self.out.write_all(&xxh3_64(&self.block).to_le_bytes())?;
        self.block.clear();
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<Shelf<E>> {
        if !self.block.is_empty() {
            self.flush()?;
        }
        let (mut sum, mut tail) = (Xxh3::new(), 0);
        // Piece by piece: of a large table, firsts and filter are a hundred megabytes, and need not be there twice.
        let firsts = self.firsts.chunks(BLOCK).map(|some| some.iter().flat_map(|first| first.to_le_bytes()).collect());
        for piece in firsts.chain(self.filter.pieces()) {
            let piece: Vec<u8> = piece;
            sum.update(&piece);
            self.out.write_all(&piece)?;
            tail += piece.len() as u64;
        }
        for word in [self.entries, E::SIZE as u64, tail, sum.digest(), MAGIC] {
            self.out.write_all(&word.to_le_bytes())?;
        }
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Shelf { file, path: self.path, entries: self.entries, firsts: self.firsts, filter: self.filter, kind: PhantomData })
    }
}
