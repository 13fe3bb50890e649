//! The receipt of an answer: its leaf, and the proof that it stands in the log. For those whom it concerns: who read, who lent, the
//! audit officer, and whom it was about.

use super::Caller;
use crate::log::Receipt;
use crate::{Answer, Desk, DeskError, internal};

impl Desk {
    /// The receipt of the answer whose leaf has this number; busy until the leaf stands in the log's files.
    pub async fn read_receipt(&self, caller: &Caller, leaf: u64) -> Answer<Receipt> {
        let read = self.store().read_of(leaf).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let grant = self.store().grant(&read.lent).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let concerns = |department: Option<&str>| department.is_some_and(|own| own == grant.department || own == grant.provider);
        let allowed = match caller {
            Caller::Application { department, .. } | Caller::Node { department, .. } => *department == grant.department,
            Caller::Person(account) => account.may("see.log") || account.may_for("see.grants", None) || (account.may("see.grants") && concerns(account.department.as_deref())),
        };
        if !allowed {
            return Err(DeskError::NotFound);
        }
        self.receipt(leaf).await
    }
}
