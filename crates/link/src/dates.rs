//! Days as records write them, and how near two of them are.

use crate::fold::fold;

/// A day in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Day {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// Reads `1980-02-03`, `19800203`, `1980年2月3日`, `3/2/1980`, `2/23/1980`, a time of day behind it or not.
/// Of two readings of day and month the first is the day, unless only the other way gives a day.
pub(crate) fn day_of(text: &str) -> Option<Day> {
    let text = fold(text);
    let text = text.split(['t', ' ']).next().unwrap_or("");
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    if text.contains(|c: char| c.is_alphabetic() && !"年月日号".contains(c)) {
        return None;
    }
    let number = |text: &str| text.parse::<u16>().ok();
    match parts.as_slice() {
        [whole] if whole.len() == 8 && text.len() == 8 => day(number(whole.get(..4)?)?, number(whole.get(4..6)?)?, number(whole.get(6..)?)?),
        [year, month, rest] if year.len() == 4 => day(number(year)?, number(month)?, number(rest)?),
        [first, second, year] if year.len() == 4 => {
            let (first, second, year) = (number(first)?, number(second)?, number(year)?);
            day(year, second, first).or_else(|| day(year, first, second))
        }
        _ => None,
    }
}

fn day(year: u16, month: u16, day: u16) -> Option<Day> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u16::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let known = (1800..=2199).contains(&year) && (1..=last).contains(&day);
    known.then_some(Day { year, month: month as u8, day: day as u8 })
}

impl Day {
    /// Eight digits.
    pub fn digits(self) -> [char; 8] {
        let Day { year, month, day } = self;
        let digit = |number: u16| char::from(b'0' + (number % 10) as u8);
        let (month, day) = (u16::from(month), u16::from(day));
        [digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), digit(month / 10), digit(month), digit(day / 10), digit(day)]
    }

    /// Days since some moment, exact enough to tell a month from a year.
    pub fn about(self) -> i32 {
        i32::from(self.year) * 365 + i32::from(self.year) / 4 + i32::from(self.month) * 30 + i32::from(self.day)
    }

    /// Whether month and day stand in each other's place.
    pub fn is_swapped(self, other: Day) -> bool {
        self.year == other.year && self.month == other.day && self.day == other.month
    }

    /// How many of year, month and day are the same.
    pub fn same_parts(self, other: Day) -> u8 {
        u8::from(self.year == other.year) + u8::from(self.month == other.month) + u8::from(self.day == other.day)
    }
}
