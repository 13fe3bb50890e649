//! How long the log keeps what its entries tell. What is older goes from its files and from the control store; hashes stay, so
//! the tree, proofs and receipts that were given out hold as before. That entries went is told in the log itself, before they go.

use kernel::Moment;
use serde_json::json;

use super::RETAIN;
use crate::authority::Object;
use crate::{Answer, Desk, internal};

const DAY: i64 = 86_400_000_000;

impl Desk {
    /// Lets entries go that are older than the city keeps them; answers the first that is kept. Only whole files of 256 entries
    /// go, and only by the process that writes the log: others are told where it stands.
    pub async fn forget_log(&self, now: Moment) -> Answer<u64> {
        let oldest = Moment(now.0.saturating_sub(i64::from(self.city().info.log.keep_days).saturating_mul(DAY)));
        let mut publisher = self.0.publisher.lock().await;
        let Some(size) = publisher.size() else { return self.store().first_leaf().await.map_err(internal) };
        let kept = self.store().first_leaf_since(oldest).await.map_err(internal)?.unwrap_or(size);
        let first = kept.min(size) / tlog::TILE_WIDTH * tlog::TILE_WIDTH;
        let known = self.store().first_leaf().await.map_err(internal)?;
        if first > known {
            let detail = json!({ "first": first, "until": oldest.rfc3339() });
            self.logging_as("log", RETAIN, &Object::of("log"), detail).forget_leaves(first).await.map_err(internal)?;
        }
        // Also what a process that died had told of and not done.
        let first = first.max(known);
        publisher.write(move |writer| writer.forget(first)).await?;
        Ok(first)
    }
}
