//! Envelopes of neighbours: what one brings is done in the transaction that writes it down, so that it is done once however often
//! it comes, and what was answered is answered again.

use kernel::Moment;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::link;
use super::request::{self, Word};
use crate::cells::{Cells, window};
use crate::leaf::Happened;
use crate::share::request as share;
use crate::share::{RequestActRow, RequestRow, Settled};
use crate::{Rows, Store, StoreError};

const ONE: &str = "SELECT * FROM node_inbox WHERE node = $1 AND id = $2";
const ADD: &str = "INSERT INTO node_inbox (node, id, kind, subject, digest, time, answer) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const TOTAL: &str = "SELECT COUNT(*) AS total FROM node_inbox WHERE node = $1";
const NEWEST: &str = "SELECT * FROM node_inbox WHERE node = $1 ORDER BY time DESC, id DESC LIMIT $2 OFFSET $3";

/// An envelope that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    pub node: String,
    pub id: String,
    pub kind: String,
    /// The request that it is about.
    pub subject: String,
    /// SHA-256 of its bytes, in hex.
    pub digest: String,
    pub time: Moment,
    /// What was answered.
    pub answer: String,
}

/// What an envelope brings about.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It was understood, and refused.
    Nothing,
    /// A request of the neighbour's.
    Ask(RequestRow, RequestActRow, Option<Settled>),
    /// The neighbour does something about its request.
    Settle(Settled),
    /// The neighbour's word on a request of ours.
    Word(Word),
}

/// What became of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    Done,
    /// It had been taken before, as this.
    Again(InboxRow),
    /// What it was to change has changed meanwhile.
    Missed,
}

impl Happened for Taken {
    fn happened(&self) -> bool {
        *self == Taken::Done
    }
}

impl Store {
    /// The envelope of that id, where it was taken before.
    pub async fn taken_envelope(&self, node: &str, id: &str) -> Result<Option<InboxRow>, StoreError> {
        sqlx::query(ONE).bind(node).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Takes an envelope with what it brings about, once.
    pub async fn receive_envelope(&self, envelope: InboxRow, effect: Effect) -> Result<Taken, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                if let Some(before) = sqlx::query(ONE).bind(&envelope.node).bind(&envelope.id).fetch_optional(&mut *connection).await? {
                    return read(&before).map(Taken::Again);
                }
                if !apply(connection, &envelope, effect).await? {
                    return Ok(Taken::Missed);
                }
                link::called(connection, &envelope.node, envelope.time).await?;
                let InboxRow { node, id, kind, subject, digest, time, answer } = envelope;
                let add = sqlx::query(ADD).bind(node).bind(id).bind(kind).bind(subject).bind(digest).bind(time.0).bind(answer);
                add.execute(connection).await?;
                Ok(Taken::Done)
            })
        })
        .await
    }

    /// The newest first.
    pub async fn taken_envelopes(&self, node: &str, page: u64, size: u64) -> Result<Rows<InboxRow>, StoreError> {
        let total = sqlx::query(TOTAL).bind(node).fetch_one(&self.readers).await?.count("total")?;
        let (limit, offset) = window(page, size);
        let rows = sqlx::query(NEWEST).bind(node).bind(limit).bind(offset).fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

async fn apply(connection: &mut SqliteConnection, envelope: &InboxRow, effect: Effect) -> Result<bool, StoreError> {
    match effect {
        Effect::Nothing => Ok(true),
        Effect::Ask(row, told, settled) => share::add(connection, row, told, settled).await.map(|()| true),
        Effect::Settle(settled) => share::settle(connection, settled).await,
        // An older word than the one that is known changes nothing, and is taken all the same.
        Effect::Word(word) => request::heard(connection, &envelope.node, &envelope.subject, &word).await.map(|()| true),
    }
}

fn read(row: &SqliteRow) -> Result<InboxRow, StoreError> {
    Ok(InboxRow {
        node: row.text("node")?,
        id: row.text("id")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        digest: row.text("digest")?,
        time: row.moment("time")?,
        answer: row.text("answer")?,
    })
}
