//! Registers from the command line: mistakes told, entities that keep their ids as deliveries come, kills that leave
//! nothing half-done.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{must, path, run, sanjiang, small_city, write};

const DECLARED: &str = r#"title = "人"
title_en = "People"
summary = "每个实体是一个人"
summary_en = "An entity is a person"
department = "office"

[[field]]
name = "number"
title = "号码"
title_en = "Number"
compare = "identifier"

[[field]]
name = "person"
title = "姓名"
title_en = "Name"
compare = "full_name"

[[field]]
name = "born"
title = "出生日期"
title_en = "Born"
compare = "date"
order = ["cards"]

[[source]]
resource = "residents"

[[source]]
resource = "cards"
fields = { person = "holder" }
"#;

struct City {
    _dir: tempfile::TempDir,
    city: std::path::PathBuf,
    data: std::path::PathBuf,
}

impl City {
    fn new() -> City {
        let dir = tempfile::tempdir().expect("folder");
        let (city, data) = (dir.path().join("city"), dir.path().join("data"));
        small_city(&city);
        resource(&city, "residents", 1, "person");
        resource(&city, "cards", 2, "holder");
        write(&city.join("registers/people.toml"), DECLARED);
        City { _dir: dir, city, data }
    }

    fn deliver(&self, residents: &[String], cards: &[String]) {
        write(&self.city.join("sources/files/residents.csv"), format!("id,number,person,born\n{}", residents.concat()));
        write(&self.city.join("sources/files/cards.csv"), format!("id,number,holder,born\n{}", cards.concat()));
    }

    fn with(&self, words: &[&str]) -> String {
        must(&[words, &["--city", path(&self.city), "--data", path(&self.data), "--lang", "en"]].concat())
    }

    /// Of each entity its number of records and its sources, by id.
    fn entities(&self) -> BTreeMap<String, String> {
        let json = self.with(&["sql", "SELECT * FROM master.people", "--format", "json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
        rows.iter().map(|row| (row["entity_id"].as_str().expect("id").to_owned(), row.to_string())).collect()
    }
}

fn resource(city: &std::path::Path, id: &str, sequence: u32, name: &str) {
    let item = |name: &str, standard: &str, more: &str| format!("[[item]]\nname = \"{name}\"\ntitle = \"{name}\"\ntitle_en = \"{name}\"\nstandard = \"{standard}\"\n{more}\n");
    let head = format!(
        "title = \"{id}\"\ntitle_en = \"{id}\"\ncode = \"3990200/{sequence:06}\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\nshare = \"unconditional\"\nopen = \"none\"\nopen_condition = \"试验数据不开放\"\ngrade = \"L1\"\nperiod = \"daily\"\n\n[collect]\nfrom = \"{id}.csv\"\n\n"
    );
    let items = [item("id", "integer", "key = true\nrequired = true"), item("number", "text", ""), item(name, "text", ""), item("born", "date", "")];
    write(&city.join(format!("resources/files/{id}.toml")), head + &items.concat());
}

fn line(id: usize, who: usize, number: bool) -> String {
    const NAMES: [&str; 12] = ["王伟", "李秀英", "张敏", "刘静", "陈丽", "杨强", "赵磊", "黄军", "周洋", "吴勇", "徐艳", "孙杰"];
    let number = if number { format!("N{:07}", who * 7919 % 9_999_991) } else { String::new() };
    format!("{id},{number},{}{},{}-{:02}-{:02}\n", NAMES[who % 12], NAMES[who * 5 % 11].chars().next_back().unwrap_or('明'), 1940 + who * 13 % 70, who % 12 + 1, who * 11 % 28 + 1)
}

/// Everybody is a resident; two of three have a card, a third of those without the number.
fn residents(people: usize) -> Vec<String> {
    (0..people).map(|who| line(who, who, true)).collect()
}

fn cards(people: usize) -> Vec<String> {
    (0..people).filter(|who| who % 3 != 0).map(|who| line(who + 1000, who, who % 9 != 1)).collect()
}

#[test]
fn entities_keep_their_ids_as_deliveries_come() {
    let city = City::new();
    city.deliver(&residents(400), &cards(400));
    let told = city.with(&["collect", "--all"]);
    assert!(told.contains("people: records new or changed 666") && told.contains("learning included"), "{told}");
    let first = city.entities();
    assert!((400..=404).contains(&first.len()), "{}", first.len());
    assert!(city.with(&["resolve"]).contains("Nothing to resolve"));
    // One resident more, and one card with another day of birth: the card is believed for it, the rest stays.
    let (mut more, mut changed) = (residents(401), cards(400));
    changed[1] = changed[1].replace("-03-", "-04-");
    city.deliver(&more, &changed);
    let told = city.with(&["collect", "--all"]);
    assert!(told.contains("people: records new or changed 2, gone 0; entities created 1"), "{told}");
    let second = city.entities();
    assert!(first.keys().all(|id| second.contains_key(id)) && second.len() == first.len() + 1);
    assert_eq!(first.iter().filter(|(id, row)| second[*id] != **row).count(), 1);
    // The disagreement is a defect of the residents' department, and what a register is made of can be seen.
    let defects = city.with(&["defect", "list"]);
    assert!(defects.contains("people.born"), "{defects}");
    assert!(!city.with(&["model", "list"]).contains("master.people"), "a register is no model");
    // Decided by hand, and taken back.
    let ids: Vec<&String> = second.keys().collect();
    let record = |id: &str| {
        let shown = city.with(&["register", "show", "people", id]);
        shown.lines().filter_map(|line| line.trim().split(' ').next()).find(|word| word.len() == 32).expect("a record").to_owned()
    };
    let decided = city.with(&["register", "decide", "people", &record(ids[0]), &record(ids[1]), "--same", "--reason", "同一人"]);
    assert!(decided.contains("1 merged"), "{decided}");
    assert_eq!(city.entities().len(), second.len() - 1);
    let changes = city.with(&["register", "changes", "people"]);
    let merged: serde_json::Value = serde_json::from_str(changes.lines().last().expect("a change")).expect("JSON");
    assert_eq!(merged["kind"], "merged");
    city.with(&["register", "undo", "people", "--decision", "1"]);
    assert_eq!(city.entities(), second);
    more.truncate(400);
    city.deliver(&more, &changed);
}

#[test]
fn a_kill_leaves_nothing_half_done() {
    let city = City::new();
    city.deliver(&residents(3000), &cards(3000));
    city.with(&["collect", "--all"]);
    let whole = city.entities();
    for step in 0..8u64 {
        let arguments = ["resolve", "people", "--relearn", "--city", path(&city.city), "--data", path(&city.data)];
        let mut child = sanjiang().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        std::thread::sleep(Duration::from_millis(150 + 130 * step));
        let _ = child.kill();
        let _ = child.wait();
        assert_eq!(city.entities(), whole, "after kill {step}");
    }
    city.with(&["resolve", "people", "--relearn"]);
    assert_eq!(city.entities(), whole);
    assert!(city.with(&["register", "list"]).contains("fresh"));
}

#[test]
fn check_tells_what_is_wrong_in_registers() {
    let city = City::new();
    let wrong = DECLARED
        .replace("resource = \"cards\"", "resource = \"crads\"")
        .replace("order = [\"cards\"]", "order = [\"residentz\"]")
        .replace("name = \"number\"", "name = \"records\"")
        .replace("department = \"office\"", "department = \"office\"\nthreshold = 1.5\nblocks = [\"nam\"]");
    write(&city.city.join("registers/people.toml"), wrong);
    let output = run(&["check", path(&city.city), "--lang", "en"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for expected in ["there is no resource `crads`", "there is no source `residentz`", "`records` cannot be a field's name", "`threshold` should be", "there is no compared field `nam`"] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}
