//! Names of fields: which field of a source an item is read from, and what the raw table calls its columns.

use std::collections::HashSet;

use data::declare::{Item, Resource};

/// A name as it is compared: without outer blanks, in lower case, full-width letters as half-width ones.
pub fn folded(name: &str) -> String {
    let half = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars().map(half_width);
    half.flat_map(char::to_lowercase).collect()
}

fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        // The full-width forms stand in the order of ASCII, 0xFEE0 further on.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// For each item the index of the field it is read from. A better name wins over a worse one whatever the order
/// of the items: first `source`, then the name, the title, the aliases. A field serves one item only.
pub fn match_items(items: &[Item], fields: &[String]) -> Vec<Option<usize>> {
    let fields: Vec<String> = fields.iter().map(|field| folded(field)).collect();
    let mut taken = vec![false; fields.len()];
    let mut found: Vec<Option<usize>> = vec![None; items.len()];
    let passes: [fn(&Item) -> Vec<&str>; 4] = [
        |item| item.source.as_deref().into_iter().collect(),
        |item| vec![item.name.as_str()],
        |item| vec![item.title.as_str()],
        |item| item.aliases.iter().map(String::as_str).collect(),
    ];
    for pass in passes {
        for (item, place) in items.iter().zip(&mut found) {
            if place.is_some() {
                continue;
            }
            let wanted: Vec<String> = pass(item).into_iter().map(folded).filter(|name| !name.is_empty()).collect();
            let free = fields.iter().zip(&taken).position(|(field, taken)| !taken && wanted.contains(field));
            if let Some(index) = free {
                *place = Some(index);
                if let Some(mark) = taken.get_mut(index) {
                    *mark = true;
                }
            }
        }
    }
    found
}

/// Items taken by position, for sources without a header.
pub fn match_positions(items: &[Item], fields: &[String]) -> Vec<Option<usize>> {
    (0..items.len()).map(|index| (index < fields.len()).then_some(index)).collect()
}

/// The field an item is read from, among the columns of a table.
#[cfg(feature = "connect")]
pub fn field_of<'a>(resource: &Resource, item: &str, fields: &'a [String]) -> Option<&'a str> {
    let place = resource.items.iter().position(|declared| declared.name == item)?;
    let index = match_items(&resource.items, fields).get(place).copied().flatten()?;
    fields.get(index).map(String::as_str)
}

/// The column names of the raw table for these fields: a declared item's field takes the item's name, the others
/// their own, made fit for a table and unique whatever the case.
pub fn raw_names(fields: &[String], resource: &Resource) -> Vec<String> {
    let places = match resource.collect.header {
        Some(0) => match_positions(&resource.items, fields),
        _ => match_items(&resource.items, fields),
    };
    raw_names_for(fields, &resource.items, &places)
}

/// The same, where the places of the items are known.
pub fn raw_names_for(fields: &[String], items: &[Item], places: &[Option<usize>]) -> Vec<String> {
    let mut names: Vec<Option<String>> = vec![None; fields.len()];
    let mut taken: HashSet<String> = SYSTEM_COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    for (item, place) in items.iter().zip(places) {
        if let Some(slot) = place.and_then(|index| names.get_mut(index)) {
            taken.insert(item.name.to_lowercase());
            *slot = Some(item.name.clone());
        }
    }
    let named = fields.iter().zip(names);
    named.map(|(field, name)| name.unwrap_or_else(|| unique(sanitised(field), &mut taken))).collect()
}

/// The system columns of the raw and standard tables; no field may take these names.
pub const SYSTEM_COLUMNS: [&str; 9] =
    ["_system", "_run", "_batch", "_file", "_line", "_hash", "_bytes", "_faults", "_change"];

/// Longest column name, in bytes.
const NAME_LIMIT: usize = 200;

/// Parquet and Delta refuse these characters in names.
fn sanitised(field: &str) -> String {
    let mut name: String = field
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .chars()
        .map(|c| if " ,;{}()=".contains(c) || c.is_control() { '_' } else { c })
        .collect();
    name.truncate(name.floor_char_boundary(NAME_LIMIT));
    if name.is_empty() { "_".to_owned() } else { name }
}

fn unique(name: String, taken: &mut HashSet<String>) -> String {
    if taken.insert(name.to_lowercase()) {
        return name;
    }
    let numbered = (2u32..).map(|number| format!("{name}_{number}")).find(|name| taken.insert(name.to_lowercase()));
    numbered.unwrap_or(name)
}
