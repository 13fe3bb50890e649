//! Walks an old workbook's records just far enough to know how large each sheet would become
//! ([MS-CFB] for the container, [MS-XLS] for the records), without building anything.

/// The rectangle that holds all cells of one sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    filled: bool,
    rows: (u16, u16),
    columns: (u16, u16),
}

impl Extent {
    pub fn area(&self) -> u64 {
        if !self.filled {
            return 0;
        }
        (u64::from(self.rows.1 - self.rows.0) + 1) * (u64::from(self.columns.1 - self.columns.0) + 1)
    }

    fn include(&mut self, row: u16, column: u16) {
        if self.filled {
            self.rows = (self.rows.0.min(row), self.rows.1.max(row));
            self.columns = (self.columns.0.min(column), self.columns.1.max(column));
        } else {
            *self = Extent { filled: true, rows: (row, row), columns: (column, column) };
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// The extents of all substreams (sheets, charts); `None` when the container or the records make no sense.
pub(crate) fn sheets(file: &[u8]) -> Option<Vec<Extent>> {
    let stream = workbook_stream(file)?;
    let (mut at, mut sheets, mut depth) = (0, Vec::new(), 0usize);
    while let (Some(kind), Some(length)) = (u16_at(&stream, at), u16_at(&stream, at + 2)) {
        let body = stream.get(at + 4..at + 4 + usize::from(length))?;
        match kind {
            // BOF of any version: a new substream, which may be nested in another (a chart in a sheet).
            0x0809 | 0x0409 | 0x0209 | 0x0009 => {
                depth += 1;
                sheets.push(Extent::default());
            }
            0x000A => depth = depth.saturating_sub(1),
            // The parser makes room for what the sheet states, so it must be possible.
            0x0200 if !possible(body) => return None,
            _ if depth > 0 => {
                if let (Some(sheet), Some(cells)) = (sheets.last_mut(), cells_of(kind, body)) {
                    sheet.include(cells.0, cells.1);
                    sheet.include(cells.0, cells.2);
                }
            }
            _ => {}
        }
        at += 4 + usize::from(length);
        if sheets.len() > 10_000 {
            return None;
        }
    }
    Some(sheets)
}

/// Whether the dimensions stated (rows as two or four bytes) are within what the format allows.
fn possible(body: &[u8]) -> bool {
    let (rows, columns) = match body.len() {
        14 => (u32_at(body, 4), u16_at(body, 10)),
        _ => (u16_at(body, 2).map(u32::from), u16_at(body, 6)),
    };
    rows.is_some_and(|r| r <= 65_536) && columns.is_some_and(|c| c <= 256)
}

/// Row, first and last column of a record that holds cells.
fn cells_of(kind: u16, body: &[u8]) -> Option<(u16, u16, u16)> {
    let (row, column) = (u16_at(body, 0)?, u16_at(body, 2)?);
    match kind {
        // NUMBER, LABEL, BOOLERR, FORMULA, RK, LABELSST, RSTRING and older forms; formatted blanks take no room.
        0x0203 | 0x0204 | 0x0205 | 0x0006 | 0x0206 | 0x0406 | 0x027E | 0x00FD | 0x00D6 | 0x0003 | 0x0004 | 0x0005 => {
            Some((row, column, column))
        }
        // MULRK: the last column stands at the end.
        0x00BD => Some((row, column, u16_at(body, body.len().checked_sub(2)?)?)),
        _ => None,
    }
}

const END: u32 = 0xFFFF_FFFA;

/// The bytes of the stream `Workbook` (or `Book`) of a compound file.
fn workbook_stream(file: &[u8]) -> Option<Vec<u8>> {
    let shift = u16_at(file, 30)?;
    if !(7..=16).contains(&shift) {
        return None;
    }
    let container = Container { file, sector: 1 << shift, table: Vec::new() };
    let container = Container { table: container.allocation()?, ..container };
    let directory = container.chain(u32_at(file, 48)?, &container.table, None)?;
    let (mut found, mut root) = (None, None);
    for entry in directory.chunks_exact(128) {
        let length = usize::from(u16_at(entry, 64)?).saturating_sub(2).min(62);
        let wide: Vec<u16> = (0..length / 2).filter_map(|i| u16_at(entry, i * 2)).collect();
        let place = (u32_at(entry, 116)?, u32_at(entry, 120)?);
        match String::from_utf16_lossy(&wide).as_str() {
            "Workbook" | "Book" if found.is_none() => found = Some(place),
            "Root Entry" => root = Some(place),
            _ => {}
        }
    }
    let (start, size) = found?;
    let size = size as usize;
    if size >= u32_at(file, 56)? as usize {
        return container.chain(start, &container.table, Some(size));
    }
    // Small streams live in a stream of their own, cut into sectors of 64 bytes.
    let small = container.chain(root?.0, &container.table, None)?;
    let table = as_table(&container.chain(u32_at(file, 60)?, &container.table, None)?);
    let small = Container { file: &small, sector: 64, table };
    let mut out = Vec::new();
    let mut at = start;
    while at < END && out.len() < size {
        let from = at as usize * 64;
        out.extend_from_slice(small.file.get(from..from + 64)?);
        at = *small.table.get(at as usize)?;
    }
    out.truncate(size);
    Some(out)
}

struct Container<'f> {
    file: &'f [u8],
    sector: usize,
    table: Vec<u32>,
}

fn as_table(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|c| u32_at(c, 0)).collect()
}

impl<'f> Container<'f> {
    fn sector(&self, number: u32) -> Option<&'f [u8]> {
        let from = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        self.file.get(from..self.file.len().min(from + self.sector))
    }

    /// The table that says which sector follows which: 109 of its sectors are named in the header, the others in a list.
    fn allocation(&self) -> Option<Vec<u32>> {
        let mut places: Vec<u32> = (0..109).filter_map(|i| u32_at(self.file, 76 + i * 4)).collect();
        let (mut next, mut left) = (u32_at(self.file, 68)?, self.file.len() / self.sector + 1);
        while next < END {
            left = left.checked_sub(1)?;
            let list = as_table(self.sector(next)?);
            let (last, named) = list.split_last()?;
            places.extend(named);
            next = *last;
        }
        let mut table = Vec::new();
        for place in places.into_iter().filter(|p| *p < END) {
            table.extend(as_table(self.sector(place)?));
            if table.len() > self.file.len() {
                return None;
            }
        }
        Some(table)
    }

    /// Follows a chain of sectors; a chain longer than the file is a loop.
    fn chain(&self, start: u32, table: &[u32], size: Option<usize>) -> Option<Vec<u8>> {
        let (mut out, mut at) = (Vec::new(), start);
        while at < END && size.is_none_or(|size| out.len() < size) {
            out.extend_from_slice(self.sector(at)?);
            if out.len() > self.file.len() {
                return None;
            }
            at = *table.get(at as usize)?;
        }
        out.truncate(size.unwrap_or(out.len()));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_and_never_loops() {
        for file in [&b""[..], &[0xD0, 0xCF, 0x11, 0xE0], &[0xFF; 4096], &[0; 4096], &[1; 4096]] {
            assert!(sheets(file).is_none_or(|s| s.is_empty()));
        }
    }

    #[test]
    fn area_spans_the_farthest_cells() {
        let mut extent = Extent::default();
        assert_eq!(extent.area(), 0);
        extent.include(0, 0);
        extent.include(65_535, 255);
        assert_eq!(extent.area(), 65_536 * 256);
    }
}
