//! Addresses by numbers and words apart: the same street with another house is another place. Chinese ones are taken
//! apart by the grammar of addresses (GB/T 23705), others by where figures stand.

use data::address::{Address, parse};
use xxhash_rust::xxh3::xxh3_64;

use super::bags::Bags;
use crate::fold::{digits, fold, is_chinese, spaced, words, words_of};
use crate::learned::Weights;

/// Words before the number of a flat.
const UNITS: [&str; 13] = ["#", "apt", "apartment", "unit", "suite", "ste", "flat", "room", "rm", "floor", "fl", "bldg", "building"];

pub(super) struct Addresses {
    pub words: Bags,
    /// Hashes of house, building and room numbers, the house first; 0 where one is not given.
    numbers: Vec<[u64; 3]>,
}

/// An address taken apart.
struct Parts {
    words: Vec<String>,
    numbers: [u64; 3],
}

pub(super) fn form(value: &str) -> String {
    spaced(value)
}

impl Addresses {
    pub fn new(raw: &[&str], counts: &[u32], weights: Option<&Weights>) -> Addresses {
        let mut numbers = Vec::with_capacity(raw.len());
        let texts = raw
            .iter()
            .map(|text| {
                let parts = if is_chinese(text) { chinese(&parse(text, None)) } else { western(text) };
                numbers.push(parts.numbers);
                parts.words
            })
            .collect();
        Addresses { words: Bags::new(texts, counts, weights), numbers }
    }

    pub fn main_number(&self, at: usize) -> u64 {
        self.numbers[at][0]
    }

    pub fn level(&self, a: usize, b: usize) -> u8 {
        let numbers = self.agreement(a, b);
        // Most candidates share neither number nor words: the dearer question only where it decides something.
        let words = if self.words.is_spelt_alike(a, b) {
            Words::Same
        } else {
            let shared = self.words.shared(a, b);
            match () {
                _ if shared.dice >= 0.8 || shared.part >= 0.9 => Words::Same,
                _ if shared.dice >= 0.5 => Words::Some,
                _ => Words::Other,
            }
        };
        match (numbers, words) {
            (Numbers::Same, Words::Same) => 9,
            (Numbers::Unknown, Words::Same) => 8,
            (Numbers::Same, Words::Some) => 7,
            (Numbers::Partly, Words::Same | Words::Some) => 6,
            (Numbers::Unknown, Words::Some) => 5,
            (Numbers::Same, Words::Other) => 4,
            (Numbers::Differ, Words::Same) => 3,
            (Numbers::Differ, Words::Some) => 2,
            (_, Words::Other) => 1,
        }
    }

    fn agreement(&self, a: usize, b: usize) -> Numbers {
        let (x, y) = (self.numbers[a], self.numbers[b]);
        let (mut same, mut differ) = (0, 0);
        for (x, y) in x.iter().zip(y).filter(|(x, y)| **x != 0 && *y != 0) {
            if *x == y { same += 1 } else { differ += 1 }
        }
        match (same, differ) {
            (0, 0) => Numbers::Unknown,
            (_, 0) => Numbers::Same,
            (0, _) => Numbers::Differ,
            _ => Numbers::Partly,
        }
    }
}

enum Numbers {
    Same,
    Partly,
    Differ,
    Unknown,
}

enum Words {
    Same,
    Some,
    Other,
}

fn chinese(address: &Address) -> Parts {
    let number = |text: &str| hash(&digits(text));
    let texts = [&address.district, &address.town, &address.village, &address.road, &address.place, &address.remark];
    let words = texts.iter().flat_map(|text| words(text)).filter(|word| !word.chars().all(|c| c.is_ascii_digit())).collect();
    let building = format!("{}-{}", digits(&address.building), digits(&address.unit));
    let building = if building == "-" { 0 } else { hash(&building) };
    Parts { words, numbers: [number(&address.number), building, number(&address.room)] }
}

fn western(text: &str) -> Parts {
    // "#5" is flat 5, whatever it stands at.
    let text = fold(text).replace('#', " # ");
    let mut numbers = [0u64; 3];
    let mut left = Vec::new();
    let mut unit = false;
    for (at, word) in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|word| !word.is_empty()).enumerate() {
        let figures = word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().filter(|c| c.is_alphabetic()).count() <= 1;
        if UNITS.contains(&word.trim_matches('.')) {
            unit = true;
        } else if figures && (at == 0 || (numbers[0] == 0 && !unit && at <= 2)) {
            // "2/98" is flat 2 of house 98.
            let (flat, house) = word.split_once('/').unwrap_or(("", word));
            numbers[0] = hash(&digits(house));
            if !flat.is_empty() {
                numbers[2] = hash(&digits(flat));
            }
        } else if unit && numbers[2] == 0 {
            numbers[2] = hash(word.trim_matches(|c: char| !c.is_alphanumeric()));
            unit = false;
        } else {
            words_of(word, &mut left);
        }
    }
    Parts { words: left, numbers }
}

fn hash(text: &str) -> u64 {
    let text = text.trim_start_matches('0');
    if text.is_empty() { 0 } else { xxh3_64(text.as_bytes()) | 1 }
}
