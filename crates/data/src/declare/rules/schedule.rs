//! Rules on schedules, of systems and of resources.

use super::super::Schedule;
use super::super::document::{Document, Note};
use super::super::read::Draft;

pub(super) fn check(draft: &Draft<'_>, document: &Document<'_>, schedule: Option<&Schedule>) {
    let Some(schedule) = schedule else { return };
    let zone = draft.info.as_ref().map_or("Asia/Shanghai", |info| info.value.time_zone.as_str());
    for (key, text) in crate::schedule::flaws(schedule, zone) {
        document.put(&format!("schedule.{key}"), Note::error(text.zh, text.en));
    }
}
