//! A period in working days (时限): when it ends, and what is left of it.

use jiff::civil::Date;

use super::{Calendar, Counted};

/// A time in which the period does not run: an expert's report, a public notice, material to be handed in.
/// 行政许可法 §45 lets such days go uncounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The first day that does not count.
    pub from: Date,
    /// The last one; `None` while it lasts.
    pub to: Option<Date>,
}

/// A period of so many working days, beginning the day after `start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    pub start: Date,
    pub allowed: u32,
    pub pauses: Vec<Pause>,
}

/// How a period stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// So many working days are left, today among them if people work today. `due` is `None` before a pause without end.
    Running { left: i64, due: Option<Counted<Date>> },
    /// It does not run today. So many working days are left when it runs again.
    Paused { left: i64 },
    /// It is over, by so many working days; 0 on the weekend after the last day.
    Late { by: i64, due: Counted<Date> },
}

impl Clock {
    /// The last day of the period; `None` while it is paused without an end, or beyond what can be counted.
    pub fn due(&self, calendar: &Calendar) -> Option<Counted<Date>> {
        let mut due = calendar.add_working_days(self.start, self.allowed)?;
        // Each working day without counting pushes the end, perhaps into the next pause: those begun later are looked
        // at when they are reached. The pauses are put together first, so that none counts twice.
        for (from, to) in self.merged() {
            if from > due.value {
                break;
            }
            let to = to?;
            let lost = self.lost(calendar, from, to);
            let further = calendar.add_working_days(due.value, u32::try_from(lost.value).ok()?)?;
            due = Counted {
                value: further.value,
                known: due.known && lost.known && further.known,
            };
        }
        Some(due)
    }

    /// How it stands on a day.
    pub fn reading(&self, calendar: &Calendar, today: Date) -> Reading {
        let due = self.due(calendar);
        if let Some(due) = due.filter(|due| today > due.value) {
            return Reading::Late {
                by: calendar.working_days_between(due.value, today).value,
                due,
            };
        }
        let left = i64::from(self.allowed) - self.spent(calendar, today.yesterday().unwrap_or(today));
        let pausing = self
            .merged()
            .iter()
            .any(|(from, to)| *from <= today && to.is_none_or(|to| to >= today));
        if pausing {
            Reading::Paused { left }
        } else {
            Reading::Running { left, due }
        }
    }

    /// Working days that have counted, up to and with a day.
    fn spent(&self, calendar: &Calendar, until: Date) -> i64 {
        let until = until.max(self.start);
        let lost = self.merged().into_iter().filter(|(from, _)| *from <= until);
        let lost: i64 = lost
            .map(|(from, to)| self.lost(calendar, from, to.unwrap_or(until).min(until)).value)
            .sum();
        calendar.working_days_between(self.start, until).value - lost
    }

    /// Working days of a pause that would have counted.
    fn lost(&self, calendar: &Calendar, from: Date, to: Date) -> Counted<i64> {
        let before = from.yesterday().unwrap_or(from).max(self.start);
        if to <= before {
            return Counted { value: 0, known: true };
        }
        calendar.working_days_between(before, to)
    }

    /// The pauses in order, those that touch or overlap as one.
    fn merged(&self) -> Vec<(Date, Option<Date>)> {
        let mut sorted: Vec<_> = self
            .pauses
            .iter()
            .filter(|pause| pause.to.is_none_or(|to| to >= pause.from))
            .collect();
        sorted.sort_by_key(|pause| pause.from);
        let mut merged: Vec<(Date, Option<Date>)> = Vec::new();
        for pause in sorted {
            match merged.last_mut() {
                Some((_, None)) => {}
                Some((_, to @ Some(_))) if to.is_some_and(|to| pause.from <= to.tomorrow().unwrap_or(to)) => {
                    *to = pause.to.map(|end| to.map_or(end, |to| to.max(end)));
                }
                _ => merged.push((pause.from, pause.to)),
            }
        }
        merged
    }
}
