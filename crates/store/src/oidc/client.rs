//! Applications that log people in with us, known by ids and the hashes of their secrets, and what people agreed to.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::Cells;
use crate::{Store, StoreError};

const ADD: &str = "INSERT INTO oidc_client (id, name, secret, redirects, logouts, scopes, created) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ALL: &str = "SELECT * FROM oidc_client ORDER BY revoked IS NOT NULL, created DESC, id LIMIT 1000";
const ONE: &str = "SELECT * FROM oidc_client WHERE id = $1";
const REVOKE: &str = "UPDATE oidc_client SET revoked = $1 WHERE id = $2 AND revoked IS NULL";
const RENEW: &str = "UPDATE oidc_client SET secret = $1 WHERE id = $2 AND revoked IS NULL AND secret IS NOT NULL";
const END_LOGINS: &str = "DELETE FROM oidc_login WHERE client = $1";
const AGREE: &str = "INSERT INTO oidc_consent (account, client, scopes, given) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account, client) DO UPDATE SET scopes = $3, given = $4";
const AGREED: &str = "SELECT scopes FROM oidc_consent WHERE account = $1 AND client = $2";
const AGREEMENTS: &str = "SELECT o.client, c.name, o.scopes, o.given FROM oidc_consent o JOIN oidc_client c ON c.id = o.client
    WHERE o.account = $1 AND c.revoked IS NULL ORDER BY o.given DESC LIMIT 1000";
const TAKE_BACK: &str = "DELETE FROM oidc_consent WHERE account = $1 AND client = $2";
const END_LOGINS_OF: &str = "DELETE FROM oidc_login WHERE account = $1 AND client = $2";

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRow {
    pub id: String,
    pub name: String,
    /// SHA-256 of its secret, in hex; `None` where it can keep none.
    pub secret: Option<String>,
    /// JSON lists of addresses.
    pub redirects: String,
    pub logouts: String,
    /// `openid profile`.
    pub scopes: String,
    pub created: Moment,
    pub revoked: Option<Moment>,
}

/// What somebody agreed to tell an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    pub client: String,
    pub name: String,
    pub scopes: String,
    pub given: Moment,
}

impl Store {
    pub async fn add_client(&self, client: ClientRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(ADD)
                    .bind(client.id)
                    .bind(client.name)
                    .bind(client.secret)
                    .bind(client.redirects)
                    .bind(client.logouts)
                    .bind(client.scopes)
                    .bind(client.created.0)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The living first.
    pub async fn clients(&self) -> Result<Vec<ClientRow>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    pub async fn client(&self, id: &str) -> Result<Option<ClientRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Nobody logs in to it any more, and what it was given ends. Whether it lived.
    pub async fn revoke_client(&self, id: &str, now: Moment) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let lived = sqlx::query(REVOKE).bind(now.0).bind(&id).execute(&mut *connection).await?.rows_affected() > 0;
                sqlx::query(END_LOGINS).bind(id).execute(connection).await?;
                Ok(lived)
            })
        })
        .await
    }

    /// Another secret in place of the one it has. Whether it has one, and lives.
    pub async fn renew_client(&self, id: &str, secret: String) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(RENEW).bind(secret).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    /// Notes what somebody agrees to, in place of what was agreed to before.
    pub async fn agree(&self, account: &str, client: &str, scopes: &str, now: Moment) -> Result<(), StoreError> {
        let (account, client, scopes) = (account.to_owned(), client.to_owned(), scopes.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(AGREE).bind(account).bind(client).bind(scopes).bind(now.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// The scopes that somebody agreed to; empty where it is none.
    pub async fn agreed(&self, account: &str, client: &str) -> Result<String, StoreError> {
        let row = sqlx::query(AGREED).bind(account).bind(client).fetch_optional(&self.readers).await?;
        row.map_or_else(|| Ok(String::new()), |row| row.text("scopes"))
    }

    /// What somebody agreed to, the newest first.
    pub async fn agreements(&self, account: &str) -> Result<Vec<ConsentRow>, StoreError> {
        let rows = sqlx::query(AGREEMENTS).bind(account).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(ConsentRow { client: row.text("client")?, name: row.text("name")?, scopes: row.text("scopes")?, given: row.moment("given")? })).collect()
    }

    /// Nothing is agreed to any more, and what the application was given ends. Whether anything was.
    pub async fn take_back(&self, account: &str, client: &str) -> Result<bool, StoreError> {
        let (account, client) = (account.to_owned(), client.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let was = sqlx::query(TAKE_BACK).bind(&account).bind(&client).execute(&mut *connection).await?.rows_affected() > 0;
                sqlx::query(END_LOGINS_OF).bind(account).bind(client).execute(connection).await?;
                Ok(was)
            })
        })
        .await
    }
}

fn read(row: &SqliteRow) -> Result<ClientRow, StoreError> {
    Ok(ClientRow {
        id: row.text("id")?,
        name: row.text("name")?,
        secret: row.text_maybe("secret")?,
        redirects: row.text("redirects")?,
        logouts: row.text("logouts")?,
        scopes: row.text("scopes")?,
        created: row.moment("created")?,
        revoked: row.moment_maybe("revoked")?,
    })
}
