//! Edited rows: each lies over the row that its source delivers, until the source delivers another one of that key.

use std::collections::HashMap;

use crate::check::Hash;

/// Which rows lie over which.
#[derive(Default)]
pub struct Overlays {
    /// From the hash of the source's row to that of the edited one, and back.
    edited: HashMap<Hash, Hash>,
    source: HashMap<Hash, Hash>,
}

impl Overlays {
    pub fn add(&mut self, source: Hash, edited: Hash) {
        self.edited.insert(source, edited);
        self.source.insert(edited, source);
    }

    /// The row that lies over one of the source's.
    pub fn over(&self, source: &Hash) -> Option<&Hash> {
        self.edited.get(source)
    }

    /// Another row took the place of an edited one, or the source delivers it itself: it lies over nothing any more.
    pub fn end(&mut self, edited: &Hash) {
        if let Some(source) = self.source.remove(edited) {
            self.edited.remove(&source);
        }
    }
}
