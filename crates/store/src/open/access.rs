//! Who has applied for restricted data, who may use it, and how much of it they have read.

use kernel::{Moment, Text};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO open_access (id, dataset, department, account, author, purpose, agreement_zh, agreement_en, signer, state, asked, due)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11
    WHERE NOT EXISTS (SELECT 1 FROM open_access WHERE account = $4 AND dataset = $2 AND (state = 'waiting' OR (state = 'granted' AND until >= $12)))";
const DECIDE: &str = "UPDATE open_access SET state = $1, words = $2, decider = $3, decided = $4, until = $5 WHERE id = $6 AND state = 'waiting'";
const END: &str = "UPDATE open_access SET state = 'ended', words = COALESCE($1, words), ended = $2 WHERE id = $3 AND state IN ('waiting', 'granted')";
const ONE: &str = "SELECT * FROM open_access WHERE id = $1";
const GRANTED: &str = "SELECT * FROM open_access WHERE account = $1 AND dataset = $2 AND state = 'granted' AND until >= $3 ORDER BY until DESC LIMIT 1";
const NEWEST: &str = "SELECT * FROM open_access WHERE account = $1 AND dataset = $2 ORDER BY asked DESC LIMIT 1";
const READ: &str = "INSERT INTO open_access_usage (access, day, calls, rows)
    SELECT id, $2, 1, $3 FROM open_access WHERE id = $1 AND state = 'granted' AND until >= $2
    AND (SELECT COALESCE(SUM(rows), 0) FROM open_access_usage WHERE access = $1 AND day = $2) + $3 <= $4
    ON CONFLICT (access, day) DO UPDATE SET calls = open_access_usage.calls + 1, rows = open_access_usage.rows + excluded.rows";
const BY_DAY: &str = "SELECT day, calls, rows FROM open_access_usage WHERE access = $1 AND day >= $2 ORDER BY day LIMIT 400";

/// An application for restricted data, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    pub id: String,
    pub dataset: String,
    pub department: String,
    /// Id of the account that applied.
    pub account: String,
    pub author: String,
    pub purpose: String,
    /// As it was signed.
    pub agreement: Text,
    pub signer: String,
    pub state: String,
    pub asked: Moment,
    pub due: String,
    pub decided: Option<Moment>,
    pub words: Option<String>,
    /// The last day of use.
    pub until: Option<String>,
    pub ended: Option<Moment>,
}

/// What a department decided.
#[derive(Clone, Debug)]
pub struct AccessDecided {
    pub id: String,
    pub state: &'static str,
    pub words: Option<String>,
    /// Id of the account.
    pub decider: String,
    pub time: Moment,
    pub until: Option<String>,
}

/// Which are wanted; empty: all.
#[derive(Clone, Debug, Default)]
pub struct AccessFilter {
    pub account: Option<String>,
    pub department: Option<String>,
    pub state: Option<String>,
}

/// Use of restricted data on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessUse {
    pub day: String,
    pub calls: u64,
    pub rows: u64,
}

impl Store {
    /// False when the account has one for this dataset that waits, or that it may use; `today` is a day in the city.
    pub async fn add_access(&self, new: AccessRow, today: &str) -> Result<bool, StoreError> {
        let today = today.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let add = sqlx::query(ADD).bind(new.id).bind(new.dataset).bind(new.department).bind(new.account).bind(new.author).bind(new.purpose);
                let add = add.bind(new.agreement.zh).bind(new.agreement.en).bind(new.signer).bind(new.asked.0).bind(new.due).bind(today);
                Ok(add.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// False when it was decided already.
    pub async fn decide_access(&self, done: AccessDecided) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(DECIDE).bind(done.state).bind(done.words).bind(done.decider).bind(done.time.0).bind(done.until).bind(done.id);
                Ok(set.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// False when there is nothing left to end.
    pub async fn end_access(&self, id: &str, words: Option<String>, now: Moment) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(END).bind(words).bind(now.0).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    pub async fn access(&self, id: &str) -> Result<Option<AccessRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// What lets an account read a dataset on a day.
    pub async fn access_granted(&self, account: &str, dataset: &str, today: &str) -> Result<Option<AccessRow>, StoreError> {
        sqlx::query(GRANTED).bind(account).bind(dataset).bind(today).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The newest of an account for a dataset, whatever became of it.
    pub async fn newest_access(&self, account: &str, dataset: &str) -> Result<Option<AccessRow>, StoreError> {
        sqlx::query(NEWEST).bind(account).bind(dataset).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Those that wait first, the oldest of them first; then the newest.
    pub async fn accesses(&self, filter: &AccessFilter, page: u64, size: u64) -> Result<Rows<AccessRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total");
        chosen(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT *");
        chosen(&mut query, filter);
        let (limit, offset) = window(page, size);
        query.push(" ORDER BY state <> 'waiting', CASE WHEN state = 'waiting' THEN asked ELSE -asked END, id LIMIT ");
        query.push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// Notes a reading before its answer is given. False where access has ended, or the day has no room for so many rows.
    pub async fn add_access_read(&self, id: &str, day: &str, rows: u64, most: u64) -> Result<bool, StoreError> {
        let (id, day) = (id.to_owned(), day.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let add = sqlx::query(READ).bind(id).bind(day).bind(signed(rows)).bind(signed(most));
                Ok(add.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// Use by day from a day on; days without are left out.
    pub async fn access_use(&self, id: &str, since: &str) -> Result<Vec<AccessUse>, StoreError> {
        let read = |row: &SqliteRow| Ok(AccessUse { day: row.text("day")?, calls: row.count("calls")?, rows: row.count("rows")? });
        sqlx::query(BY_DAY).bind(id).bind(since).fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}

fn chosen(query: &mut QueryBuilder<Sqlite>, filter: &AccessFilter) {
    query.push(" FROM open_access WHERE TRUE");
    for (column, value) in [("account", &filter.account), ("department", &filter.department), ("state", &filter.state)] {
        if let Some(value) = value {
            query.push(format!(" AND {column} = ")).push_bind(value.clone());
        }
    }
}

fn read(row: &SqliteRow) -> Result<AccessRow, StoreError> {
    Ok(AccessRow {
        id: row.text("id")?,
        dataset: row.text("dataset")?,
        department: row.text("department")?,
        account: row.text("account")?,
        author: row.text("author")?,
        purpose: row.text("purpose")?,
        agreement: Text { zh: row.text("agreement_zh")?, en: row.text("agreement_en")? },
        signer: row.text("signer")?,
        state: row.text("state")?,
        asked: row.moment("asked")?,
        due: row.text("due")?,
        decided: row.moment_maybe("decided")?,
        words: row.text_maybe("words")?,
        until: row.text_maybe("until")?,
        ended: row.moment_maybe("ended")?,
    })
}
