//! What a file is, told from its content (names only break ties), or why it is no table.

use std::path::Path;

use data::declare::Format;
use kernel::Text;

use super::archive::{self, Member};
use super::encoding;
use super::input::Input;
use super::json;
use super::limits;
use super::{dbf, xml};
use crate::CollectError;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Zip,
    Tar,
}

/// What a file is.
#[derive(Clone, Debug)]
pub struct Sniffed {
    pub format: Format,
    pub compression: Compression,
    /// The files inside an archive; empty otherwise.
    pub members: Vec<Member>,
}

/// Says what a file is without reading more than its beginning (of an archive: the biggest table in it).
pub fn sniff(path: &Path) -> Result<Sniffed, CollectError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match outer(path, &name)? {
        Outer::Plain(compression) => {
            let format = format_of(&Input::new(path, &name, compression))?.0;
            Ok(Sniffed { format, compression, members: Vec::new() })
        }
        outer => {
            let members = archive::members(path)?;
            let picked = archive::pick(path, &name, outer, None)?;
            let format = picked.inputs.first().map(format_of).transpose()?.map_or(Format::Delimited, |told| told.0);
            Ok(Sniffed { format, compression: archive::compression(outer), members })
        }
    }
}

/// The outermost wrapping of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outer {
    Plain(Compression),
    Zip,
    /// A tar and what it is packed in.
    Tar(Compression),
}

/// Looks at the outermost wrapping only.
pub(crate) fn outer(path: &Path, name: &str) -> Result<Outer, CollectError> {
    let plain = Input::new(path, name, Compression::None);
    if path.is_dir() {
        return Err(CollectError::new(
            "file.folder",
            name,
            "这是文件夹，请指定其中的文件",
            "this is a folder; name a file in it",
        ));
    }
    let head = encoding::sample(&mut *plain.open()?, 8).map_err(|e| plain.failure(&e))?;
    let compression = match head.as_slice() {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bzip2,
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => {
            return Ok(match office(path, name)? {
                Some(_) => Outer::Plain(Compression::None),
                None => Outer::Zip,
            });
        }
        _ => Compression::None,
    };
    let inside = Input::new(path, name, compression);
    let head = encoding::sample(&mut *inside.open()?, 512).map_err(|e| inside.failure(&e))?;
    Ok(if is_tar(&head) { Outer::Tar(compression) } else { Outer::Plain(compression) })
}

/// The first header of a tar: its mark, and a sum over its bytes that fits.
fn is_tar(head: &[u8]) -> bool {
    let (Some(header), Some(field)) = (head.get(..512), head.get(148..156)) else { return false };
    let digits: String = field.iter().filter(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
    let sum: u64 = header.iter().enumerate().map(|(i, b)| u64::from(if (148..156).contains(&i) { b' ' } else { *b })).sum();
    head.get(257..262) == Some(b"ustar") && u64::from_str_radix(&digits, 8) == Ok(sum)
}

/// Office documents are zips too; `None` for an archive proper.
fn office(path: &Path, name: &str) -> Result<Option<Format>, CollectError> {
    let entries = archive::zip_entries(path, name)?;
    let has = |wanted: &str| entries.iter().any(|e| e.name == wanted);
    if has("xl/workbook.xml") || has("xl/workbook.bin") {
        return Ok(Some(Format::Excel));
    }
    if has("word/document.xml") {
        return Err(no_table("file.document", name, "Word 文档", "a Word document", "请把其中的表格另存为 Excel 或 CSV", "save the table in it as Excel or CSV"));
    }
    if has("ppt/presentation.xml") {
        return Err(no_table("file.document", name, "演示文稿", "a presentation", "请提供原始数据表", "ask for the table behind it"));
    }
    if has("mimetype") && has("content.xml") {
        // Word and OpenDocument text alike: only the spreadsheet has tables to read.
        return match archive::zip_first_bytes(path, name, "mimetype")? {
            kind if kind.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") => Ok(Some(Format::Excel)),
            _ => Err(no_table("file.document", name, "OpenDocument 文档", "an OpenDocument file", "请把其中的表格另存为 .ods、.xlsx 或 CSV", "save the table in it as .ods, .xlsx or CSV")),
        };
    }
    Ok(None)
}

fn no_table(code: &'static str, name: &str, zh: &str, en: &str, do_zh: &str, do_en: &str) -> CollectError {
    CollectError::new(code, name, format!("这是{zh}，不是数据表；{do_zh}"), format!("this is {en}, not a table; {do_en}"))
}

/// The form of what is inside all wrapping, and how it was told.
pub(crate) fn format_of(input: &Input) -> Result<(Format, Text), CollectError> {
    let head = encoding::sample(&mut *input.open()?, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    refuse_empty(input.shown(), &head)?;
    let magic = |zh: &str, en: &str| Text::new(format!("文件开头是 {zh} 的标志"), format!("it begins with the mark of {en}"));
    match head.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => return Ok((Format::Parquet, magic("Parquet", "Parquet"))),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => return Ok((Format::Arrow, magic("Arrow", "Arrow"))),
        [0xFF, 0xFF, 0xFF, 0xFF, _, _, 0, 0, ..] => return Ok((Format::Arrow, magic("Arrow 流", "an Arrow stream"))),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            compound(input, &head)?;
            return Ok((Format::Excel, magic("Excel 97", "Excel 97")));
        }
        [b'P', b'K', 3, 4, ..] => {
            // Inside an archive only workbooks are opened: no archive in an archive.
            let base = input.base_name();
            if input.is_plain() || [".xlsx", ".xlsm", ".xlsb", ".ods"].iter().any(|end| base.ends_with(end)) {
                return Ok((Format::Excel, magic("Excel", "Excel")));
            }
            return Err(nested(input));
        }
        _ if head.starts_with(b"SQLite format 3\0") => return Ok((Format::Sqlite, magic("SQLite", "SQLite"))),
        _ if dbf::look(&head) => return Ok((Format::Dbf, magic("dBASE", "dBASE"))),
        _ if is_tar(&head) => return Err(nested(input)),
        _ => refuse_known(input.shown(), &head)?,
    }
    let chosen = encoding::choose(xml::declared_encoding(&head).as_deref(), &head, input.shown())?;
    let body = head.get(chosen.bom..).unwrap_or_default();
    let text = chosen.encoding.decode_without_bom_handling(body).0;
    refuse_binary(input.shown(), &text)?;
    Ok(text_format(input, &text))
}

fn nested(input: &Input) -> CollectError {
    CollectError::new(
        "archive.nested",
        input.shown(),
        "压缩包里还有压缩包；请展开成一层再送达",
        "an archive inside an archive; unpack the inner one first",
    )
}

fn refuse_empty(name: &str, head: &[u8]) -> Result<(), CollectError> {
    if head.iter().all(u8::is_ascii_whitespace) || head == [0xEF, 0xBB, 0xBF] {
        return Err(CollectError::new(
            "file.empty",
            name,
            "文件是空的，请让部门重新送达",
            "the file is empty; ask for it again",
        ));
    }
    Ok(())
}

/// A format was declared: the content is only asked whether it is plainly something else.
pub(crate) fn refuse_other(input: &Input) -> Result<(), CollectError> {
    let head = encoding::sample(&mut *input.open()?, limits::CHUNK).map_err(|e| input.failure(&e))?;
    refuse_empty(input.shown(), &head)?;
    refuse_known(input.shown(), &head)
}

/// The old container holds Word, PowerPoint and protected workbooks too: the names of its streams tell.
fn compound(input: &Input, head: &[u8]) -> Result<(), CollectError> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(head, &wide).is_some()
    };
    if has("EncryptedPackage") {
        return Err(CollectError::new(
            "excel.encrypted",
            input.shown(),
            "工作簿有密码，请去掉密码后重新送达",
            "the workbook is protected by a password; deliver it without one",
        ));
    }
    if has("WordDocument") && !has("Workbook") {
        return Err(no_table("file.document", input.shown(), "Word 文档", "a Word document", "请把其中的表格另存为 Excel 或 CSV", "save the table in it as Excel or CSV"));
    }
    Ok(())
}

/// Well-known forms that hold no table, each with what to do instead.
fn refuse_known(name: &str, head: &[u8]) -> Result<(), CollectError> {
    const KNOWN: [(&[u8], &str, &str, &str, &str, &str); 10] = [
        (b"%PDF", "file.pdf", "PDF 文档", "a PDF", "请索取原始的 Excel 或 CSV", "ask for the Excel or CSV file behind it"),
        (b"\x89PNG", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"\xFF\xD8\xFF", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"GIF8", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"II*\0", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"MM\0*", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"Rar!", "file.archive", "RAR 压缩包", "a RAR archive", "请改用 .zip 或 .gz", "pack it as .zip or .gz"),
        (b"7z\xBC\xAF", "file.archive", "7z 压缩包", "a 7z archive", "请改用 .zip 或 .gz", "pack it as .zip or .gz"),
        (b"{\\rtf", "file.document", "RTF 文档", "an RTF document", "请把其中的表格另存为 Excel 或 CSV", "save the table in it as Excel or CSV"),
        (b"\x7FELF", "file.binary", "程序", "a program", "请核对文件", "check the file"),
    ];
    match KNOWN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, code, zh, en, do_zh, do_en)) => Err(no_table(code, name, zh, en, do_zh, do_en)),
        None => Ok(()),
    }
}

/// Text has hardly any control characters; web pages are text, but no table.
fn refuse_binary(name: &str, text: &str) -> Result<(), CollectError> {
    let (mut all, mut odd) = (0usize, 0usize);
    for c in text.chars().take(65_536) {
        all += 1;
        odd += usize::from((c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1}' | '\u{1e}' | '\u{1f}')) || c == '\u{7f}');
    }
    if odd * 20 > all && odd > 4 {
        return Err(no_table("file.binary", name, "二进制文件", "a binary file", "请导出为 CSV、Excel 或 JSON", "export it as CSV, Excel or JSON"));
    }
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('<') && text.get(..2000).unwrap_or(text).contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Err(no_table("file.spreadsheet_xml", name, "Excel 2003 的 XML 表格", "a spreadsheet in the XML form of Excel 2003", "请在 Excel 中打开后另存为 .xlsx", "open it in Excel and save it as .xlsx"));
    }
    if ["@prefix ", "@base ", "PREFIX "].iter().any(|mark| text.starts_with(mark)) {
        return Err(no_table("file.rdf", name, "RDF（Turtle）文件", "an RDF file (Turtle)", "请导出为 RDF/XML、JSON 或 CSV", "export it as RDF/XML, JSON or CSV"));
    }
    let start = text.get(..64).unwrap_or(text).to_ascii_lowercase();
    const PAGES: [&str; 8] = ["<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<style", "<div"];
    if PAGES.iter().any(|tag| start.starts_with(tag)) {
        return Err(no_table("file.html", name, "网页（有的系统把网页存成 .xls）", "a web page (some systems store one as .xls)", "请在 Excel 中打开后另存为 .xlsx", "open it in Excel and save it as .xlsx"));
    }
    Ok(())
}

fn text_format(input: &Input, text: &str) -> (Format, Text) {
    if xml::look(text) {
        return (Format::Xml, Text::new("是 XML 文档", "it is an XML document"));
    }
    if let Some((format, zh, en)) = json::look(text) {
        return (format, Text::new(zh, en));
    }
    let upper = |line: &str| line.trim_start().get(..12).unwrap_or(line.trim_start()).to_ascii_uppercase();
    let statement = text.lines().take(2000).map(upper).any(|l| {
        l.starts_with("INSERT INTO ") || l.starts_with("INSERT IGNOR") || l.starts_with("REPLACE INTO") || l.starts_with("CREATE TABLE")
    });
    let statement = statement || text.lines().take(2000).any(|l| l.starts_with("COPY ") && l.trim_end().ends_with("FROM stdin;"));
    if statement || input.base_name().ends_with(".sql") {
        return (Format::SqlDump, Text::new("含有 INSERT、COPY 或 CREATE TABLE 语句", "it has INSERT, COPY or CREATE TABLE statements"));
    }
    (Format::Delimited, Text::new("是文本，且不是 JSON 或 SQL", "it is text, and neither JSON nor SQL"))
}

