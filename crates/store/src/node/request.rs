//! What this city's departments ask of neighbours. The neighbour decides; here stands its last word.

use kernel::{Moment, Text};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use super::outbox;
use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO node_request (id, node, resource, title_zh, title_en, department, account, who, terms, reason, asked, state, number)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued', 0)";
const HEARD: &str = "UPDATE node_request SET state = $1, number = $2, word = $3 WHERE id = $4 AND node = $5 AND number < $2";
const ONE: &str = "SELECT * FROM node_request WHERE id = $1";
const STANDING: &str = "SELECT * FROM node_request WHERE node = $1 AND resource = $2 AND department = $3
    AND state IN ('queued', 'asked', 'disputed', 'granted') ORDER BY asked DESC LIMIT 200";

/// A request to a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRequestRow {
    pub id: String,
    pub node: String,
    pub resource: String,
    pub title: Text,
    /// The department that asks.
    pub department: String,
    pub account: String,
    /// Who asked, by name.
    pub who: String,
    /// JSON: the terms asked for.
    pub terms: String,
    pub reason: String,
    pub asked: Moment,
    pub state: String,
    /// Number of the neighbour's last word; 0 before there is one.
    pub number: u64,
    /// JSON: that word.
    pub word: Option<String>,
}

/// A neighbour's word on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub state: String,
    /// Later words have greater numbers.
    pub number: u64,
    /// JSON.
    pub word: String,
}

impl Store {
    /// Writes down a request with the envelope that takes it there.
    pub async fn ask_neighbour(&self, row: NodeRequestRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(ADD)
                    .bind(&row.id)
                    .bind(&row.node)
                    .bind(row.resource)
                    .bind(row.title.zh)
                    .bind(row.title.en)
                    .bind(row.department)
                    .bind(row.account)
                    .bind(row.who)
                    .bind(row.terms)
                    .bind(row.reason)
                    .bind(row.asked.0)
                    .execute(&mut *connection)
                    .await?;
                outbox::add(connection, &row.id, &row.node, "request.ask", &row.id, row.asked).await
            })
        })
        .await
    }

    /// An act on a request of ours that the neighbour is to know; `body` is what the envelope says.
    pub async fn tell_neighbour(&self, request: &NodeRequestRow, id: &str, kind: &str, body: &str, now: Moment) -> Result<(), StoreError> {
        const BODY: &str = "UPDATE node_outbox SET body = $1 WHERE id = $2";
        let (node, subject) = (request.node.clone(), request.id.clone());
        let (id, kind, body) = (id.to_owned(), kind.to_owned(), body.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                outbox::add(connection, &id, &node, &kind, &subject, now).await?;
                sqlx::query(BODY).bind(body).bind(id).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    pub async fn node_request(&self, id: &str) -> Result<Option<NodeRequestRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Those of a department for a resource that are not at an end.
    pub async fn standing_node_requests(&self, node: &str, resource: &str, department: &str) -> Result<Vec<NodeRequestRow>, StoreError> {
        sqlx::query(STANDING).bind(node).bind(resource).bind(department).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Those to a neighbour (to all when `None`) of a department (of all when `None`), the newest first.
    pub async fn node_requests(&self, node: Option<&str>, department: Option<&str>, page: u64, size: u64) -> Result<Rows<NodeRequestRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM node_request WHERE TRUE");
        narrow(&mut count, node, department);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT * FROM node_request WHERE TRUE");
        narrow(&mut query, node, department);
        let (limit, offset) = window(page, size);
        query.push(" ORDER BY asked DESC, id DESC LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

/// Keeps a neighbour's word, unless a later one is known.
pub(super) async fn heard(connection: &mut SqliteConnection, node: &str, request: &str, word: &Word) -> Result<(), StoreError> {
    let heard = sqlx::query(HEARD).bind(&word.state).bind(signed(word.number)).bind(&word.word).bind(request).bind(node);
    heard.execute(connection).await?;
    Ok(())
}

fn narrow(query: &mut QueryBuilder<Sqlite>, node: Option<&str>, department: Option<&str>) {
    for (column, value) in [("node", node), ("department", department)] {
        if let Some(value) = value {
            query.push(format!(" AND {column} = ")).push_bind(value.to_owned());
        }
    }
}

fn read(row: &SqliteRow) -> Result<NodeRequestRow, StoreError> {
    Ok(NodeRequestRow {
        id: row.text("id")?,
        node: row.text("node")?,
        resource: row.text("resource")?,
        title: Text::new(row.text("title_zh")?, row.text("title_en")?),
        department: row.text("department")?,
        account: row.text("account")?,
        who: row.text("who")?,
        terms: row.text("terms")?,
        reason: row.text("reason")?,
        asked: row.moment("asked")?,
        state: row.text("state")?,
        number: row.count("number")?,
        word: row.text_maybe("word")?,
    })
}
