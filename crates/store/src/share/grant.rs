//! Grants: what a department may read of another's resource, until when.

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use crate::cells::{Cells, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO share_grant (id, request, resource, provider, department, terms, since, until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const END: &str = "UPDATE share_grant SET ended = $1, ended_by = $2, ended_why = $3 WHERE id = $4 AND ended IS NULL";
const ONE: &str = "SELECT * FROM share_grant WHERE id = $1";
const HOLDING: &str = "SELECT * FROM share_grant WHERE ended IS NULL AND until >= $1 ORDER BY resource, id";

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    pub id: String,
    /// The request that it answers.
    pub request: String,
    pub resource: String,
    pub provider: String,
    /// The department that may read.
    pub department: String,
    /// JSON.
    pub terms: String,
    pub since: Moment,
    /// The last moment at which it holds.
    pub until: Moment,
    /// When it was withdrawn, by whom, and why.
    pub ended: Option<Moment>,
    pub ended_by: Option<String>,
    pub ended_why: Option<String>,
}

impl Store {
    pub async fn grant(&self, id: &str) -> Result<Option<GrantRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Those that hold, by resource.
    pub async fn holding_grants(&self, now: Moment) -> Result<Vec<GrantRow>, StoreError> {
        sqlx::query(HOLDING).bind(now.0).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Those that concern a department (all when `None`), of a resource (of all when `None`); those that hold first.
    pub async fn grants(&self, concerns: Option<&str>, resource: Option<&str>, now: Moment, page: u64, size: u64) -> Result<Rows<GrantRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM share_grant WHERE TRUE");
        condition(&mut count, concerns, resource);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT * FROM share_grant WHERE TRUE");
        condition(&mut query, concerns, resource);
        query.push(" ORDER BY (ended IS NULL AND until >= ").push_bind(now.0).push(") DESC, since DESC, id DESC");
        let (limit, offset) = window(page, size);
        query.push(" LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// Ends it at once. False when it was ended before.
    pub async fn end_grant(&self, id: &str, who: &str, why: &str, now: Moment) -> Result<bool, StoreError> {
        let (id, who, why) = (id.to_owned(), who.to_owned(), why.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let end = sqlx::query(END).bind(now.0).bind(who).bind(why).bind(&id);
                let ended = end.execute(&mut *connection).await?.rows_affected() > 0;
                if ended {
                    crate::node::outbox::about_grant(connection, &id, now).await?;
                }
                Ok(ended)
            })
        })
        .await
    }
}

pub(super) async fn add(connection: &mut SqliteConnection, grant: GrantRow) -> Result<(), StoreError> {
    sqlx::query(ADD)
        .bind(grant.id)
        .bind(grant.request)
        .bind(grant.resource)
        .bind(grant.provider)
        .bind(grant.department)
        .bind(grant.terms)
        .bind(grant.since.0)
        .bind(grant.until.0)
        .execute(connection)
        .await?;
    Ok(())
}

fn condition(query: &mut QueryBuilder<Sqlite>, concerns: Option<&str>, resource: Option<&str>) {
    if let Some(department) = concerns {
        query.push(" AND (department = ").push_bind(department.to_owned()).push(" OR provider = ").push_bind(department.to_owned()).push(")");
    }
    if let Some(resource) = resource {
        query.push(" AND resource = ").push_bind(resource.to_owned());
    }
}

fn read(row: &SqliteRow) -> Result<GrantRow, StoreError> {
    Ok(GrantRow {
        id: row.text("id")?,
        request: row.text("request")?,
        resource: row.text("resource")?,
        provider: row.text("provider")?,
        department: row.text("department")?,
        terms: row.text("terms")?,
        since: row.moment("since")?,
        until: row.moment("until")?,
        ended: row.moment_maybe("ended")?,
        ended_by: row.text_maybe("ended_by")?,
        ended_why: row.text_maybe("ended_why")?,
    })
}
