//! Rules on departments and systems.

use kernel::Text;

use super::super::document::Note;
use super::super::read::{Declared, Draft};
use super::super::{Connector, Department, System};
use super::{flawed, schedule, titles, unknown};
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
    let starts =
        |url: &str, schemes: &[&str]| url.starts_with("${") || schemes.iter().any(|scheme| url.starts_with(scheme));
    match &system.connector {
        Connector::Files { path } | Connector::Sqlite { path } if path.trim().is_empty() => {
            document.put("connector.path", Note::error("`path` 是空的", "`path` is empty"));
        }
        Connector::Postgres { url } if !starts(url, &["postgres://", "postgresql://"]) => document.put(
            "connector.url",
            Note::error("不是 PostgreSQL 地址", "is not the address of a PostgreSQL database").help(
                "应写成 `postgres://user:${PASSWORD}@host:5432/database`",
                "write it as `postgres://user:${PASSWORD}@host:5432/database`",
            ),
        ),
        Connector::Http { url, retries, timeout_seconds, .. } => {
            if !starts(url, &["http://", "https://"]) {
                let note = Note::error(
                    "地址应以 http:// 或 https:// 开头",
                    "the address should start with http:// or https://",
                );
                document.put("connector.url", note);
            }
            if !(1..=10).contains(retries) {
                document.put(
                    "connector.retries",
                    Note::error("`retries` 应在 1 到 10 之间", "`retries` should be from 1 to 10"),
                );
            }
            if !(1..=600).contains(timeout_seconds) {
                let note =
                    Note::error("`timeout_seconds` 应在 1 到 600 之间", "`timeout_seconds` should be from 1 to 600");
                document.put("connector.timeout_seconds", note);
            }
        }
        _ => {}
    }
}
