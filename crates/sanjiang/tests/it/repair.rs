//! Quarantine on the command line: listed, shown, mended, sent out as a file, taken back; with the real lake.

use std::fs;

use crate::support::{must, path, run, small_city, write};

#[test]
fn refused_rows_are_mended_by_a_file_and_a_correction_is_taken_back() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    small_city(&city);
    write(
        &city.join("resources/person.toml"),
        "title = \"人员\"\ncode = \"3990200/000001\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\nshare = \"unconditional\"\n\
         open = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"person.csv\"\n\
         [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"text\"\nkey = true\n\
         [[item]]\nname = \"age\"\ntitle = \"年龄\"\nstandard = \"integer\"\n",
    );
    let rows: String = (0..50).map(|n| if n < 3 { format!("{n:04},{n}岁\n") } else { format!("{n:04},{n}\n") }).collect();
    write(&city.join("sources/files/person.csv"), format!("id,age\n{rows}"));
    let place = ["--city", path(&city), "--data", path(&data), "--lang", "en"];
    let with = |words: &[&str]| must(&[words, &place].concat());
    let count = || must(&["sql", "select count(*) as n from person", "--format", "csv", "--city", path(&city), "--data", path(&data)]);
    must(&[&["collect", "--all"], &place[..]].concat());
    assert!(count().contains("47"), "{}", count());

    let causes = with(&["quarantine", "list"]);
    assert!(causes.contains("3  person") && causes.contains("age"), "{causes}");
    let listed = with(&["quarantine", "list", "person", "--rows"]);
    let id = listed.lines().find(|line| line.contains("person.csv:2 ")).and_then(|line| line.split_whitespace().next()).expect("a row").to_owned();
    let shown = with(&["quarantine", "show", &id]);
    assert!(shown.contains("! age = 0岁") && shown.contains("id = 0000"), "{shown}");
    let still = run(&[&["quarantine", "mend", &id, "--set", "age=x", "--why", "asked"], &place[..]].concat());
    assert!(!still.status.success());
    let mended = with(&["quarantine", "mend", &id, "--set", "age=30", "--why", "asked"]);
    assert!(mended.contains("1 rows corrected") && count().contains("48"), "{mended}");
    assert!(with(&["quarantine", "show", &id]).contains("0岁 → 30"));

    let file = folder.path().join("out.csv");
    with(&["quarantine", "export", "person", "--out", path(&file)]);
    let text = fs::read_to_string(&file).expect("file");
    assert!(text.contains("id,age,问题原因,问题编号\r\n0001,1岁,"), "{text}");
    fs::write(&file, text.replace("1岁,", "31,").replace("2岁,", "32,")).expect("file");
    let taken = with(&["quarantine", "correct", path(&file), "--resource", "person", "--why", "the department"]);
    assert!(taken.contains("2 rows corrected") && count().contains("50"), "{taken}");
    assert!(with(&["quarantine", "list"]).contains("Nothing in quarantine"));

    let correction = with(&["quarantine", "corrections", "person"]);
    let newest = correction.split_whitespace().next().expect("an id").to_owned();
    let undone = with(&["quarantine", "undo", &newest]);
    assert!(undone.contains("2 rows are in quarantine again") && count().contains("48"), "{undone}");
    assert!(with(&["replay", "person", "--check"]).contains("Both layers agree"));
    assert!(with(&["quarantine", "undo", &newest]).contains("2 had been undone before"));
    must(&[&["collect", "--all"], &place[..]].concat());
    assert!(count().contains("48"), "the source brings nothing new");
    assert!(!run(&[&["quarantine", "undo", "none"], &place[..]].concat()).status.success());
}
