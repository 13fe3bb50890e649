//! Entries that are no longer kept: their hashes stay, so the tree is verified as before; what they told is gone. How far that
//! goes stands in a file of the log, and whoever lets entries go has to tell of it in the log itself.

use std::fs;
use std::path::Path;

use crate::error::LogError;
use crate::folder;
use crate::tile::{Kind, TILE_WIDTH, Tile};

/// Holds the index of the first entry that is kept; absent: all are.
pub(crate) const FIRST: &str = "first";
/// The same, about to take the other's place.
pub(crate) const FIRST_NEXT: &str = ".first.next";
/// Longest text of such a file.
const MOST: u64 = 24;

/// The first entry that is kept; a multiple of 256.
pub(crate) fn first(folder: &Path) -> Result<u64, LogError> {
    let Some(bytes) = folder::read(&folder.join(FIRST), MOST)? else { return Ok(0) };
    parse(&bytes).ok_or_else(|| LogError::damaged("文件 first 不是 256 的倍数", "the file `first` holds no multiple of 256"))
}

pub(crate) fn parse(bytes: &[u8]) -> Option<u64> {
    let number: u64 = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.parse().ok()?;
    (number.is_multiple_of(TILE_WIDTH) && format!("{number}\n").as_bytes() == bytes).then_some(number)
}

/// Keeps no entry below `first`, a multiple of 256. What is to go is written down first, so a process that dies midway has its
/// work done by the next call.
pub(crate) fn forget(folder: &Path, first: u64) -> Result<(), LogError> {
    folder::replace(folder, FIRST_NEXT, FIRST, format!("{first}\n").as_bytes())?;
    forget_in(folder, &Kind::Entries.folder(), 0, first).map(|_| ())
}

/// Removes bundles below `first` from a folder, and the folder when nothing is left in it; says whether that is so. Folders
/// that begin with what is kept are not looked into.
fn forget_in(root: &Path, place: &str, prefix: u64, first: u64) -> Result<bool, LogError> {
    let path = root.join(place);
    let Ok(listed) = fs::read_dir(&path) else { return Ok(false) };
    let mut empty = true;
    for entry in listed {
        let name = entry.map_err(|error| LogError::io(&path, error))?.file_name().to_string_lossy().into_owned();
        let below = format!("{place}/{name}");
        let gone = match name.strip_prefix('x').and_then(|digits| digits.parse::<u64>().ok()) {
            Some(digits) if begins_below(prefix * 1000 + digits, first) => forget_in(root, &below, prefix * 1000 + digits, first)?,
            Some(_) => false,
            None => match Tile::parse(&below).filter(|tile| tile.leaves().end <= first) {
                Some(_) => folder::remove(&root.join(&below)).map(|()| true)?,
                None => false,
            },
        };
        empty &= gone;
    }
    if empty && place != Kind::Entries.folder() {
        fs::remove_dir(&path).map_err(|error| LogError::io(&path, error))?;
    }
    Ok(empty)
}

/// Whether a folder of that prefix may hold bundles below `first`: it stands for a thousand bundles, or a thousand times as many.
fn begins_below(prefix: u64, first: u64) -> bool {
    prefix.saturating_mul(1000).saturating_mul(TILE_WIDTH) < first
}
