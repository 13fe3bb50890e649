//! The result as a file: CSV that no spreadsheet takes for formulas, or JSON.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use desk::view::SqlAnswer;
use serde_json::{Map, Value};

use super::table::{Group, cell};
use super::{Sent, SqlPage, accepted};
use crate::app::App;
use crate::csv;
use crate::frame::{Answered, Visit};

/// Most rows in a file.
const ROWS_MAX: u64 = 10_000;

pub(super) async fn download(State(_): State<App>, visit: Visit, sent: Sent) -> Response {
    match file(&visit, sent).await {
        Ok(file) => file,
        Err(refusal) => visit.answer::<SqlPage>(Err(refusal)),
    }
}

async fn file(visit: &Visit, sent: Sent) -> Answered<Response> {
    let asked = accepted(visit, sent)?;
    let answer = visit.app.desk.sql(visit.staff()?, &asked.sql, ROWS_MAX).await?;
    let (kind, name, body) = match asked.format.as_str() {
        "json" => ("application/json", "result.json", json(&answer)),
        _ => ("text/csv; charset=utf-8", "result.csv", as_csv(&answer)),
    };
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"sanjiang-{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}

/// RFC 4180 in UTF-8 with a byte order mark, by which spreadsheets recognise it.
fn as_csv(answer: &SqlAnswer) -> String {
    let groups: Vec<Group> = answer.columns.iter().map(|column| Group::of(&column.kind)).collect();
    let mut out = String::from(csv::MARK);
    let mut line = |cells: Vec<String>| {
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    };
    line(answer.columns.iter().map(|column| field(&column.name, Group::Text)).collect());
    for row in &answer.rows {
        let cells = row.iter().zip(&groups).map(|(value, group)| cell(value).map(|text| field(&text, *group)).unwrap_or_default());
        line(cells.collect());
    }
    out
}

/// One cell; numbers stay numbers.
fn field(text: &str, group: Group) -> String {
    match group {
        Group::Number => csv::quoted(text.to_owned()),
        _ => csv::text(text),
    }
}

/// An array with an object for each row. A column whose name came before gets a number.
fn json(answer: &SqlAnswer) -> String {
    let mut names: Vec<String> = Vec::new();
    for column in &answer.columns {
        let mut name = column.name.clone();
        let mut n = 2;
        while names.contains(&name) {
            name = format!("{}_{n}", column.name);
            n += 1;
        }
        names.push(name);
    }
    let object = |row: &Vec<Value>| Value::Object(names.iter().cloned().zip(row.iter().cloned()).collect::<Map<_, _>>());
    Value::Array(answer.rows.iter().map(object).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use desk::view::SqlColumn;
    use serde_json::json;

    use super::*;

    fn answer() -> SqlAnswer {
        let column = |name: &str, kind: &str| SqlColumn { name: name.into(), kind: kind.into() };
        SqlAnswer {
            columns: vec![column("=name", "Utf8"), column("n", "Int64"), column("n", "Float64")],
            rows: vec![
                vec![json!("=HYPERLINK(\"http://x\",\"y\")"), json!(-5), json!(1.5)],
                vec![json!("＋86 13800000000"), Value::Null, json!(-0.5)],
                vec![json!("甲,乙"), json!(3), Value::Null],
            ],
            truncated: false,
            elapsed_ms: 1,
        }
    }

    #[test]
    fn spreadsheets_run_nothing_and_lose_nothing() {
        let expected = "\u{feff}'=name,n,n\r\n\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",-5,1.5\r\n'＋86 13800000000,,-0.5\r\n\"甲,乙\",3,\r\n";
        assert_eq!(as_csv(&answer()), expected);
    }

    #[test]
    fn json_keeps_columns_of_one_name_apart() {
        let rows: Value = serde_json::from_str(&super::json(&answer())).unwrap();
        assert_eq!(rows[0], json!({"=name": "=HYPERLINK(\"http://x\",\"y\")", "n": -5, "n_2": 1.5}));
    }
}
