//! The log as strangers see it, and what happens to it.

mod forms;
mod kill;
mod log;
mod retain;
mod tamper;
mod tree;
mod witness;

use std::path::Path;

use tlog::{Algorithm, Signer, Verification, Verifier, Writer, verify};

pub const ORIGIN: &str = "city.example/log";

pub fn signer(algorithm: Algorithm, name: &str, seed: u8) -> Signer {
    Signer::new(algorithm, name, &[seed; 32]).expect("a key")
}

/// Ed25519 and SM2, as a node signs.
pub fn signers() -> Vec<Signer> {
    vec![signer(Algorithm::Ed25519, ORIGIN, 7), signer(Algorithm::Sm2, ORIGIN, 8)]
}

pub fn verifiers() -> Vec<Verifier> {
    signers().iter().map(|signer| signer.verifier().clone()).collect()
}

pub fn writer(folder: &Path) -> Writer {
    Writer::open(folder, ORIGIN, signers(), Box::new(|| 1_700_000_000)).expect("a writer")
}

pub fn entry(index: u64) -> Vec<u8> {
    // Of all lengths, none among them.
    format!("entry {index} ").repeat((index % 5) as usize).into_bytes()
}

pub fn entries(from: u64, to: u64) -> Vec<Vec<u8>> {
    (from..to).map(entry).collect()
}

/// What verifying finds, told in one line a fault.
pub fn faults(folder: &Path, earlier: &[Vec<u8>]) -> Vec<tlog::Fault> {
    let keys = verifiers();
    verify(folder, &Verification { origin: ORIGIN, log_keys: &keys, witness_keys: &[], earlier, threads: 2 }, &mut |_, _| {}).faults
}
