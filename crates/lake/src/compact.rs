//! Putting files together: many small ones into few of a good size, in the order in which they are asked for.
//! What is written is read back and held against what was there, row by row or byte by byte, before it takes its place.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_row::{RowConverter, SortField};
use arrow_schema::SchemaRef;
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use tokio::sync::mpsc;
use xxhash_rust::xxh3::xxh3_128;

use crate::append::{self, Change};
use crate::part::{self, Part, Parts};
use crate::provider::Rows;
use crate::state::State;
use crate::table::Table;
use crate::{Compaction, Lake, LakeError, carry, engine, types};

/// Files below this are put together.
const SMALL: u64 = 32 << 20;
/// What comes out is about this large: few to open, and still proven in a moment.
const TARGET: u64 = 128 << 20;
/// So much is taken up at once; the rest waits for the next time.
const AT_ONCE: u64 = 2 << 30;
/// What sorting may hold in memory; beyond, it spills to disk.
const SORT_MEMORY: u64 = 512 << 20;
/// An append puts files together by itself only when a table has this many small ones.
pub(crate) const MANY: usize = 256;

type RowsIn = Box<dyn Iterator<Item = Result<RecordBatch, LakeError>> + Send>;

/// Which files: the oldest small ones, or all; none when there are too few to be worth it.
fn chosen(state: &State, wanted: &Compaction) -> Parts {
    let mut total = 0;
    let parts = state.files.iter().map(|file| file.part.clone()).filter(|part| wanted.whole || part.bytes < SMALL);
    let parts: Parts = parts
        .take_while(|part| {
            total += part.bytes;
            wanted.whole || total <= AT_ONCE
        })
        .collect();
    let enough = if wanted.whole { !parts.is_empty() } else { parts.len() > wanted.many.max(1) };
    if enough { parts } else { Parts::new() }
}

/// The caller holds the write lock. Gives the number of files that became fewer; 0 also when another process was quicker.
pub(crate) async fn compact(lake: &Lake, table: &Arc<Table>, wanted: &Compaction) -> Result<u64, LakeError> {
    let _lease = lake.lease();
    let Some(state) = table.current().await? else {
        return Ok(0);
    };
    let old = chosen(&state, wanted);
    if old.is_empty() {
        return Ok(0);
    }
    lake.room(old.iter().map(|part| part.bytes).sum())?;
    let order: Vec<String> = wanted.order.iter().filter(|name| state.schema.column_with_name(name).is_some()).cloned().collect();
    let new = if order.is_empty() {
        let (from, parts) = (state.clone(), old.clone());
        tokio::task::spawn_blocking(move || as_arrived(&from, parts)).await??
    } else {
        let rows = sorted(lake, table, &state, &old, order).await?;
        let (from, parts) = (state.clone(), old.clone());
        tokio::task::spawn_blocking(move || write(&from, &parts, rows)).await??
    };
    let names = new.iter().map(|part| part.name.clone()).collect();
    let count = old.len() as u64;
    let change = Change { operation: "OPTIMIZE", new, gone: old, ..Change::default() };
    match append::enter(table, Some(state), change).await {
        Ok(Some(_)) => Ok(count),
        Ok(None) => {
            append::discard(table, names).await;
            Ok(0)
        }
        // The entry may stand all the same, and then it names these files; else vacuum takes them.
        Err(error) => Err(error),
    }
}

/// Whole row groups as they stand, the others joined to larger ones.
fn as_arrived(state: &Arc<State>, old: Parts) -> Result<Vec<Part>, LakeError> {
    let (whole, others) = carry::split(state, old)?;
    prove(state, &whole)?;
    let mut new = carry::carry(state, &whole, TARGET, newest(&whole))?;
    if !others.is_empty() {
        let (from, parts) = (state.clone(), others.clone());
        let rows = Box::new(parts.into_iter().flat_map(move |part| open(&from, &part)));
        new.extend(write(state, &others, rows).inspect_err(|_| part::remove(&state.folder, &new))?);
    }
    Ok(new)
}

fn prove(state: &State, parts: &[Arc<Part>]) -> Result<(), LakeError> {
    parts.iter().try_for_each(|part| part.verify(&state.folder, crate::disk::Proof::Quick))
}

fn newest(parts: &[Arc<Part>]) -> i64 {
    parts.iter().map(|part| part.modified).max().unwrap_or(0)
}

/// The rows of some files in an order.
async fn sorted(lake: &Lake, table: &Arc<Table>, state: &Arc<State>, parts: &Parts, order: Vec<String>) -> Result<RowsIn, LakeError> {
    let files = state.files.iter().filter(|file| parts.iter().any(|part| part.name == file.part.name)).cloned().collect();
    let some = Arc::new(State { files, ..state.as_ref().clone() });
    let mut session = engine::session(lake, SORT_MEMORY, None)?;
    // One sorter alone: two of them take all the memory, and the merge of what they give finds none left.
    session.config_mut().options_mut().execution.target_partitions = 1;
    let context = SessionContext::new_with_state(session);
    let frame = context.read_table(Arc::new(Rows::new(table.clone(), some)))?;
    let sorted = frame.sort(order.iter().map(|name| ident(name).sort(true, false)).collect())?;
    let mut batches = sorted.execute_stream().await?;
    let (sender, mut receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        while let Some(batch) = batches.next().await {
            if sender.send(batch.map_err(LakeError::from)).await.is_err() {
                break;
            }
        }
    });
    Ok(Box::new(std::iter::from_fn(move || receiver.blocking_recv())))
}

fn open(state: &State, part: &Part) -> RowsIn {
    let schema = state.schema.clone();
    match part::read(&state.folder, part, None) {
        Ok(reader) => Box::new(reader.map(move |batch| types::conform(&batch?, &schema))),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

fn write(state: &State, old: &[Arc<Part>], rows: RowsIn) -> Result<Vec<Part>, LakeError> {
    prove(state, old)?;
    let before = Sum::of(state, old.iter().map(AsRef::as_ref))?;
    let bytes: u64 = old.iter().map(|part| part.bytes).sum();
    let files = bytes.div_ceil(TARGET).max(1);
    let each = usize::try_from(before.rows.div_ceil(files)).unwrap_or(usize::MAX).max(1);
    let mut new = Vec::new();
    let written = write_files(state, rows, each, newest(old), &mut new).and_then(|()| Sum::of(state, &new));
    let wrong = match written {
        Ok(after) if after == before => return Ok(new),
        Ok(after) => LakeError::damaged(&state.folder, format!("{} rows became {} other ones when put together", before.rows, after.rows)),
        Err(error) => error,
    };
    part::remove(&state.folder, &new);
    Err(wrong)
}

fn write_files(state: &State, rows: RowsIn, each: usize, now: i64, new: &mut Vec<Part>) -> Result<(), LakeError> {
    let mut cut = Cut { rows, rest: None, left: 0 };
    loop {
        cut.left = each;
        match part::write(&state.folder, &state.schema, &mut cut, now)? {
            Some(part) => new.push(part),
            None => return Ok(()),
        }
    }
}

/// Ends after so many rows, and goes on when given more.
struct Cut {
    rows: RowsIn,
    rest: Option<RecordBatch>,
    left: usize,
}

impl Iterator for Cut {
    type Item = Result<RecordBatch, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let batch = match self.rest.take().map(Ok).or_else(|| self.rows.next())? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        let taken = batch.num_rows().min(self.left);
        self.left -= taken;
        if taken < batch.num_rows() {
            self.rest = Some(batch.slice(taken, batch.num_rows() - taken));
        }
        Some(Ok(batch.slice(0, taken)))
    }
}

/// What rows are, whatever their order: their number, and the sum of their hashes.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    rows: u64,
    hashes: u128,
}

impl Sum {
    fn of<'a>(state: &State, parts: impl IntoIterator<Item = &'a Part>) -> Result<Sum, LakeError> {
        let mut sum = Sum { rows: 0, hashes: 0 };
        let converter = converter(&state.schema)?;
        for part in parts {
            for batch in open(state, part) {
                let batch = batch?;
                sum.rows += batch.num_rows() as u64;
                for row in &converter.convert_columns(batch.columns())? {
                    sum.hashes = sum.hashes.wrapping_add(xxh3_128(row.as_ref()));
                }
            }
        }
        Ok(sum)
    }
}

fn converter(schema: &SchemaRef) -> Result<RowConverter, LakeError> {
    Ok(RowConverter::new(schema.fields().iter().map(|field| SortField::new(field.data_type().clone())).collect())?)
}
