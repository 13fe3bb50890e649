//! Readings that arrive together are written together: one act of the writer for all that wait, a few statements for each table. A
//! statement of its own for each row of each reading would cost a hop between threads each, which is most of what a reading costs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection};
use tokio::sync::oneshot;

use super::read::NewRead;
use crate::cells::{micros, signed};
use crate::leaf::{self, NewLeaf};
use crate::{Store, StoreError};

/// Readings of one act.
const GROUP: usize = 256;
/// Rows of one statement whose number nobody bounds.
const ROWS: usize = 4_000;

const COUNT: &str = "INSERT INTO share_usage (lent, day, channel, calls, rows, errors) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (lent, day, channel) DO UPDATE SET calls = share_usage.calls + excluded.calls, rows = share_usage.rows + excluded.rows,
    errors = share_usage.errors + excluded.errors";
const SPEED: &str = "INSERT INTO share_speed (lent, day, millis, calls) VALUES ($1, $2, $3, $4)
    ON CONFLICT (lent, day, millis) DO UPDATE SET calls = share_speed.calls + excluded.calls";

/// Who waits for the number of a leaf; `None` where the day's quota is used up.
type Reply = oneshot::Sender<Result<Option<u64>, StoreError>>;

/// Readings that wait for their turn.
#[derive(Default)]
pub(crate) struct Reads(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    reads: Vec<(NewLeaf, NewRead, Reply)>,
    /// Whether somebody is writing, and will look again.
    writing: bool,
}

impl Reads {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next ones; none when there are none, and then whoever comes first writes.
    fn next(&self) -> Vec<(NewLeaf, NewRead, Reply)> {
        let mut waiting = self.waiting();
        let most = waiting.reads.len().min(GROUP);
        let next: Vec<_> = waiting.reads.drain(..most).collect();
        waiting.writing = !next.is_empty();
        next
    }
}

impl Store {
    /// Writes down a reading with its leaf, and answers the leaf's place in the log once both are durable; `None`, and nothing is
    /// written, where it would be beyond what the day allows.
    pub async fn add_read(&self, leaf: NewLeaf, new: NewRead) -> Result<Option<u64>, StoreError> {
        self.can_log()?;
        let (reply, answer) = oneshot::channel();
        let first = {
            let mut waiting = self.reads.waiting();
            waiting.reads.push((leaf, new, reply));
            !std::mem::replace(&mut waiting.writing, true)
        };
        if first {
            // Not by whoever came first: a caller that goes away would leave the others waiting.
            let store = self.clone();
            tokio::spawn(async move { store.write_reads().await });
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn write_reads(&self) {
        loop {
            let next = self.reads.next();
            if next.is_empty() {
                return;
            }
            let (mut reads, mut replies) = (Vec::with_capacity(next.len()), Vec::with_capacity(next.len()));
            for (leaf, new, reply) in next {
                reads.push((leaf, new));
                replies.push(reply);
            }
            let written = self.writer.write(move |connection| Box::pin(write(connection, reads))).await;
            if written.is_ok() {
                self.tell_added();
            }
            for (place, reply) in replies.into_iter().enumerate() {
                let number = match &written {
                    Ok(numbers) => Ok(numbers.get(place).copied().flatten()),
                    Err(error) => Err(error.again()),
                };
                // Who asked may have gone away; the reading is told all the same.
                let _ = reply.send(number);
            }
        }
    }
}

/// Readings with their leaves, within a transaction; answers each leaf's place in the log, `None` for what is beyond its quota.
pub(super) async fn write(connection: &mut SqliteConnection, reads: Vec<(NewLeaf, NewRead)>) -> Result<Vec<Option<u64>>, StoreError> {
    let allowed = within_quotas(connection, &reads).await?;
    let kept: Vec<(NewLeaf, NewRead)> = reads.into_iter().zip(&allowed).filter(|(_, allowed)| **allowed).map(|(read, _)| read).collect();
    if kept.is_empty() {
        return Ok(vec![None; allowed.len()]);
    }
    let mut next = write_all(connection, kept).await?;
    let mut number = || {
        next += 1;
        next - 1
    };
    Ok(allowed.into_iter().map(|allowed| allowed.then(&mut number)).collect())
}

/// Which of them the day's quotas allow, one after the other. What failed counts for nothing.
async fn within_quotas(connection: &mut SqliteConnection, reads: &[(NewLeaf, NewRead)]) -> Result<Vec<bool>, StoreError> {
    let mut used: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    let mut allowed = Vec::with_capacity(reads.len());
    for (_, new) in reads {
        if new.failed || (new.calls_most.is_none() && new.rows_most.is_none()) {
            allowed.push(true);
            continue;
        }
        let day = (new.lent.as_str(), new.day.as_str());
        let (calls, rows) = match used.get(&day) {
            Some(known) => *known,
            None => super::usage::used_on(&mut *connection, day.0, day.1).await?,
        };
        let after = (calls + 1, rows.saturating_add(new.rows));
        let fits = new.calls_most.is_none_or(|most| after.0 <= most) && new.rows_most.is_none_or(|most| after.1 <= most);
        used.insert(day, if fits { after } else { (calls, rows) });
        allowed.push(fits);
    }
    Ok(allowed)
}

/// Answers the first leaf's place in the log; the others follow it.
async fn write_all(connection: &mut SqliteConnection, reads: Vec<(NewLeaf, NewRead)>) -> Result<u64, StoreError> {
    let (leaves, mut reads): (Vec<NewLeaf>, Vec<NewRead>) = reads.into_iter().unzip();
    let times: Vec<i64> = leaves.iter().map(|leaf| leaf.time.0).collect();
    let first = leaf::add_all(connection, leaves).await?;
    let mut add: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO share_read (leaf, lent, channel, caller, rows, time, case_no, told, file, failed) ");
    let numbered = reads.iter().zip(&times).zip(first..);
    add.push_values(numbered, |mut row, ((new, time), number)| {
        row.push_bind(signed(number)).push_bind(new.lent.clone()).push_bind(new.channel).push_bind(new.caller.clone()).push_bind(signed(new.rows)).push_bind(*time);
        row.push_bind(new.case.clone()).push_bind(micros(new.told)).push_bind(new.file.map(signed)).push_bind(i64::from(new.failed));
    });
    add.build().execute(&mut *connection).await?;
    let about: Vec<([u8; 16], u64, u64)> =
        reads.iter_mut().zip(first..).flat_map(|(new, number)| std::mem::take(&mut new.subjects).into_iter().map(move |(digest, own)| (digest, number, own))).collect();
    for some in about.chunks(ROWS) {
        let mut add: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO share_subject (digest, leaf, own) ");
        add.push_values(some, |mut row, (digest, number, own)| {
            row.push_bind(digest.to_vec()).push_bind(signed(*number)).push_bind(signed(*own));
        });
        add.push(" ON CONFLICT DO NOTHING");
        add.build().execute(&mut *connection).await?;
    }
    count(connection, &reads).await?;
    Ok(first)
}

/// Adds the readings to the use of their day.
async fn count(connection: &mut SqliteConnection, reads: &[NewRead]) -> Result<(), StoreError> {
    let mut used: BTreeMap<(&str, &str, &str), (u64, u64, u64)> = BTreeMap::new();
    let mut speeds: BTreeMap<(&str, &str, u64), u64> = BTreeMap::new();
    for new in reads {
        let (calls, rows, errors) = used.entry((&new.lent, &new.day, new.channel)).or_default();
        match new.failed {
            true => *errors += 1,
            false => (*calls, *rows) = (*calls + 1, *rows + new.rows),
        }
        if let Some(millis) = new.millis {
            *speeds.entry((&new.lent, &new.day, super::usage::step(millis))).or_default() += 1;
        }
    }
    for ((lent, day, channel), (calls, rows, errors)) in used {
        let count = sqlx::query(COUNT).bind(lent).bind(day).bind(channel).bind(signed(calls)).bind(signed(rows)).bind(signed(errors));
        count.execute(&mut *connection).await?;
    }
    for ((lent, day, millis), calls) in speeds {
        sqlx::query(SPEED).bind(lent).bind(day).bind(signed(millis)).bind(signed(calls)).execute(&mut *connection).await?;
    }
    Ok(())
}

impl std::fmt::Debug for Reads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reads(…)")
    }
}

/// The group that a store's readings share.
pub(crate) type Shared = Arc<Reads>;
