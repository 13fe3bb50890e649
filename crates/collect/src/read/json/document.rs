//! The records of one JSON document, streamed element by element of its outermost array.

use std::collections::VecDeque;

use super::super::decide::decision;
use super::super::input::Input;
use super::super::listed::{self, Listed};
use super::super::{ReadOptions, Records, encoding, limits};
use super::find::{Candidate, find, survey};
use super::path::{self, Above, Step};
use super::scan::{Scan, Stop};
use super::table::{self, Table};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

pub(crate) struct Document {
    scan: Scan,
    table: Table,
    shown: String,
    /// The steps inside one element of the outermost array.
    inner: Vec<Step>,
    pending: VecDeque<(Vec<u8>, Above)>,
    /// How many records of each level above there have been.
    counts: Vec<u64>,
    /// The whole document is one record.
    single: bool,
    state: State,
    records: u64,
    decisions: Vec<Decision>,
    path: String,
}

#[derive(PartialEq, Eq)]
enum State {
    First,
    More,
    Ended,
}

pub(crate) fn open_document(input: &Input, options: &ReadOptions) -> Result<Box<dyn Records>, CollectError> {
    let (path, decisions) = match (&options.records, options.table.as_deref()) {
        (Some(path), _) => (Some(path.clone()), Vec::new()),
        (None, Some(table)) if !table.is_empty() => (Some(listed_path(input, options, table)?), Vec::new()),
        (None, _) => choose_path(input, options)?,
    };
    let path = path.filter(|path| path != WHOLE);
    Ok(Box::new(open_at_path(input, options, path, decisions)?))
}

/// The path of the whole document as one record.
const WHOLE: &str = "$";

/// Every array of objects of the document, and the document itself when it has values beside them.
pub(crate) fn tables(input: &Input, options: &ReadOptions) -> Result<Vec<Listed>, CollectError> {
    let mut scan = stream(input, options)?;
    let found = survey(&mut scan).map_err(|stop| super::failure(input.shown(), scan.line, stop))?;
    let mut list: Vec<Listed> = Vec::new();
    if found.whole || found.arrays.is_empty() {
        list.push(Listed { name: WHOLE.to_owned(), records: Some(WHOLE.to_owned()), rows: Some(1) });
    }
    list.extend(found.arrays.into_iter().map(|(path, rows)| Listed { name: path.clone(), records: Some(path), rows: Some(rows) }));
    Ok(list)
}

/// The path that a name or number of the list of tables stands for; a path that is not in it is tried as it is.
fn listed_path(input: &Input, options: &ReadOptions, wanted: &str) -> Result<String, CollectError> {
    let list = tables(input, options)?;
    match listed::find(wanted, &list, |one| one.name.as_str()) {
        Some(found) => Ok(found.name.clone()),
        None if wanted.contains("[*]") => Ok(wanted.to_owned()),
        None => {
            let names: Vec<&str> = list.iter().take(20).map(|one| one.name.as_str()).collect();
            Err(no_records(input, wanted, &names.into_iter().map(str::to_owned).collect::<Vec<_>>()))
        }
    }
}

pub(crate) fn open_geojson(input: &Input, options: &ReadOptions) -> Result<Box<dyn Records>, CollectError> {
    let path = options.records.clone().unwrap_or_else(|| "features[*]".to_owned());
    let mut document = open_at_path(input, options, Some(path), Vec::new())?;
    document.table.geojson = true;
    Ok(Box::new(document))
}

/// The document as UTF-8.
pub(crate) fn stream(input: &Input, options: &ReadOptions) -> Result<Scan, CollectError> {
    let mut source = input.open()?;
    let head = encoding::sample(&mut *source, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let coded = encoding::choose(options.encoding.as_deref(), &head, input.shown())?;
    let body = head.get(coded.bom..).unwrap_or_default().to_vec();
    Ok(Scan::new(Box::new(encoding::Utf8Stream::new(coded.encoding, body, source))))
}

fn choose_path(input: &Input, options: &ReadOptions) -> Result<(Option<String>, Vec<Decision>), CollectError> {
    let about = input.shown();
    let mut scan = stream(input, options)?;
    let fail = |line, stop| super::failure(about, line, stop);
    if scan.peek().map_err(|e| fail(1, e))? == Some(b'[') {
        let why = decision("records", about, "[*]", "最外层就是数组", "the document is an array");
        return Ok((Some("[*]".to_owned()), vec![why]));
    }
    let found = find(&mut scan).map_err(|e| fail(scan.line, e))?;
    Ok(match found.first() {
        Some(biggest) => {
            let list: Vec<String> = found.iter().take(10).map(|c: &Candidate| format!("{} ({})", c.path(), c.objects)).collect();
            let list = list.join("、");
            let (zh, en) = match found.len() {
                1 => ("唯一的对象数组".to_owned(), "the only array of objects".to_owned()),
                _ => (
                    format!("最大的对象数组；用 records 指定其他：{list}"),
                    format!("the biggest array of objects; name another one with `records`: {list}"),
                ),
            };
            (Some(biggest.path()), vec![decision("records", about, biggest.path(), zh, en)])
        }
        None => (
            None,
            vec![decision(
                "records",
                about,
                "",
                "文档里没有对象数组，整个文档作为一条记录",
                "there is no array of objects in the document: it is one record as a whole",
            )],
        ),
    })
}

fn open_at_path(
    input: &Input,
    options: &ReadOptions,
    records: Option<String>,
    decisions: Vec<Decision>,
) -> Result<Document, CollectError> {
    let mut scan = stream(input, options)?;
    let mut inner = Vec::new();
    if let Some(records) = &records {
        let steps = path::parse(records).ok_or_else(|| super::bad_path(input.shown(), records))?;
        let outer = steps.iter().position(|s| *s == Step::Each).unwrap_or(0);
        inner = steps.get(outer + 1..).unwrap_or_default().to_vec();
        for step in steps.get(..outer).unwrap_or_default() {
            if let Step::Key(key) = step {
                enter(&mut scan, key, records, input)?;
            }
        }
        if !scan.eat(b'[').map_err(|e| super::failure(input.shown(), scan.line, e))? {
            return Err(no_records(input, records, &[]));
        }
    }
    Ok(Document {
        scan,
        table: Table::new(input.shown()),
        shown: input.shown().to_owned(),
        inner,
        pending: VecDeque::new(),
        counts: Vec::new(),
        single: records.is_none(),
        state: State::First,
        records: 0,
        decisions,
        path: records.unwrap_or_default(),
    })
}

/// Goes to the value of one key of the object that follows.
fn enter(scan: &mut Scan, wanted: &str, records: &str, input: &Input) -> Result<(), CollectError> {
    let mut seen = Vec::new();
    let found = (|| {
        if !scan.eat(b'{')? {
            return Ok(false);
        }
        if scan.eat(b'}')? {
            return Ok(false);
        }
        loop {
            let key = scan.key()?;
            if key == wanted {
                return Ok(true);
            }
            seen.push(key);
            seen.truncate(50);
            scan.value(None, limits::ELEMENT)?;
            if scan.eat(b'}')? {
                return Ok(false);
            }
            scan.expect(b',', ", or }")?;
        }
    })();
    match found {
        Ok(true) => Ok(()),
        Ok(false) => Err(no_records(input, records, &seen)),
        Err(stop) => Err(super::failure(input.shown(), scan.line, stop)),
    }
}

fn no_records(input: &Input, records: &str, keys: &[String]) -> CollectError {
    let list = keys.join("、");
    CollectError::new(
        "json.no_records",
        input.shown(),
        format!("records“{records}”在文档中找不到数组；这一层的键有：{list}"),
        format!("`records` = `{records}` leads to no array in the document; the keys there are: {list}"),
    )
}

impl Document {
    /// The next element of the outermost array; `None` behind the last.
    fn element(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        match self.state {
            State::Ended => return Ok(None),
            State::First if self.single => {
                self.state = State::Ended;
                let mut raw = Vec::new();
                self.scan.value(Some(&mut raw), limits::RECORD)?;
                return Ok(Some(raw));
            }
            State::First => self.state = State::More,
            State::More => {
                if !self.scan.eat(b']')? {
                    self.scan.expect(b',', ", or ]")?;
                } else {
                    self.state = State::Ended;
                    return Ok(None);
                }
            }
        }
        if self.records == 0 && self.pending.is_empty() && self.scan.eat(b']')? {
            self.state = State::Ended;
            return Ok(None);
        }
        let mut raw = Vec::new();
        let limit = if self.inner.is_empty() { limits::RECORD } else { limits::ELEMENT };
        self.scan.value(Some(&mut raw), limit)?;
        Ok(Some(raw))
    }

    fn expand(&mut self, element: &[u8]) {
        let pending = &mut self.pending;
        let broken = path::expand(element, &self.inner, &mut self.counts, &mut |raw, above| {
            pending.push_back((raw.to_vec(), above.clone()));
        });
        if broken.is_err() {
            self.pending.clear();
            self.records += 1;
            self.table.refused(self.records, element, "row.json", "不是有效的 JSON 记录", "not a valid JSON record");
        }
    }
}

impl Records for Document {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        while !self.table.is_full(max_rows) {
            if let Some((raw, above)) = self.pending.pop_front() {
                self.records += 1;
                self.table.push(self.records, &raw, &above);
                continue;
            }
            match self.element() {
                Ok(None) => break,
                Ok(Some(raw)) if self.inner.is_empty() => self.pending.push_back((raw, Above::new())),
                Ok(Some(raw)) => self.expand(&raw),
                // What was read before the break is given first; the next call meets the break again.
                Err(stop) => {
                    if let Some(batch) = self.table.finish() {
                        return Ok(Some(batch));
                    }
                    return Err(super::failure(&self.shown, self.scan.line, stop));
                }
            }
        }
        Ok(self.table.finish())
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
        all.extend(table::decisions(&self.table, &self.path));
        all
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions { records: (!self.path.is_empty()).then(|| self.path.clone()), ..ReadOptions::default() }
    }
}
