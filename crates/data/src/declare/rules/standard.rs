//! Rules on standards: each limit only where it means something, and within itself consistent.

use kernel::Text;

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Kind, Shape, Standard};
use super::{flawed, titles, unknown};
use crate::standard::coordinate::Crs;
use crate::standard::{date, limits};

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Standard>) {
    let (document, standard) = (&declared.document, &declared.value);
    titles(document, "", &standard.title, &standard.title_en);
    if let Some(builtin) = Kind::named(&standard.id)
        && builtin != standard.kind
    {
        let (name, kind) = (builtin.name(), standard.kind.name());
        document.put(
            "kind",
            Note::error(
                format!("`{name}` 是内置类型的名称，不能用来声明类型为 `{kind}` 的数据元"),
                format!("`{name}` is the name of a built-in kind and cannot name a standard of kind `{kind}`"),
            )
            .help("给文件换个名称", "give the file another name"),
        );
    }
    codes(draft, declared);
    meaningful(document, standard);
    consistent(document, standard);
}

fn codes(draft: &Draft<'_>, declared: &Declared<'_, Standard>) {
    let (document, standard) = (&declared.document, &declared.value);
    match (&standard.codes, standard.kind) {
        (None, Kind::Code) => document.put(
            "kind",
            Note::error("类型 `code` 要说明用哪个代码集", "the kind `code` needs a code list")
                .help("加上 `codes = \"…\"`", "add `codes = \"…\"`"),
        ),
        (Some(name), Kind::Code) if !draft.code_lists.contains_key(name) => {
            let names = draft.code_lists.keys().map(String::as_str);
            document.put("codes", unknown(&Text::new("代码集", "code list"), name, names));
        }
        _ => {}
    }
}

/// Keys that a kind makes no use of.
fn meaningful(document: &Document<'_>, standard: &Standard) {
    use Kind::*;
    let kind = standard.kind;
    let number = kind.is_number();
    let text = kind.shape() == Shape::Text && kind != Geometry;
    let place = matches!(kind, Longitude | Latitude | Position | Geometry);
    let day = matches!(kind, Date | Datetime | CitizenId);
    let misplaced = [
        ("codes", standard.codes.is_some(), kind == Code),
        ("pattern", standard.pattern.is_some(), text),
        ("min_length", standard.min_length.is_some(), text),
        ("max_length", standard.max_length.is_some(), text),
        ("minimum", standard.minimum.is_some(), number),
        ("maximum", standard.maximum.is_some(), number),
        ("earliest", standard.earliest.is_some(), day),
        ("latest", standard.latest.is_some(), day),
        ("epoch", standard.epoch.is_some(), kind == Datetime),
        ("clock", standard.clock.is_some(), kind == TimeOfDay),
        ("crs", standard.crs.is_some(), place),
    ];
    let kind = kind.name();
    for (key, written, fits) in misplaced {
        if written && !fits {
            let note = Note::error(
                format!("类型 `{kind}` 不用 `{key}`"),
                format!("the kind `{kind}` makes no use of `{key}`"),
            );
            document.put(key, note.help("删去它，或核对 `kind`", "remove it, or check `kind`"));
        }
    }
}

fn consistent(document: &Document<'_>, standard: &Standard) {
    if let Some(name) = standard.crs.as_deref().filter(|name| Crs::named(name).is_none()) {
        let known = ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:3857", "EPSG:4549"];
        document.put(
            "crs",
            unknown(&Text::new("坐标系", "coordinate system"), name, known.into_iter()).help(
                "可写 wgs84、cgcs2000、gcj02、bd09、EPSG:3857 或 CGCS2000 高斯投影 EPSG:4491–4554；北京 54、西安 80 要先用当地参数换算",
                "write wgs84, cgcs2000, gcj02, bd09, EPSG:3857 or one of EPSG:4491 to 4554; Beijing 54 and Xi'an 80 must be converted with local parameters first",
            ),
        );
    }
    if let Some(Err(error)) = standard.pattern.as_deref().map(limits::compile) {
        let reason = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        document.put(
            "pattern",
            Note::error(format!("正则表达式有误：{reason}"), format!("the pattern is not valid: {reason}")),
        );
    }
    for (key, text) in [("earliest", &standard.earliest), ("latest", &standard.latest)] {
        if let Some(Err(flaw)) = text.as_deref().map(date::declared) {
            document.put(key, flawed(key, &flaw.message));
        }
    }
    let reversed = [
        ("maximum", "minimum", standard.maximum.zip(standard.minimum).is_some_and(|(most, least)| most < least)),
        (
            "max_length",
            "min_length",
            standard.max_length.zip(standard.min_length).is_some_and(|(most, least)| most < least),
        ),
        (
            "latest",
            "earliest",
            standard.latest.as_ref().zip(standard.earliest.as_ref()).is_some_and(|(last, first)| last < first),
        ),
    ];
    for (upper, lower, wrong) in reversed {
        if wrong {
            document
                .put(upper, Note::error(format!("`{upper}` 小于 `{lower}`"), format!("`{upper}` is below `{lower}`")));
        }
    }
}
