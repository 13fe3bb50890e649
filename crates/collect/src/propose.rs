//! What a file never seen before holds, as a declaration that a steward can read and mend.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use arrow_array::Array;
use data::declare::{Collection, Item, Mode, OnDuplicate};
use data::standard::{propose as propose_standard, propose_name};
use kernel::Text;

use crate::read::{ReadOptions, fingerprint, members, open_file, sniff};
use crate::source::{Decision, Source};
use crate::{CollectError, RawBatch};

/// Records looked at.
const SAMPLE: usize = 10_000;
/// Text looked at, in bytes, when records are large.
const SAMPLE_BYTES: usize = 64 << 20;
const PREVIEW: usize = 20;

/// What the person already knows about the file.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Sheet, table of a dump, member of an archive.
    pub table: Option<String>,
    /// Where the records are in JSON.
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
    let mut nulls = BTreeSet::new();
    let items = sample.items(id, &mut nulls, &mut decisions);
    let chosen = source.chosen();
    let headed = chosen.header != Some(0);
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

/// Without a header the fields have no names of their own.
fn by_position(item: Item) -> Item {
    let title = match item.name.strip_prefix("column_") {
        Some(n) => format!("第{n}列"),
        None => item.title,
    };
    Item { title, ..item }
}

/// The first records of a source.
struct Sample {
    fields: Vec<String>,
    batches: Vec<RawBatch>,
    rows: usize,
}

impl Sample {
    fn take(source: &mut dyn Source) -> Result<Sample, CollectError> {
        let mut sample = Sample { fields: Vec::new(), batches: Vec::new(), rows: 0 };
        let mut bytes = 0;
        while sample.rows < SAMPLE && bytes < SAMPLE_BYTES {
            let Some(batch) = source.next(SAMPLE - sample.rows)? else {
                break;
            };
            bytes += batch.columns.iter().map(|c| c.value_data().len()).sum::<usize>();
            sample.rows += batch.rows();
            sample.fields = batch.fields.to_vec();
            sample.batches.push(batch);
        }
        Ok(sample)
    }

    /// The values of one field, nulls and refused records left out.
    fn values(&self, field: usize) -> Vec<&str> {
        self.batches.iter().filter_map(|b| b.columns.get(field)).flat_map(|c| c.iter().flatten()).collect()
    }

    fn good(&self) -> usize {
        self.rows - self.batches.iter().map(|b| b.faults.len()).sum::<usize>()
    }

    fn items(&self, id: &str, nulls: &mut BTreeSet<String>, decisions: &mut Vec<Decision>) -> Vec<Item> {
        let mut taken = HashSet::new();
        let mut items: Vec<Item> = Vec::new();
        let mut key = None;
        for (place, field) in self.fields.iter().enumerate() {
            let values = self.values(place);
            let proposal = propose_standard(field, &values);
            let name = propose_name(field.trim_start_matches("^."), &mut taken);
            if key.is_none() && self.names_rows(field, &values) {
                key = Some(place);
            }
            nulls.extend(proposal.nulls);
            decisions.push(Decision {
                what: "standard".to_owned(),
                about: name.clone(),
                chosen: proposal.standard.clone(),
                why: proposal.why,
            });
            items.push(Item {
                source: (*field != name).then(|| field.clone()),
                as_of: None,
                title: field.clone(),
                title_en: String::new(),
                aliases: Vec::new(),
                standard: proposal.standard,
                key: false,
                required: false,
                class: proposal.class,
                grade: Some(proposal.grade),
                unit: unit(field),
                summary: String::new(),
                summary_en: String::new(),
                name,
            });
        }
        if let Some(item) = key.and_then(|place| items.get_mut(place)) {
            item.key = true;
            item.required = true;
            decisions.push(Decision {
                what: "key".to_owned(),
                about: id.to_owned(),
                chosen: item.name.clone(),
                why: Text::new(
                    "是编号，且抽样中每条都有、互不相同；请核定",
                    "an id that every record of the sample has, each a different one; please confirm",
                ),
            });
        }
        items
    }

    /// An id by its name, present and different in every record. A running number is none: it changes with each delivery.
    fn names_rows(&self, field: &str, values: &[&str]) -> bool {
        let lower = field.to_lowercase();
        let named = lower == "id"
            || lower.ends_with("_id")
            || lower.ends_with("code")
            || ["编号", "代码", "标识码", "编码", "号码", "证号", "单号"].iter().any(|end| lower.ends_with(end));
        let distinct: HashSet<&str> = values.iter().copied().collect();
        named && values.len() > 1 && values.len() == self.good() && distinct.len() == values.len() && !distinct.contains("")
    }

    fn preview(&self) -> Vec<Vec<Option<String>>> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            let refused: HashSet<usize> = batch.faults.iter().map(|f| f.0).collect();
            for row in (0..batch.rows()).filter(|row| !refused.contains(row)) {
                if rows.len() == PREVIEW {
                    return rows;
                }
                let cell = |c: &arrow_array::StringArray| c.is_valid(row).then(|| c.value(row).to_owned());
                let mut cells: Vec<Option<String>> = batch.columns.iter().map(cell).collect();
                cells.resize(self.fields.len(), None);
                rows.push(cells);
            }
        }
        rows
    }

    /// How many lines of the sample are no records, by cause.
    fn fault_decision(&self, about: &str) -> Option<Decision> {
        let mut counts = BTreeMap::new();
        for (_, fault) in self.batches.iter().flat_map(|b| &b.faults) {
            *counts.entry(fault.code.as_str()).or_insert(0usize) += 1;
        }
        let list: Vec<String> = counts.iter().map(|(code, n)| format!("{code} × {n}")).collect();
        let n: usize = counts.values().sum();
        (n > 0).then(|| Decision {
            what: "faults".to_owned(),
            about: about.to_owned(),
            chosen: list.join(", "),
            why: Text::new(
                format!("抽样的 {} 行中有 {n} 行不是记录，归集时进入问题数据，不会丢失", self.rows),
                format!("{n} of {} lines looked at are no records; collecting puts them into quarantine, none is lost", self.rows),
            ),
        })
    }
}

/// `金额（万元）` → `万元`.
fn unit(field: &str) -> String {
    const UNITS: [&str; 34] = [
        "元", "万元", "亿元", "人", "万人", "户", "个", "次", "件", "台", "辆", "米", "m", "公里", "千米", "km", "平方米", "㎡",
        "平方公里", "亩", "公顷", "吨", "kg", "千瓦时", "%", "％", "℃", "小时", "分钟", "天", "μg/m³", "ug/m3", "mg/m³", "mm",
    ];
    let inside = field.trim_end().strip_suffix(['）', ')']).and_then(|f| f.rsplit_once(['（', '(']).map(|(_, unit)| unit.trim()));
    inside.filter(|unit| UNITS.contains(unit)).unwrap_or_default().to_owned()
}
