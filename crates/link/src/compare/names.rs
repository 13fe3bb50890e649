//! Names of people and places: Latin letters by Jaro-Winkler, Chinese characters also by how they sound.

use pinyin::ToPinyin;

use super::{Texts, UNLIKE};
use crate::fold::is_chinese;
use crate::similar::{distance_within, jaro_winkler};

const SOMEWHAT: u8 = 2;
const ALIKE: u8 = 3;
const VERY: u8 = 4;

pub(super) struct Names {
    texts: Texts,
    /// How a Chinese form sounds; of another one its letters.
    sounds: Texts,
    chinese: Vec<bool>,
}

impl Names {
    pub fn new(forms: &[String]) -> Names {
        let chinese: Vec<bool> = forms.iter().map(|form| is_chinese(form)).collect();
        let any = chinese.contains(&true);
        let sounds: Vec<String> = if any { forms.iter().map(|form| sound(form)).collect() } else { Vec::new() };
        Names { texts: Texts::new(forms.iter().map(String::as_str)), sounds: Texts::new(sounds.iter().map(String::as_str)), chinese }
    }

    pub fn text(&self, form: usize) -> &[char] {
        self.texts.get(form)
    }

    pub fn level(&self, a: usize, b: usize) -> u8 {
        if self.chinese[a] || self.chinese[b] {
            return self.chinese_level(a, b);
        }
        by_spelling(jaro_winkler(self.texts.get(a), self.texts.get(b)))
    }

    fn chinese_level(&self, a: usize, b: usize) -> u8 {
        let (x, y) = (self.sounds.get(a), self.sounds.get(b));
        if x == y {
            return VERY;
        }
        let both = self.chinese[a] && self.chinese[b];
        let (left, right) = (self.texts.get(a), self.texts.get(b));
        let one_character = both && left.len().max(right.len()) >= 3 && distance_within(left, right, 1).is_some();
        if one_character || (x.len() >= 4 && distance_within(x, y, 1).is_some()) {
            return ALIKE;
        }
        // The same surname, or one character in common, is what many people share.
        let shared = both && left.iter().any(|sign| right.contains(sign));
        if shared || (!both && jaro_winkler(x, y) >= 0.9) { SOMEWHAT } else { UNLIKE }
    }

    /// Whether a form is very like one of another column.
    pub fn is_like(&self, form: usize, other: &Names, others: usize) -> bool {
        if self.chinese[form] || other.chinese[others] {
            return false;
        }
        let (a, b) = (self.texts.get(form), other.texts.get(others));
        // Most are told apart by their beginnings alone.
        a.len().abs_diff(b.len()) <= 3 && a.len() > 2 && b.len() > 2 && (a[0] == b[0] || a[1] == b[1]) && jaro_winkler(a, b) >= 0.92
    }
}

fn by_spelling(similarity: f64) -> u8 {
    match similarity {
        s if s >= 0.92 => VERY,
        s if s >= 0.88 => ALIKE,
        s if s >= 0.70 => SOMEWHAT,
        _ => UNLIKE,
    }
}

/// Pinyin without tones, letters as they are.
pub(crate) fn sound(form: &str) -> String {
    let mut sound = String::with_capacity(form.len());
    for c in form.chars() {
        match c.to_pinyin() {
            Some(reading) => sound.push_str(reading.plain()),
            None => sound.push(c),
        }
    }
    sound
}
