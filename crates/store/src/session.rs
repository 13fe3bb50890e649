//! Login sessions. The store knows only the hash of a token; a session slides forward while it is used.

use kernel::Moment;
use sqlx::sqlite::SqliteConnection;

use crate::account::{self, AccountRow};
use crate::cells::Cells;
use crate::{Store, StoreError};

const FORGET_EXPIRED: &str = "DELETE FROM session WHERE expires <= $1";
const INSERT: &str = "INSERT INTO session (token_hash, id, account, second, agent, created, extended, lifetime, expires)
    VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $6 + $7)";
const LOGGED_IN: &str = "UPDATE account SET last_login = $1 WHERE id = $2";
const FIND: &str = "SELECT a.*, s.id AS session, s.second, s.extended,
    (SELECT MAX(e.until) FROM emergency e WHERE e.account = a.id AND e.until > $2) AS emergency
    FROM session s JOIN account a ON a.id = s.account WHERE s.token_hash = $1 AND s.expires > $2 AND a.locked IS NULL";
const OF: &str = "SELECT * FROM session WHERE account = $1 AND expires > $2 ORDER BY extended DESC, id LIMIT 200";
const EXTEND: &str = "UPDATE session SET extended = $1, expires = $1 + lifetime WHERE token_hash = $2 AND extended < $1 AND expires > $1";
const SET_SECOND: &str = "UPDATE session SET second = 1 WHERE id = $1";
const END: &str = "DELETE FROM session WHERE id = $1 AND account = $2";
const END_OF: &str = "DELETE FROM session WHERE account = $1 AND id <> $2";
const END_ELSEWHERE: &str = "DELETE FROM oidc_login WHERE account = $1";

/// A session is written to at most this often (seconds).
const EXTEND_EVERY: i64 = 60;

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: String,
    /// Id of the account.
    pub account: String,
    /// Whether the second factor was given.
    pub second: bool,
    /// The browser or program, as it calls itself.
    pub agent: String,
    pub created: Moment,
    /// It ends this long after its last use, in microseconds.
    pub lifetime: i64,
}

/// A session that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub id: String,
    pub second: bool,
    pub agent: String,
    pub created: Moment,
    /// When it was used last, to the minute.
    pub used: Moment,
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub account: AccountRow,
    /// Id of the session.
    pub session: String,
    /// Whether the second factor was given.
    pub second: bool,
    /// Until when it has the rights of an emergency.
    pub emergency: Option<Moment>,
}

impl Store {
    /// Begins a session.
    pub async fn create_session(&self, token_hash: &[u8], session: NewSession) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FORGET_EXPIRED).bind(session.created.0).execute(&mut *connection).await?;
                sqlx::query(LOGGED_IN).bind(session.created.0).bind(&session.account).execute(&mut *connection).await?;
                sqlx::query(INSERT)
                    .bind(token_hash)
                    .bind(session.id)
                    .bind(session.account)
                    .bind(i64::from(session.second))
                    .bind(session.agent)
                    .bind(session.created.0)
                    .bind(session.lifetime)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Whose session it is, if it is alive at `now` and the account is not locked.
    pub async fn session(&self, token_hash: &[u8], now: Moment) -> Result<Option<Visitor>, StoreError> {
        let found = sqlx::query(FIND).bind(token_hash).bind(now.0).fetch_optional(&self.readers).await?;
        let Some(row) = found else { return Ok(None) };
        if now.seconds_since(row.moment("extended")?) >= EXTEND_EVERY {
            self.extend(token_hash.to_vec(), now).await?;
        }
        Ok(Some(Visitor {
            account: account::read(&row)?,
            session: row.text("session")?,
            second: row.count("second")? > 0,
            emergency: row.moment_maybe("emergency")?,
        }))
    }

    /// Those of an account that are alive, the last used first; at most 200.
    pub async fn sessions_of(&self, account: &str, now: Moment) -> Result<Vec<SessionRow>, StoreError> {
        let rows = sqlx::query(OF).bind(account).bind(now.0).fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                Ok(SessionRow {
                    id: row.text("id")?,
                    second: row.count("second")? > 0,
                    agent: row.text("agent")?,
                    created: row.moment("created")?,
                    used: row.moment("extended")?,
                })
            })
            .collect()
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

    /// Gives an account a second factor, whose code of `step` was just used in the session.
    pub async fn bind_second(&self, account: &str, session: &str, salt: Vec<u8>, step: i64) -> Result<(), StoreError> {
        let (account, session) = (account.to_owned(), session.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                account::set_second(&mut *connection, &account, Some(salt), step).await?;
                end_of(&mut *connection, &account, &session).await?;
                sqlx::query(SET_SECOND).bind(&session).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends one session of an account; false when there is none.
    pub async fn end_session(&self, id: &str, account: &str) -> Result<bool, StoreError> {
        let (id, account) = (id.to_owned(), account.to_owned());
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(END).bind(id).bind(account).execute(connection).await?.rows_affected() > 0) })
        })
        .await
    }

    /// Ends every session of the account but one (none, if that is empty).
    pub async fn end_sessions_of(&self, account: &str, but: &str) -> Result<(), StoreError> {
        let (account, but) = (account.to_owned(), but.to_owned());
        self.write(move |connection| Box::pin(async move { end_of(connection, &account, &but).await })).await
    }
}

/// Ends every session of an account but one. If that is empty all of them end, and with them its logins to applications.
pub(crate) async fn end_of(connection: &mut SqliteConnection, account: &str, but: &str) -> Result<(), StoreError> {
    sqlx::query(END_OF).bind(account).bind(but).execute(&mut *connection).await?;
    if but.is_empty() {
        sqlx::query(END_ELSEWHERE).bind(account).execute(connection).await?;
    }
    Ok(())
}
