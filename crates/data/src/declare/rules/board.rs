//! Rules on boards and their panels.

use std::collections::HashMap;

use super::super::Board;
use super::super::document::Note;
use super::super::read::Declared;
use super::titles;

pub(super) fn check(declared: &Declared<'_, Board>) {
    let (document, board) = (&declared.document, &declared.value);
    titles(document, "", &board.title, &board.title_en);
    if let Some(by) = &board.by
        && by != "division"
    {
        let note = Note::error(format!("`by` 不能是 `{by}`"), format!("`by` cannot be `{by}`"));
        let help = note.help(
            "目前只能按行政区划：`by = \"division\"`",
            "a board can be divided by division only: `by = \"division\"`",
        );
        document.put("by", help.suggest(Some("division")));
    }
    if board.panels.is_empty() {
        document.put(
            "panel",
            Note::error("驾驶舱是空的", "the board is empty")
                .help("用 `[[panel]]` 声明每个指标或图", "declare each figure or chart with `[[panel]]`"),
        );
    }
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for (n, panel) in board.panels.iter().enumerate() {
        titles(document, &format!("panel.{n}"), &panel.title, &panel.title_en);
        if panel.id.trim().is_empty() {
            document.put(&format!("panel.{n}.id"), Note::error("`id` 是空的", "`id` is empty"));
        }
        if let Some(first) = ids.insert(&panel.id, n) {
            let (id, first) = (&panel.id, first + 1);
            let note =
                Note::error(format!("第 {first} 块已叫 `{id}`"), format!("panel {first} is already called `{id}`"));
            document.put(&format!("panel.{n}.id"), note);
        }
        if !is_select(&panel.sql) {
            document.put(
                &format!("panel.{n}.sql"),
                Note::error("应为一条 SELECT 查询", "expected one SELECT")
                    .help("以 SELECT 或 WITH 开头", "start with SELECT or WITH"),
            );
        }
    }
}

/// Whether a text begins like a query, after comments.
pub(super) fn is_select(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after).trim_start();
        } else {
            break;
        }
    }
    let first: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    first.eq_ignore_ascii_case("select") || first.eq_ignore_ascii_case("with")
}
