//! The city of the hostile statements: two tables that differ only in what a stranger may not see, and that stranger.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::sight::{add_account, log_in};
use crate::support::{Server, exchange, must, path, small_city, write};

pub const TABLES: [&str; 2] = ["xeast", "xwest"];
const ROWS: usize = 40;

/// (name, standard, more).
const ITEMS: [(&str, &str, &str); 8] = [
    ("id", "integer", "key = true\nrequired = true\ngrade = \"L1\"\n"),
    ("name", "text", "mask = \"keep(1, 0, 1)\"\n"),
    ("code", "text", "mask = \"hash\"\n"),
    ("card", "text", "mask = \"encrypt(\\\"digits\\\")\"\n"),
    ("note", "text", "mask = \"hide\"\n"),
    ("born", "date", "mask = \"date(\\\"year\\\")\"\n"),
    ("pay", "integer", "mask = \"band(1000)\"\n"),
    ("kind", "text", "grade = \"L1\"\n"),
];

/// A row of one of the two tables, in the order of the items.
fn row(table: usize, at: usize) -> [String; 8] {
    let side = ["东", "西"][table];
    let sign = char::from_u32(0x4e00 + at as u32).expect("a letter");
    let card = (table + 1) * 1_000_000_007 + at * 7919;
    [
        at.to_string(),
        format!("王{side}密{sign}"),
        format!("C{side}{at:03}"),
        format!("{card:012}"),
        format!("密{side}{at}"),
        format!("{}-0{}-1{table}", 1950 + at, table + 1),
        (at * 1000 + table * 10 + 5).to_string(),
        (at % 3).to_string(),
    ]
}

/// A masked column, a value that stands in it and one that does not.
pub fn guesses() -> Vec<(&'static str, String, String)> {
    let there = row(0, 3);
    vec![
        ("name", there[1].clone(), "王东密龘".to_owned()),
        ("code", there[2].clone(), "C东999".to_owned()),
        ("card", there[3].clone(), "009999999999".to_owned()),
        ("note", there[4].clone(), "密东99".to_owned()),
        ("born", there[5].clone(), "1953-11-30".to_owned()),
        ("pay", there[6].clone(), "3006".to_owned()),
    ]
}

pub struct City {
    _dir: tempfile::TempDir,
    pub city: PathBuf,
    pub data: PathBuf,
}

impl City {
    pub fn make() -> City {
        let dir = tempfile::tempdir().expect("folder");
        let (city, data) = (dir.path().join("city"), dir.path().join("data-that-nobody-sees"));
        small_city(&city);
        for (at, table) in TABLES.iter().enumerate() {
            let head = format!(
                "title = \"{table}\"\ntitle_en = \"{table}\"\ncode = \"3990200/00000{}\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\n\
                 share = \"unconditional\"\nopen = \"none\"\nopen_condition = \"试验数据不开放\"\ngrade = \"L3\"\nperiod = \"daily\"\n[collect]\nfrom = \"{table}.csv\"\n",
                at + 1
            );
            let items = ITEMS.map(|(name, standard, more)| {
                format!("[[item]]\nname = \"{name}\"\ntitle = \"{name}\"\ntitle_en = \"{name}\"\nstandard = \"{standard}\"\n{more}")
            });
            write(&city.join(format!("resources/files/{table}.toml")), head + &items.concat());
            let rows: String = (0..ROWS).map(|id| row(at, id).join(",") + "\n").collect();
            write(&city.join(format!("sources/files/{table}.csv")), ITEMS.map(|(name, ..)| name).join(",") + "\n" + &rows);
        }
        let made = City { _dir: dir, city, data };
        must(&[&["collect"][..], &made.place()].concat());
        add_account(&made.city, &made.data, "stranger", &["--role", "analyst"]);
        made
    }

    fn place(&self) -> [&str; 4] {
        ["--city", path(&self.city), "--data", path(&self.data)]
    }

    pub fn serve(&self) -> Server {
        Server::start(&[&["serve", "--no-collect"][..], &self.place()].concat())
    }

    /// Folders that workers spilled into, and files that no worker may make.
    pub fn left_over(&self) -> BTreeSet<String> {
        let names = |folder: &str| -> Vec<String> {
            let found = std::fs::read_dir(self.data.join(folder)).into_iter().flatten().filter_map(Result::ok);
            found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        };
        let spilled = names("lake/tmp").into_iter().filter(|name| name.starts_with("sql-"));
        spilled.chain(names(".").into_iter().filter(|name| name.contains("worker"))).collect()
    }
}

/// The most that a process has held so far.
pub fn peak_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// What was told, without the table's name and what a run of the same again would tell otherwise: time, and the names of files.
pub fn nameless(told: &Value, table: &str) -> String {
    let mut told = told.clone();
    if let Some(all) = told.as_object_mut() {
        all.remove("elapsed_ms");
    }
    let text = told.to_string().replace(table, "T");
    let mut parts = text.split("rows-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "rows-" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '-'))
}

/// A member of staff of no department, who sees L3 only masked.
pub struct Reader {
    address: String,
    cookie: String,
    /// What no answer may hold.
    secrets: Vec<String>,
    folder: String,
    asked: AtomicU64,
}

impl Reader {
    pub fn new(server: &Server, city: &City) -> Reader {
        let rows = (0..2).flat_map(|table| (0..ROWS).map(move |at| row(table, at)));
        Reader {
            address: server.address.clone(),
            cookie: log_in(server, "stranger"),
            secrets: rows.flat_map(|row| row[1..6].to_vec()).collect(),
            folder: city.data.file_name().expect("a name").to_string_lossy().into_owned(),
            asked: AtomicU64::new(0),
        }
    }

    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// The answer to a statement, looked through: it must be an answer or a problem in words, and hold no secret.
    pub fn ask(&self, sql: &str, seconds: u64) -> (u16, Value) {
        let told = self.put("/api/v1/sql", json!({ "sql": sql, "max_rows": 10_000, "max_seconds": seconds }));
        self.look(sql, told, true)
    }

    /// The same for a statement that itself names what it is after.
    pub fn ask_knowing(&self, sql: &str) -> (u16, Value) {
        let told = self.put("/api/v1/sql", json!({ "sql": sql, "max_seconds": 5 }));
        self.look(sql, told, false)
    }

    pub fn plan(&self, sql: &str) -> (u16, Value) {
        let told = self.put("/api/v1/sql/plan", json!({ "sql": sql }));
        self.look(sql, told, true)
    }

    fn put(&self, path: &str, body: Value) -> Option<(u16, String)> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.exchange(&self.address, path, &body.to_string())
    }

    /// A body as it is.
    pub fn send(&self, server: &Server, path: &str, body: &str) -> (u16, String) {
        let (code, told) = self.exchange(&server.address, path, body).expect("an answer");
        assert!(code == 200 || problem(&told), "{path}: {code} {told}");
        (code, told)
    }

    fn exchange(&self, address: &str, path: &str, body: &str) -> Option<(u16, String)> {
        let origin = format!("http://{address}");
        let headers = [("Cookie", self.cookie.as_str()), ("Content-Type", "application/json"), ("Origin", origin.as_str())];
        exchange(address, "POST", path, &headers, body).map(|(code, _, body)| (code, body))
    }

    fn look(&self, sql: &str, told: Option<(u16, String)>, secretly: bool) -> (u16, Value) {
        let shown: String = sql.chars().take(200).collect();
        let (code, body) = told.unwrap_or_else(|| panic!("no answer to {shown}"));
        let start: String = body.chars().take(1_000).collect();
        assert!(code == 200 || (code == 400 || code == 413) && problem(&body), "{shown}: {code} {start}");
        let told = self.secrets.iter().find(|secret| body.contains(secret.as_str()) && !sql.contains(secret.as_str()));
        assert!(!secretly || told.is_none(), "{shown} tells {told:?}: {start}");
        assert!(!body.contains(&self.folder) && !body.contains("panicked"), "{shown} tells of the server: {start}");
        (code, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{shown}: {error}: {start}")))
    }
}

/// Whether a body is a problem in both languages.
fn problem(body: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let said = |lang: &str| body["details"][lang].as_str().is_some_and(|text| !text.is_empty() && text.chars().count() < 2_000);
    body["type"].is_string() && said("zh") && said("en")
}
