//! One form for values that are written differently and mean the same.

use kernel::fold::{fold as fold_chinese, is_han};

/// Simplified characters, half width, lower case, no accents.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    fold_chinese(text).chars().map(plain).collect()
}

/// Letters and digits only: blanks, hyphens and apostrophes in a name come and go.
pub(crate) fn letters(text: &str) -> String {
    let mut letters = fold(text);
    letters.retain(char::is_alphanumeric);
    letters
}

/// Digits only.
pub(crate) fn digits(text: &str) -> String {
    let mut digits = fold(text);
    digits.retain(|c| c.is_ascii_digit());
    digits
}

/// Whether the text is written in Chinese characters, for the most part.
pub(crate) fn is_chinese(text: &str) -> bool {
    let han = text.chars().filter(|c| is_han(*c)).count();
    han > 0 && han * 2 >= text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Words in the order they stand; Chinese runs give pairs of neighbouring characters, since nothing parts their words.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    words_of(&fold(text), &mut words);
    words
}

/// The words of a text that is folded already.
pub(crate) fn words_of(folded: &str, words: &mut Vec<String>) {
    for run in folded.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’') {
        let mut word = String::new();
        let mut chinese: Vec<char> = Vec::new();
        for c in run.chars().filter(|c| c.is_alphanumeric()) {
            if is_han(c) {
                flush_word(&mut word, words);
                chinese.push(c);
            } else {
                flush_chinese(&mut chinese, words);
                // "51st" and "s51" are words, "4a" too; letters and digits stay together.
                word.push(c);
            }
        }
        flush_word(&mut word, words);
        flush_chinese(&mut chinese, words);
    }
}

fn flush_word(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn flush_chinese(run: &mut Vec<char>, words: &mut Vec<String>) {
    match run.as_slice() {
        [] => {}
        [one] => words.push(one.to_string()),
        several => words.extend(several.windows(2).map(|pair| pair.iter().collect::<String>())),
    }
    run.clear();
}

/// Latin letters without their accents; others as they are.
fn plain(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ǐ' | 'ı' => 'i',
        'ł' | 'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

/// Letters and digits, every run of other signs one blank.
pub(crate) fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for c in fold(text).chars() {
        if c.is_alphanumeric() {
            spaced.push(c);
        } else if !matches!(c, '\'' | '’') && !spaced.ends_with(' ') && !spaced.is_empty() {
            spaced.push(' ');
        }
    }
    spaced.truncate(spaced.trim_end().len());
    spaced
}
