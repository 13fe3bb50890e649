//! Where changes under grants are posted to, and what is on its way there.

use kernel::{Moment, Text};
use sqlx::sqlite::SqliteRow;

use super::group;
use super::read::NewRead;
use crate::cells::Cells;
use crate::leaf::NewLeaf;
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO share_subscription (lent, url, created, since, tries, next) VALUES ($1, $2, $3, $4, 0, $3)
    ON CONFLICT (lent) DO UPDATE SET url = $2, created = $3, since = $4, body = NULL, upto = NULL, tries = 0, next = $3,
    taken = NULL, error_zh = NULL, error_en = NULL";
const DROP: &str = "DELETE FROM share_subscription WHERE lent = $1";
const ONE: &str = "SELECT * FROM share_subscription WHERE lent = $1";
const DUE: &str = "SELECT * FROM share_subscription WHERE next <= $1 ORDER BY next, lent LIMIT 100";
const PREPARE: &str = "UPDATE share_subscription SET body = $1, upto = $2, tries = 0 WHERE lent = $3 AND body IS NULL";
const TAKEN: &str = "UPDATE share_subscription SET since = upto, body = NULL, upto = NULL, tries = 0, next = $1, taken = $1,
    error_zh = NULL, error_en = NULL WHERE lent = $2 AND upto = $3";
const FAILED: &str = "UPDATE share_subscription SET tries = tries + 1, next = $1, error_zh = $2, error_en = $3 WHERE lent = $4";
const REST: &str = "UPDATE share_subscription SET next = $1 WHERE lent = $2";

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// Id of the grant.
    pub lent: String,
    pub url: String,
    pub created: Moment,
    /// Up to where the receiver has taken the feed: `epoch.number`.
    pub since: String,
    /// What is on its way, and where it leads.
    pub body: Option<String>,
    pub upto: Option<String>,
    /// Tries of it that have failed.
    pub tries: u64,
    pub next: Moment,
    /// When the receiver last took something.
    pub taken: Option<Moment>,
    pub error: Option<Text>,
}

impl Store {
    /// Begins a subscription, or begins it anew.
    pub async fn put_subscription(&self, lent: &str, url: &str, since: &str, now: Moment) -> Result<(), StoreError> {
        let (lent, url, since) = (lent.to_owned(), url.to_owned(), since.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(PUT).bind(lent).bind(url).bind(now.0).bind(since).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Whether there was one.
    pub async fn drop_subscription(&self, lent: &str) -> Result<bool, StoreError> {
        let lent = lent.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(DROP).bind(lent).execute(connection).await?.rows_affected() > 0) })).await
    }

    pub async fn subscription(&self, lent: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        sqlx::query(ONE).bind(lent).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Those to be looked at by now, the longest due first.
    pub async fn due_subscriptions(&self, now: Moment) -> Result<Vec<SubscriptionRow>, StoreError> {
        sqlx::query(DUE).bind(now.0).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Keeps what is to be sent, with the reading and its leaf, before it is sent the first time.
    pub async fn prepare_delivery(&self, leaf: NewLeaf, new: NewRead, body: String, upto: String) -> Result<(), StoreError> {
        self.can_log()?;
        let prepared = self.writer.write(move |connection| {
            Box::pin(async move {
                let lent = new.lent.clone();
                group::write(&mut *connection, vec![(leaf, new)]).await?;
                sqlx::query(PREPARE).bind(body).bind(upto).bind(lent).execute(connection).await?;
                Ok(())
            })
        });
        prepared.await?;
        self.tell_added();
        Ok(())
    }

    /// The receiver has taken what leads to `upto`.
    pub async fn delivery_taken(&self, lent: &str, upto: &str, now: Moment) -> Result<(), StoreError> {
        let (lent, upto) = (lent.to_owned(), upto.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(TAKEN).bind(now.0).bind(lent).bind(upto).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// It was not taken, and is tried again at `next`.
    pub async fn delivery_failed(&self, lent: &str, error: Text, next: Moment) -> Result<(), StoreError> {
        let lent = lent.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FAILED).bind(next.0).bind(error.zh).bind(error.en).bind(lent).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// There is nothing to send; it is looked at again at `next`.
    pub async fn rest_subscription(&self, lent: &str, next: Moment) -> Result<(), StoreError> {
        let lent = lent.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(REST).bind(next.0).bind(lent).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}

fn read(row: &SqliteRow) -> Result<SubscriptionRow, StoreError> {
    Ok(SubscriptionRow {
        lent: row.text("lent")?,
        url: row.text("url")?,
        created: row.moment("created")?,
        since: row.text("since")?,
        body: row.text_maybe("body")?,
        upto: row.text_maybe("upto")?,
        tries: row.count("tries")?,
        next: row.moment("next")?,
        taken: row.moment_maybe("taken")?,
        error: row.both("error_zh", "error_en")?,
    })
}
