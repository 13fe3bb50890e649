//! What all that is posted again and again until somebody takes it has in common: when it is tried next, and how an address is shown.

use std::time::Duration;

use kernel::Moment;

/// Seconds until the next try: the first pause, doubled so often, and never more than the longest.
pub(crate) fn pause(doublings: u64, first: i64, longest: i64) -> i64 {
    let doublings = u32::try_from(doublings).unwrap_or(u32::MAX);
    first.saturating_mul(2_i64.saturating_pow(doublings)).min(longest)
}

/// Seconds that whoever is told asks to be left alone, at most so many; 0 where nothing was asked.
pub(crate) fn asked(pause: Option<Duration>, most: i64) -> i64 {
    pause.map_or(0, |pause| i64::try_from(pause.as_secs()).unwrap_or(most).min(most))
}

pub(crate) fn later(now: Moment, seconds: i64) -> Moment {
    Moment(now.0.saturating_add(seconds.saturating_mul(1_000_000)))
}

/// The host of an address, as far as it stands there; more of it may be secret.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default()
}
