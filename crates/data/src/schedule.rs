//! When a resource is to be collected: cron with jitter, and hours in which the source is left alone.
//! Pure: it is told the moment and the city's time zone.

mod blackout;

use std::hash::{DefaultHasher, Hash, Hasher};

use cronexpr::{Crontab, MakeTimestamp};
use jiff::tz::TimeZone;
use kernel::{Moment, Text};

use crate::City;
use crate::declare::{Catalogue, Resource, RunDays, Schedule};
use crate::workday::Calendar;
pub use blackout::Blackout;

const MINUTE: i64 = 60 * 1_000_000;
/// Longest jitter, in minutes: a day.
pub const JITTER_MAX: u32 = 24 * 60;
/// A source that is never free for so many days is declared wrongly.
const SEARCH_DAYS: i64 = 15;
/// No calendar has so many days off without a working day between them on which a time would fall.
const DAYS_OFF_MAX: usize = 370;

/// The schedule of one resource, ready to be asked.
#[derive(Clone, Debug)]
pub struct Timetable {
    /// Seed of the jitter.
    id: String,
    times: Option<Times>,
    jitter_minutes: u32,
    blackouts: Vec<Blackout>,
    zone: TimeZone,
}

impl Timetable {
    /// The schedule of a resource in its city: its own cron before that of its system, the blackouts of both.
    /// What a checked city cannot contain (a wrong expression) is left out.
    pub fn of(city: &City, resource: &Resource) -> Timetable {
        let system = city.systems.get(&resource.system).and_then(|system| system.schedule.as_ref());
        let both = [resource.schedule.as_ref(), system];
        let all = || both.iter().filter_map(|schedule| *schedule);
        let timed = all().find(|schedule| schedule.cron.is_some());
        Timetable {
            id: resource.id.clone(),
            times: timed.and_then(|schedule| Times::of(city, schedule.cron.as_deref()?, schedule.days)),
            jitter_minutes: all().map(|schedule| schedule.jitter_minutes).find(|minutes| *minutes > 0).unwrap_or(0).min(JITTER_MAX),
            blackouts: all().flat_map(|schedule| &schedule.blackout).filter_map(|text| Blackout::read(text).ok()).collect(),
            zone: zone(city),
        }
    }

    /// The schedule of a catalogue that is harvested.
    pub fn of_catalogue(city: &City, catalogue: &Catalogue) -> Timetable {
        let schedule = catalogue.schedule.clone().unwrap_or_default();
        Timetable {
            id: format!("catalogs/{}", catalogue.id),
            times: schedule.cron.as_deref().and_then(|cron| Times::of(city, cron, schedule.days)),
            jitter_minutes: schedule.jitter_minutes.min(JITTER_MAX),
            blackouts: schedule.blackout.iter().filter_map(|text| Blackout::read(text).ok()).collect(),
            zone: zone(city),
        }
    }

    /// Whether hours are declared; otherwise the update period tells when it is due.
    pub fn timed(&self) -> bool {
        self.times.is_some()
    }

    /// The next time of the cron expression after a moment, before jitter and blackouts.
    pub fn next_nominal(&self, after: Moment) -> Option<Moment> {
        self.times.as_ref()?.next(after)
    }

    /// When a run should begin that follows one begun at `last`: the next time of the cron expression, and jitter.
    /// `None` without a cron expression, or when it never comes again.
    pub fn next_after(&self, last: Moment) -> Option<Moment> {
        self.next_nominal(last).map(|next| self.jittered(next))
    }

    /// The same moment, later by this resource's part of the jitter: always the same for the same moment.
    pub fn jittered(&self, moment: Moment) -> Moment {
        if self.jitter_minutes == 0 {
            return moment;
        }
        let mut hasher = DefaultHasher::new();
        (&self.id, moment).hash(&mut hasher);
        let span = i64::from(self.jitter_minutes) * MINUTE;
        Moment(moment.0 + (hasher.finish() >> 1) as i64 % span)
    }

    /// The first moment from `from` on at which the source may be read. `None`: not within the next two weeks.
    pub fn free_from(&self, from: Moment) -> Option<Moment> {
        let mut at = from;
        let last = Moment(from.0 + SEARCH_DAYS * 24 * 60 * MINUTE);
        while at <= last {
            let zoned = at.to_jiff().to_zoned(self.zone.clone());
            match self.blackouts.iter().filter_map(|blackout| blackout.end_if_inside(&zoned)).max() {
                None => return Some(at),
                Some(end) => at = Moment::from_jiff(end),
            }
        }
        None
    }

    /// The blackouts that fall into a day, as minutes since its midnight.
    pub fn blackouts_of_day(&self, midnight: Moment) -> Vec<(u16, u16)> {
        let day = midnight.to_jiff().to_zoned(self.zone.clone()).date();
        self.blackouts.iter().flat_map(|blackout| blackout.of_day(day)).collect()
    }

    /// The midnight with which the day of a moment begins in the city.
    pub fn midnight(&self, moment: Moment) -> Moment {
        let day = moment.to_jiff().to_zoned(self.zone.clone()).start_of_day();
        day.map_or(moment, |zoned| Moment::from_jiff(zoned.timestamp()))
    }
}

/// The times of a cron expression by the city's clocks.
#[derive(Clone, Debug)]
pub struct Times {
    cron: Crontab,
    /// Where only working days count, the calendar that tells them.
    calendar: Option<Calendar>,
    zone: TimeZone,
}

impl Times {
    /// `None` for an expression that a checked city cannot contain.
    pub fn of(city: &City, expression: &str, days: RunDays) -> Option<Times> {
        let calendar = (days == RunDays::Workdays).then(|| city.calendar());
        Some(Times { cron: cron(expression, &city.info.time_zone).ok()?, calendar, zone: zone(city) })
    }

    /// The first one after a moment. `None`: it never comes, or on no working day of a year.
    pub fn next(&self, after: Moment) -> Option<Moment> {
        let mut from = after.to_jiff();
        for _ in 0..DAYS_OFF_MAX {
            let next = self.cron.find_next(MakeTimestamp::from(from)).ok()?.timestamp();
            let day = next.to_zoned(self.zone.clone()).date();
            if self.calendar.as_ref().is_none_or(|calendar| calendar.is_working(day)) {
                return Some(Moment::from_jiff(next));
            }
            // On from the last moment of that day.
            let midnight = day.tomorrow().ok()?.to_zoned(self.zone.clone()).ok()?.timestamp();
            from = midnight.checked_sub(jiff::SignedDuration::from_micros(1)).ok()?;
        }
        None
    }
}

fn zone(city: &City) -> TimeZone {
    TimeZone::get(&city.info.time_zone).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}

/// Reads a cron expression in the city's time zone.
fn cron(expression: &str, zone: &str) -> Result<Crontab, Text> {
    if expression.split_whitespace().count() != 5 {
        return Err(Text::new(
            "cron 表达式应有五段：分 时 日 月 周，例如每天 2:30 写作 `30 2 * * *`",
            "a cron expression has five fields: minute hour day month weekday; 2:30 every day is `30 2 * * *`",
        ));
    }
    cronexpr::parse_crontab(&format!("{expression} {zone}")).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches([' ', '^']).to_owned();
        Text::new(format!("cron 表达式有误：{reason}"), format!("the cron expression is wrong: {reason}"))
    })
}

/// What is wrong with a cron expression alone.
pub fn cron_flaw(expression: &str, zone: &str) -> Option<Text> {
    cron(expression, zone).err()
}

/// What is wrong with a declared schedule: the key, and why.
pub fn flaws(schedule: &Schedule, zone: &str) -> Vec<(String, Text)> {
    let mut found = Vec::new();
    if let Some(Err(text)) = schedule.cron.as_deref().map(|expression| cron(expression, zone)) {
        found.push(("cron".to_owned(), text));
    }
    if schedule.cron.is_none() && schedule.days != RunDays::All {
        found.push(("days".to_owned(), Text::new("写了 `days` 就要写 `cron`", "`days` needs `cron`")));
    }
    if schedule.jitter_minutes > JITTER_MAX {
        found.push(("jitter_minutes".to_owned(), Text::new("最多 1440 分钟（一天）", "1440 minutes (a day) at most")));
    }
    let read: Vec<_> = schedule.blackout.iter().map(|text| Blackout::read(text)).collect();
    for (at, blackout) in read.iter().enumerate() {
        if let Err(text) = blackout {
            found.push((format!("blackout.{at}"), text.clone()));
        }
    }
    let blackouts: Vec<Blackout> = read.into_iter().flatten().collect();
    if blackout::covers_week(&blackouts) {
        let text = Text::new("一周之内没有任何可归集的时间", "the whole week is blacked out: it could never be collected");
        found.push(("blackout".to_owned(), text));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times(text: &str, calendar: Option<Calendar>) -> Times {
        Times { cron: cron(text, "Asia/Shanghai").expect("cron"), calendar, zone: TimeZone::get("Asia/Shanghai").expect("zone") }
    }

    fn timetable(cron_text: Option<&str>, jitter_minutes: u32, blackout: &[&str]) -> Timetable {
        Timetable {
            id: "bus".to_owned(),
            times: cron_text.map(|text| times(text, None)),
            jitter_minutes,
            blackouts: blackout.iter().map(|text| Blackout::read(text).expect("blackout")).collect(),
            zone: TimeZone::get("Asia/Shanghai").expect("zone"),
        }
    }

    fn at(text: &str) -> Moment {
        Moment::from_jiff(text.parse().expect("time"))
    }

    #[test]
    fn cron_is_read_in_the_citys_zone() {
        let daily = timetable(Some("30 2 * * *"), 0, &[]);
        assert_eq!(daily.next_after(at("2026-11-26T02:00:00+08:00")), Some(at("2026-11-26T02:30:00+08:00")));
        assert_eq!(daily.next_after(at("2026-11-26T02:30:00+08:00")), Some(at("2026-11-27T02:30:00+08:00")));
        let workdays = timetable(Some("0 6 * * 1-5"), 0, &[]);
        assert_eq!(workdays.next_after(at("2026-11-27T06:00:00+08:00")), Some(at("2026-11-30T06:00:00+08:00")));
    }

    #[test]
    fn working_days_are_those_of_the_notices() {
        let early = times("0 6,7 * * *", Some(Calendar::national()));
        assert_eq!(early.next(at("2025-09-30T06:30:00+08:00")), Some(at("2025-09-30T07:00:00+08:00")));
        assert_eq!(early.next(at("2025-09-30T07:00:00+08:00")), Some(at("2025-10-09T06:00:00+08:00")), "eight days off");
        assert_eq!(early.next(at("2025-10-10T07:00:00+08:00")), Some(at("2025-10-11T06:00:00+08:00")), "a Saturday worked in return");
        // A time that only ever falls on a day off never comes.
        assert_eq!(times("0 6 1 10 *", Some(Calendar::national())).next(at("2025-01-01T00:00:00+08:00")).filter(|next| *next < at("2027-01-01T00:00:00+08:00")), None);
    }

    #[test]
    fn a_blackout_is_waited_out_across_midnight_and_into_the_next_one() {
        let night = timetable(None, 0, &["22:00-02:00", "mon-fri 02:00-06:30"]);
        assert_eq!(night.free_from(at("2026-11-26T21:59:00+08:00")), Some(at("2026-11-26T21:59:00+08:00")));
        assert_eq!(night.free_from(at("2026-11-26T23:15:00+08:00")), Some(at("2026-11-27T06:30:00+08:00")));
        // Saturday night: no second blackout on Sunday morning.
        assert_eq!(night.free_from(at("2026-11-28T23:15:00+08:00")), Some(at("2026-11-29T02:00:00+08:00")));
    }

    #[test]
    fn what_is_wrong_is_told_by_key() {
        let schedule = Schedule { cron: Some("61 * * * *".into()), jitter_minutes: 2000, days: RunDays::Workdays, blackout: vec!["8-9".into(), "00:00-24:00".into()] };
        let keys: Vec<String> = flaws(&schedule, "Asia/Shanghai").into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["cron", "jitter_minutes", "blackout.0", "blackout"]);
        assert!(flaws(&Schedule { cron: Some("* * *".into()), ..Schedule::default() }, "Asia/Shanghai")[0].1.en.contains("five fields"));
    }

    proptest! {
        /// Jitter only delays, by less than declared, and the same moment by the same time.
        #[test]
        fn jitter_delays_within_its_bound(minutes in 1u32..=JITTER_MAX, moment in 0i64..4_000_000_000_000_000) {
            let table = timetable(None, minutes, &[]);
            let late = table.jittered(Moment(moment));
            prop_assert!(late >= Moment(moment) && late.0 < moment + i64::from(minutes) * MINUTE);
            prop_assert_eq!(late, table.jittered(Moment(moment)));
        }

        /// A free moment is free, and nothing between the asked and the given moment is.
        #[test]
        fn the_first_free_moment_is_the_first(minute in 0i64..60 * 24 * 14, start in 0u16..1440, length in 1u16..1440, day in 0usize..7) {
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let end = (start + length) % 1440;
            prop_assume!(start != end);
            let text = format!("{} {:02}:{:02}-{:02}:{:02}", names[day], start / 60, start % 60, end / 60, end % 60);
            let table = timetable(None, 0, &[&text, "12:00-13:00"]);
            let from = Moment(at("2026-11-23T00:00:00+08:00").0 + minute * MINUTE);
            let free = table.free_from(from).expect("a free moment");
            prop_assert_eq!(table.free_from(free), Some(free));
            let mut between = from;
            while between < free {
                prop_assert_eq!(table.free_from(between), Some(free));
                between = Moment(between.0 + MINUTE);
            }
        }
    }
}
