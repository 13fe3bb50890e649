//! Times of day (时刻), kept as `hh:mm:ss`; bare digits only where the standard says how they are meant.

use std::borrow::Cow;

use super::clock::SECOND;
use super::datetime;
use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};
use crate::declare::ClockDigits;

/// `8:05`, `上午8时5分`, `8:05 PM`, and `805` where declared.
pub(super) fn read(text: &str, digits: Option<ClockDigits>) -> Result<Cow<'_, str>, Flaw> {
    let narrow = narrow(text);
    if all_digits(&narrow) {
        return bare(&narrow, digits).map(Cow::Owned);
    }
    let micros = datetime::time(&narrow)?;
    if micros % SECOND != 0 {
        return Err(Flaw::new(
            "fraction",
            "时刻只精确到秒；小数会丢失，请声明为文字",
            "a time of day is kept to the second; declare the item as text to keep the fraction",
        ));
    }
    let written = show(micros / SECOND);
    Ok(if written == text { Cow::Borrowed(text) } else { Cow::Owned(written) })
}

fn show(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn bare(text: &str, digits: Option<ClockDigits>) -> Result<String, Flaw> {
    let number: i64 = text.get(..text.len().min(9)).and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
    let (hour, minute, second) = match digits {
        Some(ClockDigits::Hhmm) if text.len() <= 4 => (number / 100, number % 100, 0),
        Some(ClockDigits::Hhmmss) if text.len() <= 6 => (number / 10_000, number / 100 % 100, number % 100),
        Some(_) => return Err(datetime::no_such_time()),
        None => {
            return Err(Flaw::new(
                "digits",
                "没有冒号，分不清是时分、时分秒还是分钟数；请在数据元中声明 `clock = \"hhmm\"` 或 `\"hhmmss\"`",
                "digits without colons may be hours and minutes, or minutes; declare `clock = \"hhmm\"` or `\"hhmmss\"`",
            ));
        }
    };
    datetime::of_day(hour, minute, second, 0).map(|micros| show(micros / SECOND)).ok_or_else(datetime::no_such_time)
}
