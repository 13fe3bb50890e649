//! What changed between two points: rows added, removed, corrected, cell by cell.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde_json::json;

use super::batches::last_of;
use super::walk::{Key, Keyed, Mark};
use super::{Change, Changes, Point, RowChange, Version};
use crate::account::hex;
use crate::quality::row_hash;
use crate::view::Account;
use crate::{Answer, Desk, DeskError};

/// Most rows of one answer.
pub const CHANGES_MAX: usize = 20_000;

impl Desk {
    /// Staff: changes after `from` up to `to`, at most `limit` of them, going on after `after` (see [`Changes::next`]).
    /// Each answer costs a walk through the keys of the batches between, and of those before; memory is bounded by `limit`.
    pub async fn changes(&self, who: &Account, resource: &str, from: &Point, to: &Point, after: Option<&str>, limit: usize) -> Answer<Changes> {
        self.may(who, "read.changes", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        let batches = self.batches(resource).await?;
        let (from, to) = (last_of(&batches, from), last_of(&batches, to));
        let (from, to) = (from.min(to), from.max(to));
        let last = batches.last().map_or(0, |batch| batch.seq);
        self.log(who, "read.changes", &self.resource_object(resource), json!({ "from": from, "to": to, "after": after })).await?;
        let after = after.map(read_key).transpose()?;
        let limit = limit.clamp(1, CHANGES_MAX);
        let mut keyed = Keyed::new(&city, declared)?;
        let mut changed: BTreeMap<Key, Mark> = BTreeMap::new();
        let mut more = false;
        self.walk(&mut keyed, from + 1..=to, last, |key, mark| {
            if !mark.refused && after.is_none_or(|after| key > after) {
                newest(&mut changed, key, mark);
                if changed.len() > limit {
                    changed.pop_last();
                    more = true;
                }
            }
        })
        .await?;
        let mut before: HashMap<Key, Mark> = HashMap::new();
        self.walk(&mut keyed, 1..=from, last, |key, mark| {
            if !mark.refused && changed.contains_key(&key) {
                let known = before.entry(key).or_insert(mark);
                *known = (*known).max(mark);
            }
        })
        .await?;
        let next = changed.last_key_value().filter(|_| more).map(|(key, _)| hex(key));
        let marks = changed.values().chain(before.values()).copied();
        let contents = self.contents(resource, &batches, marks).await?;
        let of = |mark: Option<&Mark>| mark.filter(|mark| !mark.removed).and_then(|mark| contents.get(mark)).cloned();
        let mut entries: Vec<RowChange> = changed
            .iter()
            .filter_map(|(key, mark)| row_change(keyed.key(), of(before.get(key)), of(Some(mark)), contents.get(mark).filter(|_| mark.removed)))
            .collect();
        entries.sort_by_key(|entry| entry.now.as_ref().or(entry.before.as_ref()).map(|version| (version.batch, version.line)));
        let veil = self.veil(Some(who), declared);
        let entries = entries.into_iter().map(|entry| veil.change(entry)).collect();
        Ok(Changes { from, to, entries, next })
    }
}

/// Keeps the later of two versions of a key.
fn newest(changed: &mut BTreeMap<Key, Mark>, key: Key, mark: Mark) {
    let known = changed.entry(key).or_insert(mark);
    *known = (*known).max(mark);
}

/// One row's change; none where it ended as it had begun. `removal` is the record that removed it.
fn row_change(key: &[String], before: Option<Version>, now: Option<Version>, removal: Option<&Version>) -> Option<RowChange> {
    let change = match (&before, &now) {
        (None, None) => return None,
        (None, Some(_)) => Change::Added,
        (Some(_), None) => Change::Removed,
        (Some(_), Some(_)) => Change::Corrected,
    };
    let shown = now.as_ref().or(before.as_ref());
    let value = |name: &String| shown.and_then(|version| value(version, name)).unwrap_or_default();
    let key = key.iter().map(|name| (name.clone(), value(name))).collect();
    let cells = differing(before.as_ref(), now.as_ref());
    if cells.is_empty() && change == Change::Corrected {
        return None;
    }
    let removal = removal.filter(|_| now.is_none()).cloned();
    Some(RowChange { change, key, before, now: now.or(removal), cells })
}

pub(super) fn value(version: &Version, name: &str) -> Option<String> {
    version.cells.iter().find(|(column, _)| column == name).and_then(|(_, value)| value.clone())
}

/// The cells in which two versions differ, in the order of the newer one's columns.
pub(super) fn differing(before: Option<&Version>, now: Option<&Version>) -> Vec<(String, Option<String>, Option<String>)> {
    let names = now.iter().chain(before.iter()).flat_map(|version| version.cells.iter().map(|(name, _)| name));
    let mut seen = std::collections::HashSet::new();
    names
        .filter(|name| seen.insert(name.as_str()))
        .map(|name| (name.clone(), before.and_then(|version| value(version, name)), now.and_then(|version| value(version, name))))
        .filter(|(_, before, now)| before != now)
        .collect()
}

fn read_key(text: &str) -> Answer<Key> {
    let wrong = || DeskError::Invalid(kernel::Text::new("翻页位置有误，请从头看起。", "That is no place to go on from; start at the beginning."));
    row_hash(text).ok_or_else(wrong)
}
