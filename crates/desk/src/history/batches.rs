//! Which batches there are, and which of them a person means.

use arrow_array::RecordBatch;
use futures::TryStreamExt;
use jiff::tz::TimeZone;
use kernel::Moment;
use store::BatchRow;

use super::{Batch, Point, no_such_point};
use crate::overview::utc_offset_seconds;
use crate::port::TableName;
use crate::{Answer, Desk, DeskError, internal};

impl Desk {
    /// Every batch of a resource's raw layer, in order.
    pub async fn batches(&self, resource: &str) -> Answer<Vec<Batch>> {
        if !self.city().resources.contains_key(resource) {
            return Err(DeskError::NotFound);
        }
        let name = TableName::raw(resource);
        let last = self.0.ports.lake.last_commit(&name).await.map_err(internal)?.map_or(0, |commit| commit.seq);
        let mut known = self.store().batches(resource).await.map_err(internal)?;
        known.retain(|batch| batch.seq <= last);
        // Brought by a process that died before it could write them down, or before they were written down at all.
        let lost: Vec<i64> = (1..=last).filter(|seq| known.binary_search_by_key(seq, |batch| batch.seq).is_err()).collect();
        if !lost.is_empty() {
            let mut found = Vec::new();
            for seq in lost {
                found.extend(self.batch_from_raw(&name, seq).await?);
            }
            self.store().add_batches(resource, found.clone()).await.map_err(internal)?;
            known.extend(found);
            known.sort_by_key(|batch| batch.seq);
        }
        Ok(known.into_iter().map(|b| Batch { seq: b.seq, run: b.run, rows: b.rows, time: b.time }).collect())
    }

    async fn batch_from_raw(&self, name: &TableName, seq: i64) -> Answer<Option<BatchRow>> {
        let rows = self.0.ports.lake.scan(name, Some(vec!["_run".to_owned(), "_batch".to_owned()]), Some(seq)).await.map_err(internal)?;
        let batches: Vec<RecordBatch> = rows.try_collect().await.map_err(internal)?;
        let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        let run = batches.iter().find(|batch| batch.num_rows() > 0).and_then(|batch| {
            let column = batch.column_by_name("_run")?;
            arrow_cast::display::array_value_to_string(column, 0).ok()
        });
        Ok(run.map(|run| BatchRow { seq, time: began(&run), run, rows }))
    }

    /// What a person wrote for a point: a batch number, the id of a run, a day, or a moment.
    pub fn point(&self, text: &str) -> Answer<Point> {
        let text = text.trim();
        if text.is_empty() || text == "0" {
            return Ok(Point::Start);
        }
        if let Ok(seq) = text.parse::<i64>() {
            return Ok(Point::Batch(seq));
        }
        if let Ok(day) = text.parse::<jiff::civil::Date>()
            && let Ok(end) = day.to_zoned(TimeZone::UTC).and_then(|start| start.tomorrow())
        {
            let midnight = Moment::from_jiff(end.timestamp());
            let offset = utc_offset_seconds(&self.city(), midnight);
            return Ok(Point::Moment(Moment(midnight.0 - offset * 1_000_000 - 1)));
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Point::Moment(Moment::from_jiff(moment)));
        }
        if let Some(run) = text.strip_prefix("before:") {
            return Ok(Point::Before(run.to_owned()));
        }
        let is_run = text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_run { Ok(Point::Run(text.to_owned())) } else { Err(no_such_point(text)) }
    }
}

/// The last batch that a point includes; 0 before the first.
pub(super) fn last_of(batches: &[Batch], point: &Point) -> i64 {
    match point {
        Point::Start => 0,
        Point::Batch(seq) => (*seq).clamp(0, batches.last().map_or(0, |batch| batch.seq)),
        Point::Run(run) => {
            let of_run = batches.iter().filter(|batch| batch.run == *run).map(|batch| batch.seq).max();
            of_run.or_else(|| before_run(batches, run)).unwrap_or(0)
        }
        Point::Before(run) => match batches.iter().filter(|batch| batch.run == *run).map(|batch| batch.seq).min() {
            Some(first) => first - 1,
            None => before_run(batches, run).unwrap_or(0),
        },
        Point::Moment(moment) => batches.iter().filter(|batch| batch.time <= *moment).map(|batch| batch.seq).max().unwrap_or(0),
    }
}

/// A run that brought nothing stands after the batches of the runs before it: their ids sort by time.
fn before_run(batches: &[Batch], run: &str) -> Option<i64> {
    batches.iter().filter(|batch| batch.run.as_str() < run).map(|batch| batch.seq).max()
}

/// When a run began: its id is a UUIDv7, whose first 48 bits are milliseconds.
fn began(run: &str) -> Moment {
    let digits: String = run.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    Moment(i64::from_str_radix(&digits, 16).unwrap_or(0).saturating_mul(1000))
}
