//! Entries brought together by hash. Hashes lie evenly, so that their first bits put each entry nearly where it belongs,
//! and what nobody shares need not be put anywhere.

/// Entries that are put in one place by their first bits, on average.
const TOGETHER: usize = 8;
/// Places of the filter for each entry.
const ROOM: usize = 8;

/// A hash and the number of what has it.
pub(crate) type Entry = (u64, u32);

/// The entries in order.
pub(crate) fn sorted(entries: &[Entry]) -> Vec<Entry> {
    let bits = (entries.len() / TOGETHER).max(2).ilog2().min(16);
    let place = |hash: u64| (hash >> (64 - bits)) as usize;
    let mut ends = vec![0u32; 1 << bits];
    entries.iter().for_each(|(hash, _)| ends[place(*hash)] += 1);
    let mut next = 0;
    for end in &mut ends {
        // Where a place begins; it climbs to where it ends as entries are put there.
        next += std::mem::replace(end, next);
    }
    let mut sorted = vec![(0, 0); entries.len()];
    for entry in entries {
        let end = &mut ends[place(entry.0)];
        sorted[*end as usize] = *entry;
        *end += 1;
    }
    let mut from = 0;
    for end in ends {
        sorted[from..end as usize].sort_unstable();
        from = end as usize;
    }
    sorted
}

/// Leaves out entries whose hash no other has; a few of them slip through.
pub(crate) fn shared(entries: &mut Vec<Entry>) {
    let bits = (entries.len() * ROOM).max(64).ilog2() + 1;
    // Two bits for each place: an entry was seen there, and another one was.
    let mut seen = vec![0u64; 1 << (bits - 5)];
    let place = |hash: u64| ((hash >> (64 - bits + 5)) as usize, (hash >> (64 - bits)) % 32 * 2);
    for (hash, _) in entries.iter() {
        let (word, bit) = place(*hash);
        let word = &mut seen[word];
        *word |= if *word >> bit & 1 == 0 { 1 << bit } else { 2 << bit };
    }
    entries.retain(|(hash, _)| {
        let (word, bit) = place(*hash);
        seen[word] >> bit & 2 != 0
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_shared_stays_and_is_in_order() {
        for count in [0, 1, 2, 7, 100, 5000] {
            let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            // Every third has the hash of another; all of one hash lie at one end too.
            let mut entries: Vec<Entry> = (0..count).map(|at| (hash(if at % 3 == 0 { at / 6 } else { at + count }), at as u32)).collect();
            entries.extend((0..count as u32).map(|at| (1, at)));
            let mut wanted = entries.clone();
            wanted.sort_unstable();
            assert_eq!(sorted(&entries), wanted);
            let hashes: Vec<u64> = entries.iter().map(|entry| entry.0).collect();
            wanted.retain(|entry| hashes.iter().filter(|hash| **hash == entry.0).count() > 1);
            shared(&mut entries);
            let kept = sorted(&entries);
            assert!(wanted.iter().all(|entry| kept.binary_search(entry).is_ok()));
            // 0 and 1 begin alike, and few others do by chance.
            assert!(kept.len() <= wanted.len() + 2 + count as usize / 4);
        }
    }
}
