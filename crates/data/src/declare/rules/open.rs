//! Rules on openings that can be told without their columns.

use kernel::Text;

use super::super::document::{Document, Note};
use super::super::read::Declared;
use super::super::{Model, ModelLayer, OpenData, OpenTo, Opening};
use super::unknown;
use crate::network::AllowList;
use crate::open::{LICENCES, licence};
use crate::share::UNTIL_MAX;

/// Rows alike, and values among them, at most: beyond, hardly anything could be opened.
const MOST: u32 = 1_000;
/// Rows of one answer, calls a minute, calls and rows a day, working days, at most.
const ROWS_MAX: u32 = 100_000;
const CALLS_MAX: u32 = 1_000_000;
const A_DAY_MAX: u32 = 1_000_000_000;
const DAYS_MAX: u32 = 365;

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
    restricted(document, opening);
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
    for (name, value, most) in [
        ("open.rows", open.rows, ROWS_MAX),
        ("open.per_minute", open.per_minute, CALLS_MAX),
        ("open.application_per_minute", open.application_per_minute, CALLS_MAX),
        ("open.application_per_day", open.application_per_day, A_DAY_MAX),
        ("open.restricted_within", open.restricted_within, DAYS_MAX),
        ("open.restricted_days", open.restricted_days, UNTIL_MAX),
        ("open.restricted_rows", open.restricted_rows, ROWS_MAX),
        ("open.restricted_rows_per_day", open.restricted_rows_per_day, A_DAY_MAX),
    ] {
        within(document, name, value, most);
    }
    for (n, entry) in open.allow.iter().enumerate() {
        if let Err(text) = AllowList::default().add(entry) {
            document.put(&format!("open.allow.{n}"), Note::error(text.zh, text.en));
        }
    }
    if !open.address.is_empty() && !(open.address.starts_with("https://") || open.address.starts_with("http://")) {
        let note = Note::error("`address` 应为网址", "`address` should be a web address");
        document.put("open.address", note.help("例如 `https://data.example.gov.cn`", "for instance `https://data.example.gov.cn`"));
    }
}

/// What holds for restricted data alone.
fn restricted(document: &Document<'_>, opening: &Opening) {
    let set = [("open.rows", opening.rows, ROWS_MAX), ("open.rows_per_day", opening.rows_per_day, A_DAY_MAX), ("open.days", opening.days, UNTIL_MAX)];
    let set = set.into_iter().filter_map(|(name, value, most)| Some((name, value?, most)));
    let asked = (!opening.ask_by.is_empty()).then_some(("open.ask_by", 1, 1));
    for (name, value, most) in set.chain(asked) {
        within(document, name, value, most);
        if opening.to == OpenTo::Everybody {
            let note = Note::error("只对受限开放有效", "is for restricted data only");
            document.put(name, note.help("写上 `to = \"applicants\"`，或删去这一行", "say `to = \"applicants\"`, or take the line out"));
        }
    }
}

fn within(document: &Document<'_>, place: &str, value: u32, most: u32) {
    if value == 0 || value > most {
        document.put(place, Note::error(format!("应在 1 到 {most} 之间"), format!("should be from 1 to {most}")));
    }
}

fn bounds(document: &Document<'_>, place: &str, value: Option<u32>) {
    if value.is_some_and(|value| value == 0 || value > MOST) {
        document.put(place, Note::error(format!("应在 1 到 {MOST} 之间"), format!("should be from 1 to {MOST}")));
    }
}
