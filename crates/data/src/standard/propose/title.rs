//! What a column is called in words, in Chinese and in English, from a header in either.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::column_name::snake;

/// A column's names for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titles {
    /// In Chinese, where all of its words are known; else the header itself.
    pub zh: String,
    /// In English; empty where it is not known.
    pub en: String,
}

/// Words that a header is put into, from its own text and from the column name made of it.
pub fn propose_titles(header: &str, name: &str) -> Titles {
    let header: String = header.split_whitespace().collect::<Vec<_>>().join(" ");
    if header.chars().any(is_han) {
        let unnamed = name.starts_with("column_");
        return Titles { zh: header, en: if unnamed { String::new() } else { sentence(&name.replace('_', " ")) } };
    }
    let words = snake(&header);
    let zh = translate(&words).unwrap_or_else(|| header.clone());
    let plain = header.chars().any(|c| c.is_ascii_alphabetic());
    let en = if header.contains([' ', '(', ')', '%']) { header } else { sentence(&words.replace('_', " ")) };
    Titles { zh, en: if plain { en } else { String::new() } }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Every word of `dep_delay` in Chinese, the longest known ones first; `None` when one is not known.
fn translate(words: &str) -> Option<String> {
    let parts: Vec<&str> = words.split('_').filter(|part| !part.is_empty()).collect();
    let (mut at, mut out) = (0, String::new());
    while at < parts.len() {
        let ends = (at + 1..=parts.len().min(at + 3)).rev();
        let found = ends.into_iter().find_map(|end| Some((end, *TITLES.get(parts.get(at..end)?.join("_").as_str())?)));
        match found {
            Some((end, title)) => {
                out.push_str(title);
                at = end;
            }
            None => {
                let part = parts.get(at)?;
                if out.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                out.push_str(part);
                at += 1;
            }
        }
    }
    (!out.is_empty()).then_some(out)
}

static TITLES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../../../reference/column_titles.csv").lines().filter_map(|line| line.split_once(',')).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_titles_in_both_languages() {
        for (header, name, zh, en) in [
            ("机构名称", "institution_name", "机构名称", "Institution name"),
            ("魑魅", "column_3", "魑魅", ""),
            ("stop_id", "stop_id", "站点编号", "Stop id"),
            ("sched_dep_time", "sched_dep_time", "计划出发时间", "Sched dep time"),
            ("receivedTimestamp", "received_timestamp", "接收时间", "Received timestamp"),
            ("xyzzy", "xyzzy", "xyzzy", "Xyzzy"),
            ("地址\n（详细）", "address", "地址 （详细）", "Address"),
        ] {
            let found = propose_titles(header, name);
            assert_eq!((found.zh.as_str(), found.en.as_str()), (zh, en), "{header}");
        }
    }
}
