//! Members of staff, the one-time link that makes the first of them, and failed logins.

use std::collections::HashMap;

use kernel::Moment;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::Cells;
use crate::error::is_taken;
use crate::{Store, StoreError};

const INSERT: &str = "INSERT INTO account (id, name, folded_name, display, password_hash, created) VALUES ($1, $2, $3, $4, $5, $6)";
const BY_NAME: &str = "SELECT id, name, display, password_hash, created, department, clearance FROM account WHERE folded_name = $1";
const SET_SIGHT: &str = "UPDATE account SET department = $1, clearance = $2 WHERE folded_name = $3";
const NAMES: &str = "SELECT id, display FROM account";
const COUNT: &str = "SELECT COUNT(*) AS total FROM account";

const FORGET_TOKENS: &str = "DELETE FROM setup_token";
const PUT_TOKEN: &str = "INSERT INTO setup_token (token_hash, expires) VALUES ($1, $2)";
const FIND_TOKEN: &str = "SELECT expires FROM setup_token WHERE token_hash = $1 AND expires > $2";

const RECORD_FAILURE: &str = "INSERT INTO login_failure (folded_name, time, attempts) VALUES ($1, $2, 1)
    ON CONFLICT (folded_name, time) DO UPDATE SET attempts = login_failure.attempts + 1";
const FORGET_FAILURES: &str = "DELETE FROM login_failure WHERE time < $1";
const COUNT_FAILURES: &str = "SELECT COALESCE(SUM(attempts), 0) AS total FROM login_failure WHERE folded_name = $1 AND time >= $2";
const CLEAR_FAILURES: &str = "DELETE FROM login_failure WHERE folded_name = $1";

/// Failures older than this no longer matter to anyone.
const FAILURE_KEPT: i64 = 24 * 3_600 * 1_000_000;

/// An account to be made. The name is unique regardless of case.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub id: String,
    pub name: String,
    pub display: String,
    pub password_hash: String,
    pub created: Moment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub id: String,
    pub name: String,
    pub display: String,
    pub password_hash: String,
    pub created: Moment,
    /// Id of the department whose data it sees whole.
    pub department: Option<String>,
    /// The highest grade of other departments' data that it sees whole: `L3`. The city's when `None`.
    pub clearance: Option<String>,
}

impl Store {
    /// `Taken` when another account has the name.
    pub async fn create_account(&self, account: NewAccount) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(insert(connection, account))).await
    }

    pub async fn account_by_name(&self, name: &str) -> Result<Option<AccountRow>, StoreError> {
        let row = sqlx::query(BY_NAME).bind(fold(name)).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// What it sees of graded data. False when there is no such account.
    pub async fn set_sight(&self, name: &str, department: Option<String>, clearance: Option<String>) -> Result<bool, StoreError> {
        let folded = fold(name);
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(SET_SIGHT).bind(department).bind(clearance).bind(folded).execute(connection).await?;
                Ok(set.rows_affected() > 0)
            })
        })
        .await
    }

    /// Names of all accounts, by id.
    pub async fn account_names(&self) -> Result<HashMap<String, String>, StoreError> {
        let rows = sqlx::query(NAMES).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.text("display")?))).collect()
    }

    pub async fn count_accounts(&self) -> Result<u64, StoreError> {
        sqlx::query(COUNT).fetch_one(&self.readers).await?.count("total")
    }

    /// Makes this the one valid set-up token; earlier ones stop working.
    pub async fn put_setup_token(&self, token_hash: &[u8], expires: Moment) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FORGET_TOKENS).execute(&mut *connection).await?;
                sqlx::query(PUT_TOKEN).bind(token_hash).bind(expires.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Uses up the token and makes the first account, both or neither.
    /// False when the token is wrong, used or expired, or an account exists already.
    pub async fn use_setup_token(&self, token_hash: &[u8], account: NewAccount, now: Moment) -> Result<bool, StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                let token = sqlx::query(FIND_TOKEN).bind(token_hash).bind(now.0).fetch_optional(&mut *connection).await?;
                let accounts = sqlx::query(COUNT).fetch_one(&mut *connection).await?.count("total")?;
                if token.is_none() || accounts > 0 {
                    return Ok(false);
                }
                sqlx::query(FORGET_TOKENS).execute(&mut *connection).await?;
                let folded = fold(&account.name);
                insert(&mut *connection, account).await?;
                // Whoever has this link can read the files themselves.
                sqlx::query(SET_SIGHT).bind(None::<String>).bind("L4").bind(folded).execute(connection).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Notes a failed login under `name`, whether or not such an account exists.
    pub async fn record_failure(&self, name: &str, now: Moment) -> Result<(), StoreError> {
        let folded = fold(name);
        self.write(move |connection| {
            Box::pin(async move {
                let forgotten = now.0.saturating_sub(FAILURE_KEPT);
                sqlx::query(FORGET_FAILURES).bind(forgotten).execute(&mut *connection).await?;
                sqlx::query(RECORD_FAILURE).bind(folded).bind(now.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Failed logins under `name` at or after `since`.
    pub async fn failures_since(&self, name: &str, since: Moment) -> Result<u64, StoreError> {
        let row = sqlx::query(COUNT_FAILURES).bind(fold(name)).bind(since.0).fetch_one(&self.readers).await?;
        row.count("total")
    }

    pub async fn clear_failures(&self, name: &str) -> Result<(), StoreError> {
        let folded = fold(name);
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(CLEAR_FAILURES).bind(folded).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}

/// The form in which names are compared: no outer spaces, lower case, at most 200 characters.
fn fold(name: &str) -> String {
    name.trim().to_lowercase().chars().take(200).collect()
}

async fn insert(connection: &mut SqliteConnection, account: NewAccount) -> Result<(), StoreError> {
    let folded = fold(&account.name);
    let inserted = sqlx::query(INSERT)
        .bind(account.id)
        .bind(account.name.clone())
        .bind(folded)
        .bind(account.display)
        .bind(account.password_hash)
        .bind(account.created.0)
        .execute(connection)
        .await;
    match inserted {
        Err(error) if is_taken(&error) => Err(StoreError::Taken(account.name)),
        other => Ok(other.map(|_| ())?),
    }
}

pub(crate) fn read(row: &SqliteRow) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: row.text("id")?,
        name: row.text("name")?,
        display: row.text("display")?,
        password_hash: row.text("password_hash")?,
        created: row.moment("created")?,
        department: row.text_maybe("department")?,
        clearance: row.text_maybe("clearance")?,
    })
}
