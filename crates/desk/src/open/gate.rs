//! The gate: what speaks against giving a table to everybody. It looks at where each column comes from, and at all rows.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use data::City;
use data::declare::{Grade, Model, OpenTo, OpenType, Opening};
use data::grade::{self, InfoType};
use futures::TryStreamExt;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};

use super::is_published;
use super::risk::Persons;
use crate::model::{Models, PlannedModel, column_title};
use crate::port::{How, Layer, Source, TableName};
use crate::{Answer, Desk, internal};

/// Different values of a column that are looked at for what they tell.
const LOOKED: usize = 1_000;
/// Every so many rows one is looked at, once there are enough.
const STEP: u64 = 97;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Was looked at and is as it should be.
    Fine,
    /// Whoever approves should think about it.
    Warns,
    /// Cannot be approved.
    Stops,
}

/// One thing that the gate looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub weight: Weight,
    pub what: Text,
    /// What to do about it.
    pub help: Option<Text>,
}

/// What the gate found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The batch of the table that was looked at.
    pub batch: i64,
    pub rows: u64,
    pub findings: Vec<Finding>,
}

impl Gate {
    pub fn stops(&self) -> bool {
        self.findings.iter().any(|finding| finding.weight == Weight::Stops)
    }
}

impl Finding {
    pub(super) fn fine(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { weight: Weight::Fine, what: Text::new(zh, en), help: None }
    }

    pub(super) fn stops(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { weight: Weight::Stops, ..Finding::fine(zh, en) }
    }

    pub(super) fn warns(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { weight: Weight::Warns, ..Finding::fine(zh, en) }
    }

    pub(super) fn help(self, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { help: Some(Text::new(zh, en)), ..self }
    }
}

impl Desk {
    /// Measures a dataset's table as it is now.
    pub(super) async fn measure_opening(&self, dataset: &str, batch: i64, now: Moment) -> Answer<Gate> {
        let (city, models) = (self.city(), self.compiled());
        let mut gate = Gate { batch, ..Gate::default() };
        let Some((model, opening)) = super::declared(&city, dataset) else { return Ok(gate) };
        let Some(planned) = models.planned.get(&model.id) else {
            gate.findings.push(Finding::stops("模型有误，没有可公开的表", "the model has mistakes: there is no table to open"));
            return Ok(gate);
        };
        grades(&mut gate, &city, &models, opening, planned);
        let from = sources(&mut gate, &city, &models, opening, planned);
        let mut seen = Seen::of(planned);
        let mut persons = Persons::of(&city, &from, opening, planned)?;
        let mut rows = self.0.ports.lake.scan(&planned.table, None, None).await.map_err(internal)?;
        while let Some(batch) = rows.try_next().await.map_err(internal)? {
            seen.look_at(&batch)?;
            if let Some(persons) = &mut persons {
                persons.take(&batch)?;
            }
        }
        gate.rows = seen.rows;
        personal(&mut gate, &city, &models, model, planned, &seen, now);
        if let Some(persons) = persons {
            let others = self.opened_about_persons(&city, &models, dataset, now).await?;
            let limits = super::risk::limits(&city, opening);
            gate.findings.extend(tokio::task::spawn_blocking(move || persons.findings(others, limits)).await.map_err(internal)?);
        }
        gate.findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
        Ok(gate)
    }
}

/// Each column that would be published is graded by what its values come from, and what was done to them on the way.
fn grades(gate: &mut Gate, city: &City, models: &Models, opening: &Opening, planned: &PlannedModel) {
    let most = match opening.to {
        OpenTo::Everybody => Grade::L1,
        OpenTo::Applicants => Grade::L2,
    };
    let mut high = 0;
    for (column, grade) in planned.columns.iter().zip(&planned.grades).filter(|(column, grade)| is_published(&column.name) && **grade > most) {
        high += 1;
        let title = title(city, models, planned, &column.name);
        let (word, most) = (crate::catalog::word(grade), crate::catalog::word(most));
        let finding = Finding::stops(
            format!("“{}”为 {word}，可公开的最高为 {most}", title.zh),
            format!("“{}” is {word}; at most {most} can be opened", title.en),
        );
        gate.findings.push(finding.help("去掉该列，或在 SELECT 中脱敏、概括、汇总", "leave the column out, or mask, coarsen or sum it up in the SELECT"));
    }
    if high == 0 {
        let most = crate::catalog::word(most);
        gate.findings.push(Finding::fine(format!("各列分级均不高于 {most}"), format!("no column is above {most}")));
    }
}

/// What resources the rows come from, and whether these may be opened.
fn sources(gate: &mut Gate, city: &City, models: &Models, opening: &Opening, planned: &PlannedModel) -> BTreeMap<String, bool> {
    let found = from(models, planned);
    let mut refused = 0;
    for (id, row_by_row) in &found {
        let Some(resource) = city.resources.get(id) else { continue };
        let may = match (resource.open, opening.to) {
            (OpenType::Unconditional, _) | (OpenType::Conditional, OpenTo::Applicants) => true,
            (OpenType::Conditional, OpenTo::Everybody) | (OpenType::None, _) => false,
        };
        if may {
            continue;
        }
        refused += 1;
        let how = if *row_by_row { Text::new("逐行", "row by row") } else { Text::new("仅汇总值", "summed up only") };
        let word = match resource.open {
            OpenType::None => Text::new("不予开放", "not opened"),
            _ => Text::new("有条件开放", "opened on conditions only"),
        };
        let (zh, en) = (
            format!("来自“{}”（{}），该资源{}", resource.title, how.zh, word.zh),
            format!("comes from “{}” ({}), which is {}", Text::new(&resource.title, &resource.title_en).en, how.en, word.en),
        );
        let finding = if *row_by_row { Finding::stops(zh, en) } else { Finding::warns(zh, en) };
        gate.findings.push(finding.help("由提供部门修改该资源的开放类型，或不使用它", "its department would have to change the resource's open type; or do without it"));
    }
    if refused == 0 {
        gate.findings.push(Finding::fine("来源资源均可开放", "what it comes from may be opened"));
    }
    found
}

/// The resources behind the columns that are published, and whether as values of their own rows.
pub(super) fn from(models: &Models, planned: &PlannedModel) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    let published = planned.columns.iter().filter(|column| is_published(&column.name));
    for (source, how) in published.flat_map(|column| &column.value) {
        walk(models, source, *how != How::Folded, &mut found, 0);
    }
    found
}

/// The resources that a column's values come from; whether as values of their own rows.
pub(super) fn walk(models: &Models, source: &Source, row_by_row: bool, found: &mut BTreeMap<String, bool>, depth: usize) {
    if depth > 64 {
        return;
    }
    if matches!(source.table.layer, Layer::Raw | Layer::Standard) {
        *found.entry(source.table.name.clone()).or_default() |= row_by_row;
        return;
    }
    let Some(planned) = models.planned.get(&source.table.to_string()) else { return };
    for column in planned.columns.iter().filter(|column| column.name == source.column) {
        for (from, how) in &column.value {
            walk(models, from, row_by_row && *how != How::Folded, found, depth + 1);
        }
    }
}

/// What the values tell, whatever was declared of them.
fn personal(gate: &mut Gate, city: &City, models: &Models, model: &Model, planned: &PlannedModel, seen: &Seen, now: Moment) {
    let titles: Vec<Text> = seen.columns.iter().map(|column| title(city, models, planned, &column.name)).collect();
    let values: Vec<Vec<&str>> = seen.columns.iter().map(|column| column.values.iter().map(String::as_str).collect()).collect();
    let looked: Vec<grade::Column<'_>> = seen
        .columns
        .iter()
        .zip(&titles)
        .zip(&values)
        .map(|((column, title), values)| grade::Column { name: &column.name, title: &title.zh, values })
        .collect();
    let today = i32::try_from(now.0.div_euclid(86_400_000_000)).ok();
    let mut told = 0;
    for ((column, title), proposal) in seen.columns.iter().zip(&titles).zip(grade::detect_table(&looked, today)) {
        let Some(info) = proposal.leading().filter(|info| is_published(&column.name) && info.is_of_persons() && proposal.confidence() >= grade::LIKELY) else { continue };
        told += 1;
        let (zh, en) = (format!("“{}”的值像是{}", title.zh, info.title().zh), format!("values of “{}” look like {}", title.en, info.title().en));
        // A column that its department has graded, and whose values do not name anybody, was decided on by people.
        let finding = if names_somebody(info) { Finding::stops(zh, en) } else { Finding::warns(zh, en) };
        gate.findings.push(finding.help("核对该列；个人信息不得公开", "look at the column; personal information is not opened"));
    }
    if told == 0 {
        let rows = seen.rows;
        gate.findings.push(Finding::fine(format!("扫描 {rows} 行，没有发现个人信息"), format!("{rows} rows looked through, no personal information found")));
    }
    if seen.rows == 0 {
        let finding = Finding::stops(format!("表“{}”没有数据", model.title), format!("the table “{}” has no rows", super::model_title(model).en));
        gate.findings.push(finding.help("先运行模型", "run the model first"));
    }
}

fn names_somebody(info: InfoType) -> bool {
    info.identifies_persons() || matches!(info, InfoType::Mobile | InfoType::HomeAddress | InfoType::HomePosition | InfoType::Vehicle | InfoType::Device)
}

fn title(city: &City, models: &Models, planned: &PlannedModel, column: &str) -> Text {
    column_title(city, models, &Source { table: planned.table.clone(), column: column.to_owned() })
}

/// Values of each column, spread over all rows.
struct Seen {
    rows: u64,
    columns: Vec<SeenColumn>,
}

struct SeenColumn {
    name: String,
    values: Vec<String>,
}

impl Seen {
    fn of(planned: &PlannedModel) -> Seen {
        let column = |column: &crate::port::PlannedColumn| SeenColumn { name: column.name.clone(), values: Vec::new() };
        Seen { rows: 0, columns: planned.columns.iter().map(column).collect() }
    }

    fn look_at(&mut self, batch: &RecordBatch) -> Answer<()> {
        for column in &mut self.columns {
            let Some(array) = batch.column_by_name(&column.name) else { continue };
            let texts = texts(array)?;
            for row in (0..texts.len()).filter(|row| !texts.is_null(*row)) {
                let number = self.rows + row as u64;
                if column.values.len() < LOOKED {
                    column.values.push(texts.value(row).to_owned());
                } else if number % STEP == 0
                    && let Some(kept) = column.values.get_mut(usize::try_from(number / STEP).unwrap_or(0) % LOOKED)
                {
                    texts.value(row).clone_into(kept);
                }
            }
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }
}

/// The values of a column as texts.
pub(super) fn texts(array: &dyn Array) -> Answer<StringArray> {
    let texts = cast(array, &DataType::Utf8).map_err(internal)?;
    Ok(texts.as_string::<i32>().clone())
}

/// What a table of a dataset is called by the lake.
pub(super) fn lake_table(dataset: &str) -> TableName {
    TableName { layer: Layer::Open, name: dataset.to_owned() }
}
