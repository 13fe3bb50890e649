//! Rules on openings that can be told without their columns.

use kernel::Text;

use super::super::document::{Document, Note};
use super::super::read::Declared;
use super::super::{Model, ModelLayer, OpenData, OpenTo};
use super::unknown;
use crate::open::{LICENCES, licence};

/// Rows alike, and values among them, at most: beyond, hardly anything could be opened.
const MOST: u32 = 1_000;

pub(super) fn check(declared: &Declared<'_, Model>) {
    let (document, model) = (&declared.document, &declared.value);
    let opening = match (&model.open, model.layer) {
        (Some(opening), ModelLayer::Open) => opening,
        (None, ModelLayer::Open) => {
            let note = Note::error("开放库的模型要写 `[open]`", "a model of the layer `open` needs `[open]`");
            return document.put_at(0..0, note.help("写上许可、主题和更新周期：`licence`、`theme`、`period`", "say `licence`, `theme` and `period` there"));
        }
        (Some(_), _) => {
            let note = Note::error("只有 `models/open/` 下的模型可以写 `[open]`", "only a model in `models/open/` has `[open]`");
            return document.put("open", note);
        }
        (None, _) => return,
    };
    if licence(&opening.licence).is_none() {
        let names = LICENCES.iter().map(|licence| licence.id);
        document.put("open.licence", unknown(&Text::new("许可", "licence"), &opening.licence, names));
    }
    if opening.to == OpenTo::Applicants && opening.condition.trim().is_empty() {
        let note = Note::error("受限开放要写明条件 `condition`", "restricted data needs its `condition`");
        document.put("open.to", note.help("写上申请人要满足或同意什么", "say what whoever wants it has to fulfil or agree to"));
    }
    bounds(document, "open.k", opening.k);
    bounds(document, "open.l", opening.l);
    if let Some(entity) = opening.entity.as_ref().filter(|entity| !entity.starts_with('_')) {
        let note = Note::error(format!("`{entity}` 会被公开"), format!("`{entity}` would be published"));
        document.put("open.entity", note.help("列名以 `_` 开头的列只供比对，不公开", "a column whose name begins with `_` is compared by and not published"));
    }
    for (n, name) in model.key.iter().enumerate().filter(|(_, name)| name.starts_with('_')) {
        let note = Note::error(format!("列 `{name}` 不公开，不能作主键"), format!("column `{name}` is not published and cannot be part of the key"));
        document.put(&format!("key.{n}"), note);
    }
}

/// What holds for all openings of a city.
pub(super) fn city(document: &Document<'_>, open: &OpenData) {
    bounds(document, "open.k", Some(open.k));
    bounds(document, "open.l", Some(open.l));
    for (name, value, most) in [("open.rows", open.rows, 100_000), ("open.per_minute", open.per_minute, 1_000_000)] {
        if value == 0 || value > most {
            document.put(name, Note::error(format!("应在 1 到 {most} 之间"), format!("should be from 1 to {most}")));
        }
    }
    if !open.address.is_empty() && !(open.address.starts_with("https://") || open.address.starts_with("http://")) {
        let note = Note::error("`address` 应为网址", "`address` should be a web address");
        document.put("open.address", note.help("例如 `https://data.example.gov.cn`", "for instance `https://data.example.gov.cn`"));
    }
}

fn bounds(document: &Document<'_>, place: &str, value: Option<u32>) {
    if value.is_some_and(|value| value == 0 || value > MOST) {
        document.put(place, Note::error(format!("应在 1 到 {MOST} 之间"), format!("should be from 1 to {MOST}")));
    }
}
