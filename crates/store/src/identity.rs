//! Accounts as the city's identity provider knows them: each person there is one account here, and each account one person.

use kernel::Moment;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::account::{self, AccountRow, Invitation, NewAccount};
use crate::cells::Cells;
use crate::error::is_taken;
use crate::{Store, StoreError};

const LINK: &str = "INSERT INTO identity (issuer, subject, account, label, linked) VALUES ($1, $2, $3, $4, $5)";
const UNLINK: &str = "DELETE FROM identity WHERE account = $1 AND issuer = $2";
const OF: &str = "SELECT * FROM identity WHERE account = $1 AND issuer = $2";
const WHO: &str = "SELECT a.* FROM identity i JOIN account a ON a.id = i.account WHERE i.issuer = $1 AND i.subject = $2";

/// Who an account is at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    pub issuer: String,
    pub subject: String,
    /// Id of the account.
    pub account: String,
    /// What the provider called the person when it was linked.
    pub label: String,
    pub linked: Moment,
}

impl Store {
    /// `Taken` when the person there is another account's, or the account has one there already.
    pub async fn link_identity(&self, identity: IdentityRow) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(link(connection, identity))).await
    }

    /// Whether there was one.
    pub async fn unlink_identity(&self, account: &str, issuer: &str) -> Result<bool, StoreError> {
        let (account, issuer) = (account.to_owned(), issuer.to_owned());
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(UNLINK).bind(account).bind(issuer).execute(connection).await?.rows_affected() > 0) })).await
    }

    /// Who an account is there.
    pub async fn identity_of(&self, account: &str, issuer: &str) -> Result<Option<IdentityRow>, StoreError> {
        sqlx::query(OF).bind(account).bind(issuer).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Which account a person there is.
    pub async fn account_of_identity(&self, issuer: &str, subject: &str) -> Result<Option<AccountRow>, StoreError> {
        sqlx::query(WHO).bind(issuer).bind(subject).fetch_optional(&self.readers).await?.as_ref().map(account::read).transpose()
    }

    /// Makes an account that is somebody there, and the link with which its person may choose a password: all or nothing.
    pub async fn create_linked(&self, account: NewAccount, identity: IdentityRow, token_hash: &[u8], expires: Moment) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            Box::pin(async move {
                let of = Invitation::Account(account.id.clone());
                account::insert(&mut *connection, account).await?;
                link(&mut *connection, identity).await?;
                account::invite(connection, token_hash, of, expires).await
            })
        })
        .await
    }
}

async fn link(connection: &mut SqliteConnection, identity: IdentityRow) -> Result<(), StoreError> {
    let linked = sqlx::query(LINK)
        .bind(identity.issuer)
        .bind(&identity.subject)
        .bind(identity.account)
        .bind(identity.label)
        .bind(identity.linked.0)
        .execute(connection)
        .await;
    match linked {
        Err(error) if is_taken(&error) => Err(StoreError::Taken(identity.subject)),
        other => Ok(other.map(|_| ())?),
    }
}

fn read(row: &SqliteRow) -> Result<IdentityRow, StoreError> {
    Ok(IdentityRow { issuer: row.text("issuer")?, subject: row.text("subject")?, account: row.text("account")?, label: row.text("label")?, linked: row.moment("linked")? })
}
