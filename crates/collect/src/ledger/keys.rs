//! Rows with a key: the current row of each key, and what the running delivery has shown of it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::path::Path;

use super::kept::Kept;
use super::shelf::Entry;
use super::store::Store;
use super::texts::Texts;
use crate::check::{Hash, Version};

/// What a row does to its key.
pub enum Move {
    Land,
    Unchanged,
    /// Takes the place of the current row, which has this hash.
    Replace(Hash),
    /// Takes the place of an earlier row of this very batch: the last of [`Keys::earlier`].
    Displace {
        place: u32,
        hash: Hash,
    },
    /// Contradicts the row at this line of the same delivery.
    Conflict(u64),
    /// Removes the current row, which has this hash and came as row `earlier` of this very batch if that is known.
    Remove {
        hash: Hash,
        earlier: Option<usize>,
    },
}

/// The current rows by key.
pub struct Keys {
    rows: Store<Row>,
    /// Whether the later of two different rows of one delivery wins where no version decides.
    latest: bool,
    /// Number of the delivery before the first that this ledger sees. Rows with a smaller one were not shown since.
    opened: u32,
    delivery: u32,
    /// Versions that are texts; rows refer to them by their place.
    texts: Texts,
    /// The rows of the running batch that have been current for a key; kept only as long as the batch.
    batch: HashMap<u32, Current, BuildHasherDefault<Spread>>,
    /// Whether rows of the running batch may be displaced or removed by later ones of it.
    tracked: bool,
}

/// The row of the running batch that is current for a key, and those before it, in order.
struct Current {
    row: usize,
    earlier: Vec<usize>,
}

/// Places in the store are small numbers that nobody outside chooses: a multiplication spreads them.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

#[derive(Clone)]
struct Row {
    key: Hash,
    hash: Hash,
    version: i64,
    /// Where the running delivery first showed the key; above four milliards the last number stands for all.
    line: u32,
    /// Number of the delivery that last showed the key.
    delivery: u32,
}

impl Entry for Row {
    const SIZE: usize = 48;

    fn id(&self) -> &Hash {
        &self.key
    }

    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.key);
        to.extend_from_slice(&self.hash);
        to.extend_from_slice(&self.version.to_le_bytes());
        to.extend_from_slice(&self.line.to_le_bytes());
        to.extend_from_slice(&self.delivery.to_le_bytes());
    }

    fn read(from: &[u8]) -> Option<Row> {
        let (key, rest) = from.split_first_chunk::<16>()?;
        let (hash, rest) = rest.split_first_chunk::<16>()?;
        let (version, rest) = rest.split_first_chunk::<8>()?;
        let (line, rest) = rest.split_first_chunk::<4>()?;
        let delivery = rest.first_chunk::<4>()?;
        Some(Row {
            key: *key,
            hash: *hash,
            version: i64::from_le_bytes(*version),
            line: u32::from_le_bytes(*line),
            delivery: u32::from_le_bytes(*delivery),
        })
    }
}

/// The hash in place of a removed row's. No record has it: XXH3-128 of any text is zero once in 2^128.
const GONE: Hash = [0; 16];

/// A version that sorts before all others: that of a row without one.
const NO_VERSION: i64 = i64::MIN;
impl Keys {
    pub fn new(latest: bool) -> Keys {
        Keys { rows: Store::new(), latest, opened: 1, delivery: 1, texts: Texts::new(), batch: HashMap::default(), tracked: latest }
    }

    pub fn spill(&mut self, folder: &Path, limit: usize) {
        self.rows.spill(folder, limit);
        self.texts.spill(folder);
    }

    pub fn spilled(&self) -> bool {
        self.rows.spilled()
    }

    pub fn close(&mut self) -> io::Result<Kept> {
        Ok(Kept { mark: String::new(), delivery: self.delivery, texts: self.texts.close()?, shelves: self.rows.close()? })
    }

    pub fn reopen(&mut self, kept: &Kept) -> io::Result<()> {
        self.delivery = kept.delivery.saturating_add(1);
        self.opened = self.delivery;
        self.texts.reopen(kept.texts)?;
        self.rows.reopen(&kept.shelves)
    }

    /// To be called with the keys of a batch before anything is asked about them.
    pub fn recall<'a>(&mut self, keys: impl Iterator<Item = &'a Hash>) -> io::Result<()> {
        self.rows.recall(keys)
    }

    /// The same rules, no rows.
    pub fn emptied(&self) -> Keys {
        Keys::new(self.latest)
    }

    /// Enters a current row. Of two rows with one key the newer version stays.
    pub fn add(&mut self, key: Hash, hash: Hash, version: Option<&Version>) -> io::Result<()> {
        match self.rows.place(&key) {
            Some(place) if !self.newer(place, version)? => Ok(()),
            Some(place) => self.set(place, hash, version),
            None => self.insert(key, hash, version, 0, 0).map(|_| ()),
        }
    }

    pub fn begin_delivery(&mut self) {
        self.delivery = self.delivery.saturating_add(1);
    }

    /// A batch begins; with `removals` among its rows, any of them may concern another row of it.
    pub fn begin_batch(&mut self, removals: bool) {
        self.batch.clear();
        self.tracked = self.latest || removals;
    }

    /// Decides about a row by which the source tells that the row of a key is gone.
    pub fn remove(&mut self, key: &Hash) -> Move {
        let Some(place) = self.rows.place(key) else { return Move::Unchanged };
        let Some(row) = self.rows.get_mut(place).filter(|row| row.hash != GONE) else { return Move::Unchanged };
        let hash = std::mem::replace(&mut row.hash, GONE);
        row.version = NO_VERSION;
        Move::Remove { hash, earlier: self.batch.remove(&place).map(|current| current.row) }
    }

    /// Decides about row `row` of the running batch, found at `line`.
    pub fn decide(&mut self, row: usize, line: u64, key: Hash, hash: Hash, version: Option<&Version>) -> io::Result<Move> {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let Some(place) = self.rows.place(&key) else {
            let place = self.insert(key, hash, version, line, self.delivery)?;
            self.remember(place, row, version);
            return Ok(Move::Land);
        };
        let (current, seen, first) = self.see(place, line);
        if current == GONE {
            self.set(place, hash, version)?;
            self.remember(place, row, version);
            return Ok(Move::Land);
        }
        if current == hash {
            return Ok(Move::Unchanged);
        }
        let replaces = match (self.compare(place, version)?, seen) {
            (Some(std::cmp::Ordering::Greater), _) => true,
            (Some(std::cmp::Ordering::Less), _) => false,
            // Two rows of one delivery that nothing tells apart: one of them is wrong.
            (_, true) if !self.latest => return Ok(Move::Conflict(first)),
            (_, true) => true,
            (Some(std::cmp::Ordering::Equal), false) => false,
            (None, false) => true,
        };
        if !replaces {
            return Ok(Move::Unchanged);
        }
        self.set(place, hash, version)?;
        let displaces = self.batch.contains_key(&place);
        self.remember(place, row, version);
        Ok(if displaces { Move::Displace { place, hash: current } } else { Move::Replace(current) })
    }

    /// The rows of the running batch that were current at a place before the one decided last, in order.
    pub fn earlier(&self, place: u32) -> &[usize] {
        self.batch.get(&place).map(|current| current.earlier.as_slice()).unwrap_or_default()
    }

    /// Forgets them, as they turned out to change nothing.
    pub fn forget_earlier(&mut self, place: u32) {
        if let Some(current) = self.batch.get_mut(&place) {
            current.earlier.clear();
        }
    }

    /// Marks the key of a row that is not good enough to be current: it is there all the same.
    pub fn show(&mut self, key: Hash) {
        let opened = self.opened;
        let row = self.rows.place(&key).and_then(|place| self.rows.get_mut(place));
        if let Some(row) = row.filter(|row| row.delivery < opened) {
            row.delivery = opened;
        }
    }

    /// Marks a key as shown by this delivery if its current row is this edited one; the source's lies under it.
    pub fn show_under(&mut self, key: &Hash, edited: &Hash, line: u64) -> bool {
        let Some(place) = self.rows.place(key).filter(|_| self.is_current(key, edited)) else { return false };
        self.see(place, u32::try_from(line).unwrap_or(u32::MAX));
        true
    }

    /// The current rows that no delivery has shown since the ledger was filled or taken up again.
    pub fn missing(&mut self) -> io::Result<Vec<Hash>> {
        let (mut missing, opened) = (Vec::new(), self.opened);
        self.rows.each(|row| {
            if row.delivery < opened && row.hash != GONE {
                missing.push(row.hash);
            }
        })?;
        Ok(missing)
    }

    /// How many keys have a current row.
    pub fn current(&mut self) -> io::Result<u64> {
        let mut current = 0;
        self.rows.each(|row| current += u64::from(row.hash != GONE))?;
        Ok(current)
    }

    /// Whether this is the current row of its key. The key was recalled before.
    pub fn is_current(&self, key: &Hash, hash: &Hash) -> bool {
        self.rows.place(key).and_then(|place| self.rows.get(place)).is_some_and(|row| row.hash == *hash)
    }

    /// Whether this is the current row of its key, and the first of its like that this delivery shows.
    pub fn claim(&mut self, key: Hash, hash: Hash) -> bool {
        let delivery = self.delivery;
        let Some(row) = self.rows.place(&key).and_then(|place| self.rows.get_mut(place)) else { return false };
        let claims = row.hash == hash && row.delivery != delivery;
        if claims {
            row.delivery = delivery;
        }
        claims
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
        if self.tracked || version.is_some() {
            let next = |current: &mut Current| current.earlier.push(std::mem::replace(&mut current.row, row));
            self.batch.entry(place).and_modify(next).or_insert_with(|| Current { row, earlier: Vec::new() });
        }
    }

    fn insert(&mut self, key: Hash, hash: Hash, version: Option<&Version>, line: u32, delivery: u32) -> io::Result<u32> {
        let version = self.number(version)?;
        Ok(self.rows.insert(Row { key, hash, version, line, delivery }))
    }

    fn set(&mut self, place: u32, hash: Hash, version: Option<&Version>) -> io::Result<()> {
        let version = self.number(version)?;
        if let Some(row) = self.rows.get_mut(place) {
            row.hash = hash;
            row.version = version;
        }
        Ok(())
    }

    /// A version as a row holds it: the number itself, or the place of its text.
    fn number(&mut self, version: Option<&Version>) -> io::Result<i64> {
        match version {
            None => Ok(NO_VERSION),
            Some(Version::Number(number)) => Ok((*number).max(NO_VERSION + 1)),
            Some(Version::Text(text)) => self.texts.push(text),
        }
    }

    fn newer(&self, place: u32, version: Option<&Version>) -> io::Result<bool> {
        Ok(self.compare(place, version)?.is_none_or(|order| order.is_gt()))
    }

    /// The version of a new row against that of the current one; `None` when neither has one.
    fn compare(&self, place: u32, version: Option<&Version>) -> io::Result<Option<std::cmp::Ordering>> {
        let current = self.rows.get(place).map(|row| row.version).filter(|version| *version != NO_VERSION);
        Ok(match (version, current) {
            (None, None) => None,
            (Some(_), None) => Some(std::cmp::Ordering::Greater),
            (None, Some(_)) => Some(std::cmp::Ordering::Less),
            (Some(Version::Number(new)), Some(old)) => Some(new.cmp(&old)),
            (Some(Version::Text(new)), Some(old)) => Some((**new).cmp(self.texts.get(old)?.as_str())),
        })
    }
}
