//! Why a statement could not be planned or run, in the reader's words, pointing at the word meant.

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::tokenizer::Span;
use kernel::{Text, nearest};

use crate::engine::REFUSED_FUNCTIONS;
use crate::LakeError;
use crate::error::find_ours;

/// A refusal. `line` and `column` count from 1 in characters; 0 where the place is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {}", message.en)]
pub struct SqlError {
    pub message: Text,
    pub line: u64,
    pub column: u64,
    /// Characters meant.
    pub length: u64,
    /// What may have been meant instead.
    pub suggestion: Option<String>,
}

impl SqlError {
    pub(crate) fn whole(zh: impl Into<String>, en: impl Into<String>) -> SqlError {
        SqlError { message: Text::new(zh, en), line: 0, column: 0, length: 0, suggestion: None }
    }

    pub(crate) fn at(span: Span, message: Text) -> SqlError {
        SqlError::from_to((span.start.line, span.start.column), (span.end.line, span.end.column), message)
    }

    fn from_to((line, column): (u64, u64), end: (u64, u64), message: Text) -> SqlError {
        let length = if line == end.0 && end.1 > column { end.1 - column } else { u64::from(line > 0) };
        SqlError { message, line, column, length, suggestion: None }
    }

    pub(crate) fn at_word(sql: &str, word: &str, message: Text) -> SqlError {
        let (line, column, length) = find(sql, word).unwrap_or((0, 0, 0));
        SqlError { message, line, column, length, suggestion: None }
    }

    pub(crate) fn suggest(mut self, suggestion: Option<String>) -> SqlError {
        if let Some(right) = &suggestion {
            self.message.zh.push_str(&format!("；是否应为 `{right}`？"));
            self.message.en.push_str(&format!("; did you mean `{right}`?"));
        }
        self.suggestion = suggestion;
        self
    }
}

/// Where `word` stands in the text as a word of its own: line, column, length in characters.
fn find(sql: &str, word: &str) -> Option<(u64, u64, u64)> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let wanted: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    if wanted.is_empty() {
        return None;
    }
    for (number, line) in sql.lines().enumerate() {
        let letters: Vec<char> = line.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        let hit = letters.windows(wanted.len()).enumerate().find(|(at, window)| {
            let before = at.checked_sub(1).and_then(|before| letters.get(before)).is_some_and(|c| part(*c));
            let after = letters.get(at + wanted.len()).is_some_and(|c| part(*c));
            *window == wanted.as_slice() && !before && !after
        });
        if let Some((at, _)) = hit {
            return Some((number as u64 + 1, at as u64 + 1, wanted.len() as u64));
        }
    }
    None
}

/// Text between the first `before` and the next `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0)
}

/// How the engine holds text and bytes is nobody's business.
fn plain_types(raw: &str) -> String {
    raw.replace("Utf8View", "Utf8").replace("BinaryView", "Binary")
}

/// An error of the engine. `tables` gives the names that could have been meant, as `layer.name`.
pub(crate) fn explain(sql: &str, error: &DataFusionError, tables: &dyn Fn() -> Vec<String>) -> SqlError {
    if let Some(ours) = find_ours(error) {
        if let LakeError::Function { name, text } = ours {
            return SqlError::at_word(sql, &name, text);
        }
        let text = ours.text();
        return SqlError::whole(text.zh, text.en);
    }
    let spot = error.diagnostic().and_then(|diagnostic| diagnostic.span).filter(|span| span.start.line > 0);
    let mut said = match error.find_root() {
        DataFusionError::SQL(parser, _) => return crate::syntax::syntax(sql, &parser.to_string()),
        DataFusionError::SchemaError(schema, _) => column(sql, schema),
        DataFusionError::ResourcesExhausted(_) => memory(),
        DataFusionError::ArrowError(arrow, _) => value(sql, &arrow.to_string()),
        DataFusionError::NotImplemented(what) if what.contains("Recursive CTE") => SqlError::at_word(
            sql,
            "recursive",
            Text::new(
                "不能用递归查询（WITH RECURSIVE）：它可能永不结束",
                "recursive queries (WITH RECURSIVE) are switched off: they may never end",
            ),
        ),
        DataFusionError::NotImplemented(what) => {
            SqlError::whole(format!("引擎不支持：{what}"), format!("the engine does not do this: {what}"))
        }
        other => plan(sql, &plain_types(other.strip_backtrace().trim_start_matches("Error during planning: ")), tables),
    };
    if let Some(span) = spot {
        let there = SqlError::from_to((span.start.line, span.start.column), (span.end.line, span.end.column), Text::default());
        (said.line, said.column, said.length) = (there.line, there.column, there.length);
    }
    said
}

fn column(sql: &str, error: &SchemaError) -> SqlError {
    let name = |column: &Column| column.name.clone();
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let known: Vec<String> = valid_fields.iter().map(name).collect();
            let near = nearest(&field.name, known.iter().map(String::as_str)).map(quote);
            let text = Text::new(format!("没有列 `{}`", field.name), format!("there is no column `{}`", field.name));
            SqlError::at_word(sql, &field.name, text).suggest(near)
        }
        SchemaError::AmbiguousReference { field } => {
            let text = Text::new(
                format!("列 `{}` 在几张表中都有，请写明表名", field.name),
                format!("column `{}` is in several tables: say which", field.name),
            );
            SqlError::at_word(sql, &field.name, text)
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            let text =
                Text::new(format!("列 `{name}` 出现两次，请用 AS 改名"), format!("column `{name}` stands twice: rename one with AS"));
            SqlError::at_word(sql, name, text)
        }
    }
}

/// As it must be written in SQL: names with capitals or signs need quotation marks.
fn quote(name: &str) -> String {
    let plain = name.chars().enumerate().all(|(at, c)| c == '_' || (c.is_alphabetic() && !c.is_uppercase()) || (at > 0 && c.is_numeric()));
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Errors that the engine tells only in prose.
fn plan(sql: &str, raw: &str, tables: &dyn Fn() -> Vec<String>) -> SqlError {
    let lower = raw.to_lowercase();
    if let Some(name) = between(raw, "table '", "' not found") {
        return table(sql, name, &tables());
    }
    if let Some(name) = between(raw, "Invalid function '", "'")
        .or_else(|| between(raw, "Table function '", "'"))
        .or_else(|| between(raw, "table function '", "'"))
    {
        return function(sql, name, raw);
    }
    if lower.contains("group by") {
        let name = between(raw, "Column in SELECT must be in GROUP BY or an aggregate function: While expanding wildcard, column \"", "\"")
            .or_else(|| between(raw, "column \"", "\""));
        let name = name.map(|name| name.rsplit('.').next().unwrap_or(name).trim_matches('"'));
        let shown = name.map(|name| format!(" `{name}`")).unwrap_or_default();
        let text = Text::new(
            format!("分组查询中的列{shown}须写进 GROUP BY，或放进 count、sum 等聚合函数"),
            format!("the column{shown} must stand in GROUP BY or inside an aggregate such as count or sum"),
        );
        return SqlError::at_word(sql, name.unwrap_or(""), text);
    }
    if lower.contains("coerc")
        || lower.contains("cannot infer common")
        || lower.contains("type mismatch")
        || lower.contains("no function matches")
    {
        return kinds(sql, raw);
    }
    if lower.contains("divide by zero") || lower.contains("cast") || lower.contains("overflow") || lower.contains("parse") {
        return value(sql, raw);
    }
    if lower.contains("memory") && lower.contains("exhausted") {
        return memory();
    }
    let tail = raw.lines().next().unwrap_or(raw);
    SqlError::whole(format!("语句不能执行：{tail}"), format!("the statement cannot be run: {tail}"))
}

fn table(sql: &str, name: &str, tables: &[String]) -> SqlError {
    let short = name.trim_start_matches("lake.");
    let bare = short.rsplit('.').next().unwrap_or(short);
    let wanted = if tables.iter().any(|known| known.split_once('.').is_some_and(|(_, table)| table == bare)) { bare } else { short };
    let near = nearest(short, tables.iter().map(String::as_str))
        .or_else(|| tables.iter().map(String::as_str).find(|known| known.split_once('.').is_some_and(|(_, table)| table == wanted)));
    let near = near.map(|known| known.strip_prefix("standard.").unwrap_or(known).to_owned());
    // The layer is named only where the reader named it.
    let written = sql.to_lowercase().contains("standard.");
    let shown = if written { short } else { short.strip_prefix("standard.").unwrap_or(short) };
    let text = Text::new(format!("没有表 `{shown}`"), format!("there is no table `{shown}`"));
    SqlError::at_word(sql, bare, text).suggest(near.filter(|near| near != short))
}

fn function(sql: &str, name: &str, raw: &str) -> SqlError {
    if REFUSED_FUNCTIONS.contains(&name) {
        let text = Text::new(
            format!("函数 `{name}` 在此停用：它可能耗尽内存"),
            format!("function `{name}` is switched off here: it can exhaust memory"),
        );
        return SqlError::at_word(sql, name, text);
    }
    let near = between(raw, "Did you mean '", "'")
        .and_then(|near| nearest(name, [near]))
        .filter(|near| !REFUSED_FUNCTIONS.contains(near))
        .map(str::to_owned);
    SqlError::at_word(sql, name, Text::new(format!("没有函数 `{name}`"), format!("there is no function `{name}`"))).suggest(near)
}

fn kinds(sql: &str, raw: &str) -> SqlError {
    const HELP: (&str, &str) = ("可用 CAST(… AS 类型) 转换", "CAST(… AS type) converts");
    if let (Some(name), Some(wanted), Some(given)) =
        (between(raw, "Function '", "'"), between(raw, "expects ", " but"), between(raw, "received ", "."))
    {
        let text = Text::new(
            format!("函数 `{name}` 要 {wanted}，给的是 {given}；{}", HELP.0),
            format!("function `{name}` takes {wanted}, it was given {given}; {}", HELP.1),
        );
        return SqlError::at_word(sql, name, text);
    }
    let tail = raw.lines().next().unwrap_or(raw);
    if let Some((_, pair)) = tail.split_once(" operation ")
        && let [left, sign, right] = pair.split_whitespace().collect::<Vec<_>>().as_slice()
    {
        let text = Text::new(
            format!("类型不符：{left} 与 {right} 不能用 `{sign}` 连接；{}", HELP.0),
            format!("types do not fit: {left} and {right} cannot be joined by `{sign}`; {}", HELP.1),
        );
        return SqlError::at_word(sql, sign, text);
    }
    let name = between(raw, "function: '", "'")
        .or_else(|| between(raw, "call to '", "'"))
        .map(|name| name.split('(').next().unwrap_or(name).trim());
    let text = Text::new(format!("类型不符：{tail}；{}", HELP.0), format!("types do not fit: {tail}; {}", HELP.1));
    SqlError::at_word(sql, name.unwrap_or(""), text)
}

/// Errors that come from a value met while running.
fn value(sql: &str, raw: &str) -> SqlError {
    let lower = raw.to_lowercase();
    if lower.contains("divide by zero") {
        let mut said = SqlError::whole("除数为零；可写成 a / nullif(b, 0)", "division by zero; write a / nullif(b, 0)");
        if let Some((line, column, length)) = sign(sql, '/') {
            (said.line, said.column, said.length) = (line, column, length);
        }
        return said;
    }
    if let (Some(text), Some(kind)) =
        (between(raw, "Cannot cast string '", "'"), raw.split_once("value of ").map(|(_, rest)| rest.split(' ').next().unwrap_or(rest)))
    {
        let message = Text::new(
            format!("`{text}` 不能当作 {kind}；可用 TRY_CAST，不成时为空"),
            format!("`{text}` cannot be read as {kind}; TRY_CAST gives null instead"),
        );
        return SqlError::at_word(sql, text, message);
    }
    let tail = raw.lines().next().unwrap_or(raw);
    SqlError::whole(format!("计算出错：{tail}"), format!("the computation failed: {tail}"))
}

fn sign(sql: &str, wanted: char) -> Option<(u64, u64, u64)> {
    let at = |(number, line): (usize, &str)| line.chars().position(|c| c == wanted).map(|at| (number as u64 + 1, at as u64 + 1, 1));
    sql.lines().enumerate().find_map(at)
}

fn memory() -> SqlError {
    SqlError::whole(
        "查询所需内存超过上限；请先筛选或分组，减少行数",
        "the query needs more memory than it may use; filter or group to fewer rows",
    )
}

pub(crate) fn late(seconds: f64) -> SqlError {
    SqlError::whole(format!("查询超过 {seconds} 秒的时限，已停止"), format!("the query took longer than {seconds} s and was stopped"))
}
