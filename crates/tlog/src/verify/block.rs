//! The lower two levels of a log, 65,536 entries at a time: bundles are hashed and compared with the tiles over them.

use std::path::Path;

use super::fault::{Blame, Fault, FaultKind, Faults, compare};
use crate::error::LogError;
use crate::folder;
use crate::hash::{Hash, leaf_hash, root_over};
use crate::tile::{BUNDLE_MOST, Kind, TILE_WIDTH, Tile, bundle_entries, tile_hashes};

/// A tile, and what it is made of.
pub(super) struct Pair {
    pub tile: Tile,
    /// The hashes that what lies below gives; none where that cannot be read.
    pub below: Option<Vec<Hash>>,
    /// Those in the file.
    pub file: Option<Vec<Hash>>,
}

/// What was found in a block.
pub(super) struct Block {
    pub number: u64,
    /// The hashes of its full tiles.
    pub roots: Vec<Hash>,
    /// The last tile of the log, where that is not full.
    pub edge: Option<Pair>,
    pub faults: Faults,
}

impl Pair {
    /// The hash that the tile stands for, and the faults in it. Where tile and below disagree, the hash that the level above
    /// has for it decides; so one changed file is one fault, not one on every level.
    pub fn settle(self, above: Option<Hash>, faults: &mut Faults) -> Hash {
        let (below, file) = (self.below.as_deref().map(root_over), self.file.as_deref().map(root_over));
        let blame = match above {
            Some(above) if below == Some(above) => Blame::Tile,
            Some(above) if file == Some(above) => Blame::Below,
            _ => Blame::Unknown,
        };
        self.report(blame, faults);
        let chosen = if blame == Blame::Below { file } else { below };
        // Where nothing is there at all, that is a fault already.
        chosen.or(file).or(above).unwrap_or(Hash([0; 32]))
    }

    pub fn report(&self, blame: Blame, faults: &mut Faults) {
        if let (Some(below), Some(file)) = (&self.below, &self.file) {
            compare(self.tile, below, file, blame, faults);
        }
    }
}

/// Hashes a block and compares it. What lies before the first entry that is kept is taken from its tiles, which the levels
/// above vouch for.
pub(super) fn block(folder: &Path, number: u64, size: u64, first: u64) -> Block {
    let mut found = Block { number, roots: Vec::new(), edge: None, faults: Faults::default() };
    // Faults of that tile are listed when its own turn comes.
    let above = Tile::at(Kind::Hashes(1), number, size).and_then(|tile| hashes(folder, tile, &mut Faults::default())).unwrap_or_default();
    for place in 0..TILE_WIDTH {
        let Some(tile) = Tile::at(Kind::Hashes(0), number * TILE_WIDTH + place, size) else { break };
        let file = hashes(folder, tile, &mut found.faults);
        let below = if tile.leaves().end <= first { file.clone() } else { entries(folder, tile, file.as_deref(), &mut found.faults) };
        let pair = Pair { tile, below, file };
        if tile.is_full() {
            let root = pair.settle(above.get(place as usize).copied(), &mut found.faults);
            found.roots.push(root);
        } else {
            found.edge = Some(pair);
        }
    }
    found
}

/// The bytes of a tile, and whether they are those of the full one that has taken its place since.
fn bytes(folder: &Path, tile: Tile, most: u64, faults: &mut Faults) -> Option<(Vec<u8>, bool)> {
    let read = |tile: Tile| folder::read(&folder.join(tile.path()), most);
    let found = match read(tile) {
        Ok(None) if !tile.is_full() => read(tile.full()).map(|bytes| bytes.map(|bytes| (bytes, true))),
        other => other.map(|bytes| bytes.map(|bytes| (bytes, false))),
    };
    match found {
        Ok(Some(found)) => return Some(found),
        Ok(None) => faults.push(Fault::new(FaultKind::Missing, tile.path(), "文件缺失", "this file is missing").at(tile.leaves())),
        Err(LogError::Damaged(text)) => faults.push(Fault::new(FaultKind::Form, tile.path(), text.zh, text.en).at(tile.leaves())),
        Err(error) => {
            let text = error.text();
            faults.push(Fault::new(FaultKind::Unreadable, tile.path(), text.zh, text.en).at(tile.leaves()));
        }
    }
    None
}

/// The hashes in a tile's file, as many as there must be; else that is a fault.
pub(super) fn hashes(folder: &Path, tile: Tile, faults: &mut Faults) -> Option<Vec<Hash>> {
    // A byte more than there may be is read, so that it is seen.
    let (bytes, full) = bytes(folder, tile, TILE_WIDTH * 32 + 1, faults)?;
    let width = usize::from(tile.width);
    match tile_hashes(&bytes) {
        Some(mut hashes) if hashes.len() == width || full && hashes.len() > width => {
            hashes.truncate(width);
            Some(hashes)
        }
        _ => {
            let (zh, en) = (format!("文件长 {} 字节，应为 {} 字节", bytes.len(), width * 32), format!("the file has {} bytes; it must have {}", bytes.len(), width * 32));
            faults.push(Fault::new(FaultKind::Form, tile.path(), zh, en).at(tile.leaves()));
            None
        }
    }
}

/// The leaf hashes of the entries under a tile; where the bundle is not in its form, that is a fault, told from the first
/// entry on that does not fit the tile.
fn entries(folder: &Path, tile: Tile, file: Option<&[Hash]>, faults: &mut Faults) -> Option<Vec<Hash>> {
    let bundle = Tile { kind: Kind::Entries, ..tile };
    let (bytes, full) = bytes(folder, bundle, BUNDLE_MOST, faults)?;
    let width = usize::from(tile.width);
    let (mut found, mut whole) = (Vec::with_capacity(width), true);
    for entry in bundle_entries(&bytes) {
        match entry {
            Ok(entry) if found.len() < width => found.push(leaf_hash(entry)),
            Ok(_) if full => break,
            _ => {
                whole = false;
                break;
            }
        }
    }
    if whole && found.len() == width {
        return Some(found);
    }
    let fitting = file.map_or(found.len(), |file| found.iter().zip(file).take_while(|(left, right)| left == right).count());
    let leaves = bundle.leaves();
    let first = (leaves.start + fitting as u64).min(leaves.end.saturating_sub(1));
    let (zh, en) = (format!("条目文件不完整或长度被改动，从条目 {first} 起"), format!("the bundle breaks off, or lengths in it were changed, from entry {first} on"));
    faults.push(Fault::new(FaultKind::Form, bundle.path(), zh, en).at(first..leaves.end));
    None
}
