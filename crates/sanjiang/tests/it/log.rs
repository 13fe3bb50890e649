//! The log of acts by the running binary: a witness in a process of its own cosigns it, receipts hold offline, and a log that
//! was rewritten by whoever has its key finds no witness.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{must, path, person_resource, sanjiang, small_city, write};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A witness to a log: itself, its address, its key.
fn witness(state: &Path, log: &str) -> (Running, String, String) {
    let words = ["log", "witness", "--listen", "127.0.0.1:0", "--state", path(state), "--name", "audit-office", "--log", log, "--lang", "en"];
    let told = std::fs::File::create(state.with_extension("err")).expect("file");
    let mut child = Running(sanjiang().args(words).stdout(Stdio::piped()).stderr(told).spawn().expect("started"));
    let mut lines = BufReader::new(child.0.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let mut value = |key: &str| {
        let line = lines.find(|line| line.trim_start().starts_with(key)).expect("told");
        line.split('"').nth(1).expect("quoted").to_owned()
    };
    let (url, key) = (value("url"), value("key"));
    // Its output is not read any further, and nothing more comes.
    (child, url, key)
}

fn serve(place: &[&str]) -> Running {
    let words = [&["serve", "--no-collect", "--listen", "127.0.0.1:0"], place].concat();
    Running(sanjiang().args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started"))
}

fn until(what: &str, mut there: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(90);
    while !there() {
        assert!(Instant::now() < end, "{what} did not come to be");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_witness_cosigns_what_goes_on_and_a_receipt_holds_offline() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    let (city, data) = (at("city"), at("data"));
    small_city(&city);
    person_resource(&city);
    write(&city.join("sources/files/person.csv"), "id,age\n0001,90\n0002,30\n");
    let place = ["--city", path(&city), "--data", path(&data)];
    let with = |words: &[&str]| must(&[words, &place, &["--lang", "en"]].concat());
    with(&["collect", "--all"]);
    // Whoever asks for a receipt has the log published; the key is there from then on.
    with(&["log", "receipt", "0", "--out", path(&at("first.json"))]);
    let key = with(&["log", "key"]).trim().to_owned();
    let (standing, url, cosigner) = witness(&at("witness"), &key);

    let before = std::fs::read_to_string(city.join("city.toml")).expect("city.toml");
    let told = format!("[network]\nallow = [\"127.0.0.1\"]\n[[log.witness]]\nurl = \"{url}\"\nkey = \"{cosigner}\"\n");
    write(&city.join("city.toml"), before.clone() + &told);
    must(&["check", path(&city)]);
    let checkpoint = || std::fs::read_to_string(data.join("log/checkpoint")).unwrap_or_default();
    let serving = serve(&place);
    until("a cosignature", || checkpoint().contains("audit-office"));
    drop(serving);
    with(&["log", "receipt", "0", "--out", path(&at("receipt.json"))]);
    let offline = |file: &Path, more: &[&str]| sanjiang().args([&["log", "check-receipt", path(file), "--key", &key, "--lang", "en"], more].concat()).output().expect("ran");
    let cosigned = offline(&at("receipt.json"), &["--witness", &cosigner, "--quorum", "1"]);
    assert!(cosigned.status.success(), "{cosigned:?}");
    assert!(String::from_utf8_lossy(&cosigned.stdout).contains("\"act\": \"collect.run\""));
    assert!(offline(&at("first.json"), &[]).status.success(), "an earlier receipt goes on holding");
    let forged = std::fs::read_to_string(at("receipt.json")).expect("receipt").replace("collect.run", "collect.ran");
    write(&at("forged.json"), forged);
    assert_eq!(offline(&at("forged.json"), &[]).status.code(), Some(1));
    let kept = at("kept");
    write(&kept, checkpoint());
    let verified = with(&["log", "verify", "--witness", &cosigner, "--checkpoint", path(&kept)]);
    assert!(verified.contains("goes on from 1 earlier"), "{verified}");

    // Whoever has the key makes another log that fits itself, without what was collected.
    for gone in ["log", "sanjiang.db", "sanjiang.db-wal", "sanjiang.db-shm", "lake", "ledger"] {
        let gone = data.join(gone);
        let _ = std::fs::remove_file(&gone);
        let _ = std::fs::remove_dir_all(&gone);
    }
    write(&city.join("city.toml"), before + "[network]\nallow = [\"127.0.0.1\"]\n");
    for n in 0..8 {
        write(&city.join("sources/files/person.csv"), format!("id,age\n0009,{n}\n"));
        with(&["collect", "--all"]);
    }
    with(&["log", "receipt", "0", "--out", path(&at("rewritten.json"))]);
    assert!(with(&["log", "verify"]).contains("is whole"), "by itself it cannot be told");
    let against = sanjiang().args([&["log", "verify", "--witness", &cosigner, "--checkpoint", path(&kept), "--lang", "en"], &place[..]].concat()).output().expect("ran");
    assert_eq!(against.status.code(), Some(1), "{against:?}");
    assert!(String::from_utf8_lossy(&against.stdout).contains("earlier"), "{against:?}");
    write(&city.join("city.toml"), std::fs::read_to_string(city.join("city.toml")).expect("city.toml") + &told.replace("[network]\nallow = [\"127.0.0.1\"]\n", ""));
    let serving = serve(&place);
    until("a refusal", || std::fs::read_to_string(at("witness.err")).unwrap_or_default().contains("422"));
    drop(serving);
    assert!(!checkpoint().contains("audit-office"), "the witness has seen another log");
    drop(standing);
}
