//! Rows with a key: the current row of each key, and what the running delivery has shown of it.

use std::collections::HashMap;

use super::store::{Hashed, Store};
use crate::check::{Hash, Version};

/// What a row does to its key.
pub enum Move {
    Land,
    Unchanged,
    /// Takes the place of the current row, which has this hash.
    Replace(Hash),
    /// Takes the place of an earlier row of this very batch.
    Displace {
        row: usize,
        hash: Hash,
    },
    /// Contradicts the row at this line of the same delivery.
    Conflict(u64),
}

/// The current rows by key.
pub struct Keys {
    rows: Store<Row>,
    /// Whether the later of two different rows of one delivery wins where no version decides.
    latest: bool,
    delivery: u32,
    /// Versions that are texts; rows refer to them by index.
    texts: Vec<Box<str>>,
    /// Which row of the running batch each key's current row is; kept only as long as the batch.
    batch: HashMap<u32, usize>,
}

struct Row {
    key: Hash,
    hash: Hash,
    version: i64,
    /// Where the running delivery first showed the key; above four milliards the last number stands for all.
    line: u32,
    /// Number of the delivery that last showed the key.
    delivery: u32,
}

impl Hashed for Row {
    fn id(&self) -> &Hash {
        &self.key
    }
}

/// A version that sorts before all others: that of a row without one.
const NO_VERSION: i64 = i64::MIN;

impl Keys {
    pub fn new(latest: bool) -> Keys {
        Keys { rows: Store::new(), latest, delivery: 0, texts: Vec::new(), batch: HashMap::new() }
    }

    /// The same rules, no rows.
    pub fn emptied(&self) -> Keys {
        Keys::new(self.latest)
    }

    /// Enters a current row. Of two rows with one key the newer version stays.
    pub fn add(&mut self, key: Hash, hash: Hash, version: Option<Version>) {
        match self.rows.place(&key) {
            Some(place) if !self.newer(place, version.as_ref()) => {}
            Some(place) => self.set(place, hash, version.as_ref()),
            None => {
                self.insert(key, hash, version.as_ref(), 0, 0);
            }
        }
    }

    pub fn begin_delivery(&mut self) {
        self.delivery = self.delivery.saturating_add(1);
    }

    pub fn begin_batch(&mut self) {
        self.batch.clear();
    }

    /// Decides about row `row` of the running batch, found at `line`.
    pub fn decide(&mut self, row: usize, line: u64, key: Hash, hash: Hash, version: Option<&Version>) -> Move {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let Some(place) = self.rows.place(&key) else {
            let place = self.insert(key, hash, version, line, self.delivery);
            self.remember(place, row, version);
            return Move::Land;
        };
        let (current, seen, first) = self.see(place, line);
        if current == hash {
            return Move::Unchanged;
        }
        let replaces = match (self.compare(place, version), seen) {
            (Some(std::cmp::Ordering::Greater), _) => true,
            (Some(std::cmp::Ordering::Less), _) => false,
            // Two rows of one delivery that nothing tells apart: one of them is wrong.
            (_, true) if !self.latest => return Move::Conflict(first),
            (_, true) => true,
            (Some(std::cmp::Ordering::Equal), false) => false,
            (None, false) => true,
        };
        if !replaces {
            return Move::Unchanged;
        }
        self.set(place, hash, version);
        let earlier = self.batch.get(&place).copied();
        self.remember(place, row, version);
        earlier.map_or(Move::Replace(current), |row| Move::Displace { row, hash: current })
    }

    /// Marks a key as shown by this delivery: its current hash, whether it had been shown before, and where first.
    fn see(&mut self, place: u32, line: u32) -> (Hash, bool, u64) {
        let delivery = self.delivery;
        let Some(row) = self.rows.get_mut(place) else {
            return ([0; 16], false, 0);
        };
        let seen = row.delivery == delivery;
        if !seen {
            row.delivery = delivery;
            row.line = line;
        }
        (row.hash, seen, u64::from(row.line))
    }

    /// Keeps in mind which row of the batch is current, where a later one may displace it.
    fn remember(&mut self, place: u32, row: usize, version: Option<&Version>) {
        if self.latest || version.is_some() {
            self.batch.insert(place, row);
        }
    }

    fn insert(&mut self, key: Hash, hash: Hash, version: Option<&Version>, line: u32, delivery: u32) -> u32 {
        let version = self.number(None, version);
        self.rows.insert(Row { key, hash, version, line, delivery })
    }

    fn set(&mut self, place: u32, hash: Hash, version: Option<&Version>) {
        let old = self.rows.get(place).map(|row| row.version);
        let version = self.number(old, version);
        if let Some(row) = self.rows.get_mut(place) {
            row.hash = hash;
            row.version = version;
        }
    }

    /// A version as a row holds it: the number itself, or the index of its text (that of the old one if there was).
    fn number(&mut self, old: Option<i64>, version: Option<&Version>) -> i64 {
        let text = match version {
            None => return NO_VERSION,
            Some(Version::Number(number)) => return (*number).max(NO_VERSION + 1),
            Some(Version::Text(text)) => text,
        };
        let slot = old.and_then(|old| usize::try_from(old).ok()).and_then(|old| Some((old, self.texts.get_mut(old)?)));
        if let Some((index, slot)) = slot {
            slot.clone_from(text);
            return index as i64;
        }
        self.texts.push(text.clone());
        self.texts.len() as i64 - 1
    }

    fn newer(&self, place: u32, version: Option<&Version>) -> bool {
        self.compare(place, version).is_none_or(|order| order.is_gt())
    }

    /// The version of a new row against that of the current one; `None` when neither has one.
    fn compare(&self, place: u32, version: Option<&Version>) -> Option<std::cmp::Ordering> {
        let current = self.rows.get(place).map(|row| row.version).filter(|version| *version != NO_VERSION);
        match (version, current) {
            (None, None) => None,
            (Some(_), None) => Some(std::cmp::Ordering::Greater),
            (None, Some(_)) => Some(std::cmp::Ordering::Less),
            (Some(Version::Number(new)), Some(old)) => Some(new.cmp(&old)),
            (Some(Version::Text(new)), Some(old)) => {
                let old = usize::try_from(old).ok().and_then(|index| self.texts.get(index));
                Some(old.map_or(std::cmp::Ordering::Greater, |old| new.cmp(old)))
            }
        }
    }
}
