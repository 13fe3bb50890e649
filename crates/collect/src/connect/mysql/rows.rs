//! Rows of a MySQL table as the server writes them in text; bytes in hex.

use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Row};

use super::failed;
use super::table::{Form, Table};
use crate::RawBatch;
use crate::connect::ahead::Asked;
use crate::connect::database::{Target, append_text};
use crate::connect::gather::Gather;
use crate::connect::hex;

/// What the reading task hands over: records (none at the end), and the last cursor value among them.
pub struct Portion {
    pub batch: Option<RawBatch>,
    pub cursor: Option<String>,
}

/// Runs the SELECT; answers each request with a portion, and the end with one that has no batch.
pub async fn serve(
    mut connection: MySqlConnection,
    target: Target,
    table: Arc<Table>,
    file: Arc<str>,
    mut asked: Asked<Portion>,
) {
    if let Err(error) = read(&mut connection, &table, &file, &mut asked).await {
        asked.answer(Err(failed(&target, &error))).await;
    }
}

async fn read(
    connection: &mut MySqlConnection,
    table: &Table,
    file: &Arc<str>,
    asked: &mut Asked<Portion>,
) -> sqlx::Result<()> {
    let mut rows = sqlx::raw_sql(AssertSqlSafe(table.select.clone())).fetch(connection);
    let mut gather = Gather::new(table.fields.clone().into());
    let mut line = 0;
    while let Some(max_rows) = asked.request().await {
        let mut cursor = None;
        while !gather.is_full(max_rows) {
            let Some(row) = rows.try_next().await? else { break };
            line += 1;
            append_row(&mut gather, table, &row, &mut cursor)?;
            gather.end_record(line);
        }
        let batch = gather.finish(file);
        let ended = batch.is_none();
        if !asked.answer(Ok(Portion { batch, cursor })).await || ended {
            return Ok(());
        }
    }
    Ok(())
}

fn append_row(gather: &mut Gather, table: &Table, row: &MySqlRow, cursor: &mut Option<String>) -> sqlx::Result<()> {
    for (field, (name, form)) in table.fields.iter().zip(&table.forms).enumerate() {
        let Some(bytes) = row.try_get_unchecked::<Option<&[u8]>, _>(field)? else {
            gather.append(field, None);
            continue;
        };
        match form {
            Form::Text => append_text(gather, field, name, bytes, "mysql.encoding"),
            Form::Bytes => gather.append(field, Some(&hex(bytes))),
            Form::Float => gather.append(field, Some(&single(bytes))),
        }
        if table.cursor == Some(field) {
            *cursor = Some(String::from_utf8_lossy(bytes).into_owned());
        }
    }
    Ok(())
}

/// The shortest text of a FLOAT, from that of the DOUBLE of the same value.
fn single(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<f64>() {
        Ok(number) => format!("{:?}", number as f32),
        Err(_) => text.into_owned(),
    }
}
