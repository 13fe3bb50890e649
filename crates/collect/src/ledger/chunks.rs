//! A list that grows by pieces of one size: what is in it is never moved, and there is little spare room.

const BITS: u32 = 13;
/// Entries of a piece.
const PIECE: usize = 1 << BITS;

pub struct Chunks<E>(Vec<Vec<E>>);

impl<E> Chunks<E> {
    pub fn new() -> Chunks<E> {
        Chunks(Vec::new())
    }

    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * PIECE + last.len())
    }

    pub fn get(&self, place: usize) -> Option<&E> {
        self.0.get(place >> BITS)?.get(place & (PIECE - 1))
    }

    pub fn get_mut(&mut self, place: usize) -> Option<&mut E> {
        self.0.get_mut(place >> BITS)?.get_mut(place & (PIECE - 1))
    }

    pub fn push(&mut self, entry: E) {
        match self.0.last_mut().filter(|last| last.len() < PIECE) {
            Some(last) => last.push(entry),
            None => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(entry);
                self.0.push(piece);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &E> {
        self.0.iter().flatten()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_where_they_were_put() {
        let mut chunks = Chunks::new();
        for number in 0..3 * PIECE + 1 {
            assert_eq!(chunks.len(), number);
            chunks.push(number);
        }
        assert!((0..3 * PIECE + 1).all(|place| chunks.get(place) == Some(&place)));
        assert!(chunks.iter().copied().eq(0..3 * PIECE + 1));
        assert!(chunks.get(3 * PIECE + 1).is_none() && chunks.get_mut(usize::MAX).is_none());
        chunks.clear();
        assert_eq!((chunks.len(), chunks.get(0)), (0, None));
    }
}
