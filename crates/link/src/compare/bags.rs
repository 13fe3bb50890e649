//! Texts as bags of words: how much of their weight two of them share. A word weighs what it tells, the logarithm of
//! how few records have it (Spärck Jones 1972); words that are nearly spelt alike, or cut short, count almost as much.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::{Texts, UNLIKE};
use crate::learned::Weights;
use crate::similar::{distance_within, jaro_winkler};

/// Words of a text that count.
const WORDS_MOST: usize = 48;
/// Words of a text by which it can be found.
const KEYS_MOST: usize = 6;
/// What a word that is only nearly the same counts.
const NEARLY: f32 = 0.9;

pub(crate) struct Bags {
    /// Numbers of words, sorted, one text behind the other.
    words: Vec<u32>,
    ends: Vec<u32>,
    /// Hashes of the rarest words of each text.
    keys: Vec<u64>,
    key_ends: Vec<u32>,
    totals: Vec<f32>,
    /// By number of word.
    weights: Vec<f32>,
    hashes: Vec<u64>,
    /// What a word weighs that one record has.
    rarest: f32,
    spelt: Texts,
    has_digit: Vec<bool>,
    /// First letter of each word, and of each text the set of first letters of its words.
    first: Vec<char>,
    initials: Vec<u64>,
    /// The texts without blanks.
    whole: Texts,
}

/// How two bags relate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shared {
    /// Twice the weight they share by the weight of both (Dice 1945).
    pub dice: f32,
    /// The weight they share by the weight of the lighter one.
    pub part: f32,
}

impl Bags {
    /// Words are numbered in the order of their hashes, so that sums over them come out the same whatever other texts there are.
    pub fn new(texts: Vec<Vec<String>>, counts: &[u32], learned: Option<&Weights>) -> Bags {
        let mut spellings: Vec<String> = Vec::new();
        let mut known: HashTable<u32> = HashTable::new();
        let mut records: Vec<f32> = Vec::new();
        let (mut words, mut ends) = (Vec::new(), Vec::new());
        for (text, count) in texts.iter().zip(counts) {
            let from = words.len();
            for word in text.iter().take(WORDS_MOST) {
                let hash = xxh3_64(word.as_bytes());
                let number = match known.find(hash, |number| spellings[*number as usize] == *word) {
                    Some(number) => *number,
                    None => {
                        let number = spellings.len() as u32;
                        spellings.push(word.clone());
                        records.push(0.0);
                        known.insert_unique(hash, number, |number| xxh3_64(spellings[*number as usize].as_bytes()));
                        number
                    }
                };
                words.push(number);
            }
            words[from..].sort_unstable();
            let mut kept = from;
            for at in from..words.len() {
                if at == from || words[at] != words[at - 1] {
                    words[kept] = words[at];
                    kept += 1;
                }
            }
            words.truncate(kept);
            words[from..].iter().for_each(|number| records[*number as usize] += *count as f32);
            ends.push(words.len() as u32);
        }
        let hash = |word: &String| xxh3_64(word.as_bytes()) | 1;
        let mut order: Vec<u32> = (0..spellings.len() as u32).collect();
        order.sort_by_cached_key(|number| (hash(&spellings[*number as usize]), spellings[*number as usize].clone()));
        let mut renumbered = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(new, old)| renumbered[*old as usize] = new as u32);
        words.iter_mut().for_each(|number| *number = renumbered[*number as usize]);
        let mut from = 0;
        for end in &ends {
            words[from..*end as usize].sort_unstable();
            from = *end as usize;
        }
        let spellings: Vec<String> = order.iter().map(|old| std::mem::take(&mut spellings[*old as usize])).collect();
        let hashes: Vec<u64> = spellings.iter().map(hash).collect();
        let all = counts.iter().skip(1).sum::<u32>().max(1) as f32;
        let weight = |count: f32| (1.0 + all / count.max(1.0)).ln();
        let weights: Vec<f32> = match learned {
            Some(learned) => hashes.iter().map(|hash| learned.of(*hash)).collect(),
            None => order.iter().map(|old| weight(records[*old as usize])).collect(),
        };
        let mut bags = Bags {
            words,
            ends,
            keys: Vec::new(),
            key_ends: Vec::new(),
            totals: Vec::new(),
            weights,
            hashes: Vec::new(),
            rarest: learned.map_or_else(|| weight(1.0), Weights::rest),
            spelt: Texts::new(spellings.iter().map(String::as_str)),
            has_digit: spellings.iter().map(|word| word.contains(|c: char| c.is_ascii_digit())).collect(),
            first: spellings.iter().map(|word| word.chars().next().unwrap_or(' ')).collect(),
            initials: texts.iter().map(|text| text.iter().filter_map(|word| word.chars().next()).fold(0, |set, sign| set | 1 << (sign as u32 % 64))).collect(),
            whole: Texts::new(texts.iter().map(|text| text.concat())),
        };
        let mut rare: Vec<u32> = Vec::new();
        for at in 0..texts.len() {
            rare.clear();
            rare.extend(bags.get(at));
            bags.totals.push(rare.iter().map(|word| bags.weights[*word as usize]).sum());
            rare.sort_by(|a, b| bags.weights[*b as usize].total_cmp(&bags.weights[*a as usize]).then(a.cmp(b)));
            bags.keys.extend(rare.iter().take(KEYS_MOST).map(|word| hashes[*word as usize]));
            bags.key_ends.push(bags.keys.len() as u32);
        }
        bags.hashes = hashes;
        bags
    }

    /// What each word weighs.
    pub fn weights(&self) -> Weights {
        Weights::new(self.hashes.iter().copied().zip(self.weights.iter().copied()), self.rarest)
    }

    fn get(&self, at: usize) -> &[u32] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.words[from as usize..self.ends[at] as usize]
    }

    pub fn keys(&self, at: usize) -> &[u64] {
        let from = if at == 0 { 0 } else { self.key_ends[at - 1] };
        &self.keys[from as usize..self.key_ends[at] as usize]
    }

    pub fn level(&self, a: usize, b: usize) -> u8 {
        if self.is_spelt_alike(a, b) {
            return 7;
        }
        let Shared { dice, part } = self.shared(a, b);
        match () {
            _ if dice >= 0.95 => 7,
            _ if dice >= 0.8 => 6,
            _ if part >= 0.95 => 5,
            _ if dice >= 0.6 => 4,
            _ if dice >= 0.4 => 3,
            _ if dice >= 0.2 => 2,
            _ => UNLIKE,
        }
    }

    /// Whether the texts are nearly the same, whatever stands between their words. Figures must be the same.
    pub fn is_spelt_alike(&self, a: usize, b: usize) -> bool {
        let (x, y) = (self.whole.get(a), self.whole.get(b));
        let shorter = x.len().min(y.len());
        let near = x == y || (shorter >= 5 && self.whole.distance_within(a, b, if shorter >= 10 { 2 } else { 1 }).is_some());
        near && x.iter().filter(|c| c.is_ascii_digit()).eq(y.iter().filter(|c| c.is_ascii_digit()))
    }

    /// What two texts share.
    pub fn shared(&self, a: usize, b: usize) -> Shared {
        // Words that match begin alike: without a common first letter there are none.
        if self.initials[a] & self.initials[b] == 0 {
            return Shared::default();
        }
        let (x, y) = (self.get(a), self.get(b));
        let (mut only_x, mut only_y) = ([0u32; WORDS_MOST], [0u32; WORDS_MOST]);
        let (mut nx, mut ny, mut weight) = (0, 0, 0.0f32);
        let (mut i, mut j) = (0, 0);
        while i < x.len() || j < y.len() {
            match (x.get(i), y.get(j)) {
                (Some(left), Some(right)) if left == right => {
                    weight += self.weights[*left as usize];
                    (i, j) = (i + 1, j + 1);
                }
                (Some(left), right) if right.is_none_or(|right| left < right) => {
                    only_x[nx] = *left;
                    (i, nx) = (i + 1, nx + 1);
                }
                (_, Some(right)) => {
                    only_y[ny] = *right;
                    (j, ny) = (j + 1, ny + 1);
                }
                _ => break,
            }
        }
        weight += self.nearly(&only_x[..nx], &mut only_y[..ny]);
        let (tx, ty) = (self.totals[a], self.totals[b]);
        // A word matched with a heavier one may weigh more than its own text.
        Shared { dice: (2.0 * weight / (tx + ty).max(f32::MIN_POSITIVE)).min(1.0), part: (weight / tx.min(ty).max(f32::MIN_POSITIVE)).min(1.0) }
    }

    /// The weight of words that are nearly the same; each is used once.
    fn nearly(&self, xs: &[u32], ys: &mut [u32]) -> f32 {
        const USED: u32 = u32::MAX;
        let mut weight = 0.0;
        for x in xs {
            let hit = ys.iter_mut().find(|y| **y != USED && self.is_nearly(*x, **y));
            if let Some(y) = hit {
                weight += NEARLY * (self.weights[*x as usize] + self.weights[*y as usize]) / 2.0;
                *y = USED;
            }
        }
        weight
    }

    fn is_nearly(&self, x: u32, y: u32) -> bool {
        if self.has_digit[x as usize] || self.has_digit[y as usize] {
            return false;
        }
        if self.first[x as usize] != self.first[y as usize] {
            return false;
        }
        let (x, y) = (self.spelt.get(x as usize), self.spelt.get(y as usize));
        let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
        let cut_short = long.starts_with(short) || (short.len() >= 2 && long.len() >= 4 && abbreviates(short, long));
        cut_short || (short.len() >= 4 && (distance_within(short, long, 1).is_some() || jaro_winkler(short, long) >= 0.94))
    }
}

/// "ave" for "avenue", "blvd" for "boulevard": the letters in their order, the last one the same, the first one too.
fn abbreviates(short: &[char], long: &[char]) -> bool {
    let mut letters = long.iter();
    short.len() <= 4 && short.iter().all(|sign| letters.any(|letter| letter == sign)) && short.last() == long.last()
}
