//! The lake under care: damage is named and mended, a full disk refuses writing only.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sight::{add_account, log_in};
use crate::support::{Server, exchange, must, run, small_city, small_resource, write};

fn text(path: &Path) -> &str {
    path.to_str().expect("path")
}

fn city(dir: &Path) -> (PathBuf, PathBuf) {
    let (city, data) = (dir.join("city"), dir.join("data"));
    small_city(&city);
    small_resource(&city, "ledger", 1, "part-*.csv");
    for file in 0..3 {
        let rows: String = (0..200).map(|row| format!("{},第{row}号\n", file * 200 + row)).collect();
        write(&city.join(format!("sources/files/part-{file}.csv")), format!("id,name\n{rows}"));
    }
    (city, data)
}

fn data_files(data: &Path, layer: &str) -> Vec<PathBuf> {
    let folder = data.join("lake").join(layer).join("ledger");
    let files = std::fs::read_dir(folder).expect("table").filter_map(Result::ok).map(|file| file.path());
    files.filter(|path| path.extension().is_some_and(|kind| kind == "parquet")).collect()
}

#[test]
fn damage_is_named_and_repair_brings_every_row_back() {
    let dir = tempfile::tempdir().expect("folder");
    let (city, data) = city(dir.path());
    let place = ["--city", text(&city), "--data", text(&data), "--lang", "en"];
    let with = |words: &[&'static str]| [words, &place].concat();
    must(&with(&["collect", "--all"]));
    let rows = || must(&["sql", "select count(*) as n, sum(id) as s from ledger", "--format", "csv", "--data", text(&data)]);
    let right = rows();
    let clean = must(&with(&["lake", "verify", "--deep"]));
    assert!(clean.contains("0 damaged"), "{clean}");
    for (layer, means) in [("standard", "cannot be read"), ("raw", "cannot be read")] {
        let file = data_files(&data, layer).remove(0);
        let mut bytes = std::fs::read(&file).expect("file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).expect("file");
        let verified = run(&with(&["lake", "verify"]));
        let out = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert_eq!(verified.status.code(), Some(1), "{out}");
        assert!(out.contains(text(&file)) && out.contains(means) && out.contains(&format!("{layer}.ledger  version ")) && out.contains("lake repair") && out.contains("1 damaged"), "{out}");
        let repaired = run(&with(&["lake", "repair"]));
        let out = String::from_utf8_lossy(&repaired.stdout).into_owned();
        assert!(repaired.status.success(), "{layer}: {out}{}", String::from_utf8_lossy(&repaired.stderr));
        assert_eq!(layer == "raw", out.contains("must be collected again"), "{out}");
        assert_eq!(rows(), right, "{layer}: {out}");
        let again = must(&with(&["lake", "verify", "--deep"]));
        assert!(again.contains("0 damaged"), "{again}");
        assert!(std::fs::read_dir(data.join("lake/damaged")).expect("damaged files are kept").count() > 0);
    }
    let raw = must(&["sql", "select count(distinct id) as n from raw.ledger", "--format", "csv", "--data", text(&data)]);
    assert!(raw.contains("600"), "raw holds every row again: {raw}");
    must(&with(&["lake", "compact", "--whole"]));
    must(&with(&["lake", "vacuum"]));
    assert_eq!(rows(), right);
    let wrong = run(&["lake", "verify", "standard.leger", "--data", text(&data)]);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("standard.ledger"), "the nearest name is told");
}

#[test]
fn a_full_disk_is_told_as_507_and_heals_by_itself() {
    let dir = tempfile::tempdir().expect("folder");
    let (city, data) = city(dir.path());
    std::fs::create_dir_all(&data).expect("folder");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m", "small", text(&data)]).output();
    if !mounted.is_ok_and(|done| done.status.success()) {
        eprintln!("SKIP: no right to mount a small file system, 507 was NOT tested");
        return;
    }
    let _unmount = Unmount(data.clone());
    must(&["collect", "--all", "--city", text(&city), "--data", text(&data)]);
    let server = Server::start(&["serve", "--no-collect", "--city", text(&city), "--data", text(&data)]);
    add_account(&city, &data, "chen", &["--role", "steward"]);
    let cookie = log_in(&server, "chen");
    let filler = data.join("filler");
    let mut file = std::fs::File::create(&filler).expect("file");
    while std::io::Write::write_all(&mut file, &[7; 4096]).is_ok() {}
    drop(file);
    let origin = format!("http://{}", server.address);
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json"), ("Origin", origin.as_str())];
    let post = |path: &str, body: &str| exchange(&server.address, "POST", path, &headers, body).expect("answer");
    let (code, _, body) = post("/api/v1/collect", r#"{"resource":"ledger"}"#);
    assert!(code == 507 && body.contains("磁盘空间不足") && body.contains("the disk is full"), "{code} {body}");
    let (code, _, body) = post("/api/v1/sql", r#"{"sql":"select count(*) as n from ledger"}"#);
    assert!(code == 200 && body.contains("600"), "reads go on: {code} {body}");
    assert_eq!(server.get("/catalog").0, 200, "pages go on");
    std::fs::remove_file(&filler).expect("room");
    let (code, _, body) = post("/api/v1/collect", r#"{"resource":"ledger"}"#);
    assert_eq!(code, 202, "{body}");
}

struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
