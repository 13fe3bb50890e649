//! 每日额度: how many calls and rows a grant gives a day of the city's.

use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};

use crate::City;
use crate::declare::Sharing;

/// Calls and rows a day at most; absent: not bounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    #[serde(default, rename = "per_day", skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    #[serde(default, rename = "rows_per_day", skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// What of a day is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    pub calls: Option<u64>,
    pub rows: Option<u64>,
}

impl Daily {
    /// What the city gives at most.
    pub fn of_city(sharing: &Sharing) -> Daily {
        Daily { calls: sharing.per_day.map(u64::from), rows: sharing.rows_per_day }
    }

    pub fn is_bounded(&self) -> bool {
        self.calls.is_some() || self.rows.is_some()
    }

    /// Whether it gives no more than another.
    pub fn within(&self, most: &Daily) -> bool {
        let less = |one: Option<u64>, most: Option<u64>| most.is_none_or(|most| one.is_some_and(|one| one <= most));
        less(self.calls, most.calls) && less(self.rows, most.rows)
    }

    /// The smaller of each.
    pub fn least(self, other: Daily) -> Daily {
        let least = |one: Option<u64>, two: Option<u64>| one.into_iter().chain(two).min();
        Daily { calls: least(self.calls, other.calls), rows: least(self.rows, other.rows) }
    }

    pub fn left(&self, calls: u64, rows: u64) -> Left {
        Left { calls: self.calls.map(|most| most.saturating_sub(calls)), rows: self.rows.map(|most| most.saturating_sub(rows)) }
    }

    /// Within what the city gives; what was not said is as the city says.
    pub(super) fn settled(self, sharing: &Sharing) -> Result<Daily, Text> {
        let most = Daily::of_city(sharing);
        let settled = Daily { calls: self.calls.or(most.calls), rows: self.rows.or(most.rows) };
        if settled.calls == Some(0) || settled.rows == Some(0) {
            return Err(Text::new("每日额度至少为 1；不限请留空", "a daily quota is 1 at least; leave it out for none"));
        }
        match settled.within(&most) {
            true => Ok(settled),
            false => {
                let shown = |one: Option<u64>, without: &str| one.map_or(without.to_owned(), |one| one.to_string());
                Err(Text::new(
                    format!("每日额度超过全市上限：调用 {}，行数 {}", shown(most.calls, "不限"), shown(most.rows, "不限")),
                    format!("the daily quota is beyond what the city gives: {} calls, {} rows", shown(most.calls, "any"), shown(most.rows, "any")),
                ))
            }
        }
    }
}

/// The city's next midnight.
pub fn midnight(city: &City, now: Moment) -> Moment {
    let zone = jiff::tz::TimeZone::get(&city.info.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let today = now.to_jiff().to_zoned(zone.clone()).date();
    let next = today.tomorrow().ok().and_then(|day| day.to_zoned(zone).ok());
    next.map_or(now, |next| Moment(next.timestamp().as_microsecond()))
}
