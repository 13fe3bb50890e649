//! What stewards decided about proposed classes and grades: who, when, why, and what it changed.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::Cells;
use crate::{Store, StoreError};

const INSERT: &str = "INSERT INTO grade_decision (id, resource, item, proposed, decided, state, who, why, time, change, path, before, after_base)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const NEWEST: &str = "SELECT * FROM grade_decision ORDER BY time DESC, id DESC LIMIT $1";
const ONE: &str = "SELECT * FROM grade_decision WHERE id = $1";
const REJECTED: &str = "SELECT * FROM grade_decision WHERE state = 'rejected'";
const UNDO: &str = "UPDATE grade_decision SET state = 'undone' WHERE id = $1 AND state <> 'undone'";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GradeDecision {
    pub id: String,
    pub resource: String,
    pub item: String,
    /// `personal L3`
    pub proposed: String,
    pub decided: String,
    /// `confirmed`, `chosen`, `rejected` or `undone`.
    pub state: String,
    pub who: String,
    pub why: String,
    pub time: Moment,
    pub change: Option<String>,
    pub path: Option<String>,
    pub before: Option<String>,
    pub after_base: Option<String>,
}

impl Store {
    pub async fn add_grade_decision(&self, row: GradeDecision) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(INSERT)
                    .bind(row.id)
                    .bind(row.resource)
                    .bind(row.item)
                    .bind(row.proposed)
                    .bind(row.decided)
                    .bind(row.state)
                    .bind(row.who)
                    .bind(row.why)
                    .bind(row.time.0)
                    .bind(row.change)
                    .bind(row.path)
                    .bind(row.before)
                    .bind(row.after_base)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The newest decisions.
    pub async fn grade_decisions(&self, most: u32) -> Result<Vec<GradeDecision>, StoreError> {
        let rows = sqlx::query(NEWEST).bind(i64::from(most)).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// Proposals that stewards do not want to see again.
    pub async fn rejected_grades(&self) -> Result<Vec<GradeDecision>, StoreError> {
        let rows = sqlx::query(REJECTED).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    pub async fn grade_decision(&self, id: &str) -> Result<Option<GradeDecision>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    /// False when it was undone before.
    pub async fn undo_grade_decision(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(UNDO).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }
}

fn read(row: &SqliteRow) -> Result<GradeDecision, StoreError> {
    Ok(GradeDecision {
        id: row.text("id")?,
        resource: row.text("resource")?,
        item: row.text("item")?,
        proposed: row.text("proposed")?,
        decided: row.text("decided")?,
        state: row.text("state")?,
        who: row.text("who")?,
        why: row.text("why")?,
        time: row.moment("time")?,
        change: row.text_maybe("change")?,
        path: row.text_maybe("path")?,
        before: row.text_maybe("before")?,
        after_base: row.text_maybe("after_base")?,
    })
}
