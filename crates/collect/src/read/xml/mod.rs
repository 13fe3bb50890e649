//! XML documents as records: elements that repeat are records, their attributes (`@name`) and children are fields.
//! A document is streamed twice: first for which elements there are, then for the records. Document types are passed
//! over, entities of their own are never expanded.

mod element;
mod events;
mod outline;
mod records;

use super::input::Input;
use super::listed::Listed;
use super::{ReadOptions, encoding, limits};
use crate::CollectError;

use outline::Outline;

pub(crate) use events::{Events, Part, Stop};
pub(crate) use records::open;

/// Whether a text is XML rather than a web page or something with a `<` at its start.
pub(crate) fn look(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with("<?xml") {
        return true;
    }
    let Some(inside) = start.strip_prefix('<') else { return false };
    if inside.starts_with("!--") || inside.starts_with("!DOCTYPE") {
        return true;
    }
    let name: String = inside.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.')).collect();
    let closed = || text.contains(&format!("</{name}>")) || inside.lines().take(50).any(|l| l.contains("/>") || l.contains("</"));
    let named = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    named && (opens_elements(inside.get(name.len()..).unwrap_or_default()) || closed())
}

/// Whether what follows the name of the first tag is an attribute, or another tag: the end of the first element may lie
/// far beyond what is looked at.
fn opens_elements(behind: &str) -> bool {
    let is_name = |text: &str| text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    match behind.strip_prefix('>') {
        Some(inside) => inside.trim_start().strip_prefix('<').is_some_and(is_name),
        None => {
            let attribute = behind.trim_start();
            let value = attribute.split_once('=').map(|(key, value)| (key.trim_end(), value.trim_start()));
            value.is_some_and(|(key, value)| is_name(key) && !key.contains(char::is_whitespace) && value.starts_with(['"', '\'']))
        }
    }
}

/// The encoding that the document declares for itself.
pub(crate) fn declared_encoding(head: &[u8]) -> Option<String> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = memchr::memmem::find(head.get(..head.len().min(400))?, b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let after = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = after.get(1..)?.split(quote).next()?.trim().to_owned();
    // What the declaration says must fit the bytes: programs save in another encoding and leave it standing.
    let known = encoding_rs::Encoding::for_label(label.as_bytes())?;
    let fits = !known.name().starts_with("UTF-16") && !known.decode_without_bom_handling(head).1;
    (fits || head.len() >= limits::SAMPLE && known != encoding_rs::UTF_8).then_some(label)
}

/// The document's events from its start.
fn stream(input: &Input, options: &ReadOptions) -> Result<(Events, encoding::Chosen), CollectError> {
    let mut source = input.open()?;
    let head = encoding::sample(&mut *source, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let declared = options.encoding.clone().or_else(|| declared_encoding(&head));
    let mut coded = encoding::choose(declared.as_deref(), &head, input.shown())?;
    if options.encoding.is_none() && declared.is_some() {
        coded.why = kernel::Text::new("XML 声明里写明", "the XML declaration says so");
    }
    if head.starts_with(b"\xEF\xBB\xBF") && coded.encoding == encoding_rs::UTF_8 {
        coded.bom = 3;
    }
    let body = head.get(coded.bom..).unwrap_or_default().to_vec();
    let text = encoding::Utf8Stream::new(coded.encoding, body, source);
    Ok((Events::new(Box::new(text)), coded))
}

/// The first pass.
fn outline(input: &Input, options: &ReadOptions) -> Result<Outline, CollectError> {
    let (mut events, _) = stream(input, options)?;
    Outline::read(&mut events).map_err(|stop| failure(input.shown(), events.line(), stop))
}

/// Every table that the document's elements make.
pub(crate) fn tables(input: &Input, options: &ReadOptions) -> Result<Vec<Listed>, CollectError> {
    let outline = outline(input, options)?;
    let list = outline.tables().into_iter().map(|(path, rows)| Listed {
        name: path.clone(),
        records: Some(path),
        rows: Some(rows),
    });
    Ok(list.collect())
}

fn failure(name: &str, line: u64, stop: Stop) -> CollectError {
    match stop {
        Stop::Io(e) => super::input::failure(name, &e),
        Stop::Broken(why) => CollectError::new(
            "xml.broken",
            name,
            format!("第 {line} 行附近不是有效的 XML（{why}）；请让部门重新导出"),
            format!("near line {line} it is not valid XML ({why}); ask for a new export"),
        ),
        Stop::TooLarge => CollectError::new(
            "xml.too_large",
            name,
            format!("第 {line} 行附近有一条记录或一个标签超过 16 MiB；请用 records 指到更内层的元素，或拆分文件"),
            format!("near line {line} one record or tag is over 16 MiB; point `records` at an inner element, or split the file"),
        ),
        Stop::TooDeep => CollectError::new(
            "xml.too_deep",
            name,
            format!("第 {line} 行附近嵌套超过 {} 层，拒绝读取", limits::XML_DEPTH),
            format!("near line {line} elements are nested more than {} deep; not read", limits::XML_DEPTH),
        ),
        Stop::TooManyNames => CollectError::new(
            "xml.too_many_names",
            name,
            "不同的元素路径超过 10,000 个，疑似把数据当成了标签名；请导出为 CSV",
            "more than 10,000 different paths of elements; data seem to be used as tags. Export it as CSV",
        ),
    }
}
