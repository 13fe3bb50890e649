//! Which hashes were seen once, and which more often: sixteen bytes for each value that differs, thirty-two where it is
//! repeated, however often.

/// Hashes are dealt out by their first byte, so that each heap is sorted within the processor's cache.
const HEAPS: usize = 256;
/// A heap is first put in order at this many hashes.
const FIRST: usize = 4_096;

#[derive(Debug)]
pub(super) struct Seen {
    heaps: Vec<Heap>,
    /// All that were added, those no longer kept among them.
    rows: u64,
}

#[derive(Clone, Debug)]
struct Heap {
    hashes: Vec<u128>,
    /// Put in order again at this many.
    full: usize,
}

impl Seen {
    pub fn new() -> Seen {
        Seen { heaps: vec![Heap { hashes: Vec::new(), full: FIRST }; HEAPS], rows: 0 }
    }

    pub fn add(&mut self, hash: u128) {
        self.rows += 1;
        self.keep(hash);
    }

    fn keep(&mut self, hash: u128) {
        let first = hash.to_be_bytes()[0];
        if let Some(heap) = self.heaps.get_mut(usize::from(first)) {
            heap.add(hash);
        }
    }

    /// How many of those added are not the only one of their kind.
    pub fn repeated(&mut self) -> u64 {
        let single: u64 = self.heaps.iter_mut().map(Heap::single).sum();
        self.rows.saturating_sub(single)
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.heaps.iter().map(|heap| size_of::<Heap>() + heap.hashes.capacity() * size_of::<u128>()).sum()
    }

    /// How many were added, and the hashes that stand for them, sixteen bytes each. Nothing is kept.
    pub fn take(&mut self) -> (u64, Vec<u8>) {
        let kept = self.heaps.iter().map(|heap| heap.hashes.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(kept * size_of::<u128>());
        for heap in &mut self.heaps {
            heap.order();
            for hash in std::mem::take(&mut heap.hashes) {
                bytes.extend_from_slice(&hash.to_be_bytes());
            }
        }
        (std::mem::take(&mut self.rows), bytes)
    }

    /// Adds what another one took.
    pub fn merge(&mut self, rows: u64, bytes: &[u8]) {
        self.rows += rows;
        for hash in bytes.as_chunks::<{ size_of::<u128>() }>().0 {
            self.keep(u128::from_be_bytes(*hash));
        }
    }
}

impl Heap {
    fn add(&mut self, hash: u128) {
        if self.hashes.len() >= self.full {
            self.order();
            self.full = FIRST.max(self.hashes.len() * 2);
        }
        if self.hashes.len() == self.hashes.capacity() {
            // Twice as much would leave half of a large one empty.
            self.hashes.reserve_exact((self.hashes.len() / 4).max(16));
        }
        self.hashes.push(hash);
    }

    /// Sorted, and no hash more than twice: that says as much as a thousand times.
    fn order(&mut self) {
        self.hashes.sort_unstable();
        let (mut last, mut times) = (None, 0);
        self.hashes.retain(|hash| {
            times = if last == Some(*hash) { times + 1 } else { 1 };
            last = Some(*hash);
            times <= 2
        });
    }

    fn single(&mut self) -> u64 {
        self.hashes.sort_unstable();
        self.hashes.chunk_by(|left, right| left == right).filter(|same| same.len() == 1).count() as u64
    }
}
