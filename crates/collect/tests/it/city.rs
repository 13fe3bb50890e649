//! A small city for the tests of this crate.

use std::collections::{BTreeMap, HashMap};

use arrow_array::StringArray;
use collect::check::Origin;
use collect::connect::{Contacts, Context, Network};
use collect::{RawBatch, Source};
use data::City;
use data::network::AllowList;
use data::declare::{CityInfo, Connector, Item, Resource, System};

/// An item with nothing but a name and a standard.
pub fn item(name: &str, standard: &str) -> Item {
    toml_like(serde_json::json!({ "name": name, "title": name, "standard": standard }))
}

/// A resource of these items, read from `people.csv`.
pub fn resource(items: Vec<Item>) -> Resource {
    let mut resource: Resource = toml_like(serde_json::json!({
        "title": "人口", "code": "1/1", "summary": "", "system": "hr", "class": "base", "share": "none", "open": "none",
        "grade": "L1", "period": "daily", "collect": { "from": "people.csv" }, "item": items,
    }));
    resource.id = "people".to_owned();
    resource
}

/// A city without declarations of its own: the built-in kinds are enough.
pub fn city() -> City {
    City {
        models: Default::default(),
        registers: Default::default(),
        info: toml_like::<CityInfo>(serde_json::json!({ "title": "三江", "division": "330200" })),
        departments: BTreeMap::new(),
        systems: BTreeMap::new(),
        resources: BTreeMap::new(),
        standards: BTreeMap::new(),
        code_lists: BTreeMap::new(),
        boards: BTreeMap::new(),
        figures: BTreeMap::new(),
        nodes: BTreeMap::new(),
        catalogs: Default::default(),
        districts: None,
        apis: BTreeMap::new(),
    }
}

fn toml_like<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).expect("a declaration as it stands in the tests")
}

/// A raw batch of text records.
pub fn raw(fields: &[&str], rows: &[Vec<Option<&str>>]) -> RawBatch {
    let column = |index: usize| rows.iter().map(|row| row[index]).collect::<StringArray>();
    RawBatch {
        fields: words(fields).into(),
        columns: (0..fields.len()).map(column).collect(),
        file: "people.csv".into(),
        lines: (2..).take(rows.len()).collect(),
        bytes: None,
        faults: Vec::new(),
        removed: Vec::new(),
    }
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub fn origin() -> Origin {
    Origin { system: "hr".to_owned(), run: kernel::RunId("run".to_owned()), batch: 7 }
}

/// A system that is reached so.
pub fn system(connector: Connector) -> System {
    let mut system: System = toml_like(serde_json::json!({
        "title": "系统", "department": "d", "connector": { "kind": "files", "path": "." },
    }));
    system.id = "hr".to_owned();
    system.connector = connector;
    system
}

/// The surroundings of a connector, with one TLS provider installed as the binary does.
pub fn context(runtime: &tokio::runtime::Runtime, variables: HashMap<String, String>) -> Context {
    // A second install is refused, and not needed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Context {
        city_dir: std::env::temp_dir(),
        variables,
        runtime: runtime.handle().clone(),
        network: Network::new(AllowList::read(&["127.0.0.1".to_owned()]).unwrap()),
        contacts: Contacts::default(),
        patient: false,
    }
}

/// Reads to the end in small batches.
pub fn drain(source: &mut dyn Source) -> Vec<RawBatch> {
    let mut batches = Vec::new();
    while let Some(batch) = source.next(2).unwrap() {
        assert!(batch.rows() <= 2);
        batches.push(batch);
    }
    assert!(source.next(2).unwrap().is_none(), "the end stays the end");
    batches
}

/// A field over all batches.
pub fn column(batches: &[RawBatch], index: usize) -> Vec<Option<String>> {
    batches.iter().flat_map(|batch| batch.columns[index].iter().map(|value| value.map(str::to_owned))).collect()
}
