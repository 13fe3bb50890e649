//! Our word on what a neighbour asked: as the store has it now.

use super::envelope::RequestWord;
use crate::{Answer, Desk, internal};

impl Desk {
    /// Where a request of a neighbour's stands; `None` where there is none.
    pub(super) async fn word_on(&self, request: &str) -> Answer<Option<RequestWord>> {
        // The acts first: a word may be newer than its number, never older.
        let acts = self.store().request_acts(request).await.map_err(internal)?;
        let Some(row) = self.store().request(request).await.map_err(internal)? else { return Ok(None) };
        let grant = match &row.lent {
            Some(id) => self.store().grant(id).await.map_err(internal)?,
            None => None,
        };
        RequestWord::of(&row.state, &row.due, &acts, grant.as_ref()).map(Some)
    }
}
