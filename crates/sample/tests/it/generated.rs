//! The generator: the same bytes for the same seed, and every declared item at its source.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use data::declare::{Connector, Resource, System};
use sample::{generate, Options};

use crate::SMALL;

#[test]
fn one_seed_gives_the_same_bytes_every_time() {
    let again = tempfile::tempdir().expect("a folder");
    generate(again.path(), &Options { scale: 0.01, seed: 7 }, &|_| {}).expect("a city");
    let (first, second) = (files(SMALL.0.path()), files(again.path()));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (path, bytes) in &first {
        assert!(second.get(path) == Some(bytes), "{} differs", path.display());
    }
    let other = tempfile::tempdir().expect("a folder");
    generate(other.path(), &Options { scale: 0.01, seed: 8 }, &|_| {}).expect("a city");
    assert!(files(other.path()) != first);
}

#[test]
fn a_small_city_is_small_whole_and_a_little_wrong() {
    let summary = &SMALL.1;
    println!("{} rows, {} refusable, {} variants", summary.rows, summary.refusable, summary.variants);
    assert!((30_000..200_000).contains(&summary.rows), "{}", summary.rows);
    assert!(summary.tables.values().all(|rows| *rows > 0), "{:?}", summary.tables);
    let share = summary.refusable as f64 / summary.rows as f64;
    assert!((0.004..0.015).contains(&share), "{share}");
    assert_eq!(summary.tables.get("drain_boxes"), Some(&38));
    assert_eq!(summary.tables.get("policy_list"), Some(&710));
}

#[test]
fn a_scale_that_is_none_is_refused() {
    for scale in [0.0, -1.0, f64::NAN, 1e9] {
        let refused = generate(Path::new("/nowhere"), &Options { scale, seed: 1 }, &|_| {});
        assert!(matches!(refused, Err(sample::SampleError::Scale(_))));
    }
}

/// The declared names stand in the header, the keys or the columns of what was written.
#[test]
fn every_declared_item_has_its_field_at_the_source() {
    let out = SMALL.0.path();
    let declared = sample::declarations();
    let systems: BTreeMap<String, System> = declared
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("systems/")?.strip_suffix(".toml")?.to_owned(), toml::from_str(text).expect("a system"))))
        .collect();
    for (path, text) in declared.iter().filter(|(path, _)| path.starts_with("resources/")) {
        let resource: Resource = toml::from_str(text).expect("a resource");
        let id = path.rsplit('/').next().and_then(|name| name.strip_suffix(".toml")).expect("an id");
        let system = systems.get(&resource.system).expect("its system");
        let found = match &system.connector {
            Connector::Sqlite { .. } => columns_of_table(&out.join(&resource.system).join(format!("{}.db", resource.system)), id),
            Connector::Http { .. } => text_of(&out.join("api").join(&resource.system).join(format!("{id}.ndjson"))),
            _ => text_of(&only_file(&out.join(&resource.system), &resource.collect.from)),
        };
        for item in &resource.items {
            let field = item.source.as_deref().unwrap_or(&item.name).trim_start_matches("^.");
            assert!(found.contains(field), "{path}: {field} is not at the source: {}", found.chars().take(300).collect::<String>());
        }
    }
}

fn only_file(folder: &Path, from: &str) -> PathBuf {
    let (head, tail) = from.split_once('*').unwrap_or((from, ""));
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(head) && name.ends_with(tail)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{from} is not in {}", folder.display());
    found.remove(0)
}

fn columns_of_table(path: &Path, table: &str) -> String {
    let database = rusqlite::Connection::open(path).expect("a database");
    let sql = database.query_row("SELECT sql FROM sqlite_master WHERE name = ?1", [table], |row| row.get::<_, String>(0));
    sql.expect("a table")
}

/// The beginning of a file as text, whatever its encoding; of a workbook, its texts.
fn text_of(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx") => {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
            let mut text = String::new();
            let mut sheet = archive.by_name("xl/worksheets/sheet1.xml").expect("a sheet");
            std::io::Read::read_to_string(&mut sheet, &mut text).expect("text");
            text
        }
        _ => {
            let head = bytes.get(..bytes.len().min(6_000)).unwrap_or_default();
            let utf8 = String::from_utf8_lossy(head);
            match utf8.matches('\u{FFFD}').count() > 20 && path.extension().is_some_and(|extension| extension != "parquet") {
                true => encoding_rs::GB18030.decode(head).0.into_owned(),
                false => String::from_utf8_lossy(&bytes).into_owned(),
            }
        }
    }
}

pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).expect("below").to_owned(), fs::read(&path).expect("a file"));
            }
        }
    }
    found
}
