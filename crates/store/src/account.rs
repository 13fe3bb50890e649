//! Members of staff: what they may and see, the links with which they choose a password, and failed logins.

use std::collections::HashMap;

use kernel::Moment;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::{Cells, micros};
use crate::error::is_taken;
use crate::session::end_of;
use crate::{Store, StoreError};

const INSERT: &str = "INSERT INTO account (id, name, folded_name, display, password_hash, created, roles, department, clearance)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const ALL: &str = "SELECT * FROM account ORDER BY folded_name";
const BY_NAME: &str = "SELECT * FROM account WHERE folded_name = $1";
const BY_ID: &str = "SELECT * FROM account WHERE id = $1";
const SET_RIGHTS: &str = "UPDATE account SET roles = $1, department = $2, clearance = $3 WHERE id = $4";
const SET_PASSWORD: &str = "UPDATE account SET password_hash = $1 WHERE id = $2";
const SET_LOCKED: &str = "UPDATE account SET locked = $1 WHERE id = $2 AND (locked IS NULL) <> ($1 IS NULL)";
const SET_SECOND: &str = "UPDATE account SET second_salt = $1, second_step = $2 WHERE id = $3";
const USE_STEP: &str = "UPDATE account SET second_step = $1 WHERE id = $2 AND second_step < $1";
const HOLDERS: &str = "SELECT COUNT(*) AS total FROM account WHERE roles = $1 AND locked IS NULL AND password_hash <> ''";
const NAMES: &str = "SELECT id, display FROM account";

const FORGET_INVITATIONS: &str = "DELETE FROM invitation WHERE account = $1 OR role = $2";
const INVITE: &str = "INSERT INTO invitation (token_hash, account, role, expires) VALUES ($1, $2, $3, $4)";
const FIND_INVITATION: &str = "SELECT * FROM invitation WHERE token_hash = $1 AND expires > $2";

const RECORD_FAILURE: &str = "INSERT INTO login_failure (folded_name, time, attempts) VALUES ($1, $2, 1)
    ON CONFLICT (folded_name, time) DO UPDATE SET attempts = login_failure.attempts + 1";
const FORGET_FAILURES: &str = "DELETE FROM login_failure WHERE time < $1";
const COUNT_FAILURES: &str = "SELECT COALESCE(SUM(attempts), 0) AS total FROM login_failure WHERE folded_name = $1 AND time >= $2";
const CLEAR_FAILURES: &str = "DELETE FROM login_failure WHERE folded_name = $1";

/// Failures older than this no longer matter to anyone.
const FAILURE_KEPT: i64 = 24 * 3_600 * 1_000_000;

/// An account to be made. The name is unique regardless of case.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    pub id: String,
    pub name: String,
    pub display: String,
    /// Empty until its person has chosen a password.
    pub password_hash: String,
    pub created: Moment,
    pub rights: Rights,
}

/// What an account may do, and what it sees of graded data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// `steward analyst`, in a fixed order; empty for none.
    pub roles: String,
    /// Id of the department whose data it sees whole.
    pub department: Option<String>,
    /// The highest grade of other departments' data that it sees whole: `L3`. The city's when `None`.
    pub clearance: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub id: String,
    pub name: String,
    pub display: String,
    pub password_hash: String,
    pub created: Moment,
    pub rights: Rights,
    /// Since when it cannot be used.
    pub locked: Option<Moment>,
    /// What the secret of its second factor is derived from, once it has one.
    pub second_salt: Option<Vec<u8>>,
    pub last_login: Option<Moment>,
}

/// What a link to choose a password is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// The account of this id.
    Account(String),
    /// An account with this role, to be made.
    Role(String),
}

impl Store {
    /// `Taken` when another account has the name.
    pub async fn create_account(&self, account: NewAccount) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(insert(connection, account))).await
    }

    /// Makes an account and the link with which its person chooses a password, both or neither.
    pub async fn create_invited(&self, account: NewAccount, token_hash: &[u8], expires: Moment) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                let of = Invitation::Account(account.id.clone());
                insert(&mut *connection, account).await?;
                invite(connection, token_hash, of, expires).await
            })
        })
        .await
    }

    /// By name.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    pub async fn account(&self, id: &str) -> Result<Option<AccountRow>, StoreError> {
        sqlx::query(BY_ID).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    pub async fn account_by_name(&self, name: &str) -> Result<Option<AccountRow>, StoreError> {
        sqlx::query(BY_NAME).bind(fold(name)).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Names of all accounts, by id.
    pub async fn account_names(&self) -> Result<HashMap<String, String>, StoreError> {
        let rows = sqlx::query(NAMES).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.text("display")?))).collect()
    }

    /// How many accounts that can be used have this role and no other.
    pub async fn holders(&self, role: &str) -> Result<u64, StoreError> {
        sqlx::query(HOLDERS).bind(role).fetch_one(&self.readers).await?.count("total")
    }

    /// Sets what an account may, and ends its sessions: they began with other rights. False when it is the last that can be
    /// used with one of the roles in `kept`, and would lose it.
    pub async fn set_rights(&self, id: &str, rights: Rights, kept: &'static [&'static str]) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                if is_last(&mut *connection, &id, kept, Some(&rights.roles)).await? {
                    return Ok(false);
                }
                let set = sqlx::query(SET_RIGHTS).bind(rights.roles).bind(rights.department).bind(rights.clearance).bind(&id);
                set.execute(&mut *connection).await?;
                end_of(connection, &id, "").await?;
                Ok(true)
            })
        })
        .await
    }

    /// Locks an account (`now`) and ends its sessions, or unlocks it (`None`). False when it is so already, or the last with
    /// one of the roles in `kept`.
    pub async fn set_locked(&self, id: &str, since: Option<Moment>, kept: &'static [&'static str]) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                if since.is_some() && is_last(&mut *connection, &id, kept, None).await? {
                    return Ok(false);
                }
                let set = sqlx::query(SET_LOCKED).bind(micros(since)).bind(&id).execute(&mut *connection).await?;
                end_of(connection, &id, "").await?;
                Ok(set.rows_affected() > 0)
            })
        })
        .await
    }

    /// A new password; every session of the account ends.
    pub async fn set_password(&self, id: &str, password_hash: String) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                change_password(connection, &id, password_hash).await
            })
        })
        .await
    }

    /// Takes the second factor away, and ends the account's sessions.
    pub async fn reset_second(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                set_second(&mut *connection, &id, None, 0).await?;
                end_of(connection, &id, "").await?;
                Ok(())
            })
        })
        .await
    }

    /// Uses up the code of a step; false when it, or a later one, was used before.
    pub async fn use_second(&self, id: &str, step: i64) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(USE_STEP).bind(step).bind(&id).execute(connection).await?.rows_affected() > 0) })
        })
        .await
    }

    /// Makes this the one valid link for what it is for; earlier ones stop working.
    pub async fn invite(&self, token_hash: &[u8], of: Invitation, expires: Moment) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| Box::pin(invite(connection, token_hash, of, expires))).await
    }

    /// What a link is for, while it is good.
    pub async fn invitation(&self, token_hash: &[u8], now: Moment) -> Result<Option<Invitation>, StoreError> {
        let row = sqlx::query(FIND_INVITATION).bind(token_hash).bind(now.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_invitation).transpose()
    }

    /// Uses up a link for an account: sets its password. False when the link is wrong, used or expired.
    pub async fn use_invitation(&self, token_hash: &[u8], password_hash: String, now: Moment) -> Result<bool, StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                let row = sqlx::query(FIND_INVITATION).bind(token_hash).bind(now.0).fetch_optional(&mut *connection).await?;
                let Some(Invitation::Account(id)) = row.as_ref().map(read_invitation).transpose()? else { return Ok(false) };
                sqlx::query(FORGET_INVITATIONS).bind(&id).bind(None::<String>).execute(&mut *connection).await?;
                change_password(connection, &id, password_hash).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Uses up a link for a role and makes its first account, both or neither. False when the link is wrong, used or expired,
    /// or is not for the role of the account.
    pub async fn use_role_invitation(&self, token_hash: &[u8], account: NewAccount, now: Moment) -> Result<bool, StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                let row = sqlx::query(FIND_INVITATION).bind(token_hash).bind(now.0).fetch_optional(&mut *connection).await?;
                let of = row.as_ref().map(read_invitation).transpose()?;
                if of != Some(Invitation::Role(account.rights.roles.clone())) {
                    return Ok(false);
                }
                sqlx::query(FORGET_INVITATIONS).bind(None::<String>).bind(&account.rights.roles).execute(&mut *connection).await?;
                insert(connection, account).await?;
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

pub(crate) async fn insert(connection: &mut SqliteConnection, account: NewAccount) -> Result<(), StoreError> {
    let inserted = sqlx::query(INSERT)
        .bind(account.id)
        .bind(account.name.clone())
        .bind(fold(&account.name))
        .bind(account.display)
        .bind(account.password_hash)
        .bind(account.created.0)
        .bind(account.rights.roles)
        .bind(account.rights.department)
        .bind(account.rights.clearance)
        .execute(connection)
        .await;
    match inserted {
        Err(error) if is_taken(&error) => Err(StoreError::Taken(account.name)),
        other => Ok(other.map(|_| ())?),
    }
}

pub(crate) async fn invite(connection: &mut SqliteConnection, token_hash: Vec<u8>, of: Invitation, expires: Moment) -> Result<(), StoreError> {
    let (account, role) = match of {
        Invitation::Account(id) => (Some(id), None),
        Invitation::Role(role) => (None, Some(role)),
    };
    sqlx::query(FORGET_INVITATIONS).bind(&account).bind(&role).execute(&mut *connection).await?;
    sqlx::query(INVITE).bind(token_hash).bind(account).bind(role).bind(expires.0).execute(connection).await?;
    Ok(())
}

async fn change_password(connection: &mut SqliteConnection, id: &str, password_hash: String) -> Result<(), StoreError> {
    sqlx::query(SET_PASSWORD).bind(password_hash).bind(id).execute(&mut *connection).await?;
    end_of(connection, id, "").await
}

pub(crate) async fn set_second(connection: &mut SqliteConnection, id: &str, salt: Option<Vec<u8>>, step: i64) -> Result<(), StoreError> {
    sqlx::query(SET_SECOND).bind(salt).bind(step).bind(id).execute(connection).await?;
    Ok(())
}

/// Whether the account is the only one that can be used with one of these roles, and is to have others (none: to be locked).
async fn is_last(connection: &mut SqliteConnection, id: &str, kept: &[&str], roles: Option<&str>) -> Result<bool, StoreError> {
    let Some(row) = sqlx::query(BY_ID).bind(id).fetch_optional(&mut *connection).await? else { return Ok(false) };
    let account = read(&row)?;
    let (has, usable) = (account.rights.roles, account.locked.is_none() && !account.password_hash.is_empty());
    if !usable || !kept.contains(&has.as_str()) || roles == Some(has.as_str()) {
        return Ok(false);
    }
    Ok(sqlx::query(HOLDERS).bind(has).fetch_one(connection).await?.count("total")? <= 1)
}

pub(crate) fn read(row: &SqliteRow) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: row.text("id")?,
        name: row.text("name")?,
        display: row.text("display")?,
        password_hash: row.text("password_hash")?,
        created: row.moment("created")?,
        rights: Rights { roles: row.text("roles")?, department: row.text_maybe("department")?, clearance: row.text_maybe("clearance")? },
        locked: row.moment_maybe("locked")?,
        second_salt: row.bytes_maybe("second_salt")?,
        last_login: row.moment_maybe("last_login")?,
    })
}

fn read_invitation(row: &SqliteRow) -> Result<Invitation, StoreError> {
    Ok(match row.text_maybe("account")? {
        Some(account) => Invitation::Account(account),
        None => Invitation::Role(row.text("role")?),
    })
}
