//! The files of a system's folder that a resource is read from. Nothing outside the folder is ever reached.

use std::path::{Component, Path, PathBuf};

use super::arrival::{Arrival, stamp};
use super::glob::{is_pattern, matches, passed_over};
use super::place::{Fetched, Found, Local, Place};
use crate::CollectError;
use crate::connect::{hint, missing_file};
use crate::position::FileMark;
use crate::read;
use crate::source::Decision;

/// More files than this are not taken for one resource.
const FILE_LIMIT: usize = 100_000;
/// `**` goes so many folders deep.
const DEEPEST: usize = 16;

/// A folder that deliveries are put in.
pub struct Folder {
    pub arrival: Arrival,
}

impl Place for Folder {
    /// A file's length and time can be what they were while its content is not: only the content tells.
    fn is_same(&self, _: &Found, _: &FileMark) -> bool {
        false
    }

    fn fetch(&mut self, found: &Found) -> Result<Fetched, CollectError> {
        if let Some(why) = self.arrival.awaited(found) {
            return Ok(Fetched::Held(why));
        }
        let stamp = stamp(&found.path);
        let print = read::fingerprint(&found.path, &found.name)?;
        Ok(Fetched::Ready(Local { path: found.path.clone(), print, stamp, _spool: None }))
    }

    fn settled(&mut self, found: &Found, local: &Local) -> Result<Option<Decision>, CollectError> {
        if let Some(why) = self.arrival.settle(found, local.stamp) {
            return Ok(Some(why));
        }
        self.arrival.verify(found).map(|()| None)
    }
}

/// The files that `from` names or matches, sorted by name, without what stands beside them.
pub fn find(folder: &Path, from: &str, arrival: &Arrival) -> Result<Vec<Found>, CollectError> {
    let root = folder.canonicalize().map_err(|_| missing_file(folder, "files.folder_missing"))?;
    let from = from.trim_start_matches("./");
    let stays_inside = Path::new(from).components().all(|part| matches!(part, Component::Normal(_)));
    if from.is_empty() || !stays_inside {
        return Err(outside(from));
    }
    let mut found = vec![at(String::new(), root.clone())];
    for segment in from.split('/').filter(|segment| !segment.is_empty()) {
        let mut deeper = Vec::new();
        for place in &found {
            match segment {
                "**" => below(place, 0, &mut deeper)?,
                segment => enter(place, segment, &mut deeper)?,
            }
        }
        found = deeper;
    }
    found.retain(|found| found.path.is_file() && !arrival.is_sidecar(&found.name));
    if found.is_empty() {
        return Err(none(&root, from));
    }
    for file in &found {
        let real = file.path.canonicalize().map_err(|_| missing_file(&file.path, "files.missing"))?;
        if !real.starts_with(&root) {
            return Err(outside(&file.name));
        }
    }
    found.iter_mut().for_each(|found| found.length = found.path.metadata().map_or(0, |metadata| metadata.len()));
    found.sort();
    found.dedup();
    Ok(found)
}

fn at(name: String, path: PathBuf) -> Found {
    Found { name, path, length: 0, etag: None, modified: None }
}

/// A folder and all below it. Links are not followed, so that none leads round in a circle.
fn below(place: &Found, depth: usize, deeper: &mut Vec<Found>) -> Result<(), CollectError> {
    deeper.push(place.clone());
    let Ok(entries) = std::fs::read_dir(&place.path) else { return Ok(()) };
    for entry in entries.flatten().filter(|_| depth < DEEPEST) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !passed_over("*", &name) {
            below(&at(inside(place, &name), entry.path()), depth + 1, deeper)?;
        }
        limit("**", deeper)?;
    }
    Ok(())
}

fn inside(place: &Found, name: &str) -> String {
    if place.name.is_empty() { name.to_owned() } else { format!("{}/{name}", place.name) }
}

fn limit(segment: &str, found: &[Found]) -> Result<(), CollectError> {
    match found.len() > FILE_LIMIT {
        false => Ok(()),
        true => Err(CollectError::new(
            "files.too_many",
            segment,
            format!("匹配的文件超过 {FILE_LIMIT} 个。"),
            format!("More than {FILE_LIMIT} files match."),
        )),
    }
}

/// Goes one segment of the pattern deeper.
fn enter(place: &Found, segment: &str, deeper: &mut Vec<Found>) -> Result<(), CollectError> {
    if !is_pattern(segment) {
        deeper.push(at(inside(place, segment), place.path.join(segment)));
        return Ok(());
    }
    // A file where a folder is wanted simply has no entries.
    let Ok(entries) = std::fs::read_dir(&place.path) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if matches(segment, &name) && !passed_over(segment, &name) {
            deeper.push(at(inside(place, &name), entry.path()));
        }
        limit(segment, deeper)?;
    }
    Ok(())
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
