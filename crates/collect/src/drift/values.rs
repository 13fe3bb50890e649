//! What checking the first records tells: codes outside their list, keys that name more than one row.

use std::collections::BTreeMap;

use data::City;
use data::declare::Resource;
use data::standard::Fault;
use kernel::Text;

use super::compare::percent;
use super::{Difference, Kind, holds};

/// Fewer rows than these hold nothing, whatever their share: the quarantine is for them.
const FEWEST_ROWS: u64 = 20;
/// Unknown codes shown, the most frequent first.
const CODES_SHOWN: usize = 20;

/// What the faults of `rows` checked records say of the delivery as a whole.
pub fn values(city: &City, resource: &Resource, rows: usize, refused: &[(usize, Vec<Fault>)]) -> Vec<Difference> {
    let mut found: Vec<Difference> = unknown_codes(city, resource, rows, refused);
    found.extend(duplicates(resource, rows, refused));
    found
}

fn unknown_codes(city: &City, resource: &Resource, rows: usize, refused: &[(usize, Vec<Fault>)]) -> Vec<Difference> {
    let mut unknown: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for fault in refused.iter().flat_map(|(_, faults)| faults).filter(|fault| fault.code.starts_with("code.")) {
        *unknown.entry(&fault.item).or_default().entry(&fault.found).or_default() += 1;
    }
    let grown = unknown.into_iter().filter_map(|(name, values)| {
        let item = resource.items.iter().find(|item| item.name == name)?;
        let list = city.standards.get(&item.standard).and_then(|s| city.code_lists.get(s.codes.as_ref()?))?;
        let count: u64 = values.values().sum();
        let share = count as f64 / rows.max(1) as f64;
        let mut values: Vec<(&str, u64)> = values.into_iter().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let kinds = values.len();
        let told = percent(share);
        Some(Difference {
            kind: Kind::Codes,
            about: name.to_owned(),
            from: String::new(),
            to: String::new(),
            before: list.codes.iter().take(CODES_SHOWN).map(|code| format!("{} {}", code.value, code.title)).collect(),
            now: values.into_iter().take(CODES_SHOWN).map(|(value, count)| format!("{value} × {count}")).collect(),
            count,
            extent: share,
            message: Text::new(
                format!("「{}」有 {kinds} 个代码不在代码集「{}」中，涉及 {count} 行（{told}）。", item.title, list.title),
                format!("“{name}” has {kinds} codes outside the list “{}”, in {count} rows ({told}).", list.id),
            ),
            holds: too_many(resource, count, share) && holds(&resource.contract, Kind::Codes),
        })
    });
    grown.collect()
}

fn too_many(resource: &Resource, count: u64, share: f64) -> bool {
    count >= FEWEST_ROWS && share > resource.contract.max_share
}

fn duplicates(resource: &Resource, rows: usize, refused: &[(usize, Vec<Fault>)]) -> Option<Difference> {
    let doubled: Vec<&Fault> = refused.iter().flat_map(|(_, faults)| faults).filter(|fault| fault.code == "key.duplicate").collect();
    if doubled.is_empty() {
        return None;
    }
    let count = doubled.len() as u64;
    let share = count as f64 / rows.max(1) as f64;
    let key: Vec<&str> = resource.items.iter().filter(|item| item.key).map(|item| item.name.as_str()).collect();
    let told = percent(share);
    Some(Difference {
        kind: Kind::Duplicates,
        about: key.join(", "),
        from: String::new(),
        to: String::new(),
        before: vec!["1 行 / row".to_owned()],
        now: vec![format!("{count} 行主键重复 / rows with a key that is taken")],
        count,
        extent: share,
        message: Text::new(
            format!("主键不再唯一：{count} 行（{told}）与本次交付的另一行主键相同、内容不同。"),
            format!("The key is no longer unique: {count} rows ({told}) have the key of another row of this delivery and differ from it."),
        ),
        holds: too_many(resource, count, share) && holds(&resource.contract, Kind::Duplicates),
    })
}
