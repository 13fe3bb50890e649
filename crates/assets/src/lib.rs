//! The islands' scripts, bundled from `web/` and embedded. A leaf: it knows no page and no HTTP.

struct File {
    name: &'static str,
    bytes: &'static [u8],
    gzip: Option<&'static [u8]>,
    hash: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// One embedded file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    pub bytes: &'static [u8],
    /// The same, packed with gzip at build time.
    pub gzip: Option<&'static [u8]>,
    pub content_type: &'static str,
    /// Of the content; usable as an entity tag.
    pub hash: &'static str,
    /// Whether the name holds the hash of the content, so that it may be kept for ever.
    pub immutable: bool,
}

/// What a page must load for its islands: addresses under `/assets/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// To be loaded as a module.
    pub script: &'static str,
    pub styles: Vec<&'static str>,
}

/// The file at `/assets/{path}`.
pub fn get(path: &str) -> Option<Asset> {
    let at = FILES.binary_search_by(|file| file.name.cmp(path)).ok()?;
    let file = FILES.get(at)?;
    Some(Asset {
        bytes: file.bytes,
        gzip: file.gzip,
        content_type: content_type(path),
        hash: file.hash,
        immutable: path != NOTICES,
    })
}

/// The licences of what the bundles carry.
pub const NOTICES: &str = "notices.txt";

/// The scripts and styles of an entry, such as `sql`; `None` when there is no such entry.
pub fn entry(name: &str) -> Option<Entry> {
    let parts = || PARTS.iter().filter(|(entry, ..)| *entry == name);
    let script = parts().find(|(_, kind, _)| *kind == "script")?.2;
    Some(Entry { script, styles: parts().filter(|(_, kind, _)| *kind == "style").map(|part| part.2).collect() })
}

/// Names of all files, for checks.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.name)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sql_entry_is_there_small_and_licensed() {
        let entry = entry("sql").unwrap();
        let script = get(entry.script.strip_prefix("/assets/").unwrap()).unwrap();
        assert!(script.content_type.starts_with("text/javascript") && script.immutable);
        assert!(script.gzip.unwrap().starts_with(&[0x1f, 0x8b]));
        let packed: usize = names().filter(|name| name.ends_with(".js")).map(|name| get(name).unwrap().gzip.unwrap().len()).sum();
        assert!(packed <= 450_000, "all islands together: {packed} bytes packed");
        let notices = String::from_utf8_lossy(get(NOTICES).unwrap().bytes);
        for package in ["echarts", "zrender", "@codemirror/view"] {
            assert!(notices.contains(&format!("\n{package} ")), "{package}");
        }
        assert!(get("../Cargo.toml").is_none() && super::entry("none").is_none());
    }
}
