//! Days and times as departments write them. Days count from 1970-01-01; no clock is ever read.

use std::fmt::Write;

use crate::rng::Rng;

/// The last day that the sample knows of, 2026-11-20: deliveries end here.
pub const TODAY: i32 = 20_777;

/// How a table writes its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// `2026-03-04`
    Iso,
    /// `2026/3/4`
    Slash,
    /// `20260304`
    Plain,
    /// `2026年3月4日`
    Chinese,
    /// Now this, now that, as when many hands fill one sheet.
    Mixed,
}

/// Year, month, day of a day number (Howard Hinnant's civil calendar).
pub fn civil(day: i32) -> (i32, u32, u32) {
    let z = i64::from(day) + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as u32, (of_year - (153 * shifted + 2) / 5 + 1) as u32)
}

/// Day number of the first day of a month.
pub fn day_of(year: i32, month: u32, day: u32) -> i32 {
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let shifted = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468) as i32
}

pub fn year_of(day: i32) -> i32 {
    civil(day).0
}

/// Writes a date in the given form.
pub fn date(out: &mut String, day: i32, form: DateForm, rng: &mut Rng) {
    let (y, m, d) = civil(day);
    let form = match form {
        DateForm::Mixed => *rng.pick(&[DateForm::Iso, DateForm::Iso, DateForm::Slash, DateForm::Plain, DateForm::Chinese]),
        form => form,
    };
    // Writing to a String cannot fail.
    let _ = match form {
        DateForm::Iso | DateForm::Mixed => {
            digits(out, y as u32, 4);
            out.push('-');
            digits(out, m, 2);
            out.push('-');
            digits(out, d, 2);
            Ok(())
        }
        DateForm::Slash => write!(out, "{y}/{m}/{d}"),
        DateForm::Plain => write!(out, "{y}{m:02}{d:02}"),
        DateForm::Chinese => write!(out, "{y}年{m}月{d}日"),
    };
}

/// Writes date and time of day; Chinese and plain dates keep their own ways of time.
pub fn datetime(out: &mut String, day: i32, second: u32, form: DateForm, rng: &mut Rng) {
    let form = if form == DateForm::Mixed { *rng.pick(&[DateForm::Iso, DateForm::Iso, DateForm::Slash]) } else { form };
    date(out, day, form, rng);
    let (h, m, s) = (second / 3600 % 24, second / 60 % 60, second % 60);
    let between = if form == DateForm::Plain { "" } else { " " };
    out.push_str(between);
    digits(out, h, 2);
    if form != DateForm::Plain {
        out.push(':');
    }
    digits(out, m, 2);
    if form != DateForm::Plain {
        out.push(':');
    }
    digits(out, s, 2);
}

/// Writes a number with leading zeros.
pub fn digits(out: &mut String, number: u32, width: usize) {
    let mut buffer = [b'0'; 10];
    let mut rest = number;
    for place in buffer.iter_mut().rev().take(width.min(10)) {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend(buffer.iter().skip(10 - width.min(10)).map(|byte| char::from(*byte)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for day in [-40_000, -1, 0, 59, 11_016, 20_000, TODAY] {
            let (y, m, d) = civil(day);
            assert_eq!(day_of(y, m, d), day);
        }
        assert_eq!(civil(TODAY), (2026, 11, 20));
        let mut out = String::new();
        datetime(&mut out, 11_016, 3661, DateForm::Plain, &mut Rng::new(1));
        assert_eq!(out, "20000229010101");
    }
}
