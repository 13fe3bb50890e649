//! The history of one row: every version with its source and line, and what each changed.

use serde_json::json;

use super::walk::{Keyed, Mark};
use super::{Version, changes};
use crate::view::Account;
use crate::{Answer, Desk, DeskError};

/// More versions of one row are not told.
const VERSIONS_MAX: usize = 1_000;

/// One version of a row and what it changed against the one before that was current.
#[derive(Clone, Debug, serde::Serialize)]
pub struct RowVersion {
    pub version: Version,
    pub cells: Vec<(String, Option<String>, Option<String>)>,
}

impl Desk {
    /// Staff: every version of the row with this key, newest first, refused ones and removals included.
    /// The values are those of the key items, in their order.
    pub async fn row_history(&self, who: &Account, resource: &str, values: &[String]) -> Answer<Vec<RowVersion>> {
        self.may(who, "read.row_history", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        let mut keyed = Keyed::new(&city, declared)?;
        if !keyed.is_keyed() {
            return Err(DeskError::Invalid(kernel::Text::new("本资源没有主键，无法查看一行的历史。", "The resource has no key: no row can be followed.")));
        }
        let Some(wanted) = keyed.key_of(values)? else {
            let names = keyed.key().join(", ");
            return Err(DeskError::Invalid(kernel::Text::new(format!("请给出完整的主键：{names}"), format!("Give the whole key: {names}"))));
        };
        self.log(who, "read.row_history", &self.resource_object(resource), json!({ "row": crate::account::hex(&wanted) })).await?;
        let batches = self.batches(resource).await?;
        let last = batches.last().map_or(0, |batch| batch.seq);
        let mut marks: Vec<Mark> = Vec::new();
        self.walk(&mut keyed, 1..=last, last, |key, mark| {
            if key == wanted && marks.len() < VERSIONS_MAX {
                marks.push(mark);
            }
        })
        .await?;
        if marks.is_empty() {
            return Err(DeskError::NotFound);
        }
        marks.sort();
        let contents = self.contents(resource, &batches, marks.iter().copied()).await?;
        let veil = self.veil(Some(who), declared);
        let mut current: Option<Version> = None;
        let mut told = Vec::with_capacity(marks.len());
        for version in marks.iter().filter_map(|mark| contents.get(mark)) {
            let now = (!version.removed).then_some(version);
            let cells = changes::differing(current.as_ref(), now);
            if !version.refused {
                current = now.cloned();
            }
            let cells = cells.into_iter().map(|(name, was, is)| (name.clone(), veil.cell(&name, was), veil.cell(&name, is))).collect();
            told.push(RowVersion { version: veil.version(version.clone()), cells });
        }
        told.reverse();
        Ok(told)
    }
}
