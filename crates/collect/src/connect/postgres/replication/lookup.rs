//! Large values that the stream does not repeat when a row changes around them: looked up in the table itself.
//!
//! What is found may be newer than the change that is being read. That does no harm: the newer change follows in the
//! stream, and says the same.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::super::failed;
use super::super::table::{Found, columns as table_columns, quoted};
use super::changes::Row;
use super::decode::{Cell, Column};
use crate::CollectError;
use crate::connect::database::Target;

/// Rows asked for at once.
const ROWS: usize = 500;

/// Fills the unchanged cells of rows that are still in the table; the others stay as they are.
pub async fn fill(
    connection: &mut PgConnection,
    target: &Target,
    found: &Found,
    columns: &[Column],
    rows: &mut [Row],
) -> Result<(), CollectError> {
    let fail = |error: sqlx::Error| failed(target, &error);
    let types = table_columns(connection, found.oid).await.map_err(fail)?;
    let identity: Vec<usize> = columns.iter().zip(0..).filter(|(column, _)| column.identity).map(|(_, place)| place).collect();
    // The columns as the table has them now; one that is gone since, or not told any more, is null.
    let list: Vec<String> = columns
        .iter()
        .map(|column| types.iter().find(|now| now.name == column.name).map_or("NULL".to_owned(), |now| quoted(&now.name)))
        .collect();
    let names: Vec<String> = identity.iter().filter_map(|place| columns.get(*place)).map(|column| quoted(&column.name)).collect();
    let casts: Vec<&str> = identity
        .iter()
        .filter_map(|place| columns.get(*place))
        .map(|column| types.iter().find(|now| now.name == column.name).map_or("text", |now| now.type_name.as_str()))
        .collect();
    let mut incomplete: Vec<&mut Row> =
        rows.iter_mut().filter(|row| !row.removed && row.cells.contains(&Cell::Unchanged)).collect();
    for rows in incomplete.chunks_mut(ROWS) {
        let keys: Vec<String> = rows.iter().filter_map(|row| key(row, &identity)).map(|key| literals(&key, &casts)).collect();
        if keys.is_empty() || names.is_empty() {
            continue;
        }
        let select = format!(
            "SELECT {} FROM {} WHERE ({}) IN ({})",
            list.join(", "),
            found.quoted(),
            names.join(", "),
            keys.join(", ")
        );
        let answers = sqlx::raw_sql(AssertSqlSafe(select)).fetch_all(&mut *connection).await.map_err(fail)?;
        let mut now: HashMap<Vec<Vec<u8>>, Vec<Cell>> = HashMap::with_capacity(answers.len());
        for answer in &answers {
            let cell = |place| answer.try_get_unchecked::<Option<String>, _>(place).map(told);
            let cells = (0..columns.len()).map(cell).collect::<sqlx::Result<Vec<Cell>>>().map_err(fail)?;
            let row = Row { removed: false, cells };
            if let Some(key) = key(&row, &identity) {
                now.insert(key, row.cells);
            }
        }
        for row in rows {
            let Some(cells) = key(row, &identity).and_then(|key| now.get(&key)) else { continue };
            let unchanged = row.cells.iter_mut().zip(cells).filter(|(cell, _)| **cell == Cell::Unchanged);
            unchanged.for_each(|(cell, now)| cell.clone_from(now));
        }
    }
    Ok(())
}

fn told(text: Option<String>) -> Cell {
    text.map_or(Cell::Null, |text| Cell::Text(text.into_bytes()))
}

/// The texts that tell the row; `None` where one is missing.
fn key(row: &Row, identity: &[usize]) -> Option<Vec<Vec<u8>>> {
    let text = |place: &usize| match row.cells.get(*place) {
        Some(Cell::Text(text)) => Some(text.clone()),
        _ => None,
    };
    identity.iter().map(text).collect()
}

/// A key as a row of SQL.
fn literals(key: &[Vec<u8>], casts: &[&str]) -> String {
    let literal = |(text, cast): (&Vec<u8>, &&str)| {
        format!("'{}'::{cast}", String::from_utf8_lossy(text).replace('\'', "''"))
    };
    format!("({})", key.iter().zip(casts).map(literal).collect::<Vec<_>>().join(", "))
}
