//! Which hashes are known, and how many rows ask for each: some thirty bytes for each value that differs.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Different values held at most, which fill a table of 2^22 places: 105 MB, and as much again while two are put together.
pub(super) const MOST: usize = 3_600_000;
/// Marks a hash as known; the other bits count the rows that ask for it.
const KNOWN: u64 = 1 << 63;
const HASH: usize = size_of::<u128>();
const BYTES: usize = HASH + size_of::<u64>();

/// `None`, once there were too many.
#[derive(Debug)]
pub(super) struct Asked(Option<HashTable<Key>>);

/// Two halves of a hash, which take less room than a whole one does beside a number.
#[derive(Clone, Copy, Debug)]
struct Key {
    hash: [u64; 2],
    rows: u64,
}

impl Asked {
    pub fn new() -> Asked {
        Asked(Some(HashTable::new()))
    }

    pub fn add(&mut self, hash: u128, known: bool) {
        let rows = if known { KNOWN } else { 1 };
        self.note(Key { hash: [(hash >> 64) as u64, hash as u64], rows });
    }

    fn note(&mut self, key: Key) {
        let Some(keys) = &mut self.0 else { return };
        match keys.entry(key.place(), |one| one.hash == key.hash, Key::place) {
            Entry::Occupied(mut found) => found.get_mut().add(key.rows),
            Entry::Vacant(free) => {
                free.insert(key);
            }
        }
        if keys.len() > MOST {
            self.0 = None;
        }
    }

    /// How many rows ask for what is not known; `None` where that cannot be told.
    pub fn astray(&self) -> Option<u64> {
        let keys = self.0.as_ref()?;
        Some(keys.iter().filter(|key| key.rows & KNOWN == 0).map(|key| key.rows).sum())
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.0.as_ref().map_or(0, HashTable::allocation_size)
    }

    /// All that is held, [`BYTES`] for each hash. Nothing is kept.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        let keys = self.0.replace(HashTable::new())?;
        let mut bytes = Vec::with_capacity(keys.len() * BYTES);
        for key in keys {
            let [high, low] = key.hash;
            for part in [high, low, key.rows] {
                bytes.extend_from_slice(&part.to_be_bytes());
            }
        }
        Some(bytes)
    }

    /// Adds what another one took.
    pub fn merge(&mut self, taken: Option<&[u8]>) {
        let Some(bytes) = taken else {
            self.0 = None;
            return;
        };
        for key in bytes.as_chunks::<BYTES>().0 {
            let [high, low, rows] = std::array::from_fn(|n| part(key, n));
            self.note(Key { hash: [high, low], rows });
        }
    }
}

impl Key {
    /// The half by which parts are not told apart: keys of one part would else crowd in a few places.
    fn place(&self) -> u64 {
        self.hash[0]
    }

    fn add(&mut self, rows: u64) {
        self.rows = (self.rows | rows) & KNOWN | (self.rows & !KNOWN).saturating_add(rows & !KNOWN) & !KNOWN;
    }
}

fn part(key: &[u8; BYTES], n: usize) -> u64 {
    let bytes = key.as_chunks::<8>().0.get(n).copied().unwrap_or_default();
    u64::from_be_bytes(bytes)
}
