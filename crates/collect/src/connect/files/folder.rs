//! The files of a system's folder that a resource is read from. Nothing outside the folder is ever reached.

use std::path::{Component, Path, PathBuf};

use super::glob::{is_pattern, matches};
use crate::CollectError;
use crate::connect::{hint, missing_file};

/// More files than this are not taken for one resource.
const FILE_LIMIT: usize = 100_000;

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Path inside the folder, with `/`.
    pub name: String,
    pub path: PathBuf,
}

/// The files that `from` names or matches, sorted by name.
pub fn find(folder: &Path, from: &str) -> Result<Vec<Found>, CollectError> {
    let root = folder.canonicalize().map_err(|_| missing_file(folder, "files.folder_missing"))?;
    let from = from.trim_start_matches("./");
    let stays_inside = Path::new(from).components().all(|part| matches!(part, Component::Normal(_)));
    if from.is_empty() || !stays_inside {
        return Err(outside(from));
    }
    let mut found = vec![Found { name: String::new(), path: root.clone() }];
    for segment in from.split('/').filter(|segment| !segment.is_empty()) {
        let mut deeper = Vec::new();
        for place in &found {
            enter(place, segment, &mut deeper)?;
        }
        found = deeper;
    }
    found.retain(|found| found.path.is_file());
    if found.is_empty() {
        return Err(none(&root, from));
    }
    for file in &found {
        let real = file.path.canonicalize().map_err(|_| missing_file(&file.path, "files.missing"))?;
        if !real.starts_with(&root) {
            return Err(outside(&file.name));
        }
    }
    found.sort();
    Ok(found)
}

/// Goes one segment of the pattern deeper.
fn enter(place: &Found, segment: &str, deeper: &mut Vec<Found>) -> Result<(), CollectError> {
    let below = |name: &str| if place.name.is_empty() { name.to_owned() } else { format!("{}/{name}", place.name) };
    if !is_pattern(segment) {
        deeper.push(Found { name: below(segment), path: place.path.join(segment) });
        return Ok(());
    }
    // A file where a folder is wanted simply has no entries.
    let Ok(entries) = std::fs::read_dir(&place.path) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if matches(segment, &name) && !passed_over(segment, &name) {
            deeper.push(Found { name: below(&name), path: entry.path() });
        }
        if deeper.len() > FILE_LIMIT {
            return Err(CollectError::new(
                "files.too_many",
                segment,
                format!("匹配的文件超过 {FILE_LIMIT} 个。"),
                format!("More than {FILE_LIMIT} files match."),
            ));
        }
    }
    Ok(())
}

/// Hidden files, lock files of office programs, and files still being transferred, unless the pattern asks for them.
fn passed_over(pattern: &str, name: &str) -> bool {
    let hidden = [".", "~$"].iter().any(|start| name.starts_with(start) && !pattern.starts_with(start));
    let partial =
        [".part", ".tmp", ".filepart", ".crdownload"].iter().any(|end| name.ends_with(end) && !pattern.ends_with(end));
    hidden || partial
}

fn none(root: &Path, from: &str) -> CollectError {
    let folder = from.rsplit_once('/').map_or(root.to_owned(), |(folder, _)| root.join(folder));
    let entries = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().take(10_000).collect())
        .unwrap_or_else(|_| Vec::new());
    let mut present: Vec<String> =
        entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    present.sort();
    let (zh, en) = hint(from.rsplit('/').next().unwrap_or(from), &present);
    CollectError::new(
        "files.missing",
        from,
        format!("系统的文件夹中没有「{from}」。{zh}"),
        format!("The system's folder has no “{from}”. {en}"),
    )
}

fn outside(name: &str) -> CollectError {
    CollectError::new(
        "files.outside",
        name,
        "文件必须在系统的文件夹之内：不能用绝对路径、「..」或指向外面的链接。",
        "A file must lie inside the system's folder: no absolute path, no “..”, no link that leads out.",
    )
}
