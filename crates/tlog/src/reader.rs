//! Reading a log's folder: entries, and proofs made from its tiles. Little is held in memory, whatever the log's size.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::checkpoint::Checkpoint;
use crate::error::{LogError, ProofError};
use crate::folder::{self, CHECKPOINT};
use crate::hash::{Hash, leaf_hash, root_over};
use crate::note::{NOTE_MOST, Note};
use crate::path::{Nodes, consistency_proof, inclusion_proof, verify_inclusion};
use crate::proof::ReceiptProof;
use crate::retain;
use crate::tile::{BUNDLE_MOST, Kind, TILE_WIDTH, Tile, bundle_entries, tile_hashes};

/// Tiles that are kept at hand: a proof over a tree of 2⁶³ leaves needs 16.
const AT_HAND: usize = 32;

/// The log in a folder as one checkpoint tells of it. It goes on holding while the log grows.
pub struct Reader {
    folder: PathBuf,
    note: Note,
    checkpoint: Checkpoint,
    /// The first entry that is kept.
    first: u64,
    tiles: Mutex<VecDeque<(Tile, Vec<Hash>)>>,
}

impl Reader {
    /// Opens the log as its checkpoint is now. Signatures are not looked at here: [`Note::verify`] and `verify` do that.
    ///
    /// Fails with [`LogError::Damaged`] when there is no checkpoint, with [`LogError::Note`] when it is none.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Reader, LogError> {
        let folder = folder.into();
        let bytes = folder::read(&folder.join(CHECKPOINT), NOTE_MOST as u64)?
            .ok_or_else(|| LogError::damaged(format!("没有检查点：{}", folder.display()), format!("there is no checkpoint: {}", folder.display())))?;
        let note = Note::parse(&bytes)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        let first = retain::first(&folder)?;
        Ok(Reader::with(folder, note, checkpoint, first))
    }

    pub(crate) fn with(folder: PathBuf, note: Note, checkpoint: Checkpoint, first: u64) -> Reader {
        Reader { folder, note, checkpoint, first, tiles: Mutex::default() }
    }

    /// The checkpoint that this reader stands on.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The same with its signatures.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Leaves of the tree.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// The first entry that is kept; of those before it only hashes are.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The entry of that index. Fails with [`LogError::Proof`] beyond the tree, with [`LogError::Forgotten`] where it is no longer
    /// kept, and with [`LogError::Damaged`] when the entry is not the one that the tree's leaf was made of.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, LogError> {
        if index >= self.size() {
            return Err(ProofError::OutOfRange { asked: index, size: self.size() }.into());
        }
        if index < self.first {
            return Err(LogError::Forgotten { asked: index, first: self.first });
        }
        let (bundle, bytes) = self.bundle(index / TILE_WIDTH)?;
        let entry = bundle_entries(&bytes).nth((index % TILE_WIDTH) as usize).and_then(Result::ok).ok_or_else(|| LogError::damaged_tile(&bundle))?;
        if leaf_hash(entry) != self.node(0, index)? {
            return Err(LogError::damaged_tile(&bundle));
        }
        Ok(entry.to_vec())
    }

    /// Goes through the entries from that index on, or from the first that is kept, a bundle in memory at a time. They are not
    /// compared with the tree.
    pub fn entries(&self, from: u64) -> Entries<'_> {
        Entries { reader: self, next: from.max(self.first), waiting: VecDeque::new() }
    }

    /// How the leaf of that index leads to the root of the tree of `size`, up to the reader's (RFC 6962, section 2.1.1).
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        self.within(size)?;
        inclusion_proof(self, index, size)
    }

    /// How the tree of size `old` is the beginning of that of size `new`, up to the reader's (RFC 6962, section 2.1.2).
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        self.within(new)?;
        consistency_proof(self, old, new)
    }

    /// The root of the tree when it had that size.
    pub fn root(&self, size: u64) -> Result<Hash, LogError> {
        self.within(size)?;
        crate::path::subtree_root(self, 0, size)
    }

    /// An entry with the proof to hand out with it: it is in the tree of this reader's checkpoint. That is verified before.
    pub fn receipt(&self, index: u64) -> Result<(Vec<u8>, ReceiptProof), LogError> {
        let entry = self.entry(index)?;
        let path = self.inclusion_proof(index, self.size())?;
        verify_inclusion(&leaf_hash(&entry), index, self.size(), &path, &self.checkpoint.root)?;
        Ok((entry, ReceiptProof { extra: None, index, path, checkpoint: self.note.clone() }))
    }

    fn within(&self, size: u64) -> Result<(), LogError> {
        if size > self.size() { Err(ProofError::OutOfRange { asked: size, size: self.size() }.into()) } else { Ok(()) }
    }

    fn bundle(&self, index: u64) -> Result<(Tile, Vec<u8>), LogError> {
        let tile = Tile::at(Kind::Entries, index, self.size()).ok_or(ProofError::OutOfRange { asked: index, size: self.size() })?;
        read_tile(&self.folder, tile, BUNDLE_MOST)?.map(|bytes| (tile, bytes)).ok_or_else(|| LogError::damaged_tile(&tile))
    }

    /// Looks into a tile of hashes.
    fn look<T>(&self, level: u8, index: u64, look: impl Fn(&[Hash]) -> Option<T>) -> Result<T, LogError> {
        let tile = Tile::at(Kind::Hashes(level), index, self.size()).ok_or(ProofError::OutOfRange { asked: index, size: self.size() })?;
        let mut tiles = self.tiles.lock().unwrap_or_else(|poison| poison.into_inner());
        if let Some(place) = tiles.iter().position(|(known, _)| *known == tile) {
            // The last used stays the longest.
            if let Some(known) = tiles.remove(place) {
                tiles.push_back(known);
            }
        } else {
            let bytes = read_tile(&self.folder, tile, TILE_WIDTH * 32)?.ok_or_else(|| LogError::damaged_tile(&tile))?;
            let mut hashes = tile_hashes(&bytes).filter(|hashes| hashes.len() >= tile.width.into()).ok_or_else(|| LogError::damaged_tile(&tile))?;
            hashes.truncate(tile.width.into());
            if tiles.len() >= AT_HAND {
                tiles.pop_front();
            }
            tiles.push_back((tile, hashes));
        }
        tiles.back().and_then(|(_, hashes)| look(hashes)).ok_or_else(|| LogError::damaged_tile(&tile))
    }
}

impl Nodes for Reader {
    type Error = LogError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, LogError> {
        let within = level % 8;
        let first = index.checked_shl(within.into()).unwrap_or(u64::MAX);
        let start = (first % TILE_WIDTH) as usize;
        self.look(level / 8, first / TILE_WIDTH, |hashes| hashes.get(start..start + (1 << within)).map(root_over))
    }
}

/// The entries of a log in their order, each with its index.
pub struct Entries<'r> {
    reader: &'r Reader,
    next: u64,
    waiting: VecDeque<Vec<u8>>,
}

impl Iterator for Entries<'_> {
    type Item = Result<(u64, Vec<u8>), LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.reader.size() {
            return None;
        }
        if self.waiting.is_empty() {
            let read = self.reader.bundle(self.next / TILE_WIDTH).and_then(|(bundle, bytes)| {
                let entries = bundle_entries(&bytes).take(bundle.width.into()).map(|entry| entry.map(<[u8]>::to_vec)).collect::<Result<VecDeque<_>, ()>>();
                entries.ok().filter(|entries| entries.len() == usize::from(bundle.width)).ok_or_else(|| LogError::damaged_tile(&bundle))
            });
            match read {
                Ok(entries) => self.waiting = entries.into_iter().skip((self.next % TILE_WIDTH) as usize).collect(),
                Err(error) => {
                    self.next = u64::MAX;
                    return Some(Err(error));
                }
            }
        }
        let index = self.next;
        self.next += 1;
        self.waiting.pop_front().map(|entry| Ok((index, entry)))
    }
}

/// The bytes of a tile or bundle; if it is partial and has gone since, those of the full one that has taken its place.
pub(crate) fn read_tile(folder: &Path, tile: Tile, most: u64) -> Result<Option<Vec<u8>>, LogError> {
    match folder::read(&folder.join(tile.path()), most)? {
        None if !tile.is_full() => folder::read(&folder.join(tile.full().path()), most),
        found => Ok(found),
    }
}
