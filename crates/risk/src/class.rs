//! Classes: rows that nobody can tell apart by some columns.

use hashbrown::HashTable;

/// A class for each row, and the rows of each class.
#[derive(Clone, Debug, Default)]
pub(crate) struct Classes {
    pub of: Vec<u32>,
    pub sizes: Vec<u32>,
    /// The first row of each class.
    pub first: Vec<u32>,
}

/// So large may a table be that is addressed by a combination of values itself.
const DIRECT_MOST: u64 = 1 << 24;

/// A column as classes look at it: a number below `count` for each row.
#[derive(Clone, Copy)]
pub(crate) struct Digits<'c> {
    pub codes: &'c [u32],
    pub count: u32,
}

/// Rows in classes by all of the columns; numbered as they first appear.
pub(crate) fn classes(rows: usize, columns: &[Digits<'_>]) -> Classes {
    let mut found = Classes { of: vec![0; rows], sizes: vec![u32::try_from(rows).unwrap_or(u32::MAX)], first: vec![0] };
    if rows == 0 {
        return Classes::default();
    }
    let mut rest = columns;
    while !rest.is_empty() {
        // As many columns at once as fit into one number.
        let (mut room, mut taken) = (found.sizes.len() as u64, 0);
        while let Some(column) = rest.get(taken) {
            match room.checked_mul(u64::from(column.count.max(1))) {
                Some(more) => room = more,
                None => break,
            }
            taken += 1;
        }
        let (now, later) = rest.split_at(taken.max(1).min(rest.len()));
        found = refine(&found, now, room);
        rest = later;
    }
    found
}

/// Each class parted by further columns; their combinations are numbers below `room`.
pub(crate) fn refine(before: &Classes, columns: &[Digits<'_>], room: u64) -> Classes {
    let key = |row: usize| {
        let mut key = u64::from(before.of[row]);
        for column in columns {
            key = key.wrapping_mul(u64::from(column.count.max(1))).wrapping_add(u64::from(column.codes[row]));
        }
        key
    };
    let rows = before.of.len();
    let mut found = Classes { of: Vec::with_capacity(rows), sizes: Vec::new(), first: Vec::new() };
    if room <= DIRECT_MOST.min(rows as u64 * 8 + 1024) {
        let mut numbers = vec![u32::MAX; room as usize];
        for row in 0..rows {
            let number = &mut numbers[key(row) as usize];
            if *number == u32::MAX {
                *number = found.open(row);
            }
            found.put(*number);
        }
        return found;
    }
    let mut numbers: HashTable<(u64, u32)> = HashTable::new();
    for row in 0..rows {
        let key = key(row);
        let hash = scatter(key);
        let number = match numbers.find(hash, |(known, _)| *known == key) {
            Some((_, number)) => *number,
            None => {
                let number = found.open(row);
                numbers.insert_unique(hash, (key, number), |(key, _)| scatter(*key));
                number
            }
        };
        found.put(number);
    }
    found
}

impl Classes {
    fn open(&mut self, row: usize) -> u32 {
        self.sizes.push(0);
        self.first.push(row as u32);
        self.sizes.len() as u32 - 1
    }

    fn put(&mut self, class: u32) {
        self.of.push(class);
        self.sizes[class as usize] += 1;
    }

    /// The size of each row's class.
    pub fn size_of(&self, row: usize) -> u32 {
        self.of.get(row).and_then(|class| self.sizes.get(*class as usize)).copied().unwrap_or(0)
    }
}

/// A number whose bits all depend on all bits of another.
pub(crate) fn scatter(key: u64) -> u64 {
    let key = (key ^ (key >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let key = (key ^ (key >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key ^ (key >> 32)
}

/// For tables keyed by numbers.
#[derive(Clone)]
pub(crate) struct Plain;

impl std::hash::BuildHasher for Plain {
    type Hasher = Taken;
    fn build_hasher(&self) -> Taken {
        Taken(0)
    }
}

pub(crate) struct Taken(u64);

impl std::hash::Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = scatter(self.0 ^ number);
    }
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}
