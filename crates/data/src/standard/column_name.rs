//! Names for columns never seen before: lower-case ASCII from Chinese or odd headers.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const LONGEST: usize = 48;

/// A name of the form `[a-z][a-z0-9_]*` for a header, not among the taken ones; it is added to them.
/// Known Chinese words are put into English, ASCII is snake-cased; a header of which some part
/// is not known becomes `column_3`, counted by the names taken before.
pub fn propose_name(header: &str, taken: &mut HashSet<String>) -> String {
    let base = translate(header).unwrap_or_else(|| format!("column_{}", taken.len() + 1));
    let base: String = base.chars().take(LONGEST).collect();
    let base = base.trim_end_matches('_');
    let mut name = base.to_owned();
    let mut n = 2;
    while taken.contains(&name) {
        name = format!("{base}_{n}");
        n += 1;
    }
    taken.insert(name.clone());
    name
}

fn translate(header: &str) -> Option<String> {
    let header = without_brackets(&super::tidy::narrow(super::tidy::trim(header)));
    if let Some(word) = WORDS.get(header.as_str()) {
        return Some((*word).to_owned());
    }
    let mut words: Vec<String> = Vec::new();
    let mut rest = header.as_str();
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_alphanumeric() {
            let end = rest.find(|c: char| !c.is_ascii() || c.is_ascii_whitespace()).unwrap_or(rest.len());
            words.push(snake(rest.get(..end)?));
            rest = rest.get(end..)?;
        } else if let Some((chinese, english)) = longest_word(rest) {
            words.push(english.to_owned());
            rest = rest.get(chinese.len()..)?;
        } else if c.is_alphabetic() && c != '的' && c != '及' && c != '和' {
            return None;
        } else {
            rest = rest.get(c.len_utf8()..)?;
        }
    }
    words.retain(|word| !word.is_empty());
    words.dedup();
    let name = words.join("_");
    match name.chars().next()? {
        c if c.is_ascii_digit() => Some(format!("column_{name}")),
        _ => Some(name),
    }
}

/// `金额（万元）` → `金额`; a header that is nothing but brackets stays.
fn without_brackets(header: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in header.chars() {
        match c {
            '(' | '[' | '【' | '{' | '<' => depth += 1,
            ')' | ']' | '】' | '}' | '>' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    let out = out.trim().to_owned();
    if out.is_empty() { header.to_owned() } else { out }
}

/// The longest known word that the text begins with.
fn longest_word(text: &str) -> Option<(&'static str, &'static str)> {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(10).collect();
    ends.into_iter().rev().find_map(|end| WORDS.get_key_value(text.get(..end)?).map(|(zh, en)| (*zh, *en)))
}

/// `StationID`, `station-id`, `PM2.5` → `station_id`, `station_id`, `pm2_5`.
pub(crate) fn snake(text: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let lower_after = chars.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let hump = c.is_ascii_uppercase()
            && before.is_some_and(|b| b.is_ascii_lowercase() || (b.is_ascii_uppercase() && lower_after));
        if (hump || !c.is_ascii_alphanumeric()) && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        }
    }
    out.trim_end_matches('_').to_owned()
}

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../../reference/column_words.csv").lines().filter_map(|line| line.split_once(',')).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::rules::item::good_name;

    #[test]
    fn headers_become_names() {
        let mut taken = HashSet::new();
        let mut name = |header: &str| propose_name(header, &mut taken);
        assert_eq!(name("姓名"), "name");
        assert_eq!(name("机构名称"), "institution_name");
        assert_eq!(name("名称"), "name_2");
        assert_eq!(name("　经度 "), "longitude");
        assert_eq!(name("金额（万元）"), "amount");
        assert_eq!(name("企业注册地址"), "company_registered_address");
        assert_eq!(name("PM2.5浓度(μg/m³)"), "pm2_5_concentration");
        assert_eq!(name("StationID"), "station_id");
        assert_eq!(name("HTTPStatus code"), "http_status_code");
        assert_eq!(name("2020年"), "column_2020_year");
        assert_eq!(name("魑魅魍魉"), "column_11");
        assert_eq!(name(""), "column_12");
        assert!(taken.iter().all(|name| good_name(name)), "{taken:?}");
    }
}
