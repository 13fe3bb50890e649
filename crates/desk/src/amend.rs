//! Changing a declaration as a steward would: lines put in or mended, comments and order left alone, shown as a diff first.

use std::collections::HashSet;
use std::path::Path;

use ::collect::drift::{Difference, Kind};
use data::City;
use data::city::SourceFile;
use data::declare::{Grade, ItemClass, Resource};
use kernel::Text;
use sha2::{Digest, Sha256};

use crate::account::hex;
use crate::catalog::word;
use crate::{Answer, DeskError, folder, internal};

/// Unchanged lines shown around a change.
const AROUND: usize = 3;
/// A longer file is not drafted.
const LINES_MAX: usize = 5_000;

/// A proposed change of one declaration file.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Path inside the city folder.
    pub path: String,
    /// The file as it will be.
    pub text: String,
    /// Names the text it was made from; a file that has changed since is not overwritten.
    pub base: String,
    pub lines: Vec<DiffLine>,
}

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// `+`, `-`, or a blank for a line around the change.
    pub mark: char,
    pub text: String,
}

/// What the declarations would have to say for these differences to be as agreed. Files that need no change are left out.
pub fn drafts(city_dir: &Path, resource: &Resource, city: &City, found: &[Difference]) -> Answer<Vec<Draft>> {
    let files = folder::read(city_dir).map_err(internal)?;
    let mut drafts = Vec::new();
    if let Some(file) = own_file(&files, &resource.id) {
        drafts.extend(draft(file, &with_items(&file.text, resource, found)));
    }
    for difference in found.iter().filter(|d| d.kind == Kind::Codes) {
        let item = resource.items.iter().find(|item| item.name == difference.about);
        let list = item.and_then(|item| city.standards.get(&item.standard)).and_then(|standard| standard.codes.clone());
        let file = list.and_then(|list| files.iter().find(|file| is_code_list(&file.path, &list)));
        drafts.extend(file.and_then(|file| draft(file, &with_codes(file, &difference.now))));
    }
    Ok(if holds_together(&files, &drafts) { drafts } else { Vec::new() })
}

/// Writes the drafts, whole or not at all in each file, if the files are still as they were when drafted.
pub fn write(city_dir: &Path, drafts: &[Draft]) -> Answer<()> {
    for draft in drafts {
        let path = city_dir.join(&draft.path);
        let now = std::fs::read_to_string(&path).map_err(internal)?;
        if base(&now) != draft.base {
            return Err(changed_meanwhile(&draft.path));
        }
    }
    drafts.iter().try_for_each(|draft| replace(&city_dir.join(&draft.path), &draft.text)).map_err(internal)
}

pub(crate) fn changed_meanwhile(path: &str) -> DeskError {
    DeskError::Invalid(Text::new(
        format!("{path} 已被改动，请重新查看后再确认。"),
        format!("{path} has changed meanwhile; look at it again."),
    ))
}

/// The resource's file with a rule at its end; `None` where that would break the city.
pub fn rule_draft(city_dir: &Path, resource: &str, rule: &str) -> Answer<Option<Draft>> {
    let files = folder::read(city_dir).map_err(internal)?;
    let Some(file) = own_file(&files, resource) else { return Ok(None) };
    let ending = if file.text.contains("\r\n") { "\r\n" } else { "\n" };
    let text = format!("{}\n\n{rule}", file.text.trim_end()).replace("\r\n", "\n").replace('\n', ending);
    Ok(draft(file, &text).filter(|draft| holds_together(&files, std::slice::from_ref(draft))))
}

/// The resource's file with class and grade of an item, and the resource's grade raised to it; `None` where that would
/// break the city or cannot be written by itself.
pub fn grade_draft(city_dir: &Path, resource: &str, item: &str, class: ItemClass, grade: Grade) -> Answer<Option<Draft>> {
    let files = folder::read(city_dir).map_err(internal)?;
    let Some(file) = own_file(&files, resource) else { return Ok(None) };
    let mut lines: Vec<String> = file.text.split('\n').map(str::to_owned).collect();
    // The later one is put before the earlier.
    set(&mut lines, item, "grade", &quoted(&word(grade)));
    set(&mut lines, item, "class", &quoted(&word(class)));
    raise_whole(&mut lines, grade);
    let text = lines.join("\n");
    Ok(draft(file, &text).filter(|draft| holds_together(&files, std::slice::from_ref(draft))))
}

/// A resource's own grade is never below that of an item.
fn raise_whole(lines: &mut [String], grade: Grade) {
    let head = lines.iter().take_while(|line| !line.trim_start().starts_with('[')).count();
    let Some(line) = lines.iter_mut().take(head).find(|line| value_of(line, "grade").is_some()) else { return };
    let lower = Grade::ALL.into_iter().filter(|lower| *lower < grade);
    let words: Vec<String> = lower.map(|lower| quoted(&word(lower))).collect();
    if let Some(old) = value_of(line, "grade").filter(|old| words.iter().any(|lower| lower == old)).map(str::to_owned) {
        *line = line.replacen(&old, &quoted(&word(grade)), 1);
    }
}

/// Names the declaration of a resource as it is now.
pub fn base_of(city_dir: &Path, resource: &str) -> Answer<Option<String>> {
    let files = folder::read(city_dir).map_err(internal)?;
    Ok(own_file(&files, resource).map(|file| base(&file.text)))
}

/// The file in which a resource is declared.
fn own_file<'f>(files: &'f [SourceFile], resource: &str) -> Option<&'f SourceFile> {
    let inside = files.iter().find(|file| file.path.starts_with("resources/") && file.path.ends_with(&format!("/{resource}.toml")));
    inside.or_else(|| files.iter().find(|file| file.path == format!("resources/{resource}.toml")))
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let beside = path.with_extension("toml.new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// A draft that would break the city is none.
fn holds_together(files: &[SourceFile], drafts: &[Draft]) -> bool {
    let changed = files.iter().map(|file| match drafts.iter().find(|draft| draft.path == file.path) {
        Some(draft) => SourceFile { path: file.path.clone(), text: draft.text.clone() },
        None => file.clone(),
    });
    City::read(&changed.collect::<Vec<_>>()).0.is_some()
}

fn draft(file: &SourceFile, text: &str) -> Option<Draft> {
    let lines = diff(&file.text, text)?;
    (text != file.text).then(|| Draft { path: file.path.clone(), text: text.to_owned(), base: base(&file.text), lines })
}

pub(crate) fn base(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn is_code_list(path: &str, id: &str) -> bool {
    path == format!("codes/{id}.toml") || path == format!("codes/{id}.csv")
}

/// The resource's file with items added, renamed, made optional, and its band widened.
fn with_items(text: &str, resource: &Resource, found: &[Difference]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let mut taken: HashSet<String> = resource.items.iter().map(|item| item.name.clone()).collect();
    for difference in found {
        let item = resource.items.iter().find(|item| item.name == difference.about);
        match (difference.kind, item) {
            (Kind::Renamed, Some(item)) => {
                let names = item.aliases.iter().chain([&difference.to]).map(|name| quoted(name)).collect::<Vec<_>>();
                set(&mut lines, &item.name, "aliases", &format!("[{}]", names.join(", ")));
            }
            (Kind::Gone, Some(item)) if item.required && !item.key => set(&mut lines, &item.name, "required", "false"),
            (Kind::Added, None) => add_item(&mut lines, difference, &mut taken),
            (Kind::Volume, _) => widen(&mut lines, resource, difference.count),
            _ => {}
        }
    }
    lines.join("\n")
}

/// Puts `key = value` into the item of that name, in place of an older line of the key.
fn set(lines: &mut Vec<String>, item: &str, key: &str, value: &str) {
    let starts: Vec<usize> = (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| line.trim() == "[[item]]")).collect();
    for start in starts {
        let body = lines.iter().skip(start + 1).take_while(|line| !line.trim_start().starts_with('[')).count();
        let block = start + 1..start + 1 + body;
        let at = |key: &str| block.clone().find(|at| lines.get(*at).and_then(|line| value_of(line, key)).is_some());
        let Some(name) = at("name").filter(|at| lines.get(*at).and_then(|line| value_of(line, "name")) == Some(quoted(item).as_str())) else { continue };
        let ending = if lines.get(name).is_some_and(|line| line.ends_with('\r')) { "\r" } else { "" };
        let line = format!("{key} = {value}{ending}");
        let old = at(key);
        match old.and_then(|old| lines.get_mut(old)) {
            Some(slot) => *slot = line,
            None => lines.insert(name + 1, line),
        }
        return;
    }
}

/// The value of a line `key = value`, without a comment behind it.
fn value_of<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let value = line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?;
    let value = value.split_once(" #").map_or(value, |(value, _)| value);
    Some(value.trim())
}

fn add_item(lines: &mut Vec<String>, difference: &Difference, taken: &mut HashSet<String>) {
    let examples: Vec<&str> = difference.now.iter().skip(1).map(String::as_str).collect();
    let proposed = data::standard::propose(&difference.to, &examples);
    let name = data::standard::propose_name(&difference.to, taken);
    let crlf = lines.first().is_some_and(|line| line.ends_with('\r'));
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let mut put = |line: String| lines.push(if crlf { format!("{line}\r") } else { line });
    put(String::new());
    put("[[item]]".to_owned());
    put(format!("name = {}", quoted(&name)));
    put(format!("title = {}", quoted(&difference.to)));
    if name != difference.to {
        put(format!("source = {}", quoted(&difference.to)));
    }
    put(format!("standard = {}", quoted(&proposed.standard)));
    lines.push(String::new());
}

/// A declared bound that was crossed moves to where the delivery is.
fn widen(lines: &mut [String], resource: &Resource, rows: u64) {
    let contract = &resource.contract;
    let bounds = [("min_rows", contract.min_rows.filter(|least| rows < *least)), ("max_rows", contract.max_rows.filter(|most| rows > *most))];
    for (key, _) in bounds.iter().filter(|(_, crossed)| crossed.is_some()) {
        if let Some(line) = lines.iter_mut().find(|line| value_of(line, key).is_some()) {
            let ending = if line.ends_with('\r') { "\r" } else { "" };
            *line = format!("{key} = {rows}{ending}");
        }
    }
}

/// The code list with the unknown codes at its end, their titles to be written by the steward.
fn with_codes(file: &SourceFile, now: &[String]) -> String {
    let codes: Vec<&str> = now.iter().map(|line| line.rsplit_once(" × ").map_or(line.as_str(), |(code, _)| code)).collect();
    let mut text = file.text.trim_end().to_owned();
    text.push('\n');
    if file.path.ends_with(".toml") {
        let entry = |code: &&str| format!("\n[[code]]\nvalue = {}\ntitle = {}\n", quoted(code), quoted(&format!("{code}（待命名）")));
        return text + &codes.iter().map(entry).collect::<String>();
    }
    let head = file.text.trim_start_matches('\u{feff}').lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    let cell = |code: &str, column: &str| match column.trim() {
        "value" => csv_cell(code),
        "title" => csv_cell(&format!("{code}（待命名）")),
        _ => String::new(),
    };
    let row = |code: &&str| head.split(',').map(|column| cell(code, column)).collect::<Vec<_>>().join(",") + "\n";
    text + &codes.iter().map(row).collect::<String>()
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A text as TOML writes it; JSON's escapes are among TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The lines that differ and some around them; `None` for files too long to be shown.
fn diff(before: &str, after: &str) -> Option<Vec<DiffLine>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    if old.len().max(new.len()) > LINES_MAX {
        return None;
    }
    let all = aligned(&old, &new);
    let near = |at: usize| all.iter().skip(at.saturating_sub(AROUND)).take(2 * AROUND + 1).any(|line| line.mark != ' ');
    Some((0..all.len()).filter(|at| near(*at)).filter_map(|at| all.get(at).cloned()).collect())
}

/// Both texts as one list of kept, removed and added lines: what is common at both ends is kept, the rest aligned by
/// its longest common subsequence where that is small enough to compute.
fn aligned(old: &[&str], new: &[&str]) -> Vec<DiffLine> {
    let line = |mark: char, text: &&str| DiffLine { mark, text: (*text).to_owned() };
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old.iter().skip(head).rev().zip(new.iter().skip(head).rev()).take_while(|(a, b)| a == b).count();
    let middle = |all: &[&str]| all.get(head..all.len() - tail).unwrap_or_default().iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let (a, b) = (middle(old), middle(new));
    let mut out: Vec<DiffLine> = old.iter().take(head).map(|text| line(' ', text)).collect();
    let mut longest = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    let cell = |table: &[Vec<u32>], i: usize, j: usize| table.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    if a.len().saturating_mul(b.len()) <= 4_000_000 {
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                let value = if a.get(i) == b.get(j) { cell(&longest, i + 1, j + 1) + 1 } else { cell(&longest, i + 1, j).max(cell(&longest, i, j + 1)) };
                if let Some(slot) = longest.get_mut(i).and_then(|row| row.get_mut(j)) {
                    *slot = value;
                }
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while let (Some(left), Some(right)) = (a.get(i), b.get(j)) {
        if left == right {
            out.push(DiffLine { mark: ' ', text: left.clone() });
            (i, j) = (i + 1, j + 1);
        } else if cell(&longest, i + 1, j) >= cell(&longest, i, j + 1) {
            out.push(DiffLine { mark: '-', text: left.clone() });
            i += 1;
        } else {
            out.push(DiffLine { mark: '+', text: right.clone() });
            j += 1;
        }
    }
    out.extend(a.iter().skip(i).map(|text| DiffLine { mark: '-', text: text.clone() }));
    out.extend(b.iter().skip(j).map(|text| DiffLine { mark: '+', text: text.clone() }));
    out.extend(old.iter().skip(old.len() - tail).map(|text| line(' ', text)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_into_the_right_item_and_the_rest_stays() {
        let text = "title = \"a\"\n[[item]]\nname = \"id\"\nrequired = true # 必填\n\n[[item]]\n# 姓名\nname = \"name\"\ntitle = \"姓名\"\n";
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        set(&mut lines, "name", "aliases", "[\"xm\"]");
        set(&mut lines, "id", "required", "false");
        let after = lines.join("\n");
        assert_eq!(after, text.replace("required = true # 必填", "required = false").replace("name = \"name\"\n", "name = \"name\"\naliases = [\"xm\"]\n"));
        let shown: Vec<String> = diff(text, &after).unwrap_or_default().iter().filter(|l| l.mark != ' ').map(|l| format!("{}{}", l.mark, l.text)).collect();
        assert_eq!(shown, ["-required = true # 必填", "+required = false", "+aliases = [\"xm\"]"]);
    }
}
