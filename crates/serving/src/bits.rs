//! A set of row numbers, a bit for each.

use crate::ServingError;

/// Row numbers beyond this are taken for damage: a bit is kept for each, two gigabytes in all.
const ROWS: i64 = 1 << 34;

#[derive(Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub fn has(&self, id: i64) -> bool {
        let (word, bit) = place(id);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    pub fn set(&mut self, id: i64) -> Result<(), ServingError> {
        if !(0..ROWS).contains(&id) {
            return Err(rusqlite::Error::IntegralValueOutOfRange(0, id).into());
        }
        let (word, bit) = place(id);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
        Ok(())
    }
}

fn place(id: i64) -> (usize, u64) {
    let id = usize::try_from(id).unwrap_or_default();
    (id / 64, 1 << (id % 64))
}
