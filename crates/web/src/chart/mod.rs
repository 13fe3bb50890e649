//! Charts, drawn on the server by pure functions. What can be a table is one: a bar list is a table whose
//! cells hold bars. Everything else has a title, a description, and its table behind it.
//! Shapes stretch to their box and hold no text, so that labels keep the reader's type size on every screen.

mod bars;
mod line;
mod map;
mod share;

pub use bars::{Bar, bars};
pub use line::{histogram, line, sparkline};
pub use map::{District, Districts, Shade};
pub use share::{Part, fill, share};

use crate::html::{Html, escape};
use crate::say::Say;

/// The table behind a drawing, folded away until asked for.
pub fn twin(say: &Say, caption: &str, heads: [&str; 2], rows: &[(String, String)]) -> Html {
    let mut out = format!(
        "<details class=\"twin\"><summary>{}</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\"><table><caption class=\"vh\">{caption}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"num\">{}</th></tr></thead><tbody>",
        escape(&say.t("chart-table")),
        escape(heads[0]),
        escape(heads[1]),
        caption = escape(caption),
    );
    for (label, value) in rows {
        out.push_str(&format!("<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td></tr>", escape(label), escape(value)));
    }
    out.push_str("</tbody></table></div></details>");
    Html(out)
}

/// A number for an SVG attribute: at most one decimal.
pub(crate) fn coordinate(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// `value` as a share of `whole` on a scale of `size`, kept inside it; 0 where there is no whole.
fn scaled(value: f64, whole: f64, size: f64) -> f64 {
    if whole > 0.0 && value.is_finite() { (value / whole * size).clamp(0.0, size) } else { 0.0 }
}
