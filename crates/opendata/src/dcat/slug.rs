//! Names in addresses for what others call by URIs.

use sha2::{Digest, Sha256};

/// Letters of the readable part.
const READABLE_MAX: usize = 40;

/// A name made from the catalogue's id and what it calls a dataset: `tokyo-population-3f2a9c81`. The end keeps apart what reads alike.
pub fn slug(catalogue: &str, key: &str) -> String {
    let last = key.trim_end_matches('/').rsplit(['/', '#', ':']).next().unwrap_or_default();
    let mut readable = String::new();
    for letter in last.chars().take(4 * READABLE_MAX) {
        match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => readable.push(letter),
            _ if !readable.is_empty() && !readable.ends_with('-') => readable.push('-'),
            _ => {}
        }
        if readable.len() >= READABLE_MAX {
            break;
        }
    }
    let end: String = Sha256::digest(key.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    match readable.trim_end_matches('-') {
        "" => format!("{catalogue}-{end}"),
        readable => format!("{catalogue}-{readable}-{end}"),
    }
}
