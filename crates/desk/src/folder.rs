//! Reads a city folder from disk: the declaration files as text, in a fixed order, within limits.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data::city::SourceFile;
use data::declare::{FOLDERS, SERVICES};

/// No declaration file is larger; a bigger one is a delivery that lies in the wrong place.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
const FILES_MAX: usize = 50_000;
/// Outlines of the districts stand here. Everything else in the folder (sources, notes) is not read.
const OUTLINES: &str = "geo";

/// All declaration files below `dir`, sorted by path.
pub fn read(dir: &Path) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for path in paths(dir)? {
        let text = fs::read(&path)?;
        let inside = path.strip_prefix(dir).unwrap_or(&path);
        files.push(SourceFile {
            path: inside.to_string_lossy().replace('\\', "/"),
            text: String::from_utf8_lossy(&text).into_owned(),
        });
    }
    Ok(files)
}

/// Changes whenever a declaration file is added, removed, or written: (count, sum of lengths, newest change).
pub fn fingerprint(dir: &Path) -> io::Result<(usize, u64, u128)> {
    let mut print = (0, 0, 0);
    for path in paths(dir)? {
        let meta = fs::metadata(&path)?;
        let changed = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos());
        print = (print.0 + 1, print.1 + meta.len(), print.2.max(changed));
    }
    Ok(print)
}

fn paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![dir.join("city.toml")];
    found.retain(|path| path.is_file());
    for room in FOLDERS.into_iter().chain([OUTLINES, SERVICES]) {
        let room = dir.join(room);
        if room.is_dir() {
            walk(&room, &mut found, 4)?;
        }
    }
    found.sort();
    Ok(found)
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>, depth_left: u32) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden || found.len() >= FILES_MAX {
            continue;
        }
        if path.is_dir() && depth_left > 0 {
            walk(&path, found, depth_left - 1)?;
        } else if is_declaration(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_declaration(path: &Path) -> bool {
    let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let small = path.metadata().is_ok_and(|m| m.is_file() && m.len() <= FILE_BYTES_MAX);
    small && matches!(kind, "toml" | "csv" | "sql" | "geojson" | "json")
}
