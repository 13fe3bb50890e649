//! Rules on city.toml and the outlines that it names.

use std::collections::HashSet;

use kernel::{Text, nearest};
use serde_json::Value;

use super::super::{OwnCalendar, Sharing};
use super::super::document::{Document, Note};
use super::super::read::Draft;
use super::{flawed, titles};
use crate::network::AllowList;
use crate::reference;
use crate::share::UNTIL_MAX;
use crate::standard::{clock::Zone, geometry};
use crate::workday::{Calendar, DaysRefused};

pub(super) fn check(draft: &Draft<'_>) {
    if let Some(districts) = &draft.districts {
        outlines(districts);
    }
    let Some(info) = &draft.info else { return };
    let (document, city) = (&info.document, &info.value);
    titles(document, "", &city.title, &city.title_en);
    match reference::division(&city.division) {
        Some(found) if found.until.is_empty() => {}
        Some(found) => {
            let (name, until) = (found.name, found.until);
            document.put(
                "division",
                Note::error(
                    format!("行政区划代码 `{}`（{name}）已于 {until} 后停用", city.division),
                    format!("the division code `{}` ({name}) has not been in force since {until}", city.division),
                ),
            );
        }
        None => document.put(
            "division",
            Note::error(
                format!("`{}` 不是 GB/T 2260 的六位行政区划代码", city.division),
                format!("`{}` is not a six-digit division code of GB/T 2260", city.division),
            )
            .help("例如宁波市是 `330200`", "for instance, Ningbo is `330200`")
            .suggest(reference::divisions().find(|known| known.name == city.division).map(|known| known.code)),
        ),
    }
    for (n, entry) in city.network.allow.iter().enumerate() {
        if let Err(text) = AllowList::default().add(entry) {
            document.put(&format!("network.allow.{n}"), Note::error(text.zh, text.en));
        }
    }
    if let Some(notify) = &city.notify {
        super::connector::notify(draft, document, notify);
    }
    super::log::check(draft, document, &city.log);
    if let Some(identity) = &city.identity {
        super::identity::check(draft, document, identity);
    }
    own_days(document, &city.calendar);
    sharing(document, &city.share);
    super::open::city(document, &city.open);
    if let Err(flaw) = Zone::named(&city.time_zone) {
        document.put("time_zone", flawed("time_zone", &flaw.message));
    }
    if let Some(name) = &city.divisions
        && !draft.resources.contains_key(name)
        && !draft.code_lists.contains_key(name)
    {
        let names = draft.resources.keys().chain(draft.code_lists.keys()).map(String::as_str);
        let note = Note::error(
            format!("`{name}` 既不是信息资源，也不是代码集"),
            format!("`{name}` is neither a resource nor a code list"),
        );
        document.put("divisions", note.suggest(nearest(name, names)));
    }
}

/// Days that exist, in their order, and not too many of them.
fn own_days(document: &Document<'_>, own: &OwnCalendar) {
    let mut sound = true;
    for (n, span) in own.days.iter().enumerate() {
        if let Err(DaysRefused(text)) = Calendar::with(std::slice::from_ref(span), &[]) {
            sound = false;
            document.put(&format!("calendar.days.{n}.from"), Note::error(text.zh, text.en));
        }
    }
    if let (true, Err(DaysRefused(text))) = (sound, Calendar::with(&own.days, &[])) {
        document.put("calendar.days", Note::error(text.zh, text.en));
    }
}

/// Clocks that run, and bounds that let something through.
fn sharing(document: &Document<'_>, share: &Sharing) {
    let bounds = [
        ("decide_days", share.decide_days, 365),
        ("objection_days", share.objection_days, 365),
        ("longest_days", share.longest_days, UNTIL_MAX),
        ("per_minute", share.per_minute, 600_000),
        ("rows", share.rows, 10_000),
        ("longest_delay", share.longest_delay, UNTIL_MAX),
    ];
    for (name, value, most) in bounds {
        let least = u32::from(name != "longest_delay");
        if value < least || value > most {
            let note = Note::error(format!("`{name}` 应在 {least} 到 {most} 之间"), format!("`{name}` is between {least} and {most}"));
            document.put(&format!("share.{name}"), note);
        }
    }
}

/// The outlines of the districts are a FeatureCollection whose features bear a division code and a geometry.
fn outlines(document: &Document<'_>) {
    let json: Value = match serde_json::from_str(document.text.trim_start_matches('\u{feff}')) {
        Ok(json) => json,
        Err(error) => {
            let start = document.offset(error.line(), error.column());
            let note = Note::error(format!("不是有效的 JSON：{error}"), format!("is not valid JSON: {error}"));
            return document.put_at(start..start + 1, note);
        }
    };
    let features = json.get("features").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(features) = features else {
        let note = Note::error("不是 GeoJSON 要素集", "is not a GeoJSON FeatureCollection");
        return document.put_at(0..0, note.help("应含有非空的 `features`", "it should have `features`, not empty"));
    };
    let mut seen = HashSet::new();
    for (n, feature) in features.iter().enumerate() {
        let n = n + 1;
        if let Some(problem) = outline(feature, &mut seen) {
            let note = Note::error(format!("第 {n} 个要素：{}", problem.zh), format!("feature {n}: {}", problem.en));
            document.put_at(0..0, note);
        }
    }
}

fn outline<'f>(feature: &'f Value, seen: &mut HashSet<&'f str>) -> Option<Text> {
    let Some(code) = feature.pointer("/properties/code").and_then(Value::as_str) else {
        return Some(Text::new(
            "缺少属性 `code`（加引号的六位行政区划代码）",
            "the property `code` is missing (a six-digit division code in quotation marks)",
        ));
    };
    if reference::division(code).is_none() {
        return Some(Text::new(format!("没有行政区划代码 `{code}`"), format!("there is no division code `{code}`")));
    }
    if !seen.insert(code) {
        return Some(Text::new(format!("`{code}` 出现了两次"), format!("`{code}` stands twice")));
    }
    let shape = feature.get("geometry").unwrap_or(&Value::Null);
    geometry::geometry(shape, 0).err().map(|flaw| flaw.message)
}
