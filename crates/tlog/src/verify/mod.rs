//! Verifies a whole log from its first entry: every file read, everything hashed again, every fault named with its place.
//!
//! Someone who holds the log's key can rewrite it so that everything in the folder fits. Only a checkpoint that was kept
//! elsewhere shows that; so checkpoints kept from receipts or witnesses are given, and the log must go on from each.

mod block;
mod fault;
mod stray;
mod upper;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

pub use fault::{Fault, FaultKind};

use self::fault::Faults;
use crate::checkpoint::Checkpoint;
use crate::error::NoteError;
use crate::folder::{self, CHECKPOINT};
use crate::key::Verifier;
use crate::note::{NOTE_MOST, Note};
use crate::reader::Reader;
use crate::retain;
use crate::tile::{Kind, TILE_WIDTH, Tile};

/// Leaves under one tile of level 1.
const BLOCK: u64 = 65_536;

/// What a log is verified against.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    /// The log's origin.
    pub origin: &'a str,
    /// Its keys. Each of them must have signed the checkpoint.
    pub log_keys: &'a [Verifier],
    /// Witnesses' keys. What they are said to have signed must hold; lines of keys that are in neither list are faults, as
    /// nobody can tell what they are.
    pub witness_keys: &'a [Verifier],
    /// Signed checkpoints that were kept from earlier, verbatim.
    pub earlier: &'a [Vec<u8>],
    /// How many threads read and hash.
    pub threads: usize,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The checkpoint; none when it cannot be read.
    pub checkpoint: Option<Checkpoint>,
    /// All faults, up to ten thousand.
    pub faults: Vec<Fault>,
    /// How many there are beyond those.
    pub unlisted: u64,
    /// Leaves of the tree.
    pub entries: u64,
    /// The first entry that is kept, and was hashed again with those behind it; of those before it only hashes are.
    pub first: u64,
    /// Files in the folder.
    pub files: u64,
    /// How many of the earlier checkpoints the log goes on from.
    pub earlier: usize,
    /// A writer was at work meanwhile; what it has not published was passed over.
    pub live: bool,
}

impl Report {
    /// Whether nothing at all is wrong.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Verifies the log in a folder. `progress` is told how many entries of how many are done.
pub fn verify(folder: &Path, against: &Verification<'_>, progress: &mut dyn FnMut(u64, u64)) -> Report {
    let live = folder::is_locked(folder);
    let mut faults = Faults::default();
    let mut report = Report { checkpoint: None, faults: Vec::new(), unlisted: 0, entries: 0, first: 0, files: 0, earlier: 0, live };
    if let Some((note, checkpoint)) = head(folder, against, &mut faults) {
        let first = first(folder, checkpoint.size, &mut faults);
        tree(folder, &checkpoint, first, against.threads.max(1), &mut faults, progress);
        (report.entries, report.first) = (checkpoint.size, first);
        let reader = Reader::with(folder.to_owned(), note, checkpoint.clone(), first);
        for (number, bytes) in against.earlier.iter().enumerate() {
            match earlier(&reader, bytes, against, &format!("earlier/{number}")) {
                Ok(()) => report.earlier += 1,
                Err(fault) => faults.push(*fault),
            }
        }
        report.files = stray::strays(folder, checkpoint.size, live, &mut faults);
        report.checkpoint = Some(checkpoint);
    }
    (report.faults, report.unlisted) = (faults.listed, faults.unlisted);
    report
}

fn told(kind: FaultKind, file: &str, error: &NoteError) -> Fault {
    Fault::new(kind, file, error.text().zh.clone(), error.text().en.clone())
}

/// The checkpoint, and whether everybody has signed it who should, and nobody else.
fn head(folder: &Path, against: &Verification<'_>, faults: &mut Faults) -> Option<(Note, Checkpoint)> {
    let bytes = match folder::read(&folder.join(CHECKPOINT), NOTE_MOST as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            faults.push(Fault::new(FaultKind::Missing, CHECKPOINT, "检查点缺失，日志的大小和树根无从得知", "the checkpoint is missing; nothing tells the log's size and root"));
            return None;
        }
        Err(error) => {
            faults.push(Fault::new(FaultKind::Unreadable, CHECKPOINT, error.text().zh, error.text().en));
            return None;
        }
    };
    let note = Note::parse(&bytes).map_err(|error| faults.push(told(FaultKind::Form, CHECKPOINT, &error))).ok()?;
    for (number, signature) in note.signatures.iter().enumerate() {
        // Others refuse a note with two lines of one key.
        if note.signatures.iter().take(number).any(|before| before.name == signature.name && before.id == signature.id) {
            let (zh, en) = (format!("密钥的签名行重复：{}", signature.name), format!("two signature lines are of one key: {}", signature.name));
            faults.push(Fault::new(FaultKind::Signature, CHECKPOINT, zh, en));
        }
        let mut known = against.log_keys.iter().chain(against.witness_keys).filter(|key| key.name() == signature.name && key.id() == signature.id).peekable();
        if known.peek().is_none() {
            let (zh, en) = (format!("签名行的密钥未知：{}", signature.name), format!("a signature line is of a key that is not known: {}", signature.name));
            faults.push(Fault::new(FaultKind::Signature, CHECKPOINT, zh, en));
        }
        for error in known.filter_map(|key| key.verify(&note.text, &signature.bytes).err()) {
            faults.push(told(FaultKind::Signature, CHECKPOINT, &error));
        }
    }
    for key in against.log_keys.iter().filter(|key| !note.signatures.iter().any(|signature| signature.name == key.name() && signature.id == key.id())) {
        let (zh, en) = (format!("检查点没有日志密钥 {key} 的签名"), format!("the log's key {key} has not signed the checkpoint"));
        faults.push(Fault::new(FaultKind::Signature, CHECKPOINT, zh, en));
    }
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| faults.push(told(FaultKind::Form, CHECKPOINT, &error))).ok()?;
    if checkpoint.origin != against.origin {
        let (zh, en) = (format!("这是另一个日志的检查点：{}", checkpoint.origin), format!("this is the checkpoint of another log: {}", checkpoint.origin));
        faults.push(Fault::new(FaultKind::Form, CHECKPOINT, zh, en));
    }
    Some((note, checkpoint))
}

/// The first entry that is kept. Whether it was right to let the others go, the log's owner has to tell.
fn first(folder: &Path, size: u64, faults: &mut Faults) -> u64 {
    match retain::first(folder) {
        Ok(first) if first <= size => return first,
        Ok(_) => faults.push(Fault::new(FaultKind::Form, retain::FIRST, "所述超出日志的大小", "it tells of more than the log has")),
        Err(error) => faults.push(Fault::new(FaultKind::Form, retain::FIRST, error.text().zh, error.text().en)),
    }
    0
}

/// Hashes all entries and compares the tiles of all levels. Blocks are done by several at once, and taken in their order.
fn tree(folder: &Path, checkpoint: &Checkpoint, first: u64, threads: usize, faults: &mut Faults, progress: &mut dyn FnMut(u64, u64)) {
    let size = checkpoint.size;
    let held = stray::extent(folder).saturating_mul(TILE_WIDTH).min(size);
    let (blocks, next) = (held.div_ceil(BLOCK), AtomicU64::new(0));
    if let Some(tile) = Tile::at(Kind::Entries, blocks * (BLOCK / TILE_WIDTH), size) {
        let missing = blocks * BLOCK..size;
        let (zh, en) = (format!("从条目 {} 起，所有文件都缺失", missing.start), format!("from entry {} on, all files are missing", missing.start));
        faults.push(Fault::new(FaultKind::Missing, tile.path(), zh, en).at(missing));
    }
    let mut upper = upper::Upper::new(folder, size);
    let mut edge = None;
    let mut take = |block: block::Block| {
        faults.append(block.faults);
        block.roots.into_iter().for_each(|root| upper.push(1, root, faults));
        edge = block.edge;
        progress(((block.number + 1) * BLOCK).min(size), size);
    };
    if threads == 1 || blocks < 2 {
        (0..blocks).for_each(|number| take(block::block(folder, number, size, first)));
    } else {
        std::thread::scope(|scope| {
            let (found, finished) = mpsc::sync_channel(threads * 2);
            for _ in 0..threads {
                let (found, next) = (found.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= blocks || found.send(block::block(folder, number, size, first)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(found);
            let (mut waiting, mut turn) = (BTreeMap::new(), 0);
            for block in finished {
                waiting.insert(block.number, block);
                while let Some(block) = waiting.remove(&turn) {
                    take(block);
                    turn += 1;
                }
            }
        });
    }
    upper.finish(edge, checkpoint, faults);
}

/// Whether the log goes on from a checkpoint of earlier.
fn earlier(reader: &Reader, bytes: &[u8], against: &Verification<'_>, place: &str) -> Result<(), Box<Fault>> {
    let keys = [against.log_keys, against.witness_keys].concat();
    let (kept, ..) = Checkpoint::open(bytes, against.origin, &keys).map_err(|error| Box::new(told(FaultKind::Signature, place, &error)))?;
    if kept.size > reader.size() {
        let zh = format!("日志曾有 {} 条，现在只有 {} 条：被截短，或换回了旧的副本", kept.size, reader.size());
        let en = format!("the log once had {} entries and has {} now: it was cut short, or an old copy was put back", kept.size, reader.size());
        return Err(Box::new(Fault::new(FaultKind::Rewritten, place, zh, en).at(reader.size()..kept.size)));
    }
    match reader.root(kept.size) {
        Ok(root) if root == kept.root => Ok(()),
        Ok(root) => {
            let zh = format!("前 {} 条与当时签名的检查点不符：历史被改写，或上述哈希文件有损", kept.size);
            let en = format!("the first {} entries are not those of the checkpoint signed then: history was rewritten, or tiles are damaged as told above", kept.size);
            Err(Box::new(Fault::new(FaultKind::Rewritten, place, zh, en).at(0..kept.size).hashes(kept.root, root)))
        }
        Err(error) => Err(Box::new(Fault::new(FaultKind::Unreadable, place, error.text().zh, error.text().en))),
    }
}
