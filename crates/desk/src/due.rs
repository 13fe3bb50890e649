//! When a resource is due for collection, and when what is here is older than was promised.

use data::declare::UpdatePeriod;
use data::schedule::Timetable;
use kernel::Moment;

use crate::view::Freshness;

const MINUTE: i64 = 60 * 1_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// A failed run is tried again after this long.
const RETRY_MICROS: i64 = 10 * MINUTE;

/// What the desk remembers of a resource's runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct History {
    pub last_success: Option<Moment>,
    pub last_started: Option<Moment>,
    /// The last run failed.
    pub failed: bool,
    /// The last run was cut off by the end of its process.
    pub interrupted: bool,
}

/// Longest time between two deliveries that keeps the promise; `None` where nothing was promised.
pub fn promised_micros(period: UpdatePeriod) -> Option<i64> {
    match period {
        UpdatePeriod::Continuous => Some(5 * MINUTE),
        UpdatePeriod::Daily => Some(DAY),
        UpdatePeriod::Weekly => Some(7 * DAY),
        UpdatePeriod::Monthly => Some(31 * DAY),
        UpdatePeriod::Quarterly => Some(92 * DAY),
        UpdatePeriod::HalfYearly => Some(184 * DAY),
        UpdatePeriod::Yearly => Some(366 * DAY),
        UpdatePeriod::Irregular => None,
    }
}

/// The earliest moment at which a resource is to be collected next; `Moment(0)` for "at once", `None` for "only when
/// somebody asks". Hours in which the source is left alone are for the caller to add ([`is_due`]).
pub fn next_run(table: &Timetable, period: UpdatePeriod, history: History) -> Option<Moment> {
    if history.interrupted {
        return Some(Moment(0));
    }
    if history.failed {
        let retry = history.last_started.map_or(Moment(0), |started| Moment(started.0 + RETRY_MICROS));
        return Some(retry);
    }
    match history.last_success {
        None => Some(Moment(0)),
        Some(last) if table.timed() => table.next_after(history.last_started.unwrap_or(last)),
        Some(last) => promised_micros(period).map(|promised| table.jittered(Moment(last.0 + promised))),
    }
}

/// Whether to collect now: its time has come, and the source may be read at this hour.
pub fn is_due(table: &Timetable, period: UpdatePeriod, history: History, now: Moment) -> bool {
    next_run(table, period, history).is_some_and(|next| next <= now) && table.free_from(now) == Some(now)
}

/// Stale only when the promise is overdue by a tenth, so that a run at its hour is not late by its own length.
pub fn freshness(period: UpdatePeriod, history: History, now: Moment) -> Freshness {
    if history.failed {
        return Freshness::Failed;
    }
    match (history.last_success, promised_micros(period)) {
        (None, _) => Freshness::Never,
        (Some(last), Some(promised)) if now.0 - last.0 > promised + promised / 10 => Freshness::Stale,
        _ => Freshness::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use data::City;
    use data::declare::Schedule;

    use super::*;

    /// The first resource of a small city, scheduled as given.
    fn table(schedule: Schedule) -> Timetable {
        let files = [
            ("city.toml", "title = \"甬\"\ndivision = \"330200\""),
            ("departments/d.toml", "title = \"局\"\nuscc = \"113302000029290324\""),
            ("systems/s.toml", "title = \"系统\"\ndepartment = \"d\"\nconnector = { kind = \"files\", path = \"x\" }"),
            (
                "resources/r.toml",
                "title = \"资源\"\ncode = \"330/1\"\nsummary = \"一\"\nsystem = \"s\"\nclass = \"department\"\nshare = \"unconditional\"\nopen = \"unconditional\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"a.csv\"\n[[item]]\nname = \"a\"\ntitle = \"甲\"\nstandard = \"text\"",
            ),
        ];
        let files = files.map(|(path, text)| data::city::SourceFile { path: path.into(), text: text.into() });
        let (city, _) = City::read(&files);
        let mut city = city.unwrap_or_else(|| panic!("{:?}", City::read(&files).1));
        let mut resource = city.resources.remove("r").expect("resource");
        resource.schedule = Some(schedule);
        Timetable::of(&city, &resource)
    }

    fn by_period() -> Timetable {
        table(Schedule::default())
    }

    fn seen(days_ago: i64, now: Moment) -> History {
        History { last_success: Some(Moment(now.0 - days_ago * DAY)), ..History::default() }
    }

    #[test]
    fn a_daily_resource_is_due_after_a_day_and_stale_a_little_later() {
        let now = Moment(100 * DAY);
        assert!(!is_due(&by_period(), UpdatePeriod::Weekly, seen(1, now), now));
        assert!(is_due(&by_period(), UpdatePeriod::Daily, seen(1, now), now));
        assert_eq!(freshness(UpdatePeriod::Daily, seen(1, now), now), Freshness::Fresh);
        assert_eq!(freshness(UpdatePeriod::Daily, seen(2, now), now), Freshness::Stale);
        assert_eq!(freshness(UpdatePeriod::Irregular, seen(900, now), now), Freshness::Fresh);
        assert_eq!(freshness(UpdatePeriod::Daily, History::default(), now), Freshness::Never);
    }

    #[test]
    fn an_interrupted_run_goes_on_at_once_and_a_failed_one_waits() {
        let now = Moment(100 * DAY);
        let cut = History { interrupted: true, ..seen(0, now) };
        assert!(is_due(&by_period(), UpdatePeriod::Yearly, cut, now));
        let failed = History { failed: true, last_started: Some(Moment(now.0 - MINUTE)), ..History::default() };
        assert!(!is_due(&by_period(), UpdatePeriod::Daily, failed, now));
        assert!(is_due(&by_period(), UpdatePeriod::Daily, failed, Moment(now.0 + RETRY_MICROS)));
    }

    #[test]
    fn cron_goes_before_the_period_and_a_blackout_before_both() {
        let nightly = table(Schedule { cron: Some("0 2 * * *".into()), blackout: vec!["08:00-18:00".into()], ..Schedule::default() });
        // 1970-04-11 08:00 in the city: the daily run of two o'clock was missed, and the source is closed till six.
        let now = Moment(100 * DAY);
        let before = History { last_started: Some(Moment(now.0 - DAY)), ..seen(1, now) };
        assert!(!is_due(&nightly, UpdatePeriod::Daily, before, now));
        assert!(is_due(&nightly, UpdatePeriod::Daily, before, Moment(now.0 + 10 * 60 * MINUTE)));
        // Collected at night: not again before the next night, whatever the period says.
        let done = Moment(now.0 - 6 * 60 * MINUTE);
        let history = History { last_success: Some(done), last_started: Some(done), ..History::default() };
        assert!(!is_due(&nightly, UpdatePeriod::Continuous, history, Moment(now.0 + 11 * 60 * MINUTE)));
        assert_eq!(next_run(&nightly, UpdatePeriod::Continuous, history), Some(Moment(done.0 + DAY)));
        let never = History::default();
        assert!(!is_due(&nightly, UpdatePeriod::Daily, never, now), "not even the first time inside a blackout");
    }
}
