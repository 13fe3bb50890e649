//! Held, accepted, told cell by cell, as it was, and made again: with the real lake, on the command line.

use crate::support::{must, path, run, small_city, write};

#[test]
fn a_delivery_is_held_accepted_and_its_history_can_be_asked() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    small_city(&city);
    let declared = |standard: &str| {
        write(
            &city.join("resources/person.toml"),
            format!(
                "title = \"人员\"\ncode = \"3990200/000001\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\nshare = \"unconditional\"\n\
                 open = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"person.csv\"\non_missing = \"remove\"\n\
                 [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\nkey = true\n\
                 [[item]]\nname = \"age\"\ntitle = \"年龄\"\nstandard = \"{standard}\"\n"
            ),
        );
    };
    declared("text");
    let deliver = |rows: std::ops::Range<usize>, age: usize| {
        let rows: String = rows.map(|id| format!("{id},{age}\n")).collect();
        write(&city.join("sources/files/person.csv"), format!("id,age\n{rows}"));
    };
    let place = ["--city", path(&city), "--data", path(&data)];
    let with = |words: &[&str]| must(&[words, &place].concat());
    let count = |more: &[&str]| with(&[&["sql", "select count(*) as n, min(age) as age from person", "--format", "csv"], more].concat());

    deliver(0..300, 30);
    with(&["collect", "--all", "--lang", "en"]);
    deliver(0..100, 31);
    let held = with(&["collect", "--all", "--lang", "en"]);
    assert!(held.contains("more than the 20% that one may remove"), "{held}");
    let listed = with(&["drift", "list", "--lang", "en"]);
    let id = listed.split_whitespace().next().expect("id").to_owned();
    with(&["drift", "accept", &id, "--why", "moved away", "--lang", "en"]);
    assert!(count(&[]).contains("100,31"), "{}", count(&[]));
    assert!(count(&["--as-of", "1"]).contains("300,30"), "{}", count(&["--as-of", "1"]));
    let changes = with(&["history", "person", "changes", "--from", "1", "--to", "9"]);
    let of = |word: &str| changes.lines().filter(|line| line.contains(&format!("\"change\":\"{word}\""))).count();
    assert_eq!((of("removed"), of("corrected"), of("added")), (200, 100, 0));
    assert_eq!(with(&["history", "person", "row", "7"]).lines().count(), 2);

    // The standard was wrong: numbers, not text. The table is made anew, in its new type.
    declared("integer");
    let checked = with(&["replay", "person", "--check", "--lang", "en"]);
    assert!(checked.contains("Both layers agree"), "{checked}");
    with(&["replay", "person", "--lang", "en"]);
    let typed = with(&["sql", "select sum(age) as s from person", "--format", "csv"]);
    assert!(typed.contains("3100"), "{typed}");
    with(&["collect", "--all", "--lang", "en"]);
    assert!(count(&[]).contains("100,31"));
    let nobody = run(&["replay", "nobody", "--city", path(&city), "--data", path(&data)]);
    assert!(!nobody.status.success());
}
