//! Settings that the product keeps for itself, by key.

use crate::cells::Cells;
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const GET: &str = "SELECT value FROM setting WHERE key = $1";

impl Store {
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(PUT).bind(key).bind(value).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(GET).bind(key).fetch_optional(&self.readers).await?;
        row.map(|row| row.text("value")).transpose()
    }
}
