//! Bounds a workbook before it is parsed: what it expands to, and how far apart its cells are.

use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use zip::ZipArchive;

use super::super::{archive, limits};
use crate::CollectError;

/// The kinds of workbook that are archives of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// .xlsx
    New,
    /// .xlsb
    Binary,
    /// .ods
    Open,
}

/// What was seen while a workbook was expanded.
pub(crate) struct Told {
    pub kind: Parts,
    pub hidden_rows: u64,
}

/// Expands every part to nowhere and counts, because sizes stated in an archive may lie.
pub(crate) fn expands_within_limits(stream: &mut (impl Read + Seek), name: &str) -> Result<Told, CollectError> {
    let broken = |e: &dyn std::fmt::Display| archive::damaged(name, &e.to_string());
    let mut parts = ZipArchive::new(BufReader::new(&mut *stream)).map_err(|e| broken(&e))?;
    if parts.len() as u64 > limits::ENTRIES {
        return Err(too_large(name));
    }
    let has = |wanted: &str| parts.file_names().flatten().any(|part| part == wanted);
    let kind = match () {
        _ if has("xl/workbook.bin") => Parts::Binary,
        _ if has("content.xml") => Parts::Open,
        _ => Parts::New,
    };
    let mut total = 0;
    let mut hidden = HiddenRows::default();
    for index in 0..parts.len() {
        let part = parts.by_index(index).map_err(|e| broken(&e))?;
        let packed = part.compressed_size().max(1);
        let sheet = part.name().is_ok_and(|name| name.starts_with("xl/worksheets/") && name.ends_with(".xml"));
        let mut limited = part.take(limits::EXPANDED - total + 1);
        let copied = match sheet {
            true => std::io::copy(&mut limited, &mut hidden),
            false => std::io::copy(&mut limited, &mut std::io::sink()),
        };
        let size = copied.map_err(|e| broken(&e))?;
        total += size;
        if total > limits::EXPANDED {
            return Err(too_large(name));
        }
        if size > limits::RATIO_FROM && size / packed > limits::RATIO {
            return Err(archive::ratio(name));
        }
    }
    stream.seek(SeekFrom::Start(0)).map_err(|e| broken(&e))?;
    Ok(Told { kind, hidden_rows: hidden.count })
}

/// Counts the tags of hidden rows in the XML of sheets written to it.
#[derive(Default)]
struct HiddenRows {
    count: u64,
    /// A row's tag that the next bytes go on with.
    tag: Vec<u8>,
}

/// Longest tag of a row.
const TAG: usize = 4096;

impl Write for HiddenRows {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut rest = bytes;
        if !self.tag.is_empty() {
            let end = memchr::memchr(b'>', rest).unwrap_or(rest.len().min(TAG));
            self.tag.extend_from_slice(rest.get(..end).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default();
            if !rest.is_empty() || self.tag.len() > TAG {
                self.count += u64::from(is_hidden(&self.tag));
                self.tag.clear();
            }
        }
        for at in memchr::memchr_iter(b'<', rest) {
            let tag = rest.get(at..).unwrap_or_default();
            let whole = memchr::memchr(b'>', tag.get(..tag.len().min(TAG)).unwrap_or_default());
            match whole {
                Some(end) => self.count += u64::from(is_hidden(tag.get(..end).unwrap_or_default())),
                None if tag.len() < TAG && (tag.starts_with(b"<row") || b"<row".starts_with(tag)) => {
                    self.tag = tag.to_vec();
                }
                None => {}
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn is_hidden(tag: &[u8]) -> bool {
    tag.starts_with(b"<row ") && [&b" hidden=\"1\""[..], b" hidden=\"true\""].iter().any(|h| memchr::memmem::find(tag, h).is_some())
}

/// The old format is parsed whole and each sheet into a full rectangle: one lone far cell makes it huge.
pub(crate) fn old_book_within_limits(stream: &mut (impl Read + Seek), name: &str) -> Result<(), CollectError> {
    let mut content = Vec::new();
    let read = (&mut *stream).take(limits::XLS_FILE + 1).read_to_end(&mut content);
    read.and_then(|_| stream.seek(SeekFrom::Start(0))).map_err(|e| archive::damaged(name, &e.to_string()))?;
    if content.len() as u64 > limits::XLS_FILE {
        return Err(too_large(name));
    }
    match super::biff::sheets(&content) {
        None => Err(CollectError::new(
            "excel.broken",
            name,
            "工作簿内部结构损坏；请在 Excel 中打开后另存为 .xlsx",
            "the workbook's inner structure is broken; open it in Excel and save it as .xlsx",
        )),
        Some(sheets) => match sheets.iter().find(|s| s.area() > limits::CELLS as u64) {
            Some(_) => Err(too_many_cells(name, "")),
            None => Ok(()),
        },
    }
}

fn too_large(name: &str) -> CollectError {
    CollectError::new(
        "excel.too_large",
        name,
        "工作簿展开后超过 1 GiB；请改用 CSV 送达",
        "the workbook expands to more than 1 GiB; deliver it as CSV",
    )
}

pub(crate) fn too_many_cells(name: &str, sheet: &str) -> CollectError {
    CollectError::new(
        "excel.too_large",
        name,
        format!("工作表{sheet}超过 500 万个单元格（常见原因是很远处有零星内容）；请删去多余行列，或改用 CSV 送达"),
        format!("sheet {sheet} has more than 5 million cells (often because of a stray cell far away); delete what is not needed, or deliver it as CSV"),
    )
}
