//! Envelopes to neighbours: each is written in the transaction of the act that it tells of, and kept until the neighbour has
//! taken it. A decision about a neighbour's request writes one whoever decides, since this floor sees to it.

use kernel::{Moment, Text};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::link;
use super::request::{self, Word};
use crate::cells::{Cells, signed, window};
use crate::error::is_taken;
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO node_outbox (id, node, kind, subject, time, tries, next) VALUES ($1, $2, $3, $4, $5, 0, $5)";
const REQUEST: &str = "INSERT INTO node_outbox (id, node, kind, subject, time, tries, next)
    SELECT id || '.' || (SELECT COUNT(*) FROM share_act WHERE request = $1), substr(department, 6), 'request.state', id, $2, 0, $2
    FROM share_request WHERE id = $1 AND department LIKE 'node:%'";
const GRANT: &str = "INSERT INTO node_outbox (id, node, kind, subject, time, tries, next)
    SELECT request || '.end', substr(department, 6), 'request.state', request, $2, 0, $2
    FROM share_grant WHERE id = $1 AND department LIKE 'node:%'";
// What waits for its next try holds back whatever happened after it.
const DUE: &str = "SELECT * FROM node_outbox AS o WHERE node = $1 AND taken IS NULL AND next <= $2 AND NOT EXISTS (
    SELECT 1 FROM node_outbox AS b WHERE b.node = $1 AND b.taken IS NULL AND b.next > $2 AND (b.time, b.id) < (o.time, o.id))
    ORDER BY time, id LIMIT $3";
const TAKE: &str = "UPDATE node_outbox SET tries = tries + 1, body = COALESCE(body, $1), next = $2 WHERE id = $3 AND taken IS NULL";
const ONE: &str = "SELECT * FROM node_outbox WHERE id = $1";
const TAKEN: &str = "UPDATE node_outbox SET taken = $1, answer = $2, error_zh = NULL, error_en = NULL WHERE id = $3 AND taken IS NULL";
const FAILED: &str = "UPDATE node_outbox SET error_zh = $1, error_en = $2, next = $3 WHERE id = $4 AND taken IS NULL";
const PAUSE: &str = "UPDATE node_outbox SET next = $1 WHERE node = $2 AND taken IS NULL AND next < $1";
const HURRY: &str = "UPDATE node_outbox SET next = $1 WHERE node = $2 AND taken IS NULL AND next > $1";
const WAITING: &str = "SELECT COUNT(*) AS total FROM node_outbox WHERE node = $1 AND taken IS NULL";
const TOTAL: &str = "SELECT COUNT(*) AS total FROM node_outbox WHERE node = $1";
const NEWEST: &str = "SELECT * FROM node_outbox WHERE node = $1 ORDER BY taken IS NULL DESC, time DESC, id DESC LIMIT $2 OFFSET $3";

/// An envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: String,
    pub node: String,
    /// `request.ask`, `request.withdraw`, `request.dispute`, `request.state`.
    pub kind: String,
    /// The request that it is about.
    pub subject: String,
    pub time: Moment,
    /// As it is sent each time.
    pub body: Option<String>,
    pub tries: u64,
    pub next: Moment,
    pub taken: Option<Moment>,
    /// What the neighbour said.
    pub answer: Option<String>,
    /// Why the last try failed.
    pub error: Option<Text>,
}

impl Store {
    /// What is to be sent to a neighbour by now, in the order in which it happened.
    pub async fn due_envelopes(&self, node: &str, now: Moment, most: u64) -> Result<Vec<OutboxRow>, StoreError> {
        sqlx::query(DUE).bind(node).bind(now.0).bind(signed(most)).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Counts a try before it is made, and keeps what is sent the first time. `None` when it was taken meanwhile.
    pub async fn take_envelope(&self, id: &str, body: &str, until: Moment) -> Result<Option<OutboxRow>, StoreError> {
        let (id, body) = (id.to_owned(), body.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                if sqlx::query(TAKE).bind(body).bind(until.0).bind(&id).execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(None);
                }
                let row = sqlx::query(ONE).bind(&id).fetch_one(connection).await?;
                read(&row).map(Some)
            })
        })
        .await
    }

    /// The neighbour has taken it, with its word on the request that it is about. False when it was taken before.
    pub async fn envelope_taken(&self, envelope: &OutboxRow, answer: &str, word: Option<Word>, now: Moment) -> Result<bool, StoreError> {
        let (id, node, subject, answer) = (envelope.id.clone(), envelope.node.clone(), envelope.subject.clone(), answer.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                if sqlx::query(TAKEN).bind(now.0).bind(answer).bind(id).execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                if let Some(word) = word {
                    request::heard(connection, &node, &subject, &word).await?;
                }
                link::answered(connection, &node, now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// A try failed: it is made again at `next`, and nothing else goes to that neighbour before, so that the order stays.
    pub async fn envelope_failed(&self, envelope: &OutboxRow, error: &Text, next: Moment) -> Result<(), StoreError> {
        let (id, node, error) = (envelope.id.clone(), envelope.node.clone(), error.clone());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FAILED).bind(error.zh).bind(error.en).bind(next.0).bind(id).execute(&mut *connection).await?;
                sqlx::query(PAUSE).bind(next.0).bind(node).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Lets all that waits for a neighbour be tried at once; answers how many would have waited longer.
    pub async fn hurry_envelopes(&self, node: &str, now: Moment) -> Result<u64, StoreError> {
        let node = node.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(HURRY).bind(now.0).bind(node).execute(connection).await?.rows_affected()) })).await
    }

    pub async fn waiting_envelopes(&self, node: &str) -> Result<u64, StoreError> {
        sqlx::query(WAITING).bind(node).fetch_one(&self.readers).await?.count("total")
    }

    /// Those that wait first, then the newest.
    pub async fn envelopes(&self, node: &str, page: u64, size: u64) -> Result<Rows<OutboxRow>, StoreError> {
        let total = sqlx::query(TOTAL).bind(node).fetch_one(&self.readers).await?.count("total")?;
        let (limit, offset) = window(page, size);
        let rows = sqlx::query(NEWEST).bind(node).bind(limit).bind(offset).fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

/// Something happened about a request; where a neighbour asked it, the neighbour is told. In the transaction of what happened.
pub(crate) async fn about_request(connection: &mut SqliteConnection, request: &str, now: Moment) -> Result<(), StoreError> {
    sqlx::query(REQUEST).bind(request).bind(now.0).execute(connection).await?;
    Ok(())
}

/// The same of a grant that was ended.
pub(crate) async fn about_grant(connection: &mut SqliteConnection, grant: &str, now: Moment) -> Result<(), StoreError> {
    sqlx::query(GRANT).bind(grant).bind(now.0).execute(connection).await?;
    Ok(())
}

/// An envelope of an act on what we ask.
pub(super) async fn add(connection: &mut SqliteConnection, id: &str, node: &str, kind: &str, subject: &str, now: Moment) -> Result<(), StoreError> {
    let add = sqlx::query(ADD).bind(id).bind(node).bind(kind).bind(subject).bind(now.0).execute(connection).await;
    add.map(drop).map_err(|error| if is_taken(&error) { StoreError::Taken(id.to_owned()) } else { error.into() })
}

fn read(row: &SqliteRow) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        id: row.text("id")?,
        node: row.text("node")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        time: row.moment("time")?,
        body: row.text_maybe("body")?,
        tries: row.count("tries")?,
        next: row.moment("next")?,
        taken: row.moment_maybe("taken")?,
        answer: row.text_maybe("answer")?,
        error: row.both("error_zh", "error_en")?,
    })
}
