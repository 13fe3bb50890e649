//! The words: every key that the pages use stands in both languages with the same arguments, and none is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::words::{EN, ZH};

/// Keys and the arguments that each message mentions.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        let head = line.split_once('=').map(|(key, _)| key.trim()).filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()));
        if let Some(key) = head {
            assert!(out.insert(key.to_owned(), BTreeSet::new()).is_none(), "{key} twice");
            current = key.to_owned();
        }
        for argument in line.split("{ $").skip(1) {
            let name: String = argument.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            out.entry(current.clone()).or_default().insert(name);
        }
    }
    out
}

/// Keys used in the sources and templates of this crate, with the arguments they are given.
fn used(folder: &Path, out: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in std::fs::read_dir(folder).expect("source folder").flatten() {
        let path = entry.path();
        if path.ends_with("tests") {
            continue;
        } else if path.is_dir() {
            used(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
            calls(&std::fs::read_to_string(&path).expect("source"), out);
        }
    }
}

/// Finds `.t("key")`, `.t1("key", ("name", …))` and so on.
fn calls(text: &str, out: &mut BTreeMap<String, BTreeSet<String>>) {
    for call in [".t(", ".t1(", ".t2(", ".t3("] {
        for rest in text.split(call).skip(1) {
            let Some(key) = rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next()) else { continue };
            let mut depth = 1;
            let end = rest.char_indices().find(|(_, c)| {
                depth += match c { '(' => 1, ')' => -1, _ => 0 };
                depth == 0
            });
            let inside = &rest[..end.map(|(at, _)| at).unwrap_or(rest.len())];
            let arguments = inside.split("(\"").skip(1).filter(|a| a.contains("\",")).filter_map(|a| a.split("\",").next());
            out.entry(key.to_owned()).or_default().extend(arguments.filter(|a| a.chars().all(|c| c.is_ascii_lowercase())).map(str::to_owned));
        }
    }
}

#[test]
fn both_languages_have_every_word_and_no_other() {
    let (zh, en) = (messages(ZH), messages(EN));
    let mut needed = BTreeMap::new();
    used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut needed);
    needed.retain(|key, _| key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    let mut wrong = Vec::new();
    for (key, arguments) in &needed {
        for (language, words) in [("zh", &zh), ("en", &en)] {
            match words.get(key) {
                None => wrong.push(format!("{language} lacks {key}")),
                Some(mentioned) if !mentioned.is_subset(arguments) => wrong.push(format!("{language} {key} mentions {mentioned:?}, given {arguments:?}")),
                Some(_) => {}
            }
        }
    }
    let unused: Vec<&String> = zh.keys().chain(en.keys()).filter(|key| !needed.contains_key(*key)).collect();
    assert!(wrong.is_empty() && unused.is_empty(), "{}\nunused: {unused:?}", wrong.join("\n"));
}

#[test]
fn the_files_parse_cleanly() {
    for source in [ZH, EN] {
        let parsed = fluent_bundle::FluentResource::try_new(source.to_owned());
        assert!(parsed.is_ok(), "{:?}", parsed.err().map(|(_, errors)| errors));
    }
}
