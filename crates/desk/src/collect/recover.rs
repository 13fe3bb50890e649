//! Going on after a crash: a raw batch without its standard rows is finished before anything new is read.

use ::collect::Position;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::land;
use super::run::{Note, Run, RunError};
use crate::Desk;
use crate::port::TableName;

/// How far a resource has come: the last batch in raw, and the position at the source after it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Carried {
    pub seq: i64,
    pub position: Position,
    /// The declaration it was read by. Under another one the source is read from its start.
    #[serde(default)]
    pub declared: String,
}

/// Where a position without a batch of its own is kept.
pub(super) fn position_key(resource: &str) -> String {
    format!("position/{resource}")
}

impl Desk {
    /// Finishes what a dead process left half done and tells where to go on.
    pub(super) async fn recover(&self, run: &Run) -> Result<Carried, RunError> {
        let resource = &run.resource.id;
        let Some(last) = self.0.ports.lake.last_commit(&TableName::raw(resource)).await? else {
            return self.kept_position(run, Carried::default()).await;
        };
        let done = self.0.ports.lake.last_commit(&TableName::standard(resource)).await?.map_or(0, |commit| commit.seq);
        for seq in done + 1..=last.seq {
            self.finish_batch(run, seq).await?;
        }
        self.settle_open_corrections(resource, last.seq).await?;
        self.settle_open_undoings(resource, last.seq).await?;
        let note: Note = serde_json::from_str(&last.note)
            .map_err(|e| RunError::Broken(format!("raw.{resource}: the note of batch {} cannot be read: {e}", last.seq)))?;
        self.kept_position(run, Carried { seq: last.seq, position: note.position, declared: note.declared }).await
    }

    /// A later position may have been written down when the source had moved on without new rows.
    async fn kept_position(&self, run: &Run, carried: Carried) -> Result<Carried, RunError> {
        let kept = self.store().setting(&position_key(&run.resource.id)).await?;
        let kept: Option<Carried> = kept.and_then(|json| serde_json::from_str(&json).ok());
        let mut reached = kept.filter(|kept| kept.seq == carried.seq).unwrap_or(carried);
        if reached.declared != run.declared() {
            reached.position = Position::default();
        }
        Ok(reached)
    }

    async fn finish_batch(&self, run: &Run, seq: i64) -> Result<(), RunError> {
        let resource = &run.resource.id;
        tracing::info!(resource, seq, "finishing a batch that was cut off");
        let mut ledger = self.fill_ledger(run).await?;
        let raw = self.0.ports.lake.scan(&TableName::raw(resource), None, Some(seq)).await?;
        let batches: Vec<_> = raw.try_collect().await?;
        if batches.iter().all(|batch: &arrow_array::RecordBatch| batch.num_rows() == 0) {
            // Its rows left raw with a damaged file; the source is read again for them.
            tracing::warn!(resource, seq, "a batch has no rows any more");
            return Ok(());
        }
        // In the order of their lines, however the table keeps them: a removal may stand before what takes the row's place.
        let batches = land::as_one(batches)?;
        let corrected = batches.iter().flat_map(land::files_of).any(|file| super::correct::is_correction(&file));
        if (corrected || run.city.is_pushed(&run.resource)) && !run.resource.is_keyed() {
            ledger.forget_rows();
        }
        let now = self.now();
        let (city, declared) = (run.city.clone(), run.resource.clone());
        let settle = move || land::settle_again(&batches, &city, &declared, ledger, seq, now);
        let landed = tokio::task::spawn_blocking(settle).await.map_err(|e| RunError::Broken(e.to_string()))??;
        self.commit_derived(resource, seq, landed.standard, landed.replaces, landed.refused).await
    }
}
