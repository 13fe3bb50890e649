//! From what a person typed to a query: what must be there, what may be, and how much each counts.

use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use crate::fields::Fields;
use crate::sound::plain_sound;
use crate::terms::{Word, characters, is_common, pairs, words};
use crate::vocabulary::Vocabulary;

type Clause = Box<dyn Query>;

/// Words of a query that are looked at.
const WORDS: usize = 24;
/// Pairs weigh less than words: they also match across word borders.
const PAIR_WEIGHT: f32 = 0.35;
/// Of a query's pairs, how many must be in a document that does not have its words.
const PAIRS_NEEDED: f32 = 0.75;
/// The same when mending: a wrong character spoils two pairs.
const PAIRS_NEEDED_MENDING: f32 = 0.4;
/// What a full match by sound or by the beginning of a word counts, before the field's weight.
const SOUND_SCORE: f32 = 4.0;
const BEGINNING_SCORE: f32 = 2.0;
const MENDED_SCORE: f32 = 1.0;

/// By which means documents are found; all of them but in comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Means {
    pub(crate) words: bool,
    pub(crate) pairs: bool,
    /// Sounds, beginnings and mending.
    pub(crate) sounds: bool,
}

pub(crate) const ALL_MEANS: Means = Means { words: true, pairs: true, sounds: true };

/// Builds queries for one index.
pub(crate) struct Asker<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) means: Means,
}

impl Asker<'_> {
    /// What was typed, taken at its word. `None` when nothing in it can be looked for.
    pub(crate) fn strict(&self, text: &str) -> Option<Clause> {
        let words: Vec<Word> = words(text).into_iter().take(WORDS).collect();
        let mut ways = Vec::new();
        if self.means.words {
            ways.extend(self.by_words(&words));
        }
        if self.means.pairs {
            ways.extend(self.by_pairs(text, &words, PAIRS_NEEDED));
        }
        if self.means.sounds {
            ways.extend(self.by_joined_sound(&words));
        }
        ways.extend(self.by_character(text));
        any(ways)
    }

    /// What was perhaps meant, when what was typed is nowhere.
    pub(crate) fn mending(&self, text: &str) -> Option<Clause> {
        let words: Vec<Word> = words(text).into_iter().take(WORDS).collect();
        let mut ways = Vec::new();
        let sound = plain_sound(text);
        if text.chars().any(kernel::fold::is_han) && sound.len() > 3 {
            ways.extend(any(self.sounding(&sound)));
        }
        for word in words.iter().filter(|word| !word.han) {
            ways.extend(any(self.nearly(&word.text)));
        }
        let typed: String = words.iter().filter(|word| !word.han).map(|word| word.text.as_str()).collect();
        if words.len() > 1 {
            ways.extend(any(self.nearly(&typed)));
            ways.extend(words.iter().filter(|word| !is_common(&word.text)).filter_map(|word| self.word(word)));
        }
        ways.extend(self.by_pairs(text, &[], PAIRS_NEEDED_MENDING));
        any(ways)
    }

    /// All words up to two, most of more. Words that nearly every resource has are welcome but not needed.
    fn by_words(&self, words: &[Word]) -> Option<Clause> {
        let telling = words.iter().filter(|word| !is_common(&word.text)).count();
        let needed = match telling {
            0 => words.len(),
            1..=3 => telling,
            more => (more as f32 * 0.7).ceil() as usize,
        };
        let mut must = Vec::new();
        let mut may = Vec::new();
        for word in words {
            let clause = self.word(word)?;
            match telling > 0 && is_common(&word.text) {
                true => may.push((Occur::Should, clause)),
                false => must.push((Occur::Should, clause)),
            }
        }
        let core: Clause = Box::new(BooleanQuery::with_minimum_required_clauses(must, needed));
        if may.is_empty() {
            return (needed > 0).then_some(core);
        }
        may.push((Occur::Must, core));
        Some(Box::new(BooleanQuery::new(may)))
    }

    /// One word wherever it may stand: whole, as its inner words, as the beginning of a word, or as a sound.
    fn word(&self, word: &Word) -> Option<Clause> {
        let mut ways = vec![self.best_field(&word.text, &self.fields.words())];
        if word.inner.len() > 1 {
            let inner = word.inner.iter().map(|inner| (Occur::Must, self.best_field(inner, &self.fields.words()))).collect();
            ways.push(Box::new(BoostQuery::new(Box::new(BooleanQuery::new(inner)), 0.5)));
        }
        if !word.han && self.means.sounds {
            ways.extend(self.sounding(&word.text));
            ways.extend(self.beginning(&word.text));
        }
        Some(Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.1)))
    }

    fn best_field(&self, term: &str, fields: &[(Field, f32)]) -> Clause {
        let ways = fields.iter().map(|(field, weight)| boosted(*field, term, *weight)).collect();
        Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.2))
    }

    /// Pairs of characters; letters and digits beside them must be there as words.
    fn by_pairs(&self, text: &str, words: &[Word], share: f32) -> Option<Clause> {
        let pairs: Vec<String> = pairs(text).into_iter().filter(|pair| pair.chars().count() == 2).take(WORDS * 2).collect();
        let latin: Vec<&Word> = words.iter().filter(|word| !word.han).collect();
        let needed = (pairs.len() as f32 * share).ceil() as usize;
        let mut must: Vec<(Occur, Clause)> = Vec::new();
        if !pairs.is_empty() {
            let clauses = pairs.iter().map(|pair| (Occur::Should, self.best_field(pair, &self.fields.pairs()))).collect();
            let some: Clause = Box::new(BooleanQuery::with_minimum_required_clauses(clauses, needed.max(1)));
            must.push((Occur::Must, Box::new(BoostQuery::new(some, PAIR_WEIGHT))));
        } else if self.means.words {
            return None;
        }
        for word in latin {
            must.push((Occur::Must, self.word(word)?));
        }
        (!must.is_empty()).then(|| -> Clause { Box::new(BooleanQuery::new(must)) })
    }

    /// `kong qi zhi liang`: the words together are one sound.
    fn by_joined_sound(&self, words: &[Word]) -> Option<Clause> {
        let letters = words.len() > 1 && words.iter().all(|word| word.text.bytes().all(|byte| byte.is_ascii_lowercase()));
        let joined: String = words.iter().map(|word| word.text.as_str()).collect();
        letters.then(|| any(self.sounding(&joined)))?
    }

    /// A query of one character.
    fn by_character(&self, text: &str) -> Option<Clause> {
        match characters(text).as_slice() {
            [single] if text.trim().chars().count() == 1 => Some(boosted(self.fields.characters, single, 1.0)),
            _ => None,
        }
    }

    /// Sounds that begin with what was typed; the less is missing, the more it counts.
    fn sounding(&self, typed: &str) -> Vec<Clause> {
        let mut ways = Vec::new();
        for sound in self.vocabulary.sounds_from(typed) {
            let share = typed.len() as f32 / sound.len().max(1) as f32;
            ways.extend(self.fields.sounds().map(|(field, weight)| constant(field, sound, SOUND_SCORE * weight * share)));
        }
        ways
    }

    /// English words and codes that begin with what was typed.
    fn beginning(&self, typed: &str) -> Vec<Clause> {
        let mut ways = Vec::new();
        for word in self.vocabulary.words_from(typed) {
            let share = typed.len() as f32 / word.len().max(1) as f32;
            ways.extend(self.fields.words().map(|(field, weight)| constant(field, word, BEGINNING_SCORE * weight * share)));
        }
        ways
    }

    /// English words and sounds that differ in a letter or two.
    fn nearly(&self, typed: &str) -> Vec<Clause> {
        let letters = typed.len();
        let mut ways: Vec<Clause> = Vec::new();
        if letters < 4 || letters > 40 {
            return ways;
        }
        let distance = if letters < 8 { 1 } else { 2 };
        for (field, weight) in self.fields.words() {
            let near = FuzzyTermQuery::new(Term::from_field_text(field, typed), distance, true);
            ways.push(Box::new(BoostQuery::new(Box::new(near), MENDED_SCORE * weight)));
        }
        for (field, weight) in self.fields.sounds() {
            let near = FuzzyTermQuery::new_prefix(Term::from_field_text(field, typed), 1, true);
            ways.push(Box::new(BoostQuery::new(Box::new(near), MENDED_SCORE * weight * 0.5)));
        }
        ways
    }
}

fn boosted(field: Field, term: &str, weight: f32) -> Clause {
    let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
    Box::new(BoostQuery::new(Box::new(query), weight))
}

fn constant(field: Field, term: &str, score: f32) -> Clause {
    let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic);
    Box::new(ConstScoreQuery::new(Box::new(query), score))
}

/// The best of several ways, the others adding a little.
fn any(ways: impl IntoIterator<Item = Clause>) -> Option<Clause> {
    let ways: Vec<Clause> = ways.into_iter().collect();
    (!ways.is_empty()).then(|| -> Clause { Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.3)) })
}
