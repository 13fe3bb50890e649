//! Bounds a workbook before it is parsed: what it expands to, and how far apart its cells are.

use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::super::{archive, limits};
use crate::CollectError;

/// Expands every part to nowhere and counts, because sizes stated in an archive may lie.
pub(crate) fn expands_within_limits(stream: &mut (impl Read + Seek), name: &str) -> Result<(), CollectError> {
    let broken = |e: &dyn std::fmt::Display| archive::damaged(name, &e.to_string());
    let mut parts = ZipArchive::new(BufReader::new(&mut *stream)).map_err(|e| broken(&e))?;
    if parts.len() as u64 > limits::ENTRIES {
        return Err(too_large(name));
    }
    let mut total = 0;
    for index in 0..parts.len() {
        let part = parts.by_index(index).map_err(|e| broken(&e))?;
        let packed = part.compressed_size().max(1);
        let mut limited = part.take(limits::EXPANDED - total + 1);
        let size = std::io::copy(&mut limited, &mut std::io::sink()).map_err(|e| broken(&e))?;
        total += size;
        if total > limits::EXPANDED {
            return Err(too_large(name));
        }
        if size > limits::RATIO_FROM && size / packed > limits::RATIO {
            return Err(archive::ratio(name));
        }
    }
    stream.seek(SeekFrom::Start(0)).map_err(|e| broken(&e))?;
    Ok(())
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
