//! What checkpoints are signed with: a file of the data directory that only its owner may read, a key a line.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use data::declare::{Log, LogSignature};
use tlog::{Algorithm, Signer, Verifier};

use crate::secret;

/// Where it lies.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("log.key")
}

/// The keys of a node's log, made at the first start; one more is made when a kind of signature is declared later.
/// `fill` gives random bytes.
pub fn open(data_dir: &Path, log: &Log, division: &str, fill: &dyn Fn(&mut [u8])) -> Result<Vec<Signer>> {
    let mut signers = match read(data_dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let origin = signers.first().map_or_else(|| log.origin(division), |first| first.verifier().name().to_owned());
    let known = signers.len();
    for wanted in &log.signatures {
        let algorithm = algorithm(*wanted);
        if !signers.iter().any(|signer| signer.verifier().algorithm() == algorithm) {
            signers.push(make(algorithm, &origin, fill)?);
        }
    }
    if signers.len() > known {
        let text: String = signers.iter().map(|signer| format!("{}\n", signer.to_secret_text())).collect();
        let path = path(data_dir);
        if known > 0 { secret::replace(&path, text.as_bytes())? } else { secret::keep(&path, text.as_bytes())? }
    }
    signers.retain(|signer| log.signatures.iter().any(|wanted| algorithm(*wanted) == signer.verifier().algorithm()));
    Ok(signers)
}

/// The keys that are there.
pub fn read(data_dir: &Path) -> Result<Vec<Signer>> {
    let path = path(data_dir);
    let text = String::from_utf8(secret::private(&path)?).map_err(|_| secret::damaged(&path))?;
    let signers: Vec<Signer> = text.lines().map(Signer::parse).collect::<std::result::Result<_, _>>().map_err(|_| secret::damaged(&path))?;
    if signers.is_empty() { Err(secret::damaged(&path)) } else { Ok(signers) }
}

/// Their public parts.
pub fn verifiers(data_dir: &Path) -> Result<Vec<Verifier>> {
    Ok(read(data_dir)?.iter().map(|signer| signer.verifier().clone()).collect())
}

fn algorithm(signature: LogSignature) -> Algorithm {
    match signature {
        LogSignature::Ed25519 => Algorithm::Ed25519,
        LogSignature::Sm2 => Algorithm::Sm2,
    }
}

/// Few random texts are no key of SM2; then another one is tried.
fn make(algorithm: Algorithm, origin: &str, fill: &dyn Fn(&mut [u8])) -> Result<Signer> {
    let mut last = None;
    for _ in 0..8 {
        let mut secret = [0; 32];
        fill(&mut secret);
        match Signer::new(algorithm, origin, &secret) {
            Ok(signer) => return Ok(signer),
            Err(error) => last = Some(error),
        }
    }
    Err(Error::other(last.map(|error| error.to_string()).unwrap_or_default()))
}
