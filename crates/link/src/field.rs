//! Records made ready for comparing: for each the forms of its values side by side, and the comparisons over them.

use std::borrow::Cow;
use std::hash::{BuildHasherDefault, Hasher};

use crate::block::{NO_KEY, Rule};
use crate::compare::{CROSSED, Comparison, Method, UNKNOWN, UNLIKE};
use crate::key::{Key, Part};
use crate::kind::Kind;
use crate::learned::Learned;
use crate::table::{Column, Records, Side};

/// Comparisons of a model: four bits each in one machine word.
pub const COMPARISONS_MOST: usize = 16;
/// Pairs of values whose level a worker remembers, for each costly comparison.
const REMEMBERED: usize = 1 << 14;

/// How many pairs show each pattern of levels.
pub(crate) type Patterns = hashbrown::HashMap<u64, u64, BuildHasherDefault<Mixed>>;

/// A pattern is a number; it is mixed, not hashed.
#[derive(Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }
    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

/// Records and the comparisons over them.
pub(crate) struct Field<'r> {
    pub records: &'r Records,
    pub comparisons: Vec<Comparison>,
    /// Forms, record by record.
    forms: Vec<u32>,
}

/// What a worker remembers of values it has compared.
pub(crate) struct Memory(Vec<Vec<(u64, u8)>>);

impl<'r> Field<'r> {
    /// `learned`: from other records; its comparisons are those of `kinds`.
    pub fn new(records: &'r Records, kinds: &[(usize, Kind)], learned: Option<&Learned>, threads: usize) -> Field<'r> {
        let kinds = &kinds[..kinds.len().min(COMPARISONS_MOST)];
        let none = Column::none();
        let none = &none;
        let mut made: Vec<Option<Comparison>> = (0..kinds.len()).map(|_| None).collect();
        let each = kinds.len().div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            for (part, (slots, kinds)) in made.chunks_mut(each).zip(kinds.chunks(each)).enumerate() {
                let mut make = move || {
                    for (at, (slot, (column, kind))) in slots.iter_mut().zip(kinds).enumerate() {
                        let weights = learned.and_then(|learned| learned.words(part * each + at));
                        let values = records.columns.get(*column);
                        *slot = Some(Comparison::new(values.unwrap_or(none), *column, *kind, weights));
                    }
                };
                // A thread of its own costs more than a few records do.
                if threads > 1 { drop(scope.spawn(make)) } else { make() }
            }
        });
        let mut comparisons: Vec<Comparison> = made.into_iter().flatten().collect();
        cross(&mut comparisons);
        let width = comparisons.len();
        let mut forms = vec![0u32; records.len() * width];
        for (place, comparison) in comparisons.iter().enumerate() {
            if let Some(column) = records.columns.get(comparison.column) {
                for (slot, code) in forms.iter_mut().skip(place).step_by(width).zip(&column.codes) {
                    *slot = comparison.forms[*code as usize];
                }
            }
        }
        Field { records, comparisons, forms }
    }

    pub fn width(&self) -> usize {
        self.comparisons.len()
    }

    pub fn is_two(&self) -> bool {
        self.records.two
    }

    pub fn side(&self, record: u32) -> Side {
        self.records.sides[record as usize]
    }

    /// The forms of a record, comparison by comparison.
    pub fn row(&self, record: u32) -> &[u32] {
        let width = self.width();
        &self.forms[record as usize * width..(record as usize + 1) * width]
    }

    /// The name of the column that a comparison looks at.
    pub fn name(&self, comparison: usize) -> &str {
        let column = self.comparisons.get(comparison).and_then(|comparison| self.records.columns.get(comparison.column));
        column.map_or("", |column| column.name.as_str())
    }

    fn key_hashes(&self, key: &Key) -> Cow<'_, [u64]> {
        let Some(comparison) = self.comparisons.get(key.comparison) else { return Cow::default() };
        if key.part == Part::Whole {
            return Cow::Borrowed(&comparison.hashes);
        }
        self.records.columns.get(comparison.column).map(|column| key.hashes(comparison, column).into()).unwrap_or_default()
    }

    /// What a key is in one record; 0 where it has none.
    pub fn key_of(&self, key: &Key, record: u32) -> u64 {
        let Some(comparison) = self.comparisons.get(key.comparison) else { return 0 };
        let form = self.row(record)[key.comparison];
        self.records.value(record, comparison.column).map_or(0, |value| key.hash_of(comparison, form, value))
    }

    /// The keys of all records under a rule, what is common to records of one value worked out once.
    pub fn all_keys(&self, rule: &Rule, found: &mut impl FnMut(u64, u32)) {
        let hashes: Vec<Cow<[u64]>> = rule.keys.iter().map(|key| if key.part == Part::Word { Cow::default() } else { self.key_hashes(key) }).collect();
        let one = |at: usize, form: u32| hashes[at].get(form as usize).copied().unwrap_or(0);
        if !rule.keys.iter().any(|key| self.has_former(key.comparison)) {
            (0..self.records.len() as u32).for_each(|record| self.record_keys(rule, record, &one, &mut |key| found(key, record)));
            return;
        }
        let mut keys = Vec::new();
        for record in 0..self.records.len() as u32 {
            self.record_keys(rule, record, &one, &mut |key| keys.push(key));
            for key in &rule.keys {
                let before = self.before(key.comparison, record);
                if before != 0 {
                    let mut row = self.row(record).to_vec();
                    row[key.comparison] = before;
                    self.row_keys(rule, &row, &one, &mut |key| keys.push(key));
                    keys.sort_unstable();
                    keys.dedup();
                }
            }
            keys.drain(..).for_each(|key| found(key, record));
        }
    }

    /// The form that a record had in a comparison before; 0 where it tells none.
    fn before(&self, comparison: usize, record: u32) -> u32 {
        let comparison = &self.comparisons[comparison];
        let former = self.records.columns.get(comparison.column).and_then(|column| column.former.as_ref());
        former.map_or(0, |former| comparison.forms[former.codes[record as usize] as usize])
    }

    /// Whether a record can have several keys under a rule.
    pub fn has_many_keys(&self, rule: &Rule) -> bool {
        rule.keys.iter().any(|key| key.part == Part::Word || self.has_former(key.comparison))
    }

    fn has_former(&self, comparison: usize) -> bool {
        self.comparisons.get(comparison).is_some_and(|comparison| comparison.former)
    }

    /// The keys of a record under a rule: one, or one for each of its words.
    /// `one` gives the hash of the rule's so-manieth key, 0 where the record has none.
    pub fn record_keys(&self, rule: &Rule, record: u32, one: &impl Fn(usize, u32) -> u64, found: &mut impl FnMut(u64)) {
        self.row_keys(rule, self.row(record), one, found);
    }

    fn row_keys(&self, rule: &Rule, row: &[u32], one: &impl Fn(usize, u32) -> u64, found: &mut impl FnMut(u64)) {
        // Every record has the empty key: all are in one block.
        let mut whole = NO_KEY;
        let mut words: &[u64] = &[];
        for (at, key) in rule.keys.iter().enumerate() {
            let form = row[key.comparison];
            if key.part == Part::Word {
                words = self.comparisons[key.comparison].tokens(form);
                if words.is_empty() {
                    return;
                }
                continue;
            }
            match one(at, form) {
                0 => return,
                hash => whole = mix(whole, hash),
            }
        }
        match words {
            [] => found(whole),
            words => words.iter().for_each(|word| found(mix(whole, *word))),
        }
    }

    pub fn memory(&self) -> Memory {
        let costly = |comparison: &Comparison| matches!(comparison.method, Method::Words | Method::Address | Method::Company);
        Memory(self.comparisons.iter().map(|c| if costly(c) { vec![(0, 0); REMEMBERED] } else { Vec::new() }).collect())
    }

    /// The levels of all comparisons of a pair, four bits each, the first one lowest.
    pub fn pattern(&self, memory: &mut Memory, a: u32, b: u32) -> u64 {
        let (x, y) = (self.row(a), self.row(b));
        let mut pattern = 0u64;
        for (place, comparison) in self.comparisons.iter().enumerate() {
            let level = memory.level(place, comparison, x[place], y[place]);
            pattern |= u64::from(level) << (4 * place);
        }
        for (place, comparison) in self.comparisons.iter().enumerate() {
            if let Some(other) = comparison.crossed {
                pattern = self.crossed(pattern, place, other, x, y);
            }
            if comparison.former {
                pattern = self.renamed(pattern, place, a, b);
            }
        }
        pattern
    }

    /// What a record has now is what the other one had before, or both had the same before.
    fn renamed(&self, pattern: u64, place: usize, a: u32, b: u32) -> u64 {
        let comparison = &self.comparisons[place];
        let high = comparison.method.exact() - 1;
        let now = (pattern >> (4 * place)) as u8 & 15;
        let (before_a, before_b) = (self.before(place, a), self.before(place, b));
        if now == UNKNOWN || now >= high || (before_a == 0 && before_b == 0) {
            return pattern;
        }
        let (now_a, now_b) = (self.row(a)[place], self.row(b)[place]);
        let is_same = |x: u32, y: u32| comparison.level(x, y) >= high;
        if !is_same(before_a, now_b) && !is_same(now_a, before_b) && !is_same(before_a, before_b) {
            return pattern;
        }
        pattern & !(15 << (4 * place)) | u64::from(CROSSED) << (4 * place)
    }

    /// Two columns that disagree, each with the other's value: one piece of evidence, and not two.
    fn crossed(&self, pattern: u64, place: usize, other: usize, x: &[u32], y: &[u32]) -> u64 {
        let level = |place: usize| (pattern >> (4 * place)) as u8 & 15;
        let low = |level: u8| level == UNLIKE || level == UNLIKE + 1;
        if !low(level(place)) || !low(level(other)) {
            return pattern;
        }
        let (first, second) = (&self.comparisons[place], &self.comparisons[other]);
        let swapped = first.is_like_in(x[place], second, y[other]) && first.is_like_in(y[place], second, x[other]);
        if !swapped {
            return pattern;
        }
        let cleared = pattern & !(15 << (4 * place)) & !(15 << (4 * other));
        cleared | u64::from(CROSSED) << (4 * place)
    }
}

impl Memory {
    fn level(&mut self, place: usize, comparison: &Comparison, a: u32, b: u32) -> u8 {
        if a == 0 || b == 0 {
            return UNKNOWN;
        }
        if a == b {
            return comparison.method.exact();
        }
        let slots = &mut self.0[place];
        if slots.is_empty() {
            return comparison.level(a, b);
        }
        let pair = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
        let at = (pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50) as usize % slots.len();
        if slots[at].0 != pair {
            slots[at] = (pair, comparison.level(a, b));
        }
        slots[at].1
    }
}

/// Names whose columns may have changed places: given name and surname, or two columns of addresses side by side.
fn cross(comparisons: &mut [Comparison]) {
    let find = |comparisons: &[Comparison], kind: Kind| comparisons.iter().position(|comparison| comparison.kind == kind);
    if let (Some(given), Some(surname)) = (find(comparisons, Kind::GivenName), find(comparisons, Kind::Surname)) {
        comparisons[given].crossed = Some(surname);
    }
    let addresses: Vec<usize> = (0..comparisons.len()).filter(|at| comparisons[*at].kind == Kind::Address).collect();
    if let [first, second] = addresses.as_slice() {
        comparisons[*first].crossed = Some(*second);
    }
}

fn mix(a: u64, b: u64) -> u64 {
    let mixed = (a ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32)).max(2)
}
