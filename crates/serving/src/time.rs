//! Days and microseconds since 1970 as text, and text as these.

const DAY: i64 = 86_400_000_000;
/// No date of 32 bits, and no moment of 64, is so many days away.
const FAR: i64 = 1 << 32;

/// `2026-01-31`; years of more than four digits, or before the year 0, with sign and six digits.
pub(crate) fn date_text(days: i64) -> String {
    // Counted from the first of March of the year 0, so that a leap day is the last of its year.
    let shifted = days.clamp(-FAR, FAR) + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    match (0..=9999).contains(&year) {
        true => format!("{year:04}-{month:02}-{day:02}"),
        false => format!("{year:+07}-{month:02}-{day:02}"),
    }
}

/// `2026-01-31T08:00:00Z`; microseconds only if there are any, `Z` only if the column has a zone.
pub(crate) fn moment_text(micros: i64, zoned: bool) -> String {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let date = date_text(days);
    let zone = if zoned { "Z" } else { "" };
    match fraction {
        0 => format!("{date}T{hour:02}:{minute:02}:{second:02}{zone}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{fraction:06}{zone}"),
    }
}

/// Days, for a date as [`date_text`] writes it.
pub(crate) fn date(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let mut parts = digits.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let signed = digits.len() != text.len();
    if parts.next().is_some() || !(if signed { 6..=7 } else { 4..=4 }).contains(&year.len()) || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (year, month, day) = (sign * number(year)?, number(month)?, number(day)?);
    if !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let shifted = year - i64::from(month <= 2);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    // A day that the month does not have comes back as another.
    date_text(days).get(text.len() - 2..).filter(|back| *back == &text[text.len() - 2..]).map(|_| days)
}

/// Microseconds, for RFC 3339 with or without seconds and zone, or for a date alone; without a zone it is UTC.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let Some(at) = text.find(['T', 't', ' ']) else { return date(text)?.checked_mul(DAY) };
    let (day, clock) = (date(text.get(..at)?)?, text.get(at + 1..)?);
    let zone_at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = (clock.get(..zone_at)?, clock.get(zone_at..)?);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let mut two = || parts.next().map(|part| if part.len() == 2 { number(part) } else { None });
    let (hour, minute, second) = (two()??, two()??, two());
    let has_seconds = second.is_some();
    let second = second.unwrap_or(Some(0))?;
    if two().is_some() || hour > 23 || minute > 59 || second > 59 || fraction.is_some() && !has_seconds {
        return None;
    }
    let micros = match fraction {
        None => 0,
        // What is beyond microseconds must be nothing, else no moment of ours is meant.
        Some(digits) if (1..=18).contains(&digits.len()) => {
            let (kept, beyond) = digits.split_at_checked(digits.len().min(6))?;
            (beyond.is_empty() || number(beyond)? == 0).then_some(number(kept)? * 10_i64.pow(6 - u32::try_from(kept.len()).ok()?))?
        }
        Some(_) => return None,
    };
    let of_day = (hour * 3600 + minute * 60 + second - offset(zone)?) * 1_000_000 + micros;
    day.checked_mul(DAY)?.checked_add(of_day)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first() {
        None => return Some(0),
        Some(b'Z' | b'z') => return (zone.len() == 1).then_some(0),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let digits = zone.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => (digits.get(..2)?, digits.get(2..)?),
        5 => digits.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Digits alone, at most eighteen.
fn number(text: &str) -> Option<i64> {
    let digits = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
