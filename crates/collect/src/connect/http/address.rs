//! Addresses: joined from the system's and the resource's parts, changed by paging, shown without secrets.

use data::declare::System;
use url::Url;

use crate::CollectError;

/// Secrets shorter than this are hidden only where they are the whole of a part, or every address would be masked.
const SHORT: usize = 4;
const MASK: &str = "…";

/// The address of the first page, before paging adds to it.
pub fn first(system: &System, base: &str, from: &str) -> Result<Url, CollectError> {
    let text = match from {
        "" => base.to_owned(),
        from if from.starts_with('?') => format!("{base}{from}"),
        from => format!("{}/{}", base.trim_end_matches('/'), from.trim_start_matches('/')),
    };
    whole(&text).ok_or_else(|| {
        CollectError::new(
            "http.url",
            &system.id,
            "系统地址无效，应为 http:// 或 https:// 开头的完整地址。",
            "The address is not valid; it should be a whole one that begins with http:// or https://.",
        )
    })
}

/// A whole address of the web.
pub fn whole(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Sets a query parameter, in place of one of the same name.
pub fn set(url: &mut Url, name: &str, value: &str) {
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(known, _)| known != name)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
}

/// Whether requests to `other` may carry what was meant for `url`: same host and port, and never less safe.
/// Plain text that becomes encrypted on the same host is welcome.
pub fn same_place(url: &Url, other: &Url) -> bool {
    let same_host = url.host_str() == other.host_str();
    match (url.scheme(), other.scheme()) {
        (a, b) if a == b => same_host && url.port_or_known_default() == other.port_or_known_default(),
        ("http", "https") => same_host,
        _ => false,
    }
}

/// An address for people: without account, and with secrets masked.
pub fn shown(url: &Url, secrets: &[String]) -> String {
    let mut shown = url.clone();
    // Only addresses without a host refuse this, and ours have one.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_fragment(None);
    let masked = |text: &str| {
        secrets.iter().any(|secret| text == secret || (secret.len() >= SHORT && text.contains(secret.as_str())))
    };
    if url.query().is_some() {
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), if masked(&value) { MASK.to_owned() } else { value.into_owned() }))
            .collect();
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    let secret_path = secrets.iter().any(|secret| secret.len() >= SHORT && url.path().contains(secret.as_str()));
    if secret_path {
        shown.set_path(MASK);
    }
    shown.to_string().replace("%E2%80%A6", MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_is_kept() {
        let url = Url::parse("https://me:pw@h:8443/a/b?key=s3cret&page=2&n=1#f").unwrap();
        assert_eq!(shown(&url, &["s3cret".to_owned(), "1".to_owned()]), "https://h:8443/a/b?key=…&page=2&n=…");
    }

    #[test]
    fn only_the_same_host_is_the_same_place() {
        let place = |a: &str, b: &str| same_place(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        assert!(place("http://h/a", "https://h/b"));
        assert!(place("https://h/a", "https://h:443/b"));
        assert!(!place("https://h/a", "http://h/a"));
        assert!(!place("http://h/a", "http://h:81/a"));
        assert!(!place("http://h/a", "http://g/a"));
    }
}
