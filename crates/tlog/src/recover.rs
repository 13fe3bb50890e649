//! What a writer finds when it opens a log: the right edge of the tree that the checkpoint tells of, and leftovers of
//! batches that were never published.

use std::fs;
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::error::LogError;
use crate::folder;
use crate::hash::{Hash, leaf_hash, peaks_over};
use crate::tile::{BUNDLE_MOST, Kind, TILE_WIDTH, Tile, bundle_entries, tile_hashes};
use crate::tree::Frontier;

/// Levels of hashes that a tree under 2⁶³ leaves has.
pub(crate) const LEVELS: u8 = 8;

/// Tiles of a level behind the edge among which leftovers of a batch are looked for.
const BATCH_TILES: u64 = 65_536;

/// What is held in memory of a log in order to go on with it: at most 255 hashes a level, and 255 entries.
#[derive(Clone, Default)]
pub(crate) struct Edge {
    pub frontier: Frontier,
    /// For each level the hashes of the tile that is not full yet.
    pub tiles: Vec<Vec<Hash>>,
    /// The bytes of the bundle that is not full yet.
    pub bundle: Vec<u8>,
}

impl Edge {
    pub fn empty() -> Edge {
        Edge { tiles: vec![Vec::new(); LEVELS.into()], ..Edge::default() }
    }
}

/// Reads the right edge of the tree and hashes it again. Fails with [`LogError::Damaged`] when it does not lead to the
/// checkpoint's root.
pub(crate) fn load(folder: &Path, checkpoint: &Checkpoint) -> Result<Edge, LogError> {
    let size = checkpoint.size;
    let mut edge = Edge::empty();
    let mut peaks = Vec::new();
    for level in (0..LEVELS).rev() {
        let kind = Kind::Hashes(level);
        let hashes = match partial(kind, size) {
            Some(tile) => {
                let bytes = folder::read(&folder.join(tile.path()), TILE_WIDTH * 32)?;
                bytes.and_then(|bytes| tile_hashes(&bytes)).filter(|hashes| hashes.len() == usize::from(tile.width)).ok_or_else(|| LogError::damaged_tile(&tile))?
            }
            None => Vec::new(),
        };
        peaks.extend(peaks_over(&hashes));
        if let Some(place) = edge.tiles.get_mut(usize::from(level)) {
            *place = hashes;
        }
    }
    edge.frontier = Frontier::from_parts(size, peaks).filter(|frontier| frontier.root() == checkpoint.root).ok_or_else(|| {
        LogError::damaged("磁盘上的树与检查点不符，请先核验日志", "the tree on disk does not lead to the checkpoint's root; verify the log first")
    })?;
    if let Some(tile) = partial(Kind::Entries, size) {
        let bytes = folder::read(&folder.join(tile.path()), BUNDLE_MOST)?.ok_or_else(|| LogError::damaged_tile(&tile))?;
        let hashes: Option<Vec<Hash>> = bundle_entries(&bytes).map(|entry| entry.ok().map(leaf_hash)).collect();
        if hashes.as_ref() != edge.tiles.first() {
            return Err(LogError::damaged_tile(&tile));
        }
        edge.bundle = bytes;
    }
    Ok(edge)
}

/// The tile at the right edge that is not full, if there is one.
fn partial(kind: Kind, size: u64) -> Option<Tile> {
    Tile::at(kind, kind.count(size) / TILE_WIDTH, size)
}

/// Removes what lies beyond the tree: it belongs to batches of which nobody was told. Partial tiles that a full one has made
/// needless go too. Only the folders along the right edge are looked into.
pub(crate) fn sweep(folder: &Path, size: u64) -> Result<(), LogError> {
    let kinds = (0..LEVELS).map(Kind::Hashes).chain([Kind::Entries]);
    // What cannot be removed in one place does not keep the others from being cleared.
    kinds.map(|kind| sweep_folder(folder, &kind.folder(), kind, 0, size)).fold(Ok(()), Result::and)
}

fn sweep_folder(root: &Path, place: &str, kind: Kind, prefix: u64, size: u64) -> Result<(), LogError> {
    let path = root.join(place);
    let Ok(listed) = fs::read_dir(&path) else { return Ok(()) };
    let edge = kind.count(size) / TILE_WIDTH;
    for entry in listed {
        let name = entry.map_err(|error| LogError::io(&path, error))?.file_name().to_string_lossy().into_owned();
        let below = format!("{place}/{name}");
        if let Some(digits) = name.strip_prefix('x') {
            let Some(prefix) = number(digits, prefix) else { continue };
            if reaches(prefix, edge) {
                sweep_folder(root, &below, kind, prefix, size)?;
            }
        } else if let Some(digits) = name.strip_suffix(".p") {
            let Some(index) = number(digits, prefix) else { continue };
            let full = Tile { kind, index, width: TILE_WIDTH as u16 };
            match Tile::at(kind, index, size) {
                Some(tile) if !tile.is_full() => sweep_partials(root, &below, tile)?,
                Some(_) if root.join(full.path()).is_file() => drop_folder(&root.join(&below))?,
                Some(_) => {}
                None => drop_folder(&root.join(&below))?,
            }
        } else if number(&name, prefix).is_some_and(|index| Tile::at(kind, index, size).is_none_or(|tile| !tile.is_full())) {
            folder::remove(&root.join(&below))?;
        }
    }
    Ok(())
}

/// Whether files of the folder, or of those within it, lie where an unfinished batch may have put them. The rest is not looked
/// through: a log may have millions of folders full of what is published. A batch so large that it reaches further is
/// written over when the log grows.
fn reaches(prefix: u64, edge: u64) -> bool {
    let mut scales = std::iter::successors(Some(1000u64), |scale| scale.checked_mul(1000));
    let beyond = edge.saturating_add(BATCH_TILES);
    scales.any(|scale| prefix.saturating_mul(scale) < beyond && (prefix + 1).saturating_mul(scale) > edge)
}

fn sweep_partials(root: &Path, place: &str, tile: Tile) -> Result<(), LogError> {
    let path = root.join(place);
    for entry in fs::read_dir(&path).map_err(|error| LogError::io(&path, error))? {
        let name = entry.map_err(|error| LogError::io(&path, error))?.file_name();
        if name.to_string_lossy().parse::<u16>().is_ok_and(|width| width > tile.width) {
            folder::remove(&path.join(name))?;
        }
    }
    Ok(())
}

fn drop_folder(path: &Path) -> Result<(), LogError> {
    fs::remove_dir_all(path).map_err(|error| LogError::io(path, error))
}

fn number(digits: &str, prefix: u64) -> Option<u64> {
    let plain = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| prefix.checked_mul(1000)?.checked_add(digits.parse().ok()?)).flatten()
}
