//! Which items of a hit the query speaks of, and which text of it was perhaps meant.

use std::sync::Arc;

use kernel::fold::{fold, is_han};
use crate::sound::{plain_sound, sounds};
use crate::terms::{characters, is_common, pairs, word_terms, words};

/// Items shown for one hit.
const ITEMS: usize = 8;

/// A text's terms.
pub(crate) struct Cut {
    pub(crate) words: Vec<String>,
    pub(crate) pairs: Vec<String>,
    pub(crate) characters: Vec<String>,
    pub(crate) sounds: Vec<String>,
}

impl Cut {
    /// Long texts are not indexed by sound.
    pub(crate) fn new(text: &str, by_sound: bool) -> Cut {
        let sounds = if by_sound { sounds(text) } else { Vec::new() };
        Cut { words: word_terms(text), pairs: pairs(text), characters: characters(text), sounds }
    }
}

/// What is kept of a document to show why it was found.
pub(crate) struct Shown {
    pub(crate) id: String,
    /// Folded.
    pub(crate) titles: Vec<String>,
    /// Titles, keywords and item titles as given.
    pub(crate) texts: Vec<String>,
    /// Name, Chinese title, English title.
    pub(crate) items: Vec<[Arc<Cut>; 3]>,
}

impl Shown {
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}

/// A query, cut for comparing with items.
pub(crate) struct Asked {
    words: Vec<String>,
    pairs: Vec<String>,
    sound: Option<String>,
}

impl Asked {
    pub(crate) fn new(text: &str) -> Asked {
        let words: Vec<_> = words(text);
        let letters = !words.is_empty() && words.iter().all(|word| word.text.bytes().all(|byte| byte.is_ascii_lowercase()));
        let sound = letters.then(|| words.iter().map(|word| word.text.as_str()).collect::<String>());
        Asked {
            sound: sound.filter(|sound| sound.len() > 1),
            words: words.into_iter().map(|word| word.text).filter(|word| !is_common(word)).collect(),
            pairs: pairs(text),
        }
    }

    /// Places of the items that match best, in order.
    pub(crate) fn items(&self, shown: &Shown) -> Vec<usize> {
        let matched: Vec<usize> = shown.items.iter().map(|item| self.strength(item)).collect();
        let best = matched.iter().copied().max().unwrap_or(0);
        if best == 0 {
            return Vec::new();
        }
        matched.iter().enumerate().filter(|(_, strength)| **strength == best).map(|(place, _)| place).take(ITEMS).collect()
    }

    fn strength(&self, item: &[Arc<Cut>; 3]) -> usize {
        let has = |word: &String| item.iter().any(|cut| cut.words.contains(word));
        let words = self.words.iter().filter(|word| has(word)).count();
        let all_pairs = !self.pairs.is_empty() && self.pairs.iter().all(|pair| item.iter().any(|cut| cut.pairs.contains(pair)));
        let sounds = self.sound.as_ref().is_some_and(|sound| item.iter().any(|cut| cut.sounds.iter().any(|own| own.starts_with(sound))));
        words + usize::from(all_pairs) + usize::from(sounds)
    }
}

/// The text most like what was typed, by letters or by sound; `None` when none is like enough.
pub(crate) fn likest<'a>(typed: &str, texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let folded = fold(typed);
    let sound = plain_sound(typed);
    let by_sound = folded.chars().any(is_han);
    let texts: Vec<&str> = texts.collect();
    if by_sound {
        let same = texts.iter().find(|text| plain_sound(text) == sound);
        if let Some(same) = same {
            return Some((*same).to_owned());
        }
        // A stretch of a longer text that sounds the same.
        let length = folded.chars().count();
        for text in &texts {
            let chars: Vec<char> = text.chars().collect();
            let stretch = chars.windows(length).map(|part| part.iter().collect::<String>());
            if let Some(stretch) = stretch.into_iter().find(|part| plain_sound(part) == sound) {
                return Some(stretch);
            }
        }
    }
    let english = texts.iter().flat_map(|text| std::iter::once(*text).chain(text.split_whitespace()));
    kernel::nearest(&folded, english).map(str::to_owned)
}
