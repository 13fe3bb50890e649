//! Whether a hash may be in a set: ten bits a hash, one cache line a question, about one wrong yes in a hundred.

use crate::check::Hash;

/// Bits of the filter for each hash.
const BITS: u64 = 10;
/// Blocks of one piece when it is written.
const PIECE: usize = 1024;
/// Odd multipliers that give each of the eight words of a block its own bit.
const SALTS: [u32; 8] =
    [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1, 0xd3a2_646d, 0xfd70_46c5, 0xb55a_4f09];

type Block = [u32; 8];

/// A Bloom filter whose bits for one hash all lie in one block.
pub struct Filter {
    blocks: Vec<Block>,
}

impl Filter {
    pub fn with_room(hashes: u64) -> Filter {
        let blocks = (hashes * BITS).div_ceil(256).max(1);
        Filter { blocks: vec![[0; 8]; usize::try_from(blocks).unwrap_or(usize::MAX)] }
    }

    pub fn add(&mut self, id: &Hash) {
        let (place, bits) = self.place(id);
        if let Some(block) = self.blocks.get_mut(place) {
            block.iter_mut().zip(bits).for_each(|(word, bit)| *word |= bit);
        }
    }

    /// False only when the hash was never added.
    pub fn may_hold(&self, id: &Hash) -> bool {
        let (place, bits) = self.place(id);
        self.blocks.get(place).is_none_or(|block| block.iter().zip(bits).fold(true, |all, (word, bit)| all & (word & bit != 0)))
    }

    /// The order of entries uses the first half of a hash, the filter the second.
    fn place(&self, id: &Hash) -> (usize, Block) {
        let half = u64::from_le_bytes(*id.last_chunk::<8>().unwrap_or(&[0; 8]));
        let place = ((half >> 32) * self.blocks.len() as u64) >> 32;
        (place as usize, SALTS.map(|salt| 1 << ((half as u32).wrapping_mul(salt) >> 27)))
    }

    /// Its bytes, one piece after the other.
    pub fn pieces(&self) -> impl Iterator<Item = Vec<u8>> {
        let bytes = |blocks: &[Block]| blocks.iter().flatten().flat_map(|word| word.to_le_bytes()).collect();
        self.blocks.chunks(PIECE).map(bytes)
    }

    pub fn from_bytes(bytes: &[u8]) -> Filter {
        let word = |bytes: &[u8]| bytes.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let block = |bytes: &[u8]| {
            let mut block = [0; 8];
            block.iter_mut().zip(bytes.chunks_exact(4)).for_each(|(to, from)| *to = word(from));
            block
        };
        Filter { blocks: bytes.chunks_exact(32).map(block).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn what_was_added_is_held_and_little_else() {
        let hash = |n: u32| xxhash_rust::xxh3::xxh3_128(&n.to_le_bytes()).to_be_bytes();
        let mut filter = Filter::with_room(10_000);
        (0..10_000).for_each(|n| filter.add(&hash(n)));
        let again = Filter::from_bytes(&filter.pieces().collect::<Vec<_>>().concat());
        assert!((0..10_000).all(|n| filter.may_hold(&hash(n)) && again.may_hold(&hash(n))));
        let wrong = (10_000..110_000).filter(|n| filter.may_hold(&hash(*n))).count();
        assert!(wrong < 3_000, "{wrong} of 100,000");
    }
}
