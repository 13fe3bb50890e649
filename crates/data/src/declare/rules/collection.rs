//! Rules on where and how a resource's rows are read.

use kernel::{Text, nearest};

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Collection, Connector, Format, Mode, OnMissing, Paging, Resource};
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
    if !resource.operations.is_empty() {
        let note = Note::error("只有系统是服务（`kind = \"service\"`）的资源才有 `[[operation]]`", "only a resource whose system is a service (`kind = \"service\"`) has `[[operation]]`");
        document.put("operation", note);
    }
    if document.root().is_some_and(|root| !root.contains_key("collect")) {
        let note = Note::error("缺少必填的键 `collect`", "the key `collect` is missing");
        document.put_at(0..0, note.help("写上 `[collect]`：从哪里、怎样读取各行", "write `[collect]`: where and how its rows are read"));
    } else if collect.from.trim().is_empty() {
        document.put("collect.from", Note::error("`from` 是空的", "`from` is empty"));
    }
    order(document, resource);
    missing(document, resource);
    contract(document, resource);
    text_form(document, collect);
    if let Some(system) = draft.systems.get(&resource.system)
        && !system.document.is_broken("connector")
    {
        fits(document, collect, &system.value.connector);
        replication(document, resource, &system.value.connector);
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
    if collect.mode != Mode::Incremental && collect.cursor.is_some() {
        document.put(
            "collect.cursor",
            Note::error("只有增量归集使用游标", "only an incremental collection uses a cursor").help(
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

/// A row can only be found missing where every delivery is whole and rows have names.
fn missing(document: &Document<'_>, resource: &Resource) {
    if resource.collect.on_missing != OnMissing::Remove {
        return;
    }
    if resource.collect.mode != Mode::Full {
        document.put(
            "collect.on_missing",
            Note::error("只有全量归集才能看出缺少的行", "only a full delivery can lack a row").help(
                "改为 `mode = \"full\"`，或删去 `on_missing`",
                "make it `mode = \"full\"`, or remove `on_missing`",
            ),
        );
    }
    if !resource.is_keyed() {
        document.put(
            "collect.on_missing",
            Note::error("没有主键，无法比对缺少的行", "without a key no row can be found missing")
                .help("给能唯一确定一行的信息项加上 `key = true`", "give `key = true` to the items that together name one row"),
        );
    }
}

/// Shares lie between nothing and everything; a band has its ends in order.
fn contract(document: &Document<'_>, resource: &Resource) {
    let contract = &resource.contract;
    for (key, share) in [("max_share", contract.max_share), ("max_change", contract.max_change), ("max_removed", contract.max_removed)] {
        if !(0.0..=1.0).contains(&share) {
            document.put(
                &format!("contract.{key}"),
                Note::error("比例应在 0 到 1 之间", "a share should be from 0 to 1").help("20% 写成 0.2", "write 20% as 0.2"),
            );
        }
    }
    if let (Some(least), Some(most)) = (contract.min_rows, contract.max_rows)
        && least > most
    {
        document.put("contract.min_rows", Note::error("最少行数大于最多行数", "the fewest rows are more than the most"));
    }
}

/// A sign, a few of them (`||`, `, `), or `fixed:` and where columns of fixed width begin; a word is the name of one.
fn is_delimiter(delimiter: &str) -> bool {
    let signs = delimiter.chars().count();
    signs == 1 || delimiter.starts_with("fixed:") || (2..=8).contains(&signs) && !delimiter.chars().any(char::is_alphanumeric)
}

/// Encodings that are told from content, but hardly ever declared by hand.
const RARE: [&str; 14] = [
    "euc-jp", "euc-kr", "iso-2022-jp", "windows-874", "windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255",
    "windows-1256", "windows-1257", "windows-1258", "koi8-u", "iso-8859-2",
];

/// `utf-8 via gb18030` restores text that was encoded twice.
fn is_encoding(encoding: &str) -> bool {
    let lower = encoding.to_lowercase();
    let known = |label: &str| ENCODINGS.contains(&label) || RARE.contains(&label);
    match lower.split_once(" via ") {
        Some((inner, via)) => inner.trim() == "utf-8" && known(via.trim()),
        None => known(&lower),
    }
}

/// Keys that only some forms of file have.
fn text_form(document: &Document<'_>, collect: &Collection) {
    if let Some(delimiter) = &collect.delimiter
        && !is_delimiter(delimiter)
    {
        let note = Note::error("分隔符应为一个字符", "the delimiter should be one character");
        document.put("collect.delimiter", note.help("制表符写成 `\"\\t\"`", "write a tab as `\"\\t\"`"));
    }
    if let Some(encoding) = &collect.encoding
        && !is_encoding(encoding)
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
        ("records", collect.records.is_some(), matches!(format, Format::Json | Format::Ndjson | Format::Geojson | Format::Xml)),
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

/// A stream of changes needs a database that tells them, and a key to tell the changed row.
fn replication(document: &Document<'_>, resource: &Resource, connector: &Connector) {
    if resource.collect.mode != Mode::Replication {
        return;
    }
    if !matches!(connector, Connector::Postgres { .. }) {
        let note = Note::error("只有 PostgreSQL 系统提供变更流", "only a PostgreSQL system tells its changes");
        document.put(
            "collect.mode",
            note.help("改为 `mode = \"full\"` 或 `\"incremental\"`", "make it `mode = \"full\"` or `\"incremental\"`"),
        );
    }
    if !resource.is_keyed() {
        let note = Note::error("变更流要有主键", "replication needs a key");
        document.put(
            "collect.mode",
            note.help("给能识别一行的信息项加上 `key = true`", "add `key = true` to the items that together name a row"),
        );
    }
}

/// Keys that only some connectors have.
fn fits(document: &Document<'_>, collect: &Collection, connector: &Connector) {
    let database = matches!(connector, Connector::Sqlite { .. } | Connector::Postgres { .. } | Connector::Mysql { .. });
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
        ("post", collect.post.is_some(), http, "只有 HTTP 接口才有请求体", "only an HTTP API is asked with a body"),
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
    let body = collect.post.as_ref().map(|post| serde_json::from_str::<serde_json::Value>(&post.body));
    if let Some(Err(error)) = &body {
        let note =
            Note::error(format!("请求体不是有效的 JSON：{error}"), format!("the body is not valid JSON: {error}"));
        document.put("collect.post.body", note);
    }
    let body = body.and_then(Result::ok);
    for (key, parameter) in parameters(collect) {
        place(document, key, parameter, body.as_ref());
    }
    match &collect.paging {
        Some(Paging::Page { size, .. } | Paging::Offset { size, .. } | Paging::Keyset { size, .. })
            if !(1..=100_000).contains(size) =>
        {
            let note = Note::error("每页行数应在 1 到 100000 之间", "a page should have from 1 to 100000 rows");
            document.put("collect.paging.size", note);
        }
        Some(Paging::Next { next, .. }) if !next.starts_with('/') => {
            let note = Note::error(format!("`{next}` 不是 JSON 指针"), format!("`{next}` is not a JSON pointer"));
            document.put("collect.paging.next", note.help("应写成 `/meta/next`", "write it as `/meta/next`"));
        }
        _ => {}
    }
}

/// The parameters that are set from request to request, and where they are declared.
fn parameters(collect: &Collection) -> Vec<(&'static str, &str)> {
    let mut all = Vec::new();
    match &collect.paging {
        Some(
            Paging::Page { parameter, size_parameter, .. }
            | Paging::Offset { parameter, size_parameter, .. }
            | Paging::Keyset { parameter, size_parameter, .. },
        ) => {
            all.push(("collect.paging.parameter", parameter.as_str()));
            all.push(("collect.paging.size_parameter", size_parameter.as_str()));
        }
        Some(Paging::Next { parameter: Some(parameter), .. } | Paging::Header { parameter, .. }) => {
            all.push(("collect.paging.parameter", parameter.as_str()));
        }
        Some(Paging::Next { .. } | Paging::Link {}) | None => {}
    }
    all.extend(collect.cursor_parameter.as_deref().map(|parameter| ("collect.cursor_parameter", parameter)));
    all
}

/// A parameter in the body needs a body with an object where it goes.
fn place(document: &Document<'_>, key: &str, parameter: &str, body: Option<&serde_json::Value>) {
    if parameter.is_empty() {
        return document.put(key, Note::error("参数名是空的", "the parameter has no name"));
    }
    let Some((parent, _)) = parameter.starts_with('/').then(|| parameter.rsplit_once('/')).flatten() else { return };
    if !body.and_then(|body| body.pointer(parent)).is_some_and(serde_json::Value::is_object) {
        let note = Note::error(
            format!("请求体里没有放 `{parameter}` 的地方"),
            format!("the body has no place for `{parameter}`"),
        );
        document.put(
            key,
            note.help(
                "在 `post.body` 中写出它所在的对象；要放在地址里就去掉开头的 `/`",
                "write the object it belongs to in `post.body`, or remove the `/` to put it in the address",
            ),
        );
    }
}
