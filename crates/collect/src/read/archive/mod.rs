//! Archives (zip, tar): which members hold the table, and guards against archives made to harm.

mod tar;
mod zip;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decide::decision;
use super::input::Input;
use super::sniff::{Compression, Outer};
use crate::CollectError;
use crate::source::Decision;

pub(crate) use zip::{entries as zip_entries, open_entry};

/// A file inside an archive.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Member {
    /// Its path inside the archive, decoded (UTF-8, else GB18030).
    pub name: String,
    /// Expanded bytes.
    pub size: u64,
}

/// Where a member's bytes lie.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub name: String,
    pub size: u64,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Zip { packed: u64, start: u64, deflated: bool, crc: u32 },
    /// A stretch of the archive, or of what it expands to.
    Tar { start: u64, expanded: Option<Arc<tempfile::TempPath>> },
}

impl Entry {
    /// The file that the bytes are in, when it is not the archive itself.
    pub fn expanded(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Tar { expanded: Some(path), .. } => Some(path.to_path_buf()),
            _ => None,
        }
    }
}

/// The files inside an archive, in its own order; none when the file is no archive.
pub fn members(path: &Path) -> Result<Vec<Member>, CollectError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let outer = super::sniff::outer(path, &name)?;
    let entries = entries(path, &name, outer)?;
    Ok(entries.into_iter().map(|e| Member { name: e.name, size: e.size }).collect())
}

/// Reads the directory of an archive after making sure that it is harmless.
pub(crate) fn entries(path: &Path, name: &str, outer: Outer) -> Result<Vec<Entry>, CollectError> {
    match outer {
        Outer::Plain(_) => Ok(Vec::new()),
        Outer::Zip => zip::entries(path, name),
        Outer::Tar(compression) => tar::entries(path, name, compression),
    }
}

/// The first bytes of one entry of a zip.
pub(crate) fn zip_first_bytes(path: &Path, name: &str, entry: &str) -> Result<Vec<u8>, CollectError> {
    let mut first = Vec::new();
    if let Some(found) = zip::entries(path, name)?.iter().find(|e| e.name == entry) {
        let stream = open_entry(path, name, found, Arc::default())?;
        stream.take(256).read_to_end(&mut first).map_err(|e| super::input::failure(name, &e))?;
    }
    Ok(first)
}

/// How a member counts as packed.
pub(crate) fn compression(outer: Outer) -> Compression {
    match outer {
        Outer::Plain(compression) => compression,
        Outer::Zip => Compression::Zip,
        Outer::Tar(_) => Compression::Tar,
    }
}

fn refuse_path(archive: &str, member: &str) -> Result<(), CollectError> {
    let absolute = member.starts_with(['/', '\\']) || member.get(1..2) == Some(":");
    if absolute || member.contains('\0') || member.split(['/', '\\']).any(|part| part == "..") {
        return Err(CollectError::new(
            "archive.path",
            archive,
            format!("压缩包内有越界路径“{member}”，拒绝打开"),
            format!("the archive has a path that leaves it, `{member}`; it is not opened"),
        ));
    }
    Ok(())
}

/// Chinese Windows writes GBK names without saying so.
fn decode_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

fn too_many_entries(name: &str) -> CollectError {
    CollectError::new(
        "archive.entries",
        name,
        "压缩包内文件超过 10,000 个，拒绝打开",
        "the archive has more than 10,000 files; it is not opened",
    )
}

pub(crate) fn ratio(name: &str) -> CollectError {
    CollectError::new(
        "archive.ratio",
        name,
        "压缩比超过 200:1，疑似压缩炸弹，已停止读取；在此之前读出的行是文件中的正常内容；如确属正常数据，请解压后送达",
        "it expands more than 200 times, as archives made to harm do; reading stopped. Rows read before are what the file says. If it is real, deliver it unpacked",
    )
}

pub(crate) fn damaged(name: &str, why: &str) -> CollectError {
    CollectError::new(
        "archive.damaged",
        name,
        format!("压缩包已损坏或不完整（{why}），请让部门重新送达"),
        format!("the archive is damaged or incomplete ({why}); ask for it again"),
    )
}

/// What is to be read of an archive.
pub(crate) struct Picked {
    /// One member, or all that a glob names: the same table in parts.
    pub inputs: Vec<Input>,
    /// The table inside the member: a sheet, a table of a dump.
    pub inner: Option<String>,
    pub decisions: Vec<Decision>,
}

/// The members that `table` names (`member`, `member#table inside it`, a glob, a number), else the only or biggest one
/// that looks like a table.
pub(crate) fn pick(path: &Path, name: &str, outer: Outer, table: Option<&str>) -> Result<Picked, CollectError> {
    let entries = entries(path, name, outer)?;
    let input = |entry: &Entry| Input::member(path, name, compression(outer), entry.clone());
    let tables = tables(&entries);
    let Some(wanted) = table.filter(|t| !t.is_empty()) else {
        let (biggest, decision) = biggest(&entries, &tables, name)?;
        return Ok(Picked { inputs: vec![input(biggest)], inner: None, decisions: vec![decision] });
    };
    let (member, inner) = match wanted.split_once('#') {
        Some((member, inner)) if !entries.iter().any(|e| matches(wanted, &e.name)) => (member, Some(inner.to_owned())),
        _ => (wanted, None),
    };
    let mut found = named(&entries, &tables, member, name)?;
    if found.is_empty() && tables.len() > 1 {
        found.extend(member.parse().ok().and_then(|n: usize| tables.get(n.checked_sub(1)?)).copied());
    }
    if !found.is_empty() {
        let decisions = match found.as_slice() {
            [_] => Vec::new(),
            all => vec![parts(all, name)],
        };
        return Ok(Picked { inputs: found.into_iter().map(input).collect(), inner, decisions });
    }
    // A name that matches no member is a sheet or a table inside the only one.
    match tables.as_slice() {
        [only] => Ok(Picked { inputs: vec![input(only)], inner: Some(wanted.to_owned()), decisions: Vec::new() }),
        _ => Err(CollectError::new(
            "archive.member",
            name,
            format!("压缩包内没有“{wanted}”；有：{}", list(&entries)),
            format!("the archive has no `{wanted}`; it has: {}", list(&entries)),
        )),
    }
}

/// The names of an archive's members that look like tables.
pub(crate) fn tables(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().filter(|e| is_table_like(&e.name) && e.size > 0).collect()
}

/// The members a name stands for: one by its path or its last part, several only by a glob.
fn named<'e>(entries: &'e [Entry], tables: &[&'e Entry], wanted: &str, archive: &str) -> Result<Vec<&'e Entry>, CollectError> {
    if let Some(exact) = entries.iter().find(|e| e.name == wanted) {
        return Ok(vec![exact]);
    }
    let found: Vec<&Entry> = entries.iter().filter(|e| matches(wanted, &e.name)).collect();
    if found.len() < 2 {
        return Ok(found);
    }
    if wanted.contains(['*', '?']) {
        return Ok(tables.iter().copied().filter(|e| matches(wanted, &e.name)).collect());
    }
    let paths = found.iter().take(10).map(|e| e.name.as_str()).collect::<Vec<_>>().join("、");
    Err(CollectError::new(
        "archive.member",
        archive,
        format!("压缩包内有多个“{wanted}”，请写全路径：{paths}"),
        format!("the archive has several `{wanted}`; write the whole path: {paths}"),
    ))
}

fn list(entries: &[Entry]) -> String {
    let mut list = entries.iter().take(20).map(|e| e.name.as_str()).collect::<Vec<_>>().join("、");
    if entries.len() > 20 {
        list.push('…');
    }
    list
}

fn biggest<'e>(entries: &'e [Entry], tables: &[&'e Entry], name: &str) -> Result<(&'e Entry, Decision), CollectError> {
    let list = list(entries);
    let Some(biggest) = tables.iter().rev().max_by_key(|e| e.size) else {
        return Err(CollectError::new(
            "archive.no_table",
            name,
            format!("压缩包内没有数据表文件（CSV、Excel、JSON、SQL 等）；有：{list}"),
            format!("the archive has no table in it (CSV, Excel, JSON, SQL…); it has: {list}"),
        ));
    };
    let why = match tables.len() {
        1 => ("压缩包内唯一的数据表".to_owned(), "the only table in the archive".to_owned()),
        n => (
            format!("压缩包内有 {n} 个数据表，取最大的；用 table 指定其他：{list}"),
            format!("the biggest of {n} tables in the archive; name another one with `table`: {list}"),
        ),
    };
    Ok((biggest, decision("member", name, biggest.name.clone(), why.0, why.1)))
}

fn parts(found: &[&Entry], name: &str) -> Decision {
    let n = found.len();
    decision(
        "members",
        name,
        n.to_string(),
        format!("符合 table 的 {n} 个文件作为同一张表，依次读取"),
        format!("the {n} files that match `table` are read one after another as one table"),
    )
}

/// A glob, the whole path, or the last part of it.
fn matches(wanted: &str, member: &str) -> bool {
    let last = member.rsplit(['/', '\\']).next().unwrap_or(member);
    wanted == member || wanted == last || glob(wanted, member) || glob(wanted, last)
}

/// `*` any run of characters, `?` one.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&c) if c == '?' || Some(&c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&c| c == '*')
}

fn is_table_like(member: &str) -> bool {
    let last = member.rsplit(['/', '\\']).next().unwrap_or(member).to_lowercase();
    const SUFFIXES: [&str; 19] = [
        "csv", "tsv", "txt", "tab", "dat", "json", "geojson", "ndjson", "jsonl", "sql", "xlsx", "xlsm", "xlsb", "xls", "ods",
        "xml", "rdf", "dbf", "parquet",
    ];
    !member.starts_with("__MACOSX/")
        && !last.starts_with('.')
        && last.rsplit_once('.').is_none_or(|(_, s)| SUFFIXES.contains(&s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_a_shell() {
        for (pattern, text, expected) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "a.csv.gz", false),
            ("people-??.csv", "people-01.csv", true),
            ("*省*12 位*", "三级（港澳台三级省，行政代码 12 位）.sql", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
