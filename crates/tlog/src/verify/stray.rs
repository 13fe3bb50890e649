//! The files of a log that no tree of its size needs: earlier partial tiles, which must fit, and what does not belong there.

use std::fs;
use std::path::Path;

use super::fault::{Fault, FaultKind, Faults};
use crate::folder::{self, CHECKPOINT, LOCK, NEXT};
use crate::reader::read_tile;
use crate::retain::{FIRST, FIRST_NEXT};
use crate::tile::{BUNDLE_MOST, Kind, Tile, bundle_entries};

/// Missing tiles that are named one by one for each file that is there; a log with more of them is told to end there.
const GAPS_MOST: u64 = 1_000;

/// Looks at every file. While a writer is at work (`live`), what lies beyond the checkpoint is its matter. Gives back how many
/// files there are.
pub(super) fn strays(root: &Path, size: u64, live: bool, faults: &mut Faults) -> u64 {
    walk(root, "", size, live, faults)
}

/// How many tiles there may be on the lowest level, going by the names and number of files: a checkpoint may tell of any
/// size, and one file may bear any name.
pub(super) fn extent(root: &Path) -> u64 {
    /// The furthest tile, and how many files there are.
    fn furthest(root: &Path, place: &str) -> (u64, u64) {
        let Ok(listed) = fs::read_dir(root.join(place)) else { return (0, 0) };
        let of = |entry: fs::DirEntry| {
            let path = format!("{place}/{}", entry.file_name().to_string_lossy());
            Tile::parse(&path).map_or_else(|| furthest(root, &path), |tile| (tile.index.saturating_add(1), 1))
        };
        listed.filter_map(Result::ok).map(of).fold((0, 0), |(far, files), (tile, more)| (far.max(tile), files + more))
    }
    let [one, other] = [Kind::Entries, Kind::Hashes(0)].map(|kind| furthest(root, &kind.folder()));
    one.0.max(other.0).min((one.1 + other.1).saturating_mul(GAPS_MOST))
}

fn walk(root: &Path, place: &str, size: u64, live: bool, faults: &mut Faults) -> u64 {
    let mut files = 0;
    let listed = match fs::read_dir(root.join(place)) {
        Ok(listed) => listed,
        // A folder of partial tiles may go while a writer is at work.
        Err(_) if live => return 0,
        Err(error) => {
            faults.push(Fault::new(FaultKind::Unreadable, place, format!("无法列出文件夹：{error}"), format!("the folder cannot be listed: {error}")));
            return 0;
        }
    };
    for entry in listed.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if place.is_empty() { name } else { format!("{place}/{name}") };
        if entry.path().is_dir() {
            files += walk(root, &path, size, live, faults);
        } else {
            files += 1;
            look(root, &path, size, live, faults);
        }
    }
    files
}

fn look(root: &Path, path: &str, size: u64, live: bool, faults: &mut Faults) {
    let empty = || fs::metadata(root.join(path)).is_ok_and(|found| found.len() == 0);
    match Tile::parse(path) {
        _ if path == CHECKPOINT => {}
        _ if path == LOCK && empty() => {}
        _ if path == NEXT && live => {}
        // Looked at already; the other is written over when entries are let go next.
        _ if path == FIRST || path == FIRST_NEXT => {}
        None if path == NEXT => {
            let fault = Fault::new(FaultKind::Surplus, path, "写入中断时留下的检查点；重新打开日志即可处理", "a checkpoint left by a writer that was interrupted; opening the log for writing settles it");
            faults.push(fault);
        }
        None => faults.push(Fault::new(FaultKind::Surplus, path, "此文件不属于日志", "this file does not belong to a log")),
        Some(tile) => match Tile::at(tile.kind, tile.index, size) {
            // Compared already.
            Some(whole) if whole == tile => {}
            Some(whole) if whole.width > tile.width => earlier(root, path, tile, whole, live, faults),
            _ if live => {}
            _ => {
                let zh = "此文件超出检查点所述的大小：写入中断留下的，或有人放入的，或检查点被换成了旧的";
                let en = "this file lies beyond what the checkpoint tells of: left by a writer that was interrupted, put there, or the checkpoint is an older one";
                faults.push(Fault::new(FaultKind::Surplus, path, zh, en).at(tile.leaves()));
            }
        },
    }
}

/// A partial tile from when the log was smaller must be the beginning of what the tile is now.
fn earlier(root: &Path, path: &str, tile: Tile, whole: Tile, live: bool, faults: &mut Faults) {
    let (own, now) = match (folder::read(&root.join(path), BUNDLE_MOST), read_tile(root, whole, BUNDLE_MOST)) {
        (Ok(None), _) if live => return,
        (Ok(Some(own)), Ok(Some(now))) => (own, now),
        _ => {
            let fault = Fault::new(FaultKind::Unreadable, path, format!("无法与 {} 比较", whole.path()), format!("this cannot be compared with {}", whole.path()));
            return faults.push(fault.at(tile.leaves()));
        }
    };
    let whole_one = match tile.kind {
        Kind::Entries => bundle_entries(&own).all(|entry| entry.is_ok()) && bundle_entries(&own).count() == usize::from(tile.width),
        Kind::Hashes(_) => own.len() == usize::from(tile.width) * 32,
    };
    if !whole_one || !now.starts_with(&own) {
        let (zh, en) = (format!("较早的部分文件与现在的 {} 不符", whole.path()), format!("this earlier, partial file does not fit {} as it is now", whole.path()));
        faults.push(Fault::new(FaultKind::Changed, path, zh, en).at(tile.leaves()));
    }
}
