//! A whole and its parts: a stacked bar whose parts are named beside it, and the small fill of a single share.

use super::{coordinate, scaled};
use crate::html::{Html, escape};

/// A part of the whole. `class` gives colour and mark: `good`, `late`, `wrong`, `calm`, `none`.
#[derive(Clone, Debug)]
pub struct Part {
    pub class: &'static str,
    pub label: String,
    pub value: u64,
    /// The value as it is read.
    pub shown: String,
    pub href: Option<String>,
}

/// A stacked bar with a list that names its parts. Parts that are not empty stay visible, however small.
pub fn share(id: &str, title: &str, parts: &[Part]) -> Html {
    let total: u64 = parts.iter().map(|part| part.value).sum();
    let least = |part: &Part| if part.value > 0 { 0.8 } else { 0.0 };
    let room = 100.0 - parts.iter().map(least).sum::<f64>();
    let mut out = format!(
        "<figure class=\"share\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"{id}-t\"><title id=\"{id}-t\">{}</title><rect class=\"track\" width=\"100\" height=\"10\"/>",
        escape(title)
    );
    let mut x = 0.0;
    for part in parts {
        let width = least(part) + scaled(part.value as f64, total as f64, room);
        out.push_str(&format!("<rect class=\"{}\" x=\"{}\" width=\"{}\" height=\"10\"/>", part.class, coordinate(x), coordinate(width)));
        x += width;
    }
    out.push_str("</svg><ul class=\"key\">");
    for part in parts {
        let label = match &part.href {
            Some(href) => format!("<a href=\"{}\">{}</a>", escape(href), escape(&part.label)),
            None => escape(&part.label),
        };
        out.push_str(&format!("<li class=\"state {}\">{label} <b>{}</b></li>", part.class, escape(&part.shown)));
    }
    out.push_str("</ul></figure>");
    Html(out)
}

/// A thin bar filled to `part` of `whole`; the words stand beside it, so that it is hidden from screen readers.
pub fn fill(class: &str, part: u64, whole: u64) -> Html {
    let width = scaled(part as f64, whole as f64, 100.0);
    let width = if part > 0 { width.max(1.0) } else { 0.0 };
    Html(format!(
        "<svg class=\"fill {class}\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"10\"/><rect width=\"{}\" height=\"10\"/></svg>",
        coordinate(width)
    ))
}
