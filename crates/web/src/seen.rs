//! Which columns of what is shown are masked for the reader, and why: a line beside the rows.

use desk::view::{MaskedColumn, Seen};
use kernel::Lang;

use crate::frame::Frame;
use crate::html::{Html, escape};

/// Columns named at most; the rest are counted.
const NAMED: usize = 12;

/// Nothing where nothing is masked and nothing above L2 is shown.
pub(crate) fn note(f: &Frame, seen: &Seen) -> Html {
    let why = escape(f.text(&seen.why));
    if !seen.masked.is_empty() {
        let column = |column: &MaskedColumn| {
            let (grade, title, how) = (f.grade_badge(column.grade), escape(f.text(&column.title)), escape(f.text(&column.mask_title)));
            format!("<li>{title} <code>{}</code> {grade} {how} <code>{}</code></li>", escape(&column.name), escape(&column.mask))
        };
        let listed: String = seen.masked.iter().take(NAMED).map(column).collect();
        let more = match (seen.masked.len().saturating_sub(NAMED), f.lang) {
            (0, _) => String::new(),
            (n, Lang::Zh) => format!("<li>另有 {n} 列</li>"),
            (n, Lang::En) => format!("<li>{n} more</li>"),
        };
        let said = f.t1("seen-masked", &("n", seen.masked.len()));
        return Html(format!("<details class=\"seen\"><summary>{} {why}</summary><ul>{listed}{more}</ul></details>", escape(&said)));
    }
    if !seen.whole.is_empty() {
        return Html(format!("<p class=\"what seen\" role=\"note\">{} {why}</p>", escape(&f.t1("seen-whole", &("n", seen.whole.len())))));
    }
    Html::default()
}
