//! Leaves of the log: each is written in the transaction of the act that it tells of, so that neither is there without the
//! other. They are numbered from 0 without gaps, and wait here until they stand in the log's files.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use tokio::sync::Notify;

use crate::cells::{Cells, signed, window};
use crate::writer::Writing;
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO leaf (number, time, actor, act, subject, entry)
    SELECT COALESCE(MAX(number) + 1, 0), $1, $2, $3, $4, $5 FROM leaf";
const NEXT: &str = "SELECT COALESCE(MAX(number) + 1, 0) AS next FROM leaf";
const UNPUBLISHED: &str = "SELECT entry FROM leaf WHERE number >= $1 AND number < $1 + $2 AND entry IS NOT NULL ORDER BY number";
const PUBLISHED: &str = "UPDATE leaf SET entry = NULL WHERE number < $1 AND entry IS NOT NULL";
const FROM: &str = "SELECT * FROM leaf WHERE number >= $1 ORDER BY number LIMIT $2";
const FIRST: &str = "SELECT COALESCE(MIN(number), 0) AS first FROM leaf";
const SINCE: &str = "SELECT number FROM leaf WHERE time >= $1 ORDER BY number LIMIT 1";
const FORGET: &str = "DELETE FROM leaf WHERE number < $1 AND entry IS NULL";
const ONE: &str = "SELECT * FROM leaf WHERE number = $1";

/// An act as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLeaf {
    pub time: Moment,
    /// Who acts: the id of an account, or a word for the program itself.
    pub actor: String,
    /// What is done: `grade.decide`.
    pub act: String,
    /// What it is done to: `resource/bus_stops`.
    pub subject: String,
    /// The bytes that are hashed; they tell all of the above and more.
    pub entry: Vec<u8>,
}

/// A leaf that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafRow {
    /// Its place in the log, from 0.
    pub number: u64,
    pub time: Moment,
    pub actor: String,
    pub act: String,
    pub subject: String,
    /// What is hashed; `None` where it stands in the log's files.
    pub entry: Option<Vec<u8>>,
}

/// Which leaves are wanted; empty: all.
#[derive(Clone, Debug, Default)]
pub struct LeafFilter {
    pub actor: Option<String>,
    /// An act, or all of a kind: `grade.decide`, `grade`.
    pub act: Option<String>,
    pub subject: Option<String>,
}

/// What is written with the next act; whoever writes first takes it.
pub(crate) type Pending = Arc<Mutex<Option<NewLeaf>>>;

/// Whether evidence can be kept, and who waits for more of it.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    held: AtomicBool,
    added: Notify,
}

/// Whether an act that gave this has changed anything: what has not happened is no leaf.
pub(crate) trait Happened {
    fn happened(&self) -> bool {
        true
    }
}

impl Happened for () {}
impl<T> Happened for Vec<T> {}

impl Happened for bool {
    fn happened(&self) -> bool {
        *self
    }
}

impl Happened for u64 {
    fn happened(&self) -> bool {
        *self > 0
    }
}

impl<T> Happened for Option<T> {
    fn happened(&self) -> bool {
        self.is_some()
    }
}

impl Store {
    /// The same store, whose next write is the act that the leaf tells of: both become durable, or neither.
    pub fn logging(&self, leaf: NewLeaf) -> Store {
        Store { leaf: Some(Arc::new(Mutex::new(Some(leaf)))), ..self.clone() }
    }

    /// From now on nothing that is to be logged happens, or it does again: evidence that cannot be kept is not collected.
    pub fn hold_logged(&self, held: bool) {
        self.evidence.held.store(held, Ordering::Release);
    }

    /// Refused while evidence cannot be kept.
    pub fn can_log(&self) -> Result<(), StoreError> {
        if self.evidence.held.load(Ordering::Acquire) { Err(StoreError::Unlogged) } else { Ok(()) }
    }

    /// Waits for a leaf that this process adds.
    pub async fn leaf_added(&self) {
        self.evidence.added.notified().await;
    }

    pub(crate) fn take_leaf(&self) -> Result<Option<NewLeaf>, StoreError> {
        let leaf = self.leaf.as_ref().and_then(|leaf| leaf.lock().unwrap_or_else(|e| e.into_inner()).take());
        if leaf.is_some() {
            self.can_log()?;
        }
        Ok(leaf)
    }

    pub(crate) async fn write_logged<T, F>(&self, act: F, leaf: NewLeaf) -> Result<T, StoreError>
    where
        T: Happened + Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Writing<'c, T> + Send + 'static,
    {
        let logged = self.writer.write(move |connection| {
            Box::pin(async move {
                let done = act(&mut *connection).await?;
                if done.happened() {
                    add(connection, leaf).await?;
                }
                Ok(done)
            })
        });
        let done = logged.await?;
        self.tell_added();
        Ok(done)
    }

    pub(crate) fn tell_added(&self) {
        self.evidence.added.notify_one();
    }

    /// Writes a leaf of its own, for a reading or an act whose effect lies elsewhere. A full disk does not keep it away: there
    /// is room in reserve.
    pub async fn log(&self, leaf: NewLeaf) -> Result<(), StoreError> {
        let write = |leaf| async { self.logging(leaf).write(|_| Box::pin(async { Ok(()) })).await };
        match write(leaf.clone()).await {
            Err(StoreError::DiskFull) if self.reserve.give_up() => write(leaf).await,
            done => done,
        }
    }

    /// Keeps room for evidence on the disk, where there is any to keep.
    pub fn keep_reserve(&self) {
        if let Err(error) = self.reserve.keep() {
            tracing::debug!(%error, "no room could be kept for the log");
        }
    }

    /// How many leaves there are, those in files among them.
    pub async fn leaf_count(&self) -> Result<u64, StoreError> {
        sqlx::query(NEXT).fetch_one(&self.readers).await?.count("next")
    }

    /// The entries from a number on that wait for their file, at most so many; they have no gaps.
    pub async fn unpublished_entries(&self, from: u64, most: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let rows = sqlx::query(UNPUBLISHED).bind(signed(from)).bind(i64::from(most)).fetch_all(&self.readers).await?;
        rows.iter().map(|row| row.bytes("entry")).collect()
    }

    /// The entries below `size` stand in files.
    pub async fn leaves_published(&self, size: u64) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(PUBLISHED).bind(signed(size)).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// The first leaf that is there; 0 where there is none.
    pub async fn first_leaf(&self) -> Result<u64, StoreError> {
        sqlx::query(FIRST).fetch_one(&self.readers).await?.count("first")
    }

    /// The first leaf of that time or later.
    pub async fn first_leaf_since(&self, time: Moment) -> Result<Option<u64>, StoreError> {
        let row = sqlx::query(SINCE).bind(time.0).fetch_optional(&self.readers).await?;
        row.map(|row| row.count("number")).transpose()
    }

    /// Lets the leaves below `first` go; their entries stand in files. Answers how many went.
    pub async fn forget_leaves(&self, first: u64) -> Result<u64, StoreError> {
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(FORGET).bind(signed(first)).execute(connection).await?.rows_affected()) })
        })
        .await
    }

    /// Leaves from a number on, in order.
    pub async fn leaves_from(&self, number: u64, most: u32) -> Result<Vec<LeafRow>, StoreError> {
        let rows = sqlx::query(FROM).bind(signed(number)).bind(i64::from(most)).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    pub async fn leaf(&self, number: u64) -> Result<Option<LeafRow>, StoreError> {
        let row = sqlx::query(ONE).bind(signed(number)).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// The newest first.
    pub async fn leaves(&self, filter: &LeafFilter, page: u64, size: u64) -> Result<Rows<LeafRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM leaf WHERE TRUE");
        condition(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT * FROM leaf WHERE TRUE");
        condition(&mut query, filter);
        query.push(" ORDER BY number DESC");
        let (limit, offset) = window(page, size);
        query.push(" LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

/// Puts the leaf of an act at the end of the log, within the act's transaction.
async fn add(connection: &mut SqliteConnection, leaf: NewLeaf) -> Result<(), StoreError> {
    let add = sqlx::query(ADD).bind(leaf.time.0).bind(leaf.actor).bind(leaf.act).bind(leaf.subject).bind(leaf.entry);
    add.execute(connection).await?;
    Ok(())
}

/// Several leaves at once, in their order; answers the first one's place.
pub(crate) async fn add_all(connection: &mut SqliteConnection, leaves: Vec<NewLeaf>) -> Result<u64, StoreError> {
    let first = sqlx::query(NEXT).fetch_one(&mut *connection).await?.count("next")?;
    let mut add: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO leaf (number, time, actor, act, subject, entry) ");
    add.push_values(leaves.into_iter().zip(first..), |mut row, (leaf, number)| {
        row.push_bind(signed(number)).push_bind(leaf.time.0).push_bind(leaf.actor).push_bind(leaf.act).push_bind(leaf.subject).push_bind(leaf.entry);
    });
    add.build().execute(connection).await?;
    Ok(first)
}

fn condition(query: &mut QueryBuilder<Sqlite>, filter: &LeafFilter) {
    for (column, value) in [("actor", &filter.actor), ("subject", &filter.subject)] {
        if let Some(value) = value {
            query.push(format!(" AND {column} = ")).push_bind(value.clone());
        }
    }
    if let Some(act) = &filter.act {
        // Every act of a kind lies between its name with a dot and with what follows a dot.
        query.push(" AND (act = ").push_bind(act.clone());
        query.push(" OR (act >= ").push_bind(format!("{act}.")).push(" AND act < ").push_bind(format!("{act}/")).push("))");
    }
}

fn read(row: &SqliteRow) -> Result<LeafRow, StoreError> {
    use sqlx::Row;
    Ok(LeafRow {
        number: row.count("number")?,
        time: row.moment("time")?,
        actor: row.text("actor")?,
        act: row.text("act")?,
        subject: row.text("subject")?,
        entry: row.try_get("entry")?,
    })
}
