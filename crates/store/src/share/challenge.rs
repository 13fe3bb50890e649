//! Readings that whoever they were about does not accept, and what they were answered.

use kernel::Moment;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};

use crate::cells::{Cells, signed, window};
use crate::{Rows, Store, StoreError};

const RAISE: &str = "INSERT INTO share_challenge (id, leaf, account, words, asked) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, leaf) DO NOTHING";
const ANSWER: &str = "UPDATE share_challenge SET answer = $1, answered = $2, answerer = $3 WHERE id = $4 AND answered IS NULL";
const BY: &str = "SELECT * FROM share_challenge WHERE account = $1";
const ONE: &str = "SELECT * FROM share_challenge WHERE id = $1";
const OPEN: &str = "SELECT COUNT(*) AS total FROM share_challenge WHERE answered IS NULL";

/// A challenge to a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeRow {
    pub id: String,
    /// The reading's leaf.
    pub leaf: u64,
    /// Id of the account of whom the reading was about.
    pub account: String,
    pub words: String,
    pub asked: Moment,
    pub answer: Option<String>,
    pub answered: Option<Moment>,
    /// Who answered, by id.
    pub answerer: Option<String>,
}

/// Which are wanted.
#[derive(Clone, Debug, Default)]
pub struct ChallengeFilter {
    /// Of readings under grants by this department.
    pub provider: Option<String>,
    /// Those alone that wait for an answer.
    pub open: bool,
}

impl Store {
    /// False when the account has challenged the reading already.
    pub async fn raise_challenge(&self, new: ChallengeRow) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let raise = sqlx::query(RAISE).bind(new.id).bind(signed(new.leaf)).bind(new.account).bind(new.words).bind(new.asked.0);
                Ok(raise.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// False when it is answered already.
    pub async fn answer_challenge(&self, id: &str, answer: &str, answerer: &str, now: Moment) -> Result<bool, StoreError> {
        let (id, answer, answerer) = (id.to_owned(), answer.to_owned(), answerer.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let set = sqlx::query(ANSWER).bind(answer).bind(now.0).bind(answerer).bind(id);
                Ok(set.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    pub async fn challenge(&self, id: &str) -> Result<Option<ChallengeRow>, StoreError> {
        sqlx::query(ONE).bind(id).fetch_optional(&self.readers).await?.as_ref().map(read).transpose()
    }

    /// Those that an account has raised.
    pub async fn challenges_by(&self, account: &str) -> Result<Vec<ChallengeRow>, StoreError> {
        sqlx::query(BY).bind(account).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Those that wait first, the oldest of them before the others.
    pub async fn challenges(&self, filter: &ChallengeFilter, page: u64, size: u64) -> Result<Rows<ChallengeRow>, StoreError> {
        let mut count = chosen("COUNT(*) AS total", filter);
        let total = count.build().fetch_one(&self.readers).await?.count("total")?;
        let mut query = chosen("c.*", filter);
        let (limit, offset) = window(page, size);
        query.push(" ORDER BY c.answered IS NULL DESC, CASE WHEN c.answered IS NULL THEN c.asked ELSE -c.asked END, c.id LIMIT ").push_bind(limit);
        query.push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(read).collect::<Result<_, _>>()?, total })
    }

    /// How many wait for an answer.
    pub async fn open_challenges(&self) -> Result<u64, StoreError> {
        sqlx::query(OPEN).fetch_one(&self.readers).await?.count("total")
    }
}

fn chosen(columns: &str, filter: &ChallengeFilter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(format!("SELECT {columns} FROM share_challenge c JOIN share_read r ON r.leaf = c.leaf JOIN share_grant g ON g.id = r.lent WHERE TRUE"));
    if let Some(provider) = &filter.provider {
        query.push(" AND g.provider = ").push_bind(provider.clone());
    }
    if filter.open {
        query.push(" AND c.answered IS NULL");
    }
    query
}

fn read(row: &SqliteRow) -> Result<ChallengeRow, StoreError> {
    Ok(ChallengeRow {
        id: row.text("id")?,
        leaf: row.count("leaf")?,
        account: row.text("account")?,
        words: row.text("words")?,
        asked: row.moment("asked")?,
        answer: row.text_maybe("answer")?,
        answered: row.moment_maybe("answered")?,
        answerer: row.text_maybe("answerer")?,
    })
}
