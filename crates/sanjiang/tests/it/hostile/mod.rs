//! Hostile SQL at the door of a real server: a reader who may not see all tries to see it, to reach out, and to bring the server
//! down. Statements lie beside this file, one a line; chains, depths, lists and swelling texts are made in `families`.

mod families;
mod ground;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Server, exchange, sanjiang};
use ground::{City, Reader, TABLES};

/// What a server may hold at most, in MiB, that has read a thousand such statements.
const MEMORY_MIB: u64 = 700;

fn lines(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("---")).map(str::to_owned).collect()
}

/// Works through a list, as many at once as there are workers.
fn each<T: Sync>(list: &[T], act: impl Fn(&T) + Sync) {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(one) = list.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    act(one);
                }
            });
        }
    });
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks a page again and again meanwhile: every answer must come.
fn meanwhile(server: &Server, act: impl FnOnce()) {
    let over = AtomicBool::new(false);
    let missed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let began = std::time::Instant::now();
                let (code, _) = server.get("/api/v1/status");
                if code != 200 || began.elapsed() > Duration::from_secs(5) {
                    missed.lock().expect("list").push((code, began.elapsed()));
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        // Also when it fails, or this would never end.
        let _end = Over(&over);
        act();
    });
    let missed = missed.into_inner().expect("list");
    assert!(missed.is_empty(), "others had no prompt answer meanwhile: {missed:?}");
}

#[test]
fn hostile_statements_reach_nothing_and_stop_nothing() {
    let city = City::make();
    let mut server = city.serve();
    let reader = Reader::new(&server, &city);
    let before = server.child.id();
    meanwhile(&server, || {
        refused(&reader);
        same_whatever_is_hidden(&reader);
        guesses_tell_nothing(&reader);
        each(&lines(include_str!("odd.sql")), |sql| drop(reader.ask(sql, 5)));
        each(&families::all(), |sql| drop(reader.ask(sql, 2)));
        each(&families::soup(150), |sql| drop(reader.ask(sql, 2)));
        each(&lines(include_str!("bombs.sql")), |sql| drop(reader.ask(sql, 1)));
        bodies_that_are_none(&server, &reader);
    });
    println!("{} statements asked", reader.asked());
    assert!(reader.asked() > 300);
    assert!(server.child.try_wait().expect("known").is_none(), "the server is alive");
    let peak = ground::peak_mib(before);
    assert!(peak < MEMORY_MIB, "the server held {peak} MiB");
    assert_eq!(city.left_over(), BTreeSet::new(), "workers leave nothing behind");
    assert_eq!(reader.ask("SELECT count(*) AS n FROM xeast", 10).1["rows"], serde_json::json!([[40]]), "and all is there");
}

fn refused(reader: &Reader) {
    each(&lines(include_str!("refused.sql")), |sql| {
        let (code, body) = reader.ask(sql, 5);
        assert_eq!(code, 400, "{sql}: {body}");
        assert!(body["rows"].is_null() && body["at"].is_object(), "{sql}: {body}");
    });
}

/// Two tables differ only in what is hidden, so nothing that is said of one may differ from what is said of the other. Some
/// plans and orders of rows come out one way or another by chance; then each is asked until both have said the same.
fn same_whatever_is_hidden(reader: &Reader) {
    each(&lines(include_str!("masks.sql")), |sql| {
        let ask = |table: &str| {
            let (code, body) = reader.ask(&sql.replace("{t}", table), 10);
            (code, ground::nameless(&body, table))
        };
        let plan = |table: &str| {
            let (code, body) = reader.plan(&sql.replace("{t}", table));
            (code, ground::nameless(&body, table))
        };
        agree(sql, ask);
        // Plans hold what is known of a column, and what it is compared with.
        if sql.contains("min(") || sql.contains("WHERE") {
            agree(sql, plan);
        }
    });
}

fn agree(sql: &str, told: impl Fn(&str) -> (u16, String)) {
    let mut said = TABLES.map(|table| vec![told(table)]);
    while !said[0].iter().any(|one| said[1].contains(one)) {
        assert!(said[0].len() < 8, "{sql}\n{:?}\n{:?}", said[0][0], said[1][0]);
        for (said, table) in said.iter_mut().zip(TABLES) {
            said.push(told(table));
        }
    }
}

/// A right guess and a wrong one are answered alike.
fn guesses_tell_nothing(reader: &Reader) {
    let guesses: Vec<String> = lines(include_str!("guesses.sql"));
    for (column, right, wrong) in ground::guesses() {
        each(&guesses, |sql| {
            let told = [&right, &wrong].map(|guess| {
                let sql = sql.replace("{t}", "xeast").replace("{column}", column).replace("{guess}", guess);
                let (code, body) = reader.ask_knowing(&sql);
                (code, ground::nameless(&body, "xeast").replace(guess.as_str(), "?"))
            });
            assert_eq!(told[0], told[1], "{column}: {sql}");
        });
    }
}

/// What comes in the place of a statement.
fn bodies_that_are_none(server: &Server, reader: &Reader) {
    let long = format!("{{\"sql\": \"SELECT '{}'\"}}", "x".repeat(3 << 20));
    let bodies: [(&str, u16); 16] = [
        ("", 400),
        ("{", 400),
        ("null", 400),
        ("[]", 400),
        ("\"SELECT 1\"", 400),
        ("{}", 400),
        ("{\"sql\": null}", 400),
        ("{\"sql\": 1}", 400),
        ("{\"sql\": [\"SELECT 1\"]}", 400),
        ("{\"sql\": \"SELECT \\ud800\"}", 400),
        ("{\"sql\": \"SELECT 1\", \"max_rows\": -1}", 400),
        ("{\"sql\": \"SELECT 1\", \"max_rows\": 1e99}", 400),
        ("{\"sql\": \"SELECT 1\", \"max_seconds\": 0}", 400),
        ("{\"sql\": \"SELECT 1\", \"max_seconds\": 31}", 400),
        ("{\"sql\": \"\\u0000SELECT 1\\u0000\"}", 400),
        (&long, 413),
    ];
    for (body, wanted) in bodies {
        for path in ["/api/v1/sql", "/api/v1/sql/plan"] {
            let (code, told) = reader.send(server, path, body);
            let shown: String = body.chars().take(60).collect();
            let only_sql = path.ends_with("plan") && body.contains("max_seconds");
            assert!(code == wanted || only_sql && code == 200, "{path} {shown}: {code} {told}");
        }
    }
}

/// The kernel keeps a worker from everything but the lake. Where it cannot, that is said and this is not checked.
#[test]
fn a_worker_can_reach_nothing_but_the_lake() {
    let city = City::make();
    let told = sanjiang().args(["sql-worker", "--try-out", "--data"]).arg(&city.data).output().expect("runs");
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    if told["confined"]["files"] == false {
        eprintln!("SKIP: this kernel has no Landlock; files were NOT kept from a worker");
    }
    let files = ["read a file of the system", "list the data folder", "read the key of masks", "write into the data folder", "write into the lake"];
    for attempt in told["could"].as_array().expect("a list") {
        let skipped = told["confined"]["files"] == false && files.iter().any(|file| attempt[0] == *file);
        assert!(skipped || attempt[1] == false, "a worker could: {attempt}");
    }
    assert_eq!(told["confined"]["calls"], cfg!(target_os = "linux"), "{told}");
    let server = city.serve();
    let (code, ..) = exchange(&server.address, "POST", "/api/v1/sql", &[("Content-Type", "application/json")], "{\"sql\": \"SELECT 1\"}").expect("answer");
    assert_eq!(code, 401, "and nobody asks without a name");
}
