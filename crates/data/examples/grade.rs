//! Reads tables, a JSON object a line, from standard input and answers each with the proposed classes and grades:
//! `{"columns":[{"name":"SFZH","title":"","values":["…"]}]}` → `[{"class":"sensitive","grade":"L3","info":"citizen_id",…}]`.
//! `bench/grade.py` measures the detectors with it.

use std::io::BufRead;

use data::grade::{Column, detect_table};
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    columns: Vec<Owned>,
    /// Days since 1970-01-01.
    today: Option<i32>,
}

#[derive(Deserialize)]
struct Owned {
    name: String,
    #[serde(default)]
    title: String,
    values: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in std::io::stdin().lock().lines() {
        let table: Table = serde_json::from_str(&line?)?;
        let values: Vec<Vec<&str>> = table
            .columns
            .iter()
            .map(|column| column.values.iter().map(String::as_str).collect())
            .collect();
        let columns: Vec<Column<'_>> = table
            .columns
            .iter()
            .zip(&values)
            .map(|(column, values)| Column {
                name: &column.name,
                title: &column.title,
                values,
            })
            .collect();
        let answers: Vec<_> = detect_table(&columns, table.today)
            .iter()
            .map(|proposal| {
                serde_json::json!({
                    "class": proposal.class(),
                    "grade": proposal.grade(),
                    "known": proposal.is_known(),
                    "info": proposal.leading().map(|info| info.name()),
                    "why": proposal.findings.iter().map(|finding| finding.why.en.clone()).collect::<Vec<_>>(),
                })
            })
            .collect();
        println!("{}", serde_json::Value::Array(answers));
    }
    Ok(())
}
