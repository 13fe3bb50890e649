//! What a file is, told from its content (names only break ties), or why it is no table.

use std::path::Path;

use data::declare::Format;
use kernel::Text;

use super::archive::{self, Member};
use super::encoding;
use super::input::Input;
use super::json;
use super::limits;
use crate::CollectError;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Zip,
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
        Outer::Zip => {
            let members = archive::members(path)?;
            let (input, _) = archive::choose(path, &name, None)?;
            Ok(Sniffed { format: format_of(&input)?.0, compression: Compression::Zip, members })
        }
    }
}

pub(crate) enum Outer {
    Plain(Compression),
    Zip,
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
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Outer::Plain(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Outer::Plain(Compression::Zstd),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => match office(path, name)? {
            Some(_) => Outer::Plain(Compression::None),
            None => Outer::Zip,
        },
        _ => Outer::Plain(Compression::None),
    })
}

/// Office documents are zips too; `None` for an archive proper.
fn office(path: &Path, name: &str) -> Result<Option<Format>, CollectError> {
    let entries = archive::entries(path, name)?;
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
        return Err(no_table("file.document", name, "OpenDocument 文档", "an OpenDocument file", "请另存为 .xlsx 或 CSV", "save it as .xlsx or CSV"));
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
            if input.is_plain() || base.ends_with(".xlsx") || base.ends_with(".xlsm") || base.ends_with(".xlsb") {
                return Ok((Format::Excel, magic("Excel", "Excel")));
            }
            return Err(CollectError::new(
                "archive.nested",
                input.shown(),
                "压缩包里还有压缩包；请展开成一层再送达",
                "an archive inside an archive; unpack the inner one first",
            ));
        }
        _ if head.starts_with(b"SQLite format 3\0") => return Ok((Format::Sqlite, magic("SQLite", "SQLite"))),
        _ if head.get(257..262) == Some(b"ustar") => {
            let name = input.shown();
            return Err(no_table("file.archive", name, "tar 包", "a tar archive", "请改用 .zip，或展开后送达", "pack it as .zip, or deliver it unpacked"));
        }
        _ => refuse_known(input.shown(), &head)?,
    }
    let chosen = encoding::choose(None, &head, input.shown())?;
    let body = head.get(chosen.bom..).unwrap_or_default();
    let text = chosen.encoding.decode_without_bom_handling(body).0;
    refuse_binary(input.shown(), &text)?;
    Ok(text_format(input, &text))
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
    const KNOWN: [(&[u8], &str, &str, &str, &str, &str); 12] = [
        (b"%PDF", "file.pdf", "PDF 文档", "a PDF", "请索取原始的 Excel 或 CSV", "ask for the Excel or CSV file behind it"),
        (b"\x89PNG", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"\xFF\xD8\xFF", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"GIF8", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"II*\0", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"MM\0*", "file.image", "图片", "an image", "请提供数据表本身", "ask for the table itself"),
        (b"Rar!", "file.archive", "RAR 压缩包", "a RAR archive", "请改用 .zip 或 .gz", "pack it as .zip or .gz"),
        (b"7z\xBC\xAF", "file.archive", "7z 压缩包", "a 7z archive", "请改用 .zip 或 .gz", "pack it as .zip or .gz"),
        (b"BZh", "file.archive", "bzip2 压缩文件", "a bzip2 file", "请改用 .zip 或 .gz", "pack it as .zip or .gz"),
        (b"\xFD7zXZ", "file.archive", "xz 压缩文件", "an xz file", "请改用 .zip 或 .gz", "pack it as .zip or .gz"),
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
        odd += usize::from((c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1}' | '\u{1f}')) || c == '\u{7f}');
    }
    if odd * 20 > all && odd > 4 {
        return Err(no_table("file.binary", name, "二进制文件", "a binary file", "请导出为 CSV、Excel 或 JSON", "export it as CSV, Excel or JSON"));
    }
    let start = text.trim_start().get(..64).unwrap_or(text.trim_start()).to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<table") {
        return Err(no_table("file.html", name, "网页（有的系统把网页存成 .xls）", "a web page (some systems store one as .xls)", "请在 Excel 中打开后另存为 .xlsx", "open it in Excel and save it as .xlsx"));
    }
    if start.starts_with("<?xml") || start.starts_with("<rdf") {
        return Err(no_table("file.xml", name, "XML 文件", "an XML file", "请导出为 JSON、CSV 或 .xlsx", "export it as JSON, CSV or .xlsx"));
    }
    Ok(())
}

fn text_format(input: &Input, text: &str) -> (Format, Text) {
    if let Some((format, zh, en)) = json::look(text) {
        return (format, Text::new(zh, en));
    }
    let upper = |line: &str| line.trim_start().get(..12).unwrap_or(line.trim_start()).to_ascii_uppercase();
    let statement = text.lines().take(2000).map(upper).any(|l| {
        l.starts_with("INSERT INTO ") || l.starts_with("INSERT IGNOR") || l.starts_with("REPLACE INTO") || l.starts_with("CREATE TABLE")
    });
    if statement || input.base_name().ends_with(".sql") {
        return (Format::SqlDump, Text::new("含有 INSERT 或 CREATE TABLE 语句", "it has INSERT or CREATE TABLE statements"));
    }
    (Format::Delimited, Text::new("是文本，且不是 JSON 或 SQL", "it is text, and neither JSON nor SQL"))
}

