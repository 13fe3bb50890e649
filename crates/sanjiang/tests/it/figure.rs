//! Figures from the command line: mistakes told with their place, values over periods and by parts, small groups left out,
//! and what goes wrong later leaves the last values standing.

use crate::support::{must, path, run, small_city, write};

struct City {
    _dir: tempfile::TempDir,
    city: std::path::PathBuf,
    data: std::path::PathBuf,
}

const RESOURCE: &str = r#"title = "热线"
title_en = "Calls"
code = "3990200/000001"
summary = "试验"
system = "files"
class = "department"
share = "unconditional"
open = "none"
open_condition = "试验数据不开放"
grade = "L3"
period = "daily"

[collect]
from = "calls.csv"

[[item]]
name = "id"
title = "编号"
title_en = "id"
standard = "integer"
key = true
required = true
grade = "L1"

[[item]]
name = "called_at"
title = "时间"
title_en = "Called at"
standard = "datetime"
grade = "L1"

[[item]]
name = "kind"
title = "类别"
title_en = "Kind"
standard = "text"
grade = "L3"

[[item]]
name = "minutes"
title = "分钟"
title_en = "Minutes"
standard = "integer"
grade = "L3"

[[rule]]
name = "minutes_given"
title = "分钟不为空"
title_en = "minutes are given"
dimension = "completeness"
expression = "minutes is not null"

[[rule]]
name = "kind_short"
title = "类别不超过一个字"
title_en = "kinds are short"
dimension = "validity"
expression = "length(kind) <= 1"
"#;

impl City {
    fn new() -> City {
        let dir = tempfile::tempdir().expect("folder");
        let (city, data) = (dir.path().join("city"), dir.path().join("data"));
        small_city(&city);
        write(&city.join("resources/files/calls.toml"), RESOURCE);
        City { _dir: dir, city, data }
    }

    fn figure(&self, id: &str, more: &str) {
        let head = format!("title = \"{id}\"\ntitle_en = \"{id}\"\nsummary = \"试验\"\ndepartment = \"office\"\n");
        write(&self.city.join(format!("figures/{id}.toml")), head + more);
    }

    fn told(&self, words: &[&str]) -> String {
        let output = run(&[words, &["--city", path(&self.city), "--data", path(&self.data), "--lang", "en"]].concat());
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    /// Calls of January 2026: `many` of kind a, and three of kind b; of February, twice as many. By Beijing's clocks, the last of
    /// January is called at 31 January 23:30, which is the same month in UTC; one at 1 February 00:30 is January in UTC.
    fn deliver(&self, many: u32) {
        let mut rows = String::from("id,called_at,kind,minutes\n");
        let mut id = 0;
        let mut add = |time: &str, kind: &str, minutes: &str| {
            id += 1;
            rows.push_str(&format!("{id},{time},{kind},{minutes}\n"));
        };
        for n in 0..many {
            add(&format!("2026-01-{:02} 10:00:00", n % 28 + 1), "a", "10");
            add(&format!("2026-02-{:02} 10:00:00", n % 28 + 1), "a", "20");
            add(&format!("2026-02-{:02} 11:00:00", n % 28 + 1), "a", "30");
        }
        for _ in 0..3 {
            add("2026-01-31 23:30:00", "b", "");
        }
        add("2026-02-01 00:30:00", "cc", "1");
        write(&self.city.join("sources/files/calls.csv"), rows);
    }
}

#[test]
fn check_tells_mistakes_of_figures_at_their_place() {
    let city = City::new();
    city.figure("table", "from = \"cals\"\nvalue = \"count(*)\"\n");
    city.figure("column", "from = \"calls\"\nvalue = \"sum(minuts)\"\n");
    city.figure("below", "from = \"calls\"\nvalue = '''\nsum(minutes)\n  / count(idd)'''\n");
    city.figure("condition", "from = \"calls\"\nvalue = \"count(*)\"\nwhere = \"knd = 'a'\"\n");
    city.figure("single", "from = \"calls\"\nvalue = \"minutes\"\n");
    city.figure("text", "from = \"calls\"\nvalue = \"max(kind)\"\n");
    city.figure("period", "from = \"calls\"\nvalue = \"count(*)\"\nperiod = \"month\"\n");
    city.figure("time", "from = \"calls\"\nvalue = \"count(*)\"\nperiod = \"month\"\ntime = \"kind\"\n");
    city.figure("by", "from = \"calls\"\nvalue = \"count(*)\"\nby = [\"kindd\"]\n");
    city.figure("other", "from = \"calls\"\nvalue = \"(SELECT count(*) FROM raw.calls)\"\n");
    city.figure("good", "from = \"calls\"\nvalue = \"count(*)\"\nby = [\"kind\"]\n");
    let board = "title = \"看板\"\ntitle_en = \"Board\"\n[[panel]]\nid = \"a\"\nkind = \"line\"\nfigure = \"good\"\n[[panel]]\nid = \"b\"\nkind = \"bar\"\nfigure = \"goood\"\n\
        [[panel]]\nid = \"c\"\nkind = \"bar\"\nfigure = \"good\"\nby = \"minutes\"\n";
    write(&city.city.join("boards/home.toml"), board);
    let output = run(&["check", path(&city.city), "--lang", "en"]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    // Shapes and references first: the engine is asked when these hold.
    for expected in [
        "`period` needs `time`",
        "figure `good` has no periods to draw a line over",
        "there is no figure `goood`",
        "there is no column that it can be broken down by `minutes`",
    ] {
        assert!(out.contains(expected), "`{expected}` is missing in\n{out}");
    }
    std::fs::remove_file(city.city.join("boards/home.toml")).expect("removed");
    std::fs::remove_file(city.city.join("figures/period.toml")).expect("removed");
    let output = run(&["check", path(&city.city), "--lang", "en"]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    for expected in [
        "figures/table.toml:5:9",
        "did you mean `calls`?",
        "figures/column.toml:6:14",
        "did you mean `minutes`?",
        "figures/below.toml:8:11",
        "figures/condition.toml:7:10",
        "figures/single.toml:6:10",
        "should sum up all rows to one value",
        "figures/text.toml:6:10",
        "should be a number",
        "`kind` is neither a date nor a date and time",
        "`calls` has no column `kindd`",
        "did you mean `kind`?",
        "a figure reads the table of `from` alone",
    ] {
        assert!(out.contains(expected), "`{expected}` is missing in\n{out}");
    }
    assert!(!out.contains("figures/good.toml"), "{out}");
}

#[test]
fn figures_follow_what_they_count_and_stand_when_it_goes_wrong() {
    let city = City::new();
    city.figure("calls", "from = \"calls\"\nvalue = \"count(*)\"\nperiod = \"month\"\ntime = \"called_at\"\nby = [\"kind\"]\nunit = \"件\"\nunit_en = \"calls\"\n");
    city.figure("length", "from = \"calls\"\nvalue = \"avg(minutes)\"\nwhere = \"kind = 'a'\"\ndecimals = 1\n");
    city.figure("all", "from = \"calls\"\nvalue = \"count(*)\"\n");
    let board = "title = \"看板\"\ntitle_en = \"Board\"\n[[panel]]\nid = \"calls\"\nkind = \"bar\"\nfigure = \"calls\"\n";
    write(&city.city.join("boards/home.toml"), board);
    city.deliver(8);
    city.told(&["collect", "--all"]);
    let list = city.told(&["figure", "list"]);
    // February by Beijing's clocks: sixteen, and the one at half past midnight; January: eight and three.
    let line = |list: &str, id: &str| list.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{id}: {list}")).to_owned();
    let calls = line(&list, "calls");
    assert!(calls.contains(" 17 calls 2026-02-01") && calls.contains("before +54.5%"), "{list}");
    // (8 × 10 + 8 × 20 + 8 × 30) / 24
    assert!(line(&list, "length").contains(" 20 "), "{list}");
    assert!(line(&list, "all").contains(" 28 "), "{list}");
    let shown = city.told(&["figure", "show", "calls"]);
    assert!(shown.contains("2026-01-01   11") && shown.contains("HAVING count(*) >= 5"), "{shown}");
    // Three of a kind, and one, are groups too small to be told; the whole has them.
    let parts = shown.split("(kind)").nth(1).expect("the parts");
    assert!(parts.contains("16") && !parts.contains(" cc") && !parts.contains(" b "), "{shown}");
    // The rules that fail at the source, those on what the figure uses with a mark; a count uses only the time.
    let length = city.told(&["figure", "show", "length"]);
    assert!(length.contains("! minutes are given 3/28") && length.contains("! kinds are short 1/28"), "{length}");
    assert!(shown.contains("  minutes are given 3/28"), "{shown}");
    // What it goes into is told with the column.
    let lineage = city.told(&["model", "list"]);
    assert!(!lineage.contains("error"), "{lineage}");

    // More rows come: every figure over the table follows. A definition that changes begins anew.
    city.deliver(10);
    city.told(&["collect", "--all"]);
    assert!(line(&city.told(&["figure", "list"]), "all").contains(" 34 "));
    city.figure("all", "from = \"calls\"\nvalue = \"count(*) / 0\"\n");
    let wrong = line(&city.told(&["figure", "list"]), "all");
    assert!(wrong.contains(" — "), "not worked out yet as declared now: {wrong}");
    city.told(&["figure", "refresh"]);
    let wrong = line(&city.told(&["figure", "list"]), "all");
    assert!(wrong.contains(" ! ") || wrong.contains(" — "), "{wrong}");
    city.figure("all", "from = \"calls\"\nvalue = \"count(*)\"\n");
    city.told(&["figure", "refresh"]);
    assert!(line(&city.told(&["figure", "list"]), "all").contains(" 34 "));
    // A figure that is gone is forgotten, and nothing else with it.
    std::fs::remove_file(city.city.join("figures/length.toml")).expect("removed");
    city.told(&["figure", "refresh"]);
    let list = city.told(&["figure", "list"]);
    assert!(!list.contains("length") && line(&list, "calls").contains(" 21 calls"), "{list}");
    let kept = must(&["sql", "select count(*) as n from calls", "--format", "json", "--data", path(&city.data)]);
    assert!(kept.contains("34"), "{kept}");
}
