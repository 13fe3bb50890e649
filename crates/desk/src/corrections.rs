//! Corrections that were made: who mended what and why, and taking them back.

use std::collections::HashMap;

use kernel::{Moment, Text};
use store::correction::{CorrectedRow, Correction, CorrectionFilter, Counted};

use crate::collect::{Record, from_json};
use crate::correct::RowPlace;
use crate::view::{Account, QuarantineFilter};
use crate::{Answer, Desk, DeskError, internal};

/// Rows of one correction that are shown.
const ROWS_SHOWN: usize = 500;

/// What became of rows that were to be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Open again in quarantine.
    pub reopened: u64,
    /// Not by the correction any more: the source has delivered them, or a newer row took their place. Nothing was done.
    pub superseded: Vec<RowPlace>,
    /// Taken back before.
    pub already: Vec<RowPlace>,
}

/// A correction in a list.
#[derive(Clone, Debug)]
pub struct CorrectionView {
    pub id: String,
    pub resource: String,
    pub resource_title: Text,
    pub who: String,
    pub reason: String,
    /// `page`, `bulk`, `upload`, `command`, `api`.
    pub origin: String,
    pub time: Moment,
    pub rows: u64,
    /// Of them, taken back.
    pub undone: u64,
}

/// A correction with its rows.
#[derive(Clone, Debug)]
pub struct CorrectionDetail {
    pub correction: CorrectionView,
    /// The first few hundred.
    pub rows: Vec<CorrectedView>,
    /// Who took rows back, and when.
    pub undoings: Vec<(String, Moment)>,
}

/// One corrected row.
#[derive(Clone, Debug)]
pub struct CorrectedView {
    pub place: RowPlace,
    pub changes: Vec<ChangedField>,
    /// Its key fields as they are now, to know it by.
    pub key: Vec<String>,
    /// When the source was seen to deliver it as corrected.
    pub confirmed: Option<Moment>,
    pub undone: Option<Moment>,
}

/// A field that a correction changed.
#[derive(Clone, Debug)]
pub struct ChangedField {
    /// Column of the raw table.
    pub name: String,
    pub title: Text,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Desk {
    /// Staff: corrections that were made, newest first, of all resources or those that a filter names.
    pub async fn corrections(&self, _who: &Account, filter: &QuarantineFilter, page: u64, size: u64) -> Answer<Vec<CorrectionView>> {
        let query = CorrectionFilter { resource: filter.resource.clone(), code: filter.code.clone(), item: filter.item.clone() };
        let found = self.store().corrections(&query, page, size).await.map_err(internal)?;
        Ok(found.into_iter().map(|counted| self.view_correction(counted)).collect())
    }

    /// Staff: one correction, row by row.
    pub async fn correction(&self, _who: &Account, id: &str) -> Answer<CorrectionDetail> {
        let correction = self.ended_correction(id).await?;
        let rows = self.store().corrected_rows(id).await.map_err(internal)?;
        let undoings = self.store().undoings(id).await.map_err(internal)?;
        let counted = Counted { undone: rows.iter().filter(|row| row.undone.is_some()).count() as u64, rows: rows.len() as u64, correction };
        let resource = counted.correction.resource.clone();
        Ok(CorrectionDetail {
            correction: self.view_correction(counted),
            rows: rows.iter().take(ROWS_SHOWN).map(|row| self.view_row(&resource, row)).collect(),
            undoings: undoings.into_iter().filter_map(|undoing| Some((undoing.who, undoing.ended?))).collect(),
        })
    }

    /// Staff: the correction by which a refused row is settled, with this row alone.
    pub async fn correction_of(&self, who: &Account, resource: &str, place: RowPlace) -> Answer<CorrectionDetail> {
        let found = self.store().correction_of(resource, place.batch, place.row).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let rows = self.store().corrected_rows(&found.id).await.map_err(internal)?;
        let one = rows.iter().filter(|row| row.batch == place.batch && row.row == place.row).map(|row| self.view_row(resource, row));
        let one = one.collect();
        Ok(CorrectionDetail { rows: one, ..self.correction(who, &found.id).await? })
    }

    /// Staff: takes a correction back, or these rows of it: the corrected rows leave the standard layer, what they had
    /// taken the place of comes back, and the refused rows are open again. Rows that the source has delivered since stay.
    pub async fn undo(&self, who: &Account, id: &str, places: Option<&[RowPlace]>) -> Answer<Undone> {
        let correction = self.ended_correction(id).await?;
        if !self.city().resources.contains_key(&correction.resource) {
            return Err(DeskError::NotFound);
        }
        self.take_back(who, &correction, places).await
    }

    /// One that has landed. What a dead process left open is settled by the next act on the resource.
    async fn ended_correction(&self, id: &str) -> Answer<Correction> {
        let found = self.store().correction(id).await.map_err(internal)?;
        found.filter(|correction| correction.ended.is_some()).ok_or(DeskError::NotFound)
    }

    fn view_correction(&self, counted: Counted) -> CorrectionView {
        let Counted { correction, rows, undone } = counted;
        let city = self.city();
        let title = city.resources.get(&correction.resource).map(|resource| Text::new(&resource.title, &resource.title_en));
        CorrectionView {
            resource_title: title.unwrap_or_else(|| Text::new(&correction.resource, &correction.resource)),
            id: correction.id,
            resource: correction.resource,
            who: correction.who,
            reason: correction.reason,
            origin: correction.origin,
            time: correction.begun,
            rows,
            undone,
        }
    }

    fn view_row(&self, resource: &str, row: &CorrectedRow) -> CorrectedView {
        let city = self.city();
        let items = city.resources.get(resource).map(|resource| resource.items.as_slice()).unwrap_or_default();
        let titles: HashMap<&str, Text> = items.iter().map(|item| (item.name.as_str(), Text::new(&item.title, &item.title_en))).collect();
        let (before, after): (Record, Record) = (from_json(&row.before), from_json(&row.after));
        let cell = |record: &Record, name: &str| record.get(name).cloned().flatten();
        let changed = after.keys().filter(|name| cell(&before, name) != cell(&after, name));
        let changes = changed.map(|name| ChangedField {
            title: titles.get(name.as_str()).cloned().unwrap_or_else(|| Text::new(name, name)),
            before: cell(&before, name),
            after: cell(&after, name),
            name: name.clone(),
        });
        CorrectedView {
            place: RowPlace { batch: row.batch, row: row.row },
            changes: changes.collect(),
            key: items.iter().filter(|item| item.key).filter_map(|item| cell(&after, &item.name)).collect(),
            confirmed: row.confirmed,
            undone: row.undone,
        }
    }
}
