//! What changed in a table between two versions: rows that came, rows that went. Only files that one version has and the
//! other lacks are read, so putting files together costs a comparison and shows nothing.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::prelude::{DataFrame, SessionContext, lit};

use crate::provider::Rows;
use crate::state::State;
use crate::table::Table;
use crate::{AsOf, Lake, LakeError, engine};

/// What comparing may hold in memory; beyond, it spills to disk or refuses.
const MEMORY: u64 = 512 << 20;

/// The rows as a plan, with `_change`: `insert` or `delete`. `None` where there is no table at the later version.
/// Rows equal in every column count as one.
pub(crate) async fn between(lake: &Lake, table: &Arc<Table>, from: AsOf, upto: AsOf) -> Result<Option<DataFrame>, LakeError> {
    let (before, Some(after)) = (table.at(from).await?, table.at(upto).await?) else {
        return Ok(None);
    };
    let context = SessionContext::new_with_state(engine::session(lake, MEMORY, None)?);
    let old = before.as_deref().map(|state| state.files.as_slice()).unwrap_or_default();
    let names = |files: &[crate::state::Active]| files.iter().map(|file| file.part.name.clone()).collect::<HashSet<_>>();
    let (old_names, new_names) = (names(old), names(&after.files));
    let only = |files: &[crate::state::Active], others: &HashSet<String>| {
        let files = files.iter().filter(|file| !others.contains(&file.part.name)).cloned().collect();
        // In the later version's columns; those that an older file lacks are null.
        let state = State { files, ..after.as_ref().clone() };
        context.read_table(Arc::new(Rows::new(table.clone(), Arc::new(state))))
    };
    let (came, went) = (only(&after.files, &old_names)?, only(old, &new_names)?);
    let inserted = came.clone().except(went.clone())?.with_column("_change", lit("insert"))?;
    let deleted = went.except(came)?.with_column("_change", lit("delete"))?;
    Ok(Some(inserted.union(deleted)?))
}
