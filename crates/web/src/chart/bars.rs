//! Horizontal bars: a real table, each row with its own bar from a common zero.

use super::{coordinate, scaled};
use crate::html::{Html, escape};

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    pub label: String,
    /// Where the label leads.
    pub href: Option<String>,
    /// Identity colour of a place (0 to 11), as a dot before its name.
    pub place: Option<usize>,
    pub value: f64,
    /// The value as it is read.
    pub shown: String,
}

/// `heads`: what is measured, and its unit. Negative values are shown without a bar.
pub fn bars(caption: &str, heads: [&str; 2], rows: &[Bar]) -> Html {
    let greatest = rows.iter().map(|row| row.value).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let mut out = format!(
        "<table class=\"bars\"><caption class=\"vh\">{}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\" colspan=\"2\" class=\"num\">{}</th></tr></thead><tbody>",
        escape(caption),
        escape(heads[0]),
        escape(heads[1])
    );
    for row in rows {
        let dot = row.place.map(|n| format!("<svg class=\"dot place-{n}\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><circle cx=\"5\" cy=\"5\" r=\"5\"/></svg>")).unwrap_or_default();
        let label = match &row.href {
            Some(href) => format!("<a href=\"{}\">{}</a>", escape(href), escape(&row.label)),
            None => escape(&row.label),
        };
        let width = coordinate(scaled(row.value, greatest, 100.0));
        out.push_str(&format!(
            "<tr><th scope=\"row\">{dot}{label}</th><td class=\"bar\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"10\"/><rect width=\"{width}\" height=\"10\"/></svg></td><td class=\"num\">{}</td></tr>",
            escape(&row.shown)
        ));
    }
    out.push_str("</tbody></table>");
    Html(out)
}
