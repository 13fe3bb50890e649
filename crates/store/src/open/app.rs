//! Registered applications of open data: what they say of themselves, how they were found at night, how often they called.

use kernel::{Moment, Text};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO open_app (id, account, author, name, summary, address, probe, digest, state, registered)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9
    WHERE (SELECT COUNT(*) FROM open_app WHERE account = $2 AND state <> 'ended') < $10";
const CHANGE: &str = "UPDATE open_app SET name = $1, summary = $2, address = $3, probe = $4, state = 'waiting', reason = NULL, checked = NULL, since = NULL,
    fault_zh = NULL, fault_en = NULL WHERE id = $5 AND state <> 'ended'";
const CLEAR: &str = "DELETE FROM open_app_dataset WHERE app = $1";
const USES: &str = "INSERT INTO open_app_dataset (app, dataset, columns) VALUES ($1, $2, $3) ON CONFLICT (app, dataset) DO NOTHING";
const OF_APP: &str = "SELECT dataset, columns FROM open_app_dataset WHERE app = $1 ORDER BY dataset";
const RENEW: &str = "UPDATE open_app SET digest = $1 WHERE id = $2 AND state <> 'ended'";
const MODERATE: &str = "UPDATE open_app SET state = $1, reason = $2, moderator = $3, moderated = $4 WHERE id = $5 AND state <> 'ended' AND state <> $1";
const END: &str = "UPDATE open_app SET state = 'ended' WHERE id = $1 AND state <> 'ended'";
const ONE: &str = "SELECT * FROM open_app WHERE id = $1";
const KEY: &str = "SELECT * FROM open_app WHERE digest = $1 AND state <> 'ended'";
const CALLS: &str = "INSERT INTO open_app_usage (app, day, calls) VALUES ($1, $2, $3)
    ON CONFLICT (app, day) DO UPDATE SET calls = open_app_usage.calls + excluded.calls";
const CALLED: &str = "SELECT COALESCE(SUM(calls), 0) AS calls FROM open_app_usage WHERE app = $1 AND day = $2";
const BY_DAY: &str = "SELECT day, calls FROM open_app_usage WHERE app = $1 AND day >= $2 ORDER BY day LIMIT 400";
const DUE: &str = "SELECT * FROM open_app WHERE state IN ('waiting', 'shown') AND (checked IS NULL OR checked < $1) ORDER BY checked, id LIMIT 100";
const CHECKED: &str = "UPDATE open_app SET since = CASE WHEN checked IS NULL OR (fault_zh IS NULL) <> ($2 IS NULL) THEN $1 ELSE since END,
    checked = $1, fault_zh = $2, fault_en = $3 WHERE id = $4 AND state <> 'ended'";

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRow {
    pub id: String,
    /// Id of the account that registered it.
    pub account: String,
    pub author: String,
    pub name: String,
    pub summary: String,
    pub address: String,
    pub probe: String,
    pub state: String,
    pub registered: Moment,
    pub moderated: Option<Moment>,
    pub reason: Option<String>,
    pub checked: Option<Moment>,
    pub since: Option<Moment>,
    pub fault: Option<Text>,
}

/// What is said of an application by who registers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppTold {
    pub name: String,
    pub summary: String,
    pub address: String,
    pub probe: String,
    /// Datasets, with the columns that it uses of each; commas between them.
    pub uses: Vec<(String, String)>,
}

/// An application that is registered now.
#[derive(Clone, Debug)]
pub struct NewApp {
    pub id: String,
    pub account: String,
    pub author: &'static str,
    pub told: AppTold,
    /// SHA-256 of its key, in hex.
    pub digest: String,
    pub registered: Moment,
    /// Living applications of one account, at most.
    pub most: u64,
}

/// Which are wanted; empty: all.
#[derive(Clone, Debug, Default)]
pub struct AppFilter {
    pub account: Option<String>,
    pub state: Option<String>,
    /// Those that use this dataset.
    pub dataset: Option<String>,
}

impl Store {
    /// False when the account has as many as it may.
    pub async fn add_app(&self, new: NewApp) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let NewApp { id, account, author, told, digest, registered, most } = new;
                let add = sqlx::query(ADD).bind(id.clone()).bind(account).bind(author).bind(told.name).bind(told.summary).bind(told.address);
                let add = add.bind(told.probe).bind(digest).bind(registered.0).bind(signed(most));
                let added = add.execute(&mut *connection).await?.rows_affected() > 0;
                if added {
                    uses(connection, id, told.uses).await?;
                }
                Ok(added)
            })
        })
        .await
    }

    /// Says something else of it; a steward has to look again. False where it was given up.
    pub async fn change_app(&self, id: &str, told: AppTold) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(CHANGE).bind(told.name).bind(told.summary).bind(told.address).bind(told.probe).bind(id.clone());
                let changed = set.execute(&mut *connection).await?.rows_affected() > 0;
                if changed {
                    sqlx::query(CLEAR).bind(id.clone()).execute(&mut *connection).await?;
                    uses(connection, id, told.uses).await?;
                }
                Ok(changed)
            })
        })
        .await
    }

    /// From now on another key is good, and the former is not.
    pub async fn renew_app(&self, id: &str, digest: String) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(RENEW).bind(digest).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    /// False where that was decided already.
    pub async fn moderate_app(&self, id: &str, state: &'static str, reason: Option<String>, moderator: &str, now: Moment) -> Result<bool, StoreError> {
        let (id, moderator) = (id.to_owned(), moderator.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(MODERATE).bind(state).bind(reason).bind(moderator).bind(now.0).bind(id);
                Ok(set.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// Its key opens nothing any more. False where it was so before.
    pub async fn end_app(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(END).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    pub async fn app(&self, id: &str) -> Result<Option<AppRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The living one whose key has this digest.
    pub async fn app_by_key(&self, digest: &str) -> Result<Option<AppRow>, StoreError> {
        sqlx::query(KEY).bind(digest).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The datasets that it uses, with the columns of each.
    pub async fn app_uses(&self, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let read = |row: &SqliteRow| Ok((row.text("dataset")?, row.text("columns")?));
        sqlx::query(OF_APP).bind(id).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// The newest first.
    pub async fn apps(&self, filter: &AppFilter, page: u64, size: u64) -> Result<Rows<AppRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total");
        chosen(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT a.*");
        chosen(&mut query, filter);
        let (limit, offset) = window(page, size);
        query.push(" ORDER BY a.registered DESC, a.id LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// Adds calls that were counted on a day.
    pub async fn add_app_calls(&self, day: String, calls: Vec<(String, u64)>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                for (app, calls) in calls {
                    sqlx::query(CALLS).bind(app).bind(&day).bind(signed(calls)).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Calls of an application on a day.
    pub async fn app_called(&self, id: &str, day: &str) -> Result<u64, StoreError> {
        sqlx::query(CALLED).bind(id).bind(day).fetch_one(&self.readers).await?.count("calls")
    }

    /// Calls by day from a day on; days without are left out.
    pub async fn app_calls(&self, id: &str, since: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let read = |row: &SqliteRow| Ok((row.text("day")?, row.count("calls")?));
        sqlx::query(BY_DAY).bind(id).bind(since).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Living ones that nobody has looked at since then.
    pub async fn apps_to_check(&self, since: Moment) -> Result<Vec<AppRow>, StoreError> {
        sqlx::query(DUE).bind(since.0).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// How it was found.
    pub async fn app_checked(&self, id: &str, fault: Option<Text>, now: Moment) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let (zh, en) = fault.map(|fault| (fault.zh, fault.en)).unzip();
                sqlx::query(CHECKED).bind(now.0).bind(zh).bind(en).bind(id).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}

async fn uses(connection: &mut SqliteConnection, app: String, uses: Vec<(String, String)>) -> Result<(), StoreError> {
    for (dataset, columns) in uses {
        sqlx::query(USES).bind(&app).bind(dataset).bind(columns).execute(&mut *connection).await?;
    }
    Ok(())
}

fn chosen(query: &mut QueryBuilder<Sqlite>, filter: &AppFilter) {
    query.push(" FROM open_app a WHERE TRUE");
    for (column, value) in [("account", &filter.account), ("state", &filter.state)] {
        if let Some(value) = value {
            query.push(format!(" AND a.{column} = ")).push_bind(value.clone());
        }
    }
    if let Some(dataset) = &filter.dataset {
        query.push(" AND EXISTS (SELECT 1 FROM open_app_dataset WHERE app = a.id AND dataset = ").push_bind(dataset.clone()).push(")");
    }
}

fn read(row: &SqliteRow) -> Result<AppRow, StoreError> {
    Ok(AppRow {
        id: row.text("id")?,
        account: row.text("account")?,
        author: row.text("author")?,
        name: row.text("name")?,
        summary: row.text("summary")?,
        address: row.text("address")?,
        probe: row.text("probe")?,
        state: row.text("state")?,
        registered: row.moment("registered")?,
        moderated: row.moment_maybe("moderated")?,
        reason: row.text_maybe("reason")?,
        checked: row.moment_maybe("checked")?,
        since: row.moment_maybe("since")?,
        fault: row.both("fault_zh", "fault_en")?,
    })
}
