//! Tiles and entry bundles: which there are for a tree of some size, their paths, and what is in them (c2sp.org/tlog-tiles).

use std::ops::Range;

use crate::hash::Hash;

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// Bytes of the longest entry: its length has to fit 16 bits.
pub const ENTRY_MOST: usize = 65_535;
/// Bytes of the longest bundle.
pub(crate) const BUNDLE_MOST: u64 = TILE_WIDTH * (ENTRY_MOST as u64 + 2);

/// What a file of the log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Hashes of the level: on 0 those of leaves, above those of full tiles below. A tree under 2⁶³ leaves has levels 0 to 7.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// One file of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    pub kind: Kind,
    /// Its place on its level, from 0.
    pub index: u64,
    /// Hashes or entries in it: 1 to 256.
    pub width: u16,
}

impl Kind {
    /// How many bits a leaf's index is shifted to be an index of hashes on this level.
    pub(crate) fn shift(self) -> u32 {
        match self {
            Kind::Entries => 0,
            Kind::Hashes(level) => u32::from(level) * 8,
        }
    }

    /// Hashes or entries that a tree of that size has of this kind.
    pub(crate) fn count(self, size: u64) -> u64 {
        size.checked_shr(self.shift()).unwrap_or(0)
    }

    /// The folder of this kind within the log's.
    pub(crate) fn folder(self) -> String {
        match self {
            Kind::Entries => "tile/entries".to_owned(),
            Kind::Hashes(level) => format!("tile/{level}"),
        }
    }
}

impl Tile {
    /// The tile of that index as wide as it is in a tree of that size; `None` where it is empty.
    pub fn at(kind: Kind, index: u64, size: u64) -> Option<Tile> {
        let width = kind.count(size).saturating_sub(index.checked_mul(TILE_WIDTH)?).min(TILE_WIDTH) as u16;
        (width > 0).then_some(Tile { kind, index, width })
    }

    pub fn is_full(&self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// The same tile with all that it will have.
    pub fn full(&self) -> Tile {
        Tile { width: TILE_WIDTH as u16, ..*self }
    }

    /// The leaves that what is in it stands for.
    pub fn leaves(&self) -> Range<u64> {
        let first = self.index.saturating_mul(TILE_WIDTH);
        let leaf = |place: u64| place.saturating_mul(1u64.checked_shl(self.kind.shift()).unwrap_or(u64::MAX));
        leaf(first)..leaf(first.saturating_add(self.width.into()))
    }

    /// Its path within the log's folder, such as `tile/0/x001/234.p/56`.
    pub fn path(&self) -> String {
        let mut rest = self.index;
        let mut place = format!("{:03}", rest % 1000);
        while rest >= 1000 {
            rest /= 1000;
            place = format!("x{:03}/{place}", rest % 1000);
        }
        let folder = self.kind.folder();
        if self.is_full() { format!("{folder}/{place}") } else { format!("{folder}/{place}.p/{}", self.width) }
    }

    /// Reads such a path; `None` for any other, and for those with leading zeros too many.
    pub fn parse(path: &str) -> Option<Tile> {
        let mut parts: Vec<&str> = path.strip_prefix("tile/")?.split('/').collect();
        let kind = match parts.first()? {
            &"entries" => Kind::Entries,
            level => Kind::Hashes(level.parse().ok().filter(|level| *level < 64)?),
        };
        let mut width = TILE_WIDTH as u16;
        if let [.., before, last] = parts.as_mut_slice()
            && let Some(place) = before.strip_suffix(".p")
        {
            width = last.parse().ok().filter(|width| (1..TILE_WIDTH as u16).contains(width))?;
            *before = place;
            parts.pop();
        }
        let mut index: u64 = 0;
        let (last, upper) = parts.get(1..)?.split_last()?;
        for part in upper.iter().map(|part| part.strip_prefix('x')).chain([Some(*last)]) {
            let digits = part.filter(|part| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))?;
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Tile { kind, index, width };
        // Written again it must be the same, or there were zeros too many.
        (tile.path() == path).then_some(tile)
    }
}

/// The hashes in a tile's bytes; `None` when they are not whole ones.
pub(crate) fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}

/// A tile's bytes.
pub(crate) fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The entries in a bundle's bytes, each behind its length in 16 bits; an error, and then no more, where it breaks off.
pub fn bundle_entries(bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], ()>> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest.take().filter(|bytes| !bytes.is_empty())?;
        let entry = bytes.split_first_chunk::<2>().and_then(|(length, after)| after.split_at_checked(u16::from_be_bytes(*length).into()));
        Some(entry.map(|(entry, after)| (rest = Some(after), entry).1).ok_or(()))
    })
}
