//! Zip archives: which member is the table, and guards against archives made to harm.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use zip::{CompressionMethod, ZipArchive};

use super::decide::decision;
use super::input::{self, Counted, Input};
use super::limits;
use crate::CollectError;
use crate::source::Decision;

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
    packed: u64,
    start: u64,
    deflated: bool,
    crc: u32,
}

/// The files inside a zip, in its own order.
pub fn members(path: &Path) -> Result<Vec<Member>, CollectError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let entries = entries(path, &name)?;
    Ok(entries.into_iter().map(|e| Member { name: e.name, size: e.size }).collect())
}

/// Reads the directory of an archive after making sure that it is harmless.
pub(crate) fn entries(path: &Path, name: &str) -> Result<Vec<Entry>, CollectError> {
    let mut file = File::open(path).map_err(|e| input::failure(name, &e))?;
    if declared_entries(&mut file).map_err(|e| input::failure(name, &e))? > limits::ENTRIES {
        return Err(CollectError::new(
            "archive.entries",
            name,
            "压缩包内文件超过 10,000 个，拒绝打开",
            "the archive has more than 10,000 files; it is not opened",
        ));
    }
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(name, &e.to_string()))?;
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|e| damaged(name, &e.to_string()))?;
        if entry.is_dir() {
            continue;
        }
        let shown = decode_name(entry.name_raw());
        let deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => continue,
        };
        if entry.encrypted() {
            return Err(CollectError::new(
                "archive.encrypted",
                name,
                format!("压缩包有密码（{shown}），请去掉密码后重新送达"),
                format!("the archive is protected by a password ({shown}); deliver it without one"),
            ));
        }
        refuse_path(name, &shown)?;
        let (size, packed, header, crc) = (entry.size(), entry.compressed_size(), entry.header_start(), entry.crc32());
        if size > limits::RATIO_FROM && size / packed.max(1) > limits::RATIO {
            return Err(ratio(name));
        }
        found.push(Entry { name: shown, size, packed, start: header, deflated, crc });
    }
    let mut file = archive.into_inner();
    for entry in &mut found {
        entry.start = data_start(&mut file, entry.start).map_err(|e| damaged(name, &e.to_string()))?;
    }
    Ok(found)
}

/// The number of entries that the archive's last record states, before anything is allocated for them.
fn declared_entries(file: &mut File) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = length.min(66_000);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut end = Vec::new();
    file.take(tail).read_to_end(&mut end)?;
    file.seek(SeekFrom::Start(0))?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06");
    let count = at.and_then(|at| end.get(at + 10..at + 12)).and_then(|b| <[u8; 2]>::try_from(b).ok());
    Ok(count.map_or(0, |b| u64::from(u16::from_le_bytes(b))))
}

/// Skips the local header, whose lengths may differ from those in the directory.
fn data_start(file: &mut (impl Read + Seek), header: u64) -> io::Result<u64> {
    let mut fixed = [0; 30];
    file.seek(SeekFrom::Start(header))?;
    file.read_exact(&mut fixed)?;
    let [.., n0, n1, e0, e1] = fixed;
    Ok(header + 30 + u64::from(u16::from_le_bytes([n0, n1])) + u64::from(u16::from_le_bytes([e0, e1])))
}

/// Chinese Windows writes GBK names without saying so.
fn decode_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
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

pub(crate) fn ratio(name: &str) -> CollectError {
    CollectError::new(
        "archive.ratio",
        name,
        "压缩比超过 200:1，疑似压缩炸弹，已停止读取；如确属正常数据，请解压后送达",
        "it expands more than 200 times, as archives made to harm do; reading stopped. If it is real, deliver it unpacked",
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

/// The member that `table` names (or matches as a glob), else the only or biggest one that looks like a table.
pub(crate) fn choose(path: &Path, name: &str, table: Option<&str>) -> Result<(Input, Vec<Decision>), CollectError> {
    let entries = entries(path, name)?;
    let list = || entries.iter().take(20).map(|e| e.name.as_str()).collect::<Vec<_>>().join("、");
    // A name that matches no member is a sheet or a table inside the member that is chosen.
    if let Some(wanted) = table
        && let Some(entry) = entries.iter().find(|e| matches(wanted, &e.name))
    {
        return Ok((Input::member(path, name, entry.clone()), Vec::new()));
    }
    let mut tables: Vec<&Entry> = entries.iter().filter(|e| is_table_like(&e.name) && e.size > 0).collect();
    if let (Some(wanted), true) = (table, tables.len() > 1) {
        return Err(CollectError::new(
            "archive.member",
            name,
            format!("压缩包内没有“{wanted}”；有：{}", list()),
            format!("the archive has no `{wanted}`; it has: {}", list()),
        ));
    }
    tables.sort_by_key(|e| std::cmp::Reverse(e.size));
    let Some(biggest) = tables.first() else {
        return Err(CollectError::new(
            "archive.no_table",
            name,
            format!("压缩包内没有数据表文件（CSV、Excel、JSON、SQL 等）；有：{}", list()),
            format!("the archive has no table in it (CSV, Excel, JSON, SQL…); it has: {}", list()),
        ));
    };
    let why = if tables.len() == 1 {
        ("压缩包内唯一的数据表".to_owned(), "the only table in the archive".to_owned())
    } else {
        (
            format!("压缩包内有 {} 个数据表，取最大的；用 table 指定其他：{}", tables.len(), list()),
            format!("the biggest of {} tables in the archive; name another one with `table`: {}", tables.len(), list()),
        )
    };
    let chosen = decision("member", name, biggest.name.clone(), why.0, why.1);
    Ok((Input::member(path, name, (*biggest).clone()), vec![chosen]))
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
    const SUFFIXES: [&str; 12] =
        ["csv", "tsv", "txt", "tab", "dat", "json", "geojson", "ndjson", "jsonl", "sql", "xlsx", "xls"];
    !member.starts_with("__MACOSX/")
        && !last.starts_with('.')
        && (last.rsplit_once('.').is_none_or(|(_, s)| SUFFIXES.contains(&s) || s == "parquet"))
}

/// A member as a stream; its length and checksum are compared at the end.
pub(crate) fn open_entry(
    path: &Path,
    name: &str,
    entry: &Entry,
    consumed: Arc<AtomicU64>,
) -> Result<Box<dyn Read + Send>, CollectError> {
    let mut file = File::open(path).map_err(|e| input::failure(name, &e))?;
    file.seek(SeekFrom::Start(entry.start)).map_err(|e| input::failure(name, &e))?;
    let packed = BufReader::with_capacity(1 << 16, Counted { inner: file.take(entry.packed), count: consumed });
    let inner: Box<dyn Read + Send> =
        if entry.deflated { Box::new(flate2::bufread::DeflateDecoder::new(packed)) } else { Box::new(packed) };
    Ok(Box::new(Checked { inner, name: name.to_owned(), left: entry.size, expected: entry.crc, crc: flate2::Crc::new() }))
}

struct Checked {
    inner: Box<dyn Read + Send>,
    name: String,
    left: u64,
    expected: u32,
    crc: flate2::Crc,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if n == 0 && !buffer.is_empty() {
            if self.left > 0 || self.crc.sum() != self.expected {
                return Err(io::Error::other(damaged(&self.name, "CRC-32")));
            }
            return Ok(0);
        }
        self.left = match self.left.checked_sub(n as u64) {
            Some(left) => left,
            None => return Err(io::Error::other(damaged(&self.name, "size"))),
        };
        self.crc.update(buffer.get(..n).unwrap_or_default());
        Ok(n)
    }
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
