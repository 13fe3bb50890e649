//! Hours of the week in which a source is left alone: `mon-fri 08:30-17:30`, `sat,sun 00:00-24:00`, `22:00-02:00`.

use jiff::civil::{Date, Time, Weekday};
use jiff::{Timestamp, ToSpan, Zoned};
use kernel::Text;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
const DAY_MINUTES: u16 = 24 * 60;

/// From a minute of some days of the week to another, which may lie on the day after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blackout {
    /// By days since Monday.
    days: [bool; 7],
    /// Minutes since midnight.
    start: u16,
    /// Minutes since the midnight with which the first day begins; more than a day's when it ends on the next.
    end: u16,
}

impl Blackout {
    /// Reads the form in which it is declared.
    pub fn read(text: &str) -> Result<Blackout, Text> {
        let wrong = || {
            Text::new(
                format!("「{text}」应写成 `mon-fri 08:30-17:30`、`sat,sun 00:00-24:00` 或 `22:00-02:00`"),
                format!("“{text}” should be like `mon-fri 08:30-17:30`, `sat,sun 00:00-24:00` or `22:00-02:00`"),
            )
        };
        let mut words = text.split_whitespace();
        let (days, hours) = match (words.next(), words.next(), words.next()) {
            (Some(hours), None, _) => ([true; 7], hours),
            (Some(days), Some(hours), None) => (read_days(days).ok_or_else(wrong)?, hours),
            _ => return Err(wrong()),
        };
        let (start, end) = hours.split_once('-').ok_or_else(wrong)?;
        let (start, end) = (read_minute(start).ok_or_else(wrong)?, read_minute(end).ok_or_else(wrong)?);
        if start == end || start == DAY_MINUTES {
            return Err(wrong());
        }
        Ok(Blackout { days, start, end: if end < start { end + DAY_MINUTES } else { end } })
    }

    /// When it ends, if a moment lies inside it.
    pub(super) fn end_if_inside(&self, moment: &Zoned) -> Option<Timestamp> {
        let today = moment.date();
        let yesterday = today.checked_sub(1.day()).ok()?;
        [yesterday, today].into_iter().filter(|day| self.on(*day)).find_map(|day| {
            let edge = |minutes: u16| {
                let day = day.checked_add(i64::from(minutes / DAY_MINUTES).days()).ok()?;
                let minutes = minutes % DAY_MINUTES;
                let time = Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).ok()?;
                Some(day.to_datetime(time).to_zoned(moment.time_zone().clone()).ok()?.timestamp())
            };
            let (start, end) = (edge(self.start)?, edge(self.end)?);
            (start <= moment.timestamp() && moment.timestamp() < end).then_some(end)
        })
    }

    /// Its parts that fall into one day, as minutes since midnight.
    pub(super) fn of_day(&self, day: Date) -> Vec<(u16, u16)> {
        let mut parts = Vec::new();
        if self.on(day) {
            parts.push((self.start, self.end.min(DAY_MINUTES)));
        }
        if self.end > DAY_MINUTES && day.checked_sub(1.day()).is_ok_and(|before| self.on(before)) {
            parts.push((0, self.end - DAY_MINUTES));
        }
        parts
    }

    fn on(&self, day: Date) -> bool {
        self.days.get(day.weekday().to_monday_zero_offset() as usize).copied().unwrap_or(false)
    }
}

/// Whether no minute of the week is free.
pub(super) fn covers_week(blackouts: &[Blackout]) -> bool {
    let week = usize::from(DAY_MINUTES) * 7;
    let mut taken = vec![false; week];
    for blackout in blackouts {
        for (day, _) in blackout.days.iter().enumerate().filter(|(_, on)| **on) {
            for minute in blackout.start..blackout.end {
                if let Some(slot) = taken.get_mut((day * usize::from(DAY_MINUTES) + usize::from(minute)) % week) {
                    *slot = true;
                }
            }
        }
    }
    taken.iter().all(|minute| *minute)
}

/// `mon-fri`, `sat,sun`, `fri-mon`.
fn read_days(text: &str) -> Option<[bool; 7]> {
    let day = |word: &str| DAYS.iter().find(|(name, _)| *name == word).map(|(_, day)| day.to_monday_zero_offset() as usize);
    let mut days = [false; 7];
    for part in text.to_ascii_lowercase().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let mut at = first;
        loop {
            *days.get_mut(at)? = true;
            if at == last {
                break;
            }
            at = (at + 1) % 7;
        }
    }
    Some(days)
}

/// `08:30` as minutes since midnight; `24:00` is the end of the day.
fn read_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}
