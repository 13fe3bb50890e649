//! Datasets of other portals' catalogues, and the harvests that brought them.

use kernel::{Moment, Text};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const PUT: &str = "INSERT INTO harvest_record (catalogue, key, id, record, dialect, original, subject, hash, refused_zh, refused_en, first, changed, gone)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, NULL)
    ON CONFLICT (catalogue, key) DO UPDATE SET id = excluded.id, record = excluded.record, dialect = excluded.dialect, original = excluded.original,
    subject = excluded.subject, hash = excluded.hash, refused_zh = excluded.refused_zh, refused_en = excluded.refused_en, changed = excluded.changed, gone = NULL";
const GONE: &str = "UPDATE harvest_record SET gone = $1, changed = $1 WHERE catalogue = $2 AND key = $3 AND gone IS NULL";
const RUN: &str = "INSERT OR REPLACE INTO harvest_run (catalogue, began, ended, actor, found, added, changed, gone, refused, failed_zh, failed_en)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const KNOWN: &str = "SELECT key, hash, gone FROM harvest_record WHERE catalogue = $1";
const RUNS: &str = "SELECT * FROM harvest_run WHERE catalogue = $1 ORDER BY began DESC LIMIT $2";
// By our own name for it; else by its catalogue's, where that is a CKAN's id.
const ONE: &str = "SELECT * FROM harvest_record WHERE (id = $1 OR (key = $1 AND dialect = 'ckan')) AND record <> '' ORDER BY id <> $1 LIMIT 1";
const REFUSED: &str = "SELECT * FROM harvest_record WHERE catalogue = $1 AND refused_zh IS NOT NULL AND gone IS NULL ORDER BY key LIMIT $2";
const COUNTS: &str = "SELECT catalogue, COUNT(*) FILTER (WHERE gone IS NULL AND record <> '') AS live, COUNT(*) FILTER (WHERE gone IS NOT NULL) AS gone,
    COUNT(*) FILTER (WHERE gone IS NULL AND record = '') AS refused, MAX(changed) AS changed FROM harvest_record GROUP BY catalogue";
// `instr` over lower-case text: what is looked for is no pattern.
const FOUND: &str = "FROM harvest_record WHERE gone IS NULL AND record <> '' AND ($1 = '' OR catalogue = $1) AND ($2 = '' OR instr(lower(record), lower($2)) > 0)";

/// A dataset of another's catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarvestRow {
    pub catalogue: String,
    pub key: String,
    pub id: String,
    /// JSON; empty where it was refused.
    pub record: String,
    pub dialect: String,
    /// Word for word.
    pub original: String,
    pub subject: String,
    pub hash: String,
    pub refused: Option<Text>,
    pub first: Moment,
    pub changed: Moment,
    pub gone: Option<Moment>,
}

/// A harvest that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarvestRunRow {
    pub catalogue: String,
    pub began: Moment,
    pub ended: Moment,
    pub actor: String,
    pub found: u64,
    pub added: u64,
    pub changed: u64,
    pub gone: u64,
    pub refused: u64,
    pub failed: Option<Text>,
}

/// What is kept of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HarvestCount {
    pub catalogue: String,
    pub live: u64,
    pub gone: u64,
    pub refused: u64,
    pub changed: Moment,
}

impl Store {
    /// What a harvest brought: datasets that are new or changed, keys of those that are gone, and the harvest itself; all or nothing.
    pub async fn harvested(&self, run: HarvestRunRow, put: Vec<HarvestRow>, gone: Vec<String>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                for row in put {
                    put_record(&mut *connection, row).await?;
                }
                for key in gone {
                    sqlx::query(GONE).bind(run.ended.0).bind(&run.catalogue).bind(key).execute(&mut *connection).await?;
                }
                let (zh, en) = run.failed.map(|why| (why.zh, why.en)).unzip();
                let add = sqlx::query(RUN).bind(run.catalogue).bind(run.began.0).bind(run.ended.0).bind(run.actor).bind(signed(run.found));
                let add = add.bind(signed(run.added)).bind(signed(run.changed)).bind(signed(run.gone)).bind(signed(run.refused)).bind(zh).bind(en);
                add.execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Keys of a catalogue's datasets, with their hashes, and whether they are gone.
    pub async fn harvest_known(&self, catalogue: &str) -> Result<Vec<(String, String, bool)>, StoreError> {
        let read = |row: &SqliteRow| Ok((row.text("key")?, row.text("hash")?, row.moment_maybe("gone")?.is_some()));
        sqlx::query(KNOWN).bind(catalogue).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// The newest harvests of a catalogue.
    pub async fn harvest_runs(&self, catalogue: &str, most: u64) -> Result<Vec<HarvestRunRow>, StoreError> {
        sqlx::query(RUNS).bind(catalogue).bind(signed(most)).fetch_all(&self.readers).await?.iter().map(run).collect()
    }

    /// What is kept, by catalogue.
    pub async fn harvest_counts(&self) -> Result<Vec<HarvestCount>, StoreError> {
        let read = |row: &SqliteRow| {
            let (live, gone, refused) = (row.count("live")?, row.count("gone")?, row.count("refused")?);
            Ok(HarvestCount { catalogue: row.text("catalogue")?, live, gone, refused, changed: row.moment("changed")? })
        };
        sqlx::query(COUNTS).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// A dataset by its name in our addresses; also one that is gone.
    pub async fn harvest_record(&self, id: &str) -> Result<Option<HarvestRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(record).transpose()
    }

    /// Datasets of a catalogue that were not taken.
    pub async fn harvest_refused(&self, catalogue: &str, most: u64) -> Result<Vec<HarvestRow>, StoreError> {
        sqlx::query(REFUSED).bind(catalogue).bind(signed(most)).fetch_all(&self.readers).await?.iter().map(record).collect()
    }

    /// Datasets that are there and in which a text stands; of all catalogues where none is named.
    pub async fn harvest_records(&self, catalogue: &str, query: &str, page: u64, size: u64) -> Result<Rows<HarvestRow>, StoreError> {
        let total = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS total {FOUND}"));
        let total = sqlx::query(total).bind(catalogue).bind(query).fetch_one(&self.readers).await?.count("total")?;
        let (limit, offset) = window(page, size);
        let rows = sqlx::AssertSqlSafe(format!("SELECT * {FOUND} ORDER BY id LIMIT $3 OFFSET $4"));
        let rows = sqlx::query(rows).bind(catalogue).bind(query).bind(limit).bind(offset).fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(record).collect::<Result<_, _>>()?, total })
    }
}

pub(super) async fn put_record(connection: &mut SqliteConnection, row: HarvestRow) -> Result<(), StoreError> {
    let (zh, en) = row.refused.map(|why| (why.zh, why.en)).unzip();
    let add = sqlx::query(PUT).bind(row.catalogue).bind(row.key).bind(row.id).bind(row.record).bind(row.dialect).bind(row.original);
    let add = add.bind(row.subject).bind(row.hash).bind(zh).bind(en).bind(row.changed.0);
    add.execute(connection).await?;
    Ok(())
}

pub(super) fn record(row: &SqliteRow) -> Result<HarvestRow, StoreError> {
    Ok(HarvestRow {
        catalogue: row.text("catalogue")?,
        key: row.text("key")?,
        id: row.text("id")?,
        record: row.text("record")?,
        dialect: row.text("dialect")?,
        original: row.text("original")?,
        subject: row.text("subject")?,
        hash: row.text("hash")?,
        refused: row.both("refused_zh", "refused_en")?,
        first: row.moment("first")?,
        changed: row.moment("changed")?,
        gone: row.moment_maybe("gone")?,
    })
}

fn run(row: &SqliteRow) -> Result<HarvestRunRow, StoreError> {
    Ok(HarvestRunRow {
        catalogue: row.text("catalogue")?,
        began: row.moment("began")?,
        ended: row.moment("ended")?,
        actor: row.text("actor")?,
        found: row.count("found")?,
        added: row.count("added")?,
        changed: row.count("changed")?,
        gone: row.count("gone")?,
        refused: row.count("refused")?,
        failed: row.both("failed_zh", "failed_en")?,
    })
}
