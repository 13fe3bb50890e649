//! A connector tried out: reached or not, how fast, and the first rows, without landing anything.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use data::declare::{Resource, System};

use super::{Context, open};
use crate::source::Decision;
use crate::{CollectError, Position, RawBatch};

/// What came of one resource.
#[derive(Debug)]
pub struct Trial {
    pub elapsed: Duration,
    /// How long the system let wait for its last answer; `None` where there is no network between.
    pub latency: Option<Duration>,
    pub first: Result<Seen, CollectError>,
}

/// The first rows as they are at the source.
#[derive(Debug, Default)]
pub struct Seen {
    pub fields: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
    pub decisions: Vec<Decision>,
    /// How many rows the source says it has, where it does.
    pub rows_total: Option<u64>,
}

/// Reads the first rows of a resource from its start, and gives up after `deadline`. What it waits for then is left to
/// end by itself.
pub fn trial(ctx: &Context, system: &System, resource: &Resource, rows: usize, deadline: Duration) -> Trial {
    let start = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let (on_thread, its_system, its_resource) = (ctx.clone(), system.clone(), resource.clone());
    std::thread::spawn(move || {
        // Nobody waits any longer: then nobody wants to know.
        let _ = sender.send(first(&on_thread, &its_system, &its_resource, rows));
    });
    let first = receiver.recv_timeout(deadline).unwrap_or_else(|_| Err(late(&system.id, deadline)));
    let latency = ctx.contacts.status(&system.id).and_then(|status| status.latency);
    Trial { elapsed: start.elapsed(), latency, first }
}

fn first(ctx: &Context, system: &System, resource: &Resource, rows: usize) -> Result<Seen, CollectError> {
    let mut source = open(ctx, system, resource, &Position::default())?;
    let batch = source.next(rows.max(1))?;
    let (decisions, rows_total) = (source.decisions(), source.progress().rows_total);
    let seen = batch.map(|batch| Seen { fields: batch.fields.to_vec(), rows: cells(&batch, rows), ..Seen::default() });
    Ok(Seen { decisions, rows_total, ..seen.unwrap_or_default() })
}

fn cells(batch: &RawBatch, rows: usize) -> Vec<Vec<Option<String>>> {
    let row = |row: usize| {
        let cell = |column: &arrow_array::StringArray| column.iter().nth(row).flatten().map(str::to_owned);
        batch.columns.iter().map(cell).collect()
    };
    (0..batch.rows().min(rows)).map(row).collect()
}

fn late(system: &str, deadline: Duration) -> CollectError {
    let seconds = deadline.as_secs();
    CollectError::new(
        "connect.deadline",
        system,
        format!("{seconds} 秒内没有读到第一行。"),
        format!("No first row came within {seconds} seconds."),
    )
    .transient()
}
