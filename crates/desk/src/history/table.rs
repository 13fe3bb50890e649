//! A table as of a moment: for each key the version that was current then, typed as the declaration says now.

use std::collections::{BTreeMap, HashMap, HashSet};

use ::collect::check::{Table, from_raw};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use kernel::{Moment, RunId};
use tokio::sync::mpsc;
use serde_json::json;

use super::batches::last_of;
use super::walk::{Key, Keyed, Mark};
use super::{Batch, Point};
use crate::port::TableName;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Keys held at a time: a larger table is walked through once for each so many.
const KEYS_AT_ONCE: usize = 1_000_000;
/// Batches that wait for a slow reader.
const AHEAD: usize = 2;

/// A table as it was.
pub struct AsOf {
    /// The last batch it includes; 0 when there was nothing yet.
    pub seq: i64,
    /// When that batch was acknowledged.
    pub time: Option<Moment>,
    /// The columns of the standard layer, system columns included.
    pub schema: SchemaRef,
    pub rows: BoxStream<'static, Answer<RecordBatch>>,
}

impl Desk {
    /// Staff: the table of a resource as of a point, streamed in bounded memory.
    pub async fn as_of(&self, who: &Account, resource: &str, point: &Point) -> Answer<AsOf> {
        self.may(who, "read.as_of", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?.clone();
        self.must_see_whole(who, &declared)?;
        let batches = self.batches(resource).await?;
        let seq = last_of(&batches, point);
        self.log(who, "read.as_of", &self.resource_object(resource), json!({ "batch": seq })).await?;
        let time = batches.iter().find(|batch| batch.seq == seq).map(|batch| batch.time);
        let keyed = Keyed::new(&city, &declared)?;
        let table = Table::new(&city, &declared).map_err(internal)?;
        let schema = table.standard_schema();
        let (sender, receiver) = mpsc::channel(AHEAD);
        let desk = self.clone();
        tokio::spawn(async move {
            let telling = Telling { desk, system: declared.system, keyed, table, batches, seq };
            if let Err(error) = telling.tell(&sender).await {
                // Nobody listens any more: fine.
                let _ = sender.send(Err(error)).await;
            }
        });
        let rows = futures::stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
        Ok(AsOf { seq, time, schema, rows: Box::pin(rows) })
    }
}

struct Telling {
    desk: Desk,
    system: String,
    keyed: Keyed,
    table: Table,
    batches: Vec<Batch>,
    seq: i64,
}

type Sender = mpsc::Sender<Answer<RecordBatch>>;

impl Telling {
    async fn tell(mut self, out: &Sender) -> Answer<()> {
        let mut after = None;
        loop {
            let (current, more) = self.current(after).await?;
            after = current.last_key_value().map(|(key, _)| *key);
            let mut wanted: HashMap<i64, HashSet<(u64, [u8; 16])>> = HashMap::new();
            for mark in current.into_values().filter(|mark| !mark.removed) {
                wanted.entry(mark.batch).or_default().insert((mark.line, mark.hash));
            }
            let mut seqs: Vec<i64> = wanted.keys().copied().collect();
            seqs.sort_unstable();
            for seq in seqs {
                let of = wanted.remove(&seq).unwrap_or_default();
                if !self.batch(seq, of, out).await? {
                    return Ok(());
                }
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// The current version of the next so many keys, and whether there are further ones.
    async fn current(&mut self, after: Option<Key>) -> Answer<(BTreeMap<Key, Mark>, bool)> {
        let mut current: BTreeMap<Key, Mark> = BTreeMap::new();
        let mut more = false;
        let last = self.batches.last().map_or(0, |batch| batch.seq);
        self.desk
            .walk(&mut self.keyed, 1..=self.seq, last, |key, mark| {
                if mark.refused || after.is_some_and(|after| key <= after) {
                    return;
                }
                let known = current.entry(key).or_insert(mark);
                *known = (*known).max(mark);
                if current.len() > KEYS_AT_ONCE {
                    current.pop_last();
                    more = true;
                }
            })
            .await?;
        Ok((current, more))
    }

    /// Tells the wanted rows of one batch; false when nobody listens any more.
    async fn batch(&mut self, seq: i64, mut wanted: HashSet<(u64, [u8; 16])>, out: &Sender) -> Answer<bool> {
        let run = self.batches.iter().find(|batch| batch.seq == seq).map(|batch| batch.run.clone()).unwrap_or_default();
        let origin = ::collect::check::Origin { system: self.system.clone(), run: RunId(run), batch: seq };
        let name = TableName::raw(&self.keyed.resource.id);
        let mut rows = self.desk.0.ports.lake.scan(&name, None, Some(seq)).await.map_err(internal)?;
        while let Some(raw) = rows.try_next().await.map_err(internal)? {
            for restored in from_raw(&raw).map_err(internal)? {
                let line = |row: usize| restored.batch.lines.get(row).copied().unwrap_or(0);
                let chosen: Vec<usize> = (0..restored.hash.len())
                    .filter(|row| restored.hash.get(*row).is_some_and(|hash| wanted.remove(&(line(*row), *hash))))
                    .collect();
                if chosen.is_empty() {
                    continue;
                }
                let checked = self.table.check_restored(&restored).map_err(internal)?;
                let rows = self.table.standard_batch(&restored.batch, &checked, &chosen, None, &origin).map_err(internal)?;
                if out.send(Ok(rows)).await.is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
