//! Rules on boards and their panels.

use std::collections::HashMap;

use kernel::Text;

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Board, Figure, Panel, PanelKind};
use super::{titles, unknown};

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Board>) {
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
        if panel.figure.is_none() || !panel.title.is_empty() {
            titles(document, &format!("panel.{n}"), &panel.title, &panel.title_en);
        }
        if panel.id.trim().is_empty() {
            document.put(&format!("panel.{n}.id"), Note::error("`id` 是空的", "`id` is empty"));
        }
        if let Some(first) = ids.insert(&panel.id, n) {
            let (id, first) = (&panel.id, first + 1);
            let note =
                Note::error(format!("第 {first} 块已叫 `{id}`"), format!("panel {first} is already called `{id}`"));
            document.put(&format!("panel.{n}.id"), note);
        }
        match &panel.figure {
            Some(id) => match draft.figures.get(id) {
                Some(figure) => figure_panel(document, board, panel, &figure.value, n),
                None => document.put(&format!("panel.{n}.figure"), unknown(&Text::new("指标", "figure"), id, draft.figures.keys().map(String::as_str))),
            },
            None if !is_select(&panel.sql) => {
                let place = if panel.sql.is_empty() { format!("panel.{n}") } else { format!("panel.{n}.sql") };
                let note = Note::error("应写明指标（`figure`），或一条 SELECT 查询（`sql`）", "expected a `figure`, or one SELECT as `sql`");
                document.put(&place, note.help("查询以 SELECT 或 WITH 开头", "a SELECT starts with SELECT or WITH"));
            }
            None => {}
        }
    }
}

/// What a panel asks of its figure, the figure can give.
fn figure_panel(document: &Document<'_>, board: &Board, panel: &Panel, figure: &Figure, n: usize) {
    if !panel.sql.is_empty() {
        let note = Note::error("写了 `figure` 就不写 `sql`", "with `figure` there is no `sql`");
        document.put(&format!("panel.{n}.sql"), note.help("去掉其中一个", "take one of them away"));
    }
    let known = figure.by.iter().map(String::as_str);
    if let Some(by) = panel.by.as_ref().filter(|by| !figure.by.contains(by)) {
        document.put(&format!("panel.{n}.by"), unknown(&Text::new("可细分的列", "column that it can be broken down by"), by, known));
    }
    let id = &figure.id;
    let parts = matches!(panel.kind, PanelKind::Bar | PanelKind::Map | PanelKind::Table) || board.by.is_some();
    if parts && figure.by.is_empty() {
        let note = Note::error(format!("指标 `{id}` 不能细分"), format!("figure `{id}` cannot be broken down"));
        document.put(&format!("panel.{n}.figure"), note.help("在指标中写上 `by`", "name columns in `by` of the figure"));
    }
    if panel.kind == PanelKind::Line && figure.period.is_none() {
        let note = Note::error(format!("指标 `{id}` 没有分期，画不成折线"), format!("figure `{id}` has no periods to draw a line over"));
        document.put(&format!("panel.{n}.figure"), note.help("在指标中写上 `period` 和 `time`", "declare `period` and `time` in the figure"));
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
