//! Rules on registers: sources that are there and have a key, fields that some source fills, and an order that names sources.

use std::collections::HashSet;

use kernel::Text;

use super::super::document::Note;
use super::super::read::{Declared, Draft};
use super::super::{Register, RegisterField, RegisterSource, Resource};
use super::{sql, titles, unknown};

/// Fields of a register; more would be more than evidence can be kept of.
const FIELDS_MOST: usize = 40;
/// Fields that are compared.
const COMPARED_MOST: usize = 16;
/// Sources of a register.
const SOURCES_MOST: usize = 32;
/// Columns that the register's table has besides the fields.
const OWN: [&str; 4] = ["entity_id", "records", "sources", "conflicts"];

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Register>) {
    let (document, register) = (&declared.document, &declared.value);
    titles(document, "", &register.title, &register.title_en);
    if !draft.departments.contains_key(&register.department) {
        let names = draft.departments.keys().map(String::as_str);
        document.put("department", unknown(&Text::new("部门", "department"), &register.department, names));
    }
    if !(register.threshold > 0.5 && register.threshold < 1.0) {
        document.put("threshold", Note::error("`threshold` 应大于 0.5 且小于 1", "`threshold` should be above 0.5 and below 1"));
    }
    if let Some(model) = draft.models.get(&format!("master.{}", register.id)) {
        let path = model.document.path;
        document.put_at(0..0, Note::error(format!("`master.{}` 已是模型 {path} 的表", register.id), format!("`master.{}` is the table of the model {path}", register.id)));
    }
    fields(declared);
    sources(draft, declared);
    blocks(declared);
}

fn fields(declared: &Declared<'_, Register>) {
    let (document, register) = (&declared.document, &declared.value);
    let compared = register.fields.iter().filter(|field| field.compare.is_some()).count();
    if register.fields.len() > FIELDS_MOST || compared == 0 || compared > COMPARED_MOST {
        let note = Note::error(
            format!("应有 1 到 {FIELDS_MOST} 个 `[[field]]`，其中 1 到 {COMPARED_MOST} 个参与比对（`compare`）"),
            format!("there should be 1 to {FIELDS_MOST} `[[field]]`, 1 to {COMPARED_MOST} of them compared (`compare`)"),
        );
        document.put("field", note);
    }
    let mut seen = HashSet::new();
    for (n, field) in register.fields.iter().enumerate() {
        titles(document, &format!("field.{n}"), &field.title, &field.title_en);
        let place = format!("field.{n}.name");
        let sound = field.name.starts_with(|c: char| c.is_ascii_lowercase()) && field.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !sound || field.name.len() > 63 || OWN.contains(&field.name.as_str()) || sql::needs_quotes(&field.name) {
            let note = Note::error(format!("`{}` 不能作字段名", field.name), format!("`{}` cannot be a field's name", field.name));
            document.put(&place, note.help(
                format!("小写字母开头，只用小写字母、数字、`_`，不用 SQL 保留字和 {}", OWN.join("、")),
                format!("start with a lower-case letter, use lower-case letters, digits and `_`; no reserved word of SQL, and none of {}", OWN.join(", ")),
            ));
        } else if !seen.insert(&field.name) {
            document.put(&place, Note::error(format!("字段 `{}` 写了两次", field.name), format!("field `{}` stands twice", field.name)));
        }
        former(declared, n, field);
        for (at, source) in field.order.iter().enumerate() {
            if !register.sources.iter().any(|known| known.resource == *source) {
                let names = register.sources.iter().map(|source| source.resource.as_str());
                document.put(&format!("field.{n}.order.{at}"), unknown(&Text::new("来源", "source"), source, names));
            }
        }
    }
}

/// Former values are those of one field that is compared.
fn former(declared: &Declared<'_, Register>, n: usize, field: &RegisterField) {
    let (document, register) = (&declared.document, &declared.value);
    let Some(of) = &field.former_of else { return };
    let place = format!("field.{n}.former_of");
    let compared = register.fields.iter().filter(|known| known.compare.is_some()).map(|known| known.name.as_str());
    if field.compare.is_some() {
        let note = Note::error("曾用的值随现用的字段比对，不另写 `compare`", "former values are compared with the field they are of, not by a `compare` of their own");
        document.put(&place, note.help("删去 `compare`", "remove `compare`"));
    } else if !compared.clone().any(|known| known == of) {
        document.put(&place, unknown(&Text::new("参与比对的字段", "compared field"), of, compared));
    } else if register.fields.iter().take(n).any(|known| known.former_of.as_ref() == Some(of)) {
        document.put(&place, Note::error(format!("`{of}` 已有曾用值的字段"), format!("`{of}` has a field of former values already")));
    }
}

fn sources(draft: &Draft<'_>, declared: &Declared<'_, Register>) {
    let (document, register) = (&declared.document, &declared.value);
    if register.sources.is_empty() || register.sources.len() > SOURCES_MOST {
        document.put("source", Note::error(format!("应有 1 到 {SOURCES_MOST} 个 `[[source]]`"), format!("there should be 1 to {SOURCES_MOST} `[[source]]`")));
    }
    let mut seen = HashSet::new();
    for (n, source) in register.sources.iter().enumerate() {
        let place = format!("source.{n}.resource");
        if !seen.insert(&source.resource) {
            document.put(&place, Note::error(format!("来源 `{}` 写了两次", source.resource), format!("source `{}` stands twice", source.resource)));
        }
        let Some(resource) = draft.resources.get(&source.resource).map(|declared| &declared.value) else {
            let names = draft.resources.keys().map(String::as_str);
            document.put(&place, unknown(&Text::new("信息资源", "resource"), &source.resource, names));
            continue;
        };
        if !resource.is_keyed() {
            let note = Note::error(format!("`{}` 没有主键，记录无法前后对应", source.resource), format!("`{}` has no key, so its records cannot be told apart over time", source.resource));
            document.put(&place, note.help("在该信息资源中把标识行的项写上 `key = true`", "mark the items that name a row with `key = true` in that resource"));
        }
        mapped(declared, n, source, resource);
    }
    for (n, field) in register.fields.iter().enumerate() {
        let filled = |source: &RegisterSource| {
            let resource = draft.resources.get(&source.resource).map(|declared| &declared.value);
            resource.is_none_or(|resource| resource.items.iter().any(|item| item.name == source.item_of(&field.name)))
        };
        if !register.sources.iter().any(filled) {
            let note = Note::error(format!("没有来源提供字段 `{}`", field.name), format!("no source gives field `{}`", field.name));
            document.put(&format!("field.{n}.name"), note.help("在 `[[source]]` 的 `fields` 中写明取自哪一项", "name the item it comes from in `fields` of a `[[source]]`"));
        }
    }
}

fn mapped(declared: &Declared<'_, Register>, n: usize, source: &RegisterSource, resource: &Resource) {
    let (document, register) = (&declared.document, &declared.value);
    for (field, item) in &source.fields {
        let place = format!("source.{n}.fields.{field}");
        if !register.fields.iter().any(|known| known.name == *field) {
            let names = register.fields.iter().map(|field| field.name.as_str());
            document.put(&place, unknown(&Text::new("字段", "field"), field, names));
        }
        if !resource.items.iter().any(|known| known.name == *item) {
            let names = resource.items.iter().map(|item| item.name.as_str());
            document.put(&place, unknown(&Text::new("信息项", "item"), item, names));
        }
    }
}

/// Blocking rules name fields that are compared.
fn blocks(declared: &Declared<'_, Register>) {
    let (document, register) = (&declared.document, &declared.value);
    for (n, rule) in register.blocks.iter().enumerate() {
        for key in rule.split('+') {
            let name = key.split(':').next().unwrap_or(key).trim();
            let compared = register.fields.iter().filter(|field| field.compare.is_some()).map(|field| field.name.as_str());
            if !compared.clone().any(|known| known == name) {
                document.put(&format!("blocks.{n}"), unknown(&Text::new("参与比对的字段", "compared field"), name, compared));
            }
        }
    }
}
