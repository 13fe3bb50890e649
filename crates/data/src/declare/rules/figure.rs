//! Rules on figures that can be told without planning them; what their SQL gives, the engine tells.

use std::collections::HashSet;

use kernel::Text;

use super::super::Figure;
use super::super::document::Note;
use super::super::read::{Declared, Draft};
use super::{titles, unknown};

/// Columns that a figure can be broken down by; each is one more pass over the table.
const BY_MOST: usize = 8;
/// Digits behind the point.
const DECIMALS_MOST: u8 = 6;
/// Columns that the SELECT of a figure has of its own.
const OWN: [&str; 2] = ["period", "value"];

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Figure>) {
    let (document, figure) = (&declared.document, &declared.value);
    titles(document, "", &figure.title, &figure.title_en);
    if !draft.departments.contains_key(&figure.department) {
        let names = draft.departments.keys().map(String::as_str);
        document.put("department", unknown(&Text::new("部门", "department"), &figure.department, names));
    }
    if figure.value.trim().is_empty() {
        document.put("value", Note::error("`value` 是空的", "`value` is empty").help("写一个汇总式，如 `count(*)`", "write an aggregate, such as `count(*)`"));
    }
    if figure.decimals > DECIMALS_MOST {
        let note = Note::error(format!("`decimals` 应在 0 到 {DECIMALS_MOST} 之间"), format!("`decimals` should be from 0 to {DECIMALS_MOST}"));
        document.put("decimals", note);
    }
    over_time(declared);
    broken_down(declared);
}

/// `period` and `time` go together.
fn over_time(declared: &Declared<'_, Figure>) {
    let (document, figure) = (&declared.document, &declared.value);
    match (figure.period, &figure.time) {
        (Some(_), None) => document.put(
            "period",
            Note::error("写了 `period` 就要写 `time`", "`period` needs `time`")
                .help("`time` 是说明一行属于哪一期的日期列", "`time` names the column that tells to which period a row belongs"),
        ),
        (None, Some(_)) => document.put(
            "time",
            Note::error("写了 `time` 就要写 `period`", "`time` needs `period`")
                .help("`period` 是 `day`、`week`、`month`、`quarter` 或 `year`", "`period` is `day`, `week`, `month`, `quarter` or `year`"),
        ),
        _ => {}
    }
}

fn broken_down(declared: &Declared<'_, Figure>) {
    let (document, figure) = (&declared.document, &declared.value);
    if figure.by.len() > BY_MOST {
        document.put("by", Note::error(format!("最多按 {BY_MOST} 列细分"), format!("it can be broken down by at most {BY_MOST} columns")));
    }
    let mut seen = HashSet::new();
    for (n, name) in figure.by.iter().enumerate() {
        if OWN.contains(&name.as_str()) {
            let note = Note::error(format!("`{name}` 是指标自己的列名"), format!("`{name}` is a column of the figure itself"));
            document.put(&format!("by.{n}"), note.help("在模型中给这一列换个名字", "give the column another name in a model"));
        } else if !seen.insert(name) {
            document.put(&format!("by.{n}"), Note::error(format!("`{name}` 写了两次"), format!("`{name}` stands here twice")));
        }
    }
}
