//! Reports of use (使用情况报告): what whoever uses a grant says came of it.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, signed};
use crate::{Store, StoreError};

const ADD: &str = "INSERT INTO share_report (id, lent, since, until, calls, rows, words, account, who, time)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE NOT EXISTS (SELECT 1 FROM share_report WHERE lent = $2 AND until >= $3)";
const OF_GRANT: &str = "SELECT * FROM share_report WHERE lent = $1 ORDER BY time DESC, id DESC LIMIT 100";
const LAST: &str = "SELECT r.lent, MAX(r.until) AS until FROM share_report r JOIN share_grant g ON g.id = r.lent
    WHERE $1 IS NULL OR g.department = $1 GROUP BY lent";
const USED: &str = "SELECT COALESCE(SUM(calls), 0) AS calls, COALESCE(SUM(rows), 0) AS rows FROM share_usage WHERE lent = $1 AND day >= $2 AND day <= $3";

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    pub id: String,
    pub lent: String,
    /// First and last day that it is about.
    pub since: String,
    pub until: String,
    pub calls: u64,
    pub rows: u64,
    pub words: String,
    pub account: String,
    /// Who wrote it, as people call them.
    pub who: String,
    pub time: Moment,
}

impl Store {
    /// Whether it was kept: no two reports are about the same days.
    pub async fn add_report(&self, report: ReportRow) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let add = sqlx::query(ADD)
                    .bind(report.id)
                    .bind(report.lent)
                    .bind(report.since)
                    .bind(report.until)
                    .bind(signed(report.calls))
                    .bind(signed(report.rows))
                    .bind(report.words)
                    .bind(report.account)
                    .bind(report.who)
                    .bind(report.time.0);
                Ok(add.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// Of a grant, the newest first.
    pub async fn reports(&self, lent: &str) -> Result<Vec<ReportRow>, StoreError> {
        sqlx::query(OF_GRANT).bind(lent).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// The last day that was reported of each grant to a department, or of all.
    pub async fn last_reports(&self, department: Option<&str>) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(LAST).bind(department).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.text("lent")?, row.text("until")?))).collect()
    }

    /// Calls and rows of a grant between two days.
    pub async fn used_between(&self, lent: &str, since: &str, until: &str) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(USED).bind(lent).bind(since).bind(until).fetch_one(&self.readers).await?;
        Ok((row.count("calls")?, row.count("rows")?))
    }
}

fn read(row: &SqliteRow) -> Result<ReportRow, StoreError> {
    Ok(ReportRow {
        id: row.text("id")?,
        lent: row.text("lent")?,
        since: row.text("since")?,
        until: row.text("until")?,
        calls: row.count("calls")?,
        rows: row.count("rows")?,
        words: row.text("words")?,
        account: row.text("account")?,
        who: row.text("who")?,
        time: row.moment("time")?,
    })
}
