//! 使用情况: what grants were used for, by day, channel, purpose and grant, for whoever lends and whoever uses. Counts only: no
//! reading is told of here.

use std::collections::BTreeMap;

use data::share::{Channel, Purpose};
use kernel::Moment;
use serde::Serialize;
use store::share::{GrantUse, UseFilter};

pub use store::share::Concern;

use super::{Named, department, invalid, resource};
use crate::view::Account;
use crate::{Answer, Desk, internal};

/// Days that are shown where nobody says, and at most.
const DAYS: i64 = 30;
const DAYS_MAX: i64 = 366;

/// Which use is asked for.
#[derive(Clone, Debug, Default)]
pub struct UsageFilter {
    pub concern: Concern,
    pub resource: Option<String>,
    pub grant: Option<String>,
    /// The last so many days, today among them; [`DAYS`] when `None`.
    pub days: Option<i64>,
}

/// Counts of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Calls that were answered, and rows of the answers.
    pub calls: u64,
    pub rows: u64,
    /// Calls that were refused and told in the log.
    pub refused: u64,
    /// Calls of a service that gave no answer.
    pub errors: u64,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.calls += other.calls;
        self.rows += other.rows;
        self.refused += other.refused;
        self.errors += other.errors;
    }
}

/// The use of one grant in the period.
#[derive(Clone, Debug, Serialize)]
pub struct GrantUsage {
    pub grant: String,
    pub resource: Named,
    pub provider: Named,
    pub department: Named,
    pub purpose: Purpose,
    #[serde(flatten)]
    pub counts: Counts,
}

/// Use in a period.
#[derive(Clone, Debug, Serialize)]
pub struct UsageView {
    /// First and last day.
    pub from: String,
    pub to: String,
    pub total: Counts,
    /// Each day of the period, the oldest first.
    pub days: Vec<(String, Counts)>,
    pub channels: Vec<(Channel, Counts)>,
    pub purposes: Vec<(Purpose, Counts)>,
    /// The most used first, a thousand at most.
    pub grants: Vec<GrantUsage>,
    /// How long services took for half of the calls, and for 95 of 100, in milliseconds at most; `None` where none was called.
    pub p50: Option<u64>,
    pub p95: Option<u64>,
}

impl Desk {
    /// Officers and analysts: use of grants to the own department and by it; stewards: of all.
    pub async fn usage(&self, who: &Account, filter: &UsageFilter, now: Moment) -> Answer<UsageView> {
        let object = who.all_of("see.grants", "grants");
        self.may(who, "see.grants", &object).await?;
        let days = filter.days.unwrap_or(DAYS);
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(invalid(format!("天数应在 1 到 {DAYS_MAX} 之间"), format!("days are between 1 and {DAYS_MAX}")));
        }
        let today = self.day(now);
        let first = today.checked_sub(jiff::Span::new().days(days - 1)).unwrap_or(today);
        let asked = UseFilter {
            department: object.department,
            concern: filter.concern,
            resource: filter.resource.clone(),
            grant: filter.grant.clone(),
            from: first.to_string(),
            to: today.to_string(),
        };
        let store = self.store();
        let by_day = store.use_by_day(&asked).await.map_err(internal)?;
        let by_grant = store.use_by_grant(&asked).await.map_err(internal)?;
        let speeds = store.speeds(&asked).await.map_err(internal)?;
        let mut view = UsageView {
            from: asked.from,
            to: asked.to,
            total: Counts::default(),
            days: first.series(jiff::Span::new().days(1)).take_while(|day| *day <= today).map(|day| (day.to_string(), Counts::default())).collect(),
            channels: Vec::new(),
            purposes: Vec::new(),
            grants: Vec::new(),
            p50: percentile(&speeds, 50),
            p95: percentile(&speeds, 95),
        };
        let (mut channels, mut purposes): (BTreeMap<Channel, Counts>, BTreeMap<Purpose, Counts>) = Default::default();
        for row in by_day {
            let counts = Counts { calls: row.calls, rows: row.rows, refused: row.refused, errors: row.errors };
            view.total.add(counts);
            if let Some((_, day)) = view.days.iter_mut().find(|(day, _)| *day == row.day) {
                day.add(counts);
            }
            if let Some(channel) = Channel::of(&row.channel) {
                channels.entry(channel).or_default().add(counts);
            }
        }
        for row in by_grant {
            let usage = self.grant_usage(row)?;
            purposes.entry(usage.purpose).or_default().add(usage.counts);
            view.grants.push(usage);
        }
        view.channels = channels.into_iter().collect();
        view.purposes = purposes.into_iter().collect();
        Ok(view)
    }

    fn grant_usage(&self, row: GrantUse) -> Answer<GrantUsage> {
        let city = self.city();
        Ok(GrantUsage {
            resource: resource(&city, &row.resource),
            provider: department(&city, &row.provider),
            department: department(&city, &row.department),
            purpose: super::terms(&row.terms)?.purpose,
            grant: row.lent,
            counts: Counts { calls: row.calls, rows: row.rows, refused: row.refused, errors: row.errors },
        })
    }
}

/// The upper end of the step in which so many of a hundred calls are.
fn percentile(speeds: &[(u64, u64)], of_hundred: u64) -> Option<u64> {
    let total: u64 = speeds.iter().map(|(_, calls)| calls).sum();
    let wanted = (total * of_hundred).div_ceil(100).max(1);
    let mut before = 0;
    for (millis, calls) in speeds {
        before += calls;
        if before >= wanted {
            return Some(store::share::usage::upper(*millis));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_upper_ends_of_steps() {
        let speeds = [(5, 50), (10, 45), (1_000, 5)];
        assert_eq!([50, 51, 95, 96, 100].map(|p| percentile(&speeds, p)), [Some(10), Some(20), Some(20), Some(2_000), Some(2_000)]);
        assert_eq!((percentile(&[], 50), percentile(&[(50_000, 1)], 50)), (None, Some(50_000)));
    }
}
