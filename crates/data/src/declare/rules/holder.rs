//! Rules on departments and systems.

use kernel::Text;

use super::super::read::{Declared, Draft};
use super::super::{Department, System};
use super::{connector, flawed, schedule, titles, unknown};
use crate::standard::{division, uscc};

pub(super) fn department(declared: &Declared<'_, Department>) {
    let (document, department) = (&declared.document, &declared.value);
    titles(document, "", &department.title, &department.title_en);
    if let Err(flaw) = uscc::verify(&department.uscc) {
        document.put("uscc", flawed("uscc", &flaw.message));
    }
    if let Some(Err(flaw)) = department.division.as_deref().map(division::read) {
        document.put("division", flawed("division", &flaw.message));
    }
}

pub(super) fn system(draft: &Draft<'_>, declared: &Declared<'_, System>) {
    let (document, system) = (&declared.document, &declared.value);
    titles(document, "", &system.title, &system.title_en);
    if !draft.departments.contains_key(&system.department) {
        let names = draft.departments.keys().map(String::as_str);
        document.put("department", unknown(&Text::new("部门", "department"), &system.department, names));
    }
    schedule::check(draft, document, system.schedule.as_ref());
    connector::check(draft, document, &system.connector);
}
