//! The city's time zone: from a day and a time of day to microseconds UTC, and back to the day.

use jiff::tz::{Offset, TimeZone};

use super::calendar::Day;
use super::flaw::Flaw;

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

/// China has kept UTC+8 without summer time since 1992 (day 8035): no lookup is needed from then on.
const STEADY_SINCE: i32 = 8035;
const EIGHT_HOURS: i64 = 8 * 3600 * SECOND;

#[derive(Clone, Debug)]
pub(crate) struct Zone {
    zone: TimeZone,
    china: bool,
}

impl Zone {
    /// The zone of an IANA name such as `Asia/Shanghai`.
    pub fn named(name: &str) -> Result<Zone, Flaw> {
        let china = name == "Asia/Shanghai";
        match TimeZone::get(name) {
            Ok(zone) => Ok(Zone { zone, china }),
            // A bare machine may have no zone files. China's present offset is known without them.
            Err(_) if china => Ok(Zone { zone: TimeZone::fixed(Offset::constant(8)), china }),
            Err(_) => Err(Flaw::new(
                "time_zone",
                format!("不认识时区 `{name}`；应为 IANA 名称，如 `Asia/Shanghai`（或本机缺少时区数据 tzdata）"),
                format!(
                    "the time zone `{name}` is not known; expected an IANA name such as `Asia/Shanghai` (or tzdata is missing on this machine)"
                ),
            )),
        }
    }

    /// Microseconds UTC of a local day and time of day (µs since midnight, up to and including 24:00).
    /// A local time that summer time skipped is read as the time it became; a doubled one as the first.
    pub fn micros(&self, day: Day, time: i64) -> Option<i64> {
        let local = i64::from(day.number()) * DAY + time;
        if self.china && day.number() >= STEADY_SINCE {
            return Some(local - EIGHT_HOURS);
        }
        let stamp = jiff::Timestamp::from_microsecond(local).ok()?;
        let civil = TimeZone::UTC.to_datetime(stamp);
        Some(self.zone.to_timestamp(civil).ok()?.as_microsecond())
    }

    /// The local day (since 1970-01-01) of a moment in microseconds UTC.
    pub fn day(&self, micros: i64) -> i32 {
        (self.local(micros).div_euclid(DAY)) as i32
    }

    /// Local microseconds since 1970-01-01T00:00:00 of a moment in microseconds UTC.
    pub fn local(&self, micros: i64) -> i64 {
        let steady = i64::from(STEADY_SINCE) * DAY;
        if self.china && micros >= steady {
            return micros + EIGHT_HOURS;
        }
        let offset = jiff::Timestamp::from_microsecond(micros).map_or(0, |stamp| self.zone.to_offset(stamp).seconds());
        micros + i64::from(offset) * SECOND
    }
}
