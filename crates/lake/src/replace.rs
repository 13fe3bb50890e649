//! Taking older rows away by their `_hash`: the files that hold them are written again without them.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;

use crate::append::{self, Change};
use crate::part::{self, Part};
use crate::state::State;
use crate::table::Table;
use crate::{LakeError, types};

const HASH: &str = "_hash";

/// The hashes of rows that go. Nearly all rows asked about are others: a bit for each beginning of a hash tells that.
struct Wanted {
    beginnings: Vec<u64>,
    hashes: HashSet<[u8; 16]>,
}

/// Beginnings that are told apart: 128 KB of bits.
const BEGINNINGS: u32 = 20;

impl Wanted {
    fn new(hashes: &[[u8; 16]]) -> Wanted {
        let mut beginnings = vec![0; 1 << (BEGINNINGS - 6)];
        for hash in hashes {
            let (word, bit) = Wanted::place(hash);
            if let Some(word) = beginnings.get_mut(word) {
                *word |= bit;
            }
        }
        Wanted { beginnings, hashes: hashes.iter().copied().collect() }
    }

    fn place(hash: &[u8; 16]) -> (usize, u64) {
        let [a, b, c, ..] = *hash;
        let beginning = u32::from_be_bytes([0, a, b, c]) >> (24 - BEGINNINGS);
        ((beginning >> 6) as usize, 1 << (beginning & 63))
    }

    fn contains(&self, hash: &[u8; 16]) -> bool {
        let (word, bit) = Wanted::place(hash);
        self.beginnings.get(word).is_some_and(|word| word & bit != 0) && self.hashes.contains(hash)
    }
}

/// Adds to `change` the files that hold one of the hashes, and what replaces them.
pub(crate) async fn without(table: &Table, state: &Arc<State>, hashes: &[[u8; 16]], change: &mut Change) -> Result<(), LakeError> {
    if state.schema.column_with_name(HASH).is_none() {
        return Err(LakeError::Column { table: table.name.to_string(), column: HASH.to_owned() });
    }
    table.prove(state).await?;
    let wanted = Wanted::new(hashes);
    let state = state.clone();
    let (new, gone) = tokio::task::spawn_blocking(move || rewrite(&state, &wanted)).await??;
    change.new.extend(new);
    change.gone.extend(gone);
    Ok(())
}

fn rewrite(state: &State, wanted: &Wanted) -> Result<(Vec<Part>, Vec<Arc<Part>>), LakeError> {
    let (mut new, mut gone) = (Vec::new(), Vec::new());
    for file in &state.files {
        let held = count(&state.folder, &file.part, wanted)?;
        if held == 0 {
            continue;
        }
        let rows = part::read(&state.folder, &file.part, None)?.map(|batch| keep(&batch?, wanted));
        let rest = part::write(&state.folder, &state.schema, rows, append::now_millis())?;
        let left = rest.as_ref().map_or(0, |part| part.rows);
        if left + held != file.part.rows {
            append_orphan(&state.folder, rest.as_ref());
            let what = format!("{} rows, {held} to take away, but {left} left", file.part.rows);
            return Err(LakeError::damaged(&state.folder.join(&file.part.name), what));
        }
        new.extend(rest);
        gone.push(file.part.clone());
    }
    Ok((new, gone))
}

fn append_orphan(folder: &Path, part: Option<&Part>) {
    if let Some(part) = part {
        let _ = std::fs::remove_file(folder.join(&part.name));
    }
}

fn count(folder: &Path, part: &Part, wanted: &Wanted) -> Result<u64, LakeError> {
    let mut held = 0;
    for batch in part::read(folder, part, Some(&[HASH]))? {
        held += marks(&batch?, wanted)?.true_count() as u64;
    }
    Ok(held)
}

fn keep(batch: &RecordBatch, wanted: &Wanted) -> Result<RecordBatch, LakeError> {
    let others = arrow_array::BooleanArray::from_iter(marks(batch, wanted)?.iter().map(|hit| Some(hit != Some(true))));
    Ok(filter_record_batch(batch, &others)?)
}

/// Which rows carry one of the hashes. A file older than the column carries none.
fn marks(batch: &RecordBatch, wanted: &Wanted) -> Result<BooleanArray, LakeError> {
    let Some(column) = batch.column_by_name(HASH) else {
        return Ok(BooleanArray::from(vec![false; batch.num_rows()]));
    };
    let kind = types::kept(column.data_type());
    let column = arrow_cast::cast(column, &kind.unwrap_or(arrow_schema::DataType::Binary))?;
    let bytes = column.as_binary_opt::<i32>().ok_or_else(|| LakeError::Batch(format!("{HASH} is not binary")))?;
    let hit = |value: Option<&[u8]>| value.and_then(|value| <[u8; 16]>::try_from(value).ok()).is_some_and(|hash| wanted.contains(&hash));
    Ok(bytes.iter().map(|value| Some(hit(value))).collect())
}
