//! What a file never seen before holds, as a declaration that a steward can read and mend.

mod gtfs;
mod item;
mod key;
mod parts;
mod sample;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use data::declare::{Collection, Item, Mode, OnDuplicate};
use data::standard::{Proposal, propose as propose_standard};
use kernel::Text;

use crate::CollectError;
use crate::read::{FileSource, PARENT, ReadOptions, fingerprint, members, open_file, sniff};
use crate::source::{Decision, Source};

pub use parts::{Part, parts};
use sample::Sample;

/// What the person already knows about the file.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Sheet, table of a dump, member of an archive.
    pub table: Option<String>,
    /// Where the records are in JSON or XML.
    pub records: Option<String>,
}

/// A proposal with its reasons.
#[derive(Clone, Debug)]
pub struct Proposed {
    pub collection: Collection,
    pub items: Vec<Item>,
    pub decisions: Vec<Decision>,
    pub rows_sampled: u64,
    /// The fields as the source has them; the preview's columns.
    pub fields: Vec<String>,
    /// The first records that could be read, at most 20.
    pub preview: Vec<Vec<Option<String>>>,
}

/// Reads the first records of a file and proposes how to collect it as the resource `id`.
pub fn propose(path: &Path, id: &str, hints: &Hints) -> Result<Proposed, CollectError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let options = ReadOptions { table: hints.table.clone(), records: hints.records.clone(), ..ReadOptions::default() };
    let mut source = open_file(path, &name, &options, fingerprint(path, &name)?)?;
    let sample = Sample::take(&mut source)?;
    let mut decisions = source.decisions();
    decisions.extend(sample.fault_decision(&name));
    let chosen = source.chosen();
    let headed = chosen.header != Some(0);
    let (items, nulls) = items(id, &sample, &source, hints, &mut decisions);
    let collection = Collection {
        from: name.clone(),
        mode: Mode::Full,
        cursor: None,
        cursor_parameter: None,
        version: None,
        on_duplicate: OnDuplicate::default(),
        format: Some(sniff_format(path, &decisions)?),
        encoding: chosen.encoding,
        delimiter: chosen.delimiter.filter(|d| !d.is_empty()),
        header: chosen.header,
        table: table(path, hints, chosen.table, &decisions),
        records: chosen.records,
        on_missing: Default::default(),
        post: None,
        paging: None,
        null: nulls.into_iter().collect(),
    };
    let items = if headed { items } else { items.into_iter().map(by_position).collect() };
    Ok(Proposed {
        collection,
        items,
        decisions,
        rows_sampled: sample.rows as u64,
        preview: sample.preview(),
        fields: sample.fields,
    })
}

fn sniff_format(path: &Path, decisions: &[Decision]) -> Result<data::declare::Format, CollectError> {
    let told = decisions.iter().find(|d| d.what == "format");
    let known = told.and_then(|d| serde_json::from_value(serde_json::Value::String(d.chosen.clone())).ok());
    match known {
        Some(format) => Ok(format),
        None => sniff(path).map(|s| s.format),
    }
}

/// The table is only pinned where there is a choice: names of single sheets and members change with each delivery.
fn table(path: &Path, hints: &Hints, chosen: Option<String>, decisions: &[Decision]) -> Option<String> {
    let decided = |what: &str| decisions.iter().find(|d| d.what == what).map(|d| d.chosen.clone());
    if hints.table.is_some() {
        return hints.table.clone();
    }
    if let Some(member) = decided("member") {
        return members(path).is_ok_and(|m| m.len() > 1).then_some(member);
    }
    decided("table").and(chosen)
}

/// Without a header the fields have no names of their own, but what some columns are is plain from their values.
fn by_position(item: Item) -> Item {
    let Some(n) = item.name.strip_prefix("column_").map(str::to_owned) else { return item };
    Item { title: format!("第{n}列"), title_en: format!("Column {n}"), ..item }
}

/// The items of all fields, and the words that mean "no value".
fn items(
    id: &str,
    sample: &Sample,
    source: &FileSource,
    hints: &Hints,
    decisions: &mut Vec<Decision>,
) -> (Vec<Item>, BTreeSet<String>) {
    let proposals = proposals(sample);
    let nulls = proposals.iter().flat_map(|p| p.nulls.iter().cloned()).collect();
    let known = source.known();
    let title = |field: &str| known.iter().find(|k| k.field == field).and_then(|k| k.title.as_deref());
    let mut taken = HashSet::new();
    let each = sample.fields.iter().zip(&proposals);
    let mut items: Vec<Item> = each.map(|(field, proposal)| item::item(field, title(field), proposal, &mut taken)).collect();
    let member = hints.table.clone().or_else(|| Some(decisions.iter().find(|d| d.what == "member")?.chosen.clone()));
    let feed = member.and_then(|member| gtfs::table(&member, &sample.fields));
    let place = |field: &str| sample.fields.iter().position(|f| f == field);
    let mut declared: Vec<usize> = known.iter().filter(|k| k.key).filter_map(|k| place(&k.field)).collect();
    if let Some(feed) = feed {
        declared = gtfs::apply(feed, sample, &mut items);
        let why = Text::new("是 GTFS 公交时刻表，字段按其规范", "a table of a GTFS timetable; its fields are those of the specification");
        decisions.push(Decision { what: "specification".to_owned(), about: id.to_owned(), chosen: format!("GTFS {feed}"), why });
    }
    for (item, proposal) in items.iter().zip(proposals) {
        // What the specification says needs no reason from the values.
        let why = if item.standard == proposal.standard { proposal.why } else { Text::new("按规范", "by the specification") };
        decisions.push(Decision { what: "standard".to_owned(), about: item.name.clone(), chosen: item.standard.clone(), why });
    }
    if let Some(key) = key::find(sample, &items, &declared) {
        let mut names = Vec::new();
        for place in key.places {
            if let Some(item) = items.get_mut(place) {
                (item.key, item.required) = (true, true);
                names.push(item.name.clone());
            }
        }
        decisions.push(Decision { what: "key".to_owned(), about: id.to_owned(), chosen: names.join(", "), why: key.why });
    }
    (without_needless_link(items, sample), nulls)
}

/// The standards of all fields. A word such as 无 that stands in a column of text is a value there, so it cannot mean
/// "no value" for the whole table: a column that is a number only without it stays text.
fn proposals(sample: &Sample) -> Vec<Proposal> {
    let mut all: Vec<Proposal> = sample.fields.iter().map(|f| propose_standard(&item::bare(f), &sample.values(f))).collect();
    let is_word = |null: &String| null.chars().all(char::is_alphabetic) && !null.eq_ignore_ascii_case("nan") && !null.eq_ignore_ascii_case("null");
    let texts: Vec<&String> = sample.fields.iter().zip(&all).filter(|(_, p)| p.standard == "text").map(|(f, _)| f).collect();
    let stands = |null: &String| texts.iter().any(|field| sample.values(field).iter().any(|v| v.trim() == null));
    let needed: Vec<bool> = all.iter().map(|p| p.nulls.iter().any(|null| is_word(null) && stands(null))).collect();
    for (proposal, _) in all.iter_mut().zip(needed).filter(|(_, needed)| *needed) {
        let words = proposal.nulls.join("、");
        proposal.standard = "text".to_owned();
        proposal.nulls.clear();
        proposal.why = Text::new(
            format!("“{words}”在别的列里是值，不能整表当作空值，所以这一列按文字保存"),
            format!("`{words}` is a value in other columns and cannot mean no value in the whole table, so this column stays text"),
        );
    }
    all
}

/// The number of the record above is left out where an id of that record links as well, and better: numbers change with
/// each delivery.
fn without_needless_link(items: Vec<Item>, sample: &Sample) -> Vec<Item> {
    let is_id = |field: &String| {
        let lower = field.to_lowercase();
        let above = field.starts_with("^.") && !field.starts_with("^.^.");
        above && ["id", "code", "identifier", "编号", "代码"].iter().any(|end| lower.ends_with(end)) && sample.values(field).len() == sample.good()
    };
    if !sample.fields.iter().any(is_id) {
        return items;
    }
    items.into_iter().filter(|item| item.source.as_deref() != Some(PARENT)).collect()
}
