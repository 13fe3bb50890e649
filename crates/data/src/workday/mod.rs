//! Working days (工作日) of China: weekends, holidays, and the weekend days on which people work instead (调休).
//!
//! The days are those of the State Council's yearly notices since 2004 (国务院办公厅关于部分节假日安排的通知), and what a
//! city declares beside them. Beyond the notices there are only weekends, and every answer says so. It never asks what
//! day it is.

mod clock;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use clock::{Clock, Pause, Reading};

/// The most working days that are counted at once: forty years of them.
pub const MOST_DAYS: u32 = 10_000;
/// The most days that a city declares.
pub const MOST_EXTRA: usize = 4_000;
/// The notice of a year may move the last days of the one before: from this day of December on, both must be known.
const SETTLED_UNTIL: i8 = 28;

/// What a day is to those who work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// 工作日: Monday to Friday, as usual.
    Working,
    /// 调休上班: a day of the weekend on which people work.
    MadeUp,
    /// 周末
    Weekend,
    /// 放假: a holiday, or a day off beside one.
    Holiday,
}

impl DayKind {
    pub fn is_working(self) -> bool {
        matches!(self, DayKind::Working | DayKind::MadeUp)
    }

    pub fn title(self) -> Text {
        match self {
            DayKind::Working => Text::new("工作日", "working day"),
            DayKind::MadeUp => Text::new("调休上班日", "working day of a weekend"),
            DayKind::Weekend => Text::new("周末", "weekend"),
            DayKind::Holiday => Text::new("放假", "holiday"),
        }
    }
}

/// What a day is, why, and whether that is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFact {
    pub kind: DayKind,
    /// The holiday that it belongs to or makes up for; empty for an ordinary day.
    pub occasion: String,
    /// Whether the year's notice is known. Otherwise this is only what the week says.
    pub known: bool,
}

/// A day reached by counting, and whether all days on the way are certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    pub value: T,
    /// Whether the notices of all the days counted are known.
    pub known: bool,
}

/// Days that a city declares beside the notices, or instead of them: its own holidays, typhoon days, a new notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraDays {
    /// First day, `2027-01-01`.
    pub from: String,
    /// Last day; absent: the first one only.
    #[serde(default)]
    pub to: Option<String>,
    /// Whether people work on these days.
    #[serde(default)]
    pub working: bool,
    /// What for, e.g. `台风停工`.
    pub occasion: String,
}

impl ExtraDays {
    /// The first and the last day.
    fn days(&self) -> Result<(Date, Date), DaysRefused> {
        let read = |text: &str| {
            text.trim().parse::<Date>().map_err(|_| {
                let (zh, en) = (
                    format!("`{text}` 不是日期，应写成 2027-01-01"),
                    format!("`{text}` is no date; write it as 2027-01-01"),
                );
                DaysRefused(Text::new(zh, en))
            })
        };
        let first = read(&self.from)?;
        let last = self.to.as_deref().map_or(Ok(first), read)?;
        if last < first {
            let occasion = &self.occasion;
            return Err(DaysRefused(Text::new(
                format!("“{occasion}”的最后一天 {last} 早于第一天 {first}"),
                format!("the last day {last} of “{occasion}” is before the first, {first}"),
            )));
        }
        Ok((first, last))
    }
}

/// Why days cannot be taken into a calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct DaysRefused(pub Text);

/// The working days of a city.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Days that differ from their week, or have a name.
    days: BTreeMap<Date, (bool, String)>,
    /// For each day that differs: how many working days there are more (or fewer) than the weeks have, up to and with it.
    drift: Vec<(Date, i32)>,
    /// Years whose notice is known.
    years: BTreeSet<i16>,
}

impl Calendar {
    /// The calendar of the notices alone.
    pub fn national() -> Calendar {
        let (days, years) = table::notices();
        Calendar::of(days, years)
    }

    /// The notices and a city's own days; `years` are those whose notice the own days hold in full.
    /// Refused: days in the wrong order, and more than `MOST_EXTRA`.
    pub fn with(extra: &[ExtraDays], years: &[i16]) -> Result<Calendar, DaysRefused> {
        let (mut days, mut known) = table::notices();
        let mut count = 0;
        for span in extra {
            let (first, last) = span.days()?;
            for day in first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last) {
                count += 1;
                if count > MOST_EXTRA {
                    return Err(DaysRefused(Text::new(
                        format!("声明的日子多于 {MOST_EXTRA} 天"),
                        format!("more than {MOST_EXTRA} days are declared"),
                    )));
                }
                days.insert(day, (span.working, span.occasion.clone()));
            }
        }
        known.extend(years);
        Ok(Calendar::of(days, known))
    }

    fn of(days: BTreeMap<Date, (bool, String)>, years: BTreeSet<i16>) -> Calendar {
        let mut sum = 0;
        let drift = days
            .iter()
            .filter(|(day, (working, _))| *working == is_weekend(**day))
            .map(|(day, (working, _))| {
                sum += if *working { 1 } else { -1 };
                (*day, sum)
            })
            .collect();
        Calendar { days, drift, years }
    }

    /// What a day is.
    pub fn day(&self, day: Date) -> DayFact {
        let weekend = is_weekend(day);
        let (working, occasion) = match self.days.get(&day) {
            Some((working, occasion)) => (*working, occasion.clone()),
            None => (!weekend, String::new()),
        };
        let kind = match (working, weekend) {
            (true, false) => DayKind::Working,
            (true, true) => DayKind::MadeUp,
            (false, _) if !occasion.is_empty() => DayKind::Holiday,
            (false, _) => DayKind::Weekend,
        };
        DayFact {
            kind,
            occasion,
            known: self.knows(day),
        }
    }

    pub fn is_working(&self, day: Date) -> bool {
        self.days.get(&day).map_or(!is_weekend(day), |(working, _)| *working)
    }

    /// Whether the notices that decide about a day are known, or the day itself is declared.
    pub fn knows(&self, day: Date) -> bool {
        let late = day.month() == 12 && day.day() > SETTLED_UNTIL;
        let settled = self.years.contains(&day.year()) && (!late || self.years.contains(&(day.year() + 1)));
        settled || self.days.contains_key(&day)
    }

    /// The `n`th working day after a day, which itself is not counted (民法典 §201); for 0 the day itself.
    /// `None` for more than `MOST_DAYS`, or beyond the year 9999.
    pub fn add_working_days(&self, day: Date, n: u32) -> Option<Counted<Date>> {
        if n > MOST_DAYS {
            return None;
        }
        let wanted = self.until(day) + i64::from(n);
        let (mut low, mut high) = (number(day), number(Date::MAX));
        // The first day up to which there are enough.
        while low < high {
            let middle = low + (high - low) / 2;
            if self.until(day_of(middle)) < wanted {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let reached = day_of(low);
        (self.until(reached) == wanted).then(|| Counted {
            value: reached,
            known: n == 0 || self.knows_all(day, reached),
        })
    }

    /// How many working days there are after `from`, up to and with `to`; negative when `to` comes first.
    pub fn working_days_between(&self, from: Date, to: Date) -> Counted<i64> {
        Counted {
            value: self.until(to) - self.until(from),
            known: self.knows_all(from.min(to), from.max(to)),
        }
    }

    /// Whether all days after `from`, up to and with `to`, are certain.
    fn knows_all(&self, from: Date, to: Date) -> bool {
        let Ok(first) = from.tomorrow() else { return true };
        (first.year()..=to.year()).all(|year| {
            let settled = self.years.contains(&year);
            let parts = [
                ((1, 1), (12, SETTLED_UNTIL), settled),
                ((12, SETTLED_UNTIL + 1), (12, 31), settled && self.years.contains(&(year + 1))),
            ];
            parts.into_iter().all(|(begin, end, settled)| {
                let begin = Date::new(year, begin.0, begin.1).map_or(first, |day| day.max(first));
                let end = Date::new(year, end.0, end.1).map_or(to, |day| day.min(to));
                settled || begin > end || self.days.range(begin..=end).count() as i64 > number(end) - number(begin)
            })
        })
    }

    /// Working days from 1 January 1 up to and with a day.
    fn until(&self, day: Date) -> i64 {
        let days = number(day);
        let (weeks, rest) = (days.div_euclid(7), days.rem_euclid(7));
        // Day 0, 1 January 1, is a Monday.
        let usual = weeks * 5 + (rest + 1).min(5);
        let at = self.drift.partition_point(|(other, _)| *other <= day);
        let drift = at.checked_sub(1).and_then(|at| self.drift.get(at)).map_or(0, |(_, sum)| *sum);
        usual + i64::from(drift)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Monday, 1 January 1.
const FIRST: Date = jiff::civil::date(1, 1, 1);

/// Days since 1 January 1.
fn number(day: Date) -> i64 {
    day.duration_since(FIRST).as_hours() / 24
}

fn day_of(number: i64) -> Date {
    FIRST
        .checked_add(jiff::SignedDuration::from_hours(number * 24))
        .unwrap_or(Date::MAX)
}
