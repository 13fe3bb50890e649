//! What was last measured about a resource: the shape of its values, and its first rows. Both are JSON to us.

use kernel::Moment;

use crate::cells::Cells;
use crate::{Store, StoreError};

const PUT: &str = "INSERT INTO profile (resource, kind, json, as_of) VALUES ($1, $2, $3, $4)
    ON CONFLICT (resource, kind) DO UPDATE SET json = excluded.json, as_of = excluded.as_of";
const GET: &str = "SELECT json, as_of FROM profile WHERE resource = $1 AND kind = $2";

const PROFILE: &str = "profile";
const PREVIEW: &str = "preview";

/// A stored JSON text and when it was true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJson {
    pub json: String,
    pub as_of: Moment,
}

impl Store {
    pub async fn put_profile(&self, resource: &str, json: &str, as_of: Moment) -> Result<(), StoreError> {
        self.put_json(resource, PROFILE, json, as_of).await
    }

    pub async fn profile(&self, resource: &str) -> Result<Option<StoredJson>, StoreError> {
        self.json(resource, PROFILE).await
    }

    pub async fn put_preview(&self, resource: &str, json: &str, as_of: Moment) -> Result<(), StoreError> {
        self.put_json(resource, PREVIEW, json, as_of).await
    }

    pub async fn preview(&self, resource: &str) -> Result<Option<StoredJson>, StoreError> {
        self.json(resource, PREVIEW).await
    }

    async fn put_json(&self, resource: &str, kind: &'static str, json: &str, as_of: Moment) -> Result<(), StoreError> {
        let (resource, json) = (resource.to_owned(), json.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(PUT).bind(resource).bind(kind).bind(json).bind(as_of.0).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    async fn json(&self, resource: &str, kind: &'static str) -> Result<Option<StoredJson>, StoreError> {
        let row = sqlx::query(GET).bind(resource).bind(kind).fetch_optional(&self.readers).await?;
        row.map(|row| Ok(StoredJson { json: row.text("json")?, as_of: row.moment("as_of")? })).transpose()
    }
}
