//! How Chinese sounds: full pinyin and initials, from every word start to the end of the run,
//! so that typing any beginning of it finds it.

use pinyin::{ToPinyin, ToPinyinMulti};

use kernel::fold::fold;
use crate::terms::{Piece, pieces, word_starts};

/// Readings that are indexed for one stretch of text, when characters have several.
const READINGS: usize = 8;
/// Syllables of a stretch; longer ones are cut.
const SYLLABLES: usize = 16;

/// The sounds of a text: full pinyin and initials.
pub(crate) fn sounds(text: &str) -> Vec<String> {
    let mut sounds = Vec::new();
    for piece in pieces(text) {
        if let Piece::Han(run) = piece {
            let readings: Vec<Vec<&'static str>> = run.chars().map(readings).collect();
            for start in word_starts(&run) {
                let stretch: Vec<&Vec<&'static str>> = readings.iter().skip(start).take(SYLLABLES).collect();
                for syllables in combinations(&stretch) {
                    sounds.push(syllables.concat());
                    sounds.push(syllables.iter().filter_map(|syllable| syllable.chars().next()).collect());
                }
            }
        }
    }
    sounds.sort_unstable();
    sounds.dedup();
    sounds.retain(|sound| sound.len() > 1);
    sounds
}

/// The commonest sound of a Chinese text, for finding what was typed with a wrong character of the same sound.
pub(crate) fn plain_sound(text: &str) -> String {
    fold(text).as_str().to_pinyin().flatten().map(|reading| reading.plain()).collect()
}

/// The readings of a character without tones, the commonest first; none for characters without one.
fn readings(found: char) -> Vec<&'static str> {
    let mut readings: Vec<&'static str> = Vec::new();
    readings.extend(found.to_pinyin().map(|reading| reading.plain()));
    if let Some(several) = found.to_pinyin_multi() {
        for reading in several {
            if !readings.contains(&reading.plain()) {
                readings.push(reading.plain());
            }
        }
    }
    readings.truncate(3);
    readings
}

/// Ways to read a stretch: all while they are few, then those that differ from the commonest in one character.
fn combinations(stretch: &[&Vec<&'static str>]) -> Vec<Vec<&'static str>> {
    let first: Vec<&'static str> = stretch.iter().filter_map(|readings| readings.first().copied()).collect();
    if first.len() != stretch.len() {
        return vec![first];
    }
    let mut ways = vec![first.clone()];
    for (place, readings) in stretch.iter().enumerate() {
        for reading in readings.iter().skip(1) {
            if ways.len() >= READINGS {
                return ways;
            }
            let mut other = first.clone();
            if let Some(syllable) = other.get_mut(place) {
                *syllable = reading;
            }
            ways.push(other);
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_begin_at_every_word_and_know_other_readings() {
        let air = sounds("空气质量监测");
        for expected in ["kongqizhiliangjiance", "kqzljc", "zhiliangjiance", "zljc", "jiance"] {
            assert!(air.contains(&expected.to_owned()), "{expected} in {air:?}");
        }
        assert!(sounds("银行").contains(&"yinhang".to_owned()));
        assert_eq!(plain_sound("空汽质量"), "kongqizhiliang");
    }
}
