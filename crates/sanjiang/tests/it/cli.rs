//! check, collect FILE, sql: a steward's first minutes at the command line.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{must, run, small_city, small_resource, write};

#[test]
fn check_tells_every_mistake_with_its_place_and_the_nearest_name() {
    let dir = tempfile::tempdir().expect("folder");
    small_city(dir.path());
    small_resource(dir.path(), "ledger", 1, "part.csv");
    let path = dir.path().join("resources/files/ledger.toml");
    let text = std::fs::read_to_string(&path).expect("file");
    write(&path, text.replace("system = \"files\"", "system = \"flies\"").replace("standard = \"integer\"", "standard = \"intger\""));
    let output = run(&["check", dir.path().to_str().expect("path"), "--lang", "en"]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    for expected in ["resources/files/ledger.toml:", "flies", "files", "intger", "integer"] {
        assert!(out.contains(expected), "`{expected}` is missing in\n{out}");
    }
}

#[test]
fn a_file_never_seen_before_is_collected_and_queried() {
    let dir = tempfile::tempdir().expect("folder");
    let data = dir.path().join("data");
    let data = data.to_str().expect("path");
    let file = dir.path().join("门店.csv");
    let text = "编号,店名,电话,开业日期\n007,甬江书店,0574-87001234,2024年3月5日\n008,月湖茶馆,13800000000,2023/11/2\n";
    write(&file, text);
    let file = file.to_str().expect("path");
    let shown = must(&["collect", file, "--into", "shops", "--data", data, "--dry-run"]);
    assert!(shown.contains("phone") && shown.contains("date"), "{shown}");
    let done = must(&["collect", file, "--into", "shops", "--data", data, "--lang", "en"]);
    assert!(done.contains("2 rows = 2 landed + 0 quarantined + 0 unchanged"), "{done}");
    let rows = must(&["sql", "select * from shops order by 1", "--format", "csv", "--data", data]);
    assert!(rows.contains("007") && rows.contains("2024-03-05"), "leading zeros and dates survive:\n{rows}");
    let json = must(&["sql", "select count(*) as n from standard.shops", "--format", "json", "--data", data]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON")[0]["n"], 2);
    let wrong = run(&["sql", "select nmae from shops", "--data", data, "--lang", "en"]);
    let wrong = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.contains("nmae") && wrong.contains("^^^^"), "the error points at the word:\n{wrong}");
}

#[test]
fn a_file_is_read_without_landing_it() {
    let dir = tempfile::tempdir().expect("folder");
    let file = dir.path().join("门店.csv");
    write(&file, "编号;店名\n007;甬江书店\n008\n009;\"月湖;茶馆\"\n");
    let file = file.to_str().expect("path");
    assert_eq!(must(&["read", file]), "编号,店名\n007,甬江书店\n008,\n009,月湖;茶馆\n");
    let json = must(&["read", file, "--format", "json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON")[2]["店名"], "月湖;茶馆");
    let told = run(&["read", file, "--explain", "--lang", "en"]);
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.contains("row.fields") && told.contains("collecting would refuse 1 rows"), "{told}");
    let none = run(&["read", dir.path().join("none.csv").to_str().expect("path"), "--lang", "en"]);
    assert_eq!((none.status.code(), none.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&none.stderr).contains("not there"));
}

#[test]
fn schemas_are_written_for_editors() {
    let dir = tempfile::tempdir().expect("folder");
    let out = dir.path().to_str().expect("path");
    must(&["schema", "--out", out]);
    for kind in ["city", "department", "system", "resource", "standard", "code_list", "board", "model"] {
        let text = std::fs::read_to_string(dir.path().join(format!("{kind}.schema.json"))).expect(kind);
        let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(schema["properties"].is_object() || schema["oneOf"].is_array(), "{kind}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_given_back_unless_the_environment_says_otherwise() {
    for (given, expected) in [(None, "0"), (Some("250"), "250")] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sanjiang"));
        command.args(["standard", "check", "integer"]).env_remove("MIMALLOC_PURGE_DELAY").envs(given.map(|value| ("MIMALLOC_PURGE_DELAY", value)));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
        // It has answered once it has become what it is to be, and it is still the process that was started.
        let mut input = child.stdin.take().expect("stdin");
        input.write_all(b"007\n").expect("asked");
        let environment = format!("/proc/{}/environ", child.id());
        let set = |text: Vec<u8>| String::from_utf8_lossy(&text).split('\0').any(|word| word == format!("MIMALLOC_PURGE_DELAY={expected}"));
        let began = Instant::now();
        while !std::fs::read(&environment).is_ok_and(set) {
            assert!(began.elapsed() < Duration::from_secs(30), "the setting is not there");
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(input);
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success() && !output.stdout.is_empty(), "{output:?}");
    }
}
