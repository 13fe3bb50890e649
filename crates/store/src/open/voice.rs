//! What the public says of open data and wishes to be opened, who wants the same, and what they were answered.

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const RAISE: &str = "INSERT INTO open_voice (id, kind, dataset, department, account, author, stars, title, words, purpose, state, asked, due)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, $12
    WHERE (SELECT COUNT(*) FROM open_voice WHERE account = $5 AND asked > $13) < $14";
const SUPPORT: &str = "INSERT INTO open_support (voice, account, time)
    SELECT id, $2, $3 FROM open_voice WHERE id = $1 AND state = 'released' AND account <> $2
    AND (SELECT COUNT(*) FROM open_support WHERE account = $2 AND time > $4) < $5
    ON CONFLICT (voice, account) DO NOTHING";
const MODERATE: &str = "UPDATE open_voice SET state = $1, department = $2, reason = $3, moderator = $4, moderated = $5 WHERE id = $6 AND state = 'waiting'";
const ANSWER: &str = "UPDATE open_voice SET answer = $1, outcome = $2, answerer = $3, answered = $4 WHERE id = $5 AND state = 'released' AND answered IS NULL";
const VOICE: &str = "v.*, (SELECT COUNT(*) FROM open_support WHERE voice = v.id) AS supports, (SELECT COUNT(*) FROM open_support WHERE voice = v.id AND account = ";
const STARS: &str = "SELECT COUNT(stars) AS votes, COALESCE(SUM(stars), 0) AS total FROM open_voice WHERE dataset = $1 AND state = 'released'";
const COUNTS: &str = "SELECT kind, COUNT(*) AS total, COUNT(answered) AS answered FROM open_voice WHERE state = 'released' GROUP BY kind ORDER BY kind";

/// Something that somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceRow {
    pub id: String,
    pub kind: String,
    pub dataset: Option<String>,
    pub department: Option<String>,
    /// Id of the account that said it.
    pub account: String,
    pub author: String,
    pub stars: Option<u64>,
    pub title: String,
    pub words: String,
    pub purpose: String,
    pub state: String,
    pub asked: Moment,
    pub due: String,
    pub moderated: Option<Moment>,
    pub reason: Option<String>,
    pub answer: Option<String>,
    pub outcome: Option<String>,
    pub answered: Option<Moment>,
    /// How many want the same, besides who said it.
    pub supports: u64,
    /// Whether the reader is one of them.
    pub supported: bool,
}

/// No more than so many of one account since then.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    pub since: Moment,
    pub most: u64,
}

/// Which are wanted; empty: all.
#[derive(Clone, Debug, Default)]
pub struct VoiceFilter {
    pub dataset: Option<String>,
    pub account: Option<String>,
    /// Of this department alone.
    pub department: Option<String>,
    pub state: Option<String>,
    /// Wishes alone, or all others.
    pub wishes: Option<bool>,
    /// Those alone that wait for a steward's release, or for an answer that is owed.
    pub open: bool,
}

/// How many of a kind everybody can read, and how many of them are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceCount {
    pub kind: String,
    pub total: u64,
    pub answered: u64,
}

/// What a steward decided.
#[derive(Clone, Debug)]
pub struct Moderated {
    pub id: String,
    pub state: &'static str,
    pub department: Option<String>,
    pub reason: Option<String>,
    /// Id of the account.
    pub moderator: String,
    pub time: Moment,
}

/// What a department answered.
#[derive(Clone, Debug)]
pub struct VoiceAnswered {
    pub id: String,
    pub answer: String,
    pub outcome: Option<String>,
    /// Id of the account.
    pub answerer: String,
    pub time: Moment,
}

impl Store {
    /// False when the account has said too much already.
    pub async fn raise_voice(&self, new: VoiceRow, flood: Flood) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let raise = sqlx::query(RAISE).bind(new.id).bind(new.kind).bind(new.dataset).bind(new.department).bind(new.account).bind(new.author);
                let raise = raise.bind(new.stars.map(signed)).bind(new.title).bind(new.words).bind(new.purpose).bind(new.asked.0).bind(new.due);
                Ok(raise.bind(flood.since.0).bind(signed(flood.most)).execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// False when the account wants it already, said it itself, or has supported too much.
    pub async fn support_voice(&self, id: &str, account: &str, now: Moment, flood: Flood) -> Result<bool, StoreError> {
        let (id, account) = (id.to_owned(), account.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let support = sqlx::query(SUPPORT).bind(id).bind(account).bind(now.0).bind(flood.since.0).bind(signed(flood.most));
                Ok(support.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// False when it was decided about already.
    pub async fn moderate_voice(&self, done: Moderated) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(MODERATE).bind(done.state).bind(done.department).bind(done.reason).bind(done.moderator).bind(done.time.0);
                Ok(set.bind(done.id).execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// False when it is answered already, or not released.
    pub async fn answer_voice(&self, done: VoiceAnswered) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(ANSWER).bind(done.answer).bind(done.outcome).bind(done.answerer).bind(done.time.0).bind(done.id);
                Ok(set.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// One, as an account sees it; nobody's is the empty one.
    pub async fn voice(&self, id: &str, reader: &str) -> Result<Option<VoiceRow>, StoreError> {
        let mut query = QueryBuilder::new("SELECT ");
        query.push(VOICE).push_bind(reader.to_owned()).push(") AS supported FROM open_voice v WHERE v.id = ").push_bind(id.to_owned());
        query.build().fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// The newest first; those that wait, the oldest first.
    pub async fn voices(&self, filter: &VoiceFilter, reader: &str, page: u64, size: u64) -> Result<Rows<VoiceRow>, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total");
        chosen(&mut count, filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = QueryBuilder::new("SELECT ");
        query.push(VOICE).push_bind(reader.to_owned()).push(") AS supported");
        chosen(&mut query, filter);
        let (limit, offset) = window(page, size);
        // What everybody reads is the newest first; what is worked through, the oldest.
        let order = if filter.open { " ORDER BY v.asked, v.id LIMIT " } else { " ORDER BY v.asked DESC, v.id LIMIT " };
        query.push(order).push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// How many wait to be released, or for an answer that is owed.
    pub async fn waiting_voices(&self, filter: &VoiceFilter) -> Result<u64, StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*) AS total");
        chosen(&mut count, filter);
        count.build().fetch_one(&self.readers).await?.count("total")
    }

    /// How many gave stars to a dataset, and how many they gave together.
    pub async fn voice_stars(&self, dataset: &str) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(STARS).bind(dataset).fetch_one(&self.readers).await?;
        Ok((row.count("votes")?, row.count("total")?))
    }

    /// What everybody can read, by kind.
    pub async fn voice_counts(&self) -> Result<Vec<VoiceCount>, StoreError> {
        let read = |row: &SqliteRow| Ok(VoiceCount { kind: row.text("kind")?, total: row.count("total")?, answered: row.count("answered")? });
        sqlx::query(COUNTS).fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}

fn chosen(query: &mut QueryBuilder<Sqlite>, filter: &VoiceFilter) {
    query.push(" FROM open_voice v WHERE TRUE");
    for (column, value) in [("dataset", &filter.dataset), ("account", &filter.account), ("department", &filter.department), ("state", &filter.state)] {
        if let Some(value) = value {
            query.push(format!(" AND v.{column} = ")).push_bind(value.clone());
        }
    }
    if let Some(wishes) = filter.wishes {
        query.push(if wishes { " AND v.kind = 'wish'" } else { " AND v.kind <> 'wish'" });
    }
    if filter.open {
        query.push(" AND (v.state = 'waiting' OR (v.state = 'released' AND v.answered IS NULL AND v.due <> ''))");
    }
}

fn read(row: &SqliteRow) -> Result<VoiceRow, StoreError> {
    Ok(VoiceRow {
        id: row.text("id")?,
        kind: row.text("kind")?,
        dataset: row.text_maybe("dataset")?,
        department: row.text_maybe("department")?,
        account: row.text("account")?,
        author: row.text("author")?,
        stars: row.count_maybe("stars")?,
        title: row.text("title")?,
        words: row.text("words")?,
        purpose: row.text("purpose")?,
        state: row.text("state")?,
        asked: row.moment("asked")?,
        due: row.text("due")?,
        moderated: row.moment_maybe("moderated")?,
        reason: row.text_maybe("reason")?,
        answer: row.text_maybe("answer")?,
        outcome: row.text_maybe("outcome")?,
        answered: row.moment_maybe("answered")?,
        supports: row.count("supports")?,
        supported: row.count("supported")? > 0,
    })
}
