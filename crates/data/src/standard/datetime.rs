//! Dates with times, in the city's zone unless they say otherwise, stored as microseconds UTC.

use super::calendar::Day;
use super::clock::{DAY, SECOND, Zone};
use super::date;
use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};
use crate::declare::Epoch;

/// The moment a text names. A date alone is its midnight.
pub(super) fn read(text: &str, zone: &Zone, epoch: Option<Epoch>) -> Result<i64, Flaw> {
    if let Some((day, time)) = quick(text.as_bytes()) {
        return zone.micros(day, time).ok_or_else(form);
    }
    let narrow = narrow(text);
    if let Some(unit) = epoch {
        return unix(&narrow, unit);
    }
    let (day, clock) = parts(&narrow)?;
    clock.moment(day, zone)
}

/// The day of a text whose time is midnight in the city; a fault for any other time.
pub(super) fn midnight(text: &str, zone: &Zone) -> Result<i32, Flaw> {
    let (day, clock) = parts(text)?;
    match clock.offset {
        None if clock.time == 0 => Ok(day.number()),
        None => Err(date::has_time(day.number())),
        Some(_) => {
            let local = zone.local(clock.moment(day, zone)?);
            let number = local.div_euclid(DAY) as i32;
            if local.rem_euclid(DAY) == 0 { Ok(number) } else { Err(date::has_time(number)) }
        }
    }
}

/// A time of day, and the offset from UTC if one was written.
struct Clock {
    /// Microseconds since midnight, up to and including 24:00.
    time: i64,
    /// Seconds east of Greenwich.
    offset: Option<i64>,
}

impl Clock {
    fn moment(&self, day: Day, zone: &Zone) -> Result<i64, Flaw> {
        match self.offset {
            Some(offset) => Ok(i64::from(day.number()) * DAY + self.time - offset * SECOND),
            None => zone.micros(day, self.time).ok_or_else(form),
        }
    }
}

/// `2020-01-06 12:09:38` or `2020/01/06T12:09:38`: exactly nineteen bytes.
fn quick(bytes: &[u8]) -> Option<(Day, i64)> {
    let (date, rest) = bytes.split_at_checked(10)?;
    let [b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] = rest else { return None };
    let two = |a: &u8, b: &u8| {
        (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
    };
    let time = of_day(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, 0)?;
    Some((date::quick(date)?, time))
}

/// Microseconds since midnight, up to and including 24:00.
pub(super) fn of_day(hour: i64, minute: i64, second: i64, micros: i64) -> Option<i64> {
    let time = ((hour * 60 + minute) * 60 + second) * SECOND + micros;
    (minute < 60 && second < 60 && time <= DAY && hour <= 24).then_some(time)
}

/// Where the time begins: at the digits before the first `:`, 时 or 点.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let mark = text.find([':', '时', '点'])?;
    let head = text.get(..mark)?;
    let digits = head.bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = mark.checked_sub(digits).filter(|_| digits > 0)?;
    Some((text.get(..start)?, text.get(start..)?))
}

fn parts(text: &str) -> Result<(Day, Clock), Flaw> {
    if let Some((date_text, time_text)) = split(text) {
        let head = date_text.trim_end().trim_end_matches('T').trim_end();
        let (head, afternoon) = half(head);
        let day = date::day(head.trim_end())?;
        return Ok((day, clock(time_text, afternoon)?));
    }
    if let Some((day_text, clock_text)) = run_together(text) {
        let part = |range: std::ops::Range<usize>| clock_text.get(range).and_then(|two| two.parse().ok()).unwrap_or(0);
        let time = of_day(part(0..2), part(2..4), part(4..6), 0).ok_or_else(no_such_time)?;
        return Ok((date::day(day_text)?, Clock { time, offset: None }));
    }
    date::day(text).map(|day| (day, Clock { time: 0, offset: None })).map_err(|flaw| match flaw.code {
        "form" => form(),
        _ => flaw,
    })
}

/// A time of day alone, in microseconds since midnight; one with an offset from UTC is none.
pub(super) fn time(text: &str) -> Result<i64, Flaw> {
    let form = || {
        Flaw::new("form", "应为时刻，如 08:05 或 18:05:30", "expected a time of day such as 08:05 or 18:05:30")
    };
    let (head, rest) = split(text).ok_or_else(form)?;
    let (head, afternoon) = half(head.trim());
    if !head.trim().is_empty() {
        return Err(form());
    }
    let clock = clock(rest, afternoon).map_err(|flaw| if flaw.code == "form" { form() } else { flaw })?;
    if clock.offset.is_some() { Err(form()) } else { Ok(clock.time) }
}

/// `20200106120938`, `202001061209`, `20200106T120938`.
fn run_together(text: &str) -> Option<(&str, &str)> {
    let (day, rest) = (text.get(..8)?, text.get(8..)?);
    let clock = rest.strip_prefix(['T', ' ']).unwrap_or(rest);
    (all_digits(day) && all_digits(clock) && matches!(clock.len(), 4 | 6)).then_some((day, clock))
}

/// 上午/下午 before the time.
fn half(text: &str) -> (&str, Option<bool>) {
    for (word, afternoon) in [("上午", false), ("下午", true), ("晚上", true)] {
        if let Some(rest) = text.strip_suffix(word) {
            return (rest, Some(afternoon));
        }
    }
    (text, None)
}

fn clock(text: &str, afternoon: Option<bool>) -> Result<Clock, Flaw> {
    let mut rest = text;
    let hour = two(&mut rest)?;
    let mut minute = 0;
    let mut second = 0;
    let mut micros = 0;
    eat(&mut rest, &[":", "时", "点"]);
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        minute = two(&mut rest)?;
        if eat(&mut rest, &[":", "分"]) && rest.starts_with(|c: char| c.is_ascii_digit()) {
            second = two(&mut rest)?;
            if eat(&mut rest, &[".", ","]) {
                micros = fraction(&mut rest)?;
            }
            eat(&mut rest, &["秒"]);
        }
    } else {
        eat(&mut rest, &["整"]);
    }
    rest = rest.trim_start();
    let afternoon = afternoon.or_else(|| am_pm(&mut rest));
    let hour = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let time = of_day(hour, minute, second, micros).ok_or_else(no_such_time)?;
    Ok(Clock { time, offset: offset(rest.trim_start())? })
}

fn two(rest: &mut &str) -> Result<i64, Flaw> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..digits).filter(|_| (1..=2).contains(&digits)).and_then(|digits| digits.parse().ok());
    *rest = rest.get(digits..).unwrap_or("");
    number.ok_or_else(form)
}

/// Microseconds of a fraction of a second; what is finer is cut off.
fn fraction(rest: &mut &str) -> Result<i64, Flaw> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let text = rest.get(..digits).filter(|_| (1..=9).contains(&digits)).ok_or_else(form)?;
    *rest = rest.get(digits..).unwrap_or("");
    let six = text.bytes().chain(std::iter::repeat(b'0')).take(6);
    Ok(six.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn eat(rest: &mut &str, words: &[&str]) -> bool {
    match words.iter().find_map(|word| rest.strip_prefix(word)) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn am_pm(rest: &mut &str) -> Option<bool> {
    for (word, afternoon) in [("AM", false), ("PM", true), ("am", false), ("pm", true), ("a.m.", false), ("p.m.", true)]
    {
        if let Some(after) = rest.strip_prefix(word) {
            *rest = after;
            return Some(afternoon);
        }
    }
    None
}

/// Seconds east of Greenwich: `Z`, `UTC`, `+08:00`, `+0800`, `+08`; nothing is `None`.
fn offset(text: &str) -> Result<Option<i64>, Flaw> {
    let east = match text.as_bytes().first() {
        None => return Ok(None),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ if matches!(text, "Z" | "z" | "UTC" | "GMT") => return Ok(Some(0)),
        _ => return Err(form()),
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    if !all_digits(&digits) || !matches!(digits.len(), 2 | 4) {
        return Err(form());
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).and_then(|two| two.parse::<i64>().ok()).unwrap_or(0);
    let (hours, minutes) = (part(0..2), part(2..4));
    if hours > 18 || minutes > 59 {
        return Err(form());
    }
    Ok(Some(east * (hours * 60 + minutes) * 60))
}

/// A Unix time, in the unit that the standard declares.
fn unix(text: &str, unit: Epoch) -> Result<i64, Flaw> {
    let wrong = || {
        Flaw::new(
            "epoch",
            "应为 Unix 时间（整数），单位见数据元的 `epoch`",
            "expected a Unix time, a whole number in the unit that the standard's `epoch` names",
        )
    };
    let number: i64 = text.parse().map_err(|_| wrong())?;
    let micros = match unit {
        Epoch::Seconds => number.checked_mul(SECOND),
        Epoch::Milliseconds => number.checked_mul(1000),
    };
    // Within the years 1000 to 9999, so that it can be shown as a date.
    micros.filter(|micros| (-30_610_224_000_000_000..253_402_300_800_000_000).contains(micros)).ok_or_else(wrong)
}

pub(super) fn no_such_time() -> Flaw {
    Flaw::new(
        "no_such_time",
        "没有这个时刻；小时 0–24，分和秒 0–59",
        "there is no such time of day; hours are 0–24, minutes and seconds 0–59",
    )
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为日期时间，如 2020-01-06 12:09:38 或 2020年1月6日12时09分",
        "expected a date and time such as 2020-01-06 12:09:38 or 2020年1月6日12时09分",
    )
}
