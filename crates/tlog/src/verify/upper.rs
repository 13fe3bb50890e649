//! The levels above: each full tile's hash goes into the one over it, up to the root.

use std::path::Path;

use super::block::{Pair, hashes};
use super::fault::{Blame, Fault, FaultKind, Faults};
use crate::checkpoint::Checkpoint;
use crate::folder::CHECKPOINT;
use crate::hash::{Hash, peaks_over};
use crate::recover::LEVELS;
use crate::tile::{Kind, TILE_WIDTH, Tile};
use crate::tree::Frontier;

pub(super) struct Upper<'v> {
    folder: &'v Path,
    size: u64,
    /// The hashes of each level's tile that is being filled; level 0 is the blocks' matter.
    levels: Vec<Vec<Hash>>,
    /// Tiles finished on each level.
    finished: Vec<u64>,
    /// The tile of each level last looked into for what it says about the one below.
    above: Vec<Option<(u64, Vec<Hash>)>>,
}

impl<'v> Upper<'v> {
    pub fn new(folder: &'v Path, size: u64) -> Upper<'v> {
        let levels = usize::from(LEVELS);
        Upper { folder, size, levels: vec![Vec::new(); levels], finished: vec![0; levels], above: vec![None; levels + 1] }
    }

    /// Takes the hash of a full tile of the level below.
    pub fn push(&mut self, level: u8, hash: Hash, faults: &mut Faults) {
        let Some(tile) = self.levels.get_mut(usize::from(level)) else { return };
        tile.push(hash);
        if (tile.len() as u64) < TILE_WIDTH {
            return;
        }
        let below = std::mem::take(tile);
        let Some(number) = self.finished.get_mut(usize::from(level)) else { return };
        let index = std::mem::replace(number, *number + 1);
        let tile = Tile { kind: Kind::Hashes(level), index, width: TILE_WIDTH as u16 };
        let pair = Pair { tile, below: Some(below), file: hashes(self.folder, tile, faults) };
        let above = self.above(level + 1, index);
        let root = pair.settle(above, faults);
        self.push(level + 1, root, faults);
    }

    /// What the level says of the tile of that index below it.
    fn above(&mut self, level: u8, index: u64) -> Option<Hash> {
        let held = self.above.get_mut(usize::from(level))?;
        let number = index / TILE_WIDTH;
        if held.as_ref().is_none_or(|(known, _)| *known != number) {
            let tile = Tile::at(Kind::Hashes(level), number, self.size)?;
            // Faults of that tile are listed when its own turn comes.
            *held = Some((number, hashes(self.folder, tile, &mut Faults::default()).unwrap_or_default()));
        }
        held.as_ref().and_then(|(_, hashes)| hashes.get((index % TILE_WIDTH) as usize).copied())
    }

    /// Compares the tiles that are not full, and the root that all of it leads to.
    pub fn finish(self, edge: Option<Pair>, checkpoint: &Checkpoint, faults: &mut Faults) {
        let mut pairs = Vec::new();
        for (level, below) in (1..LEVELS).zip(self.levels.into_iter().skip(1)) {
            let kind = Kind::Hashes(level);
            if let Some(tile) = Tile::at(kind, kind.count(self.size) / TILE_WIDTH, self.size) {
                let file = hashes(self.folder, tile, faults);
                pairs.push(Pair { tile, below: Some(below), file });
            }
        }
        pairs.reverse();
        pairs.extend(edge);
        let root = |side: fn(&Pair) -> Option<&Vec<Hash>>| {
            let peaks: Option<Vec<Vec<Hash>>> = pairs.iter().map(|pair| side(pair).map(|hashes| peaks_over(hashes))).collect();
            peaks.and_then(|peaks| Frontier::from_parts(self.size, peaks.concat())).map(|frontier| frontier.root())
        };
        let (below, file) = (root(|pair| pair.below.as_ref()), root(|pair| pair.file.as_ref()));
        let blame = if below == Some(checkpoint.root) {
            Blame::Tile
        } else if file == Some(checkpoint.root) {
            Blame::Below
        } else {
            let zh = "日志现有的条目和哈希算不出检查点中的树根：检查点或日志内容被改写";
            let en = "what the log holds does not lead to the root in the checkpoint: the one or the other was rewritten";
            let fault = Fault::new(FaultKind::Root, CHECKPOINT, zh, en).at(0..self.size);
            faults.push(match below.or(file) {
                Some(found) => fault.hashes(checkpoint.root, found),
                None => fault,
            });
            Blame::Unknown
        };
        pairs.iter().for_each(|pair| pair.report(blame, faults));
    }
}
