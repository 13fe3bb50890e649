//! Prints every day of the notices with 1 where people work and 0 where they do not; `scripts/compare-workdays` reads it.

use data::workday::Calendar;
use jiff::civil::date;

fn main() {
    let calendar = Calendar::national();
    for day in date(2004, 1, 1)
        .series(jiff::Span::new().days(1))
        .take_while(|day| day.year() <= 2026)
    {
        println!("{day}\t{}", i32::from(calendar.is_working(day)));
    }
}
