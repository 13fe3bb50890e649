//! Models from the command line: mistakes told with their place, only what changed is made, a failure keeps the last
//! good version and holds back what hangs on it, and a kill in the midst leaves nothing half-done.

use std::time::Duration;

use crate::support::{Server, must, path, run, small_city, small_resource, write};

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
        small_resource(&city, "ledger", 1, "ledger.csv");
        City { _dir: dir, city, data }
    }

    fn model(&self, place: &str, more: &str, sql: &str) {
        let head = format!("/*\ntitle = \"{place}\"\ntitle_en = \"{place}\"\nsummary = \"试验\"\ndepartment = \"office\"\n{more}*/\n");
        write(&self.city.join(format!("models/{place}.sql")), head + sql);
    }

    fn deliver(&self, rows: std::ops::Range<u64>) {
        let rows: String = rows.map(|id| format!("{id},第{id}号\n")).collect();
        write(&self.city.join("sources/files/ledger.csv"), format!("id,name\n{rows}"));
    }

    fn with(&self, words: &[&str]) -> std::process::Output {
        run(&[words, &["--city", path(&self.city), "--data", path(&self.data), "--lang", "en"]].concat())
    }

    fn told(&self, words: &[&str]) -> String {
        let output = self.with(words);
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    }

    fn number(&self, sql: &str) -> u64 {
        let json = must(&["sql", sql, "--format", "json", "--data", path(&self.data)]);
        let rows: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        rows[0]["n"].as_u64().unwrap_or_else(|| panic!("{sql}: {json}"))
    }
}

#[test]
fn check_tells_what_is_wrong_in_models_without_any_data() {
    let city = City::new();
    city.model("topic/wrong_table", "", "SELECT id\nFROM ledgre\n");
    city.model("topic/wrong_column", "", "SELECT id,\n       nmae\nFROM ledger\n");
    city.model("topic/nameless", "", "SELECT count(*) FROM ledger\n");
    city.model("topic/wrong_key", "key = [\"idd\"]\n", "SELECT id FROM ledger\n");
    city.model("topic/a", "", "SELECT id FROM topic.b\n");
    city.model("topic/b", "", "SELECT id FROM topic.c\n");
    city.model("topic/c", "", "SELECT id FROM topic.a\n");
    city.model("master/good", "", "SELECT id, name FROM ledger\n");
    city.model("topic/typed", "", "SELECT sum(name) AS s FROM master.good\n");
    write(&city.city.join("models/topic/headless.sql"), "SELECT 1 AS one\n");
    let output = run(&["check", path(&city.city), "--lang", "en"]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(
        out.contains("models/topic/headless.sql") && out.contains("a model begins with its head"),
        "{out}"
    );
    std::fs::remove_file(city.city.join("models/topic/headless.sql")).expect("removed");
    let output = run(&["check", path(&city.city), "--lang", "en"]);
    let out = String::from_utf8_lossy(&output.stdout);
    for expected in [
        "models/topic/wrong_table.sql:8:6",
        "8 | FROM ledgre",
        "^^^^^^",
        "did you mean `ledger`?",
        "models/topic/wrong_column.sql:8:8",
        "there is no column `nmae`",
        "did you mean `name`?",
        "has no usable name",
        "models/topic/wrong_key.sql:6:9",
        "did you mean `id`?",
        "topic.a → topic.b → topic.c → topic.a",
        "models/topic/typed.sql:7",
    ] {
        assert!(out.contains(expected), "`{expected}` is missing in\n{out}");
    }
    assert!(!out.contains("models/master/good.sql"), "{out}");
}

#[test]
fn only_what_changed_is_made_and_a_failure_keeps_the_last_good_version() {
    let city = City::new();
    city.model("master/person", "key = [\"id\"]\n", "SELECT id, name FROM ledger\n");
    city.model(
        "topic/tens",
        "key = [\"tens\"]\n",
        "SELECT id / 10 AS tens, count(*) AS many FROM master.person GROUP BY id / 10\n",
    );
    city.model("topic/other", "", "SELECT count(*) AS n FROM ledger\n");
    let waiting = city.told(&["model", "run"]);
    assert!(waiting.contains("waits for rows of standard.ledger"), "{waiting}");
    city.deliver(0..100);
    let first = city.told(&["collect", "--all"]);
    assert!(
        first.contains("master.person") && first.contains("100 rows"),
        "a collection is followed by what hangs on it:\n{first}"
    );
    assert_eq!(city.number("select count(*) as n from topic.tens"), 10);
    assert!(city.told(&["model", "run"]).contains("All models are fresh"));
    // One text changed: it alone is made.
    city.model("topic/other", "", "SELECT count(*) AS n, max(id) AS top FROM ledger\n");
    let changed = city.told(&["model", "run"]);
    assert!(changed.contains("topic.other") && !changed.contains("topic.tens"), "{changed}");
    // A failure: the last good version stays, and what hangs on it says so.
    city.model("master/person", "key = [\"id\"]\n", "SELECT id / 2 AS id, name FROM ledger\n");
    let output = city.with(&["model", "run"]);
    let failed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{failed}");
    assert!(
        failed.contains("the key is not unique") && failed.contains("not run: master.person above it failed"),
        "{failed}"
    );
    assert_eq!(
        (
            city.number("select count(*) as n from master.person"),
            city.number("select count(*) as n from topic.tens")
        ),
        (100, 10)
    );
    let listed = city.told(&["model", "list"]);
    assert!(listed.contains("the last run failed; the last good version stays"), "{listed}");
    // A cross join is stopped by the limit on rows, in words.
    city.model(
        "topic/other",
        "[limits]\nrows = 5000\n",
        "SELECT a.id AS x, b.id AS y FROM ledger a CROSS JOIN ledger b\n",
    );
    let stopped = city.told(&["model", "run", "other"]);
    assert!(stopped.contains("goes past the limit of 5000 rows"), "{stopped}");
    assert_eq!(city.number("select n from topic.other"), 100);
    // Mended: all is made again, in its order.
    city.model("master/person", "key = [\"id\"]\n", "SELECT id, name FROM ledger WHERE id < 50\n");
    let mended = city.told(&["model", "run"]);
    assert!(mended.contains("topic.tens"), "{mended}");
    assert_eq!(city.number("select count(*) as n from topic.tens"), 5);
    let shown = city.told(&["model", "show", "tens"]);
    assert!(shown.contains("many") && shown.contains("~master.person.id"), "{shown}");
    let nobody = city.with(&["model", "run", "nobody"]);
    assert!(!nobody.status.success());
}

#[test]
fn a_model_grows_by_its_cursor_until_it_is_made_anew() {
    let city = City::new();
    let head = "mode = \"incremental\"\nkey = [\"id\"]\ncursor = \"id\"\n";
    city.model("topic/grown", head, "SELECT id, name FROM ledger\n");
    city.deliver(0..100);
    assert!(city.told(&["collect", "--all"]).contains("100 rows"));
    city.deliver(0..130);
    let grown = city.told(&["collect", "--all"]);
    assert!(grown.contains("31 rows added or replaced, 130 in all"), "{grown}");
    assert_eq!(city.number("select count(distinct id) as n from topic.grown"), 130);
    let anew = city.told(&["model", "run", "grown", "--backfill"]);
    assert!(anew.contains("130 rows") && !anew.contains("added"), "{anew}");
}

#[test]
fn kills_in_the_midst_leave_nothing_half_done() {
    let city = City::new();
    city.deliver(0..60_000);
    city.model(
        "master/doubled",
        "key = [\"id\", \"part\"]\n",
        "SELECT id, p.part, name, '甲' || name AS more FROM ledger CROSS JOIN (VALUES (1), (2), (3), (4)) AS p(part)\n",
    );
    city.model(
        "topic/sums",
        "",
        "SELECT part, count(*) AS n, sum(id) AS total FROM master.doubled GROUP BY part\n",
    );
    let made = city.told(&["collect", "--all"]);
    assert!(made.contains("240000 rows"), "{made}");
    let whole = |city: &City, expected: u64| {
        let rows = city.number("select count(*) as n from master.doubled");
        assert!(
            [240_000, expected].contains(&rows),
            "{rows} rows: neither the old version nor the new one"
        );
        assert_eq!(
            city.number("select count(distinct id * 10 + part) as n from master.doubled"),
            rows,
            "each row once"
        );
    };
    let (expected, mut cut) = (300_000, 0);
    for kill in 1..=5u64 {
        // A new text each time, so that there is something to do.
        let part = format!(
            "SELECT id, p.part, name, '{kill}' || name AS more FROM ledger CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS p(part)\n"
        );
        city.model("master/doubled", "key = [\"id\", \"part\"]\n", &part);
        let mut making = crate::support::sanjiang()
            .args(["model", "run", "--city", path(&city.city), "--data", path(&city.data)])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the binary starts");
        std::thread::sleep(Duration::from_millis(50 + kill * 250));
        let _ = making.kill();
        let _ = making.wait();
        whole(&city, expected);
        cut += usize::from(city.told(&["model", "show", "doubled"]).contains("interrupted"));
    }
    assert!(cut > 0, "no kill fell into a run");
    let done = city.told(&["model", "run"]);
    assert!(!done.contains("failed"), "{done}");
    assert_eq!(city.number("select count(*) as n from master.doubled"), expected);
    assert_eq!(city.number("select count(*) as n from topic.sums"), 5);
    assert!(city.told(&["model", "run"]).contains("All models are fresh"));
    let listed = std::fs::read_dir(city.data.join("lake/master/doubled")).expect("folder").count();
    assert!(listed < 40, "{listed} files are left");
}

#[test]
fn lineage_is_told_both_ways_before_anything_is_collected() {
    let city = City::new();
    city.model("master/person", "", "SELECT id, name FROM ledger WHERE id > 3\n");
    city.model(
        "topic/tens",
        "",
        "SELECT id / 10 AS tens, count(*) AS many FROM master.person GROUP BY id / 10\n",
    );
    let server = Server::start(&["serve", "--city", path(&city.city), "--data", path(&city.data), "--no-collect"]);
    let lineage =
        |column: &str| -> serde_json::Value { serde_json::from_str(&server.get(&format!("/api/v1/lineage/{column}")).1).expect("JSON") };
    let told = |steps: &serde_json::Value| -> Vec<String> {
        let steps = steps.as_array().expect("steps").iter();
        steps
            .map(|step| {
                format!(
                    "{} {} {}",
                    step["depth"],
                    step["column"].as_str().unwrap_or_default(),
                    step["tie"].as_str().unwrap_or_default()
                )
            })
            .collect()
    };
    let id = lineage("standard.ledger/id");
    assert_eq!(
        told(&id["down"]),
        [
            "1 master.person.id copied",
            "2 topic.tens.tens computed",
            "2 topic.tens.* rows",
            "1 master.person.* rows",
            "2 topic.tens.* rows"
        ],
        "what decides over all columns of a table is told once"
    );
    assert_eq!((&id["touched"], &id["field"]), (&serde_json::json!(4), &serde_json::json!("id")));
    let many = lineage("topic.tens/many");
    assert_eq!(
        told(&many["up"])[..3],
        ["1 master.person.id rows", "2 standard.ledger.id copied", "3 raw.ledger.id computed"]
    );
    assert_eq!(told(&lineage("standard.ledger/name")["down"]), ["1 master.person.name copied"]);
    for (page, status) in [
        ("/models", 200),
        ("/models/topic.tens", 200),
        ("/lineage/topic.tens/many", 200),
        ("/lineage/topic.tens/nothing", 404),
        ("/models/topic.nobody", 404),
    ] {
        assert_eq!(server.get(page).0, status, "{page}");
    }
}

const RULES: &str = "key = [\"id\"]\n[[rule]]\nname = \"small\"\ntitle = \"编号不超过一百\"\ntitle_en = \"ids up to a hundred\"\n\
    dimension = \"validity\"\nexpression = \"id <= 100\"\nholds = true\n[[rule]]\nname = \"even\"\ntitle = \"编号为偶数\"\n\
    title_en = \"ids are even\"\ndimension = \"validity\"\nexpression = \"id % 2 = 0\"\n";

#[test]
fn rules_beside_a_model_are_measured_after_each_run_and_hold_back_what_may_not_be_published() {
    let city = City::new();
    city.model("topic/wrong", "[[rule]]\nname = \"a\"\ntitle = \"一\"\ntitle_en = \"a\"\ndimension = \"validity\"\nexpression = \"idd > 0\"\n\
        [[rule]]\nname = \"b\"\ntitle = \"二\"\ntitle_en = \"b\"\ndimension = \"uniqueness\"\nunique = [\"nmae\"]\n", "SELECT id, name FROM ledger\n");
    let output = run(&["check", path(&city.city), "--lang", "en"]);
    let out = String::from_utf8_lossy(&output.stdout);
    for expected in ["models/topic/wrong.sql:11:15", "did you mean `id`?", "models/topic/wrong.sql:17:12", "did you mean `name`?"] {
        assert!(out.contains(expected), "`{expected}` is missing in\n{out}");
    }
    std::fs::remove_file(city.city.join("models/topic/wrong.sql")).expect("removed");

    city.model("topic/some", RULES, "SELECT id, name FROM ledger\n");
    city.deliver(0..100);
    let first = city.told(&["collect", "--all"]);
    assert!(first.contains("topic.some") && first.contains("100 rows"), "{first}");
    // Half the rows fail the rule that does not hold: a defect for the department, and every row of it.
    let defects = city.told(&["defect", "list"]);
    assert!(defects.contains("even") && defects.contains("topic.some"), "{defects}");
    let rows = city.told(&["quality", "topic.some", "--rows", "even"]);
    assert_eq!(rows.lines().filter(|line| line.contains("号")).count(), 50, "{rows}");
    // A row beyond the other rule comes: that version is not published, and says why.
    city.deliver(0..200);
    let second = city.told(&["collect", "--all"]);
    assert!(second.contains("ids up to a hundred") && second.contains("99 of 200 rows"), "{second}");
    assert_eq!(city.number("select count(*) as n from topic.some"), 100, "the last good version stays");
    city.deliver(0..101);
    city.model("topic/some", RULES, "SELECT id, name FROM ledger WHERE id <= 100\n");
    let third = city.told(&["model", "run"]);
    assert!(third.contains("topic.some") && third.contains("101 rows"), "{third}");
    assert_eq!(city.number("select count(*) as n from topic.some"), 101);
}

#[test]
fn rules_beside_a_model_are_measured_again_when_only_what_they_refer_to_changed() {
    let city = City::new();
    small_resource(&city.city, "known", 2, "known.csv");
    let know = |last: u64| {
        let rows: String = (0..=last).map(|id| format!("{id},甲\n")).collect();
        write(&city.city.join("sources/files/known.csv"), format!("id,name\n{rows}"));
    };
    city.model("topic/all", "key = [\"id\"]\n[[rule]]\nname = \"known\"\ntitle = \"已登记\"\ntitle_en = \"is known\"\ndimension = \"referential\"\n\
        references = { items = [\"id\"], resource = \"known\", to = [\"id\"] }\n", "SELECT id, name FROM ledger\n");
    city.deliver(0..100);
    know(79);
    city.told(&["collect", "--all"]);
    let open = city.told(&["defect", "list"]);
    assert!(open.contains("topic.all") && open.contains("20"), "{open}");
    know(99);
    let told = city.told(&["collect", "--resource", "known"]);
    assert!(!told.contains("topic.all"), "the model is as it was: {told}");
    let open = city.told(&["defect", "list"]);
    assert!(!open.contains("topic.all"), "{open}");
}
