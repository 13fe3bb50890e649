//! Walking through a long list: where one is, and the ways on. Keeps every other parameter of the address.

use crate::frame::Frame;
use crate::html::{Html, escape};
use crate::link;

/// The navigation under a list; empty when everything stands on one page.
pub(crate) struct Paging {
    pub html: Html,
}

impl Paging {
    pub(crate) fn new(f: &Frame, page: u64, size: u64, total: u64) -> Paging {
        let last = total.div_ceil(size.max(1)).max(1);
        if last == 1 && page <= 1 {
            return Paging { html: Html::default() };
        }
        let to = |n: u64| to(f, n);
        let mut out = format!("<nav class=\"paging\" aria-label=\"{}\">", escape(&f.t("paging")));
        if page > 1 {
            out.push_str(&format!("<a href=\"{}\" rel=\"prev\">{}</a>", to((page - 1).min(last)), f.t("paging-before")));
        }
        out.push_str(&format!("<span>{}</span>", f.t2("paging-at", &("page", page), &("last", last))));
        if page < last {
            out.push_str(&format!("<a href=\"{}\" rel=\"next\">{}</a>", to(page + 1), f.t("paging-after")));
        }
        out.push_str("</nav>");
        Paging { html: Html(out) }
    }

    /// The same of a list whose length is not known.
    pub(crate) fn open(f: &Frame, page: u64, more: bool) -> Paging {
        if page <= 1 && !more {
            return Paging { html: Html::default() };
        }
        let mut out = format!("<nav class=\"paging\" aria-label=\"{}\">", escape(&f.t("paging")));
        if page > 1 {
            out.push_str(&format!("<a href=\"{}\" rel=\"prev\">{}</a>", to(f, page - 1), f.t("paging-before")));
        }
        if more {
            out.push_str(&format!("<a href=\"{}\" rel=\"next\">{}</a>", to(f, page + 1), f.t("paging-after")));
        }
        out.push_str("</nav>");
        Paging { html: Html(out) }
    }
}

/// The address of another page of the same list.
fn to(f: &Frame, page: u64) -> String {
    let (path, query) = f.address.split_once('?').unwrap_or((&f.address, ""));
    let pairs = link::pairs(query);
    let number = page.to_string();
    let mut kept: Vec<(&str, &str)> = pairs.iter().filter(|(k, _)| k != "page" && k != "started").map(|(k, v)| (k.as_str(), v.as_str())).collect();
    if page > 1 {
        kept.push(("page", &number));
    }
    escape(&link::with(path, &kept))
}
