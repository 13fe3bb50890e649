//! What crawlers are told: which pages there are, when each changed, and what is none of their business.

use kernel::Moment;

/// Addresses in one file (sitemaps.org).
pub const ADDRESSES_MAX: usize = 50_000;

/// Pages with their last change.
pub fn sitemap(pages: impl IntoIterator<Item = (String, Option<Moment>)>) -> String {
    list("urlset", "url", pages.into_iter().take(ADDRESSES_MAX))
}

/// Where the sitemaps of a large portal are.
pub fn sitemaps(files: impl IntoIterator<Item = String>) -> String {
    list("sitemapindex", "sitemap", files.into_iter().take(ADDRESSES_MAX).map(|file| (file, None)))
}

fn list(root: &str, each: &str, entries: impl Iterator<Item = (String, Option<Moment>)>) -> String {
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (address, changed) in entries {
        let changed = changed.map(|moment| format!("<lastmod>{}</lastmod>", moment.rfc3339())).unwrap_or_default();
        out.push_str(&format!("<{each}><loc>{}</loc>{changed}</{each}>\n", escaped(&address)));
    }
    out.push_str(&format!("</{root}>\n"));
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

/// What only staff use, what changes with each call, and lists narrowed twice: there are more of them than anybody can read.
const NOT_FOR_CRAWLERS: [&str; 20] = [
    "/login", "/setup", "/sql", "/quarantine", "/registers", "/requests", "/grants", "/applications", "/nodes", "/node-requests", "/openings", "/harvest",
    "/reads", "/me", "/challenges", "/api/", "/open?*&theme=", "/open?*&department=", "/open?*&to=", "/open?*&licence=",
];

/// The portal is for everybody, and where its pages are listed.
pub fn robots(address: &str) -> String {
    let not: String = NOT_FOR_CRAWLERS.iter().map(|path| format!("Disallow: {path}\n")).collect();
    format!("User-agent: *\n{not}\nSitemap: {address}/sitemap.xml\n")
}
