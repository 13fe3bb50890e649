//! From messages to the rows of one table: what each transaction did to it, in the order of the commits.

use std::sync::Arc;

use data::declare::Resource;
use sqlx::postgres::PgConnectOptions;
use sqlx::PgConnection;
use tokio::time::timeout;

use super::super::{failed, session};
use super::super::table::Found;
use super::decode::{Cell, Column, Lsn, Message};
use super::lookup::fill;
use super::mark::{Mark, Snapshot};
use super::stream::Messages;
use crate::connect::ahead::Asked;
use crate::connect::database::{CONNECT, Target, append_text};
use crate::connect::gather::Gather;
use crate::names::field_of;
use crate::{CollectError, RawBatch};

/// About so many messages are taken in one run. The server lays them out before it sends the first, so that this
/// bounds what it must lay out; what is left is taken by the run that follows at once.
const MESSAGES: u64 = 1_000_000;
/// A batch is closed early when its values reach this many bytes.
const BATCH_BYTES: usize = 32 << 20;
/// The type of truth values, which the stream writes `t` and `f`.
const BOOLEAN: u32 = 16;

/// What one answer holds: rows, or at the end none; and how far all rows so far bring us.
pub struct Portion {
    pub batch: Option<RawBatch>,
    pub mark: Mark,
    /// At the end: more lies ready at the server.
    pub more: bool,
}

/// What is to be read, and where from.
pub struct Plan {
    pub options: PgConnectOptions,
    pub target: Target,
    pub resource: Resource,
    pub found: Found,
    pub slot: String,
    pub file: Arc<str>,
    /// How far we are.
    pub mark: Mark,
    /// Where the log ends now.
    pub end: Lsn,
    /// Number of the row before the first.
    pub line: u64,
}

/// A row as the stream tells it.
pub struct Row {
    pub removed: bool,
    pub cells: Vec<Cell>,
}

/// Answers each request with the next changes, and the end with a portion that has no batch.
pub async fn serve(mut connection: PgConnection, plan: Plan, mut asked: Asked<Portion>) {
    if let Err(error) = read(&mut connection, plan, &mut asked).await {
        asked.answer(Err(error)).await;
    }
}

async fn read(connection: &mut PgConnection, plan: Plan, asked: &mut Asked<Portion>) -> Result<(), CollectError> {
    let messages = Messages::read(connection, &plan.target, &plan.slot, plan.end, MESSAGES).await?;
    let mut changes = Changes {
        snapshot: plan.mark.snapshot.as_deref().and_then(Snapshot::parse),
        skip: plan.mark.partial,
        mark: plan.mark.clone(),
        line: plan.line,
        plan,
        messages,
        columns: Arc::default(),
        rows: Vec::new(),
        bytes: 0,
        held: None,
        shown: false,
        seen: 0,
        end: None,
        lookup: None,
    };
    while let Some(max_rows) = asked.request().await {
        let portion = changes.portion(max_rows).await?;
        let ended = portion.batch.is_none();
        if !asked.answer(Ok(portion)).await || ended {
            return Ok(());
        }
    }
    Ok(())
}

struct Changes<'c> {
    plan: Plan,
    messages: Messages<'c>,
    /// What the table's first reading showed already.
    snapshot: Option<Snapshot>,
    mark: Mark,
    line: u64,
    columns: Arc<Vec<Column>>,
    rows: Vec<Row>,
    bytes: usize,
    /// Other columns, which begin another batch.
    held: Option<Message>,
    /// The running transaction is in already.
    shown: bool,
    /// Changes of the table that the running transaction has told.
    seen: u64,
    /// So many of the next transaction's changes are in already.
    skip: u64,
    end: Option<End>,
    lookup: Option<PgConnection>,
}

/// Why no more comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// That was all, or all that one run takes.
    Drained,
    /// The table was emptied as a whole: it is to be read anew.
    Truncated,
}

impl Changes<'_> {
    async fn portion(&mut self, max_rows: usize) -> Result<Portion, CollectError> {
        loop {
            self.take(max_rows).await?;
            if self.rows.is_empty() {
                return Ok(self.last());
            }
            let batch = self.batch().await?;
            if batch.is_some() {
                return Ok(Portion { batch, mark: self.mark.clone(), more: false });
            }
        }
    }

    /// Takes messages until a batch is full, the columns change, or the end.
    async fn take(&mut self, max_rows: usize) -> Result<(), CollectError> {
        // An update may be two rows: one goes, another comes.
        while self.end.is_none() && self.rows.len() + 2 <= max_rows.max(2) && self.bytes < BATCH_BYTES {
            let message = match self.held.take() {
                Some(message) => Some(message),
                None => self.messages.next().await?,
            };
            match message {
                None => self.end = Some(End::Drained),
                Some(Message::Relation { id, schema, name, columns }) if self.is_ours(id) && columns != *self.columns => {
                    if !self.rows.is_empty() {
                        self.held = Some(Message::Relation { id, schema, name, columns });
                        return Ok(());
                    }
                    self.columns = Arc::new(columns);
                }
                Some(message) => self.see(message),
            }
        }
        Ok(())
    }

    fn is_ours(&self, relation: u32) -> bool {
        i64::from(relation) == self.plan.found.oid
    }

    fn see(&mut self, message: Message) {
        match message {
            Message::Begin { commit, xid } => {
                let shown = self.snapshot.as_ref().is_some_and(|snapshot| snapshot.shows(xid));
                self.shown = shown || commit < self.mark.lsn();
                self.seen = 0;
            }
            Message::Commit { end } if end > self.mark.lsn() => {
                self.mark.end = end.to_string();
                self.mark.partial = 0;
                self.skip = 0;
            }
            Message::Insert { relation, new } if self.is_news(relation) => self.push(false, new),
            Message::Update { relation, old, whole, new } if self.is_news(relation) => self.update(old, whole, new),
            Message::Delete { relation, old } if self.is_news(relation) => self.push(true, old),
            Message::Truncate { relations } if !self.shown && relations.iter().any(|relation| self.is_ours(*relation)) => {
                self.end = Some(End::Truncated);
            }
            _ => {}
        }
    }

    /// Whether a change is one of our table that is not in yet; counts it.
    fn is_news(&mut self, relation: u32) -> bool {
        if self.shown || !self.is_ours(relation) {
            return false;
        }
        self.seen += 1;
        if self.seen <= self.skip {
            return false;
        }
        self.mark.partial = self.seen;
        true
    }

    fn update(&mut self, old: Option<Vec<Cell>>, whole: bool, mut new: Vec<Cell>) {
        if let Some(old) = old {
            let changed = |index: usize| new.get(index) != Some(&Cell::Unchanged) && new.get(index) != old.get(index);
            let moved = self.key().into_iter().any(changed);
            if whole {
                let unchanged = new.iter_mut().zip(&old).filter(|(new, _)| **new == Cell::Unchanged);
                unchanged.for_each(|(new, old)| new.clone_from(old));
            }
            if moved {
                self.push(true, old);
            }
        }
        self.push(false, new);
    }

    /// Places of the declared key among the columns.
    fn key(&self) -> Vec<usize> {
        let fields: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let key = self.plan.resource.items.iter().filter(|item| item.key);
        let names = key.filter_map(|item| field_of(&self.plan.resource, &item.name, &fields));
        names.filter_map(|name| fields.iter().position(|field| field == name)).collect()
    }

    fn push(&mut self, removed: bool, cells: Vec<Cell>) {
        let length = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
        self.bytes += cells.iter().map(length).sum::<usize>() + 16 * cells.len();
        self.rows.push(Row { removed, cells });
    }

    /// The rows taken so far as a batch. `None` if all of them turn out to be gone by now.
    async fn batch(&mut self) -> Result<Option<RawBatch>, CollectError> {
        let mut rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        self.complete(&mut rows).await?;
        let fields: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let mut gather = Gather::new(fields.into());
        for row in rows {
            if row.removed {
                gather.removal();
            }
            for (field, column) in self.columns.iter().enumerate() {
                match row.cells.get(field) {
                    Some(Cell::Text(text)) => append_text(&mut gather, field, &column.name, spelled(column, text), "postgres.encoding"),
                    _ => gather.append(field, None),
                }
            }
            self.line += 1;
            gather.end_record(self.line);
        }
        Ok(gather.finish(&self.plan.file))
    }

    /// Looks up the large values that the stream does not repeat. A row that is no more there is left out: its
    /// removal, or its new key, follows in the stream.
    async fn complete(&mut self, rows: &mut Vec<Row>) -> Result<(), CollectError> {
        let incomplete = |row: &Row| !row.removed && row.cells.contains(&Cell::Unchanged);
        if !rows.iter().any(incomplete) {
            return Ok(());
        }
        let mut connection = match self.lookup.take() {
            Some(connection) => connection,
            None => timeout(CONNECT, session(&self.plan.options))
                .await
                .map_err(|_| self.plan.target.late("postgres.connect", CONNECT))?
                .map_err(|error| failed(&self.plan.target, &error))?,
        };
        fill(&mut connection, &self.plan.target, &self.plan.found, &self.columns, rows).await?;
        self.lookup = Some(connection);
        rows.retain(|row| !incomplete(row));
        Ok(())
    }

    /// How far we are at the end.
    fn last(&self) -> Portion {
        let mut mark = self.mark.clone();
        let limited = self.messages.count >= MESSAGES;
        if self.end == Some(End::Truncated) {
            mark = Mark { unread: true, snapshot: None, ..mark };
        } else if !limited {
            let end = mark.lsn().max(self.plan.end);
            mark = Mark { end: end.to_string(), partial: 0, snapshot: None, ..mark };
        }
        Portion { batch: None, mark, more: limited || self.end == Some(End::Truncated) }
    }
}

/// A value as it is spelled elsewhere.
fn spelled<'a>(column: &Column, text: &'a [u8]) -> &'a [u8] {
    match (column.type_id, text) {
        (BOOLEAN, b"t") => b"true",
        (BOOLEAN, b"f") => b"false",
        _ => text,
    }
}
