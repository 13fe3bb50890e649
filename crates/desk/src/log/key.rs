//! What checkpoints are signed with: a file of the data directory that only its owner may read, a key a line.

use std::fs::{self, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data::declare::{Log, LogSignature};
use tlog::{Algorithm, Signer};

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
        write(data_dir, &signers)?;
    }
    signers.retain(|signer| log.signatures.iter().any(|wanted| algorithm(*wanted) == signer.verifier().algorithm()));
    Ok(signers)
}

/// The keys that are there.
pub fn read(data_dir: &Path) -> Result<Vec<Signer>> {
    let path = path(data_dir);
    let text = fs::read_to_string(&path)?;
    let said = |text: String| Error::new(ErrorKind::InvalidData, text);
    if fs::metadata(&path)?.permissions().mode() & 0o077 != 0 {
        return Err(said(format!("{0} 不应允许他人读取，请执行 chmod 600 / others may read {0}: chmod 600", path.display())));
    }
    let damaged = |error: tlog::NoteError| said(format!("{0} 已损坏，请从备份恢复 / {0} is damaged, restore it from a backup: {error}", path.display()));
    let signers: Vec<Signer> = text.lines().map(Signer::parse).collect::<std::result::Result<_, _>>().map_err(damaged)?;
    if signers.is_empty() {
        return Err(said(format!("{0} 是空的，请从备份恢复 / {0} is empty, restore it from a backup", path.display())));
    }
    Ok(signers)
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

fn write(data_dir: &Path, signers: &[Signer]) -> Result<()> {
    let beside = data_dir.join(format!("log.key.{}", std::process::id()));
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    for signer in signers {
        writeln!(file, "{}", signer.to_secret_text())?;
    }
    file.sync_all()?;
    fs::rename(&beside, path(data_dir))?;
    fs::File::open(data_dir)?.sync_all()
}
