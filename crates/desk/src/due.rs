//! When a resource is due for collection, and when what is here is older than was promised.

use data::declare::UpdatePeriod;
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
    /// The last delivery waits for a decision: the source may come right by itself.
    pub held: bool,
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

/// Whether to collect now.
pub fn is_due(period: UpdatePeriod, history: History, now: Moment) -> bool {
    if history.interrupted {
        return true;
    }
    if history.failed || history.held {
        return history.last_started.is_none_or(|started| now.0 - started.0 >= RETRY_MICROS);
    }
    match (history.last_success, promised_micros(period)) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(last), Some(promised)) => now.0 - last.0 >= promised,
    }
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
    use super::*;

    fn seen(days_ago: i64, now: Moment) -> History {
        History { last_success: Some(Moment(now.0 - days_ago * DAY)), ..History::default() }
    }

    #[test]
    fn a_daily_resource_is_due_after_a_day_and_stale_a_little_later() {
        let now = Moment(100 * DAY);
        assert!(!is_due(UpdatePeriod::Weekly, seen(1, now), now));
        assert!(is_due(UpdatePeriod::Daily, seen(1, now), now));
        assert_eq!(freshness(UpdatePeriod::Daily, seen(1, now), now), Freshness::Fresh);
        assert_eq!(freshness(UpdatePeriod::Daily, seen(2, now), now), Freshness::Stale);
        assert_eq!(freshness(UpdatePeriod::Irregular, seen(900, now), now), Freshness::Fresh);
        assert_eq!(freshness(UpdatePeriod::Daily, History::default(), now), Freshness::Never);
    }

    #[test]
    fn an_interrupted_run_goes_on_at_once_and_a_failed_one_waits() {
        let now = Moment(100 * DAY);
        let cut = History { interrupted: true, ..seen(0, now) };
        assert!(is_due(UpdatePeriod::Yearly, cut, now));
        let failed = History { failed: true, last_started: Some(Moment(now.0 - MINUTE)), ..History::default() };
        assert!(!is_due(UpdatePeriod::Daily, failed, now));
        assert!(is_due(UpdatePeriod::Daily, failed, Moment(now.0 + RETRY_MICROS)));
    }
}
