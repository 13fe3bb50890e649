//! Laws of the measures, through the public door.

use risk::Table;

mod cells;
mod measures;
mod mosaic;
mod planted;
mod ways;

/// Numbers that look random and are always the same for a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

pub type Row = Vec<Option<String>>;

pub fn table(names: &[&str], rows: &[Row]) -> Table {
    let mut builder = Table::builder(names).expect("columns");
    for row in rows {
        builder.push(row.iter().map(Option::as_deref)).expect("row");
    }
    builder.build()
}

pub fn row(values: &[&str]) -> Row {
    values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect()
}
