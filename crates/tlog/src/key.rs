//! Verifier keys, `name+hash+base64(type || public key)`, and the signatures they vouch for.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::VerifyingKey;
use kernel::Text;
use sha2::{Digest, Sha256};
use sm2::dsa::signature::Verifier as _;
use sm2::elliptic_curve::sec1::ToSec1Point;

use crate::error::NoteError;
use crate::note::fit_name;

/// The long identifier behind the byte 0xff by which signed-note lets types be told that have no number: the object
/// identifier of "SM2 with SM3" (GM/T 0006), so that nobody else's type collides with it.
pub const SM2_IDENTIFIER: &[u8] = b"oid/1.2.156.10197.1.501\n";
/// The signer's distinguishing identifier that GM/T 0009 names for when no other is agreed upon.
pub(crate) const SM2_SIGNER: &str = "1234567812345678";

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Type 0x01: Ed25519 over the note's text (RFC 8032).
    Ed25519,
    /// Type 0x04: Ed25519 with a time, as witnesses sign (c2sp.org/tlog-cosignature, `cosignature/v1`).
    Cosignature,
    /// Type 0xff with [`SM2_IDENTIFIER`]: SM2 with SM3 over the note's text (GB/T 32918.2). The signature is `r || s`, 64 bytes;
    /// the key an uncompressed point, 65 bytes; the signer's identifier `1234567812345678`.
    Sm2,
}

impl Algorithm {
    /// What stands before the key wherever it is encoded.
    pub(crate) fn prefix(self) -> Vec<u8> {
        match self {
            Algorithm::Ed25519 => vec![1],
            Algorithm::Cosignature => vec![4],
            Algorithm::Sm2 => [&[0xff], SM2_IDENTIFIER].concat(),
        }
    }

    /// Cuts it off again; `None` for types that are not known here.
    pub(crate) fn split(encoded: &[u8]) -> Option<(Algorithm, &[u8])> {
        let all = [Algorithm::Ed25519, Algorithm::Cosignature, Algorithm::Sm2];
        all.into_iter().find_map(|algorithm| Some((algorithm, encoded.strip_prefix(algorithm.prefix().as_slice())?)))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Public {
    Ed25519(VerifyingKey),
    Cosignature(VerifyingKey),
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

impl Public {
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Public::Ed25519(_) => Algorithm::Ed25519,
            Public::Cosignature(_) => Algorithm::Cosignature,
            Public::Sm2(_) => Algorithm::Sm2,
        }
    }

    fn encoded(&self) -> Vec<u8> {
        let mut bytes = self.algorithm().prefix();
        match self {
            Public::Ed25519(key) | Public::Cosignature(key) => bytes.extend_from_slice(key.as_bytes()),
            Public::Sm2(key) => bytes.extend_from_slice(key.to_sec1_point(false).as_bytes()),
        }
        bytes
    }

    fn decode(encoded: &[u8]) -> Option<Public> {
        let (algorithm, key) = Algorithm::split(encoded)?;
        if algorithm == Algorithm::Sm2 {
            // One form only, or a key would have several ids.
            let uncompressed = key.len() == 65 && key.first() == Some(&4);
            return uncompressed.then(|| sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_SIGNER, key).ok()).flatten().map(Box::new).map(Public::Sm2);
        }
        // Under a weak key, one signature holds for many texts.
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok().filter(|key| !key.is_weak())?;
        Some(if algorithm == Algorithm::Ed25519 { Public::Ed25519(key) } else { Public::Cosignature(key) })
    }
}

/// A public key under its name.
#[derive(Clone, Debug)]
pub struct Verifier {
    name: String,
    id: u32,
    public: Public,
}

impl Verifier {
    pub(crate) fn new(name: &str, public: Public) -> Result<Verifier, NoteError> {
        if !fit_name(name) {
            return Err(NoteError::malformed("密钥名不能为空，也不能含空格或加号", "a key's name is not empty and has neither spaces nor plus signs"));
        }
        let id = key_id(name, &public.encoded());
        Ok(Verifier { name: name.to_owned(), id, public })
    }

    /// An Ed25519 key (RFC 8032) that was handed over by itself. Fails with [`NoteError::Malformed`], also for a weak key.
    pub fn ed25519(name: &str, key: &[u8; 32]) -> Result<Verifier, NoteError> {
        let key = VerifyingKey::from_bytes(key).ok().filter(|key| !key.is_weak());
        Verifier::new(name, Public::Ed25519(key.ok_or_else(|| NoteError::malformed("这不是 Ed25519 公钥", "this is no Ed25519 key"))?))
    }

    /// Reads `name+hash+base64`. Fails with [`NoteError::Malformed`], also for types that are not known here.
    pub fn parse(text: &str) -> Result<Verifier, NoteError> {
        let wrong = || NoteError::malformed("验证公钥的格式不对", "this is not a verifier key that is known here");
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(wrong()) };
        let encoded = BASE64_STANDARD.decode(key).map_err(|_| wrong())?;
        let verifier = Verifier::new(name, Public::decode(&encoded).ok_or_else(wrong)?)?;
        if hash != format!("{:08x}", verifier.id) {
            return Err(NoteError::malformed("验证公钥与其哈希不符", "the verifier key does not fit its hash"));
        }
        Ok(verifier)
    }

    /// The key's name; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of the key's hash, by which signature lines name it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The key itself: 32 bytes for Ed25519 (RFC 8032), the uncompressed point for SM2.
    pub fn public_bytes(&self) -> Vec<u8> {
        self.public.encoded().split_off(self.algorithm().prefix().len())
    }

    /// Whether the signature is this key's for the text; a cosignature's time in seconds since 1970.
    ///
    /// Fails with [`NoteError::Forged`].
    pub fn verify(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, NoteError> {
        let forged = || {
            let (zh, en) = (format!("密钥“{}”的签名无效", self.name), format!("the signature of the key {} does not hold", self.name));
            NoteError::Forged(Text::new(zh, en))
        };
        match &self.public {
            Public::Ed25519(key) => {
                let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| forged())?;
                key.verify_strict(text.as_bytes(), &signature).map_err(|_| forged())?;
                Ok(None)
            }
            Public::Cosignature(key) => {
                let (time, signature) = signature.split_first_chunk::<8>().ok_or_else(forged)?;
                let time = u64::from_be_bytes(*time);
                let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| forged())?;
                if time > i64::MAX as u64 {
                    return Err(forged());
                }
                key.verify_strict(cosigned(text, time).as_bytes(), &signature).map_err(|_| forged())?;
                Ok(Some(time))
            }
            Public::Sm2(key) => {
                let signature = sm2::dsa::Signature::from_slice(signature).map_err(|_| forged())?;
                key.verify(text.as_bytes(), &signature).map_err(|_| forged())?;
                Ok(None)
            }
        }
    }
}

impl PartialEq for Verifier {
    fn eq(&self, other: &Verifier) -> bool {
        self.name == other.name && self.public.encoded() == other.public.encoded()
    }
}

impl Eq for Verifier {}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id, BASE64_STANDARD.encode(self.public.encoded()))
    }
}

/// What a witness signs (c2sp.org/tlog-cosignature, "Ed25519 signed message").
pub(crate) fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

fn key_id(name: &str, encoded: &[u8]) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update(b"\n");
    hasher.update(encoded);
    let hash: [u8; 32] = hasher.finalize().into();
    hash.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first))
}
