//! What is asked of a table, and how the statement for it is written.

use std::fmt::Write;
use std::ops::ControlFlow;

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use crate::condition::{self, Condition};
use crate::feed::odd;
use crate::{Kind, ServingError, Shape, Value};

/// What is asked of a copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Names, in the order in which the values come; all if none is named.
    pub columns: Vec<String>,
    pub condition: Option<Condition>,
    /// Columns and whether each is sorted downward. Nothing counts as greater than any value, as in the engine. Rows that
    /// are alike by these keep one order among themselves, so that pages fit.
    pub order: Vec<(String, bool)>,
    pub limit: Option<u64>,
    pub offset: u64,
    /// Whether to tell how many rows there are, whatever limit and offset say.
    pub count: bool,
}

/// The rows of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    pub rows: Vec<Vec<Value>>,
    pub total: Option<u64>,
}

/// Where rows are asked for.
pub(crate) struct Source<'s> {
    /// What stands behind `FROM`, called `r`.
    pub from: &'s str,
    /// Orders rows that are alike by all else.
    pub tie: &'s str,
    /// A further condition, without parameters.
    pub only: Option<String>,
}

/// Gives the rows one by one, until there is none left or `receive` breaks.
pub(crate) fn stream(
    db: &Connection,
    source: &Source<'_>,
    shape: &Shape,
    question: &Question,
    receive: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
) -> Result<(), ServingError> {
    let mut parameters = Vec::new();
    let (sql, kinds) = select(source, shape, question, &mut parameters)?;
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut values = Vec::with_capacity(kinds.len());
    while let Some(row) = rows.next()? {
        values.clear();
        for (kind, place) in kinds.iter().zip(0..) {
            values.push(kind.read(row.get_ref(place)?).ok_or_else(|| odd(place, row))?);
        }
        if receive(&values).is_break() {
            break;
        }
    }
    Ok(())
}

/// The statement for a question, and the kinds of the columns that were asked for. Its values are added to `parameters`.
fn select(source: &Source<'_>, shape: &Shape, question: &Question, parameters: &mut Vec<Stored>) -> Result<(String, Vec<Kind>), ServingError> {
    let (names, kinds): (Vec<String>, Vec<Kind>) = shape.found(&question.columns)?.into_iter().unzip();
    let mut sql = format!("SELECT {} FROM {}", names.join(", "), source.from);
    let mut add = |part: std::fmt::Arguments<'_>| sql.write_fmt(part).map_err(|_| ServingError::Limit("the question is too long".to_owned()));
    let mut word = " WHERE";
    if let Some(only) = &source.only {
        add(format_args!("{word} {only}"))?;
        word = " AND";
    }
    if let Some(condition) = &question.condition {
        add(format_args!("{word} ({})", condition::sql(condition, shape, parameters)?))?;
    }
    let mut separator = " ORDER BY";
    for (column, downward) in &question.order {
        let (name, _) = shape.find(column)?;
        // Where nothing can stand, an index is read in one go.
        let can_be_nothing = !shape.key.contains(column) && column != crate::ROW;
        let way = match (downward, can_be_nothing) {
            (true, true) => " DESC NULLS FIRST",
            (true, false) => " DESC",
            (false, true) => " NULLS LAST",
            (false, false) => "",
        };
        add(format_args!("{separator} {name}{way}"))?;
        separator = ",";
    }
    if let Some((_, downward)) = question.order.last() {
        add(format_args!(", {}{}", source.tie, if *downward { " DESC" } else { "" }))?;
    }
    if question.limit.is_some() || question.offset > 0 {
        // As numbers: SQLite plans a statement anew whose limit is a parameter, each time that it is bound.
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        add(format_args!(" LIMIT {} OFFSET {}", question.limit.map_or(-1, number), number(question.offset)))?;
    }
    Ok((sql, kinds))
}
