//! Masks from the command line to the API: functions of SQL, grades along lineage, and what two accounts see of one table.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::demo::set_up;
use crate::support::{Server, exchange, must, path, run, sanjiang, small_city, small_resource, write};

const PASSWORD: &str = "correct-horse-8";

struct City {
    _dir: tempfile::TempDir,
    city: std::path::PathBuf,
    data: std::path::PathBuf,
}

fn city() -> City {
    let dir = tempfile::tempdir().expect("folder");
    let (city, data) = (dir.path().join("city"), dir.path().join("data"));
    small_city(&city);
    small_resource(&city, "person", 1, "person.csv");
    let file = city.join("resources/files/person.toml");
    let text = std::fs::read_to_string(&file).expect("file").replace("grade = \"L1\"", "grade = \"L3\"");
    write(&file, text.replace("required = true\n", "required = true\ngrade = \"L1\"\n") + "mask = \"keep(1, 0, 1)\"\n");
    let rows: String = (0..40).map(|id| format!("{id},王小明\n")).collect();
    write(&city.join("sources/files/person.csv"), format!("id,name\n{rows}"));
    let model = |name: &str, sql: &str| {
        let head = format!("/*\ntitle = \"{name}\"\ntitle_en = \"{name}\"\nsummary = \"试验\"\ndepartment = \"office\"\n*/\n");
        write(&city.join(format!("models/topic/{name}.sql")), head + sql);
    };
    model("hashed", "SELECT id, mask_hash(name) AS hash, name AS plain, concat(mask_hash(name), name) AS both_ways FROM person\n");
    model("counted", "SELECT id % 2 AS half, count(name) AS names FROM person GROUP BY id % 2 HAVING count(*) >= 5\n");
    model("few", "SELECT id % 2 AS half, count(name) AS names FROM person GROUP BY id % 2 HAVING count(*) >= 2\n");
    City { _dir: dir, city, data }
}

/// A new account with these rights.
pub fn add_account(city: &Path, data: &Path, name: &str, more: &[&str]) {
    let place = ["--city", path(city), "--data", path(data)];
    let mut child = sanjiang().args(["account"]).args(place).args(["add", name]).args(more).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("stdin"), PASSWORD.as_bytes()).expect("password");
    assert!(child.wait().expect("ends").success());
}

/// A session cookie.
pub fn log_in(server: &Server, name: &str) -> String {
    let origin = format!("http://{}", server.address);
    let headers = [("Content-Type", "application/json"), ("Origin", origin.as_str())];
    let body = serde_json::json!({ "name": name, "password": PASSWORD }).to_string();
    let (code, head, body) = exchange(&server.address, "POST", "/api/v1/session", &headers, &body).expect("answer");
    assert_eq!(code, 200, "{body}");
    let cookie = head.lines().filter_map(|line| line.split_once(": ")).find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    cookie.and_then(|(_, value)| value.split(';').next()).expect("a cookie").to_owned()
}

fn ask(server: &Server, cookie: &str, sql: &str) -> Value {
    let origin = format!("http://{}", server.address);
    let headers = [("Cookie", cookie), ("Content-Type", "application/json"), ("Origin", origin.as_str())];
    let body = serde_json::json!({ "sql": sql }).to_string();
    let (code, _, body) = exchange(&server.address, "POST", "/api/v1/sql", &headers, &body).expect("answer");
    assert_eq!(code, 200, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

#[test]
fn two_accounts_see_one_table_each_as_it_may() {
    let city = city();
    let place = ["--city", path(&city.city), "--data", path(&city.data)];
    must(&[&["collect"][..], &place].concat());
    add_account(&city.city, &city.data, "stranger", &["--role", "analyst"]);
    add_account(&city.city, &city.data, "owner", &["--role", "analyst", "--role", "officer", "--department", "office"]);
    let server = Server::start(&[&["serve"][..], &place].concat());
    let (stranger, owner) = (log_in(&server, "stranger"), log_in(&server, "owner"));
    let names = "SELECT DISTINCT name FROM person";
    assert_eq!(ask(&server, &owner, names)["rows"], serde_json::json!([["王小明"]]));
    let seen = ask(&server, &stranger, names);
    assert_eq!(seen["rows"], serde_json::json!([["王**"]]));
    assert_eq!((&seen["masked"][0]["column"], &seen["masked"][0]["mask"], &seen["masked"][0]["grade"]), (&"name".into(), &"keep(1, 0, 1)".into(), &"L3".into()));
    let guessed = ask(&server, &stranger, "SELECT count(*) AS n FROM person WHERE name = '王小明'");
    assert_eq!(guessed["rows"], serde_json::json!([[0]]));
    let raw = ask(&server, &stranger, "SELECT DISTINCT name FROM raw.person");
    assert_eq!(raw["rows"], serde_json::json!([["王**"]]), "as found too");
    let page = |cookie: &str| exchange(&server.address, "GET", "/catalog/person", &[("Cookie", cookie)], "").expect("page").2;
    assert!(page(&stranger).contains("王**") && !page(&stranger).contains("王小明") && page(&stranger).contains("已脱敏"));
    assert!(page(&owner).contains("王小明") && page(&owner).contains("按原值显示"));
}

#[test]
fn sql_masks_and_keeps_its_keys_to_itself() {
    let city = city();
    let place = ["--city", path(&city.city), "--data", path(&city.data)];
    must(&[&["collect"][..], &place].concat());
    let sql = |text: &str| must(&["sql", text, "--format", "csv", "--data", path(&city.data)]);
    let hash = sql("SELECT mask_hash('王小明') AS h");
    assert_eq!(sql("SELECT hash FROM topic.hashed LIMIT 1"), sql("SELECT mask_hash('王小明') AS hash"), "models have the same keys");
    assert!(sql("SELECT mask_keep(name, 1, 0) FROM person LIMIT 1").contains("王*"));
    let key = city.data.join("mask.key");
    assert_eq!(std::fs::metadata(&key).expect("made at the first start").permissions().mode() & 0o777, 0o600);
    let wrong = run(&["sql", "SELECT mask_keep(name) FROM person", "--data", path(&city.data), "--lang", "en"]);
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && told.contains("mask_keep(value, first, last[, hidden])"), "{told}");
    std::fs::remove_file(&key).expect("removed");
    assert_ne!(sql("SELECT mask_hash('王小明') AS h"), hash, "another secret, another hash");
}

#[test]
fn a_grade_falls_by_a_declassifier_on_each_way_only() {
    let city = city();
    let place = ["--city", path(&city.city), "--data", path(&city.data)];
    must(&[&["collect"][..], &place].concat());
    let server = Server::start(&[&["serve"][..], &place].concat());
    let _steward = server.setup.is_some().then(|| set_up(&server));
    let lineage = |column: &str| -> Value {
        let (code, body) = server.get(&format!("/api/v1/lineage/{column}"));
        assert_eq!(code, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    };
    for (column, grade, lowered) in [
        ("topic.hashed/hash", "L2", Some("mask_hash")),
        ("topic.hashed/plain", "L3", None),
        ("topic.hashed/both_ways", "L3", None),
        ("topic.counted/names", "L1", Some("count ≥ 5")),
        // Declared by the statement, but below what the city asks.
        ("topic.few/names", "L3", Some("count ≥ 2")),
    ] {
        let told = lineage(column);
        assert_eq!(told["grade"], grade, "{column}: {told}");
        assert_eq!(told["up"][0]["lowered"][0].as_str(), lowered, "{column}: {told}");
    }
    let (_, page) = server.get("/lineage/topic.hashed/hash");
    assert!(page.contains("加盐散列 mask_hash"), "{page}");
    drop(server);
    std::thread::sleep(Duration::from_millis(100));

    let file = city.city.join("resources/files/person.toml");
    let text = std::fs::read_to_string(&file).expect("file");
    write(&file, text.replace("keep(1, 0, 1)", "kep(1, 0, 1)"));
    let checked = run(&["check", path(&city.city)]);
    let told = format!("{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
    assert!(!checked.status.success() && told.contains("没有脱敏方式 `kep`") && told.contains("person.toml"), "{told}");
}
