//! The latest values of figures, and what those without periods were day by day.

use kernel::{Moment, Text};

use crate::cells::Cells;
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO figure_value (figure, cut, sql, rows, as_of, error_zh, error_en) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (figure, cut) DO UPDATE SET sql = excluded.sql, rows = excluded.rows, as_of = excluded.as_of,
        error_zh = excluded.error_zh, error_en = excluded.error_en";
const ALL: &str = "SELECT figure, cut, sql, rows, as_of, error_zh, error_en FROM figure_value WHERE cut = '' ORDER BY figure";
const OF_ONE: &str = "SELECT figure, cut, sql, rows, as_of, error_zh, error_en FROM figure_value WHERE figure = $1 ORDER BY cut";
/// What of a figure is known without reading its values.
const KNOWN: &str = "SELECT figure, cut, sql FROM figure_value";
const DAY: &str = "INSERT INTO figure_day (figure, sql, day, value) VALUES ($1, $2, $3, $4)
    ON CONFLICT (figure, day) DO UPDATE SET sql = excluded.sql, value = excluded.value";
const DAYS: &str = "SELECT day, value FROM figure_day WHERE figure = $1 AND sql = $2 ORDER BY day DESC LIMIT $3";
const FORGET: &str = "DELETE FROM figure_value WHERE figure = $1 AND cut = $2";

/// The values of a figure, as a whole or broken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureRow {
    pub figure: String,
    /// The columns that it is broken down by, joined by `+`; empty for the whole.
    pub cut: String,
    /// The SELECT that gave them: another one makes them void.
    pub sql: String,
    /// JSON array of rows, each an array of cells.
    pub rows: String,
    pub as_of: Moment,
    /// Why it could not be worked out.
    pub error: Option<Text>,
}

impl Store {
    /// Keeps values in place of the older ones. `day`: the day, and what the figure is on it, as JSON.
    pub async fn put_figure(&self, values: FigureRow, day: Option<(String, String)>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let (zh, en) = values.error.map(|error| (error.zh, error.en)).unzip();
                sqlx::query(PUT)
                    .bind(&values.figure)
                    .bind(values.cut)
                    .bind(&values.sql)
                    .bind(values.rows)
                    .bind(values.as_of.0)
                    .bind(zh)
                    .bind(en)
                    .execute(&mut *connection)
                    .await?;
                if let Some((day, value)) = day {
                    sqlx::query(DAY).bind(values.figure).bind(values.sql).bind(day).bind(value).execute(connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Forgets values that are no longer asked for.
    pub async fn forget_figure(&self, figure: String, cut: String) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FORGET).bind(figure).bind(cut).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// All figures as a whole.
    pub async fn figures(&self) -> Result<Vec<FigureRow>, StoreError> {
        let rows = sqlx::query(ALL).fetch_all(&self.readers).await?;
        rows.iter().map(figure).collect()
    }

    /// All that is kept of one figure.
    pub async fn figure(&self, id: &str) -> Result<Vec<FigureRow>, StoreError> {
        let rows = sqlx::query(OF_ONE).bind(id).fetch_all(&self.readers).await?;
        rows.iter().map(figure).collect()
    }

    /// (figure, cut, SELECT) of all that is kept.
    pub async fn figures_known(&self) -> Result<Vec<(String, String, String)>, StoreError> {
        let rows = sqlx::query(KNOWN).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("figure")?, row.text("cut")?, row.text("sql")?))).collect()
    }

    /// (day, value as JSON) of a figure as declared by this SELECT, the newest days first.
    pub async fn figure_days(&self, id: &str, sql: &str, most: u32) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(DAYS).bind(id).bind(sql).bind(i64::from(most)).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("day")?, row.text("value")?))).collect()
    }
}

fn figure(row: &sqlx::sqlite::SqliteRow) -> Result<FigureRow, StoreError> {
    Ok(FigureRow {
        figure: row.text("figure")?,
        cut: row.text("cut")?,
        sql: row.text("sql")?,
        rows: row.text("rows")?,
        as_of: row.moment("as_of")?,
        error: row.both("error_zh", "error_en")?,
    })
}
