//! Rows without a key: how many copies of each are kept, and how many a delivery has shown so far.

use std::io;
use std::path::Path;

use super::kept::Kept;
use super::shelf::Entry;
use super::store::Store;
use crate::check::Hash;

/// The k-th copy of a row in a delivery lands only if fewer than k are kept.
pub struct Copies {
    rows: Store<Copy>,
    delivery: u32,
}

#[derive(Clone)]
struct Copy {
    hash: Hash,
    kept: u32,
    /// Copies seen in the delivery of this number.
    seen: u32,
    delivery: u32,
}

impl Entry for Copy {
    const SIZE: usize = 28;

    fn id(&self) -> &Hash {
        &self.hash
    }

    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.hash);
        [self.kept, self.seen, self.delivery].iter().for_each(|number| to.extend_from_slice(&number.to_le_bytes()));
    }

    fn read(from: &[u8]) -> Option<Copy> {
        let (hash, rest) = from.split_first_chunk::<16>()?;
        let mut numbers = rest.chunks_exact(4).filter_map(<[u8]>::first_chunk::<4>).map(|n| u32::from_le_bytes(*n));
        Some(Copy { hash: *hash, kept: numbers.next()?, seen: numbers.next()?, delivery: numbers.next()? })
    }
}

impl Copies {
    pub fn new() -> Copies {
        Copies { rows: Store::new(), delivery: 0 }
    }

    pub fn spill(&mut self, folder: &Path, limit: usize) {
        self.rows.spill(folder, limit);
    }

    pub fn spilled(&self) -> bool {
        self.rows.spilled()
    }

    pub fn close(&mut self) -> io::Result<Kept> {
        Ok(Kept { mark: String::new(), folder: String::new(), delivery: self.delivery, texts: 0, shelves: self.rows.close()? })
    }

    pub fn reopen(&mut self, kept: &Kept) -> io::Result<()> {
        self.delivery = kept.delivery;
        self.rows.reopen(&kept.shelves)
    }

    /// To be called with the rows of a batch before anything is asked about them.
    pub fn recall<'a>(&mut self, rows: impl Iterator<Item = &'a Hash>) -> io::Result<()> {
        self.rows.recall(rows)
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    pub fn add(&mut self, hash: Hash) {
        if let Some(copy) = self.entry(hash) {
            copy.kept = copy.kept.saturating_add(1);
        }
    }

    pub fn begin_delivery(&mut self) {
        self.delivery = self.delivery.saturating_add(1);
    }

    /// Counts one more copy in this delivery and says whether it is to be kept.
    pub fn lands(&mut self, hash: Hash) -> bool {
        let delivery = self.delivery;
        let Some(copy) = self.entry(hash) else {
            return true;
        };
        if copy.delivery != delivery {
            copy.delivery = delivery;
            copy.seen = 0;
        }
        copy.seen = copy.seen.saturating_add(1);
        let lands = copy.seen > copy.kept;
        if lands {
            copy.kept = copy.seen;
        }
        lands
    }

    fn entry(&mut self, hash: Hash) -> Option<&mut Copy> {
        let known = self.rows.place(&hash);
        let place = known.unwrap_or_else(|| self.rows.insert(Copy { hash, kept: 0, seen: 0, delivery: 0 }));
        self.rows.get_mut(place)
    }
}
