//! What is registered through the CKAN API: packages among the records of others, organizations and groups beside them.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use super::harvest::{HarvestRow, put_record, record};
use crate::cells::Cells;
use crate::{Store, StoreError};

const DROP: &str = "DELETE FROM harvest_record WHERE catalogue = $1 AND key = $2";
const ALL: &str = "SELECT * FROM harvest_record WHERE gone IS NULL AND record <> '' ORDER BY id LIMIT $1";
const PUT_GROUP: &str = "INSERT OR REPLACE INTO ckan_group (kind, id, name, body, changed) VALUES ($1, $2, $3, $4, $5)";
// What packages still name must not come back by that: its name is kept, without a body.
const DROP_GROUP: &str = "UPDATE ckan_group SET body = '' WHERE kind = $1 AND id = $2 AND body <> ''";
const BURY: &str = "DELETE FROM ckan_group WHERE kind = $1 AND name = $2 AND body = ''";
const GROUPS: &str = "SELECT * FROM ckan_group ORDER BY kind, name";

/// An organization or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CkanGroupRow {
    /// `organization` or `group`.
    pub kind: String,
    pub id: String,
    pub name: String,
    /// JSON; empty where it was removed.
    pub body: String,
    pub changed: Moment,
}

impl Store {
    /// Keeps a package, new or in place of what it was.
    pub async fn put_package(&self, row: HarvestRow) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(async move { put_record(connection, row).await })).await
    }

    /// Removes a package for good; whether there was one.
    pub async fn drop_package(&self, catalogue: String, key: String) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(DROP).bind(catalogue).bind(key).execute(connection).await?.rows_affected() > 0) })
        })
        .await
    }

    /// All datasets of others that are there, at most so many.
    pub async fn all_records(&self, most: u32) -> Result<Vec<HarvestRow>, StoreError> {
        sqlx::query(ALL).bind(i64::from(most)).fetch_all(&self.readers).await?.iter().map(record).collect()
    }

    pub async fn put_ckan_group(&self, row: CkanGroupRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(BURY).bind(row.kind.clone()).bind(row.name.clone()).execute(&mut *connection).await?;
                sqlx::query(PUT_GROUP).bind(row.kind).bind(row.id).bind(row.name).bind(row.body).bind(row.changed.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Whether there was one.
    pub async fn drop_ckan_group(&self, kind: String, id: String) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(DROP_GROUP).bind(kind).bind(id).execute(connection).await?.rows_affected() > 0) })
        })
        .await
    }

    pub async fn ckan_groups(&self) -> Result<Vec<CkanGroupRow>, StoreError> {
        let read = |row: &SqliteRow| {
            Ok(CkanGroupRow { kind: row.text("kind")?, id: row.text("id")?, name: row.text("name")?, body: row.text("body")?, changed: row.moment("changed")? })
        };
        sqlx::query(GROUPS).fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}
