//! Taking what sources have: records that are new, changed or gone, then everything that follows from them, in one
//! transaction. Whatever it is cut off at, the register is as it was before or as it is after.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::file::{Decisions, Memory, decisions, note, put_fields, put_note, spec_hash};
use crate::settle::Settle;
use crate::{Identity, Now, Record, Register, RegisterError, identity};

/// Records being taken; dropped without [`Delta::settle`], nothing of it has happened.
pub struct Delta<'r> {
    pub(crate) tx: Transaction<'r>,
    spec: &'r data::declare::Register,
    spec_hash: Vec<u8>,
    memory: &'r Memory,
    places: &'r mut Option<Vec<Option<usize>>>,
    decided: Decisions,
    /// Of the source being read whole: records known before and not seen yet, with a hash of what they said.
    unseen: Option<HashMap<Identity, (i64, i64)>>,
    source: usize,
    /// Numbers of records that are new or say something else.
    changed: BTreeSet<i64>,
    /// Records whose company may change, and entities that lost a record.
    seeds: BTreeSet<i64>,
    bereft: BTreeSet<i64>,
    removed: u64,
    unchanged: u64,
}

/// What taking records did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Records that are new or changed, and that are gone.
    pub changed: u64,
    pub removed: u64,
    pub unchanged: u64,
    /// Pairs compared.
    pub compared: u64,
    pub created: u64,
    pub merged: u64,
    pub split: u64,
    pub ended: u64,
    /// Whether everything was linked anew.
    pub whole: bool,
    /// Whether the model was learnt from these records.
    pub learnt: bool,
}

impl Register {
    /// Begins to take records. Others may read meanwhile, and none write.
    pub fn take(&mut self) -> Result<Delta<'_>, RegisterError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let decided = decisions(&tx)?;
        Ok(Delta {
            spec_hash: spec_hash(&self.spec),
            spec: &self.spec,
            memory: &self.memory,
            places: &mut self.places,
            decided,
            unseen: None,
            source: 0,
            changed: BTreeSet::new(),
            seeds: BTreeSet::new(),
            bereft: BTreeSet::new(),
            removed: 0,
            unchanged: 0,
            tx,
        })
    }
}

impl Delta<'_> {
    /// All records of this source follow: those that do not are gone.
    pub fn whole_source(&mut self, source: usize) -> Result<(), RegisterError> {
        self.end_source()?;
        let mut statement = self.tx.prepare_cached("SELECT identity, number, content FROM record WHERE source = ?1")?;
        let rows = statement.query_map([self.resource(source)], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        let known = rows.collect::<Result<_, _>>()?;
        drop(statement);
        (self.unseen, self.source) = (Some(known), source);
        Ok(())
    }

    /// Takes a record. Of two with one key the later one counts.
    pub fn put(&mut self, record: &Record) -> Result<(), RegisterError> {
        let identity = identity(self.resource(record.source), &record.key);
        let known = match self.unseen.as_mut().filter(|_| record.source == self.source).and_then(|unseen| unseen.remove(&identity)) {
            Some(known) => Some(known),
            None => self.find(&identity)?,
        };
        let value = serde_json::to_string(&record.values)?;
        let content = self.content(record, &value);
        let source = self.resource(record.source).to_owned();
        match known {
            Some((_, before)) if before == content => self.unchanged += 1,
            Some((number, _)) => {
                self.forget(number)?;
                self.tx
                    .prepare_cached("UPDATE record SET version = ?2, content = ?3, value = ?4 WHERE number = ?1")?
                    .execute(params![number, record.version, content, value])?;
                self.changed.insert(number);
            }
            None => {
                self.tx
                    .prepare_cached("INSERT INTO record (identity, source, key, version, content, entity, value) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)")?
                    .execute(params![identity, source, record.key, record.version, content, value])?;
                self.changed.insert(self.tx.last_insert_rowid());
            }
        }
        Ok(())
    }

    /// A record is gone from its source. What was never there is no matter.
    pub fn remove(&mut self, source: usize, key: &str) -> Result<(), RegisterError> {
        match self.find(&identity(self.resource(source), key))? {
            Some((number, _)) => self.drop_record(number),
            None => Ok(()),
        }
    }

    /// Records of sources that are no longer declared are gone.
    pub fn drop_undeclared(&mut self) -> Result<(), RegisterError> {
        let mut statement = self.tx.prepare("SELECT number, source FROM record")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?.collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        let declared = |source: &String| self.spec.sources.iter().any(|known| known.resource == *source);
        let gone: Vec<i64> = rows.iter().filter(|(_, source)| !declared(source)).map(|(number, _)| *number).collect();
        gone.into_iter().try_for_each(|number| self.drop_record(number))
    }

    /// Finds out what follows, and makes it last. `relearn`: learns from the records anew, whatever was learnt before.
    pub fn settle(mut self, relearn: bool, now: &mut Now<'_>) -> Result<Outcome, RegisterError> {
        self.end_source()?;
        let outdated = note(&self.tx, "spec")?.as_ref() != Some(&self.spec_hash);
        let outcome = Outcome { changed: self.changed.len() as u64, removed: self.removed, unchanged: self.unchanged, ..Outcome::default() };
        let Delta { tx, spec, spec_hash, memory, places, decided, changed, seeds, bereft, .. } = self;
        let mut settle = Settle { db: &tx, spec, memory, decided, changed, seeds, bereft, cause: "collect", outcome };
        settle.run(relearn || outdated, now)?;
        let outcome = settle.outcome;
        put_note(&tx, "spec", &spec_hash)?;
        put_fields(&tx, spec)?;
        tx.commit()?;
        *places = None;
        Ok(outcome)
    }

    fn end_source(&mut self) -> Result<(), RegisterError> {
        let Some(unseen) = self.unseen.take() else { return Ok(()) };
        let mut gone: Vec<i64> = unseen.into_values().map(|(number, _)| number).collect();
        gone.sort_unstable();
        gone.into_iter().try_for_each(|number| self.drop_record(number))
    }

    fn find(&self, identity: &Identity) -> Result<Option<(i64, i64)>, RegisterError> {
        let mut statement = self.tx.prepare_cached("SELECT number, content FROM record WHERE identity = ?1")?;
        Ok(statement.query_row([identity], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    fn drop_record(&mut self, number: i64) -> Result<(), RegisterError> {
        self.forget(number)?;
        let entity: Option<i64> = self.tx.prepare_cached("SELECT entity FROM record WHERE number = ?1")?.query_row([number], |row| row.get(0)).optional()?;
        self.bereft.extend(entity.filter(|entity| *entity != 0));
        self.tx.prepare_cached("DELETE FROM record WHERE number = ?1")?.execute([number])?;
        self.tx.prepare_cached("DELETE FROM former WHERE record = ?1")?.execute([number])?;
        (self.changed.remove(&number), self.seeds.remove(&number));
        self.removed += 1;
        Ok(())
    }

    /// Takes away what a record was found by and linked with; its neighbours may part.
    fn forget(&mut self, number: i64) -> Result<(), RegisterError> {
        let mut statement = self.tx.prepare_cached("SELECT a + b - ?1 FROM edge WHERE (a = ?1 OR b = ?1) AND bits >= 0")?;
        for neighbour in statement.query_map([number], |row| row.get(0))? {
            self.seeds.insert(neighbour?);
        }
        drop(statement);
        self.seeds.extend(self.decided.same(number));
        self.tx.prepare_cached("DELETE FROM edge WHERE a = ?1 OR b = ?1")?.execute([number])?;
        self.tx.prepare_cached("DELETE FROM block WHERE record = ?1")?.execute([number])?;
        Ok(())
    }

    pub(crate) fn resource(&self, source: usize) -> &str {
        self.spec.sources.get(source).map_or("", |source| &source.resource)
    }

    fn content(&self, record: &Record, value: &str) -> i64 {
        let text = format!("{}\u{1}{}", record.version.as_deref().unwrap_or_default(), value);
        (xxh3_64(text.as_bytes()) ^ xxh3_64(&self.spec_hash)) as i64
    }
}
