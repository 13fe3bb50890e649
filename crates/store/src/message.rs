//! Messages: what others are told of defects. Each is written in the transaction of the act that it tells of, and kept until
//! whoever is told has acknowledged it.

use kernel::{Moment, Text};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};

use crate::cells::{Cells, window};
use crate::{Rows, Store, StoreError};

const ADD: &str = "INSERT INTO message (id, kind, defect, time, state, tries, next) VALUES ($1, $2, $3, $4, 'waiting', 0, $4)";
const ADD_SERVICE: &str = "INSERT INTO message (id, kind, defect, service, time, state, tries, next) VALUES ($1, $2, '', $3, $4, 'waiting', 0, $4)";
const DUE: &str = "SELECT * FROM message WHERE state = 'waiting' AND next <= $1 ORDER BY next, id LIMIT $2";
const TAKE: &str = "UPDATE message SET tries = tries + 1, body = COALESCE(body, $1), next = $2
    WHERE id = $3 AND state = 'waiting' AND next <= $4";
const BODY: &str = "SELECT body, tries FROM message WHERE id = $1";
const ACKNOWLEDGE: &str = "UPDATE message SET state = 'acknowledged', ended = $1, error_zh = NULL, error_en = NULL
    WHERE id = $2 AND state <> 'acknowledged'";
const FAIL: &str = "UPDATE message SET error_zh = $1, error_en = $2, next = $3 WHERE id = $4 AND state = 'waiting'";
const POSTPONE: &str = "UPDATE message SET next = $1 WHERE state = 'waiting' AND next < $1";
const WAITING_KINDS: &str = "SELECT DISTINCT kind FROM message WHERE state = 'waiting'";
const UNADDRESSED: &str = "UPDATE message SET state = 'unaddressed', ended = $1 WHERE state = 'waiting' AND kind = $2";
const NOW: &str = "UPDATE message SET next = $1 WHERE state = 'waiting' AND next > $1";
const FORGET: &str = "DELETE FROM message WHERE state <> 'waiting' AND ended < $1";
const WAITING: &str = "SELECT COUNT(*) AS total FROM message WHERE state = 'waiting'";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Of the defect and the act, so that it is the same however often it is sent.
    pub id: String,
    /// `defect.opened`, `defect.escalated`.
    pub kind: String,
    /// Empty where it tells of a service.
    pub defect: String,
    /// The system whose service it tells of.
    pub service: Option<String>,
    /// When it happened.
    pub time: Moment,
    /// `waiting`, `acknowledged`, `unaddressed` (the city had declared nobody to be told).
    pub state: String,
    pub tries: u64,
    /// When it is tried again.
    pub next: Moment,
    /// When it was acknowledged, or found to be for nobody.
    pub ended: Option<Moment>,
    /// Why the last try failed.
    pub error: Option<Text>,
}

/// A message that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// As it is sent each time.
    pub body: String,
    /// Tries, this one among them.
    pub tries: u64,
}

impl Store {
    /// Writes down that others are to be told of a service: of the kind `service.away` or `service.back`.
    pub async fn tell_of_service(&self, id: &str, kind: &str, service: &str, time: Moment) -> Result<(), StoreError> {
        let (id, kind, service) = (id.to_owned(), kind.to_owned(), service.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(ADD_SERVICE).bind(id).bind(kind).bind(service).bind(time.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Those to be sent by now, the longest due first.
    pub async fn due_messages(&self, now: Moment, most: i64) -> Result<Vec<MessageRow>, StoreError> {
        let rows = sqlx::query(DUE).bind(now.0).bind(most).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// Counts a try before it is made, and keeps what is sent the first time. Nobody else takes it before `until`. `None` when
    /// somebody was quicker.
    pub async fn take_message(&self, id: &str, body: &str, until: Moment, now: Moment) -> Result<Option<Taken>, StoreError> {
        let (id, body) = (id.to_owned(), body.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let take = sqlx::query(TAKE).bind(body).bind(until.0).bind(&id).bind(now.0);
                if take.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(None);
                }
                let row = sqlx::query(BODY).bind(&id).fetch_one(connection).await?;
                Ok(Some(Taken { body: row.text("body")?, tries: row.count("tries")? }))
            })
        })
        .await
    }

    /// Whoever is told has taken it: it is sent no more.
    pub async fn acknowledge_message(&self, id: &str, now: Moment) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(ACKNOWLEDGE).bind(now.0).bind(id).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// A try failed: it is made again at `next`, and no other message goes out before `pause`.
    pub async fn fail_message(&self, id: &str, error: Text, next: Moment, pause: Moment) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let fail = sqlx::query(FAIL).bind(error.zh).bind(error.en).bind(next.0).bind(id);
                fail.execute(&mut *connection).await?;
                sqlx::query(POSTPONE).bind(pause.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends waiting messages of kinds that nobody is told of; answers how many.
    pub async fn leave_unaddressed(&self, told: &[&str], now: Moment) -> Result<u64, StoreError> {
        let rows = sqlx::query(WAITING_KINDS).fetch_all(&self.readers).await?;
        let kinds = rows.iter().map(|row| row.text("kind")).collect::<Result<Vec<_>, _>>()?;
        let kinds: Vec<String> = kinds.into_iter().filter(|kind| !told.contains(&kind.as_str())).collect();
        if kinds.is_empty() {
            return Ok(0);
        }
        self.write(move |connection| {
            Box::pin(async move {
                let mut ended = 0;
                for kind in kinds {
                    ended += sqlx::query(UNADDRESSED).bind(now.0).bind(kind).execute(&mut *connection).await?.rows_affected();
                }
                Ok(ended)
            })
        })
        .await
    }

    /// Lets all that wait be tried at once; answers how many would have waited longer.
    pub async fn hurry_messages(&self, now: Moment) -> Result<u64, StoreError> {
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(NOW).bind(now.0).execute(connection).await?.rows_affected()) })
        })
        .await
    }

    /// Forgets what ended before that moment; what waits is never forgotten.
    pub async fn forget_messages(&self, before: Moment) -> Result<u64, StoreError> {
        self.write(move |connection| {
            Box::pin(async move { Ok(sqlx::query(FORGET).bind(before.0).execute(connection).await?.rows_affected()) })
        })
        .await
    }

    /// How many are not acknowledged yet.
    pub async fn waiting_messages(&self) -> Result<u64, StoreError> {
        sqlx::query(WAITING).fetch_one(&self.readers).await?.count("total")
    }

    /// The newest first, in one state or in all; `page` is 1-based.
    pub async fn messages(&self, state: Option<&str>, page: u64, size: u64) -> Result<Rows<MessageRow>, StoreError> {
        let (limit, offset) = window(page, size);
        let narrow = |query: &mut QueryBuilder<Sqlite>| {
            if let Some(state) = state {
                query.push(" WHERE state = ").push_bind(state.to_owned());
            }
        };
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total FROM message");
        narrow(&mut count);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut list = QueryBuilder::new("SELECT * FROM message");
        narrow(&mut list);
        list.push(" ORDER BY time DESC, id DESC LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = list.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }
}

/// Writes down that others are to be told of an act on a defect, in the transaction of that act.
pub(crate) async fn add(connection: &mut SqliteConnection, defect: &str, act: &str, time: Moment) -> Result<(), StoreError> {
    let add = sqlx::query(ADD).bind(format!("{defect}.{act}")).bind(format!("defect.{act}")).bind(defect).bind(time.0);
    add.execute(connection).await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<MessageRow, StoreError> {
    Ok(MessageRow {
        id: row.text("id")?,
        kind: row.text("kind")?,
        defect: row.text("defect")?,
        service: row.text_maybe("service")?,
        time: row.moment("time")?,
        state: row.text("state")?,
        tries: row.count("tries")?,
        next: row.moment("next")?,
        ended: row.moment_maybe("ended")?,
        error: row.both("error_zh", "error_en")?,
    })
}
