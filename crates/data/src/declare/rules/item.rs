//! Rules on the items of a resource.

use std::collections::HashMap;

use kernel::{Text, nearest};

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Grade, Item, Kind, Resource};
use super::{sensitivity, sql, unknown, word};
use crate::mask::Mask;
use crate::standard::coordinate::Crs;

/// The most columns of one table.
const MOST: usize = 1000;

pub(super) fn check_all(draft: &Draft<'_>, declared: &Declared<'_, Resource>) {
    let (document, resource) = (&declared.document, &declared.value);
    if resource.items.is_empty() {
        document.put(
            "item",
            Note::error("一个信息项也没有", "there is not a single item")
                .help("用 `[[item]]` 声明每一列", "declare each column with `[[item]]`"),
        );
    } else if !resource.is_keyed() && !super::service::is(draft, resource) {
        document.put(
            "item",
            Note::warning(
                "没有主键：同一行再次到来时无法识别更新",
                "no item is the key: a row that comes again cannot be known as newer",
            )
            .help(
                "给能唯一确定一行的信息项加上 `key = true`",
                "give `key = true` to the items that together name one row",
            ),
        );
    }
    if resource.items.len() > MOST {
        let count = resource.items.len();
        let note = Note::error(
            format!("有 {count} 个信息项，最多 {MOST} 个"),
            format!("there are {count} items, at most {MOST} are allowed"),
        );
        document.put("item", note.help("拆成几个信息资源", "split it into several resources"));
    }
    for (n, item) in resource.items.iter().enumerate() {
        check(draft, document, resource, item, n);
    }
    places(draft, document, resource);
    unique(document, resource);
    english(document, resource);
}

/// A mask that cannot be read is an error; one that leaves the grade as it is, a warning.
fn mask(document: &Document<'_>, resource: &Resource, item: &Item, n: usize) {
    let Some(written) = &item.mask else { return };
    let place = format!("item.{n}.mask");
    let grade = item.grade.unwrap_or(resource.grade);
    match Mask::parse(written) {
        Err(text) => {
            let all = Mask::names().map(|name| (name, Mask::usage(name)));
            let all: Vec<String> = all.map(|(name, usage)| if usage.is_empty() { name.to_owned() } else { format!("{name}({usage})") }).collect();
            let all = all.join("、");
            document.put(&place, Note::error(text.zh, text.en).help(format!("可写：{all}"), format!("masks are {}", all.replace('、', ", "))));
        }
        Ok(mask) if grade >= Grade::L3 && mask.grade(grade) == grade => document.put(
            &place,
            Note::warning(
                format!("`{written}` 遮去的太少，脱敏后仍是 {}", word(grade)),
                format!("`{written}` hides too little: what it leaves is still {}", word(grade)),
            ),
        ),
        Ok(_) => {}
    }
}

fn check(draft: &Draft<'_>, document: &Document<'_>, resource: &Resource, item: &Item, n: usize) {
    mask(document, resource, item, n);
    if !good_name(&item.name) {
        document.put(
            &format!("item.{n}.name"),
            Note::error(format!("`{}` 不能作列名", item.name), format!("`{}` cannot be a column name", item.name))
                .help(
                    "小写字母开头，只用小写字母、数字、`_`，最多 63 个",
                    "start with a lower-case letter; use lower-case letters, digits and `_`, at most 63",
                ),
        );
    }
    if sql::needs_quotes(&item.name) {
        document.put(&format!("item.{n}.name"), sql::reserved(&item.name));
    }
    if item.title.trim().is_empty() {
        document.put(&format!("item.{n}.title"), Note::error("`title` 是空的", "`title` is empty"));
    }
    standard(draft, document, item, n);
    as_of(draft, document, resource, item, n);
    sensitivity::check(draft, document, resource, item, n);
    if let Some(grade) = item.grade
        && grade > resource.grade
    {
        let (own, whole) = (word(grade), word(resource.grade));
        document.put(
            &format!("item.{n}.grade"),
            Note::error(
                format!("信息项的分级 {own} 高于信息资源的 {whole}"),
                format!("the item's grade {own} is above the resource's {whole}"),
            )
            .help(
                format!("信息资源的 `grade` 至少应为 {own}"),
                format!("the resource's `grade` should be at least {own}"),
            ),
        );
    }
}

/// Longitudes and latitudes belong together in the order in which they stand; both must be in one system.
fn places(draft: &Draft<'_>, document: &Document<'_>, resource: &Resource) {
    let of_kind = |wanted: Kind| {
        resource.items.iter().enumerate().filter_map(move |(n, item)| {
            let declared = draft.standards.get(&item.standard).map(|declared| &declared.value);
            let kind = declared.map(|standard| standard.kind).or_else(|| Kind::named(&item.standard));
            (kind == Some(wanted)).then(|| (n, declared.and_then(|standard| standard.crs.as_deref()).and_then(Crs::named)))
        })
    };
    let (lons, lats): (Vec<_>, Vec<_>) = (of_kind(Kind::Longitude).collect(), of_kind(Kind::Latitude).collect());
    for at in 0..lons.len().max(lats.len()) {
        let (lon, lat) = (lons.get(at), lats.get(at));
        let crs = |side: Option<&(usize, Option<Crs>)>| side.and_then(|(_, crs)| *crs).unwrap_or(Crs::Wgs84);
        let Some((n, _)) = lon.or(lat).filter(|_| crs(lon) != crs(lat)) else { continue };
        document.put(
            &format!("item.{n}.standard"),
            Note::error(
                "经度和纬度要成对，并用同一个坐标系（`crs`）",
                "longitude and latitude must come in pairs of one coordinate system (`crs`)",
            )
            .help(
                "给另一个信息项也声明同样的 `crs`；成对的顺序就是声明的顺序",
                "declare the same `crs` for the other item; they pair in the order of declaration",
            ),
        );
    }
}

/// A declared standard, or a built-in kind by its own name.
fn standard(draft: &Draft<'_>, document: &Document<'_>, item: &Item, n: usize) {
    let path = format!("item.{n}.standard");
    let name = item.standard.as_str();
    if draft.standards.contains_key(name) {
        return;
    }
    match Kind::named(name) {
        Some(Kind::Code) => document.put(
            &path,
            Note::error("类型 `code` 要说明用哪个代码集", "the kind `code` needs a code list").help(
                "在 standards/ 中声明一个数据元：`kind = \"code\"`，`codes = \"…\"`，然后在这里写它的编号",
                "declare a standard in standards/ with `kind = \"code\"` and `codes = \"…\"`, and name it here",
            ),
        ),
        Some(_) => {}
        None => {
            let list: Vec<&str> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Code).map(Kind::name).collect();
            let near = nearest(name, draft.standards.keys().map(String::as_str).chain(list.iter().copied()));
            let note = unknown(&Text::new("数据元", "standard"), name, std::iter::empty()).suggest(near);
            document.put(
                &path,
                note.help(
                    format!("可写 standards/ 中的编号，或内置类型：{}", list.join("、")),
                    format!("write the id of one in standards/, or a built-in kind: {}", list.join(", ")),
                ),
            );
        }
    }
}

/// `as_of` is for division codes, and names a date of the same row.
fn as_of(draft: &Draft<'_>, document: &Document<'_>, resource: &Resource, item: &Item, n: usize) {
    let Some(day) = item.as_of.as_deref() else { return };
    let path = format!("item.{n}.as_of");
    let kind = |item: &Item| {
        let declared = draft.standards.get(&item.standard).map(|declared| declared.value.kind);
        declared.or_else(|| Kind::named(&item.standard))
    };
    if kind(item).is_some_and(|kind| kind != Kind::DivisionCode) {
        let note = Note::error("只有行政区划代码用 `as_of`", "only division codes make use of `as_of`");
        document.put(&path, note.help("删去它，或核对 `standard`", "remove it, or check `standard`"));
        return;
    }
    let dated = |item: &&Item| matches!(kind(item), Some(Kind::Date | Kind::Datetime));
    if day != "*" && !resource.items.iter().filter(dated).any(|other| other.name == day) {
        let dates = resource.items.iter().filter(dated).map(|other| other.name.as_str());
        document.put(&path, unknown(&Text::new("日期信息项", "item that is a date"), day, dates));
    }
}

/// `[a-z][a-z0-9_]*`, at most 63 characters.
pub(crate) fn good_name(name: &str) -> bool {
    let start = name.starts_with(|c: char| c.is_ascii_lowercase());
    start
        && name.len() <= 63
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// No two items of one name, none that read one field of the source.
fn unique(document: &Document<'_>, resource: &Resource) {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut sources: HashMap<&str, usize> = HashMap::new();
    for (n, item) in resource.items.iter().enumerate() {
        if let Some(first) = names.insert(&item.name, n) {
            let first = first + 1;
            document.put(
                &format!("item.{n}.name"),
                Note::error(
                    format!("第 {first} 个信息项已叫 `{}`", item.name),
                    format!("item {first} is already called `{}`", item.name),
                ),
            );
            continue;
        }
        let source = item.source.as_deref().unwrap_or(&item.name);
        let aliases =
            item.aliases.iter().enumerate().map(|(at, alias)| (format!("item.{n}.aliases.{at}"), alias.as_str()));
        for (path, field) in std::iter::once((format!("item.{n}.source"), source)).chain(aliases) {
            match sources.insert(field, n) {
                Some(first) if first != n => {
                    let first = first + 1;
                    document.put(
                        &path,
                        Note::error(
                            format!("来源字段 `{field}` 已由第 {first} 个信息项读取"),
                            format!("the source field `{field}` is already read by item {first}"),
                        ),
                    );
                }
                _ => {}
            }
        }
    }
}

/// One warning for all items without an English name.
fn english(document: &Document<'_>, resource: &Resource) {
    let without: Vec<(usize, &str)> = resource
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.title_en.trim().is_empty() && !item.title.trim().is_empty())
        .map(|(n, item)| (n, item.name.as_str()))
        .collect();
    let Some((first, _)) = without.first() else { return };
    let count = without.len();
    let mut names: Vec<&str> = without.iter().map(|(_, name)| *name).take(8).collect();
    if count > names.len() {
        names.push("…");
    }
    document.put(
        &format!("item.{first}.title"),
        Note::warning(format!("{count} 个信息项没有英文名称"), format!("{count} items have no English name")).help(
            format!("给它们加上 `title_en`：{}", names.join("、")),
            format!("add `title_en` to {}", names.join(", ")),
        ),
    );
}
