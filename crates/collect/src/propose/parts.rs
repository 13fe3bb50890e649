//! A file that holds several tables is several resources: which, and what they are called.

use std::collections::HashSet;
use std::path::Path;

use data::standard::propose_name;

use super::Hints;
use crate::CollectError;
use crate::read::{Listed, ReadOptions, fingerprint, open_file, tables};

/// One table of a file, to be proposed as one resource.
#[derive(Clone, Debug)]
pub struct Part {
    /// Id of the resource.
    pub id: String,
    /// What the table is called in the file; empty for a file that is one table.
    pub table: String,
    pub hints: Hints,
}

/// More tables than this are not declared at once.
const PARTS: usize = 60;

/// The tables of a file as resources: the main one is called `id`, others `id_…`. A table that is named already, and a
/// file that is one table, is one part.
pub fn parts(path: &Path, id: &str, hints: &Hints) -> Result<Vec<Part>, CollectError> {
    let single = || vec![Part { id: id.to_owned(), table: String::new(), hints: hints.clone() }];
    if hints.table.is_some() || hints.records.is_some() {
        return Ok(single());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let list = tables(path, &name, &ReadOptions::default())?;
    if list.len() > PARTS {
        return Ok(match folder(&list) {
            Some(glob) => vec![Part { id: id.to_owned(), table: glob.clone(), hints: Hints { table: Some(glob), records: None } }],
            None => single(),
        });
    }
    if list.len() < 2 {
        return Ok(single());
    }
    let main = main(path, &name)?;
    let mut taken: HashSet<String> = [id.to_owned()].into();
    let mut all = Vec::new();
    for table in list {
        let is_main = main.as_deref() == Some(table.name.as_str());
        let id = if is_main { id.to_owned() } else { propose_id(id, &table.name, &mut taken) };
        let hints = match &table.records {
            Some(records) => Hints { table: None, records: Some(records.clone()) },
            None => Hints { table: Some(table.name.clone()), records: None },
        };
        all.push(Part { id, table: table.name, hints });
    }
    all.sort_by_key(|part| part.id != id);
    Ok(all)
}

/// The table that is read when none is named.
fn main(path: &Path, name: &str) -> Result<Option<String>, CollectError> {
    let source = open_file(path, name, &ReadOptions::default(), fingerprint(path, name)?)?;
    let decisions = crate::Source::decisions(&source);
    let member = decisions.iter().find(|d| d.what == "member").map(|d| d.chosen.clone());
    let chosen = source.chosen();
    Ok(member.or(chosen.records).or(chosen.table))
}

/// `timetable` and `stops.txt` → `timetable_stops`.
fn propose_id(id: &str, table: &str, taken: &mut HashSet<String>) -> String {
    let last = table.rsplit(['/', '\\']).next().unwrap_or(table);
    let stem = match last.rsplit_once('.') {
        Some((stem, suffix)) if suffix.len() <= 7 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()) && !table.contains("[*]") => stem,
        _ => last,
    };
    let word = propose_name(&stem.replace("[*]", "").replace(['.', ':', '#'], "_"), &mut HashSet::new());
    let wanted: String = format!("{id}_{word}").chars().take(60).collect();
    let mut found = wanted.clone();
    let mut again = 2;
    while !taken.insert(found.clone()) {
        found = format!("{wanted}_{again}");
        again += 1;
    }
    found
}

/// Many files of one kind in one folder are deliveries of one table: the glob of them all.
fn folder(list: &[Listed]) -> Option<String> {
    let place = |one: &Listed| {
        let (folder, last) = one.name.rsplit_once('/').unwrap_or(("", &one.name));
        let suffix = last.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        (folder.to_owned(), suffix.to_owned())
    };
    let first = place(list.first()?);
    if first.1.is_empty() || list.iter().any(|one| place(one) != first) {
        return None;
    }
    Some(if first.0.is_empty() { format!("*.{}", first.1) } else { format!("{}/*.{}", first.0, first.1) })
}
