//! The file of a register: its tables, and opening it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use link::Learned;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Identity, RegisterError};

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(60);

/// Numbers are of use inside the file alone; what lasts are identities of records and ids of entities.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
    number INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, source TEXT NOT NULL, key TEXT NOT NULL, version TEXT,
    content INTEGER NOT NULL, entity INTEGER NOT NULL, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS record_entity ON record (entity);
CREATE INDEX IF NOT EXISTS record_source ON record (source, key);
CREATE TABLE IF NOT EXISTS block (key INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (key, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS edge (a INTEGER NOT NULL, b INTEGER NOT NULL, bits REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edge_doubt ON edge (abs(bits)) WHERE abs(bits) < 8.0;
CREATE TABLE IF NOT EXISTS entity (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state INTEGER NOT NULL, into_entity INTEGER,
    records INTEGER NOT NULL, since INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS former (record INTEGER PRIMARY KEY, entity INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, entity INTEGER NOT NULL, other INTEGER,
    records TEXT NOT NULL, cause TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS change_entity ON change (entity);
CREATE INDEX IF NOT EXISTS change_other ON change (other) WHERE other IS NOT NULL;
CREATE TABLE IF NOT EXISTS decision (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, a BLOB NOT NULL, b BLOB NOT NULL, same INTEGER NOT NULL, account TEXT NOT NULL,
    reason TEXT NOT NULL, at INTEGER NOT NULL, act INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS decision_pair ON decision (a, b);
CREATE TABLE IF NOT EXISTS conflict (
    entity INTEGER NOT NULL, field TEXT NOT NULL, record INTEGER NOT NULL, believed INTEGER NOT NULL,
    PRIMARY KEY (entity, field, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, started INTEGER NOT NULL, ended INTEGER NOT NULL, trigger_word TEXT NOT NULL,
    outcome TEXT NOT NULL, error TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dirty (entity INTEGER PRIMARY KEY);
";

/// Indexes that are made anew when everything is linked anew.
pub(crate) const INDEXES: &str = "CREATE INDEX IF NOT EXISTS block_record ON block (record); CREATE INDEX IF NOT EXISTS edge_b ON edge (b);";

/// A register and its file.
pub struct Register {
    pub(crate) db: Connection,
    pub(crate) memory: Memory,
    pub(crate) spec: data::declare::Register,
    /// Where each declared field stands among the values that are kept, as long as those are of an older declaration.
    pub(crate) places: Option<Vec<Option<usize>>>,
}

impl Register {
    /// Opens a register's file, and makes it if it is not there. Its folder must be.
    pub fn open(path: &Path, spec: &data::declare::Register) -> Result<Register, RegisterError> {
        let db = Connection::open(path)?;
        db.busy_timeout(PATIENCE)?;
        // What was committed survives a loss of power: each commit waits for the disk.
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;")?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch(TABLES)?;
        db.execute_batch(INDEXES)?;
        let places = places(&db, spec)?;
        Ok(Register { db, memory: Memory::default(), spec: spec.clone(), places })
    }

    /// A record with its values in the order of the declared fields.
    pub(crate) fn arranged(&self, mut kept: Kept) -> Kept {
        if let Some(places) = &self.places {
            kept.values = places.iter().map(|place| kept.values.get((*place)?).cloned().flatten()).collect();
        }
        kept
    }

    /// Names of the declared fields, in their order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.spec.fields.iter().map(|field| field.name.as_str())
    }

    /// Whether what is compared has changed since records were taken: then all must be read again.
    pub fn is_outdated(&self) -> Result<bool, RegisterError> {
        Ok(note(&self.db, "spec")? != Some(spec_hash(&self.spec)))
    }

    /// What was learnt, as text, for another register of the same declaration.
    pub fn model(&self) -> Result<Option<Vec<u8>>, RegisterError> {
        note(&self.db, "learned")
    }

    /// Takes what another register has learnt.
    pub fn adopt(&mut self, model: &[u8]) -> Result<(), RegisterError> {
        let learned: Learned = serde_json::from_slice(model)?;
        self.memory.learn(&self.db, learned)?;
        put_note(&self.db, "spec", &spec_hash(&self.spec))
    }

    /// What was learnt, if anything was.
    pub(crate) fn learned(&self) -> Result<Option<Arc<Learned>>, RegisterError> {
        self.memory.learned(&self.db)
    }
}

/// What was learnt, read once: it is large, and does not change with every record.
#[derive(Default)]
pub(crate) struct Memory(RefCell<Option<(Vec<u8>, Arc<Learned>)>>);

impl Memory {
    /// What the file says was learnt.
    pub fn learned(&self, db: &Connection) -> Result<Option<Arc<Learned>>, RegisterError> {
        let Some(mark) = note(db, "learned_mark")? else { return Ok(None) };
        if let Some((known, learned)) = &*self.0.borrow() {
            if *known == mark {
                return Ok(Some(learned.clone()));
            }
        }
        let Some(text) = note(db, "learned")? else { return Ok(None) };
        let learned: Arc<Learned> = Arc::new(serde_json::from_slice(&text)?);
        self.0.replace(Some((mark, learned.clone())));
        Ok(Some(learned))
    }

    /// Keeps what was learnt now.
    pub fn learn(&self, db: &Connection, learned: Learned) -> Result<Arc<Learned>, RegisterError> {
        let text = serde_json::to_vec(&learned)?;
        put_note(db, "learned", &text)?;
        put_note(db, "learned_mark", &xxhash_rust::xxh3::xxh3_128(&text).to_be_bytes())?;
        // As it is read back, so that it weighs the same today and tomorrow.
        Ok(Arc::new(serde_json::from_slice(&text)?))
    }
}

pub(crate) fn note(db: &Connection, name: &str) -> Result<Option<Vec<u8>>, RegisterError> {
    Ok(db.prepare_cached("SELECT value FROM note WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
}

pub(crate) fn put_note(db: &Connection, name: &str, value: &[u8]) -> Result<(), RegisterError> {
    db.prepare_cached("INSERT INTO note VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")?.execute(params![name, value])?;
    Ok(())
}

fn places(db: &Connection, spec: &data::declare::Register) -> Result<Option<Vec<Option<usize>>>, RegisterError> {
    let Some(text) = note(db, "fields")? else { return Ok(None) };
    let kept: Vec<String> = serde_json::from_slice(&text)?;
    let declared = spec.fields.iter().map(|field| &field.name);
    if declared.clone().eq(&kept) {
        return Ok(None);
    }
    Ok(Some(declared.map(|name| kept.iter().position(|known| known == name)).collect()))
}

/// Notes which fields the values that are kept are of.
pub(crate) fn put_fields(db: &Connection, spec: &data::declare::Register) -> Result<(), RegisterError> {
    let names: Vec<&String> = spec.fields.iter().map(|field| &field.name).collect();
    put_note(db, "fields", &serde_json::to_vec(&names)?)
}

/// Changes when records must be read, and learnt from, again.
pub(crate) fn spec_hash(spec: &data::declare::Register) -> Vec<u8> {
    let fields: Vec<_> = spec.fields.iter().map(|field| (&field.name, field.compare, &field.former_of)).collect();
    let sources: Vec<_> = spec.sources.iter().map(|source| (&source.resource, &source.fields)).collect();
    let text = format!("{fields:?}{sources:?}{:?}{}", spec.blocks, spec.threshold);
    xxhash_rust::xxh3::xxh3_64(text.as_bytes()).to_be_bytes().to_vec()
}

/// A record as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub number: i64,
    pub identity: Identity,
    pub source: String,
    pub key: String,
    pub version: Option<String>,
    pub entity: i64,
    pub values: Vec<Option<String>>,
}

pub(crate) const KEPT: &str = "number, identity, source, key, version, entity, value";

pub(crate) fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let value: String = row.get(6)?;
    let values = serde_json::from_str(&value).map_err(|error| rusqlite::Error::FromSqlConversionFailure(6, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(Kept { number: row.get(0)?, identity: row.get(1)?, source: row.get(2)?, key: row.get(3)?, version: row.get(4)?, entity: row.get(5)?, values })
}

/// Records by their numbers, in the order asked for; those that are gone are left out.
pub(crate) fn records(db: &Connection, numbers: &[i64]) -> Result<Vec<Kept>, RegisterError> {
    let mut statement = db.prepare_cached(&format!("SELECT {KEPT} FROM record WHERE number = ?1"))?;
    let mut found = Vec::with_capacity(numbers.len());
    for number in numbers {
        found.extend(statement.query_row([number], kept).optional()?);
    }
    Ok(found)
}

/// Pairs that people decided and did not take back, by the numbers of records that are there; the smaller first.
pub(crate) fn decisions(db: &Connection) -> Result<Decisions, RegisterError> {
    let mut statement = db.prepare_cached(
        "SELECT x.number, y.number, d.same FROM decision d JOIN record x ON x.identity = d.a JOIN record y ON y.identity = d.b
         WHERE d.undone = 0 ORDER BY d.seq",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?)))?;
    // The last word on a pair counts.
    let mut found = Decisions::default();
    for row in rows {
        let (a, b, same) = row?;
        found.pairs.insert((a.min(b), a.max(b)), same);
    }
    for (a, b) in found.pairs.iter().filter(|(_, same)| **same).map(|(pair, _)| pair) {
        found.partners.entry(*a).or_default().push(*b);
        found.partners.entry(*b).or_default().push(*a);
    }
    Ok(found)
}

/// What people decided.
#[derive(Default)]
pub(crate) struct Decisions {
    /// The smaller number first.
    pub pairs: HashMap<(i64, i64), bool>,
    partners: HashMap<i64, Vec<i64>>,
}

impl Decisions {
    /// Records decided to be the same as this one.
    pub fn same(&self, number: i64) -> impl Iterator<Item = i64> + '_ {
        self.partners.get(&number).into_iter().flatten().copied()
    }
}
