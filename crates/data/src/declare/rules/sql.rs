//! Names that mean something else in SQL.

use super::super::document::Note;

/// Words that cannot stand bare as the name of a table or column.
const RESERVED: [&str; 44] = [
    "all",
    "and",
    "any",
    "as",
    "between",
    "by",
    "case",
    "cast",
    "create",
    "cross",
    "delete",
    "desc",
    "distinct",
    "drop",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "for",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "on",
    "or",
    "order",
    "select",
    "table",
    "then",
    "true",
    "union",
    "where",
];

/// Whether a query must put quotation marks around the name.
pub(in crate::declare) fn needs_quotes(name: &str) -> bool {
    RESERVED.contains(&name)
}

pub(in crate::declare) fn reserved(name: &str) -> Note {
    Note::warning(
        format!("`{name}` 是 SQL 保留字，查询时要写成 `\"{name}\"`"),
        format!("`{name}` is a reserved word of SQL; queries must write `\"{name}\"`"),
    )
    .help("换一个名称更方便", "another name is handier")
}
