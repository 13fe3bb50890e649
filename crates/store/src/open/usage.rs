//! How often open data is looked at, called and taken, by day.

use crate::cells::{Cells, signed};
use crate::{Store, StoreError};

const ADD: &str = "INSERT INTO open_usage (dataset, day, views, calls, downloads) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (dataset, day) DO UPDATE SET views = open_usage.views + excluded.views, calls = open_usage.calls + excluded.calls,
        downloads = open_usage.downloads + excluded.downloads";
const TOTALS: &str = "SELECT dataset, SUM(views) AS views, SUM(calls) AS calls, SUM(downloads) AS downloads FROM open_usage GROUP BY dataset";

const BY_DAY: &str = "SELECT day, SUM(views) AS views, SUM(calls) AS calls, SUM(downloads) AS downloads FROM open_usage
    WHERE day >= $1 GROUP BY day ORDER BY day LIMIT 400";

/// Use of one dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    pub views: u64,
    pub calls: u64,
    pub downloads: u64,
}

impl Store {
    /// Adds what was counted on a day.
    pub async fn add_open_usage(&self, day: String, used: Vec<(String, Used)>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                for (dataset, used) in used {
                    let add = sqlx::query(ADD).bind(dataset).bind(&day).bind(signed(used.views)).bind(signed(used.calls));
                    add.bind(signed(used.downloads)).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// All that was ever counted, by dataset.
    pub async fn open_usage(&self) -> Result<Vec<(String, Used)>, StoreError> {
        let rows = sqlx::query(TOTALS).fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok((row.text("dataset")?, Used { views: row.count("views")?, calls: row.count("calls")?, downloads: row.count("downloads")? }))
        };
        rows.iter().map(read).collect()
    }

    /// What was counted on each day from this one on, of all datasets; days without use are left out.
    pub async fn open_usage_by_day(&self, since: &str) -> Result<Vec<(String, Used)>, StoreError> {
        let rows = sqlx::query(BY_DAY).bind(since).fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok((row.text("day")?, Used { views: row.count("views")?, calls: row.count("calls")?, downloads: row.count("downloads")? }))
        };
        rows.iter().map(read).collect()
    }
}
