//! The notices as a table: each holiday's days off, and the days of weekends on which people work for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

/// Days of the notices with whether people work on them and for which holiday, and the years that have a notice.
pub(super) fn notices() -> (BTreeMap<Date, (bool, String)>, BTreeSet<i16>) {
    let mut days = BTreeMap::new();
    let mut years = BTreeSet::new();
    for (holiday, off, worked) in rows() {
        for day in off {
            days.insert(day, (false, holiday.to_owned()));
            years.insert(day.year());
        }
        for day in worked {
            days.insert(day, (true, holiday.to_owned()));
        }
    }
    (days, years)
}

fn rows() -> impl Iterator<Item = (&'static str, Vec<Date>, Vec<Date>)> {
    include_str!("../../reference/workdays.csv").lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        let (holiday, off, worked) = (fields.next()?, fields.next()?, fields.next()?);
        let (first, last) = off.split_once('/')?;
        let (first, last): (Date, Date) = (first.parse().ok()?, last.parse().ok()?);
        let off = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).collect();
        Some((holiday, off, worked.split(' ').filter_map(|day| day.parse().ok()).collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_no_day_is_off_and_worked() {
        let lines = include_str!("../../reference/workdays.csv").lines().skip(1).count();
        assert_eq!(rows().count(), lines);
        let mut off = BTreeSet::new();
        let mut worked = BTreeSet::new();
        for (holiday, days, others) in rows() {
            assert!(!days.is_empty() && days.iter().all(|day| off.insert(*day)), "{holiday} {days:?}");
            assert!(
                others.iter().all(|day| worked.insert(*day) && super::super::is_weekend(*day)),
                "{holiday} {others:?}"
            );
        }
        assert!(off.is_disjoint(&worked));
        assert_eq!(notices().1, (2004..=2026).collect());
    }
}
