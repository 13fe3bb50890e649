//! What ID tokens are signed with: an RSA key of their own (RS256 is the one algorithm that every application can verify), in a
//! file of the data directory. A key that was replaced is published for as long as what it signed is good.

use std::io::{Error, ErrorKind, Result};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64};
use kernel::Moment;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client_object;
use crate::view::Account;
use crate::{Answer, Desk, internal, secret};

/// How ID tokens are signed.
pub const TOKEN_ALGORITHM: &str = "RS256";
/// How long a replaced key is published, in microseconds: longer than any ID token is good.
const PUBLISHED: i64 = 24 * 3600 * 1_000_000;
/// Keys that are kept at most.
const KEYS_MAX: usize = 8;

/// The keys that our ID tokens can be verified with, as applications read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicKeys {
    pub keys: Vec<PublicRsa>,
}

/// One of them (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicRsa {
    pub kty: &'static str,
    pub n: String,
    pub e: String,
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    pub alg: &'static str,
    #[serde(rename = "use")]
    pub usage: &'static str,
}

/// The keys of the file, the newest first.
struct Keys {
    of: SystemTime,
    all: Vec<SigningKey>,
}

struct SigningKey {
    pair: RsaKeyPair,
    public: PublicRsa,
    /// When another took its place, as it stands in the file.
    replaced: Option<Moment>,
}

/// The file as it was read last.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<Arc<Keys>>>);

impl Desk {
    fn signer_path(&self) -> PathBuf {
        self.0.data_dir.join("oidc.key")
    }

    /// What applications verify our ID tokens with.
    pub fn oidc_keys(&self, now: Moment) -> Answer<PublicKeys> {
        let keys = self.signing_keys().map_err(|error| internal(error.to_string()))?;
        let published = |key: &&SigningKey| key.replaced.is_none_or(|replaced| now.0 < replaced.0.saturating_add(PUBLISHED));
        Ok(PublicKeys { keys: keys.all.iter().filter(published).map(|key| key.public.clone()).collect() })
    }

    /// A token of these claims.
    pub(super) fn sign_token(&self, claims: &Value) -> Answer<String> {
        let keys = self.signing_keys().map_err(|error| internal(error.to_string()))?;
        let key = keys.all.first().ok_or_else(|| internal("no key"))?;
        let header = json!({ "alg": TOKEN_ALGORITHM, "typ": "JWT", "kid": key.public.kid });
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; key.pair.public_modulus_len()];
        key.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).map_err(|error| internal(error.to_string()))?;
        Ok(format!("{signed}.{}", BASE64.encode(signature)))
    }

    /// System officer: from now on ID tokens are signed with another key.
    pub async fn renew_oidc_key(&self, who: &Account, now: Moment) -> Answer<()> {
        let object = client_object("key");
        self.may(who, "client.key", &object).await?;
        self.signing_keys().map_err(|error| internal(error.to_string()))?;
        // A key that nobody was told of does no harm: it is made first, and counts once it lies in its place.
        let added = tokio::task::spawn_blocking(generated).await.map_err(internal)?.map_err(|error| internal(error.to_string()))?;
        self.log(who, "client.key", &object, json!(null)).await?;
        let text = self.read_file().map_err(|error| internal(error.to_string()))?;
        let gone = |line: &&str| replaced(line).is_none_or(|replaced| now.0 < replaced.0.saturating_add(PUBLISHED));
        let kept = text.lines().filter(gone).take(KEYS_MAX - 1).map(|line| match replaced(line) {
            None => format!("{line} {}\n", now.0),
            Some(_) => format!("{line}\n"),
        });
        let text: String = [format!("{added}\n")].into_iter().chain(kept).collect();
        secret::replace(&self.signer_path(), text.as_bytes()).map_err(|error| internal(error.to_string()))
    }

    /// The keys of the file, which is made at the first use. Another process may have changed it.
    fn signing_keys(&self) -> Result<Arc<Keys>> {
        let path = self.signer_path();
        let of = match std::fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match secret::keep(&path, format!("{}\n", generated()?).as_bytes()) {
                    // Another process was first; its key counts.
                    Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                    _ => std::fs::metadata(&path)?,
                }
            }
            other => other?,
        };
        let of = of.modified()?;
        let mut cached = self.0.oidc.signer.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = cached.as_ref().filter(|keys| keys.of == of) {
            return Ok(keys.clone());
        }
        let all: Option<Vec<SigningKey>> = self.read_file()?.lines().take(KEYS_MAX).map(SigningKey::read).collect();
        let all = all.filter(|all| !all.is_empty()).ok_or_else(|| secret::damaged(&path))?;
        Ok(cached.insert(Arc::new(Keys { of, all })).clone())
    }

    fn read_file(&self) -> Result<String> {
        let path = self.signer_path();
        String::from_utf8(secret::private(&path)?).map_err(|_| secret::damaged(&path))
    }
}

/// A new key as a line of the file: PKCS #8, in base64.
fn generated() -> Result<String> {
    let unfit = |_| Error::other("no RSA key could be made");
    let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).map_err(unfit)?.as_der().map_err(unfit)?;
    Ok(BASE64_STANDARD.encode(der.as_ref()))
}

/// When the key of a line was replaced.
fn replaced(line: &str) -> Option<Moment> {
    line.split_once(' ').and_then(|(_, time)| time.parse().ok()).map(Moment)
}

impl SigningKey {
    fn read(line: &str) -> Option<SigningKey> {
        let der = BASE64_STANDARD.decode(line.split(' ').next()?).ok()?;
        let pair = RsaKeyPair::from_pkcs8(&der).ok()?;
        let (n, e) = numbers(pair.public_key().as_ref())?;
        let (n, e) = (BASE64.encode(n), BASE64.encode(e));
        let kid = BASE64.encode(Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)));
        Some(SigningKey { pair, public: PublicRsa { kty: "RSA", n, e, kid, alg: TOKEN_ALGORITHM, usage: "sig" }, replaced: replaced(line) })
    }
}

/// The two numbers of a public key (RFC 8017, A.1.1), without leading zeros.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(0x30, der)?;
    let (n, rest) = element(0x02, sequence)?;
    let (e, _) = element(0x02, rest)?;
    Some((trimmed(n), trimmed(e)))
}

/// One element of DER, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        ..0x80 => (usize::from(first), rest),
        0x80 | 0x85.. => return None,
        _ => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
