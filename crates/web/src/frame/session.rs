//! The session cookie, and the two locks on every form that changes something: it must come from our own
//! page (Sec-Fetch-Site or Origin), and carry a token that only that session's pages know.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

pub(crate) const COOKIE: &str = "sanjiang_session";

/// The value of a cookie, if the request carries it.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// `Set-Cookie` for a new session. Without Max-Age it ends with the browser; the desk ends it after 12 hours anyway.
pub(crate) fn session_cookie(token: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}")).ok()
}

pub(crate) fn clear_cookie() -> HeaderValue {
    HeaderValue::from_static("sanjiang_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// `Set-Cookie` for a choice of language or mode, kept for a year.
pub(crate) fn choice_cookie(name: &str, value: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax{secure}")).ok()
}

/// The token that forms of this session carry. Derived, so that nothing need be stored;
/// one-way, so that a page never reveals the session.
pub(crate) fn csrf_token(session: &str) -> String {
    let digest = Sha256::new().chain_update(b"sanjiang form\0").chain_update(session).finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a form was sent from a page of ours. Browsers say so in Sec-Fetch-Site or in Origin;
/// programs that send neither carry no cookie of a person's by accident.
pub(crate) fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text("origin") {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text("host")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (axum::http::HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn forms_from_elsewhere_are_refused() {
        assert!(same_origin(&headers(&[("sec-fetch-site", "same-origin"), ("host", "a")])));
        assert!(!same_origin(&headers(&[("sec-fetch-site", "cross-site"), ("host", "a")])));
        assert!(!same_origin(&headers(&[("sec-fetch-site", "same-site"), ("host", "a")])));
        assert!(same_origin(&headers(&[("origin", "http://a:8080"), ("host", "a:8080")])));
        assert!(!same_origin(&headers(&[("origin", "http://b:8080"), ("host", "a:8080")])));
        assert!(!same_origin(&headers(&[("origin", "null"), ("host", "a")])));
        assert!(same_origin(&headers(&[("host", "a")])));
    }

    #[test]
    fn cookies_are_found_among_others_and_tokens_differ_by_session() {
        let found = headers(&[("cookie", "a=1; sanjiang_session=xyz; b=2")]);
        assert_eq!(cookie(&found, COOKIE), Some("xyz"));
        assert_eq!(cookie(&found, "c"), None);
        assert_ne!(csrf_token("one"), csrf_token("two"));
        assert_eq!(csrf_token("one").len(), 32);
    }
}
