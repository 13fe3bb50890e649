//! Readings by whom they were about: answers whose rows named somebody, and files of all rows that somebody was in.

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};

use super::read::{self, ReadRow};
use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

/// Which readings are wanted.
#[derive(Clone, Debug, Default)]
pub struct AboutFilter {
    /// Keyed hashes of the ids of whom they are about.
    pub digests: Vec<[u8; 16]>,
    /// Only what those whom it is about may be told at this moment; all when `None`.
    pub told_by: Option<Moment>,
    /// The department that read.
    pub department: Option<String>,
    pub from: Option<Moment>,
    /// Before this moment.
    pub to: Option<Moment>,
    /// This one alone, by its leaf.
    pub leaf: Option<u64>,
}

/// A reading about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutRow {
    pub read: ReadRow,
    /// How many rows were about them; `None` where that was not noted.
    pub own: Option<u64>,
}

impl Store {
    /// Readings about somebody, each once, the newest first.
    pub async fn reads_about(&self, filter: &AboutFilter, page: u64, size: u64) -> Result<Rows<AboutRow>, StoreError> {
        let mut count = about("COUNT(*) AS total", filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = about("r.*, a.own", filter);
        let (limit, offset) = window(page, size);
        query.push(" ORDER BY r.leaf DESC LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        let read = |row: &SqliteRow| Ok(AboutRow { read: read::read(row)?, own: row.count_maybe("own")? });
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, StoreError>>()?, total })
    }

    /// The departments that read about somebody, by id.
    pub async fn readers_about(&self, filter: &AboutFilter) -> Result<Vec<String>, StoreError> {
        let mut query = about("DISTINCT g.department", filter);
        query.push(" ORDER BY g.department");
        query.build().fetch_all(&self.readers).await?.iter().map(|row| row.text("department")).collect()
    }
}

fn about(columns: &str, filter: &AboutFilter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("WITH about AS (SELECT leaf, SUM(own) AS own FROM (SELECT leaf, own FROM share_subject WHERE digest IN (");
    among(&mut query, &filter.digests);
    query.push(
        ") UNION ALL SELECT f.leaf, w.own FROM share_within w JOIN share_read f
            ON f.lent = w.lent AND f.file >= w.from_file AND (w.to_file IS NULL OR f.file < w.to_file) WHERE w.digest IN (",
    );
    among(&mut query, &filter.digests);
    query.push(format!(")) GROUP BY leaf) SELECT {columns} FROM about a JOIN share_read r ON r.leaf = a.leaf JOIN share_grant g ON g.id = r.lent WHERE TRUE"));
    if let Some(now) = filter.told_by {
        query.push(" AND (r.told IS NULL OR r.told <= ").push_bind(now.0).push(")");
    }
    if let Some(department) = &filter.department {
        query.push(" AND g.department = ").push_bind(department.clone());
    }
    if let Some(from) = filter.from {
        query.push(" AND r.time >= ").push_bind(from.0);
    }
    if let Some(to) = filter.to {
        query.push(" AND r.time < ").push_bind(to.0);
    }
    if let Some(leaf) = filter.leaf {
        query.push(" AND r.leaf = ").push_bind(signed(leaf));
    }
    query
}

fn among(query: &mut QueryBuilder<Sqlite>, digests: &[[u8; 16]]) {
    let mut values = query.separated(", ");
    for digest in digests {
        values.push_bind(digest.to_vec());
    }
}
