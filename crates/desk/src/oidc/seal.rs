//! Texts that go through other hands and come back: sealed with the secret of the data directory, so that they come back as they
//! were. What is derived from it the same way is told to nobody and kept nowhere.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use kernel::Moment;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// Longest sealed text, in bytes: it has to fit into a cookie.
const SEALED_MAX: usize = 3_800;

/// A keyed hash of a text, for one purpose, in base64url.
pub(super) fn derived(secret: &[u8], purpose: &str, text: &str) -> String {
    BASE64.encode(mac(secret, purpose, text.as_bytes()).finalize().into_bytes())
}

/// A value that is good until a moment, for one purpose.
pub(super) fn seal(secret: &[u8], purpose: &str, value: &impl Serialize, until: Moment) -> Option<String> {
    let body = BASE64.encode(serde_json::to_vec(&(until.0, value)).ok()?);
    let sealed = format!("{body}.{}", derived(secret, purpose, &body));
    (sealed.len() <= SEALED_MAX).then_some(sealed)
}

/// The value, if the seal is whole and its time not over.
pub(super) fn open<T: DeserializeOwned>(secret: &[u8], purpose: &str, sealed: &str, now: Moment) -> Option<T> {
    let (body, tag) = sealed.split_once('.').filter(|_| sealed.len() <= SEALED_MAX)?;
    mac(secret, purpose, body.as_bytes()).verify_slice(&BASE64.decode(tag).ok()?).ok()?;
    let (until, value): (i64, T) = serde_json::from_slice(&BASE64.decode(body).ok()?).ok()?;
    (now.0 < until).then_some(value)
}

fn mac(secret: &[u8], purpose: &str, text: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in [b"sanjiang oidc\0", purpose.as_bytes(), b"\0", text] {
        mac.update(part);
    }
    mac
}
