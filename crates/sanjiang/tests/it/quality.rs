//! Rules over the real lake: what fails is found row by row, becomes a defect, and closes when the source is mended.

use std::path::Path;

use crate::support::{must, path, run, small_city, write};

const RULES: &str = r#"
[[rule]]
name = "positive"
title = "金额为正"
title_en = "The amount is positive"
dimension = "validity"
expression = "amount / 2 > 0 and (note is null or length(note) < 5)"

[[rule]]
name = "noted"
title = "有备注"
title_en = "There is a note"
dimension = "completeness"
expression = "note like '%_%'"
when_null = "fail"
severity = "warning"
allowed = 0.5

[[rule]]
name = "one_number"
title = "编号不重复"
title_en = "No number twice"
dimension = "uniqueness"
unique = ["number"]
severity = "info"

[[rule]]
name = "owner_known"
title = "户主已登记"
title_en = "The owner is known"
dimension = "referential"
references = { items = ["owner"], resource = "person", to = ["id"] }

[[rule]]
name = "recent"
title = "数据不太旧"
title_en = "Not too old"
dimension = "timeliness"
fresh = { item = "day", within = "P2D" }

[[rule]]
name = "every_function"
title = "每个函数都能执行"
title_en = "Every function runs"
dimension = "validity"
expression = """
EVERY
"""
"#;

/// True of every row, good or bad; uses each function that rules may use.
const EVERY: &str = "abs(amount) >= 0 and ceil(amount) >= floor(amount) and round(amount) = round(amount, 0) and amount % 7 < 7
and coalesce(note, 'x') || concat(number, 'y') <> '' and greatest(amount, 0) >= least(amount, 0) and (nullif(note, '') is null or trim(note) = note)
and starts_with(number, 'N') and not ends_with(number, 'x') and strpos(number, 'N') = 1 and left(number, 1) = 'N' and length(right(number, 3)) = 3
and lower(upper(number)) = lower(number) and replace(number, 'N', '') = substr(number, 2) and regexp_like(number, '^N[0-9]{3}$')
and year(day) = 2026 and month(day) = 1 and day(day) between 1 and 28 and to_char(day, '%Y') = '2026' and days_between(day, today()) > 0
and add_days(day, 1) > day and date(seen) = date '2026-01-05' and seen < now() and open and cast(substr(number, 2) as bigint) >= 0
and case open when true then amount > -10 else false end and owner in (0, 1, 2, 3, 4, 99) and number not ilike 'x%' and open is not false";

fn resource(city: &Path, id: &str, sequence: u32, items: &str, rules: &str) {
    let head = format!(
        "title = \"{id}\"\ntitle_en = \"{id}\"\ncode = \"3990200/{sequence:06}\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\n\
         share = \"unconditional\"\nopen = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"{id}.csv\"\n"
    );
    write(&city.join(format!("resources/{id}.toml")), head + items + rules);
}

fn item(name: &str, standard: &str, key: bool) -> String {
    format!("[[item]]\nname = \"{name}\"\ntitle = \"{name}\"\ntitle_en = \"{name}\"\nstandard = \"{standard}\"\nkey = {key}\n")
}

/// Two hundred rows; those whose number ends in 0 are wrong in one way or another.
fn deliver(city: &Path, mended: bool) {
    let mut text = "id,number,amount,note,owner,day,seen,open\n".to_owned();
    for id in 0..200 {
        let bad = !mended && id % 10 == 0;
        let number = if id == 7 { 3 } else { id };
        let owner = if id % 40 == 1 && !mended {
            "99".to_owned()
        } else {
            (id % 5).to_string()
        };
        let note = if id % 4 == 0 { "" } else { "好" };
        text += &format!(
            "{id},N{number:03},{},{note},{owner},2026-01-{:02},2026-01-05 23:30:00,是\n",
            if bad { -5 } else { 5 },
            id % 28 + 1
        );
    }
    write(&city.join("sources/files/deed.csv"), text);
    write(&city.join("sources/files/person.csv"), "id\n0\n1\n2\n3\n4\n");
}

#[test]
fn what_fails_is_found_row_by_row_and_closes_when_mended() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    small_city(&city);
    let items: String = [
        ("id", "integer"),
        ("number", "text"),
        ("amount", "money"),
        ("note", "text"),
        ("owner", "integer"),
        ("day", "date"),
        ("seen", "datetime"),
        ("open", "boolean"),
    ]
    .map(|(name, standard)| item(name, standard, name == "id"))
    .concat();
    resource(&city, "person", 1, &item("id", "integer", true), "");
    resource(&city, "deed", 2, &items, &RULES.replace("EVERY", EVERY));
    let place = ["--city", path(&city), "--data", path(&data), "--lang", "en"];
    let with = |words: &[&str]| must(&[words, &place].concat());
    let found = |words: &[&str]| {
        let output = run(&[words, &place].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (
            output.status.code(),
            serde_json::from_str::<serde_json::Value>(&text)
                .unwrap_or_else(|_| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr))),
        )
    };
    let failed = |found: &serde_json::Value| {
        let of = |rule: &serde_json::Value| {
            (
                rule["name"].as_str().expect("name").to_owned(),
                rule["failed"].as_u64().expect("count"),
                rule["state"].as_str().expect("state").to_owned(),
            )
        };
        found["rules"].as_array().expect("rules").iter().map(of).collect::<Vec<_>>()
    };
    let expected = |all: &[(&str, u64, &str)]| {
        all.iter()
            .map(|(name, n, state)| ((*name).to_owned(), *n, (*state).to_owned()))
            .collect::<Vec<_>>()
    };

    deliver(&city, false);
    with(&["collect", "--all"]);
    let (code, first) = found(&["quality", "deed", "--json"]);
    assert_eq!(first["error"], serde_json::Value::Null, "{first}");
    assert_eq!(
        failed(&first),
        expected(&[
            ("positive", 20, "failed"),
            ("noted", 50, "passed"),
            ("one_number", 2, "failed"),
            ("owner_known", 5, "failed"),
            ("recent", 1, "failed"),
            ("every_function", 0, "passed")
        ])
    );
    assert_eq!((code, first["rows"].as_u64()), (Some(1), Some(200)));
    let share = 5.0 * (0.9 + 0.975 + 0.0 + 1.0) + 2.0 * 0.75 + 0.99;
    assert!(
        (first["score"].as_f64().expect("score") - 100.0 * share / 23.0).abs() < 1e-9,
        "{first}"
    );

    // Every failing row, by its hash, also of the rules that compare rows.
    for (rule, count) in [("positive", 20), ("one_number", 2), ("owner_known", 5), ("noted", 50)] {
        let rows = with(&["quality", "deed", "--rows", rule]);
        let hashes: Vec<&str> = rows.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(hashes.len(), count, "{rule}\n{rows}");
        assert!(
            hashes.windows(2).all(|pair| pair[0] < pair[1]) && hashes.iter().all(|hash| hash.len() == 32),
            "{rows}"
        );
    }
    assert!(with(&["quality", "deed", "--rows", "owner_known"]).contains(",99,"));

    // One defect a rule, none for what only informs; the department answers, but the data decide.
    let listed = with(&["defect", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let id = listed
        .lines()
        .find(|line| line.contains("positive"))
        .and_then(|line| line.split_whitespace().next())
        .expect("id")
        .to_owned();
    with(&["defect", "answer", &id, "--words", "mended"]);
    found(&["quality", "deed", "--json"]);
    let told = with(&["defect", "show", &id]);
    assert!(told.contains("rechecked (20)") && told.contains("mended"), "{told}");
    assert_eq!(with(&["defect", "list"]).lines().count(), 3);

    deliver(&city, true);
    let (_, quiet) = found(&["quality", "deed", "--json"]);
    assert_eq!(quiet["rules"][0]["failed"], 20, "nothing was collected yet");
    with(&["collect", "--all"]);
    let told = with(&["defect", "show", &id]);
    assert!(told.contains("closed (0)"), "the collection measured: {told}");
    assert_eq!(with(&["defect", "list"]).lines().count(), 1, "only the age of the data is left");

    // An objection enters the same list, and a person settles it.
    let objection = with(&["defect", "object", "deed", "--words", "the owner is dead"])
        .trim()
        .to_owned();
    assert_eq!(with(&["defect", "list", "--department", "office"]).lines().count(), 2);
    with(&["defect", "answer", &objection, "--words", "corrected"]);
    with(&["defect", "recheck", &objection, "--words", "right now"]);
    assert_eq!(with(&["defect", "list"]).lines().count(), 1);
    assert!(
        !run(&[&["defect", "recheck", &id, "--words", "no"][..], &place].concat())
            .status
            .success()
    );
}

/// As many rules as may stand in a resource are measured, however long their statement grows.
#[test]
fn two_hundred_rules_are_measured() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    small_city(&city);
    let rule = |n: usize| {
        let asks = (0..20)
            .map(|k| format!("id <> {}", 1000 + n * 20 + k))
            .collect::<Vec<_>>()
            .join(" and ");
        format!(
            "[[rule]]\nname = \"r{n}\"\ntitle = \"规则\"\ntitle_en = \"Rule\"\ndimension = \"validity\"\nexpression = \"{asks} and id <> {n}\"\n"
        )
    };
    let rules: String = (0..200).map(rule).collect();
    resource(&city, "deed", 1, &item("id", "integer", true), &rules);
    write(&city.join("sources/files/deed.csv"), "id\n0\n1\n2\n199\n");
    let place = ["--city", path(&city), "--data", path(&data), "--lang", "en"];
    must(&[&["collect", "--all"][..], &place].concat());
    let output = run(&[&["quality", "deed", "--json"][..], &place].concat());
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["error"], serde_json::Value::Null);
    let failed = found["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .filter(|rule| rule["failed"] == 1)
        .count();
    assert_eq!((failed, found["rules"].as_array().map(Vec::len)), (4, Some(200)));
}

/// Killed whenever it may be, a measurement is there with all that follows from it, or not at all.
#[test]
fn a_killed_measurement_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().expect("folder");
    let (city, data) = (folder.path().join("city"), folder.path().join("data"));
    small_city(&city);
    resource(&city, "person", 1, &item("id", "integer", true), "");
    let rules = |n: usize| {
        (0..n)
            .map(|n| {
                format!(
                    "[[rule]]\nname = \"r{n}\"\ntitle = \"规则\"\ntitle_en = \"Rule\"\ndimension = \"uniqueness\"\nunique = [\"name\"]\n"
                )
            })
            .collect::<String>()
    };
    let items = item("id", "integer", true) + &item("name", "text", false);
    resource(&city, "deed", 2, &items, "");
    write(&city.join("sources/files/deed.csv"), "id,name\n1,甲\n2,甲\n3,乙\n");
    write(&city.join("sources/files/person.csv"), "id\n0\n");
    let place = ["--city", path(&city), "--data", path(&data), "--lang", "en"];
    must(&[&["collect", "--all"][..], &place].concat());
    resource(&city, "deed", 2, &items, &rules(8));
    let defects = || {
        must(&[&["defect", "list", "--all"][..], &place].concat())
            .lines()
            .filter(|line| line.contains(" deed "))
            .count()
    };
    let mut seen = Vec::new();
    for delay in (0..10).map(|n| 60 + n * 120) {
        let mut child = crate::support::sanjiang()
            .args(["quality", "deed"])
            .args(place)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the binary starts");
        std::thread::sleep(std::time::Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
        seen.push(defects());
    }
    assert!(seen.iter().all(|count| *count == 0 || *count == 8), "{seen:?}");
    run(&[&["quality", "deed"][..], &place].concat());
    assert_eq!(defects(), 8, "{seen:?}");
}
