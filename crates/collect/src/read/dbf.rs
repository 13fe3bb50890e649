//! dBASE tables (.dbf), as offices and map programs of long ago write them: fixed fields behind a header that names them.

use std::io::{BufReader, ErrorKind, Read};
use std::sync::Arc;

use encoding_rs::Encoding;

use super::decide::decision;
use super::input::Input;
use super::rows::{Rows, fault, unique_names};
use super::{ReadOptions, Records, encoding, limits};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

struct Field {
    kind: u8,
    length: usize,
}

pub(crate) struct DbfRecords {
    reader: BufReader<Box<dyn Read + Send>>,
    encoding: &'static Encoding,
    fields: Vec<Field>,
    record: Vec<u8>,
    rows: Rows,
    shown: String,
    total: u64,
    taken: u64,
    deleted: u64,
    decisions: Vec<Decision>,
}

const HEADER: usize = 32;

/// Whether a file begins with the header of a table: a version, a date that can be, sizes that fit each other.
pub(crate) fn look(head: &[u8]) -> bool {
    let Some(&[version, _, month, day, ..]) = head.get(..HEADER) else { return false };
    let (size, record) = (u16_at(head, 8), u16_at(head, 10));
    let versions = [0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5, 0xFB];
    versions.contains(&version)
        && month <= 12
        && day <= 31
        && (version < 0x30 || head.get(..HEADER).is_some_and(|h| h.contains(&0)))
        && size > HEADER
        && record > 1
        && head.get(HEADER).is_some_and(|first| first.is_ascii_alphanumeric() || *first == b'_' || *first >= 0x80)
        && head.get(HEADER + 11).is_some_and(u8::is_ascii_uppercase)
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..at + 2).and_then(|b| <[u8; 2]>::try_from(b).ok()).map_or(0, |b| usize::from(u16::from_le_bytes(b)))
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok()).map_or(0, |b| u64::from(u32::from_le_bytes(b)))
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<DbfRecords, CollectError> {
    let mut reader = BufReader::with_capacity(1 << 16, input.open()?);
    let mut head = vec![0; HEADER];
    reader.read_exact(&mut head).map_err(|e| input.failure(&e))?;
    let (size, length) = (u16_at(&head, 8), u16_at(&head, 10));
    let mut rest = vec![0; size.saturating_sub(HEADER)];
    reader.read_exact(&mut rest).map_err(|e| input.failure(&e))?;
    let (names, fields) = fields(&rest);
    if fields.is_empty() || fields.iter().map(|f| f.length).sum::<usize>() + 1 > length {
        return Err(broken(input));
    }
    let mut decisions = Vec::new();
    let coded = code_page(input, options, &head, &mut decisions)?;
    if fields.iter().any(|f| matches!(f.kind, b'M' | b'G' | b'P')) {
        decisions.push(decision(
            "memo",
            input.shown(),
            "",
            "备注型字段的内容在另一个文件（.dbt 或 .fpt）里，这里只有块号；需要时请导出为 CSV",
            "the texts of memo fields are in another file (.dbt or .fpt); only their block numbers are here. Export as CSV if they are needed",
        ));
    }
    let names: Vec<String> = names.iter().map(|n| coded.decode_without_bom_handling(n).0.into_owned()).collect();
    let names = unique_names(names.iter().map(String::as_str));
    Ok(DbfRecords {
        reader,
        encoding: coded,
        rows: Rows::new(Arc::from(input.shown()), names.into(), true),
        fields,
        record: vec![0; length],
        shown: input.shown().to_owned(),
        total: u32_at(&head, 4),
        taken: 0,
        deleted: 0,
        decisions,
    })
}

/// The names and forms of the fields, up to the mark that ends them.
fn fields(header: &[u8]) -> (Vec<&[u8]>, Vec<Field>) {
    let (mut names, mut fields) = (Vec::new(), Vec::new());
    for one in header.chunks_exact(32) {
        let (Some(name), Some(&kind)) = (one.get(..11), one.get(11)) else { break };
        if name.first() == Some(&0x0D) || !kind.is_ascii_graphic() {
            break;
        }
        let (length, decimals) = (one.get(16).copied().unwrap_or(0), one.get(17).copied().unwrap_or(0));
        // Long texts keep the high byte of their length in the place of the decimals.
        let wide = kind == b'C' && decimals > 0;
        let length = usize::from(length) + if wide { usize::from(decimals) << 8 } else { 0 };
        names.push(name.split(|b| *b == 0).next().unwrap_or_default());
        fields.push(Field { kind, length });
    }
    (names, fields)
}

/// Declared, else told by the header, else by the texts themselves.
fn code_page(input: &Input, options: &ReadOptions, head: &[u8], decisions: &mut Vec<Decision>) -> Result<&'static Encoding, CollectError> {
    let mut told = |label: &str, zh: &str, en: &str| decisions.push(decision("encoding", input.shown(), label, zh, en));
    if options.encoding.is_some() {
        let chosen = encoding::choose(options.encoding.as_deref(), b"", input.shown())?.encoding;
        told(chosen.name(), "按声明", "as declared");
        return Ok(chosen);
    }
    let label = match head.get(29).copied().unwrap_or(0) {
        0x4D | 0x7A => Some("gb18030"),
        0x4F | 0x78 => Some("big5"),
        0x7B | 0x13 => Some("shift_jis"),
        0x79 | 0x4E => Some("euc-kr"),
        0x03 | 0x57 | 0x58 | 0x59 => Some("windows-1252"),
        0xC8 => Some("windows-1250"),
        0xC9 => Some("windows-1251"),
        0x65 | 0x26 => Some("ibm866"),
        _ => None,
    };
    if let Some(encoding) = label.and_then(|l| Encoding::for_label(l.as_bytes())) {
        told(encoding.name(), "文件头写明了代码页", "the header names the code page");
        return Ok(encoding);
    }
    let mut sample = encoding::sample(&mut *input.open()?, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let texts = sample.split_off(u16_at(head, 8).min(sample.len()));
    let chosen = encoding::choose(None, &texts, input.shown())?;
    told(chosen.encoding.name(), &chosen.why.zh, &chosen.why.en);
    Ok(chosen.encoding)
}

fn broken(input: &Input) -> CollectError {
    CollectError::new(
        "dbf.broken",
        input.shown(),
        "dBASE 文件头与记录长度不符，文件已损坏；请让部门重新导出",
        "the dBASE header and the length of its records do not agree: the file is damaged; ask for a new export",
    )
}

impl DbfRecords {
    /// Reads the next record; false behind the last.
    fn read(&mut self) -> Result<bool, CollectError> {
        if self.taken >= self.total {
            return Ok(false);
        }
        match self.reader.read_exact(&mut self.record) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => Err(CollectError::new(
                "dbf.cut_off",
                self.shown.clone(),
                format!("文件头说有 {} 条记录，读到第 {} 条时文件已结束；请让部门重新送达", self.total, self.taken),
                format!("the header says {} records, but the file ends after {}; ask for it again", self.total, self.taken),
            )),
            Err(e) => Err(super::input::failure(&self.shown, &e)),
        }
    }

    fn cells(&self) -> Option<Vec<Option<String>>> {
        let mut at = 1;
        let mut cells = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let raw = self.record.get(at..at + field.length)?;
            at += field.length;
            cells.push(self.cell(field, raw)?);
        }
        Some(cells)
    }

    /// The value as text; the blanks that fill up a field are no part of it. `None` for bytes that cannot be decoded.
    fn cell(&self, field: &Field, raw: &[u8]) -> Option<Option<String>> {
        let eight = || <[u8; 8]>::try_from(raw).ok();
        let text = match (field.kind, raw.len()) {
            (b'I' | b'+', 4) => <[u8; 4]>::try_from(raw).ok().map(i32::from_le_bytes).map(|n| n.to_string()),
            (b'B' | b'O', 8) => eight().map(f64::from_le_bytes).map(|n| format!("{n}")),
            (b'Y', 8) => eight().map(i64::from_le_bytes).map(|n| {
                let (whole, part) = (n / 10_000, (n % 10_000).abs());
                format!("{}{}.{part:04}", if n < 0 && whole == 0 { "-" } else { "" }, whole)
            }),
            (b'T' | b'@', 8) => moment(raw),
            (b'D', _) => Some(ascii(raw)),
            (b'L', _) => Some(match raw.first() {
                Some(b'T' | b't' | b'Y' | b'y') => "true".to_owned(),
                Some(b'F' | b'f' | b'N' | b'n') => "false".to_owned(),
                _ => String::new(),
            }),
            (b'N' | b'F', _) => Some(ascii(raw)),
            _ => {
                let raw = raw.split(|b| *b == 0).next().unwrap_or_default();
                let (text, broken) = self.encoding.decode_without_bom_handling(raw);
                if broken {
                    return None;
                }
                Some(text.trim_end().to_owned())
            }
        };
        Some(text.filter(|t| !t.is_empty()))
    }
}

fn ascii(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).trim_matches(|c: char| c == ' ' || c == '\0').to_owned()
}

/// A Julian day and milliseconds of the day.
fn moment(raw: &[u8]) -> Option<String> {
    let (day, milli) = (u32_at(raw, 0), u32_at(raw, 4));
    if day == 0 {
        return None;
    }
    let days = i64::try_from(day).ok()? - 2_440_588;
    let second = days.checked_mul(86_400)?.checked_add(i64::try_from(milli / 1000).ok()?)?;
    let at = jiff::Timestamp::from_second(second).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    Some(at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

impl Records for DbfRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        while !self.rows.is_full(max_rows) {
            match self.read() {
                Ok(true) => self.taken += 1,
                Ok(false) => break,
                // What was read before the break is given first; the next call meets the break again.
                Err(stop) => return self.rows.finish().map_or(Err(stop), |batch| Ok(Some(batch))),
            }
            if self.record.first() == Some(&b'*') {
                self.deleted += 1;
                continue;
            }
            match self.cells() {
                Some(cells) => self.rows.record(self.taken, &self.record, cells.iter().map(Option::as_deref)),
                None => {
                    let broken = fault(
                        "row.encoding",
                        &String::from_utf8_lossy(&self.record),
                        "有无法解码的字节；请核对编码（encoding）",
                        "some bytes cannot be decoded; check `encoding`",
                    );
                    self.rows.refused(self.taken, &self.record, broken);
                }
            }
        }
        Ok(self.rows.finish())
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
        if self.deleted > 0 {
            let n = self.deleted;
            all.push(decision(
                "deleted",
                &self.shown,
                n.to_string(),
                format!("{n} 条记录在来源已标记删除，未读入"),
                format!("{n} records are marked as deleted at the source and were left out"),
            ));
        }
        all
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions { encoding: Some(self.encoding.name().to_lowercase()), ..ReadOptions::default() }
    }

    fn rows_total(&self) -> Option<u64> {
        Some(self.total - self.deleted.min(self.total))
    }
}
