//! Signed requests that were believed: none is believed twice, whatever process it comes to.

use kernel::Moment;

use crate::{Store, StoreError};

const FORGET: &str = "DELETE FROM signed_nonce WHERE until < $1";
const ADD: &str = "INSERT INTO signed_nonce (signer, nonce, until) VALUES ($1, $2, $3) ON CONFLICT (signer, nonce) DO NOTHING";

impl Store {
    /// Notes a nonce until the moment from which its message would be too old anyway. False when it was seen before.
    pub async fn note_nonce(&self, signer: &str, nonce: &str, until: Moment, now: Moment) -> Result<bool, StoreError> {
        let (signer, nonce) = (signer.to_owned(), nonce.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(FORGET).bind(now.0).execute(&mut *connection).await?;
                Ok(sqlx::query(ADD).bind(signer).bind(nonce).bind(until.0).execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }
}
