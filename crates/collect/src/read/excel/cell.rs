//! What a cell shows, as text: whole numbers without a point, dates as ISO 8601.

use std::fmt::Write;

use calamine::{Data, DataRef, ExcelDateTime};

pub(crate) fn write(value: &Data, into: &mut String) {
    match value {
        Data::Int(n) => number(*n as f64, Some(*n), into),
        Data::Float(n) => number(*n, None, into),
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => into.push_str(s),
        Data::Bool(b) => into.push_str(if *b { "TRUE" } else { "FALSE" }),
        Data::DateTime(moment) => date(moment, into),
        Data::Error(e) => {
            let _ = write!(into, "{e}");
        }
        Data::Empty => {}
    }
}

pub(crate) fn write_ref(value: &DataRef<'_>, into: &mut String) {
    match value {
        DataRef::Int(n) => number(*n as f64, Some(*n), into),
        DataRef::Float(n) => number(*n, None, into),
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => into.push_str(s),
        DataRef::SharedString(s) => into.push_str(s),
        DataRef::Bool(b) => into.push_str(if *b { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(moment) => date(moment, into),
        DataRef::Error(e) => {
            let _ = write!(into, "{e}");
        }
        DataRef::Empty => {}
    }
}

/// Excel keeps every number as a float: codes of up to 15 digits are exact in it and come out as they went in.
fn number(value: f64, whole: Option<i64>, into: &mut String) {
    let _ = match whole {
        Some(n) => write!(into, "{n}"),
        None if value == 0.0 => write!(into, "0"),
        None if value.abs() >= 1e21 || value.abs() < 1e-9 => write!(into, "{value:e}"),
        None => write!(into, "{value}"),
    };
}

fn date(moment: &ExcelDateTime, into: &mut String) {
    let value = moment.as_f64();
    if moment.is_duration() {
        let seconds = (value * 86_400.0).round();
        let (sign, s) = (if seconds < 0.0 { "-" } else { "" }, seconds.abs() as u64);
        let _ = write!(into, "{sign}{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
        return;
    }
    if !(0.0..2_958_466.0).contains(&value) {
        return number(value, None, into);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    if value >= 1.0 {
        let _ = write!(into, "{year:04}-{month:02}-{day:02}");
        if (hour, minute, second, milli) == (0, 0, 0, 0) {
            return;
        }
        into.push(' ');
    }
    let _ = write!(into, "{hour:02}:{minute:02}:{second:02}");
    if milli > 0 {
        let _ = write!(into, ".{milli:03}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    #[test]
    fn cells_show_what_a_person_typed() {
        for (value, expected) in [
            (Data::Float(4_111_010_001.0), "4111010001"),
            (Data::Float(0.1), "0.1"),
            (Data::Float(-0.0), "0"),
            (Data::Float(1e300), "1e300"),
            (Data::Float(330_203_199_001_010_000.0), "330203199001010000"),
            (Data::DateTime(ExcelDateTime::new(45_943.0, DateTime, false)), "2025-10-13"),
            (Data::DateTime(ExcelDateTime::new(45_943.541, DateTime, false)), "2025-10-13 12:59:02.400"),
            (Data::DateTime(ExcelDateTime::new(0.5, DateTime, false)), "12:00:00"),
            (Data::DateTime(ExcelDateTime::new(1.5, TimeDelta, false)), "36:00:00"),
            (Data::Bool(true), "TRUE"),
        ] {
            let mut text = String::new();
            write(&value, &mut text);
            assert_eq!(text, expected);
        }
    }
}
