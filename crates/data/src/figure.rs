//! From a declared figure to the SELECT that works it out. The parts that people write stand on lines of their own, so that
//! a mistake that the engine tells can be shown in the declaration.

use std::ops::Range;

use crate::declare::Figure;

/// How a figure is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut<'a> {
    /// Columns by whose values it is broken down; none: the figure as a whole.
    pub by: &'a [String],
    /// IANA name of the city's time zone, where the column of time holds moments rather than days.
    pub zone: Option<&'a str>,
    /// Groups of fewer rows are left out, so that no single person is told.
    pub smallest_group: Option<u64>,
}

/// A SELECT, and which of its lines hold what was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub sql: String,
    pub value: Range<usize>,
    pub condition: Range<usize>,
}

/// The SELECT of a figure over `table`, written as SQL names it. Its columns: `period` (a date, the first day of the period)
/// where the figure has one, those it is broken down by, and `value`; newest period first.
pub fn select(figure: &Figure, table: &str, cut: Cut<'_>) -> Written {
    let mut sql = String::from("SELECT");
    let groups: Vec<String> = period(figure, cut.zone).into_iter().chain(cut.by.iter().map(|name| quoted(name))).collect();
    let names = figure.period.map(|_| "period".to_owned()).into_iter().chain(cut.by.iter().cloned());
    for (group, name) in groups.iter().zip(names) {
        sql.push_str(&format!(" {group} AS {},", quoted(&name)));
    }
    sql.push('\n');
    let value = lines(&mut sql, &figure.value);
    sql.push_str(&format!("AS \"value\" FROM {table} WHERE (\n"));
    let condition = lines(&mut sql, figure.condition.as_deref().unwrap_or("TRUE"));
    sql.push(')');
    // What is part of no period or group would be one that nobody can name.
    let known = figure.time.iter().filter(|_| figure.period.is_some()).chain(cut.by);
    for name in known {
        sql.push_str(&format!(" AND {} IS NOT NULL", quoted(name)));
    }
    if !groups.is_empty() {
        let numbers: Vec<String> = (1..=groups.len()).map(|n| n.to_string()).collect();
        sql.push_str(&format!(" GROUP BY {}", numbers.join(", ")));
    }
    if let Some(least) = cut.smallest_group {
        sql.push_str(&format!(" HAVING count(*) >= {least}"));
    }
    if figure.period.is_some() {
        sql.push_str(" ORDER BY 1 DESC");
    }
    Written { sql, value, condition }
}

/// A SELECT of the rows that a figure counts: those of one period (its first day), and with these values in some columns.
pub fn rows(figure: &Figure, table: &str, zone: Option<&str>, period_start: Option<&str>, only: &[(String, String)]) -> String {
    let mut sql = format!("SELECT * FROM {table} WHERE (\n{}\n)", figure.condition.as_deref().unwrap_or("TRUE"));
    if let (Some(start), Some(period)) = (period_start, period(figure, zone)) {
        sql.push_str(&format!(" AND {period} = DATE {}", text(start)));
    }
    for (column, value) in only {
        sql.push_str(&format!(" AND CAST({} AS VARCHAR) = {}", quoted(column), text(value)));
    }
    if let Some(time) = &figure.time {
        sql.push_str(&format!(" ORDER BY {} DESC", quoted(time)));
    }
    sql
}

/// The first day of the period that a row belongs to, by the city's calendar.
fn period(figure: &Figure, zone: Option<&str>) -> Option<String> {
    let (period, time) = (figure.period?, figure.time.as_deref()?);
    let day = match zone {
        Some(zone) => format!("to_local_time({} AT TIME ZONE {})", quoted(time), text(zone)),
        None => quoted(time),
    };
    Some(format!("CAST(date_trunc('{}', {day}) AS DATE)", period.word()))
}

/// Puts a text on lines of its own and tells which (from 1).
fn lines(sql: &mut String, part: &str) -> Range<usize> {
    let first = sql.matches('\n').count() + 1;
    sql.push_str(part);
    sql.push('\n');
    first..first + part.matches('\n').count() + 1
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
