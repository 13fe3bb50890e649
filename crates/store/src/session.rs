//! Login sessions. The store knows only the hash of a token; a session slides forward while it is used.

use kernel::Moment;

use crate::account::{self, AccountRow};
use crate::cells::Cells;
use crate::{Store, StoreError};

const FORGET_EXPIRED: &str = "DELETE FROM session WHERE expires <= $1";
const INSERT: &str =
    "INSERT INTO session (token_hash, account, created, extended, lifetime, expires) VALUES ($1, $2, $3, $4, $5, $6)";
const FIND: &str = "SELECT a.id, a.name, a.display, a.password_hash, a.created, a.department, a.clearance, s.extended
    FROM session s JOIN account a ON a.id = s.account WHERE s.token_hash = $1 AND s.expires > $2";
const EXTEND: &str = "UPDATE session SET extended = $1, expires = $1 + lifetime WHERE token_hash = $2 AND extended < $1 AND expires > $1";
const END: &str = "DELETE FROM session WHERE token_hash = $1";
const END_OF: &str = "DELETE FROM session WHERE account = $1";

/// A session is written to at most this often (seconds).
const EXTEND_EVERY: i64 = 60;

impl Store {
    /// Begins a session; it ends at `expires` unless used before, and each use moves the end as far ahead again.
    pub async fn create_session(&self, token_hash: &[u8], account: &str, now: Moment, expires: Moment) -> Result<(), StoreError> {
        let (token_hash, account) = (token_hash.to_vec(), account.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FORGET_EXPIRED).bind(now.0).execute(&mut *connection).await?;
                sqlx::query(INSERT)
                    .bind(token_hash)
                    .bind(account)
                    .bind(now.0)
                    .bind(now.0)
                    .bind(expires.0.saturating_sub(now.0))
                    .bind(expires.0)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Whose session it is, if it is alive at `now`.
    pub async fn session(&self, token_hash: &[u8], now: Moment) -> Result<Option<AccountRow>, StoreError> {
        let found = sqlx::query(FIND).bind(token_hash).bind(now.0).fetch_optional(&self.readers).await?;
        let Some(row) = found else { return Ok(None) };
        if now.seconds_since(row.moment("extended")?) >= EXTEND_EVERY {
            self.extend(token_hash.to_vec(), now).await?;
        }
        account::read(&row).map(Some)
    }

    async fn extend(&self, token_hash: Vec<u8>, now: Moment) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(EXTEND).bind(now.0).bind(token_hash).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    pub async fn end_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(END).bind(token_hash).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends every session of the account.
    pub async fn end_sessions_of(&self, account: &str) -> Result<(), StoreError> {
        let account = account.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(END_OF).bind(account).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}
