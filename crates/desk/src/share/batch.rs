//! 批量: all rows under a grant as a file, then what has changed since. The file is made whole and hashed, told in the log, and only
//! then given.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data::share::Channel;
use kernel::{Moment, Text};
use serde_json::{Map, Value as Json, json};
use serving::{Change, Copy, Question, Value};
use sha2::{Digest, Sha256};

use super::door::{Call, Pass};
use super::query::{Subjects, Told, lent_values, note_row, refusal, row_key};
use super::{Caller, invalid};
use crate::push::Kept;
use crate::view::Form;
use crate::{Answer, Desk, DeskError, internal};

/// The longest that a file may take to make.
const DEADLINE: Duration = Duration::from_secs(600);
/// By what a row is known in all files of a grant, and what happened to it.
const KEY: &str = "_key";
const CHANGE: &str = "_change";
/// Changes that are read at once.
const CHANGES: u64 = 10_000;

/// A file that was made under a grant. It goes away with this.
#[derive(Debug)]
pub struct Batch {
    file: Kept,
    pub bytes: u64,
    pub rows: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    pub leaf: u64,
    /// What the next file's `since` is: `epoch.number`.
    pub next: String,
}

impl Batch {
    pub fn path(&self) -> &Path {
        self.file.path()
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
        let making = Making { secret: self.0.secret.clone(), file: self.keep_file(), pass: pass.clone(), copy, form, since: since_number };
        let Made { file, bytes, rows, digest, next, about } = tokio::task::spawn_blocking(move || making.make()).await.map_err(internal)??;
        let canonical = json!({ "form": form.word(), "since": since }).to_string();
        // Whom a file of all rows is about is noted as what differs from the file before it; so they take turns.
        let turn = tokio::time::timeout(DEADLINE, self.0.filing.lock()).await.map_err(|_| busy())?;
        let (number, subjects) = match since {
            None => (Some(self.note_file(&pass, about).await?), Subjects::new()),
            Some(_) => (None, about.into_iter().collect()),
        };
        let told = Told { channel: Channel::Batch, call, heading: &self.heading(&pass, Some(mark.batch)), canonical: &canonical, rows, subjects, file: number, millis: None };
        let leaf = self.tell_answer(caller, &pass, told, &digest).await?;
        drop(turn);
        Ok(Batch { file, bytes, rows, digest, leaf, next })
    }

    /// Notes whom a file of all rows is about; its number under the grant.
    async fn note_file(&self, pass: &Pass, about: About) -> Answer<u64> {
        let number = self.store().next_file(&pass.grant.id).await.map_err(internal)?;
        self.store().note_within(&pass.grant.id, number, about).await.map_err(internal)?;
        Ok(number)
    }
}

/// Whom a file is about, and in how many rows each.
type About = HashMap<[u8; 16], u64>;

/// A file that is being made.
struct Making {
    secret: Vec<u8>,
    file: Kept,
    pass: Arc<Pass>,
    copy: Arc<Copy>,
    form: Form,
    since: Option<u64>,
}

struct Made {
    file: Kept,
    bytes: u64,
    rows: u64,
    digest: [u8; 32],
    next: String,
    about: About,
}

impl Making {
    fn make(self) -> Answer<Made> {
        let file = std::fs::File::create(self.file.path()).map_err(failed)?;
        let mut sink = Sink { file: BufWriter::with_capacity(1 << 18, file), hash: Sha256::new(), bytes: 0, rows: 0 };
        let change = self.since.map(|_| CHANGE);
        let items = self.pass.terms.items.iter().map(|item| item.name.as_str());
        let names: Vec<&str> = change.into_iter().chain([KEY]).chain(items).collect();
        if self.form == Form::Csv {
            sink.write("\u{feff}".as_bytes())?;
            sink.csv(names.iter().map(|name| Some((*name).to_owned())))?;
        }
        let mut about = About::new();
        let next = match self.since {
            None => self.all(&mut sink, &names, &mut about)?,
            Some(since) => self.changes(&mut sink, &names, since, &mut about)?,
        };
        sink.file.flush().map_err(failed)?;
        Ok(Made { bytes: sink.bytes, rows: sink.rows, digest: sink.hash.finalize().into(), next: mark(&self.copy, next), about, file: self.file })
    }

    fn all(&self, sink: &mut Sink, names: &[&str], about: &mut About) -> Answer<u64> {
        let key = match self.copy.shape().key.as_slice() {
            [] => vec![serving::ROW.to_owned()],
            key => key.to_vec(),
        };
        let question = Question { columns: key.iter().cloned().chain(self.items()).chain(self.pass.about()).collect(), condition: self.pass.condition.clone(), ..Question::default() };
        let (mut next, mut failed) = (0, None);
        let mut each = |row: &[Value]| {
            let (named, lent) = row.split_at(key.len().min(row.len()));
            let lent = self.noted(lent, about);
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

    fn changes(&self, sink: &mut Sink, names: &[&str], mut since: u64, about: &mut About) -> Answer<u64> {
        let (copy, items) = (self.copy.within(DEADLINE), self.items());
        let columns: Vec<String> = items.iter().cloned().chain(self.pass.about()).collect();
        loop {
            let found = copy.changes(since, CHANGES, &columns, self.pass.condition.as_ref()).map_err(gone)?;
            for Change { op, key, row, .. } in &found.changes {
                let empty = vec![Value::Null; columns.len()];
                let lent = self.noted(row.as_ref().unwrap_or(&empty), about);
                let cells = [Json::from(op.word()), row_key(&self.secret, &self.pass, key)].into_iter().chain(lent_values(&self.pass, lent));
                sink.row(self.form, names, cells)?;
            }
            if !found.more {
                return Ok(found.next);
            }
            since = found.next;
        }
    }

    /// What is lent of a row, once it is noted whom it is about: behind it stand the values of [`Pass::about`].
    fn noted<'r>(&self, row: &'r [Value], about: &mut About) -> &'r [Value] {
        let (lent, ids) = row.split_at(self.pass.terms.items.len().min(row.len()));
        note_row(&self.secret, &self.pass, ids, |digest| *about.entry(digest).or_default() += 1);
        lent
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
        self.write(crate::csv::line(cells.map(Option::unwrap_or_default)).as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Answer<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(failed)
    }
}

fn busy() -> DeskError {
    DeskError::Busy(Text::new("其他文件正在登记，请稍候再试。", "Other files are being noted; try again in a moment."))
}

fn failed(error: std::io::Error) -> DeskError {
    crate::io_failure(&error, || Text::new("磁盘已满，文件没有生成。", "The disk is full; the file was not made."))
}

/// A place in the copy's feed of changes, as its readers keep it: `epoch.number`.
pub(super) fn mark(copy: &Copy, number: u64) -> String {
    format!("{}.{number}", copy.epoch())
}

/// The number behind the copy's epoch.
pub(super) fn number(copy: &Copy, since: &str) -> Answer<u64> {
    let parted = since.rsplit_once('.').and_then(|(epoch, number)| Some((epoch, number.parse().ok()?)));
    let (epoch, number) = parted.ok_or_else(|| invalid("since 应为上一个文件的 next", "since is the `next` of the file before"))?;
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
