//! The repair loop through the binary: a failing rule opens a defect, an edited row closes it; and kill -9 in the midst of an
//! edit leaves nothing half done.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{must, path, person_resource, run, sanjiang, small_city, write};

const KILLS: u32 = 8;

fn prepare(city: &Path) {
    small_city(city);
    person_resource(city);
    deliver(city, 900);
}

/// Fifty people, the first of whom has this age.
fn deliver(city: &Path, age: u32) {
    let rows: String = (1..50).map(|n| format!("{n:04},{n}\n")).collect();
    write(&city.join("sources/files/person.csv"), format!("id,age\n0000,{age}\n{rows}"));
}

#[test]
fn an_edited_row_closes_the_defect_and_kills_leave_nothing_half_done() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    prepare(&city);
    let place = ["--city", path(&city), "--data", path(&data), "--lang", "en"];
    let with = |words: &[&str]| must(&[words, &place].concat());
    let sql = |text: &str| must(&["sql", text, "--format", "csv", "--city", path(&city), "--data", path(&data)]);
    let first = || sql("select age from person where id = '0000'").lines().nth(1).map(str::to_owned).expect("one row");
    let count = || sql("select count(*) as n from person").lines().nth(1).map(str::to_owned).expect("one row");
    let collect = || must(&[&["collect", "--all"], &place[..]].concat());
    let failing = || {
        let rows = with(&["quality", "person", "--rows", "alive"]);
        rows.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect::<Vec<String>>()
    };
    collect();
    assert!(with(&["defect", "list"]).contains("person"), "the failing rule opened a defect");
    let source = failing().pop().expect("a failing row");
    let id = format!("person/{source}");
    let shown = with(&["quarantine", "show", &id]);
    assert!(shown.contains("age = 900") && shown.contains("person.csv:2"), "{shown}");
    for (set, why) in [("age=x", "not a number"), ("id=0100", "the key"), ("age=900", "the same")] {
        assert!(!run(&[&["quarantine", "mend", &id, "--set", set, "--why", "asked"], &place[..]].concat()).status.success(), "{why}");
    }

    // How long one edit takes, so that the kills spread over it; then it is taken back.
    let began = Instant::now();
    let done = with(&["quarantine", "mend", &id, "--set", "age=90", "--why", "asked"]);
    let takes = began.elapsed();
    assert!(done.contains("1 rows corrected") && first() == "90", "{done}");
    assert!(!with(&["defect", "list"]).contains("person"), "the rule was measured again and its defect closed");
    collect();
    assert_eq!((first(), count()), ("90".to_owned(), "50".to_owned()), "the source goes on with the same row");
    let correction = |listed: &str| listed.lines().next().and_then(|line| line.split_whitespace().next()).expect("an id").to_owned();
    let listed = with(&["quarantine", "corrections", "person"]);
    assert!(listed.contains("landed rows"), "{listed}");
    assert!(with(&["quarantine", "undo", &correction(&listed)]).contains("1 rows are as the source delivers them again"));
    assert_eq!((first(), failing()), ("900".to_owned(), vec![source.clone()]));

    for kill in 0..KILLS {
        let mut arguments = vec!["quarantine", "mend", &id, "--set", "age=91", "--why", "asked"];
        arguments.extend(place);
        let mut child = sanjiang().args(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        std::thread::sleep(takes * (kill + 1) / (KILLS + 1) + Duration::from_millis(u64::from(kill)));
        child.kill().expect("killed");
        child.wait().expect("ended");
        // Whatever it was at, the row is the one or the other, and there is one of each person.
        let seen = first();
        assert!((seen == "900" || seen == "91") && count() == "50", "kill {kill}: {seen}, {} rows", count());
        let again = run(&arguments);
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(again.status.success() || said.contains("not current any more"), "kill {kill}: {said} {}", String::from_utf8_lossy(&again.stderr));
        assert_eq!((first(), count(), failing().len()), ("91".to_owned(), "50".to_owned(), 0), "kill {kill}");
        assert!(with(&["replay", "person", "--check"]).contains("Both layers agree"), "kill {kill}");
        collect();
        assert_eq!(first(), "91", "kill {kill}");
        let listed = with(&["quarantine", "corrections", "person"]);
        assert_eq!(listed.lines().count() as u32, kill + 2, "kill {kill}: {listed}");
        with(&["quarantine", "undo", &correction(&listed)]);
        assert_eq!(first(), "900", "kill {kill}");
    }
    with(&["quarantine", "mend", &id, "--set", "age=92", "--why", "asked"]);
    deliver(&city, 93);
    collect();
    assert_eq!(first(), "93", "the source delivers another row: that counts");
}
