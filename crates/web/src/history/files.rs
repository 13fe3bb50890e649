//! History as files: CSV for spreadsheets, NDJSON for programs, streamed in bounded memory.

use axum::response::Response;
use desk::history::{CHANGES_MAX, RowChange, Version};
use desk::view::Form;
use desk::{Desk, DeskError};
use futures::StreamExt;
use serde_json::{Map, Value, json};

use super::ends;
use crate::csv;
use crate::frame::Visit;

/// A line for each cell that changed (CSV), or an object for each row (NDJSON).
pub(crate) async fn change_lines(visit: &Visit, id: &str, form: Form) -> Result<Response, DeskError> {
    let account = visit.account.clone().ok_or(DeskError::LoginRequired)?;
    let (_, from, to) = ends(visit, id).await?;
    let desk: Desk = visit.app.desk.clone();
    // What cannot be answered at all is refused before the file begins.
    let first = desk.changes(&account, id, &from, &to, None, CHANGES_MAX).await?;
    let name = format!("{id}-changes-{}-{}.{}", first.from, first.to, form.word());
    let head = match form {
        Form::Csv => csv::MARK.to_owned() + &csv::line(["change", "key", "column", "before", "now", "run", "file", "line"]),
        Form::Ndjson => String::new(),
    };
    let id = id.to_owned();
    let start = (Some(first), desk, account, id, from, to);
    let pages = futures::stream::try_unfold(start, move |(page, desk, account, id, from, to)| async move {
        let Some(page) = page else { return Ok::<_, DeskError>(None) };
        let text: String = page.entries.iter().map(|entry| change_text(entry, form)).collect();
        let next = match &page.next {
            Some(after) => Some(desk.changes(&account, &id, &from, &to, Some(after), CHANGES_MAX).await?),
            None => None,
        };
        Ok(Some((text, (next, desk, account, id, from, to))))
    });
    Ok(csv::file(csv::media(form), &name, futures::stream::once(async move { Ok(head) }).chain(pages)))
}

fn change_text(change: &RowChange, form: Form) -> String {
    let word = serde_json::to_value(change.change).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    let at: Option<&Version> = change.now.as_ref().or(change.before.as_ref());
    match form {
        Form::Csv => {
            let key: Vec<&str> = change.key.iter().map(|(_, value)| value.as_str()).collect();
            let key = key.join(" | ");
            let (run, file, line) = at.map(|v| (v.run.as_str(), v.file.as_str(), v.line.to_string())).unwrap_or_default();
            let cells = change.cells.iter();
            cells.map(|(column, before, now)| csv::line([word.as_str(), key.as_str(), column.as_str(), before.as_deref().unwrap_or_default(), now.as_deref().unwrap_or_default(), run, file, line.as_str()])).collect()
        }
        Form::Ndjson => json!(change).to_string() + "\n",
    }
}

/// The rows of a table as it was.
pub(crate) async fn as_of_lines(visit: &Visit, id: &str, form: Form) -> Result<Response, DeskError> {
    let account = visit.account.clone().ok_or(DeskError::LoginRequired)?;
    let at = visit.chosen("at").unwrap_or_else(|| visit.say().today());
    let table = visit.app.desk.as_of(&account, id, &visit.app.desk.point(&at)?).await?;
    let columns: Vec<String> = table.schema.fields().iter().map(|field| field.name().clone()).filter(|name| !name.starts_with('_')).collect();
    let head = match form {
        Form::Csv => csv::MARK.to_owned() + &csv::line(columns.iter().map(String::as_str)),
        Form::Ndjson => String::new(),
    };
    let name = format!("{id}-{at}.{}", form.word()).replace([':', '"'], "-");
    let rows = table.rows.map(move |batch| -> Result<String, DeskError> {
        let rows = desk::history::texts(&batch?, &columns)?;
        Ok(rows.iter().map(|row| row_text(&columns, row, form)).collect())
    });
    Ok(csv::file(csv::media(form), &name, futures::stream::once(async move { Ok(head) }).chain(rows)))
}

fn row_text(columns: &[String], row: &[Option<String>], form: Form) -> String {
    match form {
        Form::Csv => csv::line(row.iter().map(|cell| cell.as_deref().unwrap_or_default())),
        Form::Ndjson => {
            let cells = columns.iter().cloned().zip(row.iter().map(|cell| cell.clone().map_or(Value::Null, Value::String)));
            Value::Object(cells.collect::<Map<_, _>>()).to_string() + "\n"
        }
    }
}
