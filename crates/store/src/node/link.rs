//! How the link to each neighbour is, and what the neighbour offers.

use kernel::{Moment, Text};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cells::Cells;
use crate::{Store, StoreError};

const ALL: &str = "SELECT * FROM node_link ORDER BY node";
const OFFER: &str = "INSERT INTO node_link (node, offer, offered, answered, tried) VALUES ($1, $2, $3, $3, $3)
    ON CONFLICT (node) DO UPDATE SET offer = $2, offered = $3, answered = $3, tried = $3, error_zh = NULL, error_en = NULL";
const ANSWERED: &str = "INSERT INTO node_link (node, answered, tried) VALUES ($1, $2, $2)
    ON CONFLICT (node) DO UPDATE SET answered = $2, tried = $2, error_zh = NULL, error_en = NULL";
const FAILED: &str = "INSERT INTO node_link (node, tried, error_zh, error_en) VALUES ($1, $2, $3, $4)
    ON CONFLICT (node) DO UPDATE SET tried = $2, error_zh = $3, error_en = $4";
const CALLED: &str = "INSERT INTO node_link (node, called) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET called = $2";

/// A link. What has not happened yet is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkRow {
    pub node: String,
    /// JSON, as the neighbour said it, and when.
    pub offer: Option<String>,
    pub offered: Option<Moment>,
    /// When it last answered, when it last called, when it was last tried.
    pub answered: Option<Moment>,
    pub called: Option<Moment>,
    pub tried: Option<Moment>,
    /// Why the last try failed.
    pub error: Option<Text>,
}

impl Store {
    pub async fn node_links(&self) -> Result<Vec<LinkRow>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// The neighbour has told what it offers.
    pub async fn keep_offer(&self, node: &str, offer: &str, now: Moment) -> Result<(), StoreError> {
        let (node, offer) = (node.to_owned(), offer.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(OFFER).bind(node).bind(offer).bind(now.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// It could not be reached, or what it said could not be believed.
    pub async fn link_failed(&self, node: &str, error: &Text, now: Moment) -> Result<(), StoreError> {
        let (node, error) = (node.to_owned(), error.clone());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FAILED).bind(node).bind(now.0).bind(error.zh).bind(error.en).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}

/// It has answered, in the transaction of what it answered.
pub(super) async fn answered(connection: &mut SqliteConnection, node: &str, now: Moment) -> Result<(), StoreError> {
    sqlx::query(ANSWERED).bind(node).bind(now.0).execute(connection).await?;
    Ok(())
}

/// It has called, in the transaction of what it brought.
pub(super) async fn called(connection: &mut SqliteConnection, node: &str, now: Moment) -> Result<(), StoreError> {
    sqlx::query(CALLED).bind(node).bind(now.0).execute(connection).await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<LinkRow, StoreError> {
    Ok(LinkRow {
        node: row.text("node")?,
        offer: row.text_maybe("offer")?,
        offered: row.moment_maybe("offered")?,
        answered: row.moment_maybe("answered")?,
        called: row.moment_maybe("called")?,
        tried: row.moment_maybe("tried")?,
        error: row.both("error_zh", "error_en")?,
    })
}
