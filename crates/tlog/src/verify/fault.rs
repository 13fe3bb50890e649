//! What is wrong with a log, and where.

use std::ops::Range;

use kernel::Text;

use crate::hash::Hash;
use crate::tile::{Kind, Tile};

/// Faults that are listed one by one; of further ones only the number is kept.
const LISTED_MOST: usize = 10_000;

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A file that must be there is not.
    Missing,
    /// The disk or the system does not let it be read.
    Unreadable,
    /// A file breaks off, is too long, or is not in its form.
    Form,
    /// Entries and tiles, or tiles of two levels, disagree.
    Changed,
    /// A signature does not hold, is missing, or nobody knows the key.
    Signature,
    /// The tree does not lead to the root in the checkpoint.
    Root,
    /// The log does not go on from a checkpoint that was kept from earlier: it was rewritten, or cut short.
    Rewritten,
    /// A file that does not belong there.
    Surplus,
}

/// One fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// The file's path within the log's folder; of an earlier checkpoint its number among those given, as `earlier/0`.
    pub file: String,
    /// The entries concerned, where it can be told.
    pub leaves: Option<Range<u64>>,
    /// The hash that ought to be there; of several, the first.
    pub expected: Option<Hash>,
    /// The hash that is there.
    pub found: Option<Hash>,
    /// What it means.
    pub text: Text,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, file: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault { kind, file: file.into(), leaves: None, expected: None, found: None, text: Text::new(zh, en) }
    }

    pub(super) fn at(self, leaves: Range<u64>) -> Fault {
        Fault { leaves: Some(leaves), ..self }
    }

    pub(super) fn hashes(self, expected: Hash, found: Hash) -> Fault {
        Fault { expected: Some(expected), found: Some(found), ..self }
    }
}

#[derive(Default)]
pub(super) struct Faults {
    pub listed: Vec<Fault>,
    pub unlisted: u64,
}

impl Faults {
    pub fn push(&mut self, fault: Fault) {
        if self.listed.len() < LISTED_MOST {
            self.listed.push(fault);
        } else {
            self.unlisted += 1;
        }
    }

    pub fn append(&mut self, other: Faults) {
        other.listed.into_iter().for_each(|fault| self.push(fault));
        self.unlisted += other.unlisted;
    }
}

/// Who of two that disagree is wrong, by what the level above says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// The tile itself.
    Tile,
    /// What it is made of: entries, or the tiles below.
    Below,
    Unknown,
}

/// Lists where a tile says other than what it is made of.
pub(super) fn compare(tile: Tile, below: &[Hash], file: &[Hash], blame: Blame, faults: &mut Faults) {
    let differs: Vec<usize> = (0..below.len().min(file.len())).filter(|place| below.get(*place) != file.get(*place)).collect();
    for run in differs.chunk_by(|left, right| left + 1 == *right) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let start = tile.leaves().start;
        let leaf = |place: usize| start.saturating_add((place as u64) << tile.kind.shift());
        let (Some(made), Some(says)) = (below.get(*first), file.get(*first)) else { continue };
        let bundle = Tile { kind: Kind::Entries, ..tile }.path();
        let entries = tile.kind == Kind::Hashes(0);
        let fault = match blame {
            Blame::Tile => Fault::new(FaultKind::Changed, tile.path(), "此哈希文件被改动：与条目算出的哈希不符，而上层哈希与条目一致", "this tile was changed: it does not fit the entries, while the level above does").hashes(*made, *says),
            Blame::Below if entries => Fault::new(FaultKind::Changed, bundle, "条目被改动：与哈希文件不符，而上层哈希与哈希文件一致", "entries were changed: they do not fit their tile, while the level above fits it").hashes(*says, *made),
            Blame::Unknown if entries => Fault::new(FaultKind::Changed, bundle, format!("条目与哈希文件 {} 不符，无法判断哪一个被改动", tile.path()), format!("entries do not fit their tile {}; which of the two was changed cannot be told", tile.path())).hashes(*says, *made),
            _ => Fault::new(FaultKind::Changed, tile.path(), "此哈希文件与下层算出的哈希不符：下层的条目和哈希可能被一起改写", "this tile does not fit the level below: entries and tiles there may have been rewritten together").hashes(*says, *made),
        };
        faults.push(fault.at(leaf(*first)..leaf(*last + 1)));
    }
}
