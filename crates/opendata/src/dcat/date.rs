//! Dates as catalogues write them, which is in many ways.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use kernel::Moment;

/// The moment that a text means; of a day, a month or a year its beginning, in UTC where no zone is told. `None` where the text
/// is no date, or could be two: `06/05/2009`.
pub fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    let zoned = || text.parse::<Timestamp>().ok();
    let offset = || text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
    let civil = || text.parse::<DateTime>().ok().and_then(utc);
    let spoken = || jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let rough = || rough(text).and_then(|date| utc(date.to_datetime(jiff::civil::Time::midnight())));
    zoned().or_else(offset).or_else(civil).or_else(spoken).or_else(rough).map(Moment::from_jiff)
}

fn utc(civil: DateTime) -> Option<Timestamp> {
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `2019`, `2019-04`, `2019/4/1`, `2019年4月1日`, `20190401`, `2019-04-01Z`, `2019-04-01+09:00`.
fn rough(text: &str) -> Option<Date> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        return Date::new(text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..)?.parse().ok()?).ok();
    }
    let text = text.trim_end_matches('Z');
    let text = text.get(..text.len().saturating_sub(6)).filter(|_| is_offset(text)).unwrap_or(text);
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月', '日']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let number = |n: usize| parts.get(n).map_or(Some(1), |part| part.parse::<i8>().ok());
    let year = parts.first().filter(|year| year.len() == 4)?.parse().ok()?;
    (parts.len() <= 3).then(|| Date::new(year, number(1)?, number(2)?).ok()).flatten()
}

/// Whether a text ends with the offset of a zone, `+09:00`, behind a whole date.
fn is_offset(text: &str) -> bool {
    let tail = text.len().checked_sub(6).and_then(|at| text.get(at..)).unwrap_or_default().as_bytes();
    matches!(tail, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}
