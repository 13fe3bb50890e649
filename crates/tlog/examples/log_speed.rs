//! How fast the log is: durable leaves a second by size of batch, verified leaves a second, signatures a second.
//!
//! `log_speed` measures; `log_speed make FOLDER COUNT` makes a log for others to look at, with receipts and an earlier checkpoint.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use tlog::*;

const ORIGIN: &str = "city.example/log";

fn signers() -> Result<Vec<Signer>, NoteError> {
    Ok(vec![Signer::new(Algorithm::Ed25519, ORIGIN, &[7; 32])?, Signer::new(Algorithm::Sm2, ORIGIN, &[8; 32])?])
}

fn open(folder: &Path) -> Result<Writer, Box<dyn Error>> {
    Ok(Writer::open(folder, ORIGIN, signers()?, Box::new(|| 1_700_000_000))?)
}

/// As long as a line about one act is: 300 bytes.
fn entry(index: u64) -> Vec<u8> {
    let mut bytes = format!("{index:020}").repeat(15).into_bytes();
    bytes.truncate(300);
    bytes
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", folder, count] => make(Path::new(folder), count.parse()?),
        [] => measure(),
        _ => Err("speed [make FOLDER COUNT]".into()),
    }
}

/// The log is in `log`; beside it the keys, some receipts, and the checkpoint of when it had half its entries.
fn make(folder: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    let log = folder.join("log");
    let mut writer = open(&log)?;
    let witness = Signer::new(Algorithm::Cosignature, "witness.example/w1", &[9; 32])?;
    let keys = [writer.verifiers(), vec![witness.verifier().clone()]].concat();
    fs::write(folder.join("keys"), keys.iter().map(|key| format!("{key}\n")).collect::<String>())?;
    let mut witness = Witness::open(folder.join("witness"), witness, [(ORIGIN.to_owned(), writer.verifiers())])?;
    let half: Vec<Vec<u8>> = (0..count / 2).map(entry).collect();
    writer.append(&half)?;
    fs::write(folder.join("earlier"), writer.checkpoint().to_string())?;
    fs::write(folder.join("request-first"), request_body(&Reader::open(&log)?, 0)?)?;
    witness.add_checkpoint(request_body(&Reader::open(&log)?, 0)?.as_bytes(), 1_700_000_001).map_err(|refusal| refusal.text().en)?;
    let rest: Vec<Vec<u8>> = (count / 2..count).map(entry).collect();
    for batch in rest.chunks(1_000) {
        writer.append(batch)?;
    }
    let reader = Reader::open(&log)?;
    let request = request_body(&reader, count / 2)?;
    fs::write(folder.join("request"), &request)?;
    let answer = witness.add_checkpoint(request.as_bytes(), 1_700_000_002).map_err(|refusal| refusal.text().en)?;
    writer.add_cosignatures(answer.as_bytes(), &[witness.verifier().clone()])?;
    let reader = Reader::open(&log)?;
    for index in [0, 1, count / 2, count - 1] {
        fs::write(folder.join(format!("{index}.tlog-proof")), reader.receipt(index)?.1.to_string())?;
    }
    Ok(())
}

fn measure() -> Result<(), Box<dyn Error>> {
    for (batch, batches) in [(1, 30), (10, 30), (100, 30), (1_000, 60), (10_000, 20)] {
        let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
        let mut writer = open(folder.path())?;
        let entries: Vec<Vec<Vec<u8>>> = (0..batches).map(|number| (number * batch..(number + 1) * batch).map(entry).collect()).collect();
        let start = Instant::now();
        for batch in &entries {
            writer.append(batch)?;
        }
        let seconds = start.elapsed().as_secs_f64();
        let count = batch * batches;
        println!("append  batches of {batch:>6}: {:>9.0} leaves/s durable, {:>7.2} ms a batch", count as f64 / seconds, seconds * 1e3 / batches as f64);
    }
    for length in [32, 300] {
        let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
        let mut writer = open(folder.path())?;
        let count = 1_000_000u64;
        for from in (0..count).step_by(100_000) {
            let entries: Vec<Vec<u8>> = (from..from + 100_000).map(|index| entry(index)[..length].to_vec()).collect();
            writer.append(&entries)?;
        }
        let keys = writer.verifiers();
        drop(writer);
        for threads in [1, 2] {
            let against = Verification { origin: ORIGIN, log_keys: &keys, witness_keys: &[], earlier: &[], threads };
            let start = Instant::now();
            let report = verify(folder.path(), &against, &mut |_, _| {});
            let seconds = start.elapsed().as_secs_f64();
            println!("verify  {count} entries of {length} bytes, {threads} threads: {:>9.0} leaves/s, {} faults", count as f64 / seconds, report.faults.len());
        }
        let reader = Reader::open(folder.path())?;
        let start = Instant::now();
        for index in (0..count).step_by(1_000) {
            reader.receipt(index)?;
        }
        println!("receipt {:>9.0} /s", 1e3 / start.elapsed().as_secs_f64());
    }
    let text = "city.example/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    for algorithm in [Algorithm::Ed25519, Algorithm::Sm2] {
        let signer = Signer::new(algorithm, ORIGIN, &[7; 32])?;
        let (count, start) = (1_000, Instant::now());
        let mut signature = signer.sign(text, 0)?;
        for _ in 1..count {
            signature = signer.sign(text, 0)?;
        }
        let signing = f64::from(count) / start.elapsed().as_secs_f64();
        let start = Instant::now();
        for _ in 0..count {
            signer.verifier().verify(text, &signature.bytes)?;
        }
        println!("{algorithm:?}: {signing:.0} signatures/s, {:.0} verified/s", f64::from(count) / start.elapsed().as_secs_f64());
    }
    Ok(())
}
