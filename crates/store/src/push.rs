//! Pushes: the keys of the systems that send their rows, and what was sent under which idempotency key.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::Cells;
use crate::{Store, StoreError};

const ADD_KEY: &str = "INSERT INTO push_key (id, system, digest, note, created) VALUES ($1, $2, $3, $4, $5)";
const KEYS: &str = "SELECT * FROM push_key ORDER BY created, id";
const KEY: &str = "SELECT * FROM push_key WHERE digest = $1 AND revoked IS NULL";
const USED: &str = "UPDATE push_key SET used = $1 WHERE id = $2 AND (used IS NULL OR used < $1)";
const REVOKE: &str = "UPDATE push_key SET revoked = $1 WHERE id = $2 AND revoked IS NULL";

const FIND: &str = "SELECT * FROM push WHERE resource = $1 AND name = $2";
const OPEN: &str = "SELECT * FROM push WHERE resource = $1 AND ended IS NULL ORDER BY begun, name";
const BEGIN: &str = "INSERT INTO push (resource, name, body, push_key, batch, answer, begun) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const END: &str = "UPDATE push SET ended = $1 WHERE resource = $2 AND name = $3 AND ended IS NULL";
const WITHDRAW: &str = "DELETE FROM push WHERE resource = $1 AND name = $2 AND ended IS NULL";
const FORGET: &str = "DELETE FROM push WHERE ended < $1";

/// The time of a key's last use is written at most this often (seconds).
const USED_EVERY: i64 = 60;

/// The key of a system that sends its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushKey {
    pub id: String,
    pub system: String,
    /// SHA-256 of the key, in hex.
    pub digest: String,
    /// Whose it is and what for.
    pub note: String,
    pub created: Moment,
    pub used: Option<Moment>,
    pub revoked: Option<Moment>,
}

/// Something sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub resource: String,
    /// The sender's idempotency key.
    pub name: String,
    /// SHA-256 of what was sent, in hex.
    pub body: String,
    /// Id of the [`PushKey`].
    pub push_key: String,
    /// Number of the batch that its rows are to stand in.
    pub batch: i64,
    /// JSON that the sender gets once the rows are durable.
    pub answer: String,
    pub begun: Moment,
    pub ended: Option<Moment>,
}

impl Store {
    pub async fn add_push_key(&self, key: PushKey) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(ADD_KEY)
                    .bind(key.id)
                    .bind(key.system)
                    .bind(key.digest)
                    .bind(key.note)
                    .bind(key.created.0)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Every key, revoked ones included, oldest first.
    pub async fn push_keys(&self) -> Result<Vec<PushKey>, StoreError> {
        let rows = sqlx::query(KEYS).fetch_all(&self.readers).await?;
        rows.iter().map(read_key).collect()
    }

    /// The living key with this digest; notes that it was used.
    pub async fn use_push_key(&self, digest: &str, now: Moment) -> Result<Option<PushKey>, StoreError> {
        let row = sqlx::query(KEY).bind(digest).fetch_optional(&self.readers).await?;
        let Some(key) = row.as_ref().map(read_key).transpose()? else { return Ok(None) };
        if key.used.is_none_or(|used| now.seconds_since(used) >= USED_EVERY) {
            let id = key.id.clone();
            self.write(move |connection| {
                Box::pin(async move {
                    sqlx::query(USED).bind(now.0).bind(id).execute(connection).await?;
                    Ok(())
                })
            })
            .await?;
        }
        Ok(Some(key))
    }

    /// Whether there was such a key to revoke.
    pub async fn revoke_push_key(&self, id: &str, now: Moment) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let done = sqlx::query(REVOKE).bind(now.0).bind(id).execute(connection).await?;
                Ok(done.rows_affected() > 0)
            })
        })
        .await
    }

    pub async fn push(&self, resource: &str, name: &str) -> Result<Option<Push>, StoreError> {
        let row = sqlx::query(FIND).bind(resource).bind(name).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_push).transpose()
    }

    /// Those that were begun and not ended.
    pub async fn open_pushes(&self, resource: &str) -> Result<Vec<Push>, StoreError> {
        let rows = sqlx::query(OPEN).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(read_push).collect()
    }

    /// Writes down several before their rows are committed. Refused as a whole when one is there already.
    pub async fn begin_pushes(&self, pushes: Vec<Push>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                for push in pushes {
                    sqlx::query(BEGIN)
                        .bind(push.resource)
                        .bind(push.name)
                        .bind(push.body)
                        .bind(push.push_key)
                        .bind(push.batch)
                        .bind(push.answer)
                        .bind(push.begun.0)
                        .execute(&mut *connection)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Ends some that are durable, withdraws some that never came to be: (resource, name).
    pub async fn settle_pushes(&self, resource: &str, ended: Vec<String>, withdrawn: Vec<String>, now: Moment) -> Result<(), StoreError> {
        let resource = resource.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                for name in ended {
                    sqlx::query(END).bind(now.0).bind(&resource).bind(name).execute(&mut *connection).await?;
                }
                for name in withdrawn {
                    sqlx::query(WITHDRAW).bind(&resource).bind(name).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Forgets what ended before `before`: from then on the same idempotency key would be taken as a new one.
    pub async fn forget_pushes(&self, before: Moment) -> Result<u64, StoreError> {
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(FORGET).bind(before.0).execute(connection).await?.rows_affected()) })
        })
        .await
    }
}

fn read_key(row: &SqliteRow) -> Result<PushKey, StoreError> {
    Ok(PushKey {
        id: row.text("id")?,
        system: row.text("system")?,
        digest: row.text("digest")?,
        note: row.text("note")?,
        created: row.moment("created")?,
        used: row.moment_maybe("used")?,
        revoked: row.moment_maybe("revoked")?,
    })
}

fn read_push(row: &SqliteRow) -> Result<Push, StoreError> {
    Ok(Push {
        resource: row.text("resource")?,
        name: row.text("name")?,
        body: row.text("body")?,
        push_key: row.text("push_key")?,
        batch: sqlx::Row::try_get(row, "batch")?,
        answer: row.text("answer")?,
        begun: row.moment("begun")?,
        ended: row.moment_maybe("ended")?,
    })
}
