//! Requests for data, and what was done about each.

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use super::grant::{self, GrantRow};
use crate::cells::{Cells, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO share_request (id, resource, provider, department, account, terms, reason, state, due, asked, renews)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const MOVE: &str = "UPDATE share_request SET state = $1, due = $2, lent = COALESCE($3, lent) WHERE id = $4 AND state = $5";
const ONE: &str = "SELECT * FROM share_request WHERE id = $1";
const TELL: &str = "INSERT INTO share_act (request, number, act, who, words, time)
    SELECT $1, COALESCE(MAX(number) + 1, 0), $2, $3, $4, $5 FROM share_act WHERE request = $1";
const ACTS: &str = "SELECT * FROM share_act WHERE request = $1 ORDER BY number";
const STANDING: &str = "SELECT * FROM share_request WHERE department = $1 AND resource = $2 AND state IN ('asked', 'disputed') ORDER BY asked LIMIT 100";
const WAITING: &str = "SELECT COUNT(*) AS total FROM share_request WHERE (state = 'asked' AND provider = $1) OR (state = 'disputed' AND $2)";

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    pub id: String,
    pub resource: String,
    /// The department that answers for the resource.
    pub provider: String,
    /// The department that asks.
    pub department: String,
    /// Id of the account that asked.
    pub account: String,
    /// JSON.
    pub terms: String,
    pub reason: String,
    pub state: String,
    /// The last day on which whoever has to act is not late, `2026-01-31`.
    pub due: String,
    pub asked: Moment,
    /// The grant that it asks to renew.
    pub renews: Option<String>,
    /// The grant that it led to.
    pub lent: Option<String>,
}

/// One thing done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestActRow {
    pub act: String,
    pub who: String,
    pub words: String,
    pub time: Moment,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub struct Settled {
    pub request: String,
    /// The state that it must be in.
    pub from: &'static str,
    pub to: &'static str,
    pub due: String,
    pub told: RequestActRow,
    pub grant: Option<GrantRow>,
}

/// Which requests are wanted; empty: all.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// Those that a department asks with or has to decide about.
    pub concerns: Option<String>,
    pub resource: Option<String>,
    pub state: Option<String>,
}

impl Store {
    /// Writes down a request with what was done about it so far, and the grant that it led to at once.
    pub async fn add_request(&self, request: RequestRow, told: RequestActRow, settled: Option<Settled>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                add(connection, request, told, settled).await
            })
        })
        .await
    }

    /// False when the request is not in the state that it must be in.
    pub async fn settle_request(&self, settled: Settled) -> Result<bool, StoreError> {
        self.write(move |connection| Box::pin(settle(connection, settled))).await
    }

    pub async fn request(&self, id: &str) -> Result<Option<RequestRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The newest first.
    pub async fn requests(&self, filter: &RequestFilter, page: u64, size: u64) -> Result<Rows<RequestRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM share_request WHERE TRUE");
        condition(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT * FROM share_request WHERE TRUE");
        condition(&mut query, filter);
        // Those that somebody has to act on stand first, the most urgent of them before the others.
        query.push(" ORDER BY state IN ('asked', 'disputed') DESC, CASE WHEN state IN ('asked', 'disputed') THEN due ELSE '' END, asked DESC, id DESC");
        let (limit, offset) = window(page, size);
        query.push(" LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// Those of a department for a resource that are not decided.
    pub async fn standing_requests(&self, department: &str, resource: &str) -> Result<Vec<RequestRow>, StoreError> {
        sqlx::query(STANDING).bind(department).bind(resource).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// How many wait for a department's decision, and with `disputes` for the bureau's.
    pub async fn waiting_requests(&self, provider: Option<&str>, disputes: bool) -> Result<u64, StoreError> {
        sqlx::query(WAITING).bind(provider).bind(disputes).fetch_one(&self.readers).await?.count("total")
    }

    /// What was done about a request, in order.
    pub async fn request_acts(&self, id: &str) -> Result<Vec<RequestActRow>, StoreError> {
        let rows = sqlx::query(ACTS).bind(id).fetch_all(&self.readers).await?;
        let read = |row: &SqliteRow| {
            Ok(RequestActRow { act: row.text("act")?, who: row.text("who")?, words: row.text("words")?, time: row.moment("time")? })
        };
        rows.iter().map(read).collect()
    }
}

/// Writes down a request, and what became of it at once.
pub(crate) async fn add(connection: &mut SqliteConnection, request: RequestRow, told: RequestActRow, settled: Option<Settled>) -> Result<(), StoreError> {
    let id = request.id.clone();
    sqlx::query(ADD)
        .bind(request.id)
        .bind(request.resource)
        .bind(request.provider)
        .bind(request.department)
        .bind(request.account)
        .bind(request.terms)
        .bind(request.reason)
        .bind(request.state)
        .bind(request.due)
        .bind(request.asked.0)
        .bind(request.renews)
        .execute(&mut *connection)
        .await?;
    tell(connection, &id, told).await?;
    if let Some(settled) = settled {
        settle(connection, settled).await?;
    }
    Ok(())
}

pub(crate) async fn settle(connection: &mut SqliteConnection, settled: Settled) -> Result<bool, StoreError> {
    let lent = settled.grant.as_ref().map(|grant| grant.id.clone());
    let moved = sqlx::query(MOVE).bind(settled.to).bind(settled.due).bind(lent).bind(&settled.request).bind(settled.from);
    if moved.execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let now = settled.told.time;
    tell(connection, &settled.request, settled.told).await?;
    crate::node::outbox::about_request(connection, &settled.request, now).await?;
    if let Some(grant) = settled.grant {
        grant::add(connection, grant).await?;
    }
    Ok(true)
}

async fn tell(connection: &mut SqliteConnection, request: &str, told: RequestActRow) -> Result<(), StoreError> {
    sqlx::query(TELL).bind(request).bind(told.act).bind(told.who).bind(told.words).bind(told.time.0).execute(connection).await?;
    Ok(())
}

fn condition(query: &mut QueryBuilder<Sqlite>, filter: &RequestFilter) {
    for (column, value) in [("resource", &filter.resource), ("state", &filter.state)] {
        if let Some(value) = value {
            query.push(format!(" AND {column} = ")).push_bind(value.clone());
        }
    }
    if let Some(department) = &filter.concerns {
        query.push(" AND (department = ").push_bind(department.clone()).push(" OR provider = ").push_bind(department.clone()).push(")");
    }
}

fn read(row: &SqliteRow) -> Result<RequestRow, StoreError> {
    Ok(RequestRow {
        id: row.text("id")?,
        resource: row.text("resource")?,
        provider: row.text("provider")?,
        department: row.text("department")?,
        account: row.text("account")?,
        terms: row.text("terms")?,
        reason: row.text("reason")?,
        state: row.text("state")?,
        due: row.text("due")?,
        asked: row.moment("asked")?,
        renews: row.text_maybe("renews")?,
        lent: row.text_maybe("lent")?,
    })
}
