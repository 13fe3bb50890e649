//! The lake as it was: the standard tables that a statement names, made again from raw in a folder of their own, which
//! goes when the answer has been given. Unlike the lake's own versions this reaches back to the first delivery.

use std::collections::HashMap;
use std::path::PathBuf;

use futures::TryStreamExt;
use kernel::Lang;
use lake::{Commit, Lake, Layer, TableName};

use crate::commands::{Where, operator};
use crate::show::refusal;

/// A lake of the past; its folder is removed with it.
pub struct Past {
    pub lake: Lake,
    folder: PathBuf,
}

impl Past {
    /// The tables named in `sql`, as of a point (a day, a moment, a run, a batch).
    pub async fn open(place: &Where, sql: &str, at: &str, lang: Lang) -> anyhow::Result<Past> {
        let desk = crate::wire::open_desk(&place.city(), place.data(), HashMap::new()).await?;
        let point = desk.point(at).map_err(refusal)?;
        let folder = place.data().join("tmp").join(format!("as-of-{}", std::process::id()));
        let lake = Lake::open(&folder).await.map_err(|e| anyhow::anyhow!(e.text().get(lang).to_owned()))?;
        let past = Past { lake, folder };
        let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let city = desk.city();
        for id in city.resources.keys().filter(|id| words.iter().any(|word| word.eq_ignore_ascii_case(id))) {
            let table = desk.as_of(&operator(), id, &point).await.map_err(refusal)?;
            let rows = table.rows.map_err(|error| lake::LakeError::Batch(error.to_string()));
            let commit = Commit { seq: 1, note: "{}".to_owned(), replaces: Vec::new() };
            let name = TableName::new(Layer::Standard, id.as_str());
            past.lake.rewrite(&name, table.schema, Box::pin(rows), commit).await.map_err(|e| anyhow::anyhow!(e.text().get(lang).to_owned()))?;
        }
        Ok(past)
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
