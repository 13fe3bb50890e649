//! The gate before the lake: a delivery that differs in a way the contract holds waits here for an officer.
//!
//! Each delivery of a run is judged at its first records, before any of it lands; its size before that, by what the
//! source says of itself. What passes becomes what the next delivery is compared with.

use ::collect::drift::{self, Difference, Kind, Shape};
use ::collect::source::Decision;
use ::collect::{Progress, RawBatch};
use data::City;
use data::declare::{Mode, Resource};
use data::standard::Fault;
use kernel::uuid_v7;
use store::drift::DriftRow;

use super::run::{Run, RunError};
use crate::Desk;

/// Differences told of one run; a folder of hundreds of odd files needs no more.
const TOLD_MAX: usize = 100;

/// What a delivery is judged by, and what was told of it.
#[derive(Default)]
pub(super) struct Gate {
    /// What the last delivery of the run before looked like. Files that come together are not set beside each other.
    before: Option<Shape>,
    /// What the last delivery of this run looks like.
    shape: Option<Shape>,
    /// Rows, and bytes where they were known, of recent deliveries.
    volumes: Vec<(u64, Option<u64>)>,
    /// Differences that an officer let pass.
    accepted: Vec<Difference>,
    pub told: Vec<Difference>,
}

/// What a run that ended well leaves for the next one.
pub(super) struct Passed {
    pub shape: Option<Shape>,
    pub told: Vec<Difference>,
}

impl Gate {
    /// Columns and forms of values, before the items are bound to them.
    pub fn columns(&mut self, resource: &Resource, batch: &RawBatch, decisions: &[Decision]) -> Result<(), RunError> {
        let shape = Shape::of(batch, decisions);
        let found = drift::columns(resource, self.before.as_ref(), &shape);
        self.judge(found)?;
        self.shape = Some(shape);
        Ok(())
    }

    /// What the check of the first records tells.
    pub fn values(&mut self, city: &City, resource: &Resource, rows: usize, refused: &[(usize, Vec<Fault>)]) -> Result<(), RunError> {
        self.judge(drift::values(city, resource, rows, refused))
    }

    /// The size, as far as the source tells it at its opening.
    pub fn volume(&mut self, resource: &Resource, progress: Progress) -> Result<(), RunError> {
        match (progress.rows_total, progress.bytes_total) {
            (Some(rows), _) => self.rows(resource, rows),
            (None, Some(bytes)) if resource.collect.mode == Mode::Full => {
                let recent: Vec<u64> = self.volumes.iter().filter_map(|(_, bytes)| *bytes).collect();
                self.judge(drift::volume(&resource.contract, bytes, &recent, false).into_iter().collect())
            }
            _ => Ok(()),
        }
    }

    /// The number of rows of a full delivery.
    pub fn rows(&mut self, resource: &Resource, rows: u64) -> Result<(), RunError> {
        if resource.collect.mode != Mode::Full || self.told.iter().any(|told| told.kind == Kind::Volume) {
            return Ok(());
        }
        let recent: Vec<u64> = self.volumes.iter().map(|(rows, _)| *rows).collect();
        self.judge(drift::volume(&resource.contract, rows, &recent, true).into_iter().collect())
    }

    /// Whether so many rows may be removed.
    pub fn removal(&mut self, resource: &Resource, missing: u64, current: u64) -> Result<(), RunError> {
        self.judge(drift::removal(&resource.contract, missing, current).into_iter().collect())
    }

    /// Differences that hold and were not accepted end the run; the others are told.
    fn judge(&mut self, found: Vec<Difference>) -> Result<(), RunError> {
        let accepted = |difference: &Difference| self.accepted.iter().any(|known| difference.is_covered_by(known));
        if found.iter().any(|difference| difference.holds && !accepted(difference)) {
            return Err(RunError::Held(self.told.drain(..).chain(found).collect()));
        }
        let room = TOLD_MAX.saturating_sub(self.told.len());
        self.told.extend(found.into_iter().take(room));
        Ok(())
    }

    pub fn passed(self) -> Passed {
        Passed { shape: self.shape, told: self.told }
    }
}

impl Desk {
    pub(super) async fn gate(&self, run: &Run) -> Result<Gate, RunError> {
        let resource = &run.resource.id;
        let shape = self.store().shape(resource).await?;
        let standing = self.store().standing_drift(resource).await?;
        Ok(Gate {
            before: shape.and_then(|json| serde_json::from_str(&json).ok()),
            shape: None,
            volumes: self.store().recent_volumes(resource).await?,
            accepted: standing.iter().filter(|row| row.state == "accepted").flat_map(differences).collect(),
            told: Vec::new(),
        })
    }

    /// Writes down what holds a delivery, unless it waits or was refused already for the same.
    pub(super) async fn note_held(&self, run: &Run, found: &[Difference]) -> Result<(), RunError> {
        let standing = self.store().standing_drift(&run.resource.id).await?;
        let known = standing.iter().filter(|row| row.state != "accepted").any(|row| {
            let before = differences(row);
            found.iter().filter(|d| d.holds).all(|d| before.iter().any(|known| d.is_covered_by(known)))
        });
        match known {
            true => Ok(()),
            false => Ok(self.store().add_drift(self.drift_row(run, "held", found)?).await?),
        }
    }

    /// Writes down that a delivery has landed, what it looked like, and what was told of it.
    pub(super) async fn note_passed(&self, run: &Run, passed: Passed) -> Result<(), RunError> {
        if !passed.told.is_empty() {
            self.store().add_drift(self.drift_row(run, "told", &passed.told)?).await?;
        }
        let shape = passed.shape.map(|shape| serde_json::to_string(&shape)).transpose().map_err(|e| RunError::Broken(e.to_string()))?;
        Ok(self.store().settle_drift(&run.resource.id, &run.id, shape, self.now()).await?)
    }

    fn drift_row(&self, run: &Run, state: &str, found: &[Difference]) -> Result<DriftRow, RunError> {
        let now = self.now();
        Ok(DriftRow {
            id: uuid_v7(now, self.chance()),
            resource: run.resource.id.clone(),
            system: run.resource.system.clone(),
            run: run.id.clone(),
            state: state.to_owned(),
            differences: serde_json::to_string(found).map_err(|e| RunError::Broken(e.to_string()))?,
            time: now,
            decided: None,
            decided_by: None,
            why: None,
            change: None,
        })
    }
}

/// The differences as kept; none where an older form cannot be read.
pub(crate) fn differences(row: &DriftRow) -> Vec<Difference> {
    serde_json::from_str(&row.differences).unwrap_or_default()
}
