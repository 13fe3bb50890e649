//! Putting files together without opening their rows: row groups of a good size are carried over as they stand, byte by
//! byte, and then held against those they came from. It costs a fraction of reading and encoding them again.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use datafusion::parquet::basic::Compression;
use datafusion::parquet::file::metadata::PageIndexPolicy;
use xxhash_rust::xxh3::xxh3_128;

use crate::part::{self, Part, Parts};
use crate::state::State;
use crate::{LakeError, encode};

/// Rows that a row group must have, on average, to be left as it is.
const LARGE_GROUP: usize = encode::ROWS_PER_GROUP / 4;

/// Splits files into those whose row groups can be carried, and the others.
pub(crate) fn split(state: &State, parts: Parts) -> Result<(Parts, Parts), LakeError> {
    let schema = encode::parquet_schema(&state.schema)?;
    let (mut whole, mut others) = (Parts::new(), Parts::new());
    for part in parts {
        // Another program's file may keep its columns in another way.
        let large = part.promised().is_some() && usize::try_from(part.rows).is_ok_and(|rows| rows >= LARGE_GROUP);
        let fits = large && {
            let metadata = part::metadata(&state.folder, &part, PageIndexPolicy::Skip)?;
            let same = metadata.file_metadata().schema_descr() == &schema;
            same && part.rows >= (LARGE_GROUP * metadata.num_row_groups()) as u64
        };
        if fits { whole.push(part) } else { others.push(part) }
    }
    Ok((whole, others))
}

/// Writes the row groups of these files into few of about `target` bytes each. What was written when it fails is gone again.
pub(crate) fn carry(state: &State, old: &[Arc<Part>], target: u64, now: i64) -> Result<Vec<Part>, LakeError> {
    let mut new = Vec::new();
    for some in cut(old, target) {
        let written = part::write_carrying(&state.folder, &state.schema, some, now)
            .and_then(|part| same(state, some, &part).map(|same| (part, same)));
        let wrong = match written {
            Ok((part, true)) => {
                new.push(part);
                continue;
            }
            Ok((part, false)) => {
                let wrong = LakeError::damaged(&state.folder.join(&part.name), "row groups became other ones when put together");
                new.push(part);
                wrong
            }
            Err(error) => error,
        };
        part::remove(&state.folder, &new);
        return Err(wrong);
    }
    Ok(new)
}

/// Runs of files of about so many bytes together.
fn cut(parts: &[Arc<Part>], target: u64) -> impl Iterator<Item = &[Arc<Part>]> {
    let mut bytes = 0;
    parts.chunk_by(move |before, next| {
        bytes += before.bytes;
        let together = bytes + next.bytes <= target;
        if !together {
            bytes = 0;
        }
        together
    })
}

fn same(state: &State, old: &[Arc<Part>], new: &Part) -> Result<bool, LakeError> {
    let mut before = Vec::new();
    for part in old {
        before.extend(groups(state, part)?);
    }
    Ok(before == groups(state, new)?)
}

/// What a row group is: its rows, and the bytes of its columns with all that is needed to read them.
#[derive(PartialEq)]
struct Group {
    rows: i64,
    columns: Vec<(Compression, i64, u128)>,
}

fn groups(state: &State, part: &Part) -> Result<Vec<Group>, LakeError> {
    let path = state.folder.join(&part.name);
    let fail = |error: std::io::Error| LakeError::io(&path, &error);
    let metadata = part::metadata(&state.folder, part, PageIndexPolicy::Skip)?;
    let file = File::open(&path).map_err(fail)?;
    let mut groups = Vec::with_capacity(metadata.num_row_groups());
    for group in metadata.row_groups() {
        let mut columns = Vec::with_capacity(group.num_columns());
        for column in group.columns() {
            let (from, length) = column.byte_range();
            // A footer that says more than there is must not take all memory.
            let mut bytes = vec![0; usize::try_from(length.min(part.bytes)).unwrap_or(0)];
            file.read_exact_at(&mut bytes, from).map_err(fail)?;
            columns.push((column.compression(), column.num_values(), xxh3_128(&bytes)));
        }
        groups.push(Group { rows: group.num_rows(), columns });
    }
    Ok(groups)
}
