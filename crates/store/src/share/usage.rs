//! What grants were used for, by day, so that nobody need count their answers.

use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use crate::cells::Cells;
use crate::leaf::NewLeaf;
use crate::{Store, StoreError};

const OF_GRANT: &str = "SELECT * FROM share_usage WHERE lent = $1 AND day >= $2 ORDER BY day, channel";
const ON: &str = "SELECT COALESCE(SUM(calls), 0) AS calls, COALESCE(SUM(rows), 0) AS rows FROM share_usage WHERE lent = $1 AND day = $2";
const REFUSED: &str = "INSERT INTO share_usage (lent, day, channel, calls, rows, refused) VALUES ($1, $2, $3, 0, 0, 1)
    ON CONFLICT (lent, day, channel) DO UPDATE SET refused = share_usage.refused + 1";
/// Grants that are told apart in one answer.
const GRANTS_MAX: i64 = 1_000;
/// Milliseconds by which the speed of answers is told apart.
const STEPS: [u64; 16] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];

/// What grants were used for on a day, by a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageRow {
    pub day: String,
    pub channel: String,
    pub calls: u64,
    pub rows: u64,
    /// Calls that were refused and told in the log.
    pub refused: u64,
    /// Calls of a service that gave no answer.
    pub errors: u64,
}

/// What a grant was used for in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantUse {
    pub lent: String,
    pub resource: String,
    pub provider: String,
    pub department: String,
    /// JSON.
    pub terms: String,
    pub calls: u64,
    pub rows: u64,
    pub refused: u64,
    pub errors: u64,
}

/// Whose grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concern {
    /// To a department, and by it.
    #[default]
    Both,
    /// By it, to others.
    Given,
    /// To it.
    Taken,
}

/// Which use is meant.
#[derive(Clone, Debug, Default)]
pub struct UseFilter {
    /// The department; all when `None`.
    pub department: Option<String>,
    pub concern: Concern,
    pub resource: Option<String>,
    pub grant: Option<String>,
    /// First and last day.
    pub from: String,
    pub to: String,
}

impl Store {
    /// What a grant was used for from a day on, by day and channel.
    pub async fn usage(&self, lent: &str, from: &str) -> Result<Vec<UsageRow>, StoreError> {
        sqlx::query(OF_GRANT).bind(lent).bind(from).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Calls and rows of a grant on a day.
    pub async fn used_on(&self, lent: &str, day: &str) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(ON).bind(lent).bind(day).fetch_one(&self.readers).await?;
        Ok((row.count("calls")?, row.count("rows")?))
    }

    /// Writes down that a call was refused, with its leaf.
    pub async fn add_refusal(&self, leaf: NewLeaf, lent: &str, day: &str, channel: &str) -> Result<(), StoreError> {
        let (lent, day, channel) = (lent.to_owned(), day.to_owned(), channel.to_owned());
        self.logging(leaf)
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query(REFUSED).bind(lent).bind(day).bind(channel).execute(connection).await?;
                    Ok(())
                })
            })
            .await
    }

    /// By day and channel.
    pub async fn use_by_day(&self, filter: &UseFilter) -> Result<Vec<UsageRow>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT u.day AS day, u.channel AS channel, SUM(u.calls) AS calls, SUM(u.rows) AS rows, SUM(u.refused) AS refused, SUM(u.errors) AS errors
             FROM share_usage u JOIN share_grant g ON g.id = u.lent",
        );
        condition(&mut query, filter);
        query.push(" GROUP BY u.day, u.channel ORDER BY u.day, u.channel");
        query.build().fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// By grant, the most used first.
    pub async fn use_by_grant(&self, filter: &UseFilter) -> Result<Vec<GrantUse>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT g.id AS lent, g.resource AS resource, g.provider AS provider, g.department AS department, g.terms AS terms,
             SUM(u.calls) AS calls, SUM(u.rows) AS rows, SUM(u.refused) AS refused, SUM(u.errors) AS errors
             FROM share_usage u JOIN share_grant g ON g.id = u.lent",
        );
        condition(&mut query, filter);
        query.push(" GROUP BY g.id, g.resource, g.provider, g.department, g.terms ORDER BY SUM(u.calls) DESC, g.id LIMIT ").push_bind(GRANTS_MAX);
        let rows = query.build().fetch_all(&self.readers).await?;
        let read = |row: &SqliteRow| {
            Ok(GrantUse {
                lent: row.text("lent")?,
                resource: row.text("resource")?,
                provider: row.text("provider")?,
                department: row.text("department")?,
                terms: row.text("terms")?,
                calls: row.count("calls")?,
                rows: row.count("rows")?,
                refused: row.count("refused")?,
                errors: row.count("errors")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Calls of services by how long they took at least, in milliseconds.
    pub async fn speeds(&self, filter: &UseFilter) -> Result<Vec<(u64, u64)>, StoreError> {
        let mut query = QueryBuilder::new("SELECT u.millis AS millis, SUM(u.calls) AS calls FROM share_speed u JOIN share_grant g ON g.id = u.lent");
        condition(&mut query, filter);
        query.push(" GROUP BY u.millis ORDER BY u.millis");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.count("millis")?, row.count("calls")?))).collect()
    }
}

/// Up to where a step goes.
pub fn upper(millis: u64) -> u64 {
    STEPS.iter().copied().find(|step| *step > millis).unwrap_or(millis)
}

/// The greatest step that is not greater.
pub(super) fn step(millis: u64) -> u64 {
    STEPS.iter().copied().rev().find(|step| *step <= millis).unwrap_or(0)
}

/// Calls and rows of a grant on a day, within a transaction.
pub(super) async fn used_on(connection: &mut SqliteConnection, lent: &str, day: &str) -> Result<(u64, u64), StoreError> {
    let row = sqlx::query(ON).bind(lent.to_owned()).bind(day.to_owned()).fetch_one(connection).await?;
    Ok((row.count("calls")?, row.count("rows")?))
}

fn condition(query: &mut QueryBuilder<Sqlite>, filter: &UseFilter) {
    query.push(" WHERE u.day >= ").push_bind(filter.from.clone()).push(" AND u.day <= ").push_bind(filter.to.clone());
    if let Some(department) = &filter.department {
        let column = |query: &mut QueryBuilder<Sqlite>, column: &str| {
            query.push(format!("g.{column} = ")).push_bind(department.clone());
        };
        query.push(" AND (");
        match filter.concern {
            Concern::Given => column(query, "provider"),
            Concern::Taken => column(query, "department"),
            Concern::Both => {
                column(query, "provider");
                query.push(" OR ");
                column(query, "department");
            }
        }
        query.push(")");
    }
    for (column, value) in [("resource", &filter.resource), ("id", &filter.grant)] {
        if let Some(value) = value {
            query.push(format!(" AND g.{column} = ")).push_bind(value.clone());
        }
    }
}

fn read(row: &SqliteRow) -> Result<UsageRow, StoreError> {
    Ok(UsageRow {
        day: row.text("day")?,
        channel: row.text("channel")?,
        calls: row.count("calls")?,
        rows: row.count("rows")?,
        refused: row.count("refused")?,
        errors: row.count("errors")?,
    })
}
