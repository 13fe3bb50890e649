//! Refused rows and why: by cause, and one by one with their original bytes.

use data::mask::HIDDEN;
use data::standard::Fault;
use kernel::Text;
use serde_json::json;
use store::quarantine::{CauseRow, QuarantineFilter as Query, QuarantineRow as Stored};

use crate::account::hex;
use crate::authority::Object;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Cause, Page, QuarantineFilter, QuarantineRow, QuarantineView};
use crate::{Answer, Desk, internal};

impl Desk {
    /// Staff: rows refused, newest first, with causes.
    pub async fn quarantine(&self, who: &Account, filter: &QuarantineFilter, page: u64, size: u64) -> Answer<QuarantineView> {
        let object = self.filter_object(who, filter);
        self.may(who, "read.quarantine", &object).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().quarantine_rows(&self.query(Some(who), filter), page, size).await.map_err(internal)?;
        let total = rows.total;
        let entries: Vec<QuarantineRow> = rows.entries.into_iter().map(|row| self.view_quarantined(who, row)).collect();
        let causes = self.causes(Some(who), filter).await?;
        if !entries.is_empty() {
            let detail = json!({ "page": page, "rows": entries.len() });
            self.log(who, "read.quarantine", &object, detail).await?;
        }
        let is_hidden = entries.iter().any(|row| row.text == HIDDEN) || causes.iter().any(|cause| cause.example == HIDDEN);
        let hidden = is_hidden.then(|| self.why(Some(who), &[]));
        Ok(QuarantineView { causes, rows: Page { entries, total, page, size }, hidden })
    }

    /// Whose rows a filter leaves: one resource's, one system's, or everybody's.
    pub(crate) fn filter_object(&self, who: &Account, filter: &QuarantineFilter) -> Object {
        match (&filter.resource, &filter.system) {
            (Some(id), _) => self.resource_object(id),
            (None, Some(id)) => self.system_object(id),
            (None, None) => who.all_of("read.quarantine", "resources"),
        }
    }

    /// What a reader is shown of what a filter leaves: a department's officer the own resources' only.
    pub(crate) fn query(&self, who: Option<&Account>, filter: &QuarantineFilter) -> Query {
        Query {
            resource: filter.resource.clone(),
            system: filter.system.clone(),
            code: filter.code.clone(),
            item: filter.item.clone(),
            run: filter.run.clone(),
            among: who.and_then(|who| self.among(who, "read.quarantine")),
        }
    }

    pub(crate) async fn causes(&self, who: Option<&Account>, filter: &QuarantineFilter) -> Answer<Vec<Cause>> {
        let city = self.city();
        let rows = self.store().quarantine_causes(&self.query(who, filter)).await.map_err(internal)?;
        let view = |row: CauseRow| {
            let resource = city.resources.get(&row.resource);
            let item = resource.and_then(|r| r.items.iter().find(|i| i.name == row.item));
            // A value of one item may have come in another's place: where anything is masked, examples are.
            let hidden = !self.sees_whole(who, resource);
            Cause {
                resource_title: resource.map_or_else(|| Text::new(&row.resource, &row.resource), |r| Text::new(&r.title, &r.title_en)),
                item_title: item.map_or_else(|| Text::new(&row.item, &row.item), |i| Text::new(&i.title, &i.title_en)),
                message: row.message,
                resource: row.resource,
                code: row.code,
                item: row.item,
                rows: row.rows,
                example: if hidden { HIDDEN.to_owned() } else { row.example },
            }
        };
        Ok(rows.into_iter().map(view).collect())
    }

    fn view_quarantined(&self, who: &Account, row: Stored) -> QuarantineRow {
        let city = self.city();
        let resource = city.resources.get(&row.resource);
        let declared = resource.and_then(|r| r.collect.encoding.as_deref());
        // A refused record has no columns that could be masked one by one.
        let hidden = !self.sees_whole(Some(who), resource);
        let mut faults: Vec<Fault> = serde_json::from_str(&row.faults).unwrap_or_default();
        if hidden {
            for fault in &mut faults {
                fault.found = HIDDEN.to_owned();
                fault.message = Text::new(format!("不合规（{}）", fault.code), format!("refused ({})", fault.code));
            }
        }
        QuarantineRow {
            resource_title: resource.map_or_else(|| Text::new(&row.resource, &row.resource), |r| Text::new(&r.title, &r.title_en)),
            text: if hidden { HIDDEN.to_owned() } else { readable(&row.bytes, declared) },
            bytes_hex: if hidden { String::new() } else { hex(&row.bytes) },
            faults,
            resource: row.resource,
            run: row.run,
            batch: row.batch,
            row: row.row,
            file: row.file,
            line: row.line,
            time: row.time,
        }
    }
}

/// The original record for human eyes: as UTF-8 if it is, else in the declared encoding, else as GB18030,
/// in which departments' files that are not UTF-8 nearly always are.
fn readable(bytes: &[u8], declared: Option<&str>) -> String {
    ::collect::readable(bytes, declared)
}
