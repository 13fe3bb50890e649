//! One field as an item: its name, titles, standard, unit.

use std::collections::HashSet;

use data::declare::Item;
use data::standard::{Proposal, propose_name, propose_titles};

use crate::read::{PARENT, SECTION, UNITS};

/// A field's own words, without the signs of where it stands: `^.`, `@`, prefixes of namespaces.
pub(super) fn bare(field: &str) -> String {
    let inner = field.trim_start_matches("^.");
    let parts = inner.split('.').map(|part| {
        let part = part.trim_start_matches('@');
        let is_prefix = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match part.split_once(':') {
            Some((prefix, name)) if is_prefix(prefix) && !name.is_empty() && !name.contains([' ', '/']) => name,
            _ => part,
        }
    });
    let parts: Vec<&str> = parts.filter(|part| *part != "#text").collect();
    if parts.is_empty() { "text".to_owned() } else { parts.join(".") }
}

/// The item of a field; `known` is what the file itself calls it.
pub(super) fn item(field: &str, known: Option<&str>, proposal: &Proposal, taken: &mut HashSet<String>) -> Item {
    let (name, title, title_en) = match field {
        SECTION => (propose_name("section", taken), "分组".to_owned(), "Section".to_owned()),
        PARENT => (propose_name("parent_number", taken), "上级记录序号".to_owned(), "Number of the record above".to_owned()),
        _ => named(field, known, taken),
    };
    Item {
        source: (*field != name).then(|| field.to_owned()),
        title,
        title_en,
        aliases: Vec::new(),
        as_of: None,
        mask: None,
        standard: proposal.standard.clone(),
        key: false,
        required: false,
        class: proposal.class,
        grade: Some(proposal.grade),
        unit: unit(field),
        summary: String::new(),
        summary_en: String::new(),
        name,
    }
}

fn named(field: &str, known: Option<&str>, taken: &mut HashSet<String>) -> (String, String, String) {
    let bare = bare(field);
    let words = unit_below(&bare).map_or(bare.as_str(), |(name, _)| name);
    let mut again = taken.clone();
    let mut name = propose_name(words, &mut again);
    // A field of the record above that is called as one of its own.
    if field.starts_with("^.") && taken.contains(name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_')) {
        again = taken.clone();
        name = propose_name(&format!("parent_{words}"), &mut again);
    }
    *taken = again;
    let titles = propose_titles(words, &name);
    match known {
        Some(title) => (name, title.to_owned(), titles.en),
        None => (name, titles.zh, titles.en),
    }
}

/// `金额（万元）` → `万元`; so does `金额 万元`, where a line of units stands below the names.
fn unit(field: &str) -> String {
    let inside = field.trim_end().strip_suffix(['）', ')']).and_then(|f| f.rsplit_once(['（', '(']).map(|(_, unit)| unit.trim()));
    let unit = inside.filter(|unit| UNITS.contains(unit)).or_else(|| unit_below(field).map(|(_, unit)| unit));
    unit.unwrap_or_default().to_owned()
}

/// A name and the unit that stood below it.
fn unit_below(field: &str) -> Option<(&str, &str)> {
    let (name, unit) = field.trim_end().rsplit_once(' ')?;
    let unit = unit.trim_matches(|c: char| "()（）[]".contains(c));
    (!name.trim().is_empty() && UNITS.contains(&unit)).then_some((name.trim(), unit))
}
