//! Editing rows that have landed and fail a rule: which may be edited, the form, and sending it.

use std::collections::HashSet;

use data::declare::Resource;
use data::standard::Fault;
use kernel::Text;

use crate::authority::department_of;
use crate::correct::{RepairField, fields_of, sound};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// A current row with new values for some of its fields (by raw column); `None` makes a field empty.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Its `_hash`.
    pub row: [u8; 16],
    pub values: Vec<(String, Option<String>)>,
}

/// What became of edited rows.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    /// Its id, if anything landed.
    pub correction: Option<String>,
    pub landed: u64,
    /// Rows that stay as they are, each with what is wrong with its new values.
    pub wrong: Vec<([u8; 16], Vec<Fault>)>,
    /// Not current any more: the source, or somebody else, was quicker.
    pub gone: Vec<[u8; 16]>,
}

/// A current row, field by field, for editing.
#[derive(Clone, Debug)]
pub struct EditForm {
    pub resource: Resource,
    /// Its `_hash` in hexadecimal.
    pub row: String,
    pub fields: Vec<RepairField>,
    /// Names of the fields that stay as they are: by them the source's row is known, and the newer one told.
    pub fixed: Vec<String>,
    /// Where it came from.
    pub file: String,
    pub line: u64,
    pub batch: i64,
}

impl Desk {
    /// Whether this person may edit rows of a resource: all of them can be seen, and a key tells them apart.
    pub fn may_edit(&self, who: &Account, resource: &str) -> bool {
        let city = self.city();
        let allowed = who.may_for("row.edit", department_of(&city, resource).as_deref());
        city.resources.get(resource).is_some_and(|found| allowed && found.is_keyed() && self.must_see_whole(who, found).is_ok())
    }

    /// Staff: a current row for editing, by its `_hash` in hexadecimal.
    pub async fn edit_form(&self, who: &Account, resource: &str, row: &str) -> Answer<EditForm> {
        self.may(who, "row.edit", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = self.editable(who, &city, resource)?;
        let hash = row_named(row)?;
        let found = self.current_rows(resource, &HashSet::from([hash])).await.map_err(internal)?;
        let place = found.get(&hash).ok_or(DeskError::NotFound)?;
        let record = self.records_at(resource, &[(place.batch, hash)]).await.map_err(internal)?.pop().unwrap_or_default();
        Ok(EditForm {
            fields: fields_of(declared, &record, &[]),
            fixed: fixed(declared),
            resource: declared.clone(),
            row: row.to_owned(),
            file: place.file.clone(),
            line: place.line,
            batch: place.batch,
        })
    }

    /// Staff: puts edited rows in the place of current ones, after the checks that rows of the source pass. Each lies over
    /// the source's row until the source delivers another one of that key. `origin`: `page`, `command`, `api`.
    pub async fn edit(&self, who: &Account, resource: &str, edits: Vec<Edited>, reason: &str, origin: &'static str) -> Answer<Edits> {
        self.may_and_can_log(who, "row.edit", &self.resource_object(resource)).await?;
        self.editable(who, &self.city(), resource)?;
        let reason = sound(reason, edits.len(), edits.iter().flat_map(|edit| &edit.values))?;
        let rows: HashSet<[u8; 16]> = edits.iter().map(|edit| edit.row).collect();
        if rows.len() < edits.len() {
            return Err(DeskError::Invalid(Text::new("同一行写了两次。", "A row is named twice.")));
        }
        self.land_edits(who, resource, edits, reason, origin).await
    }

    fn editable<'c>(&self, who: &Account, city: &'c data::City, resource: &str) -> Answer<&'c Resource> {
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        self.must_see_whole(who, declared)?;
        if !declared.is_keyed() {
            return Err(DeskError::Invalid(Text::new(
                "这个资源没有主键，相同的行分不清哪一行是来源还会送来的，不能逐行更正；请在来源更正后重新归集，或为它声明主键（key = true）。",
                "This resource has no key, so that nobody could say which row the source goes on delivering: rows cannot be edited. Have them put right at the source and collect again, or declare a key (key = true).",
            )));
        }
        Ok(declared)
    }
}

/// The items that nobody edits.
fn fixed(resource: &Resource) -> Vec<String> {
    let version = resource.version_item();
    let fixed = resource.items.iter().filter(|item| item.key || version == Some(&item.name));
    fixed.map(|item| item.name.clone()).collect()
}

/// The `_hash` of a row, as people write it.
pub fn row_named(text: &str) -> Answer<[u8; 16]> {
    crate::quality::row_hash(text.trim()).ok_or(DeskError::NotFound)
}

/// As it is shown.
pub fn row_name(row: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(row))
}
