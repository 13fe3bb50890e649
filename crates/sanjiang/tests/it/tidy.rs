//! Rules of the house that a machine can check: arrows only downward, one version of the heavy parts,
//! files that a person can hold in mind, front sentences, no path of anybody's machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may lean on. The binary may use all.
const ARROWS: [(&str, &[&str]); 16] = [
    ("kernel", &[]),
    ("data", &["kernel"]),
    ("assets", &[]),
    ("collect", &["kernel", "data"]),
    ("link", &["kernel", "data"]),
    ("risk", &["kernel", "data"]),
    ("register", &["kernel", "data", "link"]),
    ("lake", &["kernel", "data"]),
    ("store", &["kernel", "data"]),
    ("search", &["kernel", "data"]),
    ("serving", &[]),
    ("opendata", &["kernel", "data"]),
    ("tlog", &["kernel"]),
    ("sample", &["kernel", "data"]),
    ("desk", &["kernel", "data", "collect", "link", "register", "risk", "serving", "opendata", "store", "search", "tlog"]),
    ("web", &["kernel", "data", "opendata", "desk", "assets"]),
];
const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("workspace")
}

#[test]
fn arrows_point_only_downward() {
    for (room, allowed) in ARROWS {
        let manifest = fs::read_to_string(root().join("crates").join(room).join("Cargo.toml")).expect(room);
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for (other, _) in ARROWS {
            let used = dependencies.lines().any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} ")));
            assert!(!used || allowed.contains(&other), "{room} must not depend on {other}");
        }
        let engine = ["datafusion", "deltalake"].iter().any(|engine| dependencies.lines().any(|line| line.starts_with(engine)));
        assert!(!engine || room == "lake", "{room} must not know the engine");
    }
}

#[test]
fn the_heavy_parts_are_there_once() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = \"").and_then(|l| l.strip_suffix('"')) {
            *versions.entry(name).or_default() += 1;
        }
    }
    for name in ["arrow-array", "parquet", "datafusion", "sqlparser", "object_store", "axum", "sqlx-core", "libsqlite3-sys", "rustls"] {
        assert_eq!(versions.get(name), Some(&1), "{name}");
    }
    assert!(!versions.contains_key("openssl-sys"), "OpenSSL is not wanted");
}

#[test]
fn files_are_small_and_open_with_a_sentence() {
    let mut wrong = Vec::new();
    for path in sources(&root().join("crates"), &["rs"]) {
        let text = fs::read_to_string(&path).expect("source");
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        if text.lines().count() > LINES_MAX {
            wrong.push(format!("{name}: more than {LINES_MAX} lines"));
        }
        let declarations = name.contains("declare/");
        if !text.starts_with("//!") && !declarations {
            wrong.push(format!("{name}: does not open with a sentence on what it is"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobodys_machine_is_named() {
    // Spelt in pieces so that this file does not find itself.
    let forbidden = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["registry.npm", "js"].concat(), ["index.cra", "tes"].concat()];
    let mut wrong = Vec::new();
    for path in sources(&root(), &["rs", "toml", "md", "html", "css", "ts", "json", "ftl", "sql"]) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        forbidden.iter().filter(|word| text.contains(word.as_str())).for_each(|word| wrong.push(format!("{}: {word}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sources(dir: &Path, kinds: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Folders that begin with a dot hold what tools put there.
        let ours = !name.starts_with('.') && !["target", "node_modules", "data", "dist"].contains(&name.as_str());
        if path.is_dir() && ours || path.ends_with("crates/data") {
            found.extend(sources(&path, kinds));
        } else if path.extension().is_some_and(|e| kinds.contains(&e.to_string_lossy().as_ref())) {
            found.push(path);
        }
    }
    found
}

/// The list of docs/asvs.md names tests and files; a proof that is gone proves nothing.
#[test]
fn proofs_of_the_standard_exist() {
    let list = fs::read_to_string(root().join("docs/asvs.md")).expect("the list");
    let mut rows = 0;
    for line in list.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| No.") && !line.starts_with("| ---")) {
        let [_, number, _, state, proof, _] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("not a row: {line}") };
        assert!(["met", "partly", "not met", "not applicable"].contains(&state) && !proof.is_empty(), "{line}");
        for named in proof.split('`').skip(1).step_by(2).filter(|named| named.contains('/') && !named.contains(' ')) {
            let (file, test) = named.split_once("::").unwrap_or((named, ""));
            let text = fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{number}: {file} is not there"));
            assert!(test.is_empty() || text.contains(&format!("fn {test}(")), "{number}: {file} has no test {test}");
        }
        rows += 1;
    }
    assert!(rows > 150, "{rows}");
}

/// Two shapes of one name would be described as one of them.
#[test]
fn shapes_of_the_api_have_names_of_their_own() {
    let mut seen = BTreeMap::new();
    for file in fs::read_dir(root().join("crates/web/src/api")).expect("folder").filter_map(Result::ok) {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let mut named: Option<String> = None;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[derive(") && line.contains("ToSchema") {
                named = Some(String::new());
                continue;
            }
            let Some(name) = &mut named else { continue };
            if let Some((_, rest)) = line.split_once("schema(as = ") {
                *name = rest.split(')').next().unwrap_or_default().to_owned();
            }
            let own = line.split_once("struct ").or_else(|| line.split_once("enum ")).filter(|_| !line.starts_with("//"));
            let Some((_, rest)) = own else { continue };
            let own = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let name = named.take().filter(|name| !name.is_empty()).unwrap_or_else(|| own.to_owned());
            let other = seen.insert(name.clone(), file.path());
            assert!(other.is_none(), "{name} is in {} and {}", file.path().display(), other.unwrap_or_default().display());
        }
    }
}
