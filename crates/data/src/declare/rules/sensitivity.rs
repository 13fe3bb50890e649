//! A rule on classes and grades: an item may not be declared below what its standard says that it holds.

use super::super::document::{Document, Note};
use super::super::read::Draft;
use super::super::{Item, Kind, Resource};
use super::word;
use crate::grade::InfoType;

/// Warns where ids of persons and their accounts are declared harmless. Other kinds can be harmless in some tables (a bus's
/// plate, sexes in a table of counts), so that only a steward can tell.
pub(super) fn check(draft: &Draft<'_>, document: &Document<'_>, resource: &Resource, item: &Item, n: usize) {
    let declared = draft.standards.get(&item.standard).map(|declared| declared.value.kind);
    let info = declared.or_else(|| Kind::named(&item.standard)).and_then(InfoType::of_kind);
    let Some(info) = info.filter(|info| info.identifies_persons()) else {
        return;
    };
    let (class, grade) = (item.class, item.grade.unwrap_or(resource.grade));
    if class >= info.class() && grade >= info.grade() {
        return;
    }
    let key = if grade < info.grade() && item.grade.is_some() {
        "grade"
    } else {
        "standard"
    };
    let place = format!("item.{n}.{key}");
    let (is, own_class, own_grade) = (info.title(), word(class), word(grade));
    let (least_class, least_grade) = (word(info.class().max(class)), word(info.grade().max(grade)));
    let note = Note::warning(
        format!(
            "`{}` 的数据元是{}，分类分级不应低于 {least_class}、{least_grade}，这里是 {own_class}、{own_grade}",
            item.name, is.zh
        ),
        format!(
            "the standard of `{}` says: {}; class and grade should be at least {least_class} and {least_grade}, here they are {own_class} and {own_grade}",
            item.name, is.en
        ),
    );
    let write = format!("class = \"{least_class}\"` `grade = \"{least_grade}\"");
    document.put(&place, note.help(format!("写成 `{write}`"), format!("write `{write}`")));
}
