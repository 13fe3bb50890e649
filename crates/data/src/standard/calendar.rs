//! Days of the Gregorian calendar, counted from 1970-01-01. Only whole numbers, no clock, no zone.

/// A day that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub year: i32,
    pub month: u32,
    pub day: u32,
}

impl Day {
    /// The day, if the calendar has it, in the years 1000 to 9999.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Day> {
        let exists = (1000..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_length(year, month)).contains(&day);
        exists.then_some(Day { year, month, day })
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i32 {
        // Years are counted from March, so that the leap day is the last one.
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (self.month as i32 + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + self.day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day with this number.
    pub fn from_number(number: i32) -> Day {
        let shifted = number + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        Day { year, month: month as u32, day: day as u32 }
    }
}

/// Days of a month; 0 for a month that does not exist.
pub(super) fn month_length(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// A day as `2026-11-23`.
pub(super) fn show(number: i32) -> String {
    let Day { year, month, day } = Day::from_number(number);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_nine_thousand_years_counts_up_by_one() {
        let mut expected = Day::new(1000, 1, 1).unwrap().number();
        for year in 1000..=9999 {
            for month in 1..=12 {
                for day in 1..=month_length(year, month) {
                    let this = Day::new(year, month, day).unwrap();
                    assert_eq!(this.number(), expected);
                    assert_eq!(Day::from_number(expected), this);
                    expected += 1;
                }
            }
        }
        assert_eq!(Day::new(1970, 1, 1).unwrap().number(), 0);
        assert_eq!(Day::new(2026, 2, 29), None);
    }
}
