//! Syntax errors: where the parser stumbled, what it wanted there, and what was probably meant.

use kernel::{Text, nearest};

use crate::SqlError;

/// `sql parser error: Expected: end of statement, found: FORM at Line: 1, Column: 10`
pub(crate) fn syntax(sql: &str, raw: &str) -> SqlError {
    let text = raw.trim_start_matches("sql parser error: ").trim_start_matches("SQL error: ");
    let (body, place) = text.rsplit_once(" at Line: ").unwrap_or((text, ""));
    let place = place.trim_end_matches(['"', ')', '\'']);
    let (line, column) = place.split_once(", Column: ").unwrap_or(("0", "0"));
    let (line, column) = (line.parse().unwrap_or(0), column.parse().unwrap_or(0));
    if let Some(misspelt) = misspelt(sql, line, column) {
        return misspelt;
    }
    let wanted = body.split_once("Expected: ").and_then(|(_, rest)| rest.split_once(", found: "));
    let message = match (wanted, letter(sql, line, column)) {
        (_, Some(wide)) if "，。；：（）“”‘’＝＞＜＋－＊／".contains(wide) => Text::new(
            format!("语法错误：`{wide}` 是全角符号，请改用半角"),
            format!("syntax error: `{wide}` is a full-width sign, use the ASCII one"),
        ),
        (Some((expected, "EOF")), _) => Text::new(
            format!("语法错误：语句没有写完，此处应为 {}", chinese(expected)),
            format!("syntax error: the statement ends early, expected {expected}"),
        ),
        (Some((expected, found)), _) => Text::new(
            format!("语法错误：此处应为 {}，却是 {found}", chinese(expected)),
            format!("syntax error: expected {expected}, found {found}"),
        ),
        _ if body.contains("Unterminated") => Text::new("语法错误：引号没有配对", "syntax error: a quotation mark is not closed"),
        _ if body.to_lowercase().contains("recursion") => Text::new("语句嵌套太深", "the statement is nested too deeply"),
        _ => Text::new(format!("语法错误：{body}"), format!("syntax error: {body}")),
    };
    let found = wanted.map(|(_, found)| found);
    let length = found.filter(|found| *found != "EOF").map_or(1, |found| found.chars().count() as u64);
    let (line, column) = if found == Some("EOF") && line == 0 { end(sql) } else { (line, column) };
    SqlError { message, line, column, length: if line == 0 { 0 } else { length }, suggestion: None }
}

/// What the parser expects, in Chinese where it says it in prose.
fn chinese(expected: &str) -> &str {
    match expected {
        "end of statement" => "语句结束",
        "an expression" | "an expression:" => "表达式",
        "identifier" => "名称",
        "an SQL statement" => "查询语句",
        other => other,
    }
}

/// `SELECT id FORM t`: the parser stumbles one word later, over what follows a misspelt keyword.
fn misspelt(sql: &str, line: u64, column: u64) -> Option<SqlError> {
    const KEYWORDS: [&str; 9] = ["SELECT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "JOIN", "UNION"];
    let row = sql.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
    let before: String = row.chars().take(usize::try_from(column.checked_sub(1)?).ok()?).collect();
    let here: String = row.chars().skip(before.chars().count()).take_while(|c| c.is_alphanumeric()).collect();
    let last = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_owned();
    [last, here].into_iter().find_map(|word| {
        let same = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(&word));
        let near = nearest(&word, KEYWORDS).filter(|near| !same && near.len().abs_diff(word.len()) <= 1)?;
        let text = Text::new(format!("语法错误：不认识 `{word}`"), format!("syntax error: `{word}` is not known here"));
        Some(SqlError::at_word(sql, &word, text).suggest(Some(near.to_owned())))
    })
}

fn letter(sql: &str, line: u64, column: u64) -> Option<char> {
    let text = sql.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
    text.chars().nth(usize::try_from(column.checked_sub(1)?).ok()?)
}

fn end(sql: &str) -> (u64, u64) {
    let last = sql.lines().last().unwrap_or("");
    (sql.lines().count().max(1) as u64, last.chars().count() as u64 + 1)
}
