//! The latest results of the panels of boards.

use kernel::{Moment, Text};

use crate::cells::Cells;
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO panel (board, panel, sql, columns, rows, as_of, error_zh, error_en)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (board, panel) DO UPDATE SET sql = excluded.sql, columns = excluded.columns, rows = excluded.rows,
        as_of = excluded.as_of, error_zh = excluded.error_zh, error_en = excluded.error_en";
const OF_BOARD: &str = "SELECT board, panel, sql, columns, rows, as_of, error_zh, error_en FROM panel WHERE board = $1 ORDER BY panel";

/// One panel's latest result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelRow {
    pub board: String,
    pub panel: String,
    /// The SELECT that gave this result: another one makes it void.
    pub sql: String,
    /// JSON array of column names.
    pub columns: String,
    /// JSON array of rows, each an array of cells.
    pub rows: String,
    pub as_of: Moment,
    /// Why it could not be computed.
    pub error: Option<Text>,
}

impl Store {
    /// Keeps a result in place of the panel's older one.
    pub async fn put_panel(&self, panel: PanelRow) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let (zh, en) = panel.error.map(|error| (error.zh, error.en)).unzip();
                sqlx::query(PUT)
                    .bind(panel.board)
                    .bind(panel.panel)
                    .bind(panel.sql)
                    .bind(panel.columns)
                    .bind(panel.rows)
                    .bind(panel.as_of.0)
                    .bind(zh)
                    .bind(en)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// All results of a board, by panel id.
    pub async fn panels(&self, board: &str) -> Result<Vec<PanelRow>, StoreError> {
        let rows = sqlx::query(OF_BOARD).bind(board).fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                Ok(PanelRow {
                    board: row.text("board")?,
                    panel: row.text("panel")?,
                    sql: row.text("sql")?,
                    columns: row.text("columns")?,
                    rows: row.text("rows")?,
                    as_of: row.moment("as_of")?,
                    error: row.both("error_zh", "error_en")?,
                })
            })
            .collect()
    }
}
