//! Timetables in the General Transit Feed Specification: what its fields are is known, and only the values are asked
//! whether they keep to it.

use std::sync::LazyLock;

use data::declare::{Item, Kind};
use data::standard::fits;

use super::sample::Sample;

/// One field of the specification.
struct Known {
    table: &'static str,
    field: &'static str,
    title: &'static str,
    title_en: &'static str,
    standard: &'static str,
    role: &'static str,
}

static FIELDS: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut cells = line.split(',');
        Some(Known {
            table: cells.next()?,
            field: cells.next()?,
            title: cells.next()?,
            title_en: cells.next()?,
            standard: cells.next()?,
            role: cells.next()?,
        })
    };
    include_str!("gtfs.csv").lines().filter_map(read).collect()
});

/// The table of the specification that a member of an archive is, by its name and by having all that is required.
pub(super) fn table(member: &str, fields: &[String]) -> Option<&'static str> {
    let last = member.rsplit(['/', '\\', '#']).next()?;
    let stem = last.strip_suffix(".txt")?;
    let mut known = FIELDS.iter().filter(|known| known.table == stem).peekable();
    let name = known.peek()?.table;
    known.filter(|k| !k.role.is_empty()).all(|k| fields.iter().any(|f| f.trim() == k.field)).then_some(name)
}

/// Puts what the specification says into the items; the places of its key. A standard that some value does not keep to
/// is left as it was proposed.
pub(super) fn apply(table: &str, sample: &Sample, items: &mut [Item]) -> Vec<usize> {
    let mut key = Vec::new();
    for (place, (field, item)) in sample.fields.iter().zip(items).enumerate() {
        let Some(known) = FIELDS.iter().find(|k| k.table == table && k.field == field.trim()) else { continue };
        known.title.clone_into(&mut item.title);
        known.title_en.clone_into(&mut item.title_en);
        if Kind::named(known.standard).is_some_and(|kind| fits(kind, &sample.values(field))) {
            known.standard.clone_into(&mut item.standard);
        }
        let full = || sample.values(field).iter().filter(|v| !v.trim().is_empty()).count() == sample.good();
        item.required |= known.role == "required" && full();
        if known.role == "key" {
            key.push(place);
        }
    }
    key
}
