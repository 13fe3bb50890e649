//! A day of one resource as a strip: the runs expected, the hours in which the source is left alone, and now.

use desk::schedule::Scheduled;

use crate::frame::Frame;
use crate::html::{Html, escape};

/// 24 hours from left to right. The words beside it say the same, but for the drawn marks.
pub(super) fn day(f: &Frame, s: &Scheduled, blackouts: &[(u16, u16)]) -> Html {
    let zoned = f.now.to_jiff().to_zoned(f.zone.clone());
    let now = i32::from(zoned.hour()) * 60 + i32::from(zoned.minute());
    let title = f.t1("schedule-strip", &("n", s.today.len()));
    let mut out = format!(
        "<svg class=\"strip\" viewBox=\"0 0 1440 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\"><title>{0}</title><rect class=\"track\" width=\"1440\" height=\"100\"/>",
        escape(&title)
    );
    for (start, end) in blackouts {
        out.push_str(&format!("<rect class=\"blackout\" x=\"{start}\" width=\"{}\" height=\"100\"/>", end - start));
    }
    for hour in [6, 12, 18] {
        out.push_str(&format!("<rect class=\"hour\" x=\"{}\" width=\"3\" y=\"70\" height=\"30\"/>", hour * 60));
    }
    for minute in &s.today {
        out.push_str(&format!("<rect class=\"mark\" x=\"{}\" width=\"9\" y=\"15\" height=\"70\"/>", minute.saturating_sub(4)));
    }
    out.push_str(&format!("<rect class=\"now\" x=\"{}\" width=\"6\" height=\"100\"/></svg>", now));
    Html(out)
}
