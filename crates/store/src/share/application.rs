//! Applications of departments, known by the hashes of their keys.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::Cells;
use crate::error::is_taken;
use crate::{Store, StoreError};

const ADD: &str = "INSERT INTO share_application (id, department, name, digest, created, public_key) VALUES ($1, $2, $3, $4, $5, $6)";
const ALL: &str = "SELECT * FROM share_application WHERE $1 IS NULL OR department = $1 ORDER BY revoked IS NOT NULL, created DESC, id LIMIT 1000";
const KEY: &str = "SELECT * FROM share_application WHERE digest = $1 AND revoked IS NULL";
const ONE: &str = "SELECT * FROM share_application WHERE id = $1";
const USED: &str = "UPDATE share_application SET used = $1 WHERE id = $2 AND (used IS NULL OR used < $1)";
const REVOKE: &str = "UPDATE share_application SET revoked = $1 WHERE id = $2 AND revoked IS NULL";

/// An application of a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRow {
    pub id: String,
    pub department: String,
    pub name: String,
    /// SHA-256 of its key, in hex; of one that signs, the thumbprint of its public key.
    pub digest: String,
    /// What its signatures are verified with, in base64url; `None` where it sends a key.
    pub public_key: Option<String>,
    pub created: Moment,
    /// When it was last used, within a minute.
    pub used: Option<Moment>,
    pub revoked: Option<Moment>,
}

impl Store {
    pub async fn add_application(&self, application: ApplicationRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(ADD)
                    .bind(application.id)
                    .bind(application.department)
                    .bind(application.name.clone())
                    .bind(application.digest)
                    .bind(application.created.0)
                    .bind(application.public_key)
                    .execute(connection)
                    .await
                    .map_err(|error| match is_taken(&error) {
                        true => StoreError::Taken(application.name),
                        false => error.into(),
                    })?;
                Ok(())
            })
        })
        .await
    }

    /// Those of a department, or all; the living first.
    pub async fn applications(&self, department: Option<&str>) -> Result<Vec<ApplicationRow>, StoreError> {
        sqlx::query(ALL).bind(department).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    pub async fn application(&self, id: &str) -> Result<Option<ApplicationRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The living one whose key has this digest.
    pub async fn application_by_key(&self, digest: &str) -> Result<Option<ApplicationRow>, StoreError> {
        sqlx::query(KEY).bind(digest).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    pub async fn application_used(&self, id: &str, now: Moment) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(USED).bind(now.0).bind(id).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Whether it lived.
    pub async fn revoke_application(&self, id: &str, now: Moment) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(REVOKE).bind(now.0).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }
}

fn read(row: &SqliteRow) -> Result<ApplicationRow, StoreError> {
    Ok(ApplicationRow {
        id: row.text("id")?,
        department: row.text("department")?,
        name: row.text("name")?,
        digest: row.text("digest")?,
        public_key: row.text_maybe("public_key")?,
        created: row.moment("created")?,
        used: row.moment_maybe("used")?,
        revoked: row.moment_maybe("revoked")?,
    })
}
