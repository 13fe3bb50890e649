//! Rules on where and how a resource's rows are read.

use kernel::{Text, nearest};

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Collection, Connector, Format, Mode, Paging, Resource};
use super::{unknown, word};

/// Labels of text encodings met in practice; what a reader does not know it refuses by itself.
const ENCODINGS: [&str; 14] = [
    "utf-8",
    "gb18030",
    "gbk",
    "gb2312",
    "big5",
    "utf-16le",
    "utf-16be",
    "utf-16",
    "iso-8859-1",
    "windows-1252",
    "ascii",
    "shift_jis",
    "euc-jp",
    "euc-kr",
];

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Resource>) {
    let (document, resource) = (&declared.document, &declared.value);
    let collect = &resource.collect;
    if collect.from.trim().is_empty() {
        document.put("collect.from", Note::error("`from` 是空的", "`from` is empty"));
    }
    order(document, resource);
    text_form(document, collect);
    if let Some(system) = draft.systems.get(&resource.system)
        && !system.document.is_broken("connector")
    {
        fits(document, collect, &system.value.connector);
    }
    paging(document, collect);
}

/// How deliveries follow each other, and the items that tell.
fn order(document: &Document<'_>, resource: &Resource) {
    let collect = &resource.collect;
    if collect.mode == Mode::Incremental && collect.cursor.is_none() {
        document.put(
            "collect.mode",
            Note::error("增量归集要指明游标", "incremental collection needs a cursor").help(
                "加上 `cursor = \"…\"`，即数值只增不减的信息项",
                "add `cursor = \"…\"`, the item whose value only grows",
            ),
        );
    }
    if collect.mode == Mode::Full && collect.cursor.is_some() {
        document.put(
            "collect.cursor",
            Note::error("全量归集不用游标", "a full collection uses no cursor").help(
                "改为 `mode = \"incremental\"`，或删去 `cursor`",
                "make it `mode = \"incremental\"`, or remove `cursor`",
            ),
        );
    }
    if collect.cursor_parameter.is_some() && collect.cursor.is_none() {
        document.put(
            "collect.cursor_parameter",
            Note::error("没有游标，游标参数没有意义", "the cursor's parameter means nothing without a cursor")
                .help("加上 `cursor = \"…\"`，或删去它", "add `cursor = \"…\"`, or remove it"),
        );
    }
    for (key, name) in [("cursor", &collect.cursor), ("version", &collect.version)] {
        let Some(name) = name else { continue };
        if !resource.items.iter().any(|item| item.name == *name) {
            let names = resource.items.iter().map(|item| item.name.as_str());
            document.put(&format!("collect.{key}"), unknown(&Text::new("信息项", "item"), name, names));
        }
    }
}

/// Keys that only some forms of file have.
fn text_form(document: &Document<'_>, collect: &Collection) {
    if let Some(delimiter) = &collect.delimiter
        && delimiter.chars().count() != 1
    {
        let note = Note::error("分隔符应为一个字符", "the delimiter should be one character");
        document.put("collect.delimiter", note.help("制表符写成 `\"\\t\"`", "write a tab as `\"\\t\"`"));
    }
    if let Some(encoding) = &collect.encoding
        && !ENCODINGS.contains(&encoding.to_lowercase().as_str())
    {
        let note = Note::error(format!("不认识编码 `{encoding}`"), format!("the encoding `{encoding}` is not known"));
        let near = nearest(encoding, ENCODINGS);
        document.put(
            "collect.encoding",
            note.help(format!("可写：{}", ENCODINGS.join("、")), format!("known are: {}", ENCODINGS.join(", ")))
                .suggest(near),
        );
    }
    let Some(format) = collect.format else { return };
    let misplaced = [
        ("delimiter", collect.delimiter.is_some(), matches!(format, Format::Delimited)),
        ("header", collect.header.is_some(), matches!(format, Format::Delimited | Format::Excel)),
        ("encoding", collect.encoding.is_some(), !matches!(format, Format::Excel | Format::Parquet | Format::Arrow | Format::Sqlite)),
        ("records", collect.records.is_some(), matches!(format, Format::Json | Format::Ndjson | Format::Geojson)),
    ];
    let format = word(format);
    for (key, written, fits) in misplaced {
        if written && !fits {
            let note =
                Note::error(format!("格式 `{format}` 不用 `{key}`"), format!("the format `{format}` has no `{key}`"));
            document
                .put(&format!("collect.{key}"), note.help("删去它，或核对 `format`", "remove it, or check `format`"));
        }
    }
}

/// Keys that only some connectors have.
fn fits(document: &Document<'_>, collect: &Collection, connector: &Connector) {
    let database = matches!(connector, Connector::Sqlite { .. } | Connector::Postgres { .. });
    let http = matches!(connector, Connector::Http { .. });
    let misplaced = [
        (
            "cursor_parameter",
            collect.cursor_parameter.is_some(),
            http,
            "只有 HTTP 接口才有游标参数",
            "only an HTTP API takes the cursor in a parameter",
        ),
        ("paging", collect.paging.is_some(), http, "只有 HTTP 接口才分页", "only an HTTP API is paged"),
        (
            "records",
            collect.records.is_some(),
            !database,
            "数据库表没有记录路径",
            "a database table has no path of records",
        ),
        ("format", collect.format.is_some(), !database, "数据库表没有文件格式", "a database table has no file format"),
        (
            "delimiter",
            collect.delimiter.is_some(),
            !database,
            "数据库表没有分隔符",
            "a database table has no delimiter",
        ),
        ("header", collect.header.is_some(), !database, "数据库表没有表头行", "a database table has no header line"),
    ];
    for (key, written, fits, zh, en) in misplaced {
        if written && !fits {
            document.put(
                &format!("collect.{key}"),
                Note::error(zh, en).help(format!("删去 `{key}`"), format!("remove `{key}`")),
            );
        }
    }
}

fn paging(document: &Document<'_>, collect: &Collection) {
    let (Some(Paging::Page { size, .. }) | Some(Paging::Offset { size, .. })) = &collect.paging else { return };
    if !(1..=100_000).contains(size) {
        let note = Note::error("每页行数应在 1 到 100000 之间", "a page should have from 1 to 100000 rows");
        document.put("collect.paging.size", note);
    }
}
