//! Dates in Chinese and Western forms; an ambiguous one is refused, not guessed.

use super::calendar::Day;
use super::clock::Zone;
use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};
use super::{calendar, datetime};

/// The day a text names, counted from 1970-01-01. A time of midnight may follow; any other one may not be lost.
pub(super) fn read(text: &str, zone: &Zone) -> Result<i32, Flaw> {
    if let Some(day) = quick(text.as_bytes()) {
        return Ok(day.number());
    }
    let narrow = narrow(text);
    match day(&narrow) {
        Ok(day) => Ok(day.number()),
        Err(flaw) => match datetime::split(&narrow) {
            Some(_) => datetime::midnight(&narrow, zone),
            None => Err(flaw),
        },
    }
}

/// A day as a declaration writes it: `2026-01-31`.
pub(crate) fn declared(text: &str) -> Result<i32, Flaw> {
    quick(text.as_bytes()).filter(|_| text.len() == 10).map(Day::number).ok_or_else(|| {
        Flaw::new(
            "form",
            format!("`{text}` 不是日期；应写成 `2026-01-31`"),
            format!("`{text}` is not a date; write it as `2026-01-31`"),
        )
    })
}

/// `2026-11-23`, `2026/11/23`, `2026.11.23`: exactly ten bytes.
pub(super) fn quick(bytes: &[u8]) -> Option<Day> {
    let [y1, y2, y3, y4, s1, m1, m2, s2, d1, d2] = bytes else { return None };
    if s1 != s2 || !matches!(s1, b'-' | b'/' | b'.') {
        return None;
    }
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    Day::new(year as i32, digit(m1)? * 10 + digit(m2)?, digit(d1)? * 10 + digit(d2)?)
}

/// The day of a text without a time, full-width signs already narrowed.
pub(super) fn day(text: &str) -> Result<Day, Flaw> {
    if let Some(flaw) = other_calendar(text) {
        return Err(flaw);
    }
    if text.contains('年') {
        return chinese(text);
    }
    if all_digits(text) {
        return compact(text);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ', ',', '_']).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [a, b, c] if all_digits(a) && all_digits(b) && all_digits(c) => numeric(a, b, c),
        [a, b, c] => english(a, b, c),
        [a, b] if all_digits(a) && all_digits(b) && a.len() == 4 => Err(no_day()),
        _ => Err(form()),
    }
}

/// Years of the Republic and days of the moon are not reckoned over: the first are easily taken for two-digit
/// years, the second need to know leap months.
fn other_calendar(text: &str) -> Option<Flaw> {
    if text.is_ascii() {
        return None;
    }
    if text.contains("民国") || text.contains("民國") {
        return Some(Flaw::new(
            "republic",
            "是民国纪年；请换算成公历（民国元年是 1912 年），写四位年份",
            "is a year of the Republic; convert it (its first year is 1912) and write four digits",
        ));
    }
    let lunar = ["农历", "阴历", "旧历", "正月", "腊月", "冬月", "闰", "初"];
    lunar.iter().any(|word| text.contains(word)).then(|| {
        Flaw::new(
            "lunar",
            "是农历日期；请换算成公历",
            "is a date of the lunar calendar; convert it to the Gregorian one",
        )
    })
}

fn numeric(a: &str, b: &str, c: &str) -> Result<Day, Flaw> {
    match (a.len(), b.len(), c.len()) {
        (4, 1..=2, 1..=2) => exists(a, b, c),
        (1..=2, 1..=2, 4) => {
            let (first, second) = (number(a), number(b));
            match (first > 12, second > 12) {
                (true, false) => exists(c, b, a),
                (false, true) => exists(c, a, b),
                (false, false) if first == second => exists(c, a, b),
                (false, false) => Err(Flaw::new(
                    "ambiguous",
                    format!("分不清 {a} 和 {b} 哪个是月、哪个是日；请写成 {c}-月-日"),
                    format!("it cannot be told which of {a} and {b} is the month; write {c}-month-day"),
                )),
                (true, true) => Err(no_such_day()),
            }
        }
        (1..=2, 1..=2, 1..=2) => Err(two_digit_year()),
        _ => Err(form()),
    }
}

/// `20261123`, and the reasons why other bare numbers are no dates.
fn compact(text: &str) -> Result<Day, Flaw> {
    match text.len() {
        8 => {
            let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or("");
            exists(part(0..4), part(4..6), part(6..8))
        }
        6 | 4 => Err(no_day()),
        5 => Err(Flaw::new(
            "serial",
            "像是 Excel 的日期序号；请把单元格设为日期格式后重新导出",
            "looks like an Excel date number; set the cells to a date format and export again",
        )),
        10 | 13 => Err(Flaw::new(
            "epoch",
            "像是 Unix 时间；请在数据元中声明类型 `datetime` 和 `epoch`",
            "looks like a Unix time; declare a standard of kind `datetime` with `epoch`",
        )),
        _ => Err(form()),
    }
}

/// `2026年11月23日`, `二〇二六年十一月二十三日`.
fn chinese(text: &str) -> Result<Day, Flaw> {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let (year, rest) = text.split_once('年').ok_or_else(form)?;
    let (month, rest) = rest.split_once('月').ok_or_else(no_day)?;
    let day = rest.strip_suffix(['日', '号']).unwrap_or(rest);
    if day.is_empty() {
        return Err(no_day());
    }
    let year_digits: Option<String> =
        year.chars().map(|c| chinese_digit(c).and_then(|n| char::from_digit(n, 10))).collect();
    let year = year_digits.ok_or_else(form)?;
    match year.len() {
        4 => Day::new(number(&year) as i32, counted(month)?, counted(day)?).ok_or_else(no_such_day),
        2 => Err(two_digit_year()),
        _ => Err(form()),
    }
}

/// A number up to 99 in digits or Chinese: `23`, `二十三`, `廿三`, `二三`.
fn counted(text: &str) -> Result<u32, Flaw> {
    if all_digits(text) && text.len() <= 2 {
        return Ok(number(text));
    }
    let tens = |text: &str| match text {
        "" => Some(1),
        _ => single(text),
    };
    let (tens, ones) = match text.split_once('十') {
        Some((before, after)) => (tens(before), if after.is_empty() { Some(0) } else { single(after) }),
        None => match text.strip_prefix('廿') {
            Some(after) => (Some(2), if after.is_empty() { Some(0) } else { single(after) }),
            None => (Some(0), single(text)),
        },
    };
    Ok(tens.ok_or_else(form)? * 10 + ones.ok_or_else(form)?)
}

fn single(text: &str) -> Option<u32> {
    let mut chars = text.chars();
    let only = chars.next().and_then(chinese_digit)?;
    chars.next().is_none().then_some(only)
}

fn chinese_digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        '〇' | '零' | '○' | 'O' | 'o' => Some(0),
        '元' => Some(1),
        _ => "一二三四五六七八九".chars().position(|known| known == c).map(|at| at as u32 + 1),
    }
}

/// `23-Nov-2026`, `Nov 23, 2026`.
fn english(a: &str, b: &str, c: &str) -> Result<Day, Flaw> {
    let (day, month, year) = match (month_name(a), month_name(b)) {
        (Some(month), None) => (b, month, c),
        (None, Some(month)) if a.len() == 4 => (c, month, a),
        (None, Some(month)) => (a, month, c),
        _ => return Err(form()),
    };
    if !all_digits(day) || !all_digits(year) || day.len() > 2 {
        return Err(form());
    }
    match year.len() {
        4 => Day::new(number(year) as i32, month, number(day)).ok_or_else(no_such_day),
        2 => Err(two_digit_year()),
        _ => Err(form()),
    }
}

fn month_name(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = text.to_ascii_lowercase();
    if lower == "sept" {
        return Some(9);
    }
    let at = NAMES.iter().position(|name| *name == lower || (lower.len() == 3 && name.starts_with(&lower)))?;
    Some(at as u32 + 1)
}

fn exists(year: &str, month: &str, day: &str) -> Result<Day, Flaw> {
    let year = number(year) as i32;
    if year < 1000 {
        return Err(Flaw::new(
            "placeholder",
            "年份小于 1000，像是系统填充的空日期；没有日期请留空",
            "the year is below 1000, as systems write for an empty date; leave it empty if there is none",
        ));
    }
    Day::new(year, number(month), number(day)).ok_or_else(no_such_day)
}

/// The number of a few digits; callers have checked them.
fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

pub(super) fn has_time(number: i32) -> Flaw {
    let day = calendar::show(number);
    Flaw::new(
        "has_time",
        format!("是 {day} 的某个时刻，不只是日期；如需保留时间，请用数据元 `datetime`"),
        format!("is a time on {day}, not only a date; use the standard `datetime` to keep the time"),
    )
}

fn no_such_day() -> Flaw {
    Flaw::new("no_such_day", "日历上没有这一天", "the calendar has no such day")
}

fn no_day() -> Flaw {
    Flaw::new(
        "no_day",
        "只有年月，没有日；请补全，或声明为文字",
        "has no day; complete it, or declare the item as text",
    )
}

fn two_digit_year() -> Flaw {
    Flaw::new(
        "two_digit_year",
        "年份只有两位，分不清世纪；请写四位年份",
        "the year has two digits, the century is unclear; write four",
    )
}

pub(super) fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为日期，如 2026-11-23、2026/1/6、20261123 或 2026年11月23日",
        "expected a date such as 2026-11-23, 2026/1/6, 20261123 or 2026年11月23日",
    )
}
