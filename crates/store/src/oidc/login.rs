//! Logins of people to applications, and what was given for each: a code that is good once, and tokens, known by their hashes.
//! What is taken back is deleted, with everything that was given for it.

use kernel::Moment;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::Cells;
use crate::{Store, StoreError};

const FORGET: &str = "DELETE FROM oidc_login WHERE ends <= $1";
const FORGET_TOKENS: &str = "DELETE FROM oidc_token WHERE expires <= $1";
const BEGIN: &str = "INSERT INTO oidc_login (id, client, account, scopes, nonce, entered, second, ends) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const ADD_CODE: &str = "INSERT INTO oidc_code (digest, login, redirect, challenge, expires) VALUES ($1, $2, $3, $4, $5)";
const CODE: &str = "SELECT c.redirect, c.challenge, c.expires, c.used, l.* FROM oidc_code c JOIN oidc_login l ON l.id = c.login WHERE c.digest = $1";
const USE_CODE: &str = "UPDATE oidc_code SET used = $1 WHERE digest = $2 AND used IS NULL AND expires > $1";
const TOKEN: &str = "SELECT t.kind, t.expires, t.used, l.* FROM oidc_token t JOIN oidc_login l ON l.id = t.login WHERE t.digest = $1";
const USE_TOKEN: &str = "UPDATE oidc_token SET used = $1 WHERE digest = $2 AND used IS NULL AND expires > $1";
const ADD_TOKEN: &str = "INSERT INTO oidc_token (digest, login, kind, expires) VALUES ($1, $2, $3, $4)";
const EXTEND: &str = "UPDATE oidc_login SET ends = MAX(ends, $1) WHERE id = $2";
const END: &str = "DELETE FROM oidc_login WHERE id = $1";

/// A login of somebody to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRow {
    pub id: String,
    pub client: String,
    pub account: String,
    /// `openid profile`.
    pub scopes: String,
    pub nonce: Option<String>,
    /// When the person logged in here.
    pub entered: Moment,
    /// Whether with the second factor.
    pub second: bool,
}

/// A code that an application exchanges for tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// Where it was sent to.
    pub redirect: String,
    /// SHA-256 of the verifier, in base64url.
    pub challenge: String,
    pub expires: Moment,
    pub used: Option<Moment>,
}

/// A token that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// `access`, `refresh`.
    pub kind: String,
    pub expires: Moment,
    pub used: Option<Moment>,
}

/// A token to be given, by its hash.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub digest: String,
    pub kind: &'static str,
    pub expires: Moment,
}

impl Store {
    /// Begins a login, with its code, and forgets those that are over.
    pub async fn begin_login(&self, login: LoginRow, digest: String, code: CodeRow, now: Moment) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FORGET).bind(now.0).execute(&mut *connection).await?;
                sqlx::query(FORGET_TOKENS).bind(now.0).execute(&mut *connection).await?;
                sqlx::query(BEGIN)
                    .bind(&login.id)
                    .bind(login.client)
                    .bind(login.account)
                    .bind(login.scopes)
                    .bind(login.nonce)
                    .bind(login.entered.0)
                    .bind(i64::from(login.second))
                    .bind(code.expires.0)
                    .execute(&mut *connection)
                    .await?;
                sqlx::query(ADD_CODE).bind(digest).bind(login.id).bind(code.redirect).bind(code.challenge).bind(code.expires.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// A code, and the login that it is for.
    pub async fn oidc_code(&self, digest: &str) -> Result<Option<(CodeRow, LoginRow)>, StoreError> {
        let row = sqlx::query(CODE).bind(digest).fetch_optional(&self.readers).await?;
        let code = |row: &SqliteRow| -> Result<CodeRow, StoreError> { Ok(CodeRow { redirect: row.text("redirect")?, challenge: row.text("challenge")?, expires: row.moment("expires")?, used: row.moment_maybe("used")? }) };
        row.as_ref().map(|row| Ok((code(row)?, read(row)?))).transpose()
    }

    /// A token, and the login that it was given for.
    pub async fn oidc_token(&self, digest: &str) -> Result<Option<(TokenRow, LoginRow)>, StoreError> {
        let row = sqlx::query(TOKEN).bind(digest).fetch_optional(&self.readers).await?;
        let token = |row: &SqliteRow| -> Result<TokenRow, StoreError> { Ok(TokenRow { kind: row.text("kind")?, expires: row.moment("expires")?, used: row.moment_maybe("used")? }) };
        row.as_ref().map(|row| Ok((token(row)?, read(row)?))).transpose()
    }

    /// Uses up a code and gives tokens for it; false when it was used, is over, or was taken back.
    pub async fn redeem_code(&self, digest: &str, login: &str, tokens: Vec<NewToken>, now: Moment) -> Result<bool, StoreError> {
        self.exchange(USE_CODE, digest, login, tokens, now).await
    }

    /// Uses up a refresh token and gives others for it; false when it was used, is over, or was taken back.
    pub async fn redeem_token(&self, digest: &str, login: &str, tokens: Vec<NewToken>, now: Moment) -> Result<bool, StoreError> {
        self.exchange(USE_TOKEN, digest, login, tokens, now).await
    }

    async fn exchange(&self, using: &'static str, digest: &str, login: &str, tokens: Vec<NewToken>, now: Moment) -> Result<bool, StoreError> {
        let (digest, login) = (digest.to_owned(), login.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                if sqlx::query(using).bind(now.0).bind(digest).execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                give(connection, &login, tokens).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Takes back all that was given for a login. Whether there was one.
    pub async fn end_login(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(END).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }
}

async fn give(connection: &mut SqliteConnection, login: &str, tokens: Vec<NewToken>) -> Result<(), StoreError> {
    for token in tokens {
        sqlx::query(EXTEND).bind(token.expires.0).bind(login).execute(&mut *connection).await?;
        sqlx::query(ADD_TOKEN).bind(token.digest).bind(login).bind(token.kind).bind(token.expires.0).execute(&mut *connection).await?;
    }
    Ok(())
}

fn read(row: &SqliteRow) -> Result<LoginRow, StoreError> {
    Ok(LoginRow {
        id: row.text("id")?,
        client: row.text("client")?,
        account: row.text("account")?,
        scopes: row.text("scopes")?,
        nonce: row.text_maybe("nonce")?,
        entered: row.moment("entered")?,
        second: row.count("second")? > 0,
    })
}
