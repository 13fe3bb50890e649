//! Delimited text: CSV, TSV and their kin, in any encoding, with titles, notes and broken lines among the records.

mod buffer;
mod dialect;
mod lines;
mod mend;
mod records;
mod split;
mod tables;

use std::io::Read;

use super::decide::decision;
use super::encoding;
use super::input::Input;
use super::limits;
use super::shape;
use super::ReadOptions;
use crate::CollectError;
use crate::source::Decision;

use buffer::Buffer;
use lines::Line;
use split::Dialect;
use tables::Wanted;

pub(crate) use records::TextRecords;

/// Lines looked at for the header.
const HEADER_LOOK: usize = 500;

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<TextRecords, CollectError> {
    let opened = Opened::new(input, options)?;
    let (text, whole) = (opened.text(), opened.head.len() < limits::SAMPLE);
    let told = dialect::tell(&text, whole, options.delimiter.as_deref()).ok_or_else(|| not_a_table(input.shown()))?;
    let lines = lines::lines(&text, whole, &told.dialect, HEADER_LOOK);
    let lines = lines::first_block(&lines);
    let sample: Vec<Vec<String>> = lines.iter().map(|l| l.cells.clone()).collect();
    let header = match options.header {
        None => None,
        Some(0) => Some(None),
        Some(line) => Some(Some(header_index(lines, line, input.shown())?)),
    };
    let found = shape::detect(&sample, header);
    if found.shape.fields.len() > limits::FIELDS {
        return Err(too_wide(input.shown(), found.shape.fields.len()));
    }
    let (mut decisions, encoding) = opened.decisions(input.shown(), &text);
    decisions.push(decision("delimiter", input.shown(), show_delimiter(&told.dialect), told.why.zh, told.why.en));
    decisions.extend(header_decisions(input.shown(), &found, lines, options.header.is_some()));
    decisions.extend(quote_decision(input.shown(), &told.dialect));
    let (skip, newlines) =
        found.first.checked_sub(1).and_then(|i| lines.get(i)).map_or((0, 0), |l| (l.end, l.newlines));
    let chosen = ReadOptions {
        encoding: Some(encoding),
        delimiter: Some(String::from_utf8_lossy(&told.dialect.delimiter).into_owned()),
        header: header_to_declare(&found, &sample, lines, options.header),
        table: options.table.clone(),
        ..ReadOptions::default()
    };
    let buffer = Buffer::new(opened.encoding, opened.head, opened.stream);
    let wanted = Wanted::of(options, input);
    let mut records = TextRecords::new(buffer, told.dialect, (found, lines), wanted, input.shown(), (decisions, chosen));
    records.leave(skip, newlines).map_err(|e| input.failure(&e))?;
    records.go_to_table()?;
    Ok(records)
}

/// A text whose encoding has been told.
struct Opened {
    coded: encoding::Chosen,
    /// What the stream is in: UTF-8 once text that was encoded twice is restored.
    encoding: &'static encoding_rs::Encoding,
    /// The first bytes, without the byte order mark.
    head: Vec<u8>,
    stream: Box<dyn Read + Send>,
}

impl Opened {
    fn new(input: &Input, options: &ReadOptions) -> Result<Opened, CollectError> {
        let mut stream = input.open()?;
        let head = encoding::sample(&mut *stream, limits::SAMPLE).map_err(|e| input.failure(&e))?;
        let later = if options.encoding.is_none() && head.is_ascii() { encoding::beyond_ascii(input)? } else { None };
        let coded = encoding::choose(options.encoding.as_deref(), later.as_ref().unwrap_or(&head), input.shown())?;
        let head = head.get(coded.bom..).unwrap_or_default().to_vec();
        let Some(via) = coded.via else {
            return Ok(Opened { encoding: coded.encoding, coded, head, stream });
        };
        let text = Box::new(encoding::Utf8Stream::new(coded.encoding, head, stream));
        let mut stream: Box<dyn Read + Send> = Box::new(encoding::Restored::new(text, via));
        let head = encoding::sample(&mut *stream, limits::SAMPLE).map_err(|e| input.failure(&e))?;
        Ok(Opened { coded, encoding: encoding_rs::UTF_8, head, stream })
    }

    fn text(&self) -> String {
        self.encoding.decode_without_bom_handling(&self.head).0.into_owned()
    }

    /// What was decided about the encoding, and the one to declare.
    fn decisions(&self, about: &str, text: &str) -> (Vec<Decision>, String) {
        let (name, why) = (self.coded.encoding.name(), &self.coded.why);
        if let Some(via) = self.coded.via {
            let label = format!("utf-8 via {}", via.name().to_lowercase());
            return (vec![decision("encoding", about, label.clone(), why.zh.clone(), why.en.clone())], label);
        }
        let mut all = vec![decision("encoding", about, name, why.zh.clone(), why.en.clone())];
        let Some(via) = encoding::suspected(text) else {
            return (all, name.to_lowercase());
        };
        let label = format!("utf-8 via {}", via.name().to_lowercase());
        let zh = format!("文字像是把 UTF-8 当作 {} 读出后又存了一遍（乱码）；读出的是文件中的原样，声明 encoding = \"{label}\" 即可还原", via.name());
        let en = format!("the text seems to be UTF-8 that was read as {} and saved again; it is read as it stands, and restored by declaring encoding = \"{label}\"", via.name());
        all.push(decision("encoded_twice", about, label.clone(), zh, en));
        (all, label)
    }
}

/// The header's line, as long as declaring it gives the same names: further lines of a header may only be told by looking.
fn header_to_declare(found: &shape::Found, sample: &[Vec<String>], lines: &[Line], declared: Option<u32>) -> Option<u32> {
    let same = || shape::detect(sample, Some(found.header)).shape.fields == found.shape.fields;
    if declared.is_some() || same() {
        return Some(found.header.and_then(|h| lines.get(h)).map_or(0, |l| u32::try_from(l.line).unwrap_or(0)));
    }
    None
}

fn quote_decision(about: &str, dialect: &Dialect) -> Option<Decision> {
    if dialect.backslash {
        return Some(decision("quote", about, "\\\"", "引号内用反斜杠转义引号", "quotes are escaped by a backslash"));
    }
    let quote = dialect.quote.filter(|quote| *quote != b'"')?;
    let quote = char::from(quote).to_string();
    Some(decision("quote", about, quote.clone(), format!("字段由 {quote} 括起"), format!("fields are quoted by {quote}")))
}

/// The line of the sample that starts at, or holds, a declared line number.
fn header_index(lines: &[Line], line: u32, name: &str) -> Result<usize, CollectError> {
    lines.iter().position(|l| l.line == u64::from(line)).ok_or_else(|| {
        CollectError::new(
            "text.header",
            name,
            format!("声明的表头在第 {line} 行，但该行不是一条记录的开头；请更正 header"),
            format!("the header is declared on line {line}, but no record starts there; correct `header`"),
        )
    })
}

fn header_decisions(about: &str, found: &shape::Found, lines: &[Line], declared: bool) -> Vec<Decision> {
    let mut out = Vec::new();
    let line = found.header.and_then(|h| lines.get(h)).map(|l| l.line);
    let (zh, en) = match (declared, line) {
        (true, _) => ("按声明".to_owned(), "as declared".to_owned()),
        (_, None) => (
            "第一行已是数据，没有表头；字段名为 column_1、column_2…".to_owned(),
            "the first line is data already: no header; fields are column_1, column_2…".to_owned(),
        ),
        (_, Some(_)) => {
            let titles: Vec<String> = lines.iter().take(found.header.unwrap_or(0)).map(|l| l.cells.join(" ")).collect();
            let titles: Vec<String> = titles.into_iter().map(|t| t.trim().chars().take(60).collect()).collect();
            match titles.iter().any(|t: &String| !t.is_empty()) {
                true => (
                    format!("之前的行是标题：{}", titles.join("；")),
                    format!("the lines before it are titles: {}", titles.join("; ")),
                ),
                false => ("各列名称与其下的值类型不同".to_owned(), "its cells are names above columns of values".to_owned()),
            }
        }
    };
    out.push(decision("header", about, line.map_or("0".to_owned(), |l| l.to_string()), zh, en));
    if found.short {
        out.push(decision(
            "fields",
            about,
            found.shape.fields.len().to_string(),
            "多数记录比表头少末尾的字段，缺少的按空值读取",
            "most records lack the header's last fields; what is missing is read as null",
        ));
    }
    out
}

fn show_delimiter(dialect: &Dialect) -> String {
    match dialect.delimiter.as_slice() {
        b"" => "-".to_owned(),
        b"\t" => "TAB".to_owned(),
        [byte] if *byte < b' ' => format!("0x{byte:02x}"),
        other => String::from_utf8_lossy(other).into_owned(),
    }
}

fn not_a_table(name: &str) -> CollectError {
    CollectError::new(
        "text.not_table",
        name,
        "各行的字段数没有规律，不是每行一条记录的表；请索取 CSV、Excel 或 JSON，或先整理成每行一条记录",
        "its lines have no regular number of fields: not a table of one record a line; ask for CSV, Excel or JSON, or arrange it so first",
    )
}

pub(crate) fn too_wide(name: &str, width: usize) -> CollectError {
    CollectError::new(
        "table.too_wide",
        name,
        format!("有 {width} 个字段，超过 {} 的上限；请核对分隔符", limits::FIELDS),
        format!("{width} fields are over the limit of {}; check the delimiter", limits::FIELDS),
    )
}
