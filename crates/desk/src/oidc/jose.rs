//! Signed tokens (JWS compact, RFC 7515) of others: read within limits, and verified with keys that are of the algorithm's kind.
//! Three algorithms are known; whatever else a token names (`none`, those with shared secrets) is refused before anything else.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;
use serde_json::Value;

use super::Untrusted;

/// Longest token, in bytes.
const TOKEN_MAX: usize = 16 * 1024;
/// Keys of one set that are looked at.
const KEYS_MAX: usize = 100;

/// How a token may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    fn of(word: &str) -> Option<Algorithm> {
        match word {
            "RS256" => Some(Algorithm::Rs256),
            "ES256" => Some(Algorithm::Es256),
            "EdDSA" => Some(Algorithm::EdDsa),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }
}

/// A token, taken apart; nothing of it is believed yet.
#[derive(Debug)]
pub(super) struct Jws {
    pub algorithm: Algorithm,
    pub kid: Option<String>,
    pub payload: Value,
    /// The bytes that were signed.
    signed: String,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What must be understood, and is not.
    crit: Option<Value>,
    /// A token within a token.
    cty: Option<Value>,
}

impl Jws {
    pub fn read(token: &str) -> Result<Jws, Untrusted> {
        if token.len() > TOKEN_MAX {
            return Err(Untrusted::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Untrusted::Form)?;
        let (header, payload) = signed.split_once('.').filter(|(_, payload)| !payload.contains('.')).ok_or(Untrusted::Form)?;
        let plain = |part: &str| BASE64.decode(part).map_err(|_| Untrusted::Form);
        let header: Header = serde_json::from_slice(&plain(header)?).map_err(|_| Untrusted::Form)?;
        let algorithm = Algorithm::of(&header.alg).ok_or(Untrusted::Algorithm)?;
        if header.crit.is_some() || header.cty.is_some() {
            return Err(Untrusted::Form);
        }
        let payload = serde_json::from_slice(&plain(payload)?).map_err(|_| Untrusted::Form)?;
        Ok(Jws { algorithm, kid: header.kid, payload, signature: plain(signature)?, signed: signed.to_owned() })
    }
}

/// A key that verifies, of one algorithm.
#[derive(Clone, Debug)]
struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// The uncompressed point.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// What somebody's tokens are verified with.
#[derive(Clone, Debug, Default)]
pub(super) struct KeySet(Vec<Key>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set (RFC 7517). Keys of other kinds and for other uses are passed over.
    pub fn read(bytes: &[u8]) -> Option<KeySet> {
        let set: Set = serde_json::from_slice(bytes).ok()?;
        let keys = set.keys.into_iter().take(KEYS_MAX);
        Some(KeySet(keys.filter_map(|key| Key::of(serde_json::from_value(key).ok()?)).collect()))
    }

    /// Whether a token is signed by one of them: the one that it names, or the only one of its kind.
    pub fn verify(&self, jws: &Jws) -> Result<(), Untrusted> {
        let mut fit = self.0.iter().filter(|key| key.algorithm == jws.algorithm && (jws.kid.is_none() || key.kid == jws.kid));
        let (Some(key), None) = (fit.next(), fit.next()) else { return Err(Untrusted::Key) };
        if key.verifies(jws.signed.as_bytes(), &jws.signature) { Ok(()) } else { Err(Untrusted::Signature) }
    }
}

impl Key {
    fn of(jwk: Jwk) -> Option<Key> {
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return None;
        }
        let bytes = |part: &Option<String>| part.as_ref().and_then(|part| BASE64.decode(part).ok());
        let (algorithm, material) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", None) => (Algorithm::Rs256, Material::Rsa { n: trimmed(bytes(&jwk.n)?), e: trimmed(bytes(&jwk.e)?) }),
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
                let point = (x.len() == 32 && y.len() == 32).then(|| [&[4][..], &x, &y].concat())?;
                (Algorithm::Es256, Material::P256(point))
            }
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, Material::Ed25519(bytes(&jwk.x)?)),
            _ => return None,
        };
        jwk.alg.is_none_or(|alg| alg == algorithm.word()).then_some(Key { kid: jwk.kid, algorithm, material })
    }

    fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok(),
            Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok(),
            Material::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(signed, signature).is_ok(),
        }
    }
}

/// A number without leading zeros.
fn trimmed(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}
