//! Rows found by a hash: a vector that hardly over-allocates, and an index of four-byte places into it.

use hashbrown::HashTable;

use crate::check::Hash;

/// What a store keeps.
pub trait Hashed {
    /// The hash by which it is found; unique in the store.
    fn id(&self) -> &Hash;
}

/// A growing set of rows. Costs about ten bytes a row beside the rows themselves.
pub struct Store<R> {
    rows: Vec<R>,
    places: HashTable<u32>,
}

impl<R: Hashed> Store<R> {
    pub fn new() -> Store<R> {
        Store { rows: Vec::new(), places: HashTable::new() }
    }

    pub fn place(&self, id: &Hash) -> Option<u32> {
        let is_wanted = |place: &u32| self.rows.get(*place as usize).is_some_and(|row| row.id() == id);
        self.places.find(short(id), is_wanted).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.iter()
    }

    pub fn get(&self, place: u32) -> Option<&R> {
        self.rows.get(place as usize)
    }

    pub fn get_mut(&mut self, place: u32) -> Option<&mut R> {
        self.rows.get_mut(place as usize)
    }

    /// Adds a row that is not there yet and gives its place. Beyond four milliards of rows it is not kept.
    pub fn insert(&mut self, row: R) -> u32 {
        let Ok(place) = u32::try_from(self.rows.len()) else {
            return u32::MAX;
        };
        // Growing by a sixteenth keeps the spare room small; doubling would break the bound on memory.
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact((self.rows.len() / 16).max(1024));
        }
        let id = short(row.id());
        self.rows.push(row);
        let rows = &self.rows;
        self.places.insert_unique(id, place, |place| rows.get(*place as usize).map_or(0, |row| short(row.id())));
        place
    }
}

/// The first eight bytes of a hash: good enough for finding, as it is a hash already.
fn short(hash: &Hash) -> u64 {
    u64::from_le_bytes(*hash.first_chunk::<8>().unwrap_or(&[0; 8]))
}
