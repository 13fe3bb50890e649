//! By which day a defect must be mended.

use jiff::civil::Date;

use crate::workday::Calendar;

/// The day that lies so many working days of the city after another; the first one counted is the day after.
pub fn due(calendar: &Calendar, start: Date, days: u32) -> Date {
    calendar.add_working_days(start, days.min(DAYS_MAX)).map_or(start, |due| due.value)
}

/// Longer clocks than this are as good as none.
pub const DAYS_MAX: u32 = 400;
