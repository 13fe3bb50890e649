//! Statements to begin with, made from the tables that are there.

use desk::view::SqlTable;

use super::quoted;
use crate::frame::Frame;
use crate::link;

/// A statement to begin with.
pub(crate) struct Example {
    pub word: String,
    pub sql: String,
    pub href: String,
}

pub(super) fn examples(f: &Frame, tables: &[SqlTable]) -> Vec<Example> {
    let mut out = Vec::new();
    let mut add = |word: String, sql: String| out.push(Example { word, href: link::sql(&sql), sql });
    let standard = || tables.iter().filter(|table| table.name.starts_with("standard."));
    if let Some(table) = standard().next() {
        let title = f.text(&table.title);
        add(f.t1("sql-example-look", &("table", title)), format!("SELECT *\nFROM {}\nLIMIT 20", table.name));
    }
    if let Some((table, column)) = standard().find_map(|table| Some((table, grouping(table)?))) {
        let words = (f.text(&table.title), f.text(&column.title));
        let name = quoted(&column.name);
        let sql = format!("SELECT {name}, count(*) AS n\nFROM {}\nGROUP BY {name}\nORDER BY n DESC\nLIMIT 20", table.name);
        add(f.t2("sql-example-group", &("table", words.0), &("column", words.1)), sql);
    }
    if let Some((table, column)) = standard().find_map(|table| Some((table, dated(table)?))) {
        let name = quoted(&column.name);
        let sql = format!("SELECT date_trunc('month', {name}) AS month, count(*) AS n\nFROM {}\nGROUP BY month\nORDER BY month", table.name);
        add(f.t1("sql-example-month", &("table", f.text(&table.title))), sql);
    }
    if let Some(table) = tables.iter().find(|table| table.name.starts_with("raw.")) {
        let sql = format!("SELECT _system, _file, _line, _faults\nFROM {}\nWHERE _faults IS NOT NULL\nLIMIT 20", table.name);
        add(f.t1("sql-example-faults", &("table", f.text(&table.title))), sql);
    }
    out
}

/// A column that rows are naturally counted by.
fn grouping(table: &SqlTable) -> Option<&desk::view::SqlTableColumn> {
    let telling = ["division", "district", "level", "kind", "type", "status", "industry", "sex", "category"];
    let text = || table.columns.iter().filter(|column| column.kind == "Utf8" && !column.name.starts_with('_'));
    text().find(|column| telling.iter().any(|word| column.name.contains(word)))
}

fn dated(table: &SqlTable) -> Option<&desk::view::SqlTableColumn> {
    table.columns.iter().find(|column| column.kind.starts_with("Date") || column.kind.starts_with("Timestamp"))
}
