//! After a run that changed something: the shape of the values and the first rows, kept for pages.

use futures::TryStreamExt;

use crate::history::texts;
use crate::port::TableName;
use crate::view::Profile;
use crate::{Answer, Desk, internal};

const PREVIEW_ROWS: usize = 50;

impl Desk {
    pub(crate) async fn refresh_profile(&self, resource: &str) -> Answer<()> {
        let city = self.city();
        let Some(resource) = city.resources.get(resource) else { return Ok(()) };
        let columns: Vec<String> = resource.items.iter().map(|item| item.name.clone()).collect();
        let table = TableName::standard(&resource.id);
        let shape = self.0.ports.lake.profile(&table, columns.clone()).await.map_err(internal)?;
        let now = self.now();
        let profile = Profile { rows: shape.rows, as_of: now, columns: shape.columns };
        let json = serde_json::to_string(&profile).map_err(internal)?;
        self.store().put_profile(&resource.id, &json, now).await.map_err(internal)?;
        let preview = self.first_rows(&table, columns).await?;
        let json = serde_json::to_string(&preview).map_err(internal)?;
        self.store().put_preview(&resource.id, &json, now).await.map_err(internal)
    }

    async fn first_rows(&self, table: &TableName, columns: Vec<String>) -> Answer<(Vec<String>, Vec<Vec<Option<String>>>)> {
        let mut batches = self.0.ports.lake.scan(table, Some(columns.clone()), None).await.map_err(internal)?;
        let mut rows = Vec::new();
        while let Some(batch) = batches.try_next().await.map_err(internal)? {
            let missing = PREVIEW_ROWS - rows.len();
            rows.extend(texts(&batch.slice(0, missing.min(batch.num_rows())), &columns)?);
            if rows.len() >= PREVIEW_ROWS {
                break;
            }
        }
        Ok((columns, rows))
    }
}
