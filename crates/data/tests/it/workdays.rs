//! The laws of counting working days, and periods that officers know.

use data::workday::{Calendar, Clock, DayKind, ExtraDays, Pause, Reading};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn day() -> impl Strategy<Value = Date> {
    (0i64..20_000).prop_map(|n| date(1995, 1, 1).checked_add(jiff::SignedDuration::from_hours(n * 24)).unwrap())
}

fn own_days() -> impl Strategy<Value = Vec<ExtraDays>> {
    let span = (day(), 0i64..9, any::<bool>()).prop_map(|(from, length, working)| ExtraDays {
        from: from.to_string(),
        to: Some(from.checked_add(jiff::SignedDuration::from_hours(length * 24)).unwrap().to_string()),
        working,
        occasion: "市里的日子".into(),
    });
    prop::collection::vec(span, 0..12)
}

/// Counting as a person would: one day after the other.
fn walk(calendar: &Calendar, from: Date, to: Date) -> i64 {
    from.series(jiff::Span::new().days(1))
        .skip(1)
        .take_while(|day| *day <= to)
        .filter(|day| calendar.is_working(*day))
        .count() as i64
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Counting by the table is counting day by day, and adding is its inverse.
    #[test]
    fn counting_and_adding_are_inverse(own in own_days(), from in day(), to in day(), n in 0u32..900, m in 1u32..900) {
        let calendar = Calendar::with(&own, &[2027]).unwrap();
        if from <= to {
            prop_assert_eq!(calendar.working_days_between(from, to).value, walk(&calendar, from, to));
        }
        prop_assert_eq!(calendar.working_days_between(from, to).value, -calendar.working_days_between(to, from).value);
        let reached = calendar.add_working_days(from, n).unwrap().value;
        prop_assert_eq!(calendar.working_days_between(from, reached).value, i64::from(n));
        let right = if n == 0 { reached == from } else { calendar.is_working(reached) };
        prop_assert!(right);
        // One step after the other is one long step.
        let further = calendar.add_working_days(reached, m).unwrap().value;
        prop_assert_eq!(calendar.add_working_days(from, n + m).unwrap().value, further);
        prop_assert!(further > reached);
    }

    /// A period ends on a working day of its own; what is left falls by one with each working day that counts, and never rises.
    #[test]
    fn a_period_runs_down(start in day(), allowed in 1u32..60, pauses in prop::collection::vec((-20i64..90, 0i64..25), 0..4)) {
        let calendar = Calendar::national();
        let after = |n: i64| start.checked_add(jiff::SignedDuration::from_hours(n * 24)).unwrap();
        let pauses: Vec<Pause> = pauses.into_iter().map(|(at, length)| Pause { from: after(at), to: Some(after(at + length)) }).collect();
        let clock = Clock { start, allowed, pauses };
        let paused = |day: Date| clock.pauses.iter().any(|pause| pause.from <= day && pause.to.unwrap() >= day);
        let due = clock.due(&calendar).unwrap().value;
        let counted = |day: Date| day > start && calendar.is_working(day) && !paused(day);
        let mut left = i64::from(allowed);
        for day in start.series(jiff::Span::new().days(1)).take_while(|day| *day <= due) {
            let told = match clock.reading(&calendar, day) {
                Reading::Running { left, due: Some(told) } => { prop_assert!(!paused(day) && told.value == due); left }
                Reading::Paused { left } => { prop_assert!(paused(day)); left }
                other => return Err(TestCaseError::fail(format!("{day}: {other:?}"))),
            };
            prop_assert_eq!(told, left, "{}", day);
            left -= i64::from(counted(day));
        }
        prop_assert_eq!(left, 0);
        prop_assert!(counted(due));
        let reading = clock.reading(&calendar, due.tomorrow().unwrap());
        prop_assert!(matches!(reading, Reading::Late { by: 0 | 1, .. }), "{:?}", reading);
    }
}

#[test]
fn days_as_officers_know_them() {
    let calendar = Calendar::national();
    let told = |year, month, day| {
        let fact = calendar.day(date(year, month, day));
        (fact.kind, fact.occasion, fact.known)
    };
    assert_eq!(told(2026, 2, 14), (DayKind::MadeUp, "春节".into(), true));
    assert_eq!(told(2026, 2, 23), (DayKind::Holiday, "春节".into(), true));
    assert_eq!(told(2026, 2, 24), (DayKind::Working, String::new(), true));
    assert_eq!(told(2005, 12, 31), (DayKind::MadeUp, "元旦".into(), true));
    assert_eq!(told(2026, 11, 28), (DayKind::Weekend, String::new(), true));
    // Before the notices, beyond them, and where the next one may still move a day.
    assert_eq!(told(2003, 10, 1), (DayKind::Working, String::new(), false));
    assert_eq!(told(2030, 10, 1), (DayKind::Working, String::new(), false));
    assert_eq!(told(2026, 12, 31), (DayKind::Working, String::new(), false));

    // Seven working days from the eve of the long holiday of 2026: 10 October is worked.
    let due = calendar.add_working_days(date(2026, 9, 30), 7).unwrap();
    assert_eq!((due.value, due.known), (date(2026, 10, 15), true));
    assert!(!calendar.add_working_days(date(2026, 12, 20), 20).unwrap().known);
    assert_eq!(calendar.add_working_days(date(2026, 1, 1), 10_001), None);
    assert_eq!(calendar.add_working_days(date(9999, 12, 30), 5), None);
}

#[test]
fn a_city_declares_its_own_days() {
    let days = |from: &str, to: Option<&str>, working| ExtraDays {
        from: from.into(),
        to: to.map(Into::into),
        working,
        occasion: "台风停工".into(),
    };
    let calendar = Calendar::with(
        &[days("2026-07-29", Some("2026-07-30"), false), days("2026-08-01", None, true)],
        &[],
    )
    .unwrap();
    assert_eq!(calendar.day(date(2026, 7, 29)).kind, DayKind::Holiday);
    assert_eq!(calendar.day(date(2026, 8, 1)).kind, DayKind::MadeUp);
    assert_eq!(calendar.working_days_between(date(2026, 7, 27), date(2026, 8, 2)).value, 3);
    let message = |days| Calendar::with(&[days], &[]).unwrap_err().0.zh;
    assert_eq!(
        message(days("2026-07-30", Some("2026-07-29"), false)),
        "“台风停工”的最后一天 2026-07-29 早于第一天 2026-07-30"
    );
    assert_eq!(message(days("7月30日", None, false)), "`7月30日` 不是日期，应写成 2027-01-01");
    assert_eq!(message(days("2000-01-01", Some("2100-01-01"), false)), "声明的日子多于 4000 天");
}

/// Nothing runs while material is awaited, and what is left then is what is left afterwards.
#[test]
fn a_pause_without_an_end_has_no_due_day() {
    let calendar = Calendar::national();
    let mut clock = Clock {
        start: date(2026, 11, 2),
        allowed: 5,
        pauses: vec![Pause {
            from: date(2026, 11, 5),
            to: None,
        }],
    };
    assert_eq!(clock.due(&calendar), None);
    assert_eq!(clock.reading(&calendar, date(2026, 11, 4)), Reading::Running { left: 4, due: None });
    assert_eq!(clock.reading(&calendar, date(2026, 11, 20)), Reading::Paused { left: 3 });
    clock.pauses[0].to = Some(date(2026, 11, 20));
    assert_eq!(clock.due(&calendar).unwrap().value, date(2026, 11, 25));
    assert_eq!(
        clock.reading(&calendar, date(2026, 11, 21)),
        Reading::Running {
            left: 3,
            due: clock.due(&calendar)
        }
    );
}
