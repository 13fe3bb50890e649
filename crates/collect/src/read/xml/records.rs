//! The second pass: the records of one path of elements.

use std::collections::VecDeque;

use super::super::decide::decision;
use super::super::input::Input;
use super::super::json::{Above, Step, Table, nested_decisions, expand, parse_path};
use super::super::listed;
use super::super::{ReadOptions, Records};
use super::element;
use super::events::{Events, Part, Stop};
use super::outline::{Outline, Place};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

pub(crate) struct XmlRecords {
    events: Events,
    outline: Outline,
    /// The names of the elements that hold, or are, the records.
    target: Vec<String>,
    /// The steps inside one such element.
    inner: Vec<Step>,
    open: Vec<(String, Place)>,
    pending: VecDeque<(Vec<u8>, Vec<u8>, Above)>,
    counts: Vec<u64>,
    table: Table,
    shown: String,
    records: u64,
    path: String,
    decisions: Vec<Decision>,
    ended: bool,
    stopped: Option<CollectError>,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<XmlRecords, CollectError> {
    let outline = super::outline(input, options)?;
    let (events, coded) = super::stream(input, options)?;
    let mut decisions =
        vec![decision("encoding", input.shown(), coded.encoding.name(), coded.why.zh.clone(), coded.why.en.clone())];
    let path = choose(input, options, &outline, &mut decisions)?;
    let steps = parse_path(&path).ok_or_else(|| unknown(input, &path, &outline))?;
    let outer = steps.iter().position(|s| *s == Step::Each).unwrap_or(0);
    let key = |step: &Step| match step {
        Step::Key(key) => Some(key.clone()),
        Step::Each => None,
    };
    let target: Vec<String> = steps.get(..outer).unwrap_or_default().iter().filter_map(key).collect();
    if !leads(&outline, &target) {
        return Err(unknown(input, &path, &outline));
    }
    Ok(XmlRecords {
        events,
        target,
        inner: steps.get(outer + 1..).unwrap_or_default().to_vec(),
        open: vec![(String::new(), outline.top())],
        outline,
        pending: VecDeque::new(),
        counts: Vec::new(),
        table: Table::new(input.shown()),
        shown: input.shown().to_owned(),
        records: 0,
        path,
        decisions,
        ended: false,
        stopped: None,
    })
}

/// The path declared, by itself or by the place in the list of tables; else the one that repeats most.
fn choose(input: &Input, options: &ReadOptions, outline: &Outline, decisions: &mut Vec<Decision>) -> Result<String, CollectError> {
    if let Some(path) = &options.records {
        return Ok(path.clone());
    }
    let tables = outline.tables();
    if let Some(wanted) = options.table.as_deref().filter(|t| !t.is_empty()) {
        let found = listed::find(wanted, &tables, |(path, _)| path.as_str());
        return found.map(|(path, _)| path.clone()).ok_or_else(|| unknown(input, wanted, outline));
    }
    let list: Vec<String> = tables.iter().take(20).map(|(path, rows)| format!("{path} ({rows})")).collect();
    let list = list.join("、");
    let (path, zh, en) = match outline.main() {
        Some(path) => (
            path,
            format!("重复出现最多的元素；用 records 指定其他：{list}"),
            format!("the elements that repeat most; name others with `records`: {list}"),
        ),
        None => (
            tables.first().map(|(path, _)| path.clone()).unwrap_or_default(),
            "没有重复的元素，整个文档作为一条记录".to_owned(),
            "no element repeats: the document is one record as a whole".to_owned(),
        ),
    };
    decisions.push(decision("records", input.shown(), path.clone(), zh, en));
    Ok(path)
}

/// Whether the document has such elements.
fn leads(outline: &Outline, target: &[String]) -> bool {
    let mut place = outline.top();
    for name in target {
        place = outline.inside(place, name);
    }
    place.is_some() && !target.is_empty()
}

fn unknown(input: &Input, path: &str, outline: &Outline) -> CollectError {
    let list: Vec<String> = outline.tables().into_iter().take(20).map(|(path, _)| path).collect();
    let list = list.join("、");
    CollectError::new(
        "xml.no_records",
        input.shown(),
        format!("文档中没有“{path}”这样的元素；可用：{list}"),
        format!("the document has no elements `{path}`; there are: {list}"),
    )
}

impl XmlRecords {
    /// Goes to the next element that holds records; false at the end.
    fn advance(&mut self) -> Result<bool, Stop> {
        while let Some(part) = self.events.next()? {
            match part {
                Part::Start(name, attributes) => {
                    let place = self.outline.inside(self.open.last().and_then(|(_, place)| *place), &name);
                    self.open.push((name, place));
                    let here = self.open.iter().skip(1).map(|(name, _)| name);
                    if here.eq(self.target.iter()) {
                        self.take(place, attributes)?;
                        self.open.pop();
                        return Ok(true);
                    }
                }
                Part::End => {
                    self.open.pop();
                }
                Part::Text(_) | Part::Unknown(_) => {}
            }
        }
        Ok(false)
    }

    fn take(&mut self, place: Place, attributes: Vec<(String, String)>) -> Result<(), Stop> {
        self.events.record();
        let taken = element::take(&mut self.events, &self.outline, place, attributes)?;
        let raw = self.events.recorded();
        if let Some(name) = taken.unknown {
            self.records += 1;
            self.table.refused(
                self.records,
                &raw,
                "row.entity",
                &format!("用了文档自己定义的实体 &{name};，出于安全不予展开；请让部门写成普通文字"),
                &format!("it uses the entity &{name}; that the document would define itself; such are not expanded. Ask for plain text"),
            );
            return Ok(());
        }
        let mut json = Vec::new();
        taken.element.record(&self.outline, place, &mut json);
        if self.inner.is_empty() {
            self.pending.push_back((json, raw, Above::new()));
            return Ok(());
        }
        let pending = &mut self.pending;
        let expanded = expand(&json, &self.inner, &mut self.counts, &mut |inner, above| {
            pending.push_back((inner.to_vec(), inner.to_vec(), above.clone()));
        });
        expanded.map_err(|_| Stop::Broken("an element".to_owned()))
    }
}

impl Records for XmlRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        while !self.table.is_full(max_rows) {
            if let Some((json, raw, above)) = self.pending.pop_front() {
                self.records += 1;
                self.table.push_as(self.records, &json, &raw, &above);
                continue;
            }
            if self.ended {
                break;
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(stop) => {
                    self.ended = true;
                    self.stopped = Some(super::failure(&self.shown, self.events.line(), stop));
                }
            }
        }
        // What was read before a break is given first.
        match (self.table.finish(), &self.stopped) {
            (None, Some(stopped)) => Err(stopped.clone()),
            (batch, _) => Ok(batch),
        }
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
        all.extend(nested_decisions(&self.table, &self.path));
        all
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions { records: Some(self.path.clone()), ..ReadOptions::default() }
    }
}
