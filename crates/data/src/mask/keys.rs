//! The keys of masks: one secret of the city, and from it others for each purpose.

use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;

use super::ff1::Sm4Cipher;

/// The fewest bytes of a secret.
pub const SHORTEST_SECRET: usize = 16;

/// The keys for one purpose. Those of another purpose are others, so that what two receivers get cannot be put together.
#[derive(Clone)]
pub struct MaskKeys {
    hash: [u8; 32],
    cipher: [u8; 16],
    tweak: [u8; 16],
}

impl MaskKeys {
    /// Keys from a secret (at least 16 bytes, from a good source of chance) and the purpose: a grant, a resource, a release.
    /// `None` when the secret is too short.
    pub fn derive(secret: &[u8], purpose: &str) -> Option<MaskKeys> {
        if secret.len() < SHORTEST_SECRET {
            return None;
        }
        let part = |label: &str| mac(secret, &[b"sanjiang mask 1", label.as_bytes(), purpose.as_bytes()]);
        Some(MaskKeys {
            hash: part("hash")?,
            cipher: half(part("cipher")?),
            tweak: half(part("tweak")?),
        })
    }

    /// HMAC-SM3 (GB/T 15852.2, GB/T 32905) of a value, its first 128 bits in hexadecimal. Without the key nobody can
    /// try all ids there are; with it, equal values stay equal.
    pub(super) fn hash(&self, text: &str) -> String {
        let whole = mac(&self.hash, &[text.as_bytes()]).unwrap_or([0; 32]);
        whole.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn cipher(&self) -> Sm4Cipher {
        Sm4Cipher::new(self.cipher)
    }

    /// The tweak of a purpose and of the part of the value that stays.
    pub(super) fn tweak(&self, context: &str) -> Vec<u8> {
        [&self.tweak, context.as_bytes()].concat()
    }
}

impl std::fmt::Debug for MaskKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MaskKeys(…)")
    }
}

/// Each part with its length before it, so that no two lists of parts are the same bytes.
fn mac(key: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sm3>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().into())
}

fn half(whole: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    half
}
