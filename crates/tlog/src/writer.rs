//! The one writer of a log: appends batches, and answers when they are published on disk for good.
//!
//! The order is what makes it safe. Bundles and tiles are written and flushed, files and folders; they are read back and
//! hashed again; only then the checkpoint is signed, flushed beside the old one, and takes its place. So whatever call
//! the process dies at, the checkpoint tells of nothing that is not there. A signed checkpoint that waits beside the old
//! one is taken up by whoever opens the log next: it might have been seen, and a log must never sign another of that size.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use kernel::Text;

use crate::checkpoint::Checkpoint;
use crate::error::LogError;
use crate::folder::{self, CHECKPOINT, NEXT, Unflushed};
use crate::hash::{EMPTY_ROOT, Hash, leaf_hash};
use crate::key::Verifier;
use crate::note::{NOTE_MOST, Note};
use crate::recover::{Edge, load, sweep};
use crate::retain;
use crate::signer::Signer;
use crate::submit;
use crate::tile::{BUNDLE_MOST, ENTRY_MOST, Kind, TILE_WIDTH, Tile, bundle_entries, tile_bytes};

/// Tells the seconds since 1970. It is asked when a checkpoint is signed, for the signatures that say when.
pub type Clock = Box<dyn Fn() -> u64 + Send>;

/// What an append has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The index of the batch's first entry; the others follow.
    pub first: u64,
    /// Leaves of the tree now.
    pub size: u64,
    pub root: Hash,
}

/// The right to append to the log in a folder. Nobody else has it as long as this lives.
pub struct Writer {
    folder: PathBuf,
    origin: String,
    signers: Vec<Signer>,
    now: Clock,
    edge: Edge,
    /// The checkpoint that is published, as signed.
    note: Note,
    /// Something went wrong midway: before the next batch, look at what there is.
    unsure: bool,
    _lock: File,
}

/// A batch on its way: what was written, to be compared with what is then found.
struct Batch {
    edge: Edge,
    hashes: Vec<(Tile, Vec<Hash>)>,
    bundles: Vec<Tile>,
    unflushed: Unflushed,
}

impl Writer {
    /// Opens the log in a folder, or begins one there, and publishes its empty tree. What a process that died has left behind
    /// is cleared away.
    ///
    /// Fails with [`LogError::Locked`] while another has it, with [`LogError::Note`] when the checkpoint is not of this origin
    /// and signed by one of the keys, with [`LogError::Damaged`] when the right edge of the tree does not fit it.
    pub fn open(folder: impl Into<PathBuf>, origin: &str, signers: Vec<Signer>, now: Clock) -> Result<Writer, LogError> {
        let folder = folder.into();
        let mut made = Unflushed::default();
        made.make_folder(&folder)?;
        made.flush()?;
        let lock = folder::lock(&folder)?;
        let note = Note { text: String::new(), signatures: Vec::new() };
        let mut writer = Writer { folder, origin: origin.to_owned(), signers, now, edge: Edge::empty(), note, unsure: true, _lock: lock };
        writer.recover()?;
        Ok(writer)
    }

    /// Leaves of the tree that is published.
    pub fn size(&self) -> u64 {
        self.edge.frontier.size()
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.edge.frontier.root()
    }

    /// The checkpoint that is published, with all its signatures.
    pub fn checkpoint(&self) -> &Note {
        &self.note
    }

    /// The folder that holds the log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The public keys of those that sign.
    pub fn verifiers(&self) -> Vec<Verifier> {
        self.signers.iter().map(|signer| signer.verifier().clone()).collect()
    }

    /// Appends entries and gives back where they are, once the checkpoint over them is on disk.
    ///
    /// Fails with [`LogError::TooLong`] for entries over [`ENTRY_MOST`] bytes, with [`LogError::Io`] when the disk refuses,
    /// with [`LogError::Damaged`] when it does not give back what was written. The published log is then as it was (unless it was
    /// the last flush that failed: then the batch may come to stay), and the next append may succeed.
    pub fn append(&mut self, entries: &[impl AsRef<[u8]>]) -> Result<Appended, LogError> {
        if let Some(long) = entries.iter().map(|entry| entry.as_ref().len()).find(|length| *length > ENTRY_MOST) {
            let (zh, en) = (format!("条目长 {long} 字节，最多 {ENTRY_MOST} 字节"), format!("an entry has {long} bytes; it may have {ENTRY_MOST}"));
            return Err(LogError::TooLong(Text::new(zh, en)));
        }
        if self.unsure {
            self.recover()?;
        }
        let first = self.size();
        if entries.is_empty() {
            return Ok(Appended { first, size: first, root: self.root() });
        }
        if first.saturating_add(entries.len() as u64) > i64::MAX as u64 {
            return Err(LogError::TooLong(Text::new("日志已满", "the log is full")));
        }
        self.unsure = true;
        let written = self.write(entries).and_then(|batch| self.check(&batch).map(|()| batch));
        // On a disk that is full, what came of the batch is in everybody's way. If it stays, the next append removes it.
        let batch = written.inspect_err(|_| drop(sweep(&self.folder, first)))?;
        let root = batch.edge.frontier.root();
        let size = batch.edge.frontier.size();
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root, extensions: Vec::new() };
        let note = checkpoint.sign(&self.signers, (self.now)())?;
        folder::replace(&self.folder, NEXT, CHECKPOINT, note.to_string().as_bytes())?;
        self.edge = batch.edge;
        self.note = note;
        self.unsure = false;
        // What a full tile has made needless. If it stays, the next who opens the log removes it.
        for tile in batch.hashes.iter().map(|(tile, _)| tile).chain(&batch.bundles).filter(|tile| tile.is_full()) {
            let _ = fs::remove_dir_all(self.folder.join(format!("{}.p", tile.path())));
        }
        Ok(Appended { first, size, root })
    }

    /// Adds witnesses' cosignatures to the published checkpoint: those lines of an answer that hold under the keys given.
    /// Others are passed over. Gives back how many were added.
    ///
    /// Fails with [`LogError::Note`] when a known witness's signature does not hold, as one over an earlier checkpoint does not
    /// once the log has grown; with [`LogError::Io`] as the disk does.
    pub fn add_cosignatures(&mut self, lines: &[u8], witnesses: &[Verifier]) -> Result<usize, LogError> {
        if self.unsure {
            self.recover()?;
        }
        let found = submit::cosignatures(&self.note.text, lines, witnesses)?;
        let mut note = self.note.clone();
        let added = found.len();
        found.into_iter().for_each(|signature| note.add(signature));
        if added > 0 {
            self.unsure = true;
            folder::replace(&self.folder, NEXT, CHECKPOINT, note.to_string().as_bytes())?;
            self.note = note;
            self.unsure = false;
        }
        Ok(added)
    }

    /// Keeps no entry below `before`, as far as bundles of 256 lie wholly below it; hashes and proofs stay. Gives back the first
    /// entry that is kept. It is never less than before, and only what is published goes.
    pub fn forget(&mut self, before: u64) -> Result<u64, LogError> {
        let known = retain::first(&self.folder)?;
        let first = (before.min(self.size()) / TILE_WIDTH * TILE_WIDTH).max(known);
        retain::forget(&self.folder, first)?;
        Ok(first)
    }

    /// Looks at what is on disk, and makes the writer stand on that.
    fn recover(&mut self) -> Result<(), LogError> {
        let (path, waiting) = (self.folder.join(CHECKPOINT), self.folder.join(NEXT));
        let keys = self.verifiers();
        let Some(bytes) = folder::read(&path, NOTE_MOST as u64)? else {
            return self.begin();
        };
        let (mut checkpoint, mut note, _) = Checkpoint::open(&bytes, &self.origin, &keys)?;
        let mut taken_up = false;
        if let Some(bytes) = folder::read(&waiting, NOTE_MOST as u64)? {
            match Checkpoint::open(&bytes, &self.origin, &keys) {
                Ok((later, signed, _)) if later.size >= checkpoint.size => (checkpoint, note, taken_up) = (later, signed, true),
                // It broke off in writing, so nobody has seen it.
                _ => folder::remove(&waiting)?,
            }
        }
        let edge = load(&self.folder, &checkpoint)?;
        if taken_up {
            fs::rename(&waiting, &path).map_err(|error| LogError::io(&path, error))?;
            folder::flush_folder(&self.folder)?;
        } else {
            // Also where nothing has changed: whether the last flush succeeded is not known.
            folder::replace(&self.folder, NEXT, CHECKPOINT, note.to_string().as_bytes())?;
        }
        sweep(&self.folder, checkpoint.size)?;
        (self.edge, self.note, self.unsure) = (edge, note, false);
        Ok(())
    }

    fn begin(&mut self) -> Result<(), LogError> {
        if self.folder.join("tile").exists() {
            return Err(LogError::damaged("日志的检查点不见了，其余文件还在", "the log's checkpoint is gone while its other files are there"));
        }
        let empty = Checkpoint { origin: self.origin.clone(), size: 0, root: EMPTY_ROOT, extensions: Vec::new() };
        let note = empty.sign(&self.signers, (self.now)())?;
        // Whoever reads it later must be able to: an origin with line breaks, a log without keys.
        Checkpoint::open(note.to_string().as_bytes(), &self.origin, &self.verifiers())?;
        folder::replace(&self.folder, NEXT, CHECKPOINT, note.to_string().as_bytes())?;
        (self.edge, self.note, self.unsure) = (Edge::empty(), note, false);
        Ok(())
    }

    /// Writes bundles and tiles, and flushes them.
    fn write(&self, entries: &[impl AsRef<[u8]>]) -> Result<Batch, LogError> {
        let mut batch = Batch { edge: self.edge.clone(), hashes: Vec::new(), bundles: Vec::new(), unflushed: Unflushed::default() };
        let mut complete = Vec::new();
        for entry in entries {
            let entry = entry.as_ref();
            batch.edge.bundle.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            batch.edge.bundle.extend_from_slice(entry);
            batch.edge.frontier.push(leaf_hash(entry), |level, _, hash| {
                if level.is_multiple_of(8) {
                    complete.push((level / 8, hash));
                }
            });
            let size = batch.edge.frontier.size();
            if size.is_multiple_of(TILE_WIDTH) {
                batch.put_bundle(&self.folder, size)?;
                batch.edge.bundle.clear();
            }
            for (level, hash) in complete.drain(..) {
                batch.put_hash(&self.folder, level, hash, size)?;
            }
        }
        let size = batch.edge.frontier.size();
        batch.put_bundle(&self.folder, size)?;
        for level in 0..batch.edge.tiles.len() as u8 {
            // Those of upper levels that have not grown are there already.
            if Kind::Hashes(level).count(size) > Kind::Hashes(level).count(self.size()) {
                batch.put_tile(&self.folder, level, size)?;
            }
        }
        batch.unflushed.flush()?;
        Ok(batch)
    }

    /// Reads the batch from disk and hashes it again: a bit that has flipped on the way must not be signed.
    fn check(&self, batch: &Batch) -> Result<(), LogError> {
        let mut frontier = self.edge.frontier.clone();
        // The tiles that must have come out, made once more from what the disk gives.
        let mut tiles = self.edge.tiles.clone();
        let mut hashes = batch.hashes.iter();
        let mut expect = |tile: Option<Tile>, found: &[Hash]| -> Result<(), LogError> {
            let Some(tile) = tile else { return Ok(()) };
            let written = hashes.next().filter(|(written, hashes)| *written == tile && hashes == found);
            let bytes = folder::read_from_disk(&self.folder.join(tile.path()), TILE_WIDTH * 32)?;
            if written.is_some() && bytes == tile_bytes(found) { Ok(()) } else { Err(changed(&tile)) }
        };
        let mut complete = Vec::new();
        for bundle in &batch.bundles {
            let bytes = folder::read_from_disk(&self.folder.join(bundle.path()), BUNDLE_MOST)?;
            let mut index = bundle.leaves().start;
            for entry in bundle_entries(&bytes) {
                let leaf = leaf_hash(entry.map_err(|()| changed(bundle))?);
                if index < self.size() {
                    // Entries published earlier, written once more with those that have joined them.
                    let known = tiles.first().and_then(|tile| tile.get((index % TILE_WIDTH) as usize));
                    if known != Some(&leaf) {
                        return Err(changed(bundle));
                    }
                } else {
                    frontier.push(leaf, |level, _, hash| if level.is_multiple_of(8) { complete.push((level / 8, hash)) });
                }
                index += 1;
                for (level, hash) in complete.drain(..) {
                    let Some(tile) = tiles.get_mut(usize::from(level)) else { continue };
                    tile.push(hash);
                    if tile.len() as u64 == TILE_WIDTH {
                        let kind = Kind::Hashes(level);
                        expect(Tile::at(kind, kind.count(index) / TILE_WIDTH - 1, index), tile)?;
                        tile.clear();
                    }
                }
            }
            if index != bundle.leaves().end {
                return Err(changed(bundle));
            }
        }
        let size = frontier.size();
        for (level, tile) in tiles.iter().enumerate() {
            let kind = Kind::Hashes(level as u8);
            if kind.count(size) > kind.count(self.size()) {
                expect(Tile::at(kind, kind.count(size) / TILE_WIDTH, size), tile)?;
            }
        }
        if frontier == batch.edge.frontier { Ok(()) } else { Err(LogError::damaged("读回的条目与写入的不同", "what is read back is not what was written")) }
    }
}

fn changed(tile: &Tile) -> LogError {
    LogError::damaged(format!("读回的内容与写入的不同：{}", tile.path()), format!("what is read back is not what was written: {}", tile.path()))
}

impl Batch {
    fn put_bundle(&mut self, folder: &Path, size: u64) -> Result<(), LogError> {
        let Some(last) = size.checked_sub(1) else { return Ok(()) };
        // At a size that fills the last bundle, nothing is left to write after it.
        if let Some(tile) = Tile::at(Kind::Entries, last / TILE_WIDTH, size).filter(|_| !self.edge.bundle.is_empty()) {
            self.unflushed.write(&folder.join(tile.path()), &self.edge.bundle)?;
            self.bundles.push(tile);
        }
        Ok(())
    }

    fn put_hash(&mut self, folder: &Path, level: u8, hash: Hash, size: u64) -> Result<(), LogError> {
        let Some(tile) = self.edge.tiles.get_mut(usize::from(level)) else { return Ok(()) };
        tile.push(hash);
        if tile.len() as u64 == TILE_WIDTH {
            self.put_tile(folder, level, size)?;
            if let Some(tile) = self.edge.tiles.get_mut(usize::from(level)) {
                tile.clear();
            }
        }
        Ok(())
    }

    fn put_tile(&mut self, folder: &Path, level: u8, size: u64) -> Result<(), LogError> {
        let kind = Kind::Hashes(level);
        let Some(hashes) = self.edge.tiles.get(usize::from(level)).filter(|hashes| !hashes.is_empty()) else { return Ok(()) };
        let index = (kind.count(size) - 1) / TILE_WIDTH;
        if let Some(tile) = Tile::at(kind, index, size) {
            self.unflushed.write(&folder.join(tile.path()), &tile_bytes(hashes))?;
            self.hashes.push((tile, hashes.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    //! What the disk gives back otherwise than it was written is not signed: between writing and reading, bits are flipped.

    use super::*;
    use crate::key::Algorithm;

    #[test]
    fn a_bit_that_flips_on_the_disk_is_not_signed() {
        let folder = tempfile::tempdir().expect("folder");
        let signer = Signer::new(Algorithm::Ed25519, "log", &[1; 32]).expect("key");
        let mut log = Writer::open(folder.path(), "log", vec![signer], Box::new(|| 0)).expect("writer");
        let entries: Vec<String> = (0..900).map(|number| number.to_string()).collect();
        log.append(&entries[..300]).expect("appended");
        let batch = log.write(&entries[300..]).expect("written");
        log.check(&batch).expect("as it was written");
        let written: Vec<Tile> = batch.hashes.iter().map(|(tile, _)| *tile).chain(batch.bundles.iter().copied()).collect();
        // Two full and one partial bundle, as many tiles, and the one above.
        assert_eq!(written.len(), 7);
        for tile in written {
            let path = folder.path().join(tile.path());
            let bytes = fs::read(&path).expect("file");
            for at in [0, bytes.len() / 2, bytes.len() - 1] {
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x10;
                fs::write(&path, &flipped).expect("written");
                assert!(matches!(log.check(&batch), Err(LogError::Damaged(_))), "{} byte {at}", tile.path());
            }
            fs::write(&path, &bytes[1..]).expect("written");
            assert!(log.check(&batch).is_err(), "{}", tile.path());
            fs::write(&path, &bytes).expect("written");
        }
        log.check(&batch).expect("as it was written");
        assert_eq!(log.append(&entries[300..]).expect("appended").size, 900);
    }
}
