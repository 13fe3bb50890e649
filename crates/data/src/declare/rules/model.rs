//! Rules on models that can be told without planning their SELECT; what it reads and gives, the engine tells.

use std::collections::HashSet;

use kernel::Text;

use super::super::document::Note;
use super::super::read::{Declared, Draft};
use super::super::{Model, ModelMode, RunDays};
use super::{board, quality, titles, unknown};

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Model>) {
    let (document, model) = (&declared.document, &declared.value);
    titles(document, "", &model.title, &model.title_en);
    if !draft.departments.contains_key(&model.department) {
        let names = draft.departments.keys().map(String::as_str);
        document.put("department", unknown(&Text::new("部门", "department"), &model.department, names));
    }
    growing(declared);
    limits(declared);
    let zone = draft.info.as_ref().map_or("Asia/Shanghai", |info| info.value.time_zone.as_str());
    if let Some(text) = model
        .cron
        .as_deref()
        .and_then(|expression| crate::schedule::cron_flaw(expression, zone))
    {
        document.put("cron", Note::error(text.zh, text.en));
    }
    if model.cron.is_none() && model.days != RunDays::All {
        document.put("days", Note::error("写了 `days` 就要写 `cron`", "`days` needs `cron`"));
    }
    let mut seen = HashSet::new();
    for (n, column) in model.columns.iter().enumerate() {
        titles(document, &format!("column.{n}"), &column.title, &column.title_en);
        if !seen.insert(&column.name) {
            let note = Note::error(
                format!("列 `{}` 写了两次", column.name),
                format!("column `{}` stands twice", column.name),
            );
            document.put(&format!("column.{n}.name"), note);
        }
    }
    quality::check_forms(document, &model.rules);
    for (n, rule) in model.rules.iter().enumerate() {
        if rule.holds && model.mode == ModelMode::Incremental {
            let note = Note::error("增量模型不能用 `holds`", "an incremental model cannot be held by a rule");
            document.put(&format!("rule.{n}.holds"), note.help("去掉它：规则在每次运行后测量", "remove it: the rule is measured after each run"));
        }
        let other = rule.references.as_ref().map(|reference| &reference.resource);
        if let Some(id) = other.filter(|id| !draft.resources.contains_key(*id)) {
            let names = draft.resources.keys().map(String::as_str);
            document.put(&format!("rule.{n}.references.resource"), unknown(&Text::new("信息资源", "resource"), id, names));
        }
    }
    if !board::is_select(&model.sql) {
        let note = Note::error("说明之后应为一条 SELECT 查询", "one SELECT should follow the head");
        document.put_at(
            document.text.len()..document.text.len(),
            note.help("以 SELECT 或 WITH 开头", "start with SELECT or WITH"),
        );
    }
}

fn growing(declared: &Declared<'_, Model>) {
    let (document, model) = (&declared.document, &declared.value);
    if model.mode == ModelMode::Full {
        if model.cursor.is_some() {
            let note = Note::error("全量模型不用 `cursor`", "a full model has no `cursor`");
            document.put(
                "cursor",
                note.help(
                    "去掉它，或写 `mode = \"incremental\"`",
                    "remove it, or write `mode = \"incremental\"`",
                ),
            );
        }
        return;
    }
    if model.key.is_empty() || model.cursor.is_none() {
        let note = Note::error("增量模型要有 `key` 和 `cursor`", "an incremental model needs `key` and `cursor`");
        document.put(
            "mode",
            note.help(
                "`key` 是唯一确定一行的列，`cursor` 是只增不减的列",
                "`key` names the columns that tell one row from all others, `cursor` one that only grows",
            ),
        );
    }
}

fn limits(declared: &Declared<'_, Model>) {
    let limits = &declared.value.limits;
    for (name, value, least, most) in [
        ("rows", limits.rows, 1, 1_000_000_000),
        ("memory_mib", limits.memory_mib, 16, 2048),
        ("minutes", limits.minutes, 1, 720),
    ] {
        if value < least || value > most {
            let note = Note::error(
                format!("`{name}` 应在 {least} 到 {most} 之间"),
                format!("`{name}` should be from {least} to {most}"),
            );
            declared.document.put(&format!("limits.{name}"), note);
        }
    }
}
