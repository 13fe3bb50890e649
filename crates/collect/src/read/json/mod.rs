//! JSON documents, GeoJSON and JSON lines as records. A document is streamed: only one element of its outermost
//! array is in memory at a time.

mod document;
mod find;
mod lines;
mod path;
mod scan;
mod table;
mod value;

use data::declare::Format;

pub(crate) use document::{open_document, open_geojson, tables};
pub(crate) use lines::open as open_lines;
pub(crate) use path::{Above, Step, expand, parse as parse_path};
pub(crate) use table::{PARENT, Table, decisions as nested_decisions};

use scan::Stop;
use value::Walk;

use super::limits;
use crate::CollectError;

/// Whether the beginning of a text is JSON, and of which kind.
pub(crate) fn look(text: &str) -> Option<(Format, &'static str, &'static str)> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !start.starts_with(['{', '[']) {
        return None;
    }
    let of_objects = start.strip_prefix('[').is_some_and(|inside| inside.trim_start().starts_with('{'));
    // A whole value on the first line and another one after it: JSON lines, unless each is an array of records itself.
    let mut lines = start.lines().map(str::trim).filter(|l| !l.is_empty());
    let complete = |line: &str| {
        let mut walk = Walk::new(line.as_bytes());
        walk.value().is_ok() && walk.ended()
    };
    if let (Some(first), Some(second)) = (lines.next(), lines.next())
        && complete(first)
        && second.starts_with(['{', '['])
        && !of_objects
    {
        return Some((Format::Ndjson, "每行是一个 JSON 值", "each line is a JSON value"));
    }
    if start.starts_with('{') {
        let mut inside = Walk::new(start.as_bytes());
        inside.peek();
        let after = start.get(1..).unwrap_or_default().trim_start();
        if !after.starts_with(['"', '}']) {
            return None;
        }
        let squeezed: String = start.chars().take(100_000).filter(|c| !c.is_whitespace()).collect();
        if squeezed.contains("\"type\":\"FeatureCollection\"") {
            return Some((Format::Geojson, "是 GeoJSON 要素集合", "it is a GeoJSON FeatureCollection"));
        }
    } else {
        let after = start.get(1..).unwrap_or_default().trim_start();
        if !after.starts_with(['{', '[', ']', '"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f', 'n']) {
            return None;
        }
    }
    Some((Format::Json, "是 JSON 文档", "it is a JSON document"))
}

fn bad_path(name: &str, records: &str) -> CollectError {
    CollectError::new(
        "json.path",
        name,
        format!("records“{records}”写法有误；应如 data.rows[*]"),
        format!("`records` = `{records}` is not a path; write it like data.rows[*]"),
    )
}

fn failure(name: &str, line: u64, stop: Stop) -> CollectError {
    match stop {
        Stop::Io(e) => super::input::failure(name, &e),
        Stop::Broken(expected) => CollectError::new(
            "json.broken",
            name,
            format!("第 {line} 行附近不是有效的 JSON（应为 {expected}）；请让部门重新导出"),
            format!("near line {line} it is not valid JSON (expected {expected}); ask for a new export"),
        ),
        Stop::TooManyNames => CollectError::new(
            "json.too_many_names",
            name,
            "一个对象有超过 100,000 个键，疑似把数据当成了键名；请改为每条一个对象的数组，或导出为 CSV",
            "one object has more than 100,000 keys; data seem to be used as keys. Ask for an array with an object a record, or for CSV",
        ),
        Stop::TooLarge => CollectError::new(
            "json.too_large",
            name,
            format!(
                "第 {line} 行附近有一条记录超过 {} MiB，或含有记录的一个值超过 {} MiB；请用 records 指到更内层的数组，或拆分文件",
                limits::RECORD >> 20,
                limits::ELEMENT >> 20
            ),
            format!(
                "near line {line} one record is over {} MiB, or a value that holds records over {} MiB; point `records` at an inner array, or split the file",
                limits::RECORD >> 20,
                limits::ELEMENT >> 20
            ),
        ),
    }
}
