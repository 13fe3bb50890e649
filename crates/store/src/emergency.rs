//! Rights for an emergency: asked for by one person, given by another, over after some hours.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::cells::{Cells, micros, signed};
use crate::{Store, StoreError};

const ASK: &str = "INSERT INTO emergency (id, account, reason, hours, asked) SELECT $1, $2, $3, $4, $5
    WHERE NOT EXISTS (SELECT 1 FROM emergency WHERE account = $2 AND ((decided IS NULL AND asked > $6) OR until > $5))";
const DECIDE: &str = "UPDATE emergency SET decider = $1, decided = $2, until = $3
    WHERE id = $4 AND decided IS NULL AND account <> $1";
const END: &str = "UPDATE emergency SET until = $1 WHERE id = $2 AND until > $1";
const ONE: &str = "SELECT e.*, a.display, a.name, d.display AS decider_display FROM emergency e
    JOIN account a ON a.id = e.account LEFT JOIN account d ON d.id = e.decider WHERE e.id = $1";
const NEWEST: &str = "SELECT e.*, a.display, a.name, d.display AS decider_display FROM emergency e
    JOIN account a ON a.id = e.account LEFT JOIN account d ON d.id = e.decider ORDER BY e.asked DESC, e.id DESC LIMIT 200";
const WAITING: &str = "SELECT COUNT(*) AS total FROM emergency WHERE decided IS NULL AND asked > $1";

/// One request, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyRow {
    pub id: String,
    /// Id of the account that asked.
    pub account: String,
    pub display: String,
    pub name: String,
    pub reason: String,
    pub hours: u64,
    pub asked: Moment,
    /// Who decided, and when.
    pub decider: Option<String>,
    pub decided: Option<Moment>,
    /// Until when it holds, or held; `None` until it is approved, and when it was refused.
    pub until: Option<Moment>,
}

impl Store {
    /// False when the account has one already, or asked for one after `since` that is not decided.
    pub async fn ask_emergency(&self, id: &str, account: &str, reason: &str, hours: u64, now: Moment, since: Moment) -> Result<bool, StoreError> {
        let (id, account, reason) = (id.to_owned(), account.to_owned(), reason.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let ask = sqlx::query(ASK).bind(id).bind(account).bind(reason).bind(signed(hours)).bind(now.0).bind(since.0);
                Ok(ask.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// Approves (`until`) or refuses it. False when it is decided already, or `decider` is who asked.
    pub async fn decide_emergency(&self, id: &str, decider: &str, until: Option<Moment>, now: Moment) -> Result<bool, StoreError> {
        let (id, decider) = (id.to_owned(), decider.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let decide = sqlx::query(DECIDE).bind(decider).bind(now.0).bind(micros(until)).bind(id);
                Ok(decide.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// Ends it before its time. False when it does not hold.
    pub async fn end_emergency(&self, id: &str, now: Moment) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(END).bind(now.0).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    pub async fn emergency(&self, id: &str) -> Result<Option<EmergencyRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The newest first; at most 200.
    pub async fn emergencies(&self) -> Result<Vec<EmergencyRow>, StoreError> {
        sqlx::query(NEWEST).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// How many asked for after `since` wait for a decision.
    pub async fn waiting_emergencies(&self, since: Moment) -> Result<u64, StoreError> {
        sqlx::query(WAITING).bind(since.0).fetch_one(&self.readers).await?.count("total")
    }
}

fn read(row: &SqliteRow) -> Result<EmergencyRow, StoreError> {
    Ok(EmergencyRow {
        id: row.text("id")?,
        account: row.text("account")?,
        display: row.text("display")?,
        name: row.text("name")?,
        reason: row.text("reason")?,
        hours: row.count("hours")?,
        asked: row.moment("asked")?,
        decider: row.text_maybe("decider_display")?,
        decided: row.moment_maybe("decided")?,
        until: row.moment_maybe("until")?,
    })
}
