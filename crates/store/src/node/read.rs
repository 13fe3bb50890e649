//! Answers of neighbours, each with its leaf here, its leaf there, and the signature that vouches for it.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, micros, signed};
use crate::leaf::{self, NewLeaf};
use crate::{Store, StoreError};

const ADD: &str = "INSERT INTO node_read (leaf, request, channel, caller, time, theirs, digest, signed, file, bytes, next)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const OF: &str = "SELECT * FROM node_read WHERE request = $1 ORDER BY leaf DESC LIMIT $2";
const ONE: &str = "SELECT * FROM node_read WHERE leaf = $1";

/// A reading from a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReadRow {
    /// Its leaf in our log; given when it is written.
    pub leaf: u64,
    pub request: String,
    pub channel: String,
    pub caller: String,
    pub time: Moment,
    /// Its leaf in the neighbour's log.
    pub theirs: u64,
    /// SHA-256 of the answer, in hex.
    pub digest: String,
    /// JSON: what was signed, and the signature.
    pub signed: String,
    /// Of a file: its name in the data directory, its length, and what the next one goes on from.
    pub file: Option<String>,
    pub bytes: Option<u64>,
    pub next: Option<String>,
}

impl Store {
    /// Writes down a reading with its leaf; answers the leaf's place in the log once both are durable.
    pub async fn add_node_read(&self, leaf: NewLeaf, read: NodeReadRow) -> Result<u64, StoreError> {
        self.can_log()?;
        let added = self.writer.write(move |connection| {
            Box::pin(async move {
                let number = leaf::add_all(&mut *connection, vec![leaf]).await?;
                sqlx::query(ADD)
                    .bind(signed(number))
                    .bind(read.request)
                    .bind(read.channel)
                    .bind(read.caller)
                    .bind(micros(Some(read.time)))
                    .bind(signed(read.theirs))
                    .bind(read.digest)
                    .bind(read.signed)
                    .bind(read.file)
                    .bind(read.bytes.map(signed))
                    .bind(read.next)
                    .execute(connection)
                    .await?;
                Ok(number)
            })
        });
        let number = added.await?;
        self.tell_added();
        Ok(number)
    }

    /// The newest under a request.
    pub async fn node_reads(&self, request: &str, most: u64) -> Result<Vec<NodeReadRow>, StoreError> {
        sqlx::query(OF).bind(request).bind(signed(most)).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    pub async fn node_read(&self, leaf: u64) -> Result<Option<NodeReadRow>, StoreError> {
        sqlx::query(ONE).bind(signed(leaf)).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<NodeReadRow, StoreError> {
    Ok(NodeReadRow {
        leaf: row.count("leaf")?,
        request: row.text("request")?,
        channel: row.text("channel")?,
        caller: row.text("caller")?,
        time: row.moment("time")?,
        theirs: row.count("theirs")?,
        digest: row.text("digest")?,
        signed: row.text("signed")?,
        file: row.text_maybe("file")?,
        bytes: row.count_maybe("bytes")?,
        next: row.text_maybe("next")?,
    })
}
