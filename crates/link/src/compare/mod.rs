//! Levelled comparisons: how alike the values of two records are in one column, in few steps from "not alike" to
//! "the same". A column's values are brought into one form and kept once; two values are compared by what was
//! worked out of them beforehand.

mod address;
mod bags;
mod company;
mod figures;
mod levels;
mod names;

use hashbrown::HashTable;
use kernel::Text;
use xxhash_rust::xxh3::xxh3_64;

use crate::kind::Kind;
use crate::learned::Weights;
use crate::scatter::Entry;
use crate::similar::distance_within;
use crate::table::Column;

pub use levels::Method;
pub(crate) use levels::{CROSSED, LEVELS_MOST};
pub(crate) use names::sound;

/// Nothing is known on one of the sides.
pub(crate) const UNKNOWN: u8 = 0;
/// The lowest level: the values are not alike.
pub(crate) const UNLIKE: u8 = 1;

/// One comparison: a column, how it is compared, and what was worked out of its values.
pub(crate) struct Comparison {
    pub column: usize,
    pub kind: Kind,
    pub method: Method,
    /// The comparison whose values may stand in this one's place and the other way round.
    pub crossed: Option<usize>,
    /// Whether records tell what they had before, which may be what another one has.
    pub former: bool,
    /// For each value of the column the number of its one form; 0 is none.
    pub forms: Vec<u32>,
    /// How many records have each form.
    pub counts: Vec<u32>,
    /// Hash of each form, by which the same form is known in other columns.
    pub hashes: Vec<u64>,
    features: Features,
}

/// What was worked out of the forms, by their numbers.
enum Features {
    Names(names::Names),
    Bags(bags::Bags),
    Addresses(address::Addresses),
    Companies(company::Companies),
    Dates(figures::Dates),
    Figures(figures::Figures),
    Numbers(Vec<f64>),
}

impl Comparison {
    /// `weights` are those of words, learnt from other records; without them they are told from these.
    pub fn new(column: &Column, at: usize, kind: Kind, weights: Option<&Weights>) -> Comparison {
        let method = Method::of(kind);
        let mut forms = vec![0u32];
        let mut texts: Vec<String> = vec![String::new()];
        // Hash and number: most forms are told apart without looking them up.
        let mut known: HashTable<Entry> = HashTable::with_capacity(column.values.len());
        let mut hashes = vec![0u64];
        for value in column.values.iter().skip(1) {
            let form = method.form(value);
            if form.is_empty() {
                forms.push(0);
                continue;
            }
            let hash = xxh3_64(form.as_bytes());
            let found = known.find(hash, |(known, code)| *known == hash && texts[*code as usize] == form);
            forms.push(found.map(|(_, code)| *code).unwrap_or_else(|| {
                let code = texts.len() as u32;
                texts.push(form);
                hashes.push(hash);
                known.insert_unique(hash, (hash, code), |(hash, _)| *hash);
                code
            }));
        }
        let mut counts = vec![0u32; texts.len()];
        column.codes.iter().for_each(|code| counts[forms[*code as usize] as usize] += 1);
        let features = Features::new(method, &texts, &counts, column, &forms, weights);
        Comparison { column: at, kind, method, crossed: None, former: column.former.is_some(), forms, counts, hashes, features }
    }

    /// The level of two forms that are both known.
    pub fn level(&self, a: u32, b: u32) -> u8 {
        if a == 0 || b == 0 {
            return UNKNOWN;
        }
        if a == b {
            return self.method.exact();
        }
        // In an order of their own: nothing may depend on which record was asked about, or on what others there are.
        let (a, b) = if (self.hashes[a as usize], a) <= (self.hashes[b as usize], b) { (a as usize, b as usize) } else { (b as usize, a as usize) };
        match &self.features {
            Features::Names(names) => names.level(a, b),
            Features::Bags(bags) => bags.level(a, b),
            Features::Addresses(addresses) => addresses.level(a, b),
            Features::Companies(companies) => companies.level(a, b),
            Features::Dates(dates) => dates.level(a, b),
            Features::Figures(figures) => figures.level(self.method, a, b),
            Features::Numbers(numbers) => figures::number_level(numbers[a], numbers[b]),
        }
    }

    /// Whether two forms, one of each comparison, are the same or nearly.
    pub fn is_like_in(&self, form: u32, other: &Comparison, others: u32) -> bool {
        if self.hashes[form as usize] == other.hashes[others as usize] {
            return true;
        }
        match (&self.features, &other.features) {
            (Features::Names(a), Features::Names(b)) => a.is_like(form as usize, b, others as usize),
            _ => false,
        }
    }

    /// Words of a form that can find it again, by their hashes, rarest first.
    pub fn tokens(&self, form: u32) -> &[u64] {
        match &self.features {
            Features::Bags(bags) => bags.keys(form as usize),
            Features::Addresses(addresses) => addresses.words.keys(form as usize),
            Features::Companies(companies) => companies.words.keys(form as usize),
            _ => &[],
        }
    }

    /// The first number of an address, by its hash; 0 where there is none.
    pub fn main_number(&self, form: u32) -> u64 {
        match &self.features {
            Features::Addresses(addresses) => addresses.main_number(form as usize),
            _ => 0,
        }
    }

    /// The text of a form: as it is kept where signs are compared, made of its value once more where they are not.
    pub fn text(&self, form: u32, value: &str) -> String {
        match &self.features {
            Features::Names(names) => names.text(form as usize).iter().collect(),
            Features::Figures(figures) => figures.text(form as usize).iter().collect(),
            _ => self.method.form(value),
        }
    }

    /// What the words of its values weigh, where words count.
    pub fn weights(&self) -> Option<Weights> {
        match &self.features {
            Features::Bags(bags) => Some(bags.weights()),
            Features::Addresses(addresses) => Some(addresses.words.weights()),
            Features::Companies(companies) => Some(companies.words.weights()),
            _ => None,
        }
    }

    /// What the levels are called.
    pub fn say(&self, level: u8) -> Text {
        match level {
            CROSSED if self.former => Text::new("与曾用的相同", "the same as a former one"),
            level => self.method.say(level),
        }
    }
}

impl Features {
    fn new(method: Method, texts: &[String], counts: &[u32], column: &Column, forms: &[u32], weights: Option<&Weights>) -> Features {
        // What a form was made from, for methods that need more than the form.
        let mut raw = vec![""; texts.len()];
        for (value, form) in column.values.iter().zip(forms) {
            if let Some(slot) = raw.get_mut(*form as usize).filter(|slot| slot.is_empty()) {
                *slot = value;
            }
        }
        match method {
            Method::Spelling => Features::Names(names::Names::new(texts)),
            Method::Words => Features::Bags(bags::Bags::new(texts.iter().map(|text| crate::fold::words(text)).collect(), counts, weights)),
            Method::Address => Features::Addresses(address::Addresses::new(&raw, counts, weights)),
            Method::Company => Features::Companies(company::Companies::new(texts, counts, weights)),
            Method::Date => Features::Dates(figures::Dates::new(&raw, texts)),
            Method::Number => Features::Numbers(texts.iter().map(|text| text.parse().unwrap_or(f64::NAN)).collect()),
            Method::Phone | Method::Identifier | Method::Postcode | Method::House | Method::Category => {
                Features::Figures(figures::Figures::new(texts, method == Method::Identifier))
            }
        }
    }
}

/// Texts as characters, one behind the other.
pub(crate) struct Texts {
    signs: Vec<char>,
    ends: Vec<u32>,
    /// For each text a set of its characters, folded into one word: a slip changes no more than two of its places.
    sets: Vec<u64>,
}

impl Texts {
    pub fn new(texts: impl Iterator<Item = impl AsRef<str>>) -> Texts {
        let (mut signs, mut ends, mut sets) = (Vec::new(), Vec::new(), Vec::new());
        for text in texts {
            let mut set = 0;
            signs.extend(text.as_ref().chars().inspect(|sign| set |= 1 << (*sign as u32 % 64)));
            ends.push(signs.len() as u32);
            sets.push(set);
        }
        Texts { signs, ends, sets }
    }

    /// The distance of two texts, or `None` beyond `most`. Most texts are told apart by their sets alone.
    pub fn distance_within(&self, a: usize, b: usize, most: usize) -> Option<usize> {
        if (self.sets[a] ^ self.sets[b]).count_ones() as usize > 2 * most {
            return None;
        }
        distance_within(self.get(a), self.get(b), most)
    }

    pub fn get(&self, at: usize) -> &[char] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.signs[from as usize..self.ends[at] as usize]
    }
}
