//! Who we are to other systems: a key of this node's own, which what it answers is signed with. It is not the log's: what one
//! signs can never be taken for the other's.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tlog::{Algorithm, Signer, Verifier};

use crate::signature::{SKEW, TAG, verifier};
use crate::{Desk, secret};

/// The key of a node: Ed25519 (RFC 8032).
pub(crate) struct NodeKey {
    signer: Signer,
    public: PublicKey,
}

/// The public part, as a JSON Web Key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    pub kty: &'static str,
    pub crv: &'static str,
    /// The key in base64url.
    pub x: String,
    /// Its thumbprint (RFC 7638): the `keyid` of signatures.
    pub kid: String,
    pub alg: &'static str,
    #[serde(rename = "use")]
    pub usage: &'static str,
}

/// Where it lies.
fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("node.key")
}

/// The two fields of a signed HTTP message (RFC 9421): `Signature-Input` and `Signature`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub input: String,
    pub signature: String,
}

/// The field `Content-Digest` (RFC 9530) of a body with this SHA-256.
pub fn content_digest(sha256: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64_STANDARD.encode(sha256))
}

impl NodeKey {
    /// Reads the key, making it at the first start. `fill` gives random bytes.
    pub fn open(data_dir: &Path, division: &str, fill: &dyn Fn(&mut [u8])) -> Result<NodeKey> {
        let path = path(data_dir);
        let text = match secret::private(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut bytes = [0; 32];
                fill(&mut bytes);
                let signer = Signer::new(Algorithm::Ed25519, &format!("sanjiang/{division}/node"), &bytes).map_err(|error| Error::other(error.to_string()))?;
                match secret::keep(&path, format!("{}\n", signer.to_secret_text()).as_bytes()) {
                    // Another process was first; its key counts.
                    Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                    _ => secret::private(&path)?,
                }
            }
            other => other?,
        };
        let text = String::from_utf8(text).map_err(|_| secret::damaged(&path))?;
        let signer = Signer::parse(text.trim_end()).map_err(|_| secret::damaged(&path))?;
        Ok(NodeKey { public: PublicKey::of(signer.verifier()), signer })
    }
}

impl PublicKey {
    fn of(verifier: &Verifier) -> PublicKey {
        PublicKey::named(BASE64_URL_SAFE_NO_PAD.encode(verifier.public_bytes()))
    }

    /// Reads a JSON Web Key that somebody hands over. Says what is wrong with it.
    pub fn read(jwk: &str) -> std::result::Result<PublicKey, Text> {
        let no_key = || Text::new(
            "请提供 Ed25519 公钥的 JWK，如 {\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"…\"}。",
            "Give an Ed25519 public key as a JSON Web Key, such as {\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"…\"}.",
        );
        let jwk: Value = serde_json::from_str(jwk).map_err(|_| no_key())?;
        if jwk.get("d").is_some() {
            return Err(Text::new(
                "这是私钥（含 d）：请只提供公钥，并视这把私钥为已泄露，另换一把。",
                "This is the private key (it has d): hand over the public one only, and take another key, since this one has been shown.",
            ));
        }
        let word = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        let x = word("x");
        match word("kty") == "OKP" && word("crv") == "Ed25519" && verifier(x).is_some() {
            true => Ok(PublicKey::named(x.to_owned())),
            false => Err(no_key()),
        }
    }

    /// The key of these letters of base64url.
    pub(crate) fn named(x: String) -> PublicKey {
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        PublicKey { kty: "OKP", crv: "Ed25519", kid: BASE64_URL_SAFE_NO_PAD.encode(thumbprint), x, alg: "EdDSA", usage: "sig" }
    }
}

impl Desk {
    /// What signatures of this node are verified with.
    pub fn node_key(&self) -> PublicKey {
        self.0.node.public.clone()
    }

    /// Signs the parts of an HTTP message (RFC 9421, 2.5): each by its name as the standard writes it (`"@path";req`), with its value.
    pub fn sign_message(&self, parts: &[(&str, &str)], now: Moment) -> crate::Answer<Signed> {
        self.sign_parts(parts, now, "")
    }

    /// Signs a request of this node's to another: once, and for a few minutes.
    pub(crate) fn sign_request(&self, parts: &[(&str, &str)], now: Moment) -> crate::Answer<Signed> {
        let mut nonce = [0; 16];
        self.fill(&mut nonce);
        let (nonce, expires) = (BASE64_URL_SAFE_NO_PAD.encode(nonce), now.0 / 1_000_000 + SKEW);
        self.sign_parts(parts, now, &format!(";expires={expires};nonce=\"{nonce}\";tag=\"{TAG}\""))
    }

    fn sign_parts(&self, parts: &[(&str, &str)], now: Moment, more: &str) -> crate::Answer<Signed> {
        let NodeKey { signer, public } = &self.0.node;
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        let parameters = format!("({});created={};keyid=\"{}\";alg=\"ed25519\"{more}", names.join(" "), now.0 / 1_000_000, public.kid);
        let lines: String = parts.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let signed = signer.sign(&format!("{lines}\"@signature-params\": {parameters}"), 0).map_err(|error| crate::internal(error.to_string()))?;
        Ok(Signed { input: format!("sanjiang={parameters}"), signature: format!("sanjiang=:{}:", BASE64_STANDARD.encode(signed.bytes)) })
    }
}
