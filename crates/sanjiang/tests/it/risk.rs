//! `sanjiang risk` as its users call it: what may not be opened, what to do, and what two files tell together.

use std::fs;

use crate::support::{must, run};

/// Thirty visits in three crowds, and one visitor whom nobody is like.
fn visits() -> String {
    let mut text = "person,sex,age,district,receipt,diagnosis\n".to_owned();
    for n in 0..30 {
        let (sex, district) = [("F", "330203"), ("M", "330203"), ("F", "330205")][n % 3];
        text += &format!("p{n},{sex},{},{district},r{n},{}\n", 30 + n % 3, ["flu", "gout", "asthma"][n / 3 % 3]);
    }
    text + "p30,M,71,330205,r30,flu\n"
}

#[test]
fn who_stands_alone_is_found_and_what_is_written_may_be_opened() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("path").to_owned();
    fs::write(path("visits.csv"), visits()).expect("written");
    let (file, open) = (path("visits.csv"), path("open.csv"));
    let said = ["--id", "person", "--quasi", "sex,age,district", "--sensitive", "diagnosis"];

    let told = run(&[&["risk", &file, "--lang", "en"][..], &said].concat());
    let text = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.status.code(), Some(1), "{text}");
    assert!(text.contains("k = 1; 1 rows unique") && text.contains("record 31"), "{text}");
    assert!(!text.contains("p30"), "who it is is not told: {text}");

    let text = must(&[&["risk", &file, "--format", "json", "--write", &open, "--leave-out", "0.05"][..], &said].concat());
    let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&told["passes"], &told["after"]["passes"]), (&false.into(), &true.into()), "{text}");
    let written = fs::read_to_string(&open).expect("read");
    assert!(written.starts_with("\u{feff}sex,age,district,receipt,diagnosis\r\n") && !written.contains(",71,"), "{written}");
    assert_eq!(written.lines().count() as u64, 1 + 31 - told["proposal"]["left_out"].as_u64().expect("count"));

    let over = run(&[&["risk", &file, "--write", &file][..], &said].concat());
    assert!(!over.status.success() && fs::read_to_string(&file).expect("read") == visits(), "a file is not written over");
}

#[test]
fn two_files_that_are_safe_alone_name_a_person_together() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("path").to_owned();
    let (mut rides, mut cards) = ("person,district,receipt\n".to_owned(), "person,age,receipt\n".to_owned());
    for n in 0..25 {
        // Two districts and two ages meet in six to nine persons each, but the last in one.
        let (district, age) = if n == 24 { (1, 1) } else { [(0, 0), (0, 1), (1, 0)][n % 3] };
        rides += &format!("p{n},d{district},r{n}\n");
        cards += &format!("p{n},{age}0s,r{n}\n");
    }
    fs::write(path("rides.csv"), rides).expect("written");
    fs::write(path("cards.csv"), cards).expect("written");
    let (rides, cards) = (path("rides.csv"), path("cards.csv"));
    let alone = run(&["risk", &cards, "--quasi", "age", "--id", "person"]);
    assert!(String::from_utf8_lossy(&alone.stdout).contains("k = 9"), "{alone:?}");
    let unknown = run(&["risk", &rides, "--quasi", "district,age", "--id", "person", "--lang", "en"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no column `age`"), "{unknown:?}");
    let told = run(&["risk", &rides, "--with", &cards, "--id", "person", "--quasi", "district,age", "--format", "json"]);
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let exposed = told["mosaic"]["exposed"].as_array().expect("list");
    assert_eq!(exposed.len(), 1, "{told}");
    assert_eq!((&exposed[0]["row"], &exposed[0]["k"]), (&24.into(), &1.into()));
}
