//! Brings the tables up to this version: numbered files, forward only, all pending ones in one transaction.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};

use crate::StoreError;

/// In order. A file that has been released is never edited; changes come as the next number.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "begin", include_str!("../migrations/sqlite/0001_begin.sql")),
    (2, "drift", include_str!("../migrations/sqlite/0002_drift.sql")),
    (3, "correction", include_str!("../migrations/sqlite/0003_correction.sql")),
    (4, "push", include_str!("../migrations/sqlite/0004_push.sql")),
    (5, "removed", include_str!("../migrations/sqlite/0005_removed.sql")),
    (6, "undo", include_str!("../migrations/sqlite/0006_undo.sql")),
    (7, "quality", include_str!("../migrations/sqlite/0007_quality.sql")),
    (8, "model", include_str!("../migrations/sqlite/0008_model.sql")),
    (10, "clearance", include_str!("../migrations/sqlite/0010_clearance.sql")),
    (11, "edit", include_str!("../migrations/sqlite/0011_edit.sql")),
    (12, "figure", include_str!("../migrations/sqlite/0012_figure.sql")),
    (13, "message", include_str!("../migrations/sqlite/0013_message.sql")),
    (14, "leaf", include_str!("../migrations/sqlite/0014_leaf.sql")),
    (15, "people", include_str!("../migrations/sqlite/0015_people.sql")),
    (16, "share", include_str!("../migrations/sqlite/0016_share.sql")),
    (17, "citizen", include_str!("../migrations/sqlite/0017_citizen.sql")),
    (18, "oidc", include_str!("../migrations/sqlite/0018_oidc.sql")),
    (19, "node", include_str!("../migrations/sqlite/0019_node.sql")),
    (20, "service", include_str!("../migrations/sqlite/0020_service.sql")),
    (22, "open", include_str!("../migrations/sqlite/0022_open.sql")),
    (24, "civic", include_str!("../migrations/sqlite/0024_civic.sql")),
    (23, "ckan", include_str!("../migrations/sqlite/0023_ckan.sql")),
    (26, "harvest", include_str!("../migrations/sqlite/0026_harvest.sql")),
    (27, "app", include_str!("../migrations/sqlite/0027_app.sql")),
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

/// Applies what is pending. Two processes may do this at once: the second waits and then finds nothing to do.
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(TABLE).execute(&mut *transaction).await?;
    let rows = sqlx::query("SELECT number FROM migration").fetch_all(&mut *transaction).await?;
    let done = rows.iter().map(|row| row.try_get("number")).collect::<Result<Vec<i64>, _>>()?;
    let found = done.iter().copied().max().unwrap_or(0);
    let known = MIGRATIONS.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    // By number and not by the greatest one: numbers are given out before the work is done, and may come later.
    for (number, name, sql) in MIGRATIONS.iter().filter(|(number, ..)| !done.contains(number)) {
        sqlx::raw_sql(*sql).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO migration (number, name) VALUES ($1, $2)")
            .bind(*number)
            .bind(*name)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}
