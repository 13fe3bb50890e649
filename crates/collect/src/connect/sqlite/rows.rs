//! Rows of a SQLite table as text: integers plain, reals in their shortest exact form, bytes in hex.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use kernel::Text;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::table::Table;
use crate::RawBatch;
use crate::connect::gather::Gather;
use crate::connect::hex;

/// What the reading thread hands over: records, and the last cursor value among them.
pub struct Portion {
    pub batch: RawBatch,
    pub cursor: Option<String>,
}

/// Runs the SELECT; answers each request for at most so many rows with a portion, and the end with `None`.
pub fn serve(
    connection: &Connection,
    table: &Table,
    file: &Arc<str>,
    requests: &Receiver<usize>,
    answers: &SyncSender<rusqlite::Result<Option<Portion>>>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&table.select)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&table.from))?;
    let fields: Arc<[String]> = table.fields.clone().into();
    let mut gather = Gather::new(fields);
    let mut line = 0;
    while let Ok(max_rows) = requests.recv() {
        let mut cursor = None;
        while !gather.is_full(max_rows) {
            let Some(row) = rows.next()? else { break };
            line += 1;
            for field in 0..table.fields.len() {
                let value = row.get_ref(field)?;
                append(&mut gather, table, field, value);
                if table.cursor == Some(field) {
                    cursor = cursor_text(value).or(cursor);
                }
            }
            gather.end_record(line);
        }
        let portion = gather.finish(file).map(|batch| Portion { batch, cursor });
        let ended = portion.is_none();
        if answers.send(Ok(portion)).is_err() || ended {
            return Ok(());
        }
    }
    Ok(())
}

fn append(gather: &mut Gather, table: &Table, field: usize, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => gather.append(field, None),
        ValueRef::Integer(number) => gather.append(field, Some(&number.to_string())),
        ValueRef::Real(number) => gather.append(field, Some(&format!("{number:?}"))),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => gather.append(field, Some(text)),
            Err(_) => {
                let hex = hex(bytes);
                gather.fault("sqlite.encoding", &hex, unreadable(table, field));
                gather.append(field, Some(&hex));
            }
        },
        ValueRef::Blob(bytes) => {
            let hex = hex(bytes);
            if !table.binary.get(field).copied().unwrap_or(false) {
                gather.fault("sqlite.blob", &hex, undeclared(table, field));
            }
            gather.append(field, Some(&hex));
        }
    }
}

/// A cursor value with its type, so that it compares next time as it did this time.
fn cursor_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Integer(number) => Some(format!("integer:{number}")),
        ValueRef::Real(number) => Some(format!("real:{number:?}")),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(|text| format!("text:{text}")),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

fn unreadable(table: &Table, field: usize) -> Text {
    let name = table.fields.get(field).map_or("", String::as_str);
    Text::new(
        format!("列「{name}」的文本不是 UTF-8 编码，已按十六进制保留：请在来源改正。"),
        format!("The text in column “{name}” is not UTF-8; it is kept in hex: correct it at the source."),
    )
}

fn undeclared(table: &Table, field: usize) -> Text {
    let name = table.fields.get(field).map_or("", String::as_str);
    Text::new(
        format!("列「{name}」未声明为 BLOB，却存有二进制数据，已按十六进制保留：请在来源改正。"),
        format!(
            "Column “{name}” is not declared BLOB but holds bytes; they are kept in hex: correct it at the source."
        ),
    )
}
