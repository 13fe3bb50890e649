//! Signer keys, `PRIVATE+KEY+name+hash+base64(type || secret)`, and the signatures they make.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::Signer as _;
use ed25519_dalek::SigningKey;

use crate::error::NoteError;
use crate::key::{Algorithm, Public, SM2_SIGNER, Verifier, cosigned};
use crate::note::Signature;

enum Secret {
    Ed25519(Box<SigningKey>),
    Sm2(Box<sm2::dsa::SigningKey>),
}

/// A secret key under its name. It is never shown but by [`Signer::to_secret_text`].
pub struct Signer {
    verifier: Verifier,
    secret: Secret,
}

impl Signer {
    /// Makes a key of 32 bytes that nobody else knows: for Ed25519 the seed (RFC 8032), for SM2 the number itself.
    ///
    /// Fails with [`NoteError::Malformed`] when the name will not do, or when the bytes are no SM2 key, which of 2³² chances
    /// less than one is: draw again.
    pub fn new(algorithm: Algorithm, name: &str, secret: &[u8; 32]) -> Result<Signer, NoteError> {
        let (public, secret) = match algorithm {
            Algorithm::Sm2 => {
                let key = sm2::dsa::SigningKey::from_slice(SM2_SIGNER, secret).map_err(|_| NoteError::malformed("这不是 SM2 私钥", "this is no SM2 key"))?;
                (Public::Sm2(Box::new(key.verifying_key().clone())), Secret::Sm2(Box::new(key)))
            }
            _ => {
                let key = SigningKey::from_bytes(secret);
                let public = key.verifying_key();
                let public = if algorithm == Algorithm::Ed25519 { Public::Ed25519(public) } else { Public::Cosignature(public) };
                (public, Secret::Ed25519(Box::new(key)))
            }
        };
        Ok(Signer { verifier: Verifier::new(name, public)?, secret })
    }

    /// Reads `PRIVATE+KEY+name+hash+base64`, the form of golang.org/x/mod/sumdb/note. Fails with [`NoteError::Malformed`].
    pub fn parse(text: &str) -> Result<Signer, NoteError> {
        let wrong = || NoteError::malformed("签名私钥的格式不对", "this is not a signer key that is known here");
        let mut parts = text.strip_prefix("PRIVATE+KEY+").ok_or_else(wrong)?.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(wrong()) };
        let encoded = BASE64_STANDARD.decode(key).map_err(|_| wrong())?;
        let (algorithm, secret) = Algorithm::split(&encoded).ok_or_else(wrong)?;
        let signer = Signer::new(algorithm, name, secret.try_into().map_err(|_| wrong())?)?;
        if hash != format!("{:08x}", signer.verifier.id()) {
            return Err(NoteError::malformed("签名私钥与其哈希不符", "the signer key does not fit its hash"));
        }
        Ok(signer)
    }

    /// The secret in the form that [`Signer::parse`] reads. Whoever has it can sign in this name.
    pub fn to_secret_text(&self) -> String {
        let mut bytes = self.verifier.algorithm().prefix();
        match &self.secret {
            Secret::Ed25519(key) => bytes.extend_from_slice(key.as_bytes()),
            Secret::Sm2(key) => bytes.extend_from_slice(&key.to_bytes()),
        }
        format!("PRIVATE+KEY+{}+{:08x}+{}", self.verifier.name(), self.verifier.id(), BASE64_STANDARD.encode(bytes))
    }

    /// The public key that goes with it.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Signs a note's text. `now`, in seconds since 1970, is what a cosignature says of when; the others say nothing of it.
    ///
    /// Fails with [`NoteError::Malformed`] only if the SM2 arithmetic finds no signature, or the moment lies beyond 2⁶³.
    pub fn sign(&self, text: &str, now: u64) -> Result<Signature, NoteError> {
        let unable = || NoteError::malformed("无法签名", "no signature could be made");
        let bytes = match &self.secret {
            Secret::Ed25519(key) if self.verifier.algorithm() == Algorithm::Cosignature => {
                if now > i64::MAX as u64 {
                    return Err(unable());
                }
                [now.to_be_bytes().as_slice(), &key.sign(cosigned(text, now).as_bytes()).to_bytes()].concat()
            }
            Secret::Ed25519(key) => key.sign(text.as_bytes()).to_bytes().to_vec(),
            Secret::Sm2(key) => key.try_sign(text.as_bytes()).map_err(|_| unable())?.to_bytes().to_vec(),
        };
        Ok(Signature { name: self.verifier.name().to_owned(), id: self.verifier.id(), bytes })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, secret)", self.verifier)
    }
}
