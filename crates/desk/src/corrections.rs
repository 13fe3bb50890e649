//! Corrections that were made: who mended what and why, and taking them back.

use std::collections::HashMap;

use data::declare::Item;
use kernel::{Moment, Text};
use store::correction::{CorrectedRow, Correction, CorrectionFilter, Counted};

use crate::authority::object;
use crate::collect::{Record, from_json};
use crate::correct::RowPlace;
use crate::view::{Account, QuarantineFilter};
use crate::{Answer, Desk, DeskError, internal};

/// Rows of one correction that are shown.
const ROWS_SHOWN: usize = 500;

/// What became of rows that were to be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Open again in quarantine; of an edit, as the source delivers them again.
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
    /// Whether its rows had landed before and failed a rule, say; else they had been refused.
    pub edits: bool,
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
    /// When another row took its place, of an edit.
    pub gave_way: Option<Moment>,
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
    pub async fn corrections(&self, who: &Account, filter: &QuarantineFilter, page: u64, size: u64) -> Answer<Vec<CorrectionView>> {
        self.may(who, "see.corrections", &self.filter_object(who, filter)).await?;
        let query = CorrectionFilter {
            resource: filter.resource.clone(),
            code: filter.code.clone(),
            item: filter.item.clone(),
            among: self.among(who, "see.corrections"),
        };
        let found = self.store().corrections(&query, page, size).await.map_err(internal)?;
        Ok(found.into_iter().map(|counted| self.view_correction(counted)).collect())
    }

    /// Staff: one correction, row by row.
    pub async fn correction(&self, who: &Account, id: &str) -> Answer<CorrectionDetail> {
        self.may_at_all(who, "see.corrections", &object("correction", id)).await?;
        self.detail(who, self.ended_correction(id).await?, |_| true).await
    }

    /// Staff: the correction by which a refused row is settled, with this row alone.
    pub async fn correction_of(&self, who: &Account, resource: &str, place: RowPlace) -> Answer<CorrectionDetail> {
        let found = self.store().correction_of(resource, place.batch, place.row).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        self.detail(who, ended(found)?, |row| RowPlace::from(row) == place).await
    }

    /// A correction with those of its rows that are meant.
    async fn detail(&self, who: &Account, correction: Correction, meant: impl Fn(&CorrectedRow) -> bool) -> Answer<CorrectionDetail> {
        self.may(who, "see.corrections", &self.resource_object(&correction.resource)).await?;
        let rows = self.store().corrected_rows(&correction.id).await.map_err(internal)?;
        let undoings = self.store().undoings(&correction.id).await.map_err(internal)?;
        let city = self.city();
        if let Some(resource) = city.resources.get(&correction.resource) {
            self.must_see_whole(who, resource)?;
        }
        let items = city.resources.get(&correction.resource).map(|resource| resource.items.as_slice()).unwrap_or_default();
        let titles: Titles<'_> = items.iter().map(|item| (item.name.as_str(), Text::new(&item.title, &item.title_en))).collect();
        let counted = Counted { undone: rows.iter().filter(|row| row.undone.is_some()).count() as u64, rows: rows.len() as u64, correction };
        Ok(CorrectionDetail {
            correction: self.view_correction(counted),
            rows: rows.iter().filter(|row| meant(row)).take(ROWS_SHOWN).map(|row| view_row(items, &titles, row)).collect(),
            undoings: undoings.into_iter().filter_map(|undoing| Some((undoing.who, undoing.ended?))).collect(),
        })
    }

    /// Staff: takes a correction back, or these rows of it: the corrected rows leave the standard layer, what they had
    /// taken the place of comes back, and the refused rows are open again; of an edit, the source's rows come back. Rows that the source has delivered since stay.
    pub async fn undo(&self, who: &Account, id: &str, places: Option<&[RowPlace]>) -> Answer<Undone> {
        self.may_at_all(who, "row.undo", &object("correction", id)).await?;
        let correction = self.ended_correction(id).await?;
        self.may_and_can_log(who, "row.undo", &self.resource_object(&correction.resource)).await?;
        if !self.city().resources.contains_key(&correction.resource) {
            return Err(DeskError::NotFound);
        }
        self.take_back(who, &correction, places).await
    }

    async fn ended_correction(&self, id: &str) -> Answer<Correction> {
        ended(self.store().correction(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?)
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
            edits: correction.edits,
            time: correction.begun,
            rows,
            undone,
        }
    }
}

/// Titles of items by their names.
type Titles<'c> = HashMap<&'c str, Text>;

/// One that has landed. What a dead process left open is settled by the next act on the resource.
fn ended(correction: Correction) -> Answer<Correction> {
    Some(correction).filter(|correction| correction.ended.is_some()).ok_or(DeskError::NotFound)
}

fn view_row(items: &[Item], titles: &Titles<'_>, row: &CorrectedRow) -> CorrectedView {
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
        place: row.into(),
        changes: changes.collect(),
        key: items.iter().filter(|item| item.key).filter_map(|item| cell(&after, &item.name)).collect(),
        confirmed: row.confirmed,
        gave_way: row.gave_way,
        undone: row.undone,
    }
}
