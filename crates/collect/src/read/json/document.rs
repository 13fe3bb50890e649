//! The records of a JSON document, streamed element by element of its outermost array, and of the documents of the same
//! form glued behind it.

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
    input: Input,
    /// The keys that lead to the outermost array.
    outer: Vec<String>,
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

enum State {
    First,
    More,
    /// It breaks here; said once the rows before it are given.
    Broken(CollectError),
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
    if found.whole > 0 || found.arrays.is_empty() {
        list.push(Listed { name: WHOLE.to_owned(), records: Some(WHOLE.to_owned()), rows: Some(found.whole.max(1)) });
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
    let (mut outer, mut inner) = (Vec::new(), Vec::new());
    if let Some(records) = &records {
        let steps = path::parse(records).ok_or_else(|| super::bad_path(input.shown(), records))?;
        let each = steps.iter().position(|s| *s == Step::Each).unwrap_or(0);
        inner = steps.get(each + 1..).unwrap_or_default().to_vec();
        outer = steps.into_iter().take(each).filter_map(|step| if let Step::Key(key) = step { Some(key) } else { None }).collect();
        enter_array(&mut scan, &outer, records, input)?;
    }
    Ok(Document {
        scan,
        table: Table::new(input.shown()),
        input: input.clone(),
        outer,
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

/// Goes to the elements of the outermost array.
fn enter_array(scan: &mut Scan, outer: &[String], records: &str, input: &Input) -> Result<(), CollectError> {
    for key in outer {
        enter(scan, key, records, input)?;
    }
    match scan.eat(b'[') {
        Ok(true) => Ok(()),
        Ok(false) => Err(no_records(input, records, &[])),
        Err(stop) => Err(super::failure(input.shown(), scan.line, stop)),
    }
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

/// Passes over what is left of an object after one of its members.
fn to_end_of_object(scan: &mut Scan) -> Result<(), Stop> {
    while !scan.eat(b'}')? {
        scan.expect(b',', ", or }")?;
        scan.key()?;
        scan.value(None, limits::ELEMENT)?;
    }
    Ok(())
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
    /// The next element of the outermost array, or the next document where each is one record; `None` behind the last.
    fn element(&mut self) -> Result<Option<Vec<u8>>, CollectError> {
        if self.single {
            let first = matches!(self.state, State::First);
            self.state = State::More;
            return if first || self.read(Scan::another)? { self.value(limits::RECORD).map(Some) } else { Ok(None) };
        }
        loop {
            let first = matches!(self.state, State::First);
            self.state = State::More;
            if self.read(|scan| scan.eat(b']'))? {
                if !self.leave()? {
                    return Ok(None);
                }
                continue;
            }
            if !first {
                self.read(|scan| scan.expect(b',', ", or ]"))?;
            }
            return self.value(if self.inner.is_empty() { limits::RECORD } else { limits::ELEMENT }).map(Some);
        }
    }

    fn value(&mut self, limit: usize) -> Result<Vec<u8>, CollectError> {
        let mut raw = Vec::new();
        self.read(|scan| scan.value(Some(&mut raw), limit))?;
        Ok(raw)
    }

    /// Reads the document to its end, and enters the array of the one behind it; false when there is none.
    fn leave(&mut self) -> Result<bool, CollectError> {
        let levels = self.outer.len();
        self.read(|scan| (0..levels).try_for_each(|_| to_end_of_object(scan)))?;
        let more = self.read(Scan::another)?;
        if more {
            enter_array(&mut self.scan, &self.outer, &self.path, &self.input)?;
            self.state = State::First;
        }
        Ok(more)
    }

    fn read<T>(&mut self, act: impl FnOnce(&mut Scan) -> Result<T, Stop>) -> Result<T, CollectError> {
        act(&mut self.scan).map_err(|stop| super::failure(self.input.shown(), self.scan.line, stop))
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
            if matches!(self.state, State::Broken(_) | State::Ended) {
                break;
            }
            match self.element() {
                Ok(None) => self.state = State::Ended,
                Ok(Some(raw)) if self.inner.is_empty() => self.pending.push_back((raw, Above::new())),
                Ok(Some(raw)) => self.expand(&raw),
                Err(error) => self.state = State::Broken(error),
            }
        }
        if let Some(batch) = self.table.finish() {
            return Ok(Some(batch));
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Broken(error) => Err(error),
            _ => Ok(None),
        }
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
