//! Rules on code lists: every text means one code, and the tree has no rings.

use std::collections::{HashMap, HashSet};

use kernel::Text;

use super::super::CodeList;
use super::super::document::{Document, Note};
use super::super::read::Declared;
use super::{titles, unknown};

pub(super) fn check(declared: &Declared<'_, CodeList>) {
    let (document, list) = (&declared.document, &declared.value);
    // A code list in CSV has no place for an English title.
    let title_en = if document.path.ends_with(".csv") { "-" } else { &list.title_en };
    titles(document, "", &list.title, title_en);
    if list.codes.is_empty() {
        document.put("code", Note::error("代码集是空的", "the code list is empty"));
    }
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (n, code) in list.codes.iter().enumerate() {
        if code.value.trim().is_empty() {
            document.put(&format!("code.{n}.value"), Note::error("代码值是空的", "the value of the code is empty"));
        } else if let Some(first) = known.insert(&code.value, n) {
            document.put(&format!("code.{n}.value"), twice(&code.value, first));
        }
        if code.title.trim().is_empty() {
            document.put(&format!("code.{n}.title"), Note::error("代码名称是空的", "the title of the code is empty"));
        }
    }
    for (n, code) in list.codes.iter().enumerate() {
        for (at, alias) in code.aliases.iter().enumerate() {
            match known.insert(alias, n) {
                Some(first) if first != n => document.put(&format!("code.{n}.aliases.{at}"), twice(alias, first)),
                _ => {}
            }
        }
    }
    tree(document, list);
}

fn twice(text: &str, first: usize) -> Note {
    let first = first + 1;
    Note::error(format!("`{text}` 已用于第 {first} 个代码"), format!("`{text}` already means code {first}"))
        .help("一个写法只能对应一个代码", "one spelling can mean one code only")
}

/// Each parent exists, and going up ends somewhere. Every code is walked over once.
fn tree(document: &Document<'_>, list: &CodeList) {
    let parents: HashMap<&str, Option<&str>> =
        list.codes.iter().map(|code| (code.value.as_str(), code.parent.as_deref())).collect();
    let mut walked: HashSet<&str> = HashSet::new();
    for (n, code) in list.codes.iter().enumerate() {
        let Some(parent) = code.parent.as_deref() else { continue };
        let path = format!("code.{n}.parent");
        if document.is_full() {
            return;
        }
        if !parents.contains_key(parent) {
            let names = list.codes.iter().map(|code| code.value.as_str());
            document.put(&path, unknown(&Text::new("上级代码", "parent code"), parent, names));
        }
        let mut way = HashSet::new();
        let mut here = Some(code.value.as_str());
        while let Some(value) = here.filter(|value| !walked.contains(value)) {
            if !way.insert(value) {
                document.put(&path, Note::error("上级代码绕成了一圈", "the parents run in a ring"));
                break;
            }
            here = parents.get(value).copied().flatten();
        }
        walked.extend(way);
    }
}
