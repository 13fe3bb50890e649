//! Differences between deliveries, and the decisions about those that were held: who, when, why.

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};

use crate::cells::{Cells, push_among, window};
use crate::{Rows, Store, StoreError};

const INSERT: &str = "INSERT INTO drift (id, resource, system, run, state, differences, time) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const WITHDRAW: &str = "UPDATE drift SET state = 'withdrawn', decided = $1 WHERE resource = $2 AND state = 'held'";
const USE_UP: &str = "UPDATE drift SET state = 'used' WHERE resource = $1 AND state = 'accepted'";
const DECIDE: &str = "UPDATE drift SET state = $1, decided = $2, decided_by = $3, why = $4, change = $5 WHERE id = $6 AND state = 'held'";
const ONE: &str = "SELECT * FROM drift WHERE id = $1";
const STANDING: &str = "SELECT * FROM drift WHERE resource = $1 AND state IN ('held', 'accepted', 'refused') ORDER BY time DESC, id DESC LIMIT 20";
const HELD: &str = "SELECT COUNT(*) AS total FROM drift WHERE state = 'held'";
const SHAPE: &str = "SELECT json FROM shape WHERE resource = $1";
const PUT_SHAPE: &str = "INSERT INTO shape (resource, run, json, time) VALUES ($1, $2, $3, $4)
    ON CONFLICT (resource) DO UPDATE SET run = excluded.run, json = excluded.json, time = excluded.time";
const VOLUMES: &str = "SELECT source_rows, bytes_total FROM run
    WHERE resource = $1 AND state IN ('done', 'partial') AND source_rows > 0 AND started_by NOT IN ('correction', 'undo') ORDER BY started DESC, id DESC LIMIT 10";

/// The differences of one delivery.
///
/// `told`: landed all the same. `held`: waits for a decision. `accepted`: the next run lets them pass, `used`: it has.
/// `refused`: the delivery is not wanted. `withdrawn`: the source came right, or differs in another way now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftRow {
    pub id: String,
    pub resource: String,
    pub system: String,
    pub run: String,
    pub state: String,
    /// JSON array of differences.
    pub differences: String,
    pub time: Moment,
    pub decided: Option<Moment>,
    /// Name of the officer.
    pub decided_by: Option<String>,
    pub why: Option<String>,
    /// What the decision changed in the declarations, as a diff.
    pub change: Option<String>,
}

/// A decision about a held delivery.
#[derive(Clone, Debug)]
pub struct Decision {
    /// `accepted` or `refused`.
    pub state: &'static str,
    pub time: Moment,
    pub by: String,
    pub why: String,
    pub change: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct DriftFilter {
    pub state: Option<String>,
    pub resource: Option<String>,
    pub run: Option<String>,
    /// Only those of these resources.
    pub among: Option<Vec<String>>,
}

impl Store {
    /// Keeps the differences of a delivery. One that is held takes the place of an older held one of its resource.
    pub async fn add_drift(&self, row: DriftRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                if row.state == "held" {
                    sqlx::query(WITHDRAW).bind(row.time.0).bind(row.resource.clone()).execute(&mut *connection).await?;
                }
                sqlx::query(INSERT)
                    .bind(row.id)
                    .bind(row.resource)
                    .bind(row.system)
                    .bind(row.run)
                    .bind(row.state)
                    .bind(row.differences)
                    .bind(row.time.0)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes that a delivery has landed: what it looked like, that what was accepted has been used,
    /// and that nothing older waits any more.
    pub async fn settle_drift(&self, resource: &str, run: &str, shape: Option<String>, now: Moment) -> Result<(), StoreError> {
        let (resource, run) = (resource.to_owned(), run.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(WITHDRAW).bind(now.0).bind(resource.clone()).execute(&mut *connection).await?;
                sqlx::query(USE_UP).bind(resource.clone()).execute(&mut *connection).await?;
                if let Some(shape) = shape {
                    sqlx::query(PUT_SHAPE).bind(resource).bind(run).bind(shape).bind(now.0).execute(connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Decides about a held delivery; false when it is held no longer.
    pub async fn decide_drift(&self, id: &str, decision: Decision) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let update = sqlx::query(DECIDE)
                    .bind(decision.state)
                    .bind(decision.time.0)
                    .bind(decision.by)
                    .bind(decision.why)
                    .bind(decision.change)
                    .bind(id);
                Ok(update.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    pub async fn drift(&self, id: &str) -> Result<Option<DriftRow>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// What was held, accepted and not used yet, or refused: that by which the next run judges. Newest first.
    pub async fn standing_drift(&self, resource: &str) -> Result<Vec<DriftRow>, StoreError> {
        let rows = sqlx::query(STANDING).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// Deliveries that wait for a decision.
    pub async fn held_deliveries(&self, among: Option<&[String]>) -> Result<u64, StoreError> {
        let mut count = QueryBuilder::new(HELD);
        push_among(&mut count, "resource", among);
        count.build().fetch_one(&self.readers).await?.count("total")
    }

    /// Newest first; `page` is 1-based.
    pub async fn drifts(&self, filter: &DriftFilter, page: u64, size: u64) -> Result<Rows<DriftRow>, StoreError> {
        let (limit, offset) = window(page, size);
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM drift");
        push_filter(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut list = QueryBuilder::new("SELECT * FROM drift");
        push_filter(&mut list, filter);
        list.push(" ORDER BY time DESC, id DESC LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = list.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// JSON of what the last delivery that landed looked like.
    pub async fn shape(&self, resource: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(SHAPE).bind(resource).fetch_optional(&self.readers).await?;
        row.as_ref().map(|row| row.text("json")).transpose()
    }

    /// Rows, and bytes where they were known, of the last deliveries that landed; at most ten, newest first. What staff
    /// corrected is no delivery.
    pub async fn recent_volumes(&self, resource: &str) -> Result<Vec<(u64, Option<u64>)>, StoreError> {
        let rows = sqlx::query(VOLUMES).bind(resource).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.count("source_rows")?, row.count_maybe("bytes_total")?))).collect()
    }
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &DriftFilter) {
    query.push(" WHERE 1 = 1");
    let parts = [(" AND state = ", &filter.state), (" AND resource = ", &filter.resource), (" AND run = ", &filter.run)];
    for (condition, value) in parts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone());
        }
    }
    push_among(query, "resource", filter.among.as_deref());
}

fn read(row: &SqliteRow) -> Result<DriftRow, StoreError> {
    Ok(DriftRow {
        id: row.text("id")?,
        resource: row.text("resource")?,
        system: row.text("system")?,
        run: row.text("run")?,
        state: row.text("state")?,
        differences: row.text("differences")?,
        time: row.moment("time")?,
        decided: row.moment_maybe("decided")?,
        decided_by: row.text_maybe("decided_by")?,
        why: row.text_maybe("why")?,
        change: row.text_maybe("change")?,
    })
}
