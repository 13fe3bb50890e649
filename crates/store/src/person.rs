//! Accounts of citizens and companies: whom one is bound to, as a keyed hash; when that was confirmed.

use kernel::Moment;
use sqlx::sqlite::SqliteRow;

use crate::account::{self, AccountRow, Invitation, NewAccount};
use crate::cells::{Cells, micros, window};
use crate::{Rows, Store, StoreError};

const BOUND: &str = "SELECT * FROM account WHERE person_digest = $1";
const BIND: &str = "UPDATE account SET person = $1, person_digest = $2, person_masked = $3, confirmed = $4 WHERE id = $5";
const CONFIRM: &str = "UPDATE account SET confirmed = $1 WHERE id = $2 AND person IS NOT NULL AND confirmed IS NULL";
const LOOKED: &str = "UPDATE account SET looked = $1 WHERE id = $2 AND (looked IS NULL OR looked <> $1)";
const COUNT: &str = "SELECT COUNT(*) AS total FROM account WHERE person IS NOT NULL";
const ALL: &str = "SELECT * FROM account WHERE person IS NOT NULL ORDER BY (confirmed IS NULL) DESC, created DESC, id DESC LIMIT $1 OFFSET $2";
const WAITING: &str = "SELECT COUNT(*) AS total FROM account WHERE person IS NOT NULL AND confirmed IS NULL AND locked IS NULL";

/// Whom an account is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// `citizen`, `company`.
    pub kind: String,
    /// The keyed hash by which readings are noted.
    pub digest: [u8; 16],
    /// The number as it may be shown.
    pub masked: String,
    /// When a second officer confirmed the identity.
    pub confirmed: Option<Moment>,
}

impl Store {
    /// Makes an account that is bound to somebody, and the link for its person where there is one. False when another is bound
    /// to the same already; `Taken` when another has the name.
    pub async fn create_person(&self, new: NewAccount, person: PersonRow, link: Option<(Vec<u8>, Moment)>) -> Result<bool, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                if sqlx::query(BOUND).bind(person.digest.to_vec()).fetch_optional(&mut *connection).await?.is_some() {
                    return Ok(false);
                }
                let id = new.id.clone();
                account::insert(&mut *connection, new).await?;
                let bind = sqlx::query(BIND).bind(person.kind).bind(person.digest.to_vec()).bind(person.masked).bind(micros(person.confirmed));
                bind.bind(&id).execute(&mut *connection).await?;
                if let Some((token_hash, expires)) = link {
                    account::invite(connection, token_hash, Invitation::Account(id), expires).await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// The account that is bound to somebody.
    pub async fn account_bound_to(&self, digest: [u8; 16]) -> Result<Option<AccountRow>, StoreError> {
        sqlx::query(BOUND).bind(digest.to_vec()).fetch_optional(&self.readers).await?.as_ref().map(account::read).transpose()
    }

    /// False when it is confirmed already, or is a member of staff's.
    pub async fn confirm_person(&self, id: &str, now: Moment) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(CONFIRM).bind(now.0).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    /// Notes that its person looked on a day; false when that is noted already.
    pub async fn note_look(&self, id: &str, day: &str) -> Result<bool, StoreError> {
        let (id, day) = (id.to_owned(), day.to_owned());
        self.write(move |connection| Box::pin(async move { Ok(sqlx::query(LOOKED).bind(day).bind(id).execute(connection).await?.rows_affected() > 0) })).await
    }

    /// Those of citizens and companies: who waits to be confirmed first, then the newest.
    pub async fn people(&self, page: u64, size: u64) -> Result<Rows<AccountRow>, StoreError> {
        let total = sqlx::query(COUNT).fetch_one(&self.readers).await?.count("total")?;
        let (limit, offset) = window(page, size);
        let rows = sqlx::query(ALL).bind(limit).bind(offset).fetch_all(&self.readers).await?;
        Ok(Rows { entries: rows.iter().map(account::read).collect::<Result<_, _>>()?, total })
    }

    /// How many wait to be confirmed.
    pub async fn waiting_people(&self) -> Result<u64, StoreError> {
        sqlx::query(WAITING).fetch_one(&self.readers).await?.count("total")
    }
}

pub(crate) fn read(row: &SqliteRow) -> Result<Option<PersonRow>, StoreError> {
    let Some(kind) = row.text_maybe("person")? else { return Ok(None) };
    let digest = row.bytes("person_digest")?;
    let digest = digest.try_into().map_err(|_| StoreError::Unreadable("person_digest".to_owned()))?;
    Ok(Some(PersonRow { kind, digest, masked: row.text_maybe("person_masked")?.unwrap_or_default(), confirmed: row.moment_maybe("confirmed")? }))
}
