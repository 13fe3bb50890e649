//! Columns and cells of a result: what kind of thing a column holds, and how a value is written.

use desk::view::{SqlAnswer, SqlColumn};
use serde_json::Value;

/// How a column is set and drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Number,
    Time,
    Text,
}

impl Group {
    /// By its Arrow type, such as `Decimal128(18, 2)`.
    pub(crate) fn of(kind: &str) -> Group {
        let starts = |words: &[&str]| words.iter().any(|word| kind.starts_with(word));
        if starts(&["Int", "UInt", "Float", "Decimal"]) {
            Group::Number
        } else if starts(&["Date", "Time"]) {
            Group::Time
        } else {
            Group::Text
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Group::Number => "number",
            Group::Time => "time",
            Group::Text => "text",
        }
    }
}

/// A column as the page shows it.
pub(crate) struct Column {
    pub name: String,
    pub kind: String,
    pub group: Group,
}

impl Column {
    pub fn number(&self) -> bool {
        self.group == Group::Number
    }
}

pub(crate) struct Table {
    pub columns: Vec<Column>,
    /// `None` is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    pub truncated: bool,
    pub elapsed_ms: u64,
}

impl Table {
    pub(crate) fn new(answer: SqlAnswer) -> Table {
        let column = |c: SqlColumn| Column { group: Group::of(&c.kind), name: c.name, kind: c.kind };
        Table {
            columns: answer.columns.into_iter().map(column).collect(),
            rows: answer.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
            truncated: answer.truncated,
            elapsed_ms: answer.elapsed_ms,
        }
    }

    pub fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Whether a column of numbers and more than one row invite a chart.
    pub fn drawable(&self) -> bool {
        self.rows.len() > 1 && self.columns.iter().any(Column::number)
    }

    /// Whether the cell at this place is a number; beyond the columns nothing is.
    pub fn number(&self, at: &usize) -> bool {
        self.columns.get(*at).is_some_and(Column::number)
    }
}

/// A value as text, exactly; `None` is NULL.
pub(crate) fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
