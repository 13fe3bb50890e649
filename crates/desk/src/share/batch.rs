//! 批量: all rows under a grant as a file, then what has changed since. The file is made whole and hashed, told in the log, and only
//! then given.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use data::share::Channel;
use kernel::{Moment, RunId, Text};
use serde_json::{Map, Value as Json, json};
use serving::{Change, Copy, Op, Question, Value};
use sha2::{Digest, Sha256};

use super::door::{Call, Pass};
use super::query::{lent_values, refusal, row_key};
use super::question::wrong;
use super::Caller;
use crate::{Answer, Desk, DeskError, internal};

/// The longest that a file may take to make.
const DEADLINE: Duration = Duration::from_secs(600);
/// By what a row is known in all files of a grant, and what happened to it.
const KEY: &str = "_key";
const CHANGE: &str = "_change";
/// Changes that are read at once.
const CHANGES: u64 = 10_000;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180 in UTF-8 with a byte order mark; the first line has the names of the items.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Form {
    pub fn of(word: &str) -> Option<Form> {
        match word {
            "csv" => Some(Form::Csv),
            "ndjson" => Some(Form::Ndjson),
            _ => None,
        }
    }
}

/// A file that was made under a grant. It goes away with this.
#[derive(Debug)]
pub struct Batch {
    pub path: PathBuf,
    pub form: Form,
    pub bytes: u64,
    pub rows: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    pub leaf: u64,
    /// What the next file's `since` is: `epoch.number`.
    pub next: String,
}

impl Drop for Batch {
    fn drop(&mut self) {
        // What cannot be removed now goes when the next process begins.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Desk {
    /// An application or an officer: all rows under a grant, or with `since` what has changed: `_change` says `added`, `changed`
    /// or `removed`. `_key` names a row in all files of the grant; a removed one has nothing else.
    pub async fn lent_batch(&self, caller: &Caller, grant: &str, call: &Call, form: Form, since: Option<&str>, now: Moment) -> Answer<Batch> {
        let pass = self.pass(caller, grant, Channel::Batch, call, now).await?;
        let copy = self.copy_for_answer(&pass.resource.id)?;
        let mark = copy.mark().map_err(refusal)?;
        let since_number = since.map(|since| number(&copy, since)).transpose()?;
        let path = self.0.data_dir.join("inbox").join(format!("push-batch-{}", RunId::new(now, self.chance()).0));
        let making = Making { secret: self.0.secret.clone(), pass: pass.clone(), copy, form, since: since_number };
        let whole = Batch { path: path.clone(), form, bytes: 0, rows: 0, digest: [0; 32], leaf: 0, next: String::new() };
        let made = tokio::task::spawn_blocking(move || making.make(&path)).await.map_err(internal)??;
        let heading = self.heading(&pass, mark.batch);
        let asked = json!({ "form": if form == Form::Csv { "csv" } else { "ndjson" }, "since": since }).to_string();
        // A file of all rows is about all of them: whom it was about follows from the grant's condition and the batch.
        let leaf = self.tell_answer(caller, &pass, Channel::Batch, call, &heading, &asked, made.digest, made.rows, Default::default()).await?;
        let mut batch = whole;
        (batch.bytes, batch.rows, batch.digest, batch.next, batch.leaf) = (made.bytes, made.rows, made.digest, made.next, leaf);
        Ok(batch)
    }
}

/// A file that is being made.
struct Making {
    secret: Vec<u8>,
    pass: Arc<Pass>,
    copy: Arc<Copy>,
    form: Form,
    since: Option<u64>,
}

struct Made {
    bytes: u64,
    rows: u64,
    digest: [u8; 32],
    next: String,
}

impl Making {
    fn make(self, path: &Path) -> Answer<Made> {
        let file = std::fs::File::create(path).map_err(|error| internal(error.to_string()))?;
        let mut sink = Sink { file: BufWriter::with_capacity(1 << 18, file), hash: Sha256::new(), bytes: 0, rows: 0 };
        let change = self.since.map(|_| CHANGE);
        let items = self.pass.terms.items.iter().map(|item| item.name.as_str());
        let names: Vec<&str> = change.into_iter().chain([KEY]).chain(items).collect();
        if self.form == Form::Csv {
            sink.write("\u{feff}".as_bytes())?;
            sink.csv(names.iter().map(|name| Some((*name).to_owned())))?;
        }
        let next = match self.since {
            None => self.all(&mut sink, &names)?,
            Some(since) => self.changes(&mut sink, &names, since)?,
        };
        sink.file.flush().map_err(|error| internal(error.to_string()))?;
        Ok(Made { bytes: sink.bytes, rows: sink.rows, digest: sink.hash.finalize().into(), next: format!("{}.{next}", self.copy.epoch()) })
    }

    fn all(&self, sink: &mut Sink, names: &[&str]) -> Answer<u64> {
        let key = match self.copy.shape().key.as_slice() {
            [] => vec![serving::ROW.to_owned()],
            key => key.to_vec(),
        };
        let question = Question { columns: key.iter().cloned().chain(self.items()).collect(), condition: self.pass.condition.clone(), ..Question::default() };
        let (mut next, mut failed) = (0, None);
        let mut each = |row: &[Value]| {
            let (named, lent) = row.split_at(key.len().min(row.len()));
            match sink.row(self.form, names, std::iter::once(row_key(&self.secret, &self.pass, named)).chain(lent_values(&self.pass, lent))) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        self.copy.within(DEADLINE).each_from(&question, &mut |last| next = last, &mut each).map_err(refusal)?;
        failed.map_or(Ok(next), Err)
    }

    fn changes(&self, sink: &mut Sink, names: &[&str], mut since: u64) -> Answer<u64> {
        let (copy, columns) = (self.copy.within(DEADLINE), self.items());
        loop {
            let found = copy.changes(since, CHANGES, &columns, self.pass.condition.as_ref()).map_err(gone)?;
            for Change { op, key, row, .. } in &found.changes {
                let word = match op {
                    Op::Added => "added",
                    Op::Changed => "changed",
                    Op::Removed => "removed",
                };
                let empty = vec![Value::Null; columns.len()];
                let cells = [Json::from(word), row_key(&self.secret, &self.pass, key)].into_iter().chain(lent_values(&self.pass, row.as_ref().unwrap_or(&empty)));
                sink.row(self.form, names, cells)?;
            }
            if !found.more {
                return Ok(found.next);
            }
            since = found.next;
        }
    }

    fn items(&self) -> Vec<String> {
        self.pass.terms.items.iter().map(|item| item.name.clone()).collect()
    }
}

/// A file with its hash and counts.
struct Sink {
    file: BufWriter<std::fs::File>,
    hash: Sha256,
    bytes: u64,
    rows: u64,
}

impl Sink {
    fn row(&mut self, form: Form, names: &[&str], cells: impl Iterator<Item = Json>) -> Answer<()> {
        self.rows += 1;
        match form {
            Form::Csv => self.csv(cells.map(|cell| match cell {
                Json::Null => None,
                Json::String(text) => Some(text),
                other => Some(other.to_string()),
            })),
            Form::Ndjson => {
                let object: Map<String, Json> = names.iter().map(|name| (*name).to_owned()).zip(cells).collect();
                let mut line = serde_json::to_vec(&object).map_err(internal)?;
                line.push(b'\n');
                self.write(&line)
            }
        }
    }

    fn csv(&mut self, cells: impl Iterator<Item = Option<String>>) -> Answer<()> {
        let mut line = String::new();
        for (n, cell) in cells.enumerate() {
            if n > 0 {
                line.push(',');
            }
            let cell = cell.unwrap_or_default();
            if cell.contains(['"', ',', '\n', '\r']) {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(&cell);
            }
        }
        line.push_str("\r\n");
        self.write(line.as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Answer<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull => DeskError::Full(Text::new("磁盘已满，文件没有生成。", "The disk is full; the file was not made.")),
            _ => internal(error.to_string()),
        })
    }
}

/// The number behind the copy's epoch.
pub(super) fn number(copy: &Copy, since: &str) -> Answer<u64> {
    let parted = since.rsplit_once('.').and_then(|(epoch, number)| Some((epoch, number.parse().ok()?)));
    let (epoch, number) = parted.ok_or_else(|| wrong("since 应为上一个文件的 next", "since is the `next` of the file before"))?;
    if epoch == copy.epoch().to_string() { Ok(number) } else { Err(start_again()) }
}

fn gone(error: serving::ServingError) -> DeskError {
    match error {
        serving::ServingError::Gone { .. } => start_again(),
        other => refusal(other),
    }
}

fn start_again() -> DeskError {
    DeskError::Conflict(Text::new(
        "since 之后的变化已不再保留，或数据表已重建：请重新取全量。",
        "The changes since then are no longer kept, or the table was made anew: take all rows again.",
    ))
}
