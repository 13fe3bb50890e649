//! Rows without a key: how many copies of each are kept, and how many a delivery has shown so far.

use super::store::{Hashed, Store};
use crate::check::Hash;

/// The k-th copy of a row in a delivery lands only if fewer than k are kept.
pub struct Copies {
    rows: Store<Copy>,
    delivery: u32,
}

struct Copy {
    hash: Hash,
    kept: u32,
    /// Copies seen in the delivery of this number.
    seen: u32,
    delivery: u32,
}

impl Hashed for Copy {
    fn id(&self) -> &Hash {
        &self.hash
    }
}

impl Copies {
    pub fn new() -> Copies {
        Copies { rows: Store::new(), delivery: 0 }
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
