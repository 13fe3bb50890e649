//! Models: tables made from SELECTs. When each is due, what state it is in, what it is made of and what hangs on it.
//! A table itself tells what it was made from (in the note of its commit), so a run that was cut off leaves no doubt.

mod compile;
mod due;
mod expect;
mod lineage;
mod mistake;
mod run;
mod view;

use std::collections::BTreeMap;

use data::declare::Model;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use compile::{Models, PlannedModel, compile};
pub(crate) use compile::grade_of as grade_of_column;
pub(crate) use compile::{declare, exists, grade as grade_of_made, no_table};
pub(crate) use mistake::{File, Span, span_of};
pub(crate) use lineage::{owner_of, panel_title, table_title, title as column_title};
pub use lineage::{Asked, Boarded, Counted, LineageView, Step, Tie, WHOLE};
pub use run::{ModelOutcome, ModelScope, Skipped};
pub use view::{ModelColumnView, ModelDetail, ModelRunView, ModelState, ModelView};

/// What a version of a model's table was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFrom {
    /// SHA-256 of the SELECT and of what decides how its rows are put in place.
    pub text: String,
    /// Each table read: its newest batch, and the version that brought it.
    pub inputs: BTreeMap<String, (i64, i64)>,
}

impl MadeFrom {
    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn read(json: &str) -> Option<MadeFrom> {
        serde_json::from_str(json).ok()
    }
}

/// Changes when the rows could.
fn text_of(model: &Model) -> String {
    let mut hash = Sha256::new();
    for part in [
        model.sql.trim(),
        &format!("{:?}", model.mode),
        &model.key.join(","),
        model.cursor.as_deref().unwrap_or_default(),
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
