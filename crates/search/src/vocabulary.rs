//! The words and sounds that occur, in order, so that a beginning finds what goes on from it.

use std::collections::BTreeSet;

/// Continuations that are looked up for one beginning; the shortest are taken first.
const CONTINUATIONS: usize = 64;
/// Continuations that are looked at to choose them.
const LOOKED_AT: usize = 2_000;

#[derive(Default)]
pub(crate) struct Vocabulary {
    words: Vec<String>,
    sounds: Vec<String>,
}

impl Vocabulary {
    pub(crate) fn new(words: BTreeSet<String>, sounds: BTreeSet<String>) -> Vocabulary {
        Vocabulary { words: words.into_iter().collect(), sounds: sounds.into_iter().collect() }
    }

    /// English words and codes longer than `beginning`; it must have three letters to say anything.
    pub(crate) fn words_from(&self, beginning: &str) -> Vec<&str> {
        match beginning.len() {
            0..=2 => Vec::new(),
            _ => from(&self.words, beginning).into_iter().filter(|word| *word != beginning).collect(),
        }
    }

    /// Sounds that are or begin with `beginning`, which must be two small letters or more.
    pub(crate) fn sounds_from(&self, beginning: &str) -> Vec<&str> {
        let sound = beginning.len() > 1 && beginning.bytes().all(|byte| byte.is_ascii_lowercase());
        if sound { from(&self.sounds, beginning) } else { Vec::new() }
    }
}

fn from<'a>(sorted: &'a [String], beginning: &str) -> Vec<&'a str> {
    let start = sorted.partition_point(|word| word.as_str() < beginning);
    let mut found: Vec<&str> =
        sorted.iter().skip(start).take(LOOKED_AT).map(String::as_str).take_while(|word| word.starts_with(beginning)).collect();
    found.sort_by_key(|word| word.len());
    found.truncate(CONTINUATIONS);
    found
}
