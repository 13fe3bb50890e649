//! By which day a defect must be mended.

use jiff::civil::{Date, Weekday};

/// The day that lies so many working days after another; the first one counted is the day after. Saturdays and Sundays
/// are no working days.
pub fn due(start: Date, days: u32) -> Date {
    let mut day = start;
    let mut left = days.min(DAYS_MAX);
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    day
}

/// Longer clocks than this are as good as none.
pub const DAYS_MAX: u32 = 400;
