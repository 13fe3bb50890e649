//! Precision and recall on sets whose truth is known, so that no change makes them worse unseen.

use std::collections::BTreeMap;

use link::{Linkage, Records, Side};

use crate::{options, shared};

/// F1 over pairs at a probability of one half. FEBRL ids tell the person: `rec-122-org`, `rec-122-dup-0`.
fn febrl(number: u8) -> Option<f64> {
    let path = shared(&format!("data/city/er/febrl/dataset{number}.csv"))?;
    let text = std::fs::read_to_string(path).expect("file");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("header").split(',').map(str::trim).collect();
    let mut builder = Records::builder();
    let places: Vec<usize> = names.iter().skip(1).map(|name| builder.column(name).expect("column")).collect();
    let mut people: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        let mut cells = line.split(',').map(str::trim);
        let id = cells.next().expect("id");
        *people.entry(person(id)).or_default() += 1;
        builder.push(Side::Left, id, places.iter().copied().zip(cells)).expect("push");
    }
    let records = builder.build();
    let linked = Linkage::learn(&records, &[], &[], &options(2)).expect("learnt").link();
    let wanted: usize = people.values().map(|count| count * (count - 1) / 2).sum();
    let right = linked.pairs.iter().filter(|pair| person(records.id(pair.a)) == person(records.id(pair.b))).count();
    Some(2.0 * right as f64 / (linked.pairs.len() + wanted) as f64)
}

fn person(id: &str) -> &str {
    id.split('-').nth(1).unwrap_or("")
}

#[test]
fn shared_febrl_people_are_found() {
    for number in 1..=3 {
        if let Some(f1) = febrl(number) {
            println!("FEBRL {number}: F1 {f1:.4}");
            assert!(f1 >= 0.999, "FEBRL {number}: {f1}");
        }
    }
}
