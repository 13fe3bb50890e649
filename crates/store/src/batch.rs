//! The batches of the raw layer: which run brought each, and when. An aid to finding: raw itself tells the same.

use kernel::Moment;

use crate::cells::{Cells, signed};
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO batch (resource, seq, run, rows, time) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (resource, seq) DO NOTHING";
const ALL: &str = "SELECT seq, run, rows, time FROM batch WHERE resource = $1 ORDER BY seq";

/// One batch of the raw layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    pub seq: i64,
    pub run: String,
    pub rows: u64,
    pub time: Moment,
}

impl Store {
    /// Notes batches of a resource; those that are known already stay as they are.
    pub async fn add_batches(&self, resource: &str, batches: Vec<BatchRow>) -> Result<(), StoreError> {
        let resource = resource.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                for batch in batches {
                    sqlx::query(PUT)
                        .bind(resource.clone())
                        .bind(batch.seq)
                        .bind(batch.run)
                        .bind(signed(batch.rows))
                        .bind(batch.time.0)
                        .execute(&mut *connection)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// The batches of a resource, in order.
    pub async fn batches(&self, resource: &str) -> Result<Vec<BatchRow>, StoreError> {
        let rows = sqlx::query(ALL).bind(resource).fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| -> Result<BatchRow, StoreError> {
            let seq = i64::try_from(row.count("seq")?).unwrap_or(i64::MAX);
            Ok(BatchRow { seq, run: row.text("run")?, rows: row.count("rows")?, time: row.moment("time")? })
        };
        rows.iter().map(read).collect()
    }
}
