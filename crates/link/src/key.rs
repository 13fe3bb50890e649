//! Keys by which records are put into blocks: a value, its beginning, its sound, a word of it, the year of a date.
//! Only records of one block are compared.

use kernel::Text;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::compare::{Comparison, Method};
use crate::dates::day_of;
use crate::table::Column;

/// Which part of a value makes the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    Whole,
    /// The first so many characters.
    First(u8),
    /// The last so many characters.
    Last(u8),
    /// How it sounds: Soundex (Russell 1918) of Latin letters, pinyin of Chinese characters.
    Sound,
    /// Any of its words; the rarest ones are taken.
    Word,
    /// The house number in an address.
    Number,
    Year,
    MonthDay,
}

impl Part {
    /// The parts worth trying for a method; the first ones are the narrowest.
    pub(crate) fn of(method: Method) -> &'static [Part] {
        match method {
            Method::Spelling => &[Part::Whole, Part::Sound, Part::First(4), Part::First(3), Part::Last(4)],
            Method::Words | Method::Company => &[Part::Whole, Part::Word, Part::First(6), Part::First(4)],
            Method::Address => &[Part::Whole, Part::Word, Part::Number, Part::First(6)],
            Method::Date => &[Part::Whole, Part::MonthDay, Part::Year],
            Method::Phone => &[Part::Whole, Part::Last(7), Part::Last(4), Part::First(5)],
            Method::Identifier => &[Part::Whole, Part::First(4), Part::Last(4), Part::First(8)],
            Method::Postcode => &[Part::Whole, Part::First(3)],
            Method::House | Method::Category | Method::Number => &[Part::Whole],
        }
    }

    fn say(self) -> Text {
        match self {
            Part::Whole => Text::new("", ""),
            Part::First(n) => Text::new(format!("前 {n} 位"), format!("first {n}")),
            Part::Last(n) => Text::new(format!("后 {n} 位"), format!("last {n}")),
            Part::Sound => Text::new("读音", "sound"),
            Part::Word => Text::new("任一词", "any word"),
            Part::Number => Text::new("门牌号", "house number"),
            Part::Year => Text::new("年", "year"),
            Part::MonthDay => Text::new("月日", "month and day"),
        }
    }

    /// Reads `4` and `-4` as first and last characters, and the words `sound`, `word`, `number`, `year`, `day`.
    pub fn parse(text: &str) -> Option<Part> {
        match text {
            "" | "whole" => Some(Part::Whole),
            "sound" => Some(Part::Sound),
            "word" => Some(Part::Word),
            "number" => Some(Part::Number),
            "year" => Some(Part::Year),
            "day" => Some(Part::MonthDay),
            other => match other.strip_prefix('-') {
                Some(last) => last.parse().ok().map(Part::Last),
                None => other.parse().ok().map(Part::First),
            },
        }
    }
}

/// A part of what one comparison looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    /// Number of the comparison.
    pub comparison: usize,
    pub part: Part,
}

impl Key {
    /// What it is called: the column and the part.
    pub fn say(&self, column: &str) -> Text {
        match self.part {
            Part::Whole => Text::new(column, column),
            part => {
                let said = part.say();
                Text::new(format!("{column}（{}）", said.zh), format!("{column} ({})", said.en))
            }
        }
    }

    /// The hash of this part for each form; 0 where it has none. Words are many and asked for elsewhere.
    pub fn hashes(&self, comparison: &Comparison, column: &Column) -> Vec<u64> {
        let mut hashes = vec![0u64; comparison.counts.len()];
        for (value, form) in column.values.iter().zip(&comparison.forms) {
            let slot = &mut hashes[*form as usize];
            if *slot == 0 {
                *slot = self.hash_of(comparison, *form, value);
            }
        }
        hashes
    }

    /// The hash of this part of one value and its form.
    pub fn hash_of(&self, comparison: &Comparison, form: u32, value: &str) -> u64 {
        match self.part {
            _ if form == 0 => 0,
            Part::Whole => comparison.hashes[form as usize],
            Part::Number => comparison.main_number(form),
            Part::Word => 0,
            Part::Year => hash(&day_of(value).map(|day| day.year.to_string()).unwrap_or_default()),
            Part::MonthDay => hash(&day_of(value).map(|day| format!("{}-{}", day.month, day.day)).unwrap_or_default()),
            Part::Sound => hash(&sound(&comparison.text(form, value))),
            Part::First(n) => hash(first(&comparison.text(form, value), n.into())),
            Part::Last(n) => hash(last(&comparison.text(form, value), n.into())),
        }
    }
}

fn hash(chosen: &str) -> u64 {
    if chosen.is_empty() { 0 } else { xxh3_64(chosen.as_bytes()) | 1 }
}

/// The first so many characters. A value no longer than its beginning is already a key of its own.
fn first(form: &str, most: usize) -> &str {
    form.char_indices().nth(most).map_or(form, |(at, _)| &form[..at])
}

/// The last so many characters.
fn last(form: &str, most: usize) -> &str {
    most.checked_sub(1).map_or("", |back| form.char_indices().nth_back(back).map_or(form, |(at, _)| &form[at..]))
}

/// Pinyin of Chinese characters; of the Latin letters that are left, the first and the classes of up to four consonants.
fn sound(form: &str) -> String {
    let latin = crate::compare::sound(form);
    if latin != form {
        return latin;
    }
    let class = |c: char| match c {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        'h' | 'w' => '-',
        _ => '0',
    };
    let mut code = String::new();
    let mut last = '0';
    for c in latin.chars() {
        let now = class(c);
        if code.is_empty() {
            code.push(c);
        } else if now != '0' && now != '-' && now != last {
            code.push(now);
        }
        // Two letters of one class are one sound, also with h or w between them.
        if now != '-' {
            last = now;
        }
        if code.len() == 5 {
            break;
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_and_ends() {
        assert_eq!(["", "abc", "abcd", "abcde", "张晓明啊们"].map(|form| first(form, 4)), ["", "abc", "abcd", "abcd", "张晓明啊"]);
        assert_eq!(["", "abc", "abcd", "abcde", "张晓明啊们"].map(|form| last(form, 4)), ["", "abc", "abcd", "bcde", "晓明啊们"]);
    }

    #[test]
    fn sounds() {
        assert_eq!(sound("robert"), sound("rupert"));
        assert_eq!(sound("ashcraft"), "a2613");
        assert_eq!(sound("张晓明"), sound("章小明"));
    }
}
