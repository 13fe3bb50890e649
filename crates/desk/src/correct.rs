//! Mending refused rows: what may be mended, how it stands, and who mended what.

use data::declare::Resource;
use data::standard::Fault;
use kernel::{Moment, Text};
use serde_json::json;
use store::correction::CorrectedRow;
use store::quarantine::QuarantineRow;

use crate::collect::{ROWS_MAX, Record};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

const REASON_MAX: usize = 200;
/// No value is longer.
const VALUE_MAX: usize = 64 * 1024;

/// Where a refused row stands in the quarantine of its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowPlace {
    pub batch: i64,
    pub row: u64,
}

impl std::fmt::Display for RowPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.batch, self.row)
    }
}

impl From<&QuarantineRow> for RowPlace {
    fn from(row: &QuarantineRow) -> RowPlace {
        RowPlace { batch: row.batch, row: row.row }
    }
}

impl From<&CorrectedRow> for RowPlace {
    fn from(row: &CorrectedRow) -> RowPlace {
        RowPlace { batch: row.batch, row: row.row }
    }
}

/// As it is shown: `17-204`.
impl std::str::FromStr for RowPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<RowPlace, ()> {
        let (batch, row) = text.trim().split_once('-').ok_or(())?;
        Ok(RowPlace { batch: batch.parse().map_err(drop)?, row: row.parse().map_err(drop)? })
    }
}

/// A refused row with new values for some of its fields (by raw column); `None` makes a field empty.
#[derive(Clone, Debug)]
pub struct Mended {
    pub place: RowPlace,
    pub values: Vec<(String, Option<String>)>,
}

/// A row that was mended and is still refused.
#[derive(Clone, Debug)]
pub struct StillWrong {
    pub place: RowPlace,
    pub faults: Vec<Fault>,
}

/// What became of mended rows.
#[derive(Clone, Debug, Default)]
pub struct Corrected {
    /// Its id, if anything was right.
    pub correction: Option<String>,
    pub landed: u64,
    /// Right, but here already.
    pub unchanged: u64,
    pub wrong: Vec<StillWrong>,
    /// Not open any more: somebody else, or the source, was quicker.
    pub gone: Vec<RowPlace>,
}

/// A refused row, field by field, for mending.
#[derive(Clone, Debug)]
pub struct Repair {
    pub resource: Resource,
    pub place: RowPlace,
    pub fields: Vec<RepairField>,
    /// What is wrong with the row as a whole.
    pub faults: Vec<Fault>,
    pub file: String,
    pub line: u64,
    /// The record as it came.
    pub text: String,
    pub time: Moment,
}

#[derive(Clone, Debug)]
pub struct RepairField {
    /// Column of the raw table.
    pub name: String,
    pub title: Text,
    pub value: Option<String>,
    /// Id of the standard it follows; empty for a field that is no declared item.
    pub standard: String,
    pub required: bool,
    pub key: bool,
    pub faults: Vec<Fault>,
}

impl Desk {
    /// Staff: a refused row for mending.
    pub async fn repair(&self, who: &Account, resource: &str, place: RowPlace) -> Answer<Repair> {
        self.may(who, "read.refused", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        self.must_see_whole(who, declared)?;
        let row = self.store().quarantine_row(resource, place.batch, place.row).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let record = self.records_of(resource, std::slice::from_ref(&row)).await.map_err(internal)?.pop().unwrap_or_default();
        self.log(who, "read.refused", &self.resource_object(resource), json!({ "batch": place.batch, "row": place.row })).await?;
        let faults: Vec<Fault> = serde_json::from_str(&row.faults).unwrap_or_default();
        let fields = fields_of(declared, &record, &faults);
        let whole = faults.iter().filter(|fault| !fields.iter().any(|field| field.name == fault.item)).cloned().collect();
        let encoding = declared.collect.encoding.as_deref();
        Ok(Repair {
            resource: declared.clone(),
            place,
            fields,
            faults: whole,
            text: ::collect::readable(&row.bytes, encoding),
            file: row.file,
            line: row.line,
            time: row.time,
        })
    }

    /// Staff: lands refused rows that were mended. Those that are still wrong stay in quarantine; the answer tells why.
    /// `origin`: `page`, `bulk`, `upload`, `command`, `api`.
    pub async fn correct(&self, who: &Account, resource: &str, mended: Vec<Mended>, reason: &str, origin: &'static str) -> Answer<Corrected> {
        self.may_and_can_log(who, "row.correct", &self.resource_object(resource)).await?;
        if !self.city().resources.contains_key(resource) {
            return Err(DeskError::NotFound);
        }
        let reason = sound(reason, mended.len(), mended.iter().flat_map(|row| &row.values))?;
        self.land_corrections(who, resource, mended, reason, origin).await
    }

    /// Staff: gives one item the same value in all open rows of a cause (with `found` as their value, where given): a
    /// trial that lands nothing, or for good with a reason. At most ten thousand rows at once.
    pub async fn replace_value(&self, who: &Account, change: &Replacement, reason: Option<&str>) -> Answer<Corrected> {
        self.may(who, "row.correct", &self.resource_object(&change.resource)).await?;
        let query = store::quarantine::QuarantineFilter {
            resource: Some(change.resource.clone()),
            code: Some(change.code.clone()),
            item: Some(change.item.clone()),
            ..Default::default()
        };
        let mut mended = Vec::new();
        for page in 1..=(ROWS_MAX as u64).div_ceil(PAGE) {
            let rows = self.store().quarantine_rows(&query, page, PAGE).await.map_err(internal)?.entries;
            let last = (rows.len() as u64) < PAGE;
            mended.extend(rows.into_iter().filter(|row| change.concerns(&row.faults)).map(|row| Mended {
                place: RowPlace::from(&row),
                values: vec![(change.item.clone(), change.value.clone())],
            }));
            if last {
                break;
            }
        }
        match reason {
            _ if mended.is_empty() => Ok(Corrected::default()),
            Some(reason) => self.correct(who, &change.resource, mended, reason, "bulk").await,
            None => self.try_corrections(&change.resource, mended).await,
        }
    }
}

/// The fields of a record as a form shows them: the declared items, then what else it has.
pub(crate) fn fields_of(declared: &Resource, record: &Record, faults: &[Fault]) -> Vec<RepairField> {
    let of = |name: &str| faults.iter().filter(|fault| fault.item == name).cloned().collect();
    let item = |item: &data::declare::Item| RepairField {
        title: Text::new(&item.title, &item.title_en),
        value: record.get(&item.name).cloned().flatten(),
        standard: item.standard.clone(),
        required: item.required,
        key: item.key,
        faults: of(&item.name),
        name: item.name.clone(),
    };
    let other = |(name, value): (&String, &Option<String>)| RepairField {
        title: Text::new(name, name),
        value: value.clone(),
        standard: String::new(),
        required: false,
        key: false,
        faults: of(name),
        name: name.clone(),
    };
    let others = record.iter().filter(|(name, _)| !declared.items.iter().any(|item| item.name == **name));
    declared.items.iter().map(item).chain(others.map(other)).collect()
}

/// Whether a correction may be tried at all: a ground, not too many rows, no endless value. Answers the ground.
pub(crate) fn sound<'r, 'v>(reason: &'r str, rows: usize, mut values: impl Iterator<Item = &'v (String, Option<String>)>) -> Answer<&'r str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(DeskError::Invalid(Text::new(
            "请写明更正的依据（200 字以内），如「经某某核实」。",
            "Say on what ground it is corrected (200 characters at most).",
        )));
    }
    if rows == 0 || rows > ROWS_MAX {
        return Err(DeskError::Invalid(Text::new(
            format!("一次可更正 1 到 {ROWS_MAX} 行。"),
            format!("From 1 to {ROWS_MAX} rows can be corrected at once."),
        )));
    }
    if values.any(|(_, value)| value.as_ref().is_some_and(|text| text.len() > VALUE_MAX)) {
        return Err(DeskError::Invalid(Text::new("有的值超过 64 KiB。", "A value is longer than 64 KiB.")));
    }
    Ok(reason)
}

/// The same new value for all rows of a cause.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub resource: String,
    pub code: String,
    pub item: String,
    /// Only rows in which this was found.
    pub found: Option<String>,
    pub value: Option<String>,
}

impl Replacement {
    fn concerns(&self, faults: &str) -> bool {
        let Some(found) = &self.found else { return true };
        let faults: Vec<Fault> = serde_json::from_str(faults).unwrap_or_default();
        faults.iter().any(|fault| fault.item == self.item && fault.found == *found)
    }
}

const PAGE: u64 = 1_000;
